//! What is done to letters, and undone.

use crate::Engine;
use crate::calls::LetterChangeArgs;
use crate::error::Error;
use crate::view::LetterChange;
use jiff::Timestamp;
use model::{AccountId, CallError, Flag, JournalId, LetterId, MailboxId, Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use store::Undoable;
use ts_rs::TS;

/// How long a deletion for good is held back from the server: what the window's offer to undo it stands, and a moment
/// more.
pub(crate) const HELD_BACK: Duration = Duration::from_secs(12);

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Changed {
    /// The number by which it can be undone; `None` where there is nothing to undo.
    #[ts(type = "number | null")]
    pub undo: Option<i64>,
}

/// What to undo.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct UndoArgs {
    /// Its number; `None` for what was done last.
    #[ts(type = "number | null")]
    pub undo: Option<i64>,
}

impl Engine {
    /// Letters that are gone meanwhile are passed over, unless all of them are.
    pub(crate) async fn letter_change(&self, args: LetterChangeArgs) -> Result<Changed, Error> {
        self.change_letters(&args.letters, args.change, HELD_BACK).await
    }

    /// The same for the command line, where nothing is held back.
    pub async fn change(&self, letters: &[LetterId], change: LetterChange) -> Result<Changed, CallError> {
        Ok(self.change_letters(letters, change, Duration::ZERO).await?)
    }

    /// The account that a letter is in.
    pub async fn account_of_letter(&self, letter: LetterId) -> Result<AccountId, CallError> {
        Ok(self.require_letter(letter).await?.account)
    }

    async fn change_letters(
        &self,
        letters: &[LetterId],
        change: LetterChange,
        held_back: Duration,
    ) -> Result<Changed, Error> {
        let store = self.store();
        let rows = store.letter_rows(letters).await?;
        let letters: Vec<LetterId> = rows.iter().map(|row| row.id).collect();
        if letters.is_empty() {
            return Err(Error::not_found("such letter any more"));
        }
        let mut undoable = Undoable::default();
        match change {
            LetterChange::Seen { on } => drop(store.apply_local_flag(&letters, Flag::Seen, on).await?),
            LetterChange::Flagged { on } => drop(store.apply_local_flag(&letters, Flag::Flagged, on).await?),
            LetterChange::Move { mailbox } => {
                store.apply_local_move(&letters, mailbox).await?;
                undoable.moved = moved(&rows, |_| Some(mailbox));
            }
            LetterChange::Copy { mailbox } => undoable.orders = store.apply_local_copy(&letters, mailbox).await?,
            LetterChange::Unlabel { mailbox } => {
                undoable.orders = store.take_label(&letters, mailbox, held_back).await?;
            }
            LetterChange::Delete => undoable.orders = store.apply_local_delete(&letters, held_back).await?,
            LetterChange::File { role } => undoable.moved = self.file(&rows, role).await?,
        }
        self.undoable(undoable).await
    }

    /// Remembers what was done, where it can be undone.
    pub(crate) async fn undoable(&self, what: Undoable) -> Result<Changed, Error> {
        if what.is_empty() {
            return Ok(Changed { undo: None });
        }
        Ok(Changed { undo: Some(self.store().remember_undoable(what, Timestamp::now()).await?) })
    }

    /// To the mailbox of this role, each in its own account. Those that were moved, with where they were.
    async fn file(&self, rows: &[store::LetterRow], role: Role) -> Result<Vec<(LetterId, MailboxId)>, Error> {
        let mailboxes = self.store().mailboxes(None).await?;
        let account_of = |row: &store::LetterRow| {
            mailboxes.iter().find(|mailbox| mailbox.id == row.mailbox).map(|mailbox| mailbox.account)
        };
        let mut places: HashMap<AccountId, MailboxId> = HashMap::new();
        let mut targets: HashMap<LetterId, MailboxId> = HashMap::new();
        for row in rows {
            let account = account_of(row).ok_or_else(|| Error::not_found("such mailbox any more"))?;
            let place = match places.get(&account) {
                Some(place) => *place,
                None => self.mailbox_for(account, role).await?,
            };
            places.insert(account, place);
            targets.insert(row.id, place);
        }
        let moved = moved(rows, |letter| targets.get(&letter).copied());
        let mut by_target: BTreeMap<MailboxId, Vec<LetterId>> = BTreeMap::new();
        for (letter, _) in &moved {
            if let Some(target) = targets.get(letter) {
                by_target.entry(*target).or_default().push(*letter);
            }
        }
        for (target, letters) in by_target {
            self.store().apply_local_move(&letters, target).await?;
        }
        Ok(moved)
    }

    /// Takes back a move, a copy or a deletion. What the server has not heard of it never will.
    pub(crate) async fn letter_undo(&self, args: UndoArgs) -> Result<(), Error> {
        let Undoable { orders, moved } = self.store().take_undoable(args.undo).await?;
        let mut back: BTreeMap<MailboxId, Vec<LetterId>> = BTreeMap::new();
        for (letter, from) in moved {
            back.entry(from).or_default().push(letter);
        }
        for (mailbox, letters) in back {
            self.store().apply_local_move(&letters, mailbox).await?;
        }
        self.withdraw(orders).await
    }

    async fn withdraw(&self, orders: Vec<JournalId>) -> Result<(), Error> {
        let mut late = 0;
        for order in orders {
            late += usize::from(!self.store().withdraw_order(order).await?);
        }
        if late == 0 {
            return Ok(());
        }
        let hint =
            "Deleted letters cannot be brought back; copies can be deleted; a label is put on again by a copy.";
        Err(CallError::new("too-late", "the server has done it already", hint).into())
    }
}

/// Letters that do not stay where they are, with where they are.
fn moved(rows: &[store::LetterRow], target: impl Fn(LetterId) -> Option<MailboxId>) -> Vec<(LetterId, MailboxId)> {
    rows.iter().filter(|row| target(row.id) != Some(row.mailbox)).map(|row| (row.id, row.mailbox)).collect()
}
