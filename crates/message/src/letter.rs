//! Which parts of a message are the letter itself (RFC 2046 §5.1, RFC 2387), and their text.
//!
//! | container | its text | its HTML |
//! |---|---|---|
//! | alternative | the last child with plain text | the last child with HTML |
//! | related | that of its root | that of its root |
//! | any other | its children in order | its children in order, plain ones made HTML |
//!
//! A leaf belongs to the letter if it is text/plain or text/html and not meant as a file.

use crate::mime::{self, Disposition, Part, Tree};
use crate::parse::{MAX_TEXT, text_of, truncate};
use crate::{Defect, flowed, html, inner, tnef, uu};

/// The letter in a message.
#[derive(Debug, Default)]
pub(crate) struct Letter {
    pub text: Option<String>,
    pub html: Option<String>,
    /// The parts it was made of, or that say the same in another form.
    pub used: Vec<usize>,
    /// The parts that hold files: in their text, or because they are a `winmail.dat`. They are not listed themselves.
    pub with_files: Vec<usize>,
    pub defects: Vec<Defect>,
}

/// Finds the letter.
pub(crate) fn choose(tree: &Tree<'_>) -> Letter {
    let views = views(tree, 0);
    let mut letter = Letter { used: views.used, ..Letter::default() };
    let rich = views.rich.iter().any(|number| is_html(tree, *number));
    if views.plain.iter().any(|number| !is_html(tree, *number)) {
        letter.text = Some(plain_text(tree, &views.plain, &mut letter.defects));
    }
    if rich {
        letter.html = Some(rich_text(tree, &views.rich, &mut letter.defects));
    }
    letter.with_files = letter.used.iter().copied().filter(|number| has_files(tree, *number)).collect();
    for (number, part) in tree.parts.iter().enumerate().filter(|(_, part)| inner::holds_tnef(part)).take(3) {
        take_tnef(&mut letter, number, part);
    }
    letter
}

/// Whether a plain text holds files.
fn has_files(tree: &Tree<'_>, number: usize) -> bool {
    tree.parts.get(number).is_some_and(|part| {
        let is_plain = part.fields.media_type != "text/html" && memchr::memmem::find(part.body, b"begin").is_some();
        is_plain && !uu::files(&mime::decode(part).0).is_empty()
    })
}

/// What a `winmail.dat` says of the letter holds where MIME says nothing.
fn take_tnef(letter: &mut Letter, number: usize, part: &Part<'_>) {
    let Some(found) = tnef::read(&mime::decode(part).0) else { return };
    letter.with_files.push(number);
    let is_blank = letter.text.as_deref().is_none_or(|text| text.trim().is_empty());
    if letter.html.is_none() {
        letter.html = found.html.filter(|html| !html.trim().is_empty());
    }
    if is_blank && found.text.is_some() {
        letter.text = found.text.map(|text| text.replace("\r\n", "\n"));
    }
    for text in [&mut letter.text, &mut letter.html].into_iter().flatten() {
        truncate(text, MAX_TEXT);
    }
}

/// The leaves to show to somebody who reads plain text, and to somebody who reads HTML.
#[derive(Debug, Default)]
struct Views {
    plain: Vec<usize>,
    rich: Vec<usize>,
    used: Vec<usize>,
}

/// Recursion is bounded by the depth of the tree.
fn views(tree: &Tree<'_>, number: usize) -> Views {
    let Some(part) = tree.parts.get(number) else { return Views::default() };
    if !part.is_container {
        return leaf(part, number);
    }
    match part.fields.media_type.as_str() {
        "multipart/alternative" => alternative(tree, part),
        "multipart/related" => related(tree, part),
        _ => sequence(tree, &part.children),
    }
}

fn leaf(part: &Part<'_>, number: usize) -> Views {
    let media_type = part.fields.media_type.as_str();
    // A multipart that could not be split is shown as the text that it is.
    let is_text = matches!(media_type, "text/plain" | "text/html") || media_type.starts_with("multipart/");
    let is_file = part.fields.disposition == Disposition::Attachment
        || (part.fields.name.is_some() && part.fields.disposition != Disposition::Inline && number > 0);
    if !is_text || is_file {
        return Views::default();
    }
    Views { plain: vec![number], rich: vec![number], used: vec![number] }
}

fn alternative(tree: &Tree<'_>, part: &Part<'_>) -> Views {
    let mut chosen = Views::default();
    for child in &part.children {
        let views = views(tree, *child);
        chosen.used.extend(&views.used);
        let has_html = views.rich.iter().any(|number| is_html(tree, *number));
        let has_plain = views.plain.iter().any(|number| !is_html(tree, *number));
        if has_plain || chosen.plain.is_empty() {
            chosen.plain = views.plain;
        }
        if has_html || chosen.rich.is_empty() {
            chosen.rich = views.rich;
        }
        // The same letter once more, in a form that is not shown (text/watch-html, text/x-amp-html, text/enriched).
        let is_other_form = tree.parts.get(*child).is_some_and(|part| {
            part.fields.media_type.starts_with("text/") && part.fields.media_type != "text/calendar"
        });
        if is_other_form && part.children.len() > 1 {
            chosen.used.push(*child);
        }
    }
    chosen
}

fn related(tree: &Tree<'_>, part: &Part<'_>) -> Views {
    let by_start = part.fields.start.as_ref().and_then(|start| {
        let named = |child: &&usize| {
            tree.parts.get(**child).is_some_and(|part| part.fields.content_id.as_ref() == Some(start))
        };
        part.children.iter().find(named)
    });
    match by_start.or(part.children.first()) {
        Some(root) => views(tree, *root),
        None => Views::default(),
    }
}

fn sequence(tree: &Tree<'_>, children: &[usize]) -> Views {
    children.iter().map(|child| views(tree, *child)).fold(Views::default(), |mut all, views| {
        all.plain.extend(views.plain);
        all.rich.extend(views.rich);
        all.used.extend(views.used);
        all
    })
}

fn is_html(tree: &Tree<'_>, number: usize) -> bool {
    tree.parts.get(number).is_some_and(|part| part.fields.media_type == "text/html")
}

fn plain_text(tree: &Tree<'_>, parts: &[usize], defects: &mut Vec<Defect>) -> String {
    let mut out = String::new();
    for number in parts {
        let text = if is_html(tree, *number) {
            html::to_text(&text_of(tree, *number, defects))
        } else {
            plain_leaf(tree, *number, defects)
        };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&text);
        if truncate(&mut out, MAX_TEXT) {
            defects.push(Defect::TextTooLong);
            break;
        }
    }
    out
}

fn rich_text(tree: &Tree<'_>, parts: &[usize], defects: &mut Vec<Defect>) -> String {
    let mut out = String::new();
    for number in parts {
        if !out.is_empty() {
            out.push_str("<hr>");
        }
        if is_html(tree, *number) {
            out.push_str(&text_of(tree, *number, defects));
        } else {
            out.push_str(&html::fragment_from_text(&plain_leaf(tree, *number, defects)));
        }
        if truncate(&mut out, MAX_TEXT) {
            defects.push(Defect::TextTooLong);
            break;
        }
    }
    out
}

/// Every line ends in a line feed.
fn with_line_feeds(text: String) -> String {
    if memchr::memchr2(b'\r', 0xc, text.as_bytes()).is_none() {
        return text;
    }
    let text = text.replace("\r\n", "\n");
    match memchr::memchr2(b'\r', 0xc, text.as_bytes()) {
        None => text,
        Some(_) => text.replace(['\r', '\u{c}'], "\n"),
    }
}

fn plain_leaf(tree: &Tree<'_>, number: usize, defects: &mut Vec<Defect>) -> String {
    let text = with_line_feeds(text_of(tree, number, defects));
    match tree.parts.get(number) {
        Some(part) if part.fields.flowed => flowed::unwrap(&text, part.fields.del_sp),
        _ => text,
    }
}
