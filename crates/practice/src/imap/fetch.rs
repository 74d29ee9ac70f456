//! One letter as FETCH shows it (RFC 3501 §6.4.5, §7.4.2): from a letter and item names to a response.

use std::cell::OnceCell;

use imap_types::core::AString;
use imap_types::fetch::{MessageDataItemName, Part, Section};

use super::announce::flag_list;
use super::structure::{self, Detail};
use super::text::{literal, nstring};
use crate::mailroom::Letter;
use crate::mime::{self, Entity, Inside, slice};

/// Whether fetching these items marks a letter as seen.
pub(crate) fn marks_seen(items: &[MessageDataItemName<'_>]) -> bool {
    items.iter().any(|item| match item {
        MessageDataItemName::BodyExt { peek, .. } => !peek,
        MessageDataItemName::Rfc822 | MessageDataItemName::Rfc822Text => true,
        _ => false,
    })
}

/// The untagged FETCH response of one letter. What needs BINARY, which is not offered, is left out.
pub(crate) fn response(number: u32, letter: &Letter, items: &[MessageDataItemName<'_>]) -> Vec<u8> {
    let shown = Shown { letter, parsed: OnceCell::new() };
    let items: Vec<Vec<u8>> = items.iter().filter_map(|item| shown.item(item)).collect();
    [format!("* {number} FETCH (").as_bytes(), &items.join(b" ".as_slice()), b")\r\n"].concat()
}

/// A letter that is parsed only when an item needs it: a sweep over flags must stay quick.
struct Shown<'a> {
    letter: &'a Letter,
    parsed: OnceCell<Entity>,
}

impl Shown<'_> {
    fn entity(&self) -> &Entity {
        self.parsed.get_or_init(|| Entity::parse(self.bytes()))
    }

    fn bytes(&self) -> &[u8] {
        &self.letter.bytes
    }

    fn item(&self, item: &MessageDataItemName<'_>) -> Option<Vec<u8>> {
        use MessageDataItemName as Item;
        let letter = self.letter;
        Some(match item {
            Item::Uid => format!("UID {}", letter.uid).into_bytes(),
            Item::Flags => format!("FLAGS ({})", flag_list(&letter.flags)).into_bytes(),
            Item::ModSeq => format!("MODSEQ ({})", letter.modseq).into_bytes(),
            Item::InternalDate => format!("INTERNALDATE \"{}\"", internal_date(letter)).into_bytes(),
            Item::Rfc822Size => format!("RFC822.SIZE {}", letter.bytes.len()).into_bytes(),
            Item::Envelope => named("ENVELOPE", structure::envelope(self.bytes(), self.entity())),
            Item::Body => named("BODY", structure::body(self.bytes(), self.entity(), Detail::Body)),
            Item::BodyStructure => {
                named("BODYSTRUCTURE", structure::body(self.bytes(), self.entity(), Detail::BodyStructure))
            }
            Item::Rfc822 => named("RFC822", literal(self.bytes())),
            Item::Rfc822Header => named("RFC822.HEADER", literal(slice(self.bytes(), &self.entity().header))),
            Item::Rfc822Text => named("RFC822.TEXT", literal(slice(self.bytes(), &self.entity().body))),
            Item::BodyExt { section, partial, .. } => {
                let octets = self.section(section.as_ref());
                let name = section.as_ref().map(section_name).unwrap_or_default();
                match partial {
                    None => named(&format!("BODY[{name}]"), literal_or_nil(octets.as_deref())),
                    Some((start, length)) => {
                        let piece = octets.map(|octets| window(&octets, *start as usize, length.get() as usize));
                        named(&format!("BODY[{name}]<{start}>"), literal_or_nil(piece.as_deref()))
                    }
                }
            }
            Item::Binary { .. } | Item::BinarySize { .. } => return None,
        })
    }

    /// The octets of a section; `None` where the letter has no such part.
    fn section(&self, section: Option<&Section<'_>>) -> Option<Vec<u8>> {
        let bytes = self.bytes();
        Some(match section {
            None => bytes.to_vec(),
            Some(Section::Part(part)) => slice(bytes, &self.entity().part(&path(part))?.body).to_vec(),
            Some(Section::Mime(part)) => slice(bytes, &self.entity().part(&path(part))?.header).to_vec(),
            Some(Section::Header(part)) => slice(bytes, &self.message(part.as_ref())?.header).to_vec(),
            Some(Section::Text(part)) => slice(bytes, &self.message(part.as_ref())?.body).to_vec(),
            Some(Section::HeaderFields(part, names)) => {
                let header = slice(bytes, &self.message(part.as_ref())?.header);
                chosen_fields(header, |field| names.as_ref().iter().any(|name| is_named(field, name.as_ref())))
            }
            Some(Section::HeaderFieldsNot(part, names)) => {
                let header = slice(bytes, &self.message(part.as_ref())?.header);
                chosen_fields(header, |field| !names.as_ref().iter().any(|name| is_named(field, name.as_ref())))
            }
        })
    }

    /// The letter, or the one enclosed in a part.
    fn message(&self, part: Option<&Part>) -> Option<&Entity> {
        let Some(part) = part else { return Some(self.entity()) };
        match &self.entity().part(&path(part))?.inside {
            Inside::Message(message) => Some(message),
            _ => None,
        }
    }
}

fn named(name: &str, value: Vec<u8>) -> Vec<u8> {
    [name.as_bytes(), b" ", &value].concat()
}

fn literal_or_nil(octets: Option<&[u8]>) -> Vec<u8> {
    octets.map_or_else(|| nstring(None), literal)
}

fn window(octets: &[u8], start: usize, length: usize) -> Vec<u8> {
    let rest = octets.get(start..).unwrap_or_default();
    rest.get(..length).unwrap_or(rest).to_vec()
}

fn path(part: &Part) -> Vec<u32> {
    part.0.as_ref().iter().map(|number| number.get()).collect()
}

/// The fields that are wanted, and the empty line.
fn chosen_fields(header: &[u8], wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let fields = mime::raw_fields(header).into_iter().filter(|field| wanted(field));
    fields.chain([b"\r\n".as_slice()]).flatten().copied().collect()
}

fn is_named(field: &[u8], name: &[u8]) -> bool {
    let end = field.iter().position(|byte| *byte == b':').unwrap_or_default();
    field.get(..end).unwrap_or_default().trim_ascii_end().eq_ignore_ascii_case(name)
}

/// The section as the response repeats it.
fn section_name(section: &Section<'_>) -> String {
    let dotted = |part: &Part| path(part).iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let behind = |part: &Option<Part>, word: &str| match part {
        Some(part) => format!("{}.{word}", dotted(part)),
        None => word.to_owned(),
    };
    let names = |names: &[AString<'_>]| {
        let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name.as_ref()).into_owned()).collect();
        names.join(" ")
    };
    match section {
        Section::Part(part) => dotted(part),
        Section::Mime(part) => format!("{}.MIME", dotted(part)),
        Section::Header(part) => behind(part, "HEADER"),
        Section::Text(part) => behind(part, "TEXT"),
        Section::HeaderFields(part, fields) => behind(part, &format!("HEADER.FIELDS ({})", names(fields.as_ref()))),
        Section::HeaderFieldsNot(part, fields) => {
            behind(part, &format!("HEADER.FIELDS.NOT ({})", names(fields.as_ref())))
        }
    }
}

fn internal_date(letter: &Letter) -> String {
    letter.received.to_zoned(jiff::tz::TimeZone::UTC).strftime("%d-%b-%Y %H:%M:%S +0000").to_string()
}
