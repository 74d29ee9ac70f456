//! Mailbox names on the wire: modified UTF-7 (RFC 3501 §5.1.3).
//!
//! Printable ASCII stands for itself, `&` is `&-`, and everything else is UTF-16 in base64 with `,` for `/` and without
//! padding, between `&` and `-`.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// The name as it goes over the wire.
pub fn encode(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut shifted: Vec<u16> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut shifted, &mut wire);
            wire.push(c);
            if c == '&' {
                wire.push('-');
            }
        } else {
            shifted.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut shifted, &mut wire);
    wire
}

/// The name as people read it; `None` where the octets are not modified UTF-7.
pub fn decode(wire: &str) -> Option<String> {
    let mut name = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((plain, after)) = rest.split_once('&') {
        name.push_str(plain);
        let (shifted, after) = after.split_once('-')?;
        if shifted.is_empty() {
            name.push('&');
        } else {
            name.push_str(&String::from_utf16(&units(shifted)?).ok()?);
        }
        rest = after;
    }
    name.push_str(rest);
    wire.is_ascii().then_some(name)
}

/// Writes what waits as one shifted run.
fn flush(shifted: &mut Vec<u16>, wire: &mut String) {
    if shifted.is_empty() {
        return;
    }
    wire.push('&');
    let (mut bits, mut held) = (0u32, 0u32);
    for octet in shifted.drain(..).flat_map(u16::to_be_bytes) {
        bits = (bits << 8) | u32::from(octet);
        held += 8;
        while held >= 6 {
            held -= 6;
            wire.push(letter(bits >> held));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        wire.push(letter(bits << (6 - held)));
    }
    wire.push('-');
}

fn letter(bits: u32) -> char {
    ALPHABET.get((bits & 63) as usize).copied().map_or('A', char::from)
}

/// The UTF-16 units of a shifted run; what is left over must be zero bits, fewer than six.
fn units(shifted: &str) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(shifted.len() * 6 / 16);
    let (mut bits, mut held) = (0u32, 0u32);
    for octet in shifted.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == octet)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from((bits >> held) & 0xffff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then_some(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_written_as_the_standard_does() {
        let table = [
            ("INBOX", "INBOX"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Black & White", "Black &- White"),
            ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
            ("📬", "&2D3c7A-"),
        ];
        for (name, wire) in table {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_not_modified_utf7_is_not_guessed_at() {
        for wire in ["A & B", "&", "&APw", "&!-", "&2D0-", "Entwürfe", "&AAAAA-"] {
            assert_eq!(decode(wire), None, "{wire}");
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC*") {
            prop_assert_eq!(decode(&encode(&name)), Some(name));
        }

        #[test]
        fn nothing_that_comes_over_the_wire_panics(wire in ".*") {
            let _ = decode(&wire);
        }
    }
}
