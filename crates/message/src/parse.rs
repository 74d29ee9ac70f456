//! Reads a message.

use crate::{AttachmentPart, Parsed};

/// The longest snippet, in characters.
pub const SNIPPET_CHARS: usize = 180;

/// Reads a message. Never fails: what cannot be read is left out and named in `defects`.
pub fn parse(_raw: &[u8]) -> Parsed {
    Parsed::default()
}

/// The decoded bytes of the part of this number; `None` if there is no such part.
pub fn attachment(_raw: &[u8], _part: usize) -> Option<Vec<u8>> {
    None
}

/// The part whose Content-ID this is (with or without angle brackets), for `cid:` URLs.
pub fn attachment_by_content_id(_raw: &[u8], _content_id: &str) -> Option<(AttachmentPart, Vec<u8>)> {
    None
}
