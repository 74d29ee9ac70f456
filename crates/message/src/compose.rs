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
//!
//! lettre writes the fields, the parts and their encodings. Its `MessageBuilder` is passed by: it reads the fields back
//! with a parser that does not take every valid address, writes a new Date where it cannot read the old one, and wants
//! a recipient even for a draft.

use crate::{attached::safe_name, flowed, header, html, is_seven_bit, mime, normalise_line_ends};
use jiff::{Timestamp, tz::Offset};
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, HeaderValue, Headers, MIME_VERSION_1_0,
};
use lettre::message::{Body, MultiPart, MultiPartKind, SinglePart};
use model::{Address, EmailAddress};
use rand::RngCore;

/// Octets of an identifier that is written; a longer one is passed over, because no line could hold it.
const MAX_ID: usize = 500;
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
    let blind = header::addresses(header::name("Bcc"), &people.bcc);
    let mut built = assemble(letter, people, random);
    let mut bytes = blind.map(header::line).unwrap_or_default().into_bytes();
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
    let given = letter.message_id.as_deref().and_then(usable_id);
    let message_id = given.unwrap_or_else(|| header::new_id(random, people.sender.domain()));
    let mut headers = fields(letter, &people, &message_id);
    headers.set(MIME_VERSION_1_0);
    let mut bytes = headers.to_string().into_bytes();
    bytes.append(&mut content(letter, random).written());
    let named = people.to.iter().chain(&people.cc).chain(&people.reply_to);
    let needs_utf8 = people.sender.needs_utf8()
        || people.recipients.iter().any(EmailAddress::needs_utf8)
        || named.into_iter().any(|address| !address.address.is_ascii());
    Built { bytes, message_id, sender: people.sender, recipients: people.recipients, needs_utf8 }
}

fn fields(letter: &Letter, people: &People, message_id: &str) -> Headers {
    let references: Vec<String> =
        bounded_references(&letter.references).iter().filter_map(|id| usable_id(id)).collect();
    let in_reply_to: Vec<String> = letter.in_reply_to.iter().filter_map(|id| usable_id(id)).collect();
    let addresses = |name, list: &[Address]| header::addresses(header::name(name), list);
    let ids = |name, list: &[String]| header::ids(header::name(name), list);
    let fields = [
        Some(header::date(letter.date, letter.utc_offset)),
        addresses("From", std::slice::from_ref(&people.from)),
        addresses("Reply-To", &people.reply_to),
        addresses("To", &people.to).or_else(|| nobody_named(people)),
        addresses("Cc", &people.cc),
        Some(header::text(header::name("Subject"), &letter.subject)),
        ids("Message-ID", &[message_id.to_owned()]),
        ids("In-Reply-To", &in_reply_to),
        ids("References", &references),
    ];
    let mut headers = Headers::new();
    fields.into_iter().flatten().for_each(|field| headers.insert_raw(field));
    headers
}

/// Some servers refuse a message that names no recipient at all; an empty group names none (RFC 5322 §3.4).
fn nobody_named(people: &People) -> Option<HeaderValue> {
    let only_blind = people.cc.is_empty() && !people.bcc.is_empty();
    only_blind.then(|| HeaderValue::new(header::name("To"), "undisclosed-recipients:;".to_owned()))
}

/// The chain that a letter carries: its beginning and its end (RFC 5322 §3.6.4 lets it grow without a bound).
pub(crate) fn bounded_references(references: &[String]) -> Vec<String> {
    let usable: Vec<&String> = references.iter().filter(|id| !id.is_empty() && id.len() <= MAX_ID).collect();
    let skipped = usable.len().saturating_sub(MAX_REFERENCES - 1).max(1);
    let first = usable.first().copied();
    first.into_iter().chain(usable.iter().skip(skipped).copied()).cloned().collect()
}

/// The identifier without what has no place in one; `None` where nothing is left, or too much.
fn usable_id(id: &str) -> Option<String> {
    let id: String = id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect();
    (1..=MAX_ID).contains(&id.len()).then_some(id)
}

/// A part to be written.
enum Node {
    Leaf(SinglePart),
    Multi(MultiPart),
}

impl Node {
    /// The parts as one: a single one is itself.
    fn of(kind: MultiPartKind, parts: Vec<Self>, random: &mut impl RngCore) -> Self {
        let mut parts = parts.into_iter();
        match (parts.next(), parts.next()) {
            (Some(only), None) => only,
            (first, second) => {
                let multi = MultiPart::builder().kind(kind).boundary(boundary(random)).build();
                Self::Multi(first.into_iter().chain(second).chain(parts).fold(multi, |multi, part| match part {
                    Self::Leaf(part) => multi.singlepart(part),
                    Self::Multi(part) => multi.multipart(part),
                }))
            }
        }
    }

    /// The part as the whole content of a message, with its fields and its last line ended, as the wire would do: what
    /// is queued, filed and sent are the same bytes. Where it is a leaf, lettre would add an empty line.
    fn written(self) -> Vec<u8> {
        let mut bytes = match self {
            Self::Leaf(part) => {
                let mut bytes = format!("{}\r\n", part.headers()).into_bytes();
                bytes.extend_from_slice(part.raw_body());
                bytes
            }
            Self::Multi(part) => part.formatted(),
        };
        if !bytes.ends_with(b"\r\n") {
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }
}

/// `=_` cannot come in quoted-printable or base64, nor is it likely in text (RFC 2045 §6.7).
pub(crate) fn boundary(random: &mut impl RngCore) -> String {
    format!("=_{}", header::token(random))
}

fn content(letter: &Letter, random: &mut impl RngCore) -> Node {
    let (shown, files): (Vec<&Attachment>, Vec<&Attachment>) = match &letter.html {
        Some(html) => {
            let ids = html::content_ids(html);
            letter.attachments.iter().partition(|file| file.content_id.as_ref().is_some_and(|id| ids.contains(id)))
        }
        None => (Vec::new(), letter.attachments.iter().collect()),
    };
    let mut views = vec![plain_part(letter)];
    if let Some(html) = &letter.html {
        let mut related = vec![text_part("text/html; charset=utf-8", &html::for_sending(html))];
        related.extend(shown.into_iter().map(|file| file_part(file, ContentDisposition::inline_with_name)));
        views.push(Node::of(MultiPartKind::Related, related, random));
    }
    let mut mixed = vec![Node::of(MultiPartKind::Alternative, views, random)];
    mixed.extend(files.into_iter().map(|file| file_part(file, ContentDisposition::attachment)));
    Node::of(MultiPartKind::Mixed, mixed, random)
}

fn plain_part(letter: &Letter) -> Node {
    let text = match (&letter.text, &letter.html) {
        (Some(text), _) => text.clone(),
        (None, Some(html)) => html::to_text(html),
        (None, None) => String::new(),
    };
    text_part("text/plain; charset=utf-8; format=flowed", &flowed::wrap(&tidy(&text)))
}

/// One kind of line end, no character that has no business in text.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn text_part(media_type: &str, text: &str) -> Node {
    let body = mime::encode_text(normalise_line_ends(text.as_bytes()));
    Node::Leaf(SinglePart::builder().content_type(content_type(media_type)).body(body))
}

fn file_part(file: &Attachment, disposition: fn(&str) -> ContentDisposition) -> Node {
    let name = match safe_name(&file.name) {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    };
    let media_type = media_type(file);
    let mut part = SinglePart::builder().content_type(content_type(&media_type)).header(disposition(&name));
    if let Some(id) = file.content_id.as_deref().and_then(usable_id) {
        part = part.header(ContentId::from(format!("<{id}>")));
    }
    Node::Leaf(part.body(match media_type.as_str() {
        "message/rfc822" => Body::dangerous_pre_encoded(file.bytes.clone(), ContentTransferEncoding::SevenBit),
        _ => mime::encode_octets(file.bytes.clone()),
    }))
}

/// A media type with its parameters.
pub(crate) fn content_type(text: &str) -> ContentType {
    let usable = [text, "application/octet-stream"].into_iter().find_map(|text| ContentType::parse(text).ok());
    usable.unwrap_or(ContentType::TEXT_PLAIN)
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
