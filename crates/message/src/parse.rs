//! A message to its summary, its text, its HTML and its attachments.
//!
//! Total and bounded: any bytes give a [`Parsed`]. The bounds are those of [`mime`](crate::mime), and of text
//! [`MAX_TEXT`] octets of each kind; what is left out is named in `defects`.

use crate::attached::list_attachments;
use crate::letter::choose;
use crate::mime::{self, Tree, bare_id};
use crate::summary::summarise;
use crate::{AttachmentPart, Defect, Parsed, html, snippet};

/// The longest snippet, in characters.
pub const SNIPPET_CHARS: usize = 180;
/// Octets of text, and of HTML, that are kept of a letter.
pub const MAX_TEXT: usize = 4 * 1024 * 1024;
/// Octets that go into the search index.
pub const MAX_SEARCH_TEXT: usize = 1024 * 1024;

/// Reads a message. Never fails: what cannot be read is left out and named in `defects`.
pub fn parse(raw: &[u8]) -> Parsed {
    let tree = mime::split(raw);
    let mut parsed = Parsed::default();
    if let Some(root) = tree.parts.first() {
        summarise(root.header, &mut parsed);
    }
    parsed.defects.extend(tree.defects.iter().copied());
    let letter = choose(&tree);
    parsed.attachments = list_attachments(&tree, &letter);
    parsed.defects.extend(letter.defects);
    parsed.text = letter.text;
    parsed.html = letter.html;
    parsed.is_report = tree.parts.iter().any(|part| crate::dsn::is_status_part(&part.fields.media_type));
    parsed.search_text = words_of(&parsed);
    parsed.snippet = snippet::of(&parsed.search_text, SNIPPET_CHARS);
    parsed.defects.sort_unstable();
    parsed.defects.dedup();
    parsed
}

/// The decoded bytes of the part of this number; `None` if there is no such part.
pub fn attachment(raw: &[u8], part: usize) -> Option<Vec<u8>> {
    let tree = mime::split(raw);
    let part = tree.parts.get(part).filter(|part| !part.is_container)?;
    Some(mime::decode(part).0.into_owned())
}

/// The part whose Content-ID this is (with or without angle brackets), for `cid:` URLs.
pub fn attachment_by_content_id(raw: &[u8], content_id: &str) -> Option<(AttachmentPart, Vec<u8>)> {
    let tree = mime::split(raw);
    let wanted = bare_id(content_id);
    let number = tree.parts.iter().position(|part| part.fields.content_id.as_deref() == Some(wanted))?;
    let part = tree.parts.get(number).filter(|part| !part.is_container)?;
    let described = crate::attached::describe(&tree, number, true)?;
    Some((described, mime::decode(part).0.into_owned()))
}

/// The text for the index: of the HTML where that is all there is, or where the plain text is only an excuse for it.
fn words_of(parsed: &Parsed) -> String {
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

/// Cuts at a character's boundary; whether anything was cut.
pub(crate) fn truncate(text: &mut String, limit: usize) -> bool {
    if text.len() <= limit {
        return false;
    }
    let at = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(at);
    true
}

/// The text of a leaf, decoded from its transfer encoding and its character set.
pub(crate) fn text_of(tree: &Tree<'_>, number: usize, defects: &mut Vec<Defect>) -> String {
    let Some(part) = tree.parts.get(number) else { return String::new() };
    let (bytes, valid) = mime::decode(part);
    if !valid {
        defects.push(Defect::BadEncoding);
    }
    let cut = bytes.get(..MAX_TEXT).unwrap_or(&bytes);
    if cut.len() < bytes.len() {
        defects.push(Defect::TextTooLong);
    }
    let from_meta = (part.fields.media_type == "text/html").then(|| html::meta_charset(cut)).flatten();
    let label = part.fields.charset.as_deref().or(from_meta.as_deref());
    let (mut text, defect) = mime::decode_text(cut, label);
    defects.extend(defect);
    if truncate(&mut text, MAX_TEXT) {
        defects.push(Defect::TextTooLong);
    }
    text
}
