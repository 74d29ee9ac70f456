//! How lists of documents and their keys lie on disk.
//!
//! ```text
//! block   = entries with ascending keys
//! entry   = octets shared with the key before, further octets: how many, which; length of the lists (varint), lists
//! lists   = for each field: its number, its list
//! list    = twice the count (varint), steps (varints), the first one from the segment's base; or
//!           twice the length plus one (varint), the first octet that is given (varint), a bit for each document
//! ```
//!
//! Whatever is read is checked for its bounds: octets that were damaged give wrong hits or none, and never a panic.

use super::entry::Fields;
use super::set::Set;

/// A document's number in the index: small, and in the order in which messages were put in.
pub(super) type Doc = u32;

pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(super) fn take_varint(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    let mut shift = 0;
    while let Some((octet, after)) = rest.split_first() {
        *rest = after;
        number |= u64::from(octet & 0x7f) << shift;
        shift += 7;
        if octet & 0x80 == 0 || shift > 56 {
            break;
        }
    }
    number
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    *rest = after;
    taken
}

/// Adds one field's documents, ascending and each once. `base` is a multiple of 64 and not above the first.
pub(super) fn put_list(bytes: &mut Vec<u8>, field: u8, base: Doc, docs: &[Doc]) {
    let (Some(first), Some(last)) = (docs.first(), docs.last()) else { return };
    bytes.push(field);
    let begin = (first - base) as usize / 64 * 8;
    let length = ((last - base) as usize / 64 + 1) * 8 - begin;
    // A step takes an octet at least.
    if docs.len() > length {
        put_bits(bytes, base, docs, begin, length);
        return;
    }
    put_varint(bytes, (docs.len() as u64) << 1);
    let mut before = base;
    for doc in docs {
        put_varint(bytes, u64::from(doc - before));
        before = *doc;
    }
}

fn put_bits(bytes: &mut Vec<u8>, base: Doc, docs: &[Doc], begin: usize, length: usize) {
    put_varint(bytes, ((length as u64) << 1) | 1);
    put_varint(bytes, begin as u64);
    let from = bytes.len();
    bytes.resize(from + length, 0);
    for doc in docs {
        let bit = (doc - base) as usize - begin * 8;
        if let Some(octet) = bytes.get_mut(from + bit / 8) {
            *octet |= 1 << (bit % 8);
        }
    }
}

/// A list as it lies on disk.
enum List<'a> {
    Steps(u64, &'a [u8]),
    Bits(usize, &'a [u8]),
}

/// Goes through the lists of an entry.
fn each_list<'a>(mut lists: &'a [u8], mut with: impl FnMut(u8, List<'a>)) {
    while let Some((field, after)) = lists.split_first() {
        lists = after;
        let head = take_varint(&mut lists);
        if head & 1 == 1 {
            let begin = take_varint(&mut lists) as usize;
            with(*field, List::Bits(begin, take(&mut lists, (head >> 1) as usize)));
            continue;
        }
        let steps = lists;
        for _ in 0..head >> 1 {
            take_varint(&mut lists);
            if lists.is_empty() {
                break;
            }
        }
        with(*field, List::Steps(head >> 1, steps));
    }
}

/// Adds the documents that an entry has in these fields to a set.
pub(super) fn add_to_set(lists: &[u8], fields: Fields, base: Doc, set: &mut Set) {
    each_list(lists, |field, list| match list {
        _ if !fields.has(field) => (),
        List::Bits(begin, bits) => set.add_octets(base as usize / 64 + begin / 8, bits),
        List::Steps(count, mut steps) => {
            let mut doc = base;
            for _ in 0..count {
                doc = doc.wrapping_add(take_varint(&mut steps) as Doc);
                set.add(doc);
            }
        }
    });
}

/// Hands out the documents of each field, ascending.
pub(super) fn each_doc(lists: &[u8], base: Doc, mut with: impl FnMut(u8, Doc)) {
    each_list(lists, |field, list| match list {
        List::Bits(begin, bits) => {
            for (at, octet) in bits.iter().enumerate() {
                let mut left = *octet;
                while left != 0 {
                    with(field, base.wrapping_add(((begin + at) * 8) as Doc + left.trailing_zeros()));
                    left &= left - 1;
                }
            }
        }
        List::Steps(count, mut steps) => {
            let mut doc = base;
            for _ in 0..count {
                doc = doc.wrapping_add(take_varint(&mut steps) as Doc);
                with(field, doc);
            }
        }
    });
}

/// Adds an entry to a block; `before` is the key before it, empty for the first.
pub(super) fn put_entry(block: &mut Vec<u8>, before: &[u8], key: &[u8], lists: &[u8]) {
    let shared = before.iter().zip(key).take_while(|(a, b)| a == b).count().min(255);
    let own = key.get(shared..).unwrap_or_default();
    block.extend([shared as u8, own.len() as u8]);
    block.extend(own);
    put_varint(block, lists.len() as u64);
    block.extend(lists);
}

/// Goes through a block, entry by entry.
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    key: Vec<u8>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(block: &'a [u8]) -> Self {
        Self::resume(block, Vec::with_capacity(64))
    }

    /// From the middle of a block on; `key` is the one before.
    pub(super) fn resume(rest: &'a [u8], key: Vec<u8>) -> Self {
        Self { rest, key }
    }

    pub(super) fn into_key(self) -> Vec<u8> {
        self.key
    }

    /// The lists of the next entry; its key is [`Self::key`] then.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let [shared, own, after @ ..] = self.rest else { return None };
        self.rest = after;
        let own = take(&mut self.rest, usize::from(*own));
        self.key.truncate(usize::from(*shared));
        self.key.extend(own);
        let length = take_varint(&mut self.rest) as usize;
        Some(take(&mut self.rest, length))
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// How many octets of the block are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(
            docs in prop::collection::btree_set(640u32..70_000, 1..400),
            dense in 0u32..3_000,
        ) {
            let docs: Vec<Doc> = docs.into_iter().chain(80_000..80_000 + dense).collect();
            let mut lists = Vec::new();
            put_list(&mut lists, 3, 640, &docs);
            put_list(&mut lists, 6, 640, docs.get(..1).unwrap());
            let mut read = Vec::new();
            each_doc(&lists, 640, |field, doc| if field == 3 { read.push(doc) });
            assert_eq!(read, docs);
            let mut set = Set::empty(100_000);
            add_to_set(&lists, Fields(1 << 3), 640, &mut set);
            assert_eq!(set.iter().collect::<Vec<_>>(), docs);
        }

        #[test]
        fn damaged_octets_are_no_danger(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut set = Set::empty(1000);
            let mut entries = Entries::of(&octets);
            while let Some(lists) = entries.next() {
                add_to_set(lists, Fields::ALL, 64, &mut set);
            }
        }
    }
}
