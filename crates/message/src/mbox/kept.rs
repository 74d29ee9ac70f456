//! What the keepers of mailbox files note in the header of a letter: its flags, its length, its number.
//!
//! | field | whose | what |
//! |---|---|---|
//! | `Status`, `X-Status` | mbox(5), Dovecot, mutt | R read; A answered, F flagged, D deleted, T draft |
//! | `X-Mozilla-Status` | Thunderbird | bits: 1 read, 2 answered, 4 flagged, 8 deleted, 0x1000 forwarded |
//! | `X-Mozilla-Status2`, `X-Mozilla-Keys`, `X-Keywords`, `X-UID`, `X-IMAP`, `X-IMAPbase`, `Content-Length`, `Lines` | both | taken out |

use crate::mime::{RawField, raw_fields};
use model::{Flag, Flags};

/// What was noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its flags; `None` where none of the fields is there.
    pub flags: Option<Flags>,
    /// Whether it was deleted and is only still in the file.
    pub deleted: bool,
    /// Whether it is a note of the keeper's own.
    pub(super) is_no_letter: bool,
}

const NOTES: [&str; 11] = [
    "Status",
    "X-Status",
    "X-Mozilla-Status",
    "X-Mozilla-Status2",
    "X-Mozilla-Keys",
    "X-Keywords",
    "X-UID",
    "X-IMAP",
    "X-IMAPbase",
    "Content-Length",
    "Lines",
];

/// The length of the body, as the header says.
pub(super) fn content_length(header: &[u8]) -> Option<u64> {
    // Most letters have none, and reading every header twice would cost more than the rest.
    let is_near = |at: usize| {
        header.get(at..at + 15).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length:"))
            && (at == 0 || header.get(at - 1) == Some(&b'\n'))
    };
    let mut lines = memchr::memchr_iter(b'\n', header).map(|at| at + 1).chain([0]);
    let at = lines.find(|at| is_near(*at))?;
    let value = header.get(at + 15..)?.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// The letter without the notes, and what they say.
pub fn taken_out(bytes: Vec<u8>) -> (Vec<u8>, Kept) {
    let (fields, body) = raw_fields(&bytes);
    let is_note = |field: &RawField<'_>| NOTES.iter().any(|name| field.is(name));
    if !fields.iter().any(is_note) {
        return (bytes, Kept::default());
    }
    let kept = read(&fields);
    let end = bytes.len() - body.len();
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    for field in &fields {
        let start = field.bytes.as_ptr() as usize - bytes.as_ptr() as usize;
        last = start + field.bytes.len();
        if !is_note(field) {
            out.extend_from_slice(field.bytes);
        }
    }
    out.extend_from_slice(bytes.get(last..end).unwrap_or_default());
    out.extend_from_slice(body);
    (out, kept)
}

fn read(fields: &[RawField<'_>]) -> Kept {
    let value = |name: &str| fields.iter().find(|field| field.is(name)).map(RawField::value);
    let letters = [value("Status"), value("X-Status")];
    let mozilla = value("X-Mozilla-Status").and_then(|value| u32::from_str_radix(value.trim(), 16).ok());
    let said = |letter: char| letters.iter().flatten().any(|value| value.contains(letter));
    let bit = |bit: u32| mozilla.is_some_and(|bits| bits & bit != 0);
    let flags = Flags::default()
        .with(Flag::Seen, said('R') || bit(1))
        .with(Flag::Answered, said('A') || bit(2))
        .with(Flag::Flagged, said('F') || bit(4))
        .with(Flag::Forwarded, bit(0x1000))
        .with(Flag::Draft, said('T'));
    let is_known = mozilla.is_some() || letters.iter().any(Option::is_some);
    let subject = value("Subject").unwrap_or_default();
    Kept {
        flags: is_known.then_some(flags),
        deleted: said('D') || bit(8),
        is_no_letter: subject.contains("DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"),
    }
}

/// The fields that note these flags, as most readers of an mbox understand them; that it was passed on only Thunderbird
/// notes.
pub fn with_kept_fields(flags: Flags) -> String {
    let mark = |flag, letter: &'static str| if flags.has(flag) { letter } else { "" };
    let status = format!("Status: {}O\n", mark(Flag::Seen, "R"));
    let more = [(Flag::Answered, "A"), (Flag::Flagged, "F"), (Flag::Draft, "T")];
    let more: String = more.into_iter().map(|(flag, letter)| mark(flag, letter)).collect();
    let mut fields = if more.is_empty() { status } else { format!("{status}X-Status: {more}\n") };
    if flags.has(Flag::Forwarded) {
        let bit = |flag, bit: u32| if flags.has(flag) { bit } else { 0 };
        let bits = 0x1000 | bit(Flag::Seen, 1) | bit(Flag::Answered, 2) | bit(Flag::Flagged, 4);
        fields.push_str(&format!("X-Mozilla-Status: {bits:04x}\n"));
    }
    fields
}
