//! Message-IDs as numbers. An index of them is what every letter is looked up in, and a number is a third of the size
//! and found sooner. Two that fall together by chance are one pair in billions, and join two threads.

use super::LetterSummary;
use model::AccountId;

/// References that are looked at: the first, which begins the thread, and the last, which are nearest. A letter may
/// name thousands.
const NEAREST: usize = 63;

/// The Message-IDs of a letter that tell its thread.
#[derive(Debug, Default)]
pub(super) struct Names {
    own: Option<u64>,
    others: Vec<u64>,
}

/// A Message-ID in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(pub(super) i64);

impl Names {
    pub(super) fn of(letter: &LetterSummary) -> Self {
        let references = &letter.references;
        let nearest = references.len().saturating_sub(NEAREST).max(1);
        let ancestors = references.iter().take(1).chain(references.iter().skip(nearest));
        let answered = letter.in_reply_to.iter().take(NEAREST);
        let own = letter.message_id.as_deref().and_then(number);
        let mut others: Vec<u64> = ancestors.chain(answered).filter_map(|name| number(name)).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| Some(*other) != own);
        Self { own, others }
    }

    /// Its own.
    pub(super) fn own(&self, account: AccountId) -> Option<Name> {
        self.own.map(|own| within(account, own))
    }

    /// Those that it answers.
    pub(super) fn others(&self, account: AccountId) -> impl Iterator<Item = Name> {
        self.others.iter().map(move |name| within(account, *name))
    }
}

/// A Message-ID in an account; `None` where there is nothing in it.
pub(super) fn name(account: AccountId, message_id: &str) -> Option<Name> {
    number(message_id).map(|number| within(account, number))
}

fn number(message_id: &str) -> Option<u64> {
    let message_id = message_id.trim();
    (!message_id.is_empty()).then(|| hash(message_id.as_bytes()))
}

fn within(account: AccountId, number: u64) -> Name {
    Name(mixed(number ^ account.0.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15)).cast_signed())
}

/// FNV-1a, mixed once more so that every bit counts. It is stored, so it never changes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    mixed(
        bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)),
    )
}

/// The last steps of SplitMix64.
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_that_is_stored_never_changes() {
        assert_eq!(hash(b""), 0xf52a_15e9_a9b5_e89b);
        assert_eq!(name(AccountId(7), " a@example.net "), name(AccountId(7), "a@example.net"));
        assert_ne!(name(AccountId(7), "a@example.net"), name(AccountId(8), "a@example.net"));
        assert_eq!(name(AccountId(7), " "), None);
    }

    #[test]
    fn a_letter_that_names_thousands_is_looked_up_by_some() {
        let references = (0..5000).map(|n| format!("{n}@example.net")).collect::<Vec<_>>();
        let names = Names::of(&LetterSummary { references, ..LetterSummary::default() });
        assert_eq!(names.others(AccountId(1)).count(), NEAREST + 1);
        assert!(names.others(AccountId(1)).any(|other| Some(other) == name(AccountId(1), "0@example.net")));
    }
}
