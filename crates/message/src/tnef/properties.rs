//! Lists of MAPI properties ([MS-OXTNEF] §2.1.3.4), and the reading of little-endian numbers.

use super::MAX_PROPERTIES;
use encoding_rs::{Encoding, UTF_16LE};

/// A property: the first of its values.
#[derive(Debug)]
pub(super) struct Property<'x> {
    pub number: u16,
    /// Its text, where it is text.
    pub text: Option<String>,
    pub bytes: &'x [u8],
}

impl Property<'_> {
    pub fn number_value(&self) -> Option<u32> {
        Reader::new(self.bytes).u32()
    }
}

/// The properties in a list, as far as it can be read.
pub(super) fn list<'x>(data: &'x [u8], page: &'static Encoding) -> Vec<Property<'x>> {
    let mut reader = Reader::new(data);
    let count = reader.u32().unwrap_or(0) as usize;
    std::iter::from_fn(|| property(&mut reader, page)).take(count.min(MAX_PROPERTIES)).collect()
}

fn property<'x>(reader: &mut Reader<'x>, page: &'static Encoding) -> Option<Property<'x>> {
    let kind = reader.u16()?;
    let number = reader.u16()?;
    if number >= 0x8000 {
        skip_name(reader)?;
    }
    let (base, is_many) = (kind & 0x0fff, kind & 0x1000 != 0);
    let width = width(base)?;
    // What has a length of its own is preceded by a count, also where there may be one only.
    let count = if is_many || width.is_none() { reader.u32()?.min(MAX_PROPERTIES as u32) } else { 1 };
    let mut first: Option<&[u8]> = None;
    for _ in 0..count {
        let length = match width {
            Some(width) => width,
            None => reader.u32()? as usize,
        };
        let value = reader.up_to(length);
        reader.skip(length.next_multiple_of(4) - length);
        first.get_or_insert(value);
    }
    let bytes = first.unwrap_or_default();
    Some(Property { number, text: text(base, bytes, page), bytes })
}

/// A property with a name instead of a number: its set, and a number or a text.
fn skip_name(reader: &mut Reader<'_>) -> Option<()> {
    reader.take(16)?;
    if reader.u32()? == 0 {
        reader.u32()?;
    } else {
        let length = reader.u32()? as usize;
        reader.take(length.checked_next_multiple_of(4)?)?;
    }
    Some(())
}

/// Octets of a value, padded to four; the inner `None` is for what states its length.
fn width(kind: u16) -> Option<Option<usize>> {
    match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(Some(4)),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(Some(8)),
        0x48 => Some(Some(16)),
        0x0d | 0x1e | 0x1f | 0x102 => Some(None),
        _ => None,
    }
}

fn text(kind: u16, bytes: &[u8], page: &'static Encoding) -> Option<String> {
    let set = match kind {
        0x1e => page,
        0x1f => UTF_16LE,
        _ => return None,
    };
    Some(set.decode_without_bom_handling(bytes).0.trim_end_matches('\0').to_owned())
}

/// Numbers and octets, one after the other.
#[derive(Debug)]
pub(super) struct Reader<'x> {
    rest: &'x [u8],
}

impl<'x> Reader<'x> {
    pub fn new(bytes: &'x [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn take(&mut self, length: usize) -> Option<&'x [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// So many octets, or what is left.
    pub fn up_to(&mut self, length: usize) -> &'x [u8] {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    pub fn skip(&mut self, length: usize) {
        self.up_to(length);
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}
