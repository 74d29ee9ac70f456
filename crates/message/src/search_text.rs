//! The words of a letter, for the search index: of the letter itself, of the text in its other parts, of its invitation
//! and of the letters attached to it.
//!
//! Bounds: [`MAX_SEARCH_TEXT`] octets in all, [`MAX_FILE`] of one file, [`MAX_ATTACHED`] letters within letters.

use crate::mime::{self, Part, Tree};
use crate::parse::{MAX_SEARCH_TEXT, attached_parts, parse_within, truncate};
use crate::{Parsed, calendar, html};

/// Octets of an attached text that are read, encoded.
const MAX_FILE: usize = 64 * 1024;
/// Levels of letters in letters whose words count.
const MAX_ATTACHED: usize = 3;

/// The letter's own words: of the HTML where that is all there is, or where the plain text is only an excuse for it.
pub(crate) fn own(parsed: &Parsed) -> String {
    let from_html = || parsed.html.as_deref().map(html::words).unwrap_or_default();
    let mut words = match &parsed.text {
        Some(text) if parsed.html.is_none() || text.trim().len() > 200 => text.clone(),
        Some(text) => {
            let rich = from_html();
            if rich.len() > text.len() * 4 { rich } else { text.clone() }
        }
        None => from_html(),
    };
    truncate(&mut words, MAX_SEARCH_TEXT);
    words
}

/// Adds the words of everything that came with the letter.
pub(crate) fn add_others(words: &mut String, tree: &Tree<'_>, parsed: &Parsed, depth: usize) {
    if let Some(invitation) = &parsed.invitation {
        add(words, &calendar::words(invitation));
    }
    for file in &parsed.attachments {
        if words.len() >= MAX_SEARCH_TEXT {
            break;
        }
        let Some(part) = tree.parts.get(file.part) else { continue };
        match part.fields.media_type.as_str() {
            // Its words are those of the invitation.
            "text/calendar" if parsed.invitation.is_some() => {}
            kind if kind.starts_with("text/") || kind == "message/delivery-status" => add(words, &text(part, kind)),
            _ => {}
        }
    }
    if depth < MAX_ATTACHED {
        for part in attached_parts(tree).take(50) {
            if words.len() >= MAX_SEARCH_TEXT {
                break;
            }
            add_letter(words, &mime::decode(part).0, depth + 1);
        }
    }
    truncate(words, MAX_SEARCH_TEXT);
}

fn add_letter(words: &mut String, raw: &[u8], depth: usize) {
    let inner = parse_within(raw, depth);
    add(words, &inner.subject);
    for from in &inner.from {
        add(words, &from.to_string());
    }
    add(words, &inner.search_text);
}

fn text(part: &Part<'_>, kind: &str) -> String {
    let cut = Part {
        fields: part.fields.clone(),
        header: part.header,
        body: part.body.get(..MAX_FILE).unwrap_or(part.body),
        children: Vec::new(),
        is_container: false,
    };
    let (bytes, _) = mime::decode(&cut);
    let (text, _) = mime::decode_text(&bytes, part.fields.charset.as_deref(), mime::Hint::default());
    if kind == "text/html" { html::words(&text) } else { text }
}

fn add(words: &mut String, more: &str) {
    let more = more.trim();
    if !more.is_empty() {
        if !words.is_empty() && !words.ends_with('\n') {
            words.push('\n');
        }
        words.push_str(more);
    }
}
