//! The shape that bytes must have to travel by SMTP (RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1; RFC 6152).

/// The longest line that may be sent, without its CRLF (RFC 5322 §2.1.1).
pub const MAX_LINE: usize = 998;

/// The bytes with every line end as CRLF: a bare LF or a bare CR becomes one, so that no server can see a line end
/// where another sees none (SMTP smuggling).
pub fn normalise_line_ends(raw: &[u8]) -> Vec<u8> {
    let mut out = room_for(raw.len() + raw.len() / 40 + 1024);
    let mut rest = raw;
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, behind) = rest.split_at(end);
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        let ended = if behind.starts_with(b"\r\n") { 2 } else { 1 };
        rest = behind.get(ended..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// More than this comes from the system, and goes back to it at once (the GNU C library keeps less for itself, in pieces
/// between which no second large message finds room). Pages that nobody writes to are no memory.
const STRAIGHT_FROM_THE_SYSTEM: usize = (32 << 20) + 1;
/// Octets from which on it matters.
const LARGE: usize = 1 << 20;

fn room_for(octets: usize) -> Vec<u8> {
    Vec::with_capacity(if octets > LARGE { octets.max(STRAIGHT_FROM_THE_SYSTEM) } else { octets })
}

/// Whether a CR or an LF stands alone.
pub fn has_bare_line_ends(raw: &[u8]) -> bool {
    let mut before = 0;
    for byte in raw {
        if (*byte == b'\n') != (before == b'\r') {
            return true;
        }
        before = *byte;
    }
    before == b'\r'
}

/// Whether a line is longer than [`MAX_LINE`].
pub fn has_long_lines(raw: &[u8]) -> bool {
    raw.split(|byte| *byte == b'\n').any(|line| line.strip_suffix(b"\r").unwrap_or(line).len() > MAX_LINE)
}

/// Whether the message can go to a server without 8BITMIME: ASCII, no NUL, no line over [`MAX_LINE`].
pub fn is_seven_bit(raw: &[u8]) -> bool {
    raw.iter().all(|byte| byte.is_ascii() && *byte != 0) && !has_long_lines(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_crlf() {
        let table = [
            ("a\nb", "a\r\nb"),
            ("a\rb", "a\r\nb"),
            ("a\r\nb\r\n", "a\r\nb\r\n"),
            ("a\n\rb", "a\r\n\r\nb"),
            ("a\r\r\nb", "a\r\n\r\nb"),
            ("\n.\n", "\r\n.\r\n"),
        ];
        for (raw, normal) in table {
            assert_eq!(normalise_line_ends(raw.as_bytes()), normal.as_bytes(), "{raw:?}");
        }
    }
}
