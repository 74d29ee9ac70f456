//! What a new order about a letter makes of those that wait: what cancels out is withdrawn, not done and undone.
//!
//! | the letter's last order, not begun | the new one | becomes |
//! |---|---|---|
//! | sets the flag, which the server has not set | clear it | withdrawn |
//! | move A → B | move to A | withdrawn |
//! | move A → B | move to C | withdrawn; move A → C |
//! | move A → B | delete | withdrawn; delete in A |
//! | takes a label off | put it on again | withdrawn (`mail::labels`) |
//! | anything else, or begun | any | as ordered, after it |
//!
//! Only the last order of a letter is looked at: what was ordered after a move speaks of the mailbox that it moved to.

use super::JournalOp;
use model::{Flag, Flags, JournalId};

/// An order that waits and concerns a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) id: JournalId,
    /// Whether the server may have heard of it.
    pub(crate) begun: bool,
    pub(crate) kind: Kind,
}

/// What an order does to a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Flag { flag: Flag, on: bool },
    Move,
    Other,
}

/// What is wished for a letter now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Flag {
        flag: Flag,
        on: bool,
    },
    /// To be moved or deleted: it leaves the mailbox it is in.
    Leave,
}

impl Kind {
    pub(crate) fn of(op: &JournalOp) -> Self {
        match op {
            JournalOp::SetFlags { flag, on, .. } => Self::Flag { flag: *flag, on: *on },
            JournalOp::Move { .. } => Self::Move,
            _ => Self::Other,
        }
    }
}

/// The order to withdraw for a letter before the wish is looked at again; `waiting` are its orders, the first first.
pub(crate) fn to_withdraw(waiting: &[Waiting], server: Flags, wish: Wish) -> Option<JournalId> {
    let last = waiting.last().filter(|last| !last.begun)?;
    let cancels = match (last.kind, wish) {
        (Kind::Move, Wish::Leave) => true,
        (Kind::Flag { flag: set, on: was }, Wish::Flag { flag, on }) => {
            // With two orders about one flag the one below would come through.
            let below = |other: &&Waiting| matches!(other.kind, Kind::Flag { flag, .. } if flag == set);
            set == flag && was != on && server.has(flag) == on && waiting.iter().filter(below).count() == 1
        }
        _ => false,
    };
    cancels.then_some(last.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGGED: Kind = Kind::Flag { flag: Flag::Flagged, on: true };
    const SET: Kind = Kind::Flag { flag: Flag::Seen, on: true };
    const CLEAR: Wish = Wish::Flag { flag: Flag::Seen, on: false };

    fn waiting(kinds: &[(Kind, bool)]) -> Vec<Waiting> {
        let one = |(n, (kind, begun)): (usize, &(Kind, bool))| Waiting {
            id: JournalId(n as i64 + 1),
            begun: *begun,
            kind: *kind,
        };
        kinds.iter().enumerate().map(one).collect()
    }

    #[test]
    fn what_cancels_out_and_was_not_begun_is_withdrawn() {
        let unread = Flags::default();
        let read = unread.with(Flag::Seen, true);
        type Case = (&'static str, &'static [(Kind, bool)], Flags, Wish, Option<i64>);
        let table: [Case; 11] = [
            ("set and cleared", &[(SET, false)], unread, CLEAR, Some(1)),
            ("set, and begun", &[(SET, true)], unread, CLEAR, None),
            ("set here and by another program", &[(SET, false)], read, CLEAR, None),
            ("set twice", &[(SET, true), (SET, false)], unread, CLEAR, None),
            ("another flag last", &[(SET, false), (FLAGGED, false)], unread, CLEAR, None),
            ("moved and moved on", &[(Kind::Move, false)], unread, Wish::Leave, Some(1)),
            ("moved on after a first move", &[(Kind::Move, true), (Kind::Move, false)], unread, Wish::Leave, Some(2)),
            ("moved, and begun", &[(Kind::Move, true)], unread, Wish::Leave, None),
            ("moved, then marked there", &[(Kind::Move, false), (SET, false)], unread, Wish::Leave, None),
            ("copied", &[(Kind::Other, false)], unread, Wish::Leave, None),
            ("nothing waits", &[], unread, Wish::Leave, None),
        ];
        for (what, kinds, server, wish, expected) in table {
            assert_eq!(to_withdraw(&waiting(kinds), server, wish).map(|id| id.0), expected, "{what}");
        }
    }
}
