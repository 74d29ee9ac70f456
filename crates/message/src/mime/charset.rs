//! Character sets: the one that is named where it fits, a guess where it does not.

use crate::Defect;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// Octets that are looked at for a guess.
const GUESS_FROM: usize = 64 * 1024;

/// The text of these octets, and what was wrong with the name of their character set.
pub(crate) fn decode_text(bytes: &[u8], label: Option<&str>) -> (String, Option<Defect>) {
    let label = label.map(|label| label.trim().trim_matches(['"', '\''])).filter(|label| !label.is_empty());
    let Some(label) = label else {
        return (decode_guessed(bytes), None);
    };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => decode_named(bytes, encoding),
        None => match mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()) {
            // Old ones that the Encoding Standard left out: UTF-7, IBM code pages, Macintosh.
            Some(decoder) => (decoder(bytes), None),
            None => (decode_guessed(bytes), Some(Defect::UnknownCharset)),
        },
    }
}

/// A header block in UTF-8. Octets beyond ASCII that are not UTF-8 (RFC 6532) are what senders of another age left
/// there without encoding them.
pub(crate) fn utf8_header(block: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(block) {
        Ok(_) => Cow::Borrowed(block),
        Err(_) => Cow::Owned(decode_guessed(block).into_bytes()),
    }
}

fn decode_named(bytes: &[u8], encoding: &'static Encoding) -> (String, Option<Defect>) {
    // Text named ASCII or Latin 1 that is valid UTF-8 beyond ASCII is UTF-8: chance does not write it.
    if encoding == WINDOWS_1252 && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return (decode_with(bytes, UTF_8).0, Some(Defect::WrongCharset));
    }
    let (text, errors) = decode_with(bytes, encoding);
    if !errors {
        return (text, None);
    }
    // One broken sequence in much good text is a slip of the sender (a cut, a joined word); keep the rest as named.
    let broken = text.chars().filter(|c| *c == '\u{fffd}').count();
    let good = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
    if good > broken {
        return (text, Some(Defect::WrongCharset));
    }
    (decode_guessed(bytes), Some(Defect::WrongCharset))
}

fn decode_guessed(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..GUESS_FROM).unwrap_or(bytes), true);
    decode_with(bytes, detector.guess(None, Utf8Detection::Allow)).0
}

fn decode_with(bytes: &[u8], encoding: &'static Encoding) -> (String, bool) {
    let (text, _, errors) = encoding.decode(bytes);
    (text.into_owned(), errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_character_set_it_is_in() {
        let russian = "Добрый день, как у вас дела? Пишу вам по поводу договора.";
        type Row<'a> = (&'a [u8], Option<&'a str>, &'a str, Option<Defect>);
        let table: [Row<'_>; 9] = [
            (b"plain", None, "plain", None),
            ("grün".as_bytes(), Some("utf-8"), "grün", None),
            (b"gr\xfcn", Some("iso-8859-1"), "grün", None),
            ("grün".as_bytes(), Some("us-ascii"), "grün", Some(Defect::WrongCharset)),
            (b"gr\xfcn ist die Hoffnung", Some("utf-8"), "grün ist die Hoffnung", Some(Defect::WrongCharset)),
            (b"gr\xfcn ist die Hoffnung", None, "grün ist die Hoffnung", None),
            (b"\x1b$B%O%m!<\x1b(B", Some("ISO-2022-JP"), "ハロー", None),
            (b"+ZYeB9FH6ckh5Pg-", Some("utf-7"), "文致出版社", None),
            (
                &encoding_rs::WINDOWS_1251.encode(russian).0,
                Some("x-unheard-of"),
                russian,
                Some(Defect::UnknownCharset),
            ),
        ];
        for (bytes, label, text, defect) in table {
            assert_eq!(decode_text(bytes, label), (text.to_owned(), defect), "{label:?} {text}");
        }
    }
}
