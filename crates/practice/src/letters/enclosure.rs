//! What is enclosed in letters: documents, pictures, calendars, cards, archives.
//!
//! Written down as `kind | name | what is in it`. Kinds: `pdf`, `txt`, `csv`, `vcf` (name and address), `zip` (a text
//! in it), `photo` (a number picks it), `ics` (`name | what | in days | at hour | place`).

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::picture;
use crate::writer::{Part, crlf};

/// One enclosure.
#[derive(Debug, Clone)]
pub(super) struct Enclosure {
    content_type: &'static str,
    name: String,
    /// For `cid:` links to it.
    id: String,
    octets: Vec<u8>,
}

impl Enclosure {
    /// The part that carries it, `attachment` or `inline`.
    pub(super) fn part(&self, disposition: &str) -> Part {
        let part =
            Part::leaf(format!("{}; {}", self.content_type, parameter("name", &self.name)), self.octets.clone())
                .with("Content-Disposition", format!("{disposition}; {}", parameter("filename", &self.name)));
        if disposition == "inline" { part.with("Content-ID", format!("<{}>", self.id)) } else { part }
    }

    /// The part that asks for an answer, beside the text (RFC 6047 §2.4).
    pub(super) fn request(&self) -> Part {
        Part::leaf("text/calendar; charset=utf-8; method=REQUEST", self.octets.clone())
    }
}

/// A parameter with a file name, by RFC 2231 where it is not ASCII.
fn parameter(key: &str, value: &str) -> String {
    if value.is_ascii() {
        return format!("{key}=\"{value}\"");
    }
    let encoded: String = value
        .bytes()
        .map(|byte| {
            let plain = byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect();
    format!("{key}*=utf-8''{encoded}")
}

/// Makes what a letter's text asks for.
pub(super) fn make(spec: &str, letter: &str, sent: Timestamp) -> Enclosure {
    let words: Vec<&str> = spec.split('|').map(str::trim).collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let (name, text) = (word(1), word(2));
    let (content_type, octets) = match word(0) {
        "pdf" => ("application/pdf", pdf(text)),
        "csv" => ("text/csv", crlf(&text.replace("; ", "\n")).into_bytes()),
        "vcf" => ("text/vcard", card(text, word(3))),
        "zip" => ("application/zip", archive("read-me.txt", text.as_bytes())),
        "photo" => ("image/png", picture::landscape(text.parse().unwrap_or_default())),
        "ics" => ("text/calendar", calendar(letter, &words, sent)),
        _ => ("text/plain", format!("{}\r\n", crlf(&text.replace("; ", "\n"))).into_bytes()),
    };
    Enclosure { content_type, name: name.to_owned(), id: format!("picture.{letter}@practice"), octets }
}

/// A page of text as PDF; sentences become lines.
fn pdf(text: &str) -> Vec<u8> {
    let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    let lines: String = escaped.split("; ").map(|line| format!("({line}) Tj T*\n")).collect();
    let stream = format!("BT /F1 14 Tf 20 TL 72 760 Td\n{lines}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    let count = objects.len() + 1;
    file += &format!("xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

fn card(name: &str, address: &str) -> Vec<u8> {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    crlf(&format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nN:{last};{first};;;\nEMAIL:{address}\nEND:VCARD\n"))
        .into_bytes()
}

fn calendar(letter: &str, words: &[&str], sent: Timestamp) -> Vec<u8> {
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let number = |index: usize| word(index).parse::<i64>().unwrap_or(1);
    let day = sent.to_zoned(TimeZone::UTC).date().saturating_add(number(3).days());
    let stamp = sent.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    let (date, hour) = (day.strftime("%Y%m%d"), number(4));
    crlf(&format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Practice//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{letter}@practice.test\n\
         DTSTAMP:{stamp}\nDTSTART:{date}T{hour:02}0000Z\nDTEND:{date}T{:02}0000Z\nSUMMARY:{}\nLOCATION:{}\n\
         ATTENDEE;RSVP=TRUE:mailto:you@practice.test\nEND:VEVENT\nEND:VCALENDAR\n",
        (hour + 1).min(23),
        word(2),
        word(5)
    ))
    .into_bytes()
}

/// A ZIP archive with one stored file.
fn archive(name: &str, octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or_default().to_le_bytes();
    let name_length = u16::try_from(name.len()).unwrap_or_default().to_le_bytes();
    // Version 2.0, no flags, stored, no time; then checksum, both sizes, the name's length, no extra field.
    let common = [
        [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x58].as_slice(),
        &crc32(octets).to_le_bytes(),
        &length,
        &length,
        &name_length,
        &[0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04".as_slice(), &common, name.as_bytes(), octets].concat();
    let directory = [b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 14], name.as_bytes()].concat();
    let sizes = [directory.len(), local.len()].map(|size| u32::try_from(size).unwrap_or_default().to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &sizes.concat(), &[0, 0]].concat();
    [local, directory, end].concat()
}

fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enclosures_begin_as_their_kind_does() {
        let table = [
            ("pdf | a.pdf | One (1); Two", "application/pdf", b"%PDF-1.4".as_slice()),
            ("zip | a.zip | Hello", "application/zip", b"PK\x03\x04"),
            ("photo | a.png | 3", "image/png", b"\x89PNG"),
            ("vcf | a.vcf | Ann Lee | ann@a.test", "text/vcard", b"BEGIN:VCARD\r\n"),
            ("ics | a.ics | Tea | 3 | 16 | Garden", "text/calendar", b"BEGIN:VCALENDAR\r\n"),
            ("txt | a.txt | one; two", "text/plain", b"one\r\ntwo"),
        ];
        for (spec, content_type, start) in table {
            let made = make(spec, "x", Timestamp::UNIX_EPOCH);
            assert_eq!(made.content_type, content_type);
            assert!(made.octets.starts_with(start), "{spec}");
        }
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_name_that_is_not_ascii_is_encoded() {
        assert_eq!(parameter("filename", "Küche.pdf"), "filename*=utf-8''K%C3%BCche.pdf");
    }
}
