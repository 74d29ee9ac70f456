//! The parts of a message that are files: what they are called, what they are, how large.

use crate::letter::Letter;
use crate::mime::{self, Part, Tree};
use crate::{AttachmentPart, html, inner};
use std::collections::HashSet;

/// Characters of a file name that are kept.
const MAX_NAME: usize = 120;

/// Every leaf that is not the letter, in the order of the message.
pub(crate) fn list_attachments(tree: &Tree<'_>, letter: &Letter) -> Vec<AttachmentPart> {
    let shown = letter.html.as_deref().map(html::content_ids).unwrap_or_default();
    let used: HashSet<usize> = letter.used.iter().copied().collect();
    let mut found = Vec::new();
    for (number, part) in tree.parts.iter().enumerate() {
        if letter.with_files.contains(&number) {
            found.extend(inner::describe(tree, number, &shown));
        } else if !used.contains(&number) {
            let is_inline = part.fields.content_id.as_ref().is_some_and(|id| shown.contains(id));
            found.extend(describe(tree, number, is_inline));
        }
    }
    found
}

/// What is known of one part; `None` for a container.
pub(crate) fn describe(tree: &Tree<'_>, number: usize, inline: bool) -> Option<AttachmentPart> {
    let part = tree.parts.get(number).filter(|part| !part.is_container)?;
    Some(AttachmentPart {
        part: number,
        name: name_of(part, number),
        content_type: part.fields.media_type.clone(),
        size: mime::decoded_len(part),
        content_id: part.fields.content_id.clone(),
        inline,
    })
}

fn name_of(part: &Part<'_>, number: usize) -> String {
    let given = part.fields.name.as_deref().map(safe_name).filter(|name| !name.is_empty());
    given.unwrap_or_else(|| {
        let media_type = part.fields.media_type.as_str();
        let stem = if media_type == "message/rfc822" { attached_subject(part) } else { None };
        format!("{}.{}", stem.unwrap_or_else(|| format!("part-{number}")), extension(media_type))
    })
}

/// The subject of an attached message, as a name for it.
fn attached_subject(part: &Part<'_>) -> Option<String> {
    let (bytes, _) = mime::decode(part);
    let (header, _) = mime::split_header(&bytes);
    let message = mime::header_fields(header.get(..mime::MAX_HEADER).unwrap_or(header))?;
    Some(safe_name(message.subject()?)).filter(|name| !name.is_empty())
}

/// A name that stays in the folder it is put in, on any system, and reads as what it is: no path, no control
/// characters, none that turn the direction of the text (`gnp.exe` shown as `exe.png`).
pub fn safe_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            '\t' | '\r' | '\n' => ' ',
            c => c,
        })
        .filter(|c| !c.is_control() && !turns_direction(*c))
        .collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(words.trim_matches([' ', '.', '_']))
}

/// Cuts a long name before its extension.
fn shorten(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    stem.chars().take(MAX_NAME - extension.chars().count()).collect::<String>() + &extension
}

/// The controls of UAX #9, and those that are not seen at all.
pub(crate) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// The media type of a file, by its name.
pub(crate) fn media_type_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "txt" | "log" | "md" => "text/plain",
        "csv" => "text/csv",
        "htm" | "html" => "text/html",
        "ics" => "text/calendar",
        "vcf" => "text/vcard",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "doc" => "application/msword",
        "xls" => "application/vnd.ms-excel",
        "ppt" => "application/vnd.ms-powerpoint",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "eml" => "message/rfc822",
        _ => "application/octet-stream",
    }
}

pub(crate) fn extension(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/vcard" | "text/x-vcard" => "vcf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/pgp-signature" => "asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "p7s",
        "message/rfc822" | "message/global" => "eml",
        "message/delivery-status" | "text/rfc822-headers" => "txt",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_name_leaves_its_folder_or_reads_as_another() {
        let long = format!("{}.pdf", "a".repeat(300));
        let table = [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "etc_passwd"),
            ("C:\\boot.ini", "C__boot.ini"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            (" a\r\n b.txt ", "a b.txt"),
            ("...", ""),
            ("a\0b", "ab"),
        ];
        for (name, safe) in table {
            assert_eq!(safe_name(name), safe, "{name}");
        }
        assert_eq!(safe_name(&long).len(), MAX_NAME);
        assert!(safe_name(&long).ends_with(".pdf"));
    }
}
