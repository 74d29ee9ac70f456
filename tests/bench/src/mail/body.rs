//! What stands in a letter: text, HTML, and files.

use super::random::Random;
use super::words::{Language, Vocabulary};
use std::fmt::Write;

/// Octets of text in a letter that has no HTML, about, and the least.
const TEXT: (usize, usize) = (3900, 500);
/// Octets of text in a letter that has HTML beside it.
const BESIDE_HTML: (usize, usize) = (3100, 400);
/// Octets of files.
const FILE: (usize, usize) = (17_000, 2000);

/// A body that is to be written.
pub struct Body<'a> {
    pub vocabulary: &'a Vocabulary,
    pub language: Language,
    /// Its first words.
    pub opening: String,
    /// The first words of what it answers.
    pub quoted: Option<String>,
    pub scale: f64,
}

impl Body<'_> {
    /// Writes the rest of the headers and what comes after them.
    pub fn write(&self, letter: &mut String, random: &mut Random) {
        let boundary = format!("b{:016x}", random.next());
        match random.below(100) {
            0..38 => self.text_alone(letter, random),
            38..84 => {
                let _ = write!(letter, "Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n");
                self.alternative(letter, &boundary, random);
            }
            _ => self.with_file(letter, &boundary, random),
        }
    }

    fn text_alone(&self, letter: &mut String, random: &mut Random) {
        let paragraphs = self.paragraphs(self.length(TEXT, random), random);
        part(letter, "text/plain", &self.plain(&paragraphs));
    }

    fn alternative(&self, letter: &mut String, boundary: &str, random: &mut Random) {
        let paragraphs = self.paragraphs(self.length(BESIDE_HTML, random), random);
        let _ = write!(letter, "--{boundary}\r\n");
        part(letter, "text/plain", &self.plain(&paragraphs));
        let _ = write!(letter, "--{boundary}\r\n");
        part(letter, "text/html", &self.html(&paragraphs, random));
        let _ = write!(letter, "--{boundary}--\r\n");
    }

    fn with_file(&self, letter: &mut String, boundary: &str, random: &mut Random) {
        let _ = write!(letter, "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n");
        if random.happens(0.5) {
            let inner = format!("{boundary}i");
            let _ = write!(letter, "Content-Type: multipart/alternative; boundary=\"{inner}\"\r\n\r\n");
            self.alternative(letter, &inner, random);
        } else {
            self.text_alone(letter, random);
        }
        let (kind, ending) =
            random.one(&[("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("application/zip", "zip")]);
        let name = format!("{}-{}.{ending}", self.vocabulary.word(Language::Plain, random), random.below(1000));
        let _ = write!(
            letter,
            "--{boundary}\r\nContent-Type: {kind}; name=\"{name}\"\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        );
        let length = self.length(FILE, random);
        lines(letter, &noise(random, length * 4 / 3));
        let _ = write!(letter, "--{boundary}--\r\n");
    }

    /// Most are shorter than the average, a few are much longer.
    fn length(&self, (mean, least): (usize, usize), random: &mut Random) -> usize {
        let length = -(1.0 - random.part()).ln() * (mean - least) as f64 + least as f64;
        (length.min(mean as f64 * 12.0) * self.scale) as usize
    }

    fn paragraphs(&self, length: usize, random: &mut Random) -> Vec<String> {
        let mut paragraphs = vec![self.opening.clone()];
        let mut written = self.opening.len();
        while written < length {
            let mut paragraph = String::new();
            for _ in 0..2 + random.below(5) {
                for place in 0..4 + random.below(14) {
                    if place > 0 {
                        paragraph.push_str(self.language.space());
                    }
                    paragraph.push_str(self.vocabulary.word(self.language, random));
                }
                paragraph.push_str(self.language.stop());
            }
            written += paragraph.len();
            paragraphs.push(paragraph);
        }
        paragraphs
    }

    fn plain(&self, paragraphs: &[String]) -> String {
        let mut text = String::new();
        for paragraph in paragraphs {
            wrapped(&mut text, "", paragraph);
            text.push_str("\r\n");
        }
        if let Some(quoted) = &self.quoted {
            text.push_str("On that day somebody wrote:\r\n");
            wrapped(&mut text, "> ", quoted);
        }
        text
    }

    fn html(&self, paragraphs: &[String], random: &mut Random) -> String {
        let mut text = String::from(
            "<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\">\r\n<style>\r\n\
             body { margin: 0; padding: 0; background: #f4f4f7; font-family: Helvetica, Arial, sans-serif; }\r\n\
             .outer { width: 100%; border-collapse: collapse; }\r\n\
             .inner { max-width: 600px; margin: 0 auto; background: #ffffff; color: #333333; }\r\n\
             p { margin: 0 0 1em 0; line-height: 1.5; }\r\na { color: #1a5fb4; }\r\n</style></head>\r\n<body>\
             <table class=\"outer\" role=\"presentation\"><tr><td><div class=\"inner\">\r\n",
        );
        for paragraph in paragraphs {
            text.push_str("<p style=\"font-size:15px\">");
            wrapped(&mut text, "", paragraph);
            text.push_str("</p>\r\n");
            if random.happens(0.15) {
                let link = noise(random, 40).replace(['+', '/'], "x");
                let _ = write!(text, "<p><a href=\"https://news.example/click?u={link}\">Read more</a></p>\r\n");
            }
        }
        if let Some(quoted) = &self.quoted {
            text.push_str("<blockquote type=\"cite\">");
            wrapped(&mut text, "", quoted);
            text.push_str("</blockquote>\r\n");
        }
        text.push_str("</div></td></tr></table></body></html>\r\n");
        text
    }
}

/// A part with its headers: as it is where it is ASCII, else quoted-printable or base64, whichever is shorter.
fn part(letter: &mut String, kind: &str, text: &str) {
    let _ = write!(letter, "Content-Type: {kind}; charset=utf-8\r\n");
    let odd = text.bytes().filter(|byte| !byte.is_ascii()).count();
    if odd == 0 {
        letter.push_str("Content-Transfer-Encoding: 7bit\r\n\r\n");
        letter.push_str(text);
    } else if odd * 6 < text.len() {
        letter.push_str("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        quoted_printable(letter, text);
    } else {
        letter.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        lines(letter, &base64(text.as_bytes()));
    }
}

fn wrapped(text: &mut String, before: &str, paragraph: &str) {
    let mut column = 0;
    text.push_str(before);
    for word in paragraph.split_inclusive(' ') {
        if column > 0 && column + word.len() > 74 {
            text.push_str("\r\n");
            text.push_str(before);
            column = 0;
        }
        text.push_str(word);
        column += word.len();
    }
    text.push_str("\r\n");
}

fn quoted_printable(letter: &mut String, text: &str) {
    for line in text.split_terminator("\r\n") {
        let mut column = 0;
        for byte in line.bytes() {
            if column > 70 {
                letter.push_str("=\r\n");
                column = 0;
            }
            if byte == b'=' || !byte.is_ascii() {
                let _ = write!(letter, "={byte:02X}");
                column += 3;
            } else {
                letter.push(char::from(byte));
                column += 1;
            }
        }
        letter.push_str("\r\n");
    }
}

fn lines(letter: &mut String, mut signs: &str) {
    while !signs.is_empty() {
        let (line, rest) = signs.split_at(signs.len().min(76));
        letter.push_str(line);
        letter.push_str("\r\n");
        signs = rest;
    }
}

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of bytes that nobody can compress.
pub fn noise(random: &mut Random, signs: usize) -> String {
    let signs = signs.next_multiple_of(4);
    let mut text = String::with_capacity(signs + 8);
    while text.len() < signs {
        let mut bits = random.next();
        for _ in 0..8 {
            text.push(char::from(SIGNS[(bits & 63) as usize]));
            bits >>= 6;
        }
    }
    text.truncate(signs);
    text
}

/// Base64 (RFC 4648).
pub fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = if place <= three.len() { SIGNS[(bits >> (18 - 6 * place) & 63) as usize] } else { b'=' };
            text.push(char::from(sign));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
