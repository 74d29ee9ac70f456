//! Character sets: the one that is named where it fits, a guess where it does not.
//!
//! | the text | is read as |
//! |---|---|
//! | names a set that it is in | that |
//! | names ASCII or Latin 1, and is UTF-8 beyond ASCII | UTF-8: chance does not write it |
//! | names ASCII, and is neither | a guess |
//! | names a set, with fewer errors than other letters | that, the errors marked |
//! | names another, an unknown one, or none | a guess |
//!
//! A guess looks for what cannot be mistaken first (UTF-8, the escapes of ISO-2022, UTF-16 by its zeros), then for what
//! is likely in the language, for which the sender's top-level domain is a hint. UTF-7 is never guessed: any ASCII text
//! could be made to say something else in it. All of it happens before HTML is made safe.

mod escapes;

use crate::Defect;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GBK, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

pub(crate) use escapes::sender_domain;

/// Octets that are looked at for a guess.
const GUESS_FROM: usize = 64 * 1024;

/// What a guess may lean on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hint<'a> {
    /// The top-level domain of the sender, in lower case.
    pub domain: Option<&'a str>,
    /// The character set that is named elsewhere for the same message.
    pub beside: Option<&'a str>,
}

/// The text of these octets, and what was wrong with the name of their character set.
pub(crate) fn decode_text(bytes: &[u8], label: Option<&str>, hint: Hint<'_>) -> (String, Option<Defect>) {
    let label = label.map(clean_label).filter(|label| !label.is_empty());
    let Some(label) = label else {
        return (decode_guessed(bytes, hint), None);
    };
    if let Some(text) = escapes::decode(bytes, label) {
        return (text, None);
    }
    match by_label(label) {
        Some(encoding) => decode_named(bytes, encoding, label, hint),
        None => match mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()) {
            // Old ones that the Encoding Standard left out: UTF-7, IBM code pages, Macintosh.
            Some(decoder) => (decoder(bytes), None),
            None => (decode_guessed(bytes, hint), Some(Defect::UnknownCharset)),
        },
    }
}

/// A header block in UTF-8. Lines beyond ASCII that are not UTF-8 (RFC 6532) are what senders of another age left there
/// without encoding them: most are in the set of the body, else they are guessed from each other.
pub(crate) fn utf8_header(block: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(block).is_ok() {
        return Cow::Borrowed(block);
    }
    let lines = || block.split_inclusive(|byte| *byte == b'\n');
    let strange: Vec<u8> = lines().filter(|line| std::str::from_utf8(line).is_err()).flatten().copied().collect();
    let beside = escapes::parameter(block, b"charset=");
    let domain = escapes::sender_domain(block);
    let encoding = guess(&strange, Hint { domain: domain.as_deref(), beside: beside.as_deref() });
    let mut out = Vec::with_capacity(block.len() + strange.len());
    for line in lines() {
        match std::str::from_utf8(line) {
            Ok(_) => out.extend_from_slice(line),
            Err(_) => {
                let line = escapes::in_encoded_words(line);
                out.extend_from_slice(encoding.decode_without_bom_handling(&line).0.as_bytes());
            }
        }
    }
    Cow::Owned(out)
}

/// `"UTF-8";`, `utf-8http-equiv`: the name without what stuck to it.
fn clean_label(label: &str) -> &str {
    let label = label.trim().trim_matches(['"', '\'']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+' | '(' | ')');
    label.split(|c| !is_name(c)).next().unwrap_or_default()
}

/// The names of the Encoding Standard, and those that programs write instead.
fn by_label(label: &str) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        return Some(encoding).filter(|encoding| *encoding != REPLACEMENT);
    }
    let label = label.to_ascii_lowercase().replace('_', "-");
    let page = label.strip_prefix("cp").or(label.strip_prefix("ms")).or(label.strip_prefix("windows-"));
    let name: &str = match page.map(|page| page.trim_start_matches('-')) {
        Some("932") => "shift_jis",
        Some("936") => "gbk",
        Some("949") => "euc-kr",
        Some("950") => "big5",
        Some("874") => "windows-874",
        Some("65001") => "utf-8",
        _ => match label.as_str() {
            "utf8mb4" | "utf-8mb4" | "utf" | "unicode" | "utf-8-sig" => "utf-8",
            "gb18030-2000" | "gb-18030" => "gb18030",
            "big5-eten" | "cn-big5" => "big5",
            "eucjp" => "euc-jp",
            "euckr" | "ks-c-5601" => "euc-kr",
            "iso-8859-8-1" => "iso-8859-8-i",
            "koi8" => "koi8-r",
            "shiftjis" | "shift-jis" => "shift_jis",
            "tis620" | "tis-620" => "windows-874",
            other => other,
        },
    };
    let latin = name.strip_prefix("iso8859-").or(name.strip_prefix("iso-8859-"));
    let encoding = Encoding::for_label(name.as_bytes())
        .or_else(|| Encoding::for_label(format!("iso-8859-{}", latin?).as_bytes()));
    encoding.filter(|encoding| *encoding != REPLACEMENT)
}

fn is_ascii_label(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    matches!(label.as_str(), "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso646-us" | "us")
}

fn decode_named(bytes: &[u8], encoding: &'static Encoding, label: &str, hint: Hint<'_>) -> (String, Option<Defect>) {
    if bytes.is_ascii() && encoding.is_ascii_compatible() {
        return (decode_with(bytes, encoding).0, None);
    }
    if encoding == WINDOWS_1252 && std::str::from_utf8(bytes).is_ok() {
        return (decode_with(bytes, UTF_8).0, Some(Defect::WrongCharset));
    }
    if is_ascii_label(label) {
        return (decode_guessed(bytes, hint), Some(Defect::WrongCharset));
    }
    // Without a mark of its order it may be either (RFC 2781 §4.3), and both are met.
    let encoding = match utf16_by_zeros(bytes) {
        Some(order) if encoding == UTF_16LE || encoding == UTF_16BE => order,
        _ => encoding,
    };
    // GBK is named where GB 18030 is written.
    let (text, errors) = decode_with(bytes, if encoding == GBK { encoding_rs::GB18030 } else { encoding });
    if !errors {
        return (text, None);
    }
    // One broken sequence in much good text is a slip of the sender (a cut, a joined word); keep the rest as named.
    let broken = text.chars().filter(|c| *c == '\u{fffd}').count();
    let good = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
    if good > broken {
        return (text, Some(Defect::WrongCharset));
    }
    (decode_guessed(bytes, hint), Some(Defect::WrongCharset))
}

fn decode_guessed(bytes: &[u8], hint: Hint<'_>) -> String {
    let is_escaped =
        || memchr::memmem::find(bytes, b"\x1b$").is_some() || memchr::memmem::find(bytes, b"\x1b(").is_some();
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_escaped() && utf16_by_zeros(bytes).is_none() => {
            text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
        }
        _ => decode_with(bytes, guess(bytes, hint)).0,
    }
}

fn guess(bytes: &[u8], hint: Hint<'_>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = utf16_by_zeros(bytes) {
        return encoding;
    }
    let beside = hint.beside.map(clean_label).and_then(by_label).filter(|encoding| {
        encoding.is_ascii_compatible() && *encoding != UTF_8 && !encoding.decode_without_bom_handling(bytes).1
    });
    // Every octet is something in Latin 1, so that it proves nothing that the text can be read in it.
    if let Some(encoding) = beside.filter(|encoding| *encoding != WINDOWS_1252) {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..GUESS_FROM).unwrap_or(bytes), true);
    detector.guess(hint.domain.filter(|domain| is_domain(domain)).map(str::as_bytes), Utf8Detection::Allow)
}

/// chardetng takes no name that is not one: lower case, and without a dot.
fn is_domain(domain: &str) -> bool {
    (2..=24).contains(&domain.len())
        && domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Text in an alphabet has a zero in every other octet.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let seen = bytes.get(..GUESS_FROM.min(bytes.len())).filter(|seen| seen.len() >= 8)?;
    memchr::memchr(0, seen)?;
    let zeros = |offset: usize| seen.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), seen.len() / 2);
    if odd * 10 > half * 4 && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 10 > half * 4 && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn decode_with(bytes: &[u8], encoding: &'static Encoding) -> (String, bool) {
    let (text, _, errors) = encoding.decode(bytes);
    (text.into_owned(), errors)
}

#[cfg(test)]
mod tests;
