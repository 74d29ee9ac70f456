//! A message to its summary, its text, its HTML and its attachments.
//!
//! Total and bounded: any bytes give a [`Parsed`]. The bounds are those of [`mime`](crate::mime), and of text
//! [`MAX_TEXT`] octets of each kind; what is left out is named in `defects`.

use crate::attached::list_attachments;
use crate::calendar::{self, Invitation};
use crate::letter::choose;
use crate::mime::{self, Tree, bare_id};
use crate::summary::summarise;
use crate::{AttachedLetter, AttachmentPart, Defect, Parsed, html, inner, search_text, snippet, uu};

/// The longest snippet, in characters.
pub const SNIPPET_CHARS: usize = 180;
/// Octets of text, and of HTML, that are kept of a letter.
pub const MAX_TEXT: usize = 4 * 1024 * 1024;
/// Octets that go into the search index.
pub const MAX_SEARCH_TEXT: usize = 1024 * 1024;

/// Letters in a letter that are named.
const MAX_LETTERS: usize = 200;
/// Levels of letters in letters that can be opened.
const MAX_ATTACHED: usize = 20;

/// Reads a message. Never fails: what cannot be read is left out and named in `defects`.
pub fn parse(raw: &[u8]) -> Parsed {
    parse_within(raw, 0)
}

/// Reads the header of a message alone.
pub fn parse_head(raw: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    summarise(mime::split_header(raw).0, &mut parsed);
    parsed
}

/// Reads a message that is so many letters deep in another.
pub(crate) fn parse_within(raw: &[u8], depth: usize) -> Parsed {
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
    parsed.letters = attached_letters(&tree, &parsed.attachments);
    parsed.invitation = invitation(&tree);
    parsed.is_report = tree.parts.iter().any(|part| crate::dsn::is_status_part(&part.fields.media_type));
    parsed.search_text = search_text::own(&parsed);
    parsed.snippet = snippet::of(&parsed.search_text, SNIPPET_CHARS);
    let mut words = std::mem::take(&mut parsed.search_text);
    search_text::add_rich(&mut words, &parsed);
    search_text::add_others(&mut words, &tree, &parsed, depth);
    parsed.search_text = words;
    parsed.defects.sort_unstable();
    parsed.defects.dedup();
    parsed
}

/// The decoded bytes of a letter attached to a letter attached to …: each number is one in the letter before it. An
/// empty path is the message itself.
pub fn attached_letter(raw: &[u8], path: &[usize]) -> Option<Vec<u8>> {
    let (first, rest) = match path {
        [] => return Some(raw.to_vec()),
        [_, rest @ ..] if rest.len() > MAX_ATTACHED => return None,
        [first, rest @ ..] => (first, rest),
    };
    let inner = attachment(raw, *first)?;
    if rest.is_empty() { Some(inner) } else { attached_letter(&inner, rest) }
}

fn is_letter(media_type: &str) -> bool {
    matches!(media_type, "message/rfc822" | "message/global" | "message/news")
}

/// The parts that are letters.
pub(crate) fn attached_parts<'t, 'x>(tree: &'t Tree<'x>) -> impl Iterator<Item = &'t mime::Part<'x>> {
    tree.parts.iter().filter(|part| !part.is_container && is_letter(&part.fields.media_type))
}

fn attached_letters(tree: &Tree<'_>, attachments: &[AttachmentPart]) -> Vec<AttachedLetter> {
    let letters = attachments.iter().filter(|file| is_letter(&file.content_type)).take(MAX_LETTERS);
    let heads = letters.filter_map(|file| {
        let (bytes, _) = mime::decode(tree.parts.get(file.part)?);
        let mut head = Parsed::default();
        summarise(mime::split_header(&bytes).0, &mut head);
        Some(AttachedLetter { part: file.part, from: head.from, subject: head.subject, date: head.date })
    });
    heads.collect()
}

/// The first part that is a calendar with an event in it.
fn invitation(tree: &Tree<'_>) -> Option<Invitation> {
    let is_calendar = |part: &mime::Part<'_>| {
        matches!(part.fields.media_type.as_str(), "text/calendar" | "application/ics" | "text/x-vcalendar")
            || part.fields.name.as_deref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"))
    };
    let parts = tree.parts.iter().enumerate().filter(|(_, part)| !part.is_container && is_calendar(part)).take(3);
    parts.into_iter().find_map(|(number, _)| calendar::read(number, &text_of(tree, number, &mut Vec::new())))
}

/// The decoded bytes of the part of this number; `None` if there is no such part.
pub fn attachment(raw: &[u8], part: usize) -> Option<Vec<u8>> {
    let tree = mime::split(raw);
    if let (_, Some(_)) = inner::address(part) {
        return inner::file(&tree, part).map(|file| file.bytes);
    }
    let part = tree.parts.get(part).filter(|part| !part.is_container)?;
    Some(mime::decode(part).0.into_owned())
}

/// The text of the part of this number, decoded; bounded by [`MAX_TEXT`]. `None` if there is no such part.
pub fn attachment_text(raw: &[u8], part: usize) -> Option<String> {
    let tree = mime::split(raw);
    tree.parts.get(part).filter(|part| !part.is_container)?;
    Some(text_of(&tree, part, &mut Vec::new()))
}

/// The part whose Content-ID this is (with or without angle brackets), for `cid:` URLs.
pub fn attachment_by_content_id(raw: &[u8], content_id: &str) -> Option<(AttachmentPart, Vec<u8>)> {
    let tree = mime::split(raw);
    let wanted = bare_id(content_id);
    let found = tree.parts.iter().position(|part| part.fields.content_id.as_deref() == Some(wanted));
    let Some(number) = found else { return inner::by_content_id(&tree, wanted) };
    let part = tree.parts.get(number).filter(|part| !part.is_container)?;
    let described = crate::attached::describe(&tree, number, true)?;
    Some((described, mime::decode(part).0.into_owned()))
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
    let is_html = part.fields.media_type == "text/html";
    let files = if is_html { Vec::new() } else { uu::files(cut) };
    let without = (!files.is_empty()).then(|| uu::without(cut, &files));
    let cut = without.as_deref().unwrap_or(cut);
    let from_meta = is_html.then(|| html::meta_charset(cut)).flatten();
    let label = part.fields.charset.as_deref().or(from_meta.as_deref());
    let domain = tree.parts.first().and_then(|root| mime::sender_domain(root.header));
    let hint = mime::Hint { domain: domain.as_deref(), beside: None };
    let (mut text, defect) = mime::decode_text(cut, label, hint);
    defects.extend(defect);
    if truncate(&mut text, MAX_TEXT) {
        defects.push(Defect::TextTooLong);
    }
    text
}
