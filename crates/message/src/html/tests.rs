//! What strangers try, and what comes of it; and how honest letters are shown.

use super::*;

/// A letter that tries to act, to load or to pretend.
struct Attack {
    name: &'static str,
    html: String,
    /// What may not be in what is shown, in any case.
    forbidden: Vec<String>,
}

/// The table that the tests of the real window read as well; its form is said at its beginning.
fn attacks() -> Vec<Attack> {
    let table = include_str!("../../tests/vectors/vectors.txt");
    let mut attacks: Vec<Attack> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with("# ") && *line != "#") {
        let filled = line.replace("{web}", "https://x.test").replace("{host}", "x.test").replace("{js}", "alert(1)");
        if let Some(name) = line.strip_prefix("== ") {
            attacks.push(Attack { name, html: String::new(), forbidden: Vec::new() });
        } else if let Some(attack) = attacks.last_mut() {
            match filled.strip_prefix("!= ") {
                Some(forbidden) => attack.forbidden.push(unescaped(forbidden)),
                None => attack.html.push_str(&(unescaped(&filled) + "\n")),
            }
        }
    }
    attacks.iter_mut().for_each(|attack| attack.html.truncate(attack.html.trim_end_matches('\n').len()));
    attacks
}

/// The text with the characters that are written as `\u{…}`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap();
        out.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
        out.push_str(rest);
    }
    out
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Remote {
    Blocked,
    Allowed,
}

fn options(remote: Remote) -> HtmlOptions {
    HtmlOptions {
        cid_base: "postrider://letter/7/cid/".to_owned(),
        remote_base: (remote == Remote::Allowed).then(|| "postrider://remote/1/".to_owned()),
        ..HtmlOptions::default()
    }
}

/// What is between our own page's beginning and end.
fn shown(html: &str, remote: Remote) -> String {
    content_of(&safe(html, &options(remote)).document)
}

fn content_of(document: &str) -> String {
    let (_, rest) = document.split_once("dir=\"auto\">").unwrap();
    rest.strip_suffix("</div></body></html>").unwrap().to_owned()
}

#[test]
fn there_are_attacks_of_every_kind_each_under_its_own_name() {
    let names: HashSet<&str> = attacks().iter().map(|attack| attack.name).collect();
    assert_eq!(names.len(), attacks().len());
    assert!(names.len() >= 280, "{}", names.len());
    assert!(attacks().iter().all(|attack| !attack.html.is_empty() && !attack.forbidden.is_empty()));
}

#[test]
fn no_letter_can_act_load_or_pretend() {
    let mut broken = Vec::new();
    for Attack { name, html, forbidden } in attacks() {
        for remote in [Remote::Blocked, Remote::Allowed] {
            let shown = without_our_pictures(&shown(&html, remote)).to_lowercase();
            let found = forbidden.iter().filter(|forbidden| shown.contains(&forbidden.to_lowercase()));
            broken.extend(found.map(|forbidden| format!("{name}: {html}\n→ {shown}\nhas {forbidden}")));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[test]
fn whatever_comes_in_only_listed_tags_and_attributes_come_out() {
    let all: String = attacks().iter().map(|attack| attack.html.clone()).collect();
    for room in [Room::AsSent, Room::Dark] {
        for html in attacks().into_iter().map(|attack| attack.html).chain([all.clone()]) {
            let look = safe(&html, &HtmlOptions { room, ..options(Remote::Allowed) });
            tokens::tokenize(&content_of(&look.document), |token| {
                let tokens::Token::Start { name, attributes } = token else { return };
                assert!(allow::is_tag(name), "{html}: {name}");
                for (attribute, value) in attributes.iter() {
                    check_attribute(&html, attribute, value);
                }
            });
        }
    }
}

fn check_attribute(html: &str, attribute: &str, value: &str) {
    assert!(!attribute.starts_with("on"), "{html}: {attribute}");
    match attribute {
        "src" => {
            let own = ["postrider://letter/7/cid/", "postrider://remote/1/", "data:image/"];
            assert!(own.iter().any(|base| value.starts_with(base)), "{html}: {value}");
        }
        "href" => {
            let scheme = value.split(':').next().unwrap();
            assert!(["http", "https", "mailto"].contains(&scheme), "{html}: {value}");
        }
        "style" => {
            let value = without_our_pictures(value);
            assert!(!value.contains(['\\', '{', '}', '@']) && !value.contains("url("), "{html}: {value}");
        }
        _ => {}
    }
}

/// Text without the addresses of pictures that this program serves: those may stand behind words.
fn without_our_pictures(text: &str) -> String {
    let mut text = text.to_owned();
    for quote in ["\"", "&quot;"] {
        for base in ["postrider://remote/1/", "postrider://letter/7/cid/"] {
            let begin = format!("background-image:url({quote}{base}");
            while let Some(at) = text.find(&begin) {
                let tail = &text[at + begin.len()..];
                let end = tail.find(|c: char| !c.is_ascii_alphanumeric() && !"%-._~".contains(c)).unwrap();
                let rest = tail[end..].strip_prefix(&format!("{quote})")).expect("nothing else is in it").to_owned();
                text.truncate(at);
                text.push_str(&rest);
            }
        }
    }
    text
}

#[test]
fn a_picture_behind_words_waits_for_the_reader_as_any_other() {
    let html = "<body background='https://a.test/wall.png'><table><tr>\
        <td style='background:#fff url(https://a.test/1.png) center;color:#111'>one</td>\
        <td background='cid:part@x'>two</td></tr></table><img src='https://a.test/1.png'></body>";
    let blocked = safe(html, &options(Remote::Blocked));
    assert_eq!((blocked.blocked_remote, blocked.colours), (3, Colours::Fixed));
    assert!(!blocked.document.contains("a.test/wall"), "{}", blocked.document);
    assert!(blocked.document.contains("<td style=\"background:#fff   center;color:#111\">"), "{}", blocked.document);
    assert!(blocked.document.contains("url(&quot;postrider://letter/7/cid/part%40x&quot;)"), "{}", blocked.document);

    let allowed = safe(html, &options(Remote::Allowed));
    assert_eq!(allowed.remote_images, ["https://a.test/wall.png", "https://a.test/1.png"]);
    let behind = "color:#111;background-image:url(&quot;postrider://remote/1/1&quot;)\">one";
    assert!(allowed.document.contains(behind), "{}", allowed.document);
    assert!(!allowed.document.contains(".test"), "the frame itself asks nobody");

    let pixel = "<table><tr><td width=1 height=1 background='https://t.test/p'></td></tr></table>";
    assert_eq!(safe(pixel, &options(Remote::Allowed)).trackers, 1);
    assert!(!quotable(html).contains("a.test/wall"), "an answer carries none on");
}

#[test]
fn sanitising_twice_changes_nothing_more() {
    for Attack { name, html, .. } in attacks() {
        let once = quotable(&html);
        assert_eq!(quotable(&once), once, "{name}: {html}");
    }
}

#[test]
fn remote_images_wait_for_the_reader_and_trackers_never_load() {
    let html = "<img src='https://a.test/1.png' alt=one><img src='//b.test/2.png'><img src='http://a.test/3.png'>\
        <img src='https://t.test/p' width=1 height=1><img src='cid:part@x'><img src='data:image/png;base64,AAAA'>";
    let blocked = safe(html, &options(Remote::Blocked));
    assert_eq!((blocked.blocked_remote, blocked.trackers), (3, 1));
    assert_eq!(blocked.remote_hosts, ["a.test", "b.test"]);
    assert!(blocked.document.contains("alt=\"one\" data-src=\"https://a.test/1.png\""));
    assert!(blocked.document.contains("src=\"postrider://letter/7/cid/part%40x\""));
    assert!(!blocked.document.contains("t.test"));

    let allowed = safe(html, &options(Remote::Allowed));
    assert_eq!((allowed.blocked_remote, allowed.trackers), (0, 1));
    assert_eq!(allowed.remote_images, ["https://a.test/1.png", "https://b.test/2.png", "http://a.test/3.png"]);
    assert!(allowed.document.contains("src=\"postrider://remote/1/1\""), "{}", allowed.document);
    assert!(!allowed.document.contains(".test"), "the frame itself asks nobody");
}

#[test]
fn links_say_where_they_go_and_open_elsewhere() {
    let table = [
        (
            "<a href='https://example.org/a?b=c&d'>x</a>",
            "<a href=\"https://example.org/a?b=c&amp;d\" title=\"https://example.org/a?b=c&amp;d\" \
             target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        ("<a href='/relative' title='https://bank.test'>x</a>", "<a title=\"https://bank.test\">x</a>"),
        (
            "<a href='https://пример.test' title=lie>x</a>",
            "<a href=\"https://xn--e1afmkfd.test/\" title=\"https://xn--e1afmkfd.test/\" \
             target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
    ];
    for (html, expected) in table {
        assert_eq!(shown(html, Remote::Blocked), expected);
    }
}

#[test]
fn a_letter_with_colours_lies_on_its_own_white_sheet() {
    let class = |html: &str| {
        let document = safe(html, &options(Remote::Blocked)).document;
        if document.contains("<div class=\"pr-white\"") { "white" } else { "ours" }
    };
    let table = [
        ("<p>plain</p>", "ours"),
        ("<p style='font-size:12px'>x</p>", "ours"),
        ("<body bgcolor='#eee'>x", "white"),
        ("<p style='color:#000'>x</p>", "white"),
        ("<p style='background:transparent'>x</p>", "ours"),
        ("<font color=red>x</font>", "white"),
    ];
    for (html, paper) in table {
        assert_eq!(class(html), paper, "{html}");
    }
}

#[test]
fn the_quotation_at_the_end_is_folded_away() {
    let folded = |html: &str| shown(html, Remote::Blocked).contains("<details");
    let table = [
        ("<p>Yes.</p><p>On Monday Anna wrote:</p><blockquote>x</blockquote>", true),
        ("<p>Yes.</p><blockquote type=cite>x<blockquote>y</blockquote></blockquote><br>", true),
        ("<p>Yes.</p><blockquote type=cite>x</blockquote><p>And no.</p>", false),
        ("<blockquote type=cite>all of it</blockquote>", false),
        ("<p>A poem</p><blockquote>indented</blockquote>", false),
        (
            "<div>Yes.</div><div class=gmail_quote><div class=gmail_attr>On Monday, Anna wrote:<br></div><blockquote>x</blockquote></div>",
            true,
        ),
        (
            "<div>Look.</div><div class=gmail_quote>---------- Forwarded message ---------<br>From: Anna<br>x</div>",
            false,
        ),
        ("<p>Yes.</p><div class=yahoo_quoted><p>x</p></div>", true),
        (
            "<div><p>Yes.</p><div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> Anna</div><div>x</div></div>",
            true,
        ),
        (
            "<p>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Von:</b> Anna</p></div><p>x</p>",
            true,
        ),
        ("<p>Yes.</p><div style='border-top:solid red 1pt'><p>A table of contents</p></div><p>x</p>", false),
        ("<p>Yes.</p><div class=moz-cite-prefix>Anna wrote:</div><blockquote type=cite>x</blockquote>", true),
        ("<p>Yes.</p><p data-pr-quote=element>not a quotation</p>", false),
        ("<table><tr><td>Yes.<blockquote type=cite>x</blockquote></td></tr></table>", true),
    ];
    for (html, expected) in table {
        assert_eq!(folded(html), expected, "{html}");
    }
}

#[test]
fn what_leads_up_to_a_quotation_is_folded_with_it_and_tags_stay_in_pairs() {
    let html =
        "<p>Yes.</p><div class=moz-cite-prefix>On Monday Anna wrote:</div><blockquote type=cite>x</blockquote>";
    assert_eq!(
        shown(html, Remote::Blocked),
        "<p>Yes.</p><details class=\"pr-quote\"><summary>Quoted text</summary><div>On Monday Anna wrote:</div>\
         <blockquote>x</blockquote></details>"
    );
    let outlook = "<div><p>Yes.</p><div id=divRplyFwdMsg>From: Anna</div><p>x</p></div>";
    assert_eq!(
        shown(outlook, Remote::Blocked),
        "<div><p>Yes.</p><details class=\"pr-quote\"><summary>Quoted text</summary><div>From: Anna</div><p>x</p>\
         </details></div>"
    );
    let open = HtmlOptions { quotation: Quotation::Open, ..options(Remote::Blocked) };
    assert!(!safe(html, &open).document.contains("<details"));
}

#[test]
fn a_letters_own_style_sheet_reaches_its_elements() {
    let html = "<style>.a{color:#c00}p{margin:0}@media (max-width:480px){.a{display:none}}</style><p class=a>x</p>";
    assert_eq!(shown(html, Remote::Blocked), "<p style=\"margin:0;color:#c00\">x</p>");
    let body = "<style>body{background:#eee;color:#111}</style><body><p>x</p>";
    assert_eq!(shown(body, Remote::Blocked), "<div style=\"background:#eee;color:#111\"><p>x</p></div>");
}

#[test]
fn in_a_dark_room_colours_are_turned_where_they_can_be() {
    let dark = HtmlOptions { room: Room::Dark, ..options(Remote::Blocked) };
    let table = [
        ("<p>plain</p>", "pr-ours", Colours::None),
        ("<p style='color:#000;background:#fff'>x</p>", "pr-turned", Colours::Own),
        ("<p style='background:linear-gradient(red,blue)'>x</p>", "pr-white", Colours::Fixed),
    ];
    for (html, class, colours) in table {
        let look = safe(html, &dark);
        assert!(look.document.contains(&format!("<div class=\"{class}\"")), "{html}");
        assert_eq!(look.colours, colours, "{html}");
    }
    let turned = content_of(&safe("<p style='color:#000;background:#fff'>x</p><p>y</p>", &dark).document);
    assert!(turned.starts_with("<p style=\"color:#") && turned.ends_with("<p>y</p>"), "{turned}");
    assert!(!turned.contains("#000") && !turned.contains("#fff"), "{turned}");
}

#[test]
fn services_that_track_are_named() {
    let html = "<img src='https://x.list-manage.com/track/open.php?u=1'><img src='https://a.test/p' width=1 height=1>\
        <img src='https://u1.ct.sendgrid.net/wf/open?upn=x' width=600>";
    let look = safe(html, &options(Remote::Allowed));
    assert_eq!((look.trackers, look.tracked_by), (3, vec!["Mailchimp".to_owned(), "SendGrid".to_owned()]));
    assert!(look.remote_images.is_empty());
    assert_eq!(tracking_service("https://x.list-manage.com/track/open.php?u=1"), Some("Mailchimp"));
    assert_eq!(tracking_service("https://a.test/logo.png"), None);
}

#[test]
fn plain_text_is_shown_as_written() {
    let table = [
        ("a <b> & \"c\"", "<p class=\"pr-text\">a &lt;b&gt; &amp; &quot;c&quot;</p>"),
        ("one\ntwo\n\nthree", "<p class=\"pr-text\">one<br>two</p><p class=\"pr-text\">three</p>"),
        (
            "see https://example.org/a.",
            "<p class=\"pr-text\">see <a href=\"https://example.org/a\" target=\"_blank\" \
             rel=\"noopener noreferrer\">https://example.org/a</a>.</p>",
        ),
        ("javascript:alert(1)", "<p class=\"pr-text\">javascript:alert(1)</p>"),
        (
            "Yes.\n\n> > a\n> b\n",
            "<p class=\"pr-text\">Yes.</p><details class=\"pr-quote\"><summary>Quoted text</summary><blockquote>\
             <blockquote><p class=\"pr-text\">a</p></blockquote><p class=\"pr-text\">b</p></blockquote></details>",
        ),
        (
            "Yes.\n\nOn Monday, Anna\nwrote:\n> b\n",
            "<p class=\"pr-text\">Yes.</p><details class=\"pr-quote\"><summary>Quoted text</summary>\
             <p class=\"pr-text\">On Monday, Anna<br>wrote:</p><blockquote><p class=\"pr-text\">b</p></blockquote></details>",
        ),
        (
            "Yes.\n\n-----Original Message-----\nFrom: Anna\n\nb\n",
            "<p class=\"pr-text\">Yes.</p><details class=\"pr-quote\"><summary>Quoted text</summary>\
             <p class=\"pr-text\">-----Original Message-----<br>From: Anna</p><p class=\"pr-text\">b</p></details>",
        ),
        (
            "Look.\n\n---------- Forwarded message ----------\nFrom: Anna\nDate: Monday\n\nb\n",
            "<p class=\"pr-text\">Look.</p><p class=\"pr-text\">---------- Forwarded message ----------<br>From: Anna<br>\
             Date: Monday</p><p class=\"pr-text\">b</p>",
        ),
        ("> b\nNo.", "<blockquote><p class=\"pr-text\">b</p></blockquote><p class=\"pr-text\">No.</p>"),
        ("Hi\n-- \nAnna", "<p class=\"pr-text\">Hi</p><div class=\"pr-text pr-signature\">-- <br>Anna</div>"),
    ];
    for (text, html) in table {
        assert_eq!(content_of(&from_text(text).document), html, "{text}");
    }
}

#[test]
fn an_editor_gets_a_quotation_that_loads_nothing_and_sending_brings_it_back() {
    let html = "<p onclick=x>Hi <img src='https://a.test/1.png' alt=one><img src='cid:x@y'></p>";
    let quoted = quotable(html);
    assert_eq!(quoted, "<p>Hi <img alt=\"one\" data-src=\"https://a.test/1.png\"><img src=\"cid:x@y\"></p>");
    assert!(for_sending(&quoted).contains("<img alt=\"one\" src=\"https://a.test/1.png\"><img src=\"cid:x@y\">"));
}

#[test]
fn the_policy_of_the_frame_allows_what_was_asked_for_and_no_more() {
    assert_eq!(
        csp("postrider:"),
        "default-src 'none'; style-src 'unsafe-inline'; img-src data: postrider:; form-action 'none'; \
         base-uri 'none'; sandbox allow-popups"
    );
    assert!(csp("").contains("img-src data:;"));
}

#[test]
fn html_made_to_take_long_does_not() {
    let table = [
        "<div>".repeat(30_000),
        "<b>".repeat(30_000),
        "<p><b a=1>".repeat(15_000),
        format!("<table>{}", "<br>".repeat(30_000)),
        format!("<table>{}", "x<b>y".repeat(30_000)),
        format!("<a {}>", (0..50_000).map(|n| format!("a{n} ")).collect::<String>()),
        "<a href='x'><div>".repeat(15_000),
        "&".repeat(30_000),
        format!("<p title='{}'>", "&amp;".repeat(15_000)),
        format!("<p style='{}'>", "color:red;".repeat(30_000)),
        "<!--".repeat(30_000),
        "<svg><p>".repeat(15_000),
        "<select><table>".repeat(15_000),
        "</p>".repeat(30_000),
        "<blockquote>".repeat(30_000),
        "<li>".repeat(30_000),
        "<font color=red><p>".repeat(15_000),
    ];
    for html in &table {
        let taken = crate::cpu_time::taken_by(|| {
            let _ = safe(html, &options(Remote::Blocked));
            let _ = to_text(html);
            let _ = words(html);
        });
        assert!(taken.as_secs() < 10, "{:.20} took {taken:?}", html);
    }
}
