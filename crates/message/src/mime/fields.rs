//! Header fields, read by mail-parser: from the block of one part to owned values.

use super::utf8_header;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MimeHeaders};
use std::sync::OnceLock;

/// The transfer encoding of a part (RFC 2045 §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TransferEncoding {
    /// 7bit, 8bit, binary, or one that is not known.
    #[default]
    Identity,
    QuotedPrintable,
    Base64,
}

/// How the sender wants a part shown (RFC 2183).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Disposition {
    #[default]
    Unsaid,
    Inline,
    Attachment,
}

/// What the header of a part says of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    /// `type/subtype` in lower case; `text/plain` where it is not given.
    pub media_type: String,
    pub boundary: Option<Vec<u8>>,
    pub charset: Option<String>,
    /// `format=flowed` (RFC 3676).
    pub flowed: bool,
    /// `delsp=yes` (RFC 3676 §4.1).
    pub del_sp: bool,
    /// `start` of a multipart/related (RFC 2387), without angle brackets.
    pub start: Option<String>,
    pub encoding: TransferEncoding,
    pub disposition: Disposition,
    /// File name as given (RFC 2231 decoded).
    pub name: Option<String>,
    /// Without angle brackets.
    pub content_id: Option<String>,
}

/// Every field of a message's header. The value is `None` where there is no field at all.
pub(crate) fn header_fields(block: &[u8]) -> Option<Message<'static>> {
    static PARSER: OnceLock<MessageParser> = OnceLock::new();
    let parser = PARSER.get_or_init(|| {
        MessageParser::new()
            .with_mime_headers()
            .with_message_ids()
            .header_date(HeaderName::Date)
            .header_text(HeaderName::Subject)
            .with_address_headers()
            .default_header_raw()
            .ignore_header(HeaderName::Received)
    });
    Some(parser.parse_headers(closed(block).as_slice())?.into_owned())
}

/// A value that may have parameters (RFC 2045 §5.1, RFC 2183), decoded: the value itself, and each of them.
pub(crate) fn parameters(value: &str) -> Option<(String, Vec<(String, String)>)> {
    let block = closed(format!("Content-Type: {value}").as_bytes());
    let message = MessageParser::new().with_mime_headers().parse_headers(block.as_slice())?;
    let read = message.parts.first()?.content_type()?;
    let given = read.attributes().unwrap_or_default();
    let itself = [Some(read.ctype()), read.subtype()].into_iter().flatten().collect::<Vec<_>>().join("/");
    Some((itself, given.iter().map(|a| (a.name.to_string(), a.value.to_string())).collect()))
}

/// The MIME fields of one part. In a multipart/digest the type is message/rfc822 unless another is given.
pub(crate) fn part_fields(block: &[u8], in_digest: bool) -> Fields {
    static PARSER: OnceLock<MessageParser> = OnceLock::new();
    let default_type = if in_digest { "message/rfc822" } else { "text/plain" };
    let parser = PARSER.get_or_init(|| MessageParser::new().with_mime_headers().default_header_ignore());
    let block = closed(block);
    match parser.parse_headers(block.as_slice()) {
        Some(message) => fields_of(&message, default_type),
        None => Fields { media_type: default_type.to_owned(), ..Fields::default() },
    }
}

/// The block as UTF-8 and with an empty line at its end, which the parser counts on.
fn closed(block: &[u8]) -> Vec<u8> {
    let mut block = utf8_header(block).into_owned();
    block.extend_from_slice(b"\r\n\r\n");
    block
}

fn fields_of(message: &Message<'_>, default_type: &str) -> Fields {
    let Some(part) = message.parts.first() else {
        return Fields { media_type: default_type.to_owned(), ..Fields::default() };
    };
    // Where it comes twice, the first counts, as for every field.
    let first = part.headers.iter().find(|header| header.name == HeaderName::ContentType);
    let content_type = first.and_then(|header| header.value.as_content_type());
    let parameter = |name| content_type.and_then(|content_type| content_type.attribute(name));
    let said = |name, value: &str| parameter(name).is_some_and(|given| given.trim().eq_ignore_ascii_case(value));
    Fields {
        media_type: content_type.map_or_else(|| default_type.to_owned(), media_type),
        boundary: parameter("boundary").map(|boundary| boundary.trim_end().as_bytes().to_vec()),
        charset: parameter("charset").map(str::to_owned),
        flowed: said("format", "flowed"),
        del_sp: said("delsp", "yes"),
        start: parameter("start").map(|start| bare_id(start).to_owned()),
        encoding: transfer_encoding(part.content_transfer_encoding()),
        disposition: disposition(part.content_disposition()),
        name: part.attachment_name().map(str::to_owned),
        content_id: match part.headers.iter().find(|header| header.name == HeaderName::ContentId).map(|h| &h.value) {
            Some(HeaderValue::Text(id)) => Some(bare_id(id).to_owned()),
            Some(HeaderValue::TextList(ids)) => ids.first().map(|id| bare_id(id).to_owned()),
            _ => None,
        }
        .filter(|id| !id.is_empty()),
    }
}

fn media_type(content_type: &mail_parser::ContentType<'_>) -> String {
    let subtype = content_type.subtype().unwrap_or(match content_type.ctype() {
        "text" => "plain",
        _ => "octet-stream",
    });
    format!("{}/{}", content_type.ctype().trim(), subtype.trim()).to_ascii_lowercase()
}

fn transfer_encoding(value: Option<&str>) -> TransferEncoding {
    match value.map(|value| value.trim().to_ascii_lowercase()).as_deref() {
        Some("base64") => TransferEncoding::Base64,
        Some("quoted-printable") => TransferEncoding::QuotedPrintable,
        _ => TransferEncoding::Identity,
    }
}

fn disposition(value: Option<&mail_parser::ContentType<'_>>) -> Disposition {
    match value {
        Some(value) if value.ctype().eq_ignore_ascii_case("inline") => Disposition::Inline,
        // RFC 2183 §2.8: what is not known is an attachment.
        Some(_) => Disposition::Attachment,
        None => Disposition::Unsaid,
    }
}

/// The identifier without angle brackets and white space.
pub(crate) fn bare_id(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>').trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_in_every_writing_are_read() {
        let table = [
            ("Content-Disposition: attachment; filename=\"a b.txt\"", "a b.txt"),
            ("Content-Disposition: attachment; filename*=UTF-8''%C3%BCber.txt", "über.txt"),
            ("Content-Disposition: attachment; filename*0*=UTF-8''%C3%BC; filename*1=\"ber.txt\"", "über.txt"),
            ("Content-Disposition: attachment; filename*=iso-8859-1'de'%FCber.txt", "über.txt"),
            ("Content-Disposition: attachment; filename=\"=?utf-8?q?=C3=BCber=2Etxt?=\"", "über.txt"),
            ("Content-Type: application/pdf; name=\"x.pdf\"", "x.pdf"),
            ("Content-Disposition: attachment;\r\n filename=folded.txt", "folded.txt"),
        ];
        for (header, name) in table {
            assert_eq!(part_fields(header.as_bytes(), false).name.as_deref(), Some(name), "{header}");
        }
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let fields = part_fields(b"", false);
        assert_eq!((fields.media_type.as_str(), fields.disposition), ("text/plain", Disposition::Unsaid));
        assert_eq!(part_fields(b"X: y", true).media_type, "message/rfc822");
        assert_eq!(part_fields(b"Content-Type: TEXT", false).media_type, "text/plain");
        assert_eq!(part_fields(b"Content-Disposition: odd", false).disposition, Disposition::Attachment);
    }
}
