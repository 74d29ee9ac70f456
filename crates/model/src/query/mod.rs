//! What is looked for: the language of the search field, read so that anything typed finds something sensible.
//!
//! | typed | finds |
//! |---|---|
//! | `word` | the word, and longer words that begin with it where it has three letters or is still being typed |
//! | `wo*` | words that begin so |
//! | `"some words"` | exactly these words, side by side |
//! | `a b` | both; `a OR b`: one of them; `-a`: not that; `( )` hold together |
//! | `from: to: cc: subject: body: filename: list:` | the words there; `to:` is To and Cc |
//! | `in:inbox` | in a mailbox, by its role or name |
//! | `has:attachment`, `is:unread` `flagged` `answered` `forwarded` `draft` `read` | |
//! | `before: after: on:` and a day, a month, a year | before it begins; since it began; in it |
//! | `newer: older:` and an age: `7d 2w 3m 1y` | since then; before then |
//! | `larger: smaller:` and a size: `500k 2M` | |
//!
//! What cannot be understood is a [`Problem`] and is left out, or is looked for as words. Whoever asks hands in the time.

mod dates;
mod marks;
mod parse;
mod scan;

use crate::words::{self, CutKind};
use crate::{Flag, Flags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization;

pub use marks::Marker;
pub use parse::parse;
pub use words::fold;

/// A query that was read, and what was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What is to be found; `None` where nothing is asked for.
    pub query: Option<Query>,
    /// What was not understood, in the order of the text.
    pub problems: Vec<Problem>,
}

/// What is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Everything of this. Never empty.
    All(Vec<Query>),
    /// Something of this. Never empty.
    Any(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
    /// Words somewhere.
    Words(Sought),
    /// In a mailbox of this role, name or path, as typed.
    In(String),
    /// With this flag, or without it.
    Is {
        /// Which.
        flag: Flag,
        /// With it.
        on: bool,
    },
    /// With files.
    HasAttachment,
    /// With a date in `from..until`.
    Dated {
        /// Not before.
        from: Option<Timestamp>,
        /// Before.
        until: Option<Timestamp>,
    },
    /// With a size in octets within these bounds, both included.
    Sized {
        /// At least.
        least: u64,
        /// At most.
        most: u64,
    },
}

/// Words that stand side by side; mostly it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Where.
    pub place: Place,
    /// The words, folded and cut as [`words::cut`] does. Never empty.
    pub pieces: Vec<Piece>,
    /// The same words as they were typed, accents and all, signs that stand together as one (NFC): for whoever folds
    /// in another way, as servers do.
    pub typed: Vec<String>,
    /// Whether longer words that begin with the last one are found too.
    pub ending: Ending,
}

/// One word of those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Folded.
    pub word: String,
    /// A word, or signs of a script without spaces.
    pub kind: PieceKind,
}

/// What a piece is; see [`CutKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A word.
    Word,
    /// Two signs.
    Pair,
    /// One sign: it is found before any other sign as well.
    Sign,
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In everything.
    Anywhere,
    /// In the subject.
    Subject,
    /// In the sender's name and address.
    From,
    /// In To and Cc.
    To,
    /// In Cc.
    Cc,
    /// In the text.
    Body,
    /// In the names of the attachments.
    Filename,
    /// In List-Id.
    List,
}

/// How the last word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it stands.
    Whole,
    /// It may go on.
    Open,
}

/// Something in what was typed that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Whether it is wrong, or may be right when it is typed to its end.
    pub kind: ProblemKind,
    /// Where it begins in the text, in UTF-16 units, as text fields count.
    pub at: u32,
    /// How long it is, in the same.
    pub length: u32,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to type instead, or what was done; may be empty.
    pub hint: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// It cannot be meant so.
    Wrong,
    /// Something is still to come.
    Incomplete,
}

impl Query {
    /// Everything that is asked for in words and not excluded, for whoever marks what was found.
    pub fn sought(&self) -> Vec<&Sought> {
        let mut all = Vec::new();
        self.gather(&mut all);
        all
    }

    fn gather<'a>(&'a self, into: &mut Vec<&'a Sought>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.gather(into)),
            Self::Words(sought) => into.push(sought),
            _ => (),
        }
    }

    /// Every mailbox that is named, excluded ones as well.
    pub fn mailboxes(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::mailboxes).collect(),
            Self::Not(part) => part.mailboxes(),
            Self::In(name) => vec![name],
            _ => Vec::new(),
        }
    }

    /// Whether a flag is asked for.
    pub fn flags(&self) -> Flags {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().fold(Flags::default(), |all, part| Flags(all.0 | part.flags().0))
            }
            Self::Not(part) => part.flags(),
            Self::Is { flag, .. } => Flags::default().with(*flag, true),
            _ => Flags::default(),
        }
    }
}

impl Sought {
    /// The words of a text, to be found side by side; `None` where there are none.
    pub fn of(text: &str, place: Place, ending: Ending) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut signs_before = false;
        words::cut(text, |cut| {
            match places.last_mut().filter(|last| cut.place.start < last.end) {
                Some(last) => last.end = last.end.max(cut.place.end),
                None => places.push(cut.place),
            }
            let kind = match cut.kind {
                CutKind::Word => PieceKind::Word,
                CutKind::Pair => PieceKind::Pair,
                CutKind::Last => PieceKind::Sign,
            };
            // The last of several signs is in the pair before.
            if kind != PieceKind::Sign || !signs_before {
                pieces.push(Piece { word: cut.word.to_owned(), kind });
            }
            signs_before = kind == PieceKind::Pair;
        });
        let typed = places.into_iter().filter_map(|place| text.get(place)).map(|word| word.nfc().collect()).collect();
        (!pieces.is_empty()).then_some(Self { place, pieces, typed, ending })
    }
}

#[cfg(test)]
mod tests;
