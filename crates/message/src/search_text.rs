//! The words of a letter, for the search index: of the letter itself, of the text in its other parts, of its invitation
//! and of the letters attached to it.
//!
//! Where a letter is there as plain text and as HTML, both mostly say the same: of the HTML only the paragraphs count that
//! have a word which was not said yet.
//!
//! Bounds: [`MAX_SEARCH_TEXT`] octets in all, [`MAX_FILE`] of one file, [`MAX_ATTACHED`] letters within letters.

use crate::mime::{self, Part, Tree};
use crate::parse::{MAX_SEARCH_TEXT, attached_parts, parse_within, truncate};
use crate::{Parsed, calendar, html};
use foldhash::{HashSet, HashSetExt};
use model::words::cut;

/// Octets of an attached text that are read, encoded: what a person reads in an hour. Beyond it there are mostly records
/// of machines, whose numbers would make up most of the index; a message has a bound of words of its own there.
const MAX_FILE: usize = 256 * 1024;
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

/// Adds what only the HTML says: whole paragraphs, in which words stand side by side as they do for the reader.
pub(crate) fn add_rich(words: &mut String, parsed: &Parsed) {
    let (Some(_), Some(rich)) = (&parsed.text, parsed.html.as_deref()) else { return };
    let mut said = HashSet::new();
    cut(words, |cut| {
        said.insert(cut.word.to_owned());
    });
    for paragraph in html::words(rich).lines() {
        if words.len() >= MAX_SEARCH_TEXT {
            break;
        }
        let mut says_more = false;
        cut(paragraph, |cut| {
            if !said.contains(cut.word) {
                said.insert(cut.word.to_owned());
                says_more = true;
            }
        });
        if says_more {
            add(words, paragraph);
        }
    }
    truncate(words, MAX_SEARCH_TEXT);
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

#[cfg(test)]
mod tests {
    use crate::parse;

    fn alternative(plain: &str, rich: &str) -> String {
        let raw = format!(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n{plain}\r\n--b\r\n\
             Content-Type: text/html\r\n\r\n{rich}\r\n--b--\r\n"
        );
        parse(raw.as_bytes()).search_text
    }

    #[test]
    fn words_that_only_the_html_has_are_there_whatever_the_plain_text_says() {
        let stub = "This letter is best read in a program that shows HTML. ".repeat(8);
        let said = alternative(&stub, "<p>Mind the quagmire, please.</p><p>This letter is best read.</p>");
        assert!(said.starts_with("This letter is best read in a program"), "{said}");
        assert!(said.ends_with("\nMind the quagmire, please."), "{said}");
    }

    #[test]
    fn what_both_say_is_there_once() {
        let plain = "Dear Anna,\r\nthe old bridge across the river is closed. ".repeat(6);
        let rich = format!("<p>{plain}</p><p>The <b>Bridge</b>!</p>");
        assert_eq!(alternative(&plain, &rich).trim(), plain.trim().replace("\r\n", "\n"));
    }

    #[test]
    fn of_a_paragraph_that_comes_again_and_again_one_is_enough() {
        let stub = "Nothing but a stub of a letter. ".repeat(10);
        let said = alternative(&stub, &"<p>Mind the quagmire.</p>".repeat(1000));
        assert_eq!(said.matches("quagmire").count(), 1);
    }

    #[test]
    fn an_attached_text_is_found_by_its_words_up_to_the_bound() {
        let filler = "the same words in every line of it\r\n".repeat(6000);
        let raw = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee there.\r\n--b\r\n\
             Content-Type: text/plain; name=notes.txt\r\nContent-Disposition: attachment\r\n\r\n\
             {filler}heron\r\n{filler}egret\r\n--b--\r\n"
        );
        let said = parse(raw.as_bytes()).search_text;
        assert!(said.contains("heron") && !said.contains("egret"));
    }
}
