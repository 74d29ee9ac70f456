//! Sets of documents, one bit each. A million messages are 125 kB, and joining two such sets takes microseconds.

use super::codec::Doc;

/// A set of documents below some number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    /// None of the documents below `end`.
    pub(crate) fn empty(end: Doc) -> Self {
        Self(vec![0; end as usize / 64 + 1])
    }

    /// Adds one; what is out of bounds is left out.
    pub(crate) fn add(&mut self, doc: Doc) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, doc: Doc) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word &= !(1 << (doc % 64));
        }
    }

    /// Adds bits as they lie on disk, from the word `begin` on.
    pub(super) fn add_octets(&mut self, begin: usize, octets: &[u8]) {
        let words = self.0.get_mut(begin..).unwrap_or_default();
        for (word, octets) in words.iter_mut().zip(octets.chunks(8)) {
            let mut whole = [0; 8];
            for (to, from) in whole.iter_mut().zip(octets) {
                *to = *from;
            }
            *word |= u64::from_le_bytes(whole);
        }
    }

    /// Whether it is in it.
    pub(crate) fn has(&self, doc: Doc) -> bool {
        self.0.get(doc as usize / 64).is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }

    /// Keeps what is in the other as well.
    pub(crate) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// Adds what is in the other.
    pub(crate) fn or(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Takes out what is in the other.
    pub(crate) fn minus(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Those in it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Doc> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at as Doc * 64 + bit)
            })
        })
    }
}
