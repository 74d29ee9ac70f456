//! Strings as IMAP writes them: quoted, literal or NIL (RFC 3501 §4.3), and mailbox names in modified UTF-7 (§5.1.3).

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

/// A string: quoted where it can be, a literal where it cannot.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let quotable = bytes.len() < 1000 && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    if !quotable {
        return literal(bytes);
    }
    let mut quoted = vec![b'"'];
    for byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    quoted
}

/// A literal.
pub(crate) fn literal(bytes: &[u8]) -> Vec<u8> {
    [format!("{{{}}}\r\n", bytes.len()).as_bytes(), bytes].concat()
}

/// A string or NIL.
pub(crate) fn nstring(value: Option<&str>) -> Vec<u8> {
    value.map_or_else(|| b"NIL".to_vec(), |value| string(value.as_bytes()))
}

/// A mailbox name as it goes over the wire.
pub(crate) fn encode_mailbox(name: &str) -> String {
    let mut encoded = String::new();
    let mut shifted = Vec::new();
    let shift_back = |shifted: &mut Vec<u8>, encoded: &mut String| {
        if !shifted.is_empty() {
            encoded.push('&');
            encoded.push_str(&modified_base64().encode(std::mem::take(shifted)));
            encoded.push('-');
        }
    };
    for character in name.chars() {
        if !(' '..='~').contains(&character) {
            let mut units = [0; 2];
            shifted.extend(character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        shift_back(&mut shifted, &mut encoded);
        encoded.push(character);
        if character == '&' {
            encoded.push('-');
        }
    }
    shift_back(&mut shifted, &mut encoded);
    encoded
}

/// A mailbox name from the wire; one that is not modified UTF-7 is taken as it is.
pub(crate) fn decode_mailbox(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    decode_mutf7(&text).unwrap_or(text)
}

fn decode_mutf7(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (shifted, after) = after.split_once('-')?;
        decoded.push_str(before);
        if shifted.is_empty() {
            decoded.push('&');
        } else {
            let octets = modified_base64().decode(shifted).ok()?;
            let units = octets.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(u16::from_be_bytes));
            let units: Vec<u16> = units.collect::<Result<_, _>>().ok()?;
            decoded.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = after;
    }
    decoded.push_str(rest);
    Some(decoded)
}

fn modified_base64() -> GeneralPurpose {
    GeneralPurpose::new(&IMAP_MUTF7, NO_PAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailbox_names_go_over_the_wire_and_back() {
        let table = [
            ("INBOX", "INBOX"),
            ("Home/Bücher & Rezepte", "Home/B&APw-cher &- Rezepte"),
            ("台北", "&U,BTFw-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ];
        for (name, wire) in table {
            assert_eq!(encode_mailbox(name), wire);
            assert_eq!(decode_mailbox(wire.as_bytes()), name);
        }
        assert_eq!(decode_mailbox(b"&broken"), "&broken");
    }

    #[test]
    fn strings_are_quoted_unless_they_cannot_be() {
        assert_eq!(string(br#"a "b" \"#), br#""a \"b\" \\""#);
        assert_eq!(string("ä".as_bytes()), "{2}\r\nä".as_bytes());
        assert_eq!(string(b"a\r\nb"), b"{4}\r\na\r\nb");
        assert_eq!(nstring(None), b"NIL");
    }
}
