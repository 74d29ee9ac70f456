//! What strangers try, and what comes of it; and how honest letters are shown.

use super::*;

/// Letters that try to act, to load, or to pretend. Nothing of the second column may be in what is shown, in any case.
const ATTACKS: &[(&str, &[&str])] = &[
    ("<script>alert(1)</script>", &["alert"]),
    ("<SCRIPT SRC=https://x.test/a.js></SCRIPT>", &["a.js"]),
    ("<scr<script>ipt>alert(1)</scr</script>ipt>", &["<script"]),
    ("<script/src=data:,alert(1)>", &["<script"]),
    ("<img src=x onerror=alert(1)>", &["onerror"]),
    ("<img src='https://x.test/a.png' onload=alert(1)>", &["onload"]),
    ("<img/src=\"x\"/onerror=alert(1)>", &["onerror"]),
    ("<img src=\"javascript:alert(1)\">", &["javascript"]),
    ("<img src=\" &#14; javascript:alert(1)\">", &["javascript"]),
    ("<img \"\"\"><script>alert(1)</script>\">", &["<script"]),
    ("<img srcset='https://x.test/a.png 1x'>", &["srcset", "x.test"]),
    ("<img src='file:///etc/passwd'>", &["file:"]),
    ("<img src='//x.test/a.png'>", &[" src=\"//", " src=\"https"]),
    ("<img src='https:/\\x.test/a.png'>", &[" src=\"https"]),
    ("<img src='data:image/svg+xml;base64,PHN2Zz4='>", &["svg+xml"]),
    ("<img src='data:text/html,<script>alert(1)</script>'>", &["text/html", "<script"]),
    ("<img src='data:image/png;base64,\"onerror=alert(1)'>", &["onerror"]),
    ("<img src='blob:https://x.test/1'>", &["blob:"]),
    ("<img lowsrc='javascript:alert(1)' dynsrc='javascript:alert(1)'>", &["lowsrc", "dynsrc", "javascript"]),
    ("<img usemap='#m'><map name=m><area href='javascript:alert(1)'></map>", &["usemap", "<map", "<area"]),
    ("<body onload=alert(1)>", &["onload"]),
    ("<body background='https://x.test/a.png'>", &["x.test"]),
    ("<table background='https://x.test/a.png'><td background='https://x.test/b.png'>x", &["x.test"]),
    ("<a href='javascript:alert(1)'>x</a>", &["javascript"]),
    ("<a href='JaVaScRiPt:alert(1)'>x</a>", &["javascript"]),
    ("<a href='java\tscript:alert(1)'>x</a>", &["script:"]),
    ("<a href='java&#10;script:alert(1)'>x</a>", &["script:"]),
    ("<a href='&#106;&#97;vascript&colon;alert(1)'>x</a>", &["javascript"]),
    ("<a href='\u{1}javascript:alert(1)'>x</a>", &["javascript"]),
    ("<a href='vbscript:x'>x</a><a href='data:text/html,x'>y</a>", &["vbscript", "data:text"]),
    ("<a href='file:///etc/passwd'>x</a><a href='smb://x/y'>y</a>", &["file:", "smb:"]),
    ("<a href='https://x.test' ping='https://y.test'>x</a>", &["ping", "y.test"]),
    ("<a href='https://x.test' target='_top' rel='opener'>x</a>", &["_top", "\"opener\""]),
    ("<a href='https://x.test' onclick='alert(1)' onmouseover=alert(2)>x</a>", &["onclick", "onmouseover"]),
    ("<a download href='https://x.test/x.exe'>x</a>", &["download"]),
    ("<iframe src='https://x.test'></iframe>", &["iframe", "x.test"]),
    ("<iframe srcdoc='<script>alert(1)</script>'></iframe>", &["srcdoc", "<script"]),
    ("<frameset><frame src='https://x.test'></frameset>", &["<frame", "x.test"]),
    ("<object data='https://x.test/a.swf'></object>", &["<object", "x.test"]),
    ("<embed src='https://x.test/a.swf'>", &["<embed", "x.test"]),
    ("<applet code=x></applet>", &["<applet"]),
    ("<audio src='https://x.test/a.mp3' autoplay></audio>", &["<audio", "x.test"]),
    ("<video poster='https://x.test/p.png'><source src='https://x.test/v'></video>", &["<video", "x.test"]),
    ("<picture><source srcset='https://x.test/a.png'><img src=x></picture>", &["x.test", "srcset"]),
    ("<link rel=stylesheet href='https://x.test/a.css'>", &["<link", "x.test"]),
    ("<link rel=dns-prefetch href='//x.test'><link rel=preload href='//x.test' as=image>", &["x.test"]),
    ("<meta http-equiv=refresh content='0;url=https://x.test'>", &["refresh", "x.test"]),
    ("<meta http-equiv='Set-Cookie' content='a=b'>", &["set-cookie"]),
    ("<base href='https://x.test/'><a href='y'>x</a>", &["<base", "x.test"]),
    (
        "<form action='https://x.test'><input name=p type=password><button>Log in</button></form>",
        &["<form", "<input", "<button", "x.test"],
    ),
    ("<input type=image src='https://x.test/a.png'>", &["<input", "x.test"]),
    ("<button formaction='javascript:alert(1)'>x</button>", &["formaction", "javascript"]),
    ("<isindex action='javascript:alert(1)'>", &["javascript"]),
    ("<select onfocus=alert(1) autofocus><option>x</select>", &["onfocus", "autofocus", "<select"]),
    ("<textarea autofocus onfocus=alert(1)>x</textarea>", &["<textarea", "onfocus"]),
    ("<style>body{background:url(https://x.test/a.png)}</style>", &["x.test"]),
    ("<style>@import 'https://x.test/a.css';</style>", &["x.test", "@import"]),
    ("<p style='background:url(https://x.test/a.png)'>x", &["x.test", "url("]),
    ("<p style='background:u\\72l(https://x.test/a.png)'>x", &["x.test"]),
    ("<p style='background:\\75\\72\\6c(https://x.test/a.png)'>x", &["x.test"]),
    ("<p style='width:expression(alert(1))'>x", &["expression"]),
    ("<p style='width:exp/**/ression(alert(1))'>x", &["ression"]),
    ("<p style='-moz-binding:url(https://x.test/x.xml#x)'>x", &["binding", "x.test"]),
    ("<p style='behavior:url(x.htc)'>x", &["behavior"]),
    ("<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x", &["fixed", "top:0"]),
    ("<p style='position:absolute;z-index:9999'>x", &["absolute", "z-index"]),
    ("<p style='content:\"x\";animation:x 1s'>x", &["animation", "content:"]),
    ("<p style='--x:url(https://x.test);background:var(--x)'>x", &["--x", "var("]),
    ("<p style=\"font-family:'x;background:url(https://x.test)'\">x", &["x.test"]),
    ("<p style='cursor:url(https://x.test/c.cur)'>x", &["x.test"]),
    ("<p style='list-style:url(https://x.test/c.png)'>x", &["x.test"]),
    ("<svg onload=alert(1)>", &["<svg", "onload"]),
    ("<svg><script>alert(1)</script></svg>", &["<svg", "alert"]),
    ("<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>", &["javascript", "xlink"]),
    ("<svg><animate onbegin=alert(1) attributeName=x dur=1s>", &["onbegin"]),
    ("<svg><use href='data:image/svg+xml,<svg onload=alert(1)>'/></svg>", &["<use", "onload"]),
    ("<svg><foreignObject><iframe src=x></foreignObject></svg>", &["<iframe"]),
    ("<svg><style><img src=x onerror=alert(1)></style></svg>", &["onerror"]),
    ("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table>", &["onerror"]),
    ("<math href='javascript:alert(1)'>x</math>", &["javascript"]),
    ("<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>", &["alert"]),
    ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>", &["<img src=x"]),
    ("<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>", &["<img src=x"]),
    ("<xmp><img title='</xmp><img src=x onerror=alert(1)>'></xmp>", &["<img src=x"]),
    ("<title><img title='</title><img src=x onerror=alert(1)>'></title>", &["<img src=x"]),
    ("<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>", &["<img src=x"]),
    ("<listing>&lt;img src=x onerror=alert(1)&gt;</listing>", &["<img src=x"]),
    ("<plaintext><img src=x onerror=alert(1)>", &["<img src=x"]),
    ("<!--><img src=x onerror=alert(1)>-->", &["onerror"]),
    ("<!--[if mso]><script>alert(1)</script><![endif]-->", &["alert", "mso"]),
    ("<![CDATA[<img src=x onerror=alert(1)>]]>", &["onerror=alert(1)>"]),
    ("<?xml version='1.0'?><?php alert(1) ?>", &["<?"]),
    ("<template><img src=x onerror=alert(1)></template>", &["onerror"]),
    ("<p title='\"><img src=x onerror=alert(1)>'>x</p>", &["<img"]),
    ("<p title=`><img src=x onerror=alert(1)>`>x", &["onerror"]),
    ("<div id=location class=pr-white name=cookie>x</div>", &["id=", "name=\"cookie", "class=\"pr-white\">x"]),
    ("<marquee onstart=alert(1)>x</marquee>", &["onstart", "<marquee"]),
    ("<details open ontoggle=alert(1)>x</details>", &["ontoggle"]),
    ("<dialog open>Your session has expired</dialog>", &["<dialog"]),
    ("<x-element onclick=alert(1) is=y>x</x-element>", &["onclick", "x-element"]),
    ("<p contenteditable autofocus tabindex=1 accesskey=x>x", &["contenteditable", "autofocus", "accesskey"]),
    ("<bgsound src='https://x.test/a.wav'>", &["x.test"]),
    ("<keygen autofocus onfocus=alert(1)>", &["onfocus"]),
    ("<menuitem icon='https://x.test/a.png'>", &["x.test"]),
    ("</div></div></body></html><script>alert(1)</script>", &["alert"]),
    ("\u{0}<script>alert(1)</scr\u{0}ipt>", &["<script"]),
    ("<p/onclick=alert(1)>x", &["onclick"]),
    ("<a\u{c}href='javascript:alert(1)'>x", &["javascript"]),
    ("<img src=https://x.test/&quot;onerror=alert(1)>", &["\"onerror"]),
    ("<blockquote cite='javascript:alert(1)'>x</blockquote>", &["javascript"]),
    ("<q cite='https://x.test'>x</q><del cite='https://x.test'>y</del>", &["x.test"]),
    ("<td headers=x axis=y><col charoff='1'>x", &["axis", "charoff"]),
    ("<img src='cid:a\" onerror=\"alert(1)'>", &["\" onerror"]),
    ("<img src='cid:../../../settings'>", &["../"]),
    // Markup that changes its meaning when it is parsed a second time.
    ("<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">", &["<img src=1", " id="]),
    (
        "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title=\"</style><img src onerror='alert(1)'>\"></style></h1>",
        &["<img src", "<svg"],
    ),
    (
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        &["<form", "<img src", "<style"],
    ),
    ("<svg><title><style><img title='</style><img src=x onerror=alert(1)>'></title>", &["<img src=x", "<style"]),
    ("<svg><desc><noscript><p title='</noscript><img src=x onerror=alert(1)>'></desc>", &["<img src=x"]),
    ("<math><mi><xmp><img title='</xmp><img src=x onerror=alert(1)>'></mi></math>", &["<img src=x"]),
    ("<table><style><p title='</style><img src=x onerror=alert(1)>'></table>", &["<img src=x", "<style"]),
    ("<select><template><img src=x onerror=alert(1)></template></select>", &["onerror"]),
    (
        "<select><iframe><img title='</iframe><img src=x onerror=alert(1)>'></iframe></select>",
        &["<img src=x", "<iframe"],
    ),
    ("<noframes><style></noframes><img src=x onerror=alert(1)></style></noframes>", &["onerror"]),
    ("<svg><![CDATA[</svg><img src=x onerror=alert(1)>]]></svg>", &["onerror=\"", "<svg"]),
    ("<!--<img title='--><img src=x onerror=alert(1)>'>", &["onerror=\""]),
    ("<!-- --!><img src=x onerror=alert(1)>", &["onerror"]),
    ("<!doctype html [<!ENTITY x '<img src=x onerror=alert(1)>'>]>&x;", &["onerror=\""]),
    ("<b title='&lt;/b&gt;&lt;img src=x onerror=alert(1)&gt;'>x</b>", &["<img"]),
    ("&lt;script&gt;alert(1)&lt;/script&gt;", &["<script"]),
    ("&amp;lt;img src=x onerror=alert(1)&amp;gt;", &["<img"]),
    // Names and values that are spelled oddly.
    ("<ſcript>alert(1)</ſcript><ımg src=x onerror=alert(1)>", &["<script", "<img"]),
    ("<IMG SRC=x OnErRoR\u{b}=alert(1)>", &["onerror"]),
    ("<img src=x onerror&#61;alert(1)>", &["onerror"]),
    (
        "<img src=x data-onerror=alert(1) formaction=x xlink:href=javascript:x xml:base=javascript:x>",
        &["onerror", "javascript", "xml:base"],
    ),
    ("<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)'>x</a>", &["javascript"]),
    ("<a href='javascript&#0;:alert(1)'>x</a><a href='java\u{0}script:alert(1)'>x</a>", &["href=\"java"]),
    ("<a href='\u{200b}javascript:alert(1)'>x</a><a href='\u{feff}javascript:alert(1)'>x</a>", &["href"]),
    ("<a href='feed:javascript:alert(1)'>x</a><a href='view-source:https://x.test'>y</a>", &["href"]),
    (
        "<a href='intent://x#Intent;scheme=https;end'>x</a><a href='ms-word:ofe|u|https://x.test/a.doc'>y</a>",
        &["href"],
    ),
    ("<a href='blob:https://x.test/1'>x</a><a href='about:blank'>y</a><a href='tel:+1'>z</a>", &["href"]),
    ("<a href='https://x.test\" onclick=\"alert(1)'>x</a>", &["\" onclick"]),
    ("<a href='mailto:a@b.test?attach=/etc/passwd\" onclick=\"x'>x</a>", &["\" onclick"]),
    ("<a href=https://x.test><a href=javascript:alert(1)>x</a></a>", &["javascript"]),
    // Loads by other ways than an image's source.
    ("<img data-src='javascript:alert(1)'>", &["javascript"]),
    ("<img data-src='file:///etc/passwd'><img src='\\\\x.test\\a.png'>", &["file:", "x.test"]),
    ("<img src='ftp://x.test/a.png'><img src='ws://x.test/'>", &["x.test"]),
    ("<img src='data:image/svg+xml,<svg onload=alert(1)>'><img src='DATA:IMAGE/SVG+XML;base64,AAAA'>", &["svg"]),
    ("<img src='data:image/png,<svg onload=alert(1)>'>", &["svg"]),
    (
        "<input type=hidden value=x><img crossorigin=use-credentials fetchpriority=high loading=eager src=x>",
        &["<input", "crossorigin", "fetchpriority"],
    ),
    ("<track src='https://x.test/a.vtt'><param name=movie value='https://x.test/a.swf'>", &["x.test"]),
    ("<canvas><img src='https://x.test/a.png'></canvas>", &["x.test"]),
    ("<portal src='https://x.test'></portal><fencedframe src='https://x.test'></fencedframe>", &["x.test"]),
    ("<link rel=prefetch href='https://x.test'><link rel=manifest href='https://x.test'>", &["x.test"]),
    (
        "<a href='https://x.test' attributionsrc='https://y.test' referrerpolicy=unsafe-url>x</a>",
        &["y.test", "unsafe-url"],
    ),
    ("<html manifest='https://x.test/a.appcache'><head profile='https://x.test'>", &["x.test"]),
    ("<svg><image href='https://x.test/a.png'/><feImage href='https://x.test/b.png'/></svg>", &["x.test"]),
    ("<image src='javascript:alert(1)'>", &["javascript"]),
    // Styles that load, or lay themselves over what is not theirs.
    ("<p style='background:image-set(\"https://x.test/a.png\" 1x)'>x", &["x.test", "image-set"]),
    ("<p style='background:src(\"https://x.test/a.png\")'>x", &["x.test"]),
    ("<p style='background:-webkit-cross-fade(url(https://x.test/a.png),red,1%)'>x", &["x.test"]),
    ("<p style='background:URL (https://x.test/a.png)'>x", &["x.test"]),
    ("<p style='background:ur/**/l(https://x.test/a.png)'>x", &["x.test"]),
    ("<p style='background:url&lpar;https://x.test/a.png&rpar;'>x", &["x.test"]),
    ("<p style='filter:url(https://x.test/a.svg);mask:url(https://x.test/b.svg)'>x", &["x.test", "mask"]),
    ("<p style='clip-path:url(https://x.test/a);shape-outside:url(https://x.test/b)'>x", &["x.test", "clip-path"]),
    ("<p style='border-image:url(https://x.test/a.png) 30'>x", &["x.test", "border-image"]),
    ("<p style='color:red}body{background:url(https://x.test)'>x", &["x.test", "}"]),
    ("<p style='color:red;/*' title='*/background:url(https://x.test)'>x", &["style=\"background"]),
    ("<p style='position:sticky;inset:0'>x<p style='transform:scale(99)'>y", &["sticky", "inset", "transform"]),
    ("<p style='margin-top:-900px'>x<p style='margin:calc(1px*-900)'>y", &["-900"]),
    ("<p style='height:100vh;display:grid;all:initial'>x", &["100vh", "grid", "all:"]),
    ("<style>.pr-quote{display:none}</style><div class=pr-quote>x</div>", &["class=\"pr-quote", "<style"]),
    ("<p class='pr-white' style='color:#fff;background-color:attr(title)'>x", &["attr("]),
];

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
fn no_letter_can_act_load_or_pretend() {
    for remote in [Remote::Blocked, Remote::Allowed] {
        for (attack, forbidden) in ATTACKS {
            let shown = shown(attack, remote).to_lowercase();
            // A tag's own text, escaped, is harmless; what counts is what a parser sees as markup.
            for forbidden in *forbidden {
                assert!(!shown.contains(forbidden), "{attack}\n→ {shown}\nhas {forbidden}");
            }
        }
    }
}

#[test]
fn whatever_comes_in_only_listed_tags_and_attributes_come_out() {
    let all: String = ATTACKS.iter().map(|(attack, _)| *attack).collect();
    let attacks = ATTACKS.iter().map(|(attack, _)| *attack).chain([all.as_str()]);
    for attack in attacks {
        tokens::tokenize(&shown(attack, Remote::Blocked), |token| {
            let tokens::Token::Start { name, attributes } = token else { return };
            assert!(allow::is_tag(name), "{attack}: {name}");
            for (attribute, value) in attributes.iter() {
                assert!(!attribute.starts_with("on"), "{attack}: {attribute}");
                if attribute == "src" {
                    let own = value.starts_with("postrider://letter/7/cid/") || value.starts_with("data:image/");
                    assert!(own, "{attack}: {value}");
                }
                if attribute == "href" {
                    let scheme = value.split(':').next().unwrap();
                    assert!(["http", "https", "mailto"].contains(&scheme), "{attack}: {value}");
                }
            }
        });
    }
}

#[test]
fn sanitising_twice_changes_nothing_more() {
    for (attack, _) in ATTACKS {
        let once = quotable(attack);
        assert_eq!(quotable(&once), once, "{attack}");
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
    ];
    for (html, expected) in table {
        assert_eq!(folded(html), expected, "{html}");
    }
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
