//! Text as HTML: simply, as a person's mail program does, and as the pages that firms send.
//!
//! A firm's page is written in lines: `# heading`, `## smaller heading`, `! picture | what it shows`, `- item`,
//! `| cell | cell`, `> button | link`, `~ small print`; anything else is a paragraph. It becomes HTML as it is really
//! sent, tables, inline styles, remote pictures and a tracking pixel included, and a plain text beside it.

use super::template::Person;

/// A firm's page in both forms.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) html: String,
}

/// A firm's colours: heading band, accent.
struct Colours(&'static str, &'static str);

fn colours(domain: &str) -> Colours {
    match domain {
        "wanderlust-weekly.test" => Colours("#1f4e5f", "#e07a5f"),
        "quarto.test" => Colours("#22223b", "#9a8c98"),
        "copperkettle.test" => Colours("#8a4b2a", "#c8553d"),
        "greenline-rail.test" => Colours("#14532d", "#22863a"),
        "sundial-energy.test" => Colours("#b7791f", "#d69e2e"),
        "northbank.test" => Colours("#1a365d", "#2b6cb0"),
        "parcelway.test" => Colours("#44337a", "#6b46c1"),
        "millstone-books.test" => Colours("#3c2f2f", "#a05a2c"),
        _ => Colours("#2d3748", "#4a6fa5"),
    }
}

/// A firm's page.
pub(super) fn firm(source: &str, from: &Person, id: &str) -> Page {
    let domain = from.address.rsplit_once('@').map_or("firm.test", |(_, domain)| domain);
    let Colours(band, accent) = colours(domain);
    let (mut text, mut rows) = (String::new(), String::new());
    for (number, block) in source.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        let (plain, html) = render(block.trim(), domain, accent, &format!("{id}-{number}"));
        text += &plain;
        rows += &html;
    }
    let name = escape(&from.name);
    let html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{name}</title></head>\n\
         <body style=\"margin:0;background:#f2f2ef\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\">\n\
         <table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" \
         style=\"background:#ffffff;font-family:Georgia,serif;color:#2b2b2b;line-height:1.5\">\n\
         <tr><td style=\"background:{band};color:#ffffff;padding:22px 32px;font-size:22px\">{name}</td></tr>\n\
         <tr><td style=\"padding:20px 32px\">\n{rows}</td></tr>\n\
         <tr><td style=\"padding:16px 32px;font-size:12px;color:#777777;border-top:1px solid #e5e5e5\">\
         You receive this because you signed up at {domain}. \
         <a href=\"https://www.{domain}/unsubscribe?u={id}\" style=\"color:#777777\">Unsubscribe</a></td></tr>\n\
         </table></td></tr></table>\n\
         <img src=\"https://track.{domain}/open/{id}.gif\" width=\"1\" height=\"1\" alt=\"\">\n</body></html>\n"
    );
    Page { text: text + &format!("\n--\nUnsubscribe: https://www.{domain}/unsubscribe?u={id}\n"), html }
}

/// One line of a page, as text and as HTML.
fn render(line: &str, domain: &str, accent: &str, id: &str) -> (String, String) {
    let (sign, rest) = line.split_once(' ').unwrap_or((line, ""));
    let safe = escape(rest);
    let (first, second) = rest.split_once('|').map_or((rest, ""), |(first, second)| (first.trim(), second.trim()));
    match sign {
        "#" => (
            format!("{}\n\n", rest.to_uppercase()),
            format!("<h1 style=\"font-size:26px;margin:12px 0\">{safe}</h1>\n"),
        ),
        "##" => (
            format!("{rest}\n\n"),
            format!("<h2 style=\"font-size:18px;margin:18px 0 6px;color:{accent}\">{safe}</h2>\n"),
        ),
        "!" => (
            String::new(),
            format!(
                "<p><img src=\"https://img.{domain}/{first}.jpg?r={id}\" alt=\"{}\" width=\"536\" style=\"display:block\"></p>\n",
                escape(second)
            ),
        ),
        "-" => (format!("  * {rest}\n"), format!("<p style=\"margin:4px 0 4px 18px\">&bull; {safe}</p>\n")),
        "|" => (
            format!("  {first:<40} {second}\n"),
            format!(
                "<table role=\"presentation\" width=\"100%\"><tr><td style=\"padding:4px 0\">{}</td>\
                 <td align=\"right\">{}</td></tr></table>\n",
                escape(first),
                escape(second)
            ),
        ),
        ">" => (
            format!("\n{first}: {second}\n"),
            format!(
                "<p style=\"margin:20px 0\"><a href=\"{}\" style=\"background:{accent};color:#ffffff;padding:10px 22px;\
                 text-decoration:none;border-radius:4px\">{}</a></p>\n",
                escape(second),
                escape(first)
            ),
        ),
        "~" => (format!("\n{rest}\n"), format!("<p style=\"font-size:13px;color:#777777\">{safe}</p>\n")),
        _ => (format!("{line}\n\n"), format!("<p>{}</p>\n", escape(line))),
    }
}

/// A person's text as HTML: paragraphs, quotes, and `[picture]` where the first inline picture goes.
pub(super) fn simple(text: &str, id: &str) -> String {
    let mut html = String::from("<html><body style=\"font-family:sans-serif;font-size:14px\">\n");
    let mut depth = 0;
    for paragraph in text.split("\n\n") {
        for line in paragraph.lines() {
            let (level, line) = quote_level(line);
            while depth < level {
                html += "<blockquote type=\"cite\" style=\"margin:0 0 0 8px;padding-left:8px;border-left:2px solid #ccc\">\n";
                depth += 1;
            }
            while depth > level {
                html += "</blockquote>\n";
                depth -= 1;
            }
            html += &format!("{}<br>\n", escape(line));
        }
        html += "<br>\n";
    }
    html += &"</blockquote>\n".repeat(depth);
    html += "</body></html>\n";
    html.replace("[picture]", &format!("<img src=\"cid:picture.{id}@practice\" alt=\"picture\">"))
}

/// The plain text beside [`simple`].
pub(super) fn without_pictures(text: &str) -> String {
    text.replace("[picture]\n\n", "").replace("[picture]", "")
}

fn quote_level(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut level = 0;
    while let Some(inner) = rest.strip_prefix('>') {
        level += 1;
        rest = inner.strip_prefix(' ').unwrap_or(inner);
    }
    (level, rest)
}

/// Lines broken at 72 characters with a space before the break, where a paragraph flows on (RFC 3676).
pub(super) fn flowed(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let (level, words) = quote_level(line);
        flow_line(&">".repeat(level), words)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn flow_line(quote: &str, text: &str) -> String {
    let prefix = if quote.is_empty() { String::new() } else { format!("{quote} ") };
    // The signature separator keeps its space (RFC 3676 §4.3).
    if text == "--" {
        return format!("{prefix}-- ");
    }
    let mut lines = vec![prefix.clone()];
    for word in text.split(' ') {
        let too_long = |line: &String| line.len() > prefix.len() && line.len() + word.len() > 72;
        if lines.last().is_some_and(too_long) {
            lines.push(prefix.clone());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
            line.push(' ');
        }
    }
    if let Some(last) = lines.last_mut() {
        last.truncate(last.trim_end().len());
    }
    lines.join("\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_tracking_pixel_in_html_and_none_in_text() {
        let from = Person { name: "Quarto".into(), address: "news@quarto.test".into() };
        let page = firm("# Hello\n! cover | The cover\nText & more\n> Read | https://quarto.test/1", &from, "q1");
        assert!(page.html.contains("https://track.quarto.test/open/q1.gif") && page.html.contains("Text &amp; more"));
        assert!(page.html.contains("https://img.quarto.test/cover.jpg"));
        assert!(page.text.starts_with("HELLO\n\nText & more\n\n\nRead: https://quarto.test/1"));
        assert!(!page.text.contains("track."));
    }

    #[test]
    fn a_flowed_line_ends_with_a_space_until_its_paragraph_ends() {
        let long = "word ".repeat(30);
        let text = flowed(&format!("> {}\n--\nAnn", long.trim()));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() > 3 && lines.iter().all(|line| line.len() <= 74));
        assert!(lines[0].starts_with("> word") && lines[0].ends_with(' ') && !lines[2].ends_with(' '));
        assert_eq!(lines[lines.len() - 2], "-- ");
    }

    #[test]
    fn quotes_become_nested_blockquotes_that_are_closed() {
        let html = simple("Hi\n> one\n>> two", "x");
        assert_eq!(html.matches("<blockquote").count(), 2);
        assert_eq!(html.matches("</blockquote>").count(), 2);
    }
}
