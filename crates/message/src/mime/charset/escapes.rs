//! Seven-bit sets that shift in and out, which the Encoding Standard left out: HZ (RFC 1843) and ISO-2022-KR (RFC 1557).
//! And the two things that a header tells of its own octets.

use encoding_rs::{EUC_KR, Encoding, GBK};

/// The text, where the label is one of these.
pub(super) fn decode(bytes: &[u8], label: &str) -> Option<String> {
    match label.to_ascii_lowercase().as_str() {
        "hz-gb-2312" | "hz" | "hz-gb2312" => Some(shifted(bytes, b"~{", b"~}", GBK).replace("~~", "~")),
        "iso-2022-kr" | "csiso2022kr" => {
            let text = shifted(bytes, b"\x0e", b"\x0f", EUC_KR);
            Some(text.replacen("\u{1b}$)C", "", 1))
        }
        _ => None,
    }
}

/// What stands between the two marks has the eighth bit set, and is then in this set.
fn shifted(bytes: &[u8], into: &[u8], out_of: &[u8], encoding: &'static Encoding) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, into) {
        let (before, after) = (rest.get(..at).unwrap_or_default(), rest.get(at + into.len()..).unwrap_or_default());
        text.push_str(&String::from_utf8_lossy(before));
        let end = memchr::memmem::find(after, out_of).unwrap_or(after.len());
        let inside: Vec<u8> =
            after.iter().take(end).map(|b| if b.is_ascii_graphic() { b | 0x80 } else { *b }).collect();
        text.push_str(&encoding.decode_without_bom_handling(&inside).0);
        rest = after.get(end + out_of.len()..).unwrap_or_default();
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

/// The line with the octets beyond ASCII that stand in its Q-encoded words escaped: they are in the set that the word
/// names (`=?iso-8859-1?Q?Fr\u{f6}sche?=` with the octet as it is).
pub(super) fn in_encoded_words(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 16);
    let mut rest = line;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        let (before, word) = rest.split_at(at);
        out.extend_from_slice(before);
        // The set, the encoding, and what is encoded.
        let text = word.get(2..).and_then(|inner| {
            let set = memchr::memchr(b'?', inner)?;
            let mark = inner.get(set..set + 3)?;
            mark.eq_ignore_ascii_case(b"?q?").then_some(2 + set + 3)
        });
        let end = text.and_then(|text| Some(text + memchr::memmem::find(word.get(text..)?, b"?=")?));
        let end = end.unwrap_or(2).min(word.len());
        for octet in word.get(..end).unwrap_or_default() {
            match octet {
                octet if octet.is_ascii() || text.is_none() => out.push(*octet),
                octet => out.extend_from_slice(format!("={octet:02X}").as_bytes()),
            }
        }
        rest = word.get(end..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// The value behind `name=` in a header block, as far as it is a name.
pub(super) fn parameter(block: &[u8], name: &[u8]) -> Option<String> {
    let lower = block.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, name)? + name.len();
    let value = lower.get(at..)?.iter().skip_while(|b| matches!(b, b'"' | b'\'' | b' '));
    let value: Vec<u8> =
        value.take_while(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b)).take(40).copied().collect();
    String::from_utf8(value).ok().filter(|value| !value.is_empty())
}

/// The top-level domain of the address in From, in lower case.
pub(crate) fn sender_domain(block: &[u8]) -> Option<String> {
    let mut lines = block.split(|byte| *byte == b'\n');
    let from = lines.find(|line| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"from:")))?;
    let at = memchr::memrchr(b'@', from)?;
    let host: Vec<u8> =
        from.get(at + 1..)?.iter().take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b)).copied().collect();
    let last = host.rsplit(|byte| *byte == b'.').next()?.to_ascii_lowercase();
    String::from_utf8(last).ok().filter(|domain| domain.len() > 1)
}
