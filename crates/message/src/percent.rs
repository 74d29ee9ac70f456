//! Percent-encoding (RFC 3986 §2.1), as far as mail needs it.

use crate::mime::octet_of;

/// Decodes `%XX`; what is not valid stands for itself, what is then not UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let octet = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(octet_of);
        out.push(octet.unwrap_or(*first));
        rest = if octet.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Encodes everything that is not unreserved.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_to_the_same() {
        for text in ["a b@c", "ü/%41", "%", "%4", "%+1"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode("a%40b%zz%+1"), "a@b%zz%+1");
    }
}
