//! A letter to bytes: RFC 5322, RFC 2045 ff., RFC 2047, RFC 2231.
//!
//! What comes in is what a person wrote; what goes out can go to any server as it is: ASCII, CRLF line ends, lines of
//! at most 998 octets (78 where words allow it), no Bcc, no value that begins another field. The shape, each level
//! only where it has more than one part:
//!
//! ```text
//! multipart/mixed
//!   multipart/alternative
//!     text/plain; format=flowed
//!     multipart/related
//!       text/html
//!       images that the HTML shows
//!   files
//! ```
//!
//! The fields say nothing of the computer or the program. With the same random bits the bytes are the same.

use crate::{attached::safe_name, flowed, header, html, is_seven_bit, mime, normalise_line_ends};
use jiff::{Timestamp, tz::Offset};
use model::{Address, EmailAddress};
use rand::RngCore;

/// Message-IDs in References: the first, which began the thread, and the last ones.
pub(crate) const MAX_REFERENCES: usize = 30;

/// A letter as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// From.
    pub from: Address,
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc: in the envelope, never in the bytes.
    pub bcc: Vec<Address>,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// The HTML that the editor holds; a fragment or a document.
    pub html: Option<String>,
    /// The plain text; made from the HTML where it is `None`.
    pub text: Option<String>,
    /// Files, and images that the HTML shows by `cid:`.
    pub attachments: Vec<Attachment>,
    /// The Message-ID that it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of its thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// When it was written.
    pub date: Timestamp,
    /// The sender's offset from UTC then.
    pub utc_offset: Offset,
    /// Its Message-ID without angle brackets; made from random bits and the sender's domain where it is `None`.
    pub message_id: Option<String>,
}

impl Letter {
    /// An empty letter from somebody, written at this time.
    pub fn new(from: Address, date: Timestamp, utc_offset: Offset) -> Self {
        Self {
            from,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            subject: String::new(),
            html: None,
            text: None,
            attachments: Vec::new(),
            in_reply_to: None,
            references: Vec::new(),
            date,
            utc_offset,
            message_id: None,
        }
    }
}

/// A file that goes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type; `application/octet-stream` is taken where it is not one.
    pub content_type: String,
    /// Content-ID without angle brackets, of an image that the HTML shows by `cid:`.
    pub content_id: Option<String>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A letter as it will travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The message: CRLF line ends, lines of at most 998 octets, ASCII (but see `needs_utf8`), no Bcc.
    pub bytes: Vec<u8>,
    /// Its Message-ID without angle brackets.
    pub message_id: String,
    /// Sender of the envelope.
    pub sender: EmailAddress,
    /// Recipients of the envelope: To, Cc and Bcc in this order, each once.
    pub recipients: Vec<EmailAddress>,
    /// Whether an address needs SMTPUTF8 (RFC 6531); then the headers hold UTF-8.
    pub needs_utf8: bool,
}

/// Why a letter cannot be built. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// From is not an address.
    #[error("the sender cannot be used: {0}")]
    Sender(model::AddressError),
    /// A recipient is not an address.
    #[error("a recipient cannot be used: {0}")]
    Recipient(model::AddressError),
    /// Nobody to send it to.
    #[error("the letter has no recipient; add one in To, Cc or Bcc")]
    NoRecipient,
}

/// The bytes of a letter.
pub fn build(letter: &Letter) -> Result<Built, ComposeError> {
    build_with(letter, &mut rand::rng())
}

/// The bytes of a letter, with the random bits for boundaries and Message-ID handed in: the same bits, the same bytes.
pub fn build_with(letter: &Letter, random: &mut impl RngCore) -> Result<Built, ComposeError> {
    let people = People::of(letter)?;
    if people.recipients.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    Ok(assemble(letter, people, random))
}

/// The bytes of a draft for the Drafts mailbox: it may have no recipient yet, and unlike a letter that is sent it
/// keeps its Bcc.
pub fn build_draft(letter: &Letter, random: &mut impl RngCore) -> Result<Built, ComposeError> {
    let people = People::of(letter)?;
    let blind = header::addresses("Bcc", &people.bcc);
    let mut built = assemble(letter, people, random);
    let mut bytes = blind.into_bytes();
    bytes.append(&mut built.bytes);
    Ok(Built { bytes, ..built })
}

/// Everybody a letter names, each address read and in its normal form.
struct People {
    sender: EmailAddress,
    from: Address,
    to: Vec<Address>,
    cc: Vec<Address>,
    bcc: Vec<Address>,
    reply_to: Vec<Address>,
    recipients: Vec<EmailAddress>,
}

impl People {
    fn of(letter: &Letter) -> Result<Self, ComposeError> {
        let sender = EmailAddress::parse(&letter.from.address).map_err(ComposeError::Sender)?;
        let mut recipients: Vec<EmailAddress> = Vec::new();
        let mut list = |addresses: &[Address]| -> Result<Vec<Address>, ComposeError> {
            let mut normal = Vec::with_capacity(addresses.len());
            for address in addresses {
                let read = EmailAddress::parse(&address.address).map_err(ComposeError::Recipient)?;
                normal.push(Address::new(address.name.clone(), read.to_string()));
                if !recipients.contains(&read) {
                    recipients.push(read);
                }
            }
            Ok(normal)
        };
        let (to, cc, bcc) = (list(&letter.to)?, list(&letter.cc)?, list(&letter.bcc)?);
        let mut reply_to = Vec::with_capacity(letter.reply_to.len());
        for address in &letter.reply_to {
            let read = EmailAddress::parse(&address.address).map_err(ComposeError::Recipient)?;
            reply_to.push(Address::new(address.name.clone(), read.to_string()));
        }
        let from = Address::new(letter.from.name.clone(), sender.to_string());
        Ok(Self { sender, from, to, cc, bcc, reply_to, recipients })
    }
}

fn assemble(letter: &Letter, people: People, random: &mut impl RngCore) -> Built {
    let message_id = match &letter.message_id {
        Some(id) => clean_id(id),
        None => header::new_id(random, people.sender.domain()),
    };
    let mut bytes = fields(letter, &people, &message_id).into_bytes();
    bytes.extend_from_slice(b"MIME-Version: 1.0\r\n");
    content(letter).write(random, &mut bytes);
    let named = people.to.iter().chain(&people.cc).chain(&people.reply_to);
    let needs_utf8 = people.sender.needs_utf8()
        || people.recipients.iter().any(EmailAddress::needs_utf8)
        || named.into_iter().any(|address| !address.address.is_ascii());
    Built { bytes, message_id, sender: people.sender, recipients: people.recipients, needs_utf8 }
}

fn fields(letter: &Letter, people: &People, message_id: &str) -> String {
    let references: Vec<String> = bounded_references(&letter.references).iter().map(|id| clean_id(id)).collect();
    let in_reply_to: Vec<String> = letter.in_reply_to.iter().map(|id| clean_id(id)).collect();
    let mut out = header::date(letter.date, letter.utc_offset);
    out += &header::addresses("From", std::slice::from_ref(&people.from));
    out += &header::addresses("Reply-To", &people.reply_to);
    out += &match (people.to.is_empty(), people.cc.is_empty()) {
        // Some servers refuse a message that names no recipient at all; an empty group names none (RFC 5322 §3.4).
        (true, true) if !people.bcc.is_empty() => "To: undisclosed-recipients:;\r\n".to_owned(),
        _ => header::addresses("To", &people.to),
    };
    out += &header::addresses("Cc", &people.cc);
    out += &header::text("Subject", &letter.subject);
    out += &header::ids("Message-ID", &[message_id.to_owned()]);
    out += &header::ids("In-Reply-To", &in_reply_to);
    out += &header::ids("References", &references);
    out
}

/// The chain that a letter carries: its beginning and its end (RFC 5322 §3.6.4 lets it grow without a bound).
pub(crate) fn bounded_references(references: &[String]) -> Vec<String> {
    let usable: Vec<&String> = references.iter().filter(|id| !id.is_empty() && id.len() < 500).collect();
    let skipped = usable.len().saturating_sub(MAX_REFERENCES - 1).max(1);
    let first = usable.first().copied();
    first.into_iter().chain(usable.iter().skip(skipped).copied()).cloned().collect()
}

fn clean_id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect()
}

/// A part to be written.
enum Node {
    Leaf { fields: String, body: Vec<u8> },
    Multi { subtype: &'static str, parts: Vec<Node> },
}

impl Node {
    fn multi(subtype: &'static str, mut parts: Vec<Node>) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Self::Multi { subtype, parts }
            }
        }
    }

    fn write(self, random: &mut impl RngCore, out: &mut Vec<u8>) {
        match self {
            Self::Leaf { fields, body } => {
                out.extend_from_slice(fields.as_bytes());
                out.extend_from_slice(b"\r\n");
                out.extend_from_slice(&body);
            }
            Self::Multi { subtype, parts } => {
                // `=_` cannot come in quoted-printable or base64, nor is it likely in text (RFC 2045 §6.7).
                let boundary = format!("=_{}", header::token(random));
                let field = format!("Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n");
                out.extend_from_slice(field.as_bytes());
                for part in parts {
                    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                    part.write(random, out);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

fn content(letter: &Letter) -> Node {
    let (shown, files): (Vec<&Attachment>, Vec<&Attachment>) = match &letter.html {
        Some(html) => {
            let ids = html::content_ids(html);
            letter.attachments.iter().partition(|file| file.content_id.as_ref().is_some_and(|id| ids.contains(id)))
        }
        None => (Vec::new(), letter.attachments.iter().collect()),
    };
    let mut views = vec![plain_part(letter)];
    if let Some(html) = &letter.html {
        let mut related = vec![html_part(html)];
        related.extend(shown.into_iter().map(|file| file_part(file, "inline")));
        views.push(Node::multi("related", related));
    }
    let mut mixed = vec![Node::multi("alternative", views)];
    mixed.extend(files.into_iter().map(|file| file_part(file, "attachment")));
    Node::multi("mixed", mixed)
}

fn plain_part(letter: &Letter) -> Node {
    let text = match (&letter.text, &letter.html) {
        (Some(text), _) => text.clone(),
        (None, Some(html)) => html::to_text(html),
        (None, None) => String::new(),
    };
    let text = flowed::wrap(&tidy(&text));
    text_part("text/plain; charset=utf-8; format=flowed", &text)
}

fn html_part(html: &str) -> Node {
    let document = html::for_sending(html);
    text_part("text/html; charset=utf-8", &document)
}

/// One kind of line end, no character that has no business in text.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn text_part(content_type: &str, text: &str) -> Node {
    let text = normalise_line_ends(text.as_bytes());
    let is_short = text.split(|byte| *byte == b'\n').all(|line| line.len() <= 79);
    // A trailing space is what makes a line flow, and some servers take it away; quoted-printable keeps it.
    let (encoding, body) = if is_seven_bit(&text) && is_short {
        ("7bit", text)
    } else {
        ("quoted-printable", mime::encode_quoted_printable(&text))
    };
    Node::Leaf { fields: format!("Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"), body }
}

fn file_part(file: &Attachment, disposition: &str) -> Node {
    let name = match safe_name(&file.name) {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    };
    let media_type = media_type(file);
    let mut fields = format!("Content-Type: {media_type}\r\n");
    fields += &format!("Content-Disposition: {disposition};\r\n{}", parameter("filename", &name));
    if let Some(id) = file.content_id.as_deref().map(clean_id).filter(|id| !id.is_empty()) {
        fields += &format!("Content-ID: <{id}>\r\n");
    }
    if media_type == "message/rfc822" {
        fields += "Content-Transfer-Encoding: 7bit\r\n";
        return Node::Leaf { fields, body: file.bytes.clone() };
    }
    fields += "Content-Transfer-Encoding: base64\r\n";
    Node::Leaf { fields, body: mime::encode_base64(&file.bytes) }
}

/// The media type, if it is one. An attached message may have no transfer encoding (RFC 2046 §5.2.1): one that cannot
/// go without is sent as the octets that it is.
fn media_type(file: &Attachment) -> String {
    let given = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let valid = given.len() < 128 && given.split_once('/').is_some_and(|(a, b)| is_token(a) && is_token(b));
    let normal = || is_seven_bit(&file.bytes) && normalise_line_ends(&file.bytes) == file.bytes;
    match given.as_str() {
        _ if !valid => "application/octet-stream".to_owned(),
        "message/rfc822" if !normal() => "application/octet-stream".to_owned(),
        _ if given.starts_with("multipart/") || (given.starts_with("message/") && given != "message/rfc822") => {
            "application/octet-stream".to_owned()
        }
        _ => given,
    }
}

/// A parameter on lines of its own: quoted where it is ASCII, in the extended writing of RFC 2231 where it is not,
/// in numbered pieces where it is long.
fn parameter(name: &str, value: &str) -> String {
    if value.is_ascii() && value.len() <= 60 {
        return format!(" {name}=\"{}\"\r\n", value.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let encoded = crate::percent::encode(value);
    if encoded.len() <= 50 {
        return format!(" {name}*=utf-8''{encoded}\r\n");
    }
    let mut lines = Vec::new();
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        // A piece never ends within an escape.
        let end = (rest.len().min(50).saturating_sub(2)..=rest.len().min(50))
            .find(|end| rest.get(*end..).is_some_and(|tail| tail.starts_with('%')))
            .unwrap_or(rest.len().min(50));
        let (piece, tail) = rest.split_at(end);
        let charset = if lines.is_empty() { "utf-8''" } else { "" };
        lines.push(format!(" {name}*{}*={charset}{piece}", lines.len()));
        rest = tail;
    }
    lines.join(";\r\n") + "\r\n"
}
