//! Notifications read.

use super::{Action, Dsn, DsnRecipient, freeform};
use crate::mime::{self, Tree, raw_fields};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use model::EnhancedCode;

/// Recipients of one notification that are read.
const MAX_RECIPIENTS: usize = 1_000;
/// Octets of the status part that are read.
const MAX_STATUS: usize = 1024 * 1024;
/// Characters of a diagnostic that are kept.
const MAX_DIAGNOSTIC: usize = 2_000;

/// Reads a notification, or a bounce in words; `None` if the message is neither.
pub fn read(raw: &[u8]) -> Option<Dsn> {
    by_fields(raw).or_else(|| freeform::read(raw))
}

fn by_fields(raw: &[u8]) -> Option<Dsn> {
    let tree = mime::split(raw);
    let at = tree.parts.iter().position(|part| is_status_part(&part.fields.media_type))?;
    let (status, _) = mime::decode(tree.parts.get(at)?);
    let groups = groups(status.get(..MAX_STATUS).unwrap_or(&status));
    let about = groups.first()?;
    let recipients: Vec<DsnRecipient> = groups.iter().filter_map(recipient).take(MAX_RECIPIENTS).collect();
    if recipients.is_empty() {
        return None;
    }
    Some(Dsn {
        original_message_id: original_message_id(&tree, at),
        envelope_id: about.get("Original-Envelope-Id").map(|text| from_xtext(&text)),
        reporting_mta: about.get("Reporting-MTA").and_then(|text| typed(&text)),
        recipients,
    })
}

/// Whether a part of this media type says what became of a message.
pub(crate) fn is_status_part(media_type: &str) -> bool {
    matches!(media_type, "message/delivery-status" | "message/global-delivery-status")
}

/// One group of fields: the first is about the message, each further one about a recipient.
struct Group(Vec<(String, String)>);

impl Group {
    fn get(&self, name: &str) -> Option<String> {
        let value = self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
        value.filter(|value| !value.is_empty())
    }
}

/// Groups are parted by empty lines (RFC 3464 §2.1).
fn groups(status: &[u8]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut rest = status.trim_ascii_start();
    while !rest.is_empty() {
        let (fields, after) = raw_fields(rest);
        if !fields.is_empty() {
            groups.push(Group(fields.iter().map(|field| (field.name.to_owned(), field.value())).collect()));
        }
        // A line that is no field would be met again; it is passed over.
        let after = if after.len() < rest.len() { after } else { behind_line(rest) };
        rest = after.trim_ascii_start();
        if groups.len() > MAX_RECIPIENTS {
            break;
        }
    }
    groups
}

fn behind_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| at + 1);
    text.get(end..).unwrap_or_default()
}

fn recipient(group: &Group) -> Option<DsnRecipient> {
    let original = group.get("Original-Recipient").and_then(|text| typed(&text)).map(|text| from_xtext(&text));
    let address = group.get("Final-Recipient").and_then(|text| typed(&text)).or_else(|| original.clone())?;
    let status = group.get("Status").and_then(|text| code(&text));
    let action = group.get("Action").and_then(|text| Action::from_word(text.split([' ', '(', ';']).next()?));
    let action = action.or_else(|| match status?.class {
        2 => Some(Action::Delivered),
        4 => Some(Action::Delayed),
        _ => Some(Action::Failed),
    })?;
    let diagnostic = group.get("Diagnostic-Code").map(|text| text_of_diagnostic(&text));
    Some(DsnRecipient {
        address: bare(&address),
        original: original.map(|text| bare(&text)),
        action,
        status: status.unwrap_or(action.status()),
        diagnostic: diagnostic.filter(|text| !text.is_empty()),
        remote_mta: group.get("Remote-MTA").and_then(|text| typed(&text)),
        last_attempt: group.get("Last-Attempt-Date").and_then(|text| date(&text)),
        will_retry_until: group.get("Will-Retry-Until").and_then(|text| date(&text)),
    })
}

/// `type; value` without its type.
fn typed(text: &str) -> Option<String> {
    let value = text.split_once(';').map_or(text, |(_, value)| value).trim();
    // Comments are allowed behind it.
    let value = value.split(" (").next().unwrap_or(value).trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

fn bare(address: &str) -> String {
    of_unitext(address.trim().trim_start_matches('<').trim_end_matches('>'))
}

/// RFC 6533 §3: `\x{FA}` for what is not ASCII.
fn of_unitext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out += before;
        let encoded = after
            .split_once('}')
            .and_then(|(hex, after)| Some((u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?, after)));
        match encoded {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out += "\\x{";
                rest = after;
            }
        }
    }
    out + rest
}

/// `smtp; 550 5.1.1 …`: the type has no space, and so a semicolon within the text is not taken for its end.
fn text_of_diagnostic(text: &str) -> String {
    let value = match text.split_once(';') {
        Some((kind, value)) if !kind.trim().contains(' ') => value,
        _ => text,
    };
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(MAX_DIAGNOSTIC).collect()
}

fn code(text: &str) -> Option<EnhancedCode> {
    let first = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).find(|word| !word.is_empty())?;
    EnhancedCode::try_from(first.to_owned()).ok()
}

/// RFC 3461 §4: `+XX` for what is not printable.
fn from_xtext(text: &str) -> String {
    let is_hex = |hex: &str| hex.len() == 2 && hex.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('+') {
        out.extend_from_slice(before.as_bytes());
        match after.get(..2).filter(|hex| is_hex(hex)).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(octet) => {
                out.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            // A plus that nobody encoded, as in an address with a tag.
            None => {
                out.push(b'+');
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// From the message or the headers that came back with the notification.
fn original_message_id(tree: &Tree<'_>, status: usize) -> Option<String> {
    let returned = ["text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"];
    tree.parts
        .iter()
        .skip(status + 1)
        .filter(|part| returned.contains(&part.fields.media_type.as_str()))
        .find_map(|part| crate::parse(&mime::decode(part).0).message_id)
}
