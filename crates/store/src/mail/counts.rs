//! How many letters there are, counted for a batch and written down once. What changes or goes afterwards is counted by
//! triggers, one by one.
//!
//! Letters are counted by spans of time, so that the place of any row in a list is found by adding up a few thousand
//! numbers at most, however many letters there are.

use crate::Result;
use crate::columns::Time;
use crate::database::Tx;
use jiff::Timestamp;
use model::{Flag, Flags, MailboxId, Role};
use std::collections::BTreeMap;

/// A span is 2^36 microseconds, some 19 hours.
const SPAN: u32 = 36;

/// A list that is counted: a mailbox by its number, a role by its code below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListNumber(pub(super) i64);

impl ListNumber {
    pub(super) fn mailbox(id: MailboxId) -> Self {
        Self(id.0)
    }

    pub(super) fn role(code: i64) -> Self {
        Self(-code)
    }
}

/// The number by which letters carry the role of their mailbox (`role_code`).
pub(super) fn role_code(role: Role) -> i64 {
    match role {
        Role::Inbox => 1,
        Role::Drafts => 2,
        Role::Sent => 3,
        Role::Archive => 4,
        Role::Junk => 5,
        Role::Trash => 6,
        Role::All => 7,
    }
}

/// The span of a date.
pub(super) fn span(date: Timestamp) -> i64 {
    Time(date).microseconds() >> SPAN
}

/// The first microsecond after a span.
pub(super) fn end_of(span: i64) -> i64 {
    (span + 1) << SPAN
}

/// Letters that came into a mailbox.
#[derive(Debug, Default)]
pub(super) struct Counts {
    letters: u32,
    unread: u32,
    spans: BTreeMap<i64, (u32, u32)>,
}

impl Counts {
    /// One came; `head` is whether it is the newest of its thread there.
    pub(super) fn came(&mut self, date: Timestamp, flags: Flags, head: bool) {
        self.letters += 1;
        self.unread += u32::from(!flags.has(Flag::Seen));
        let (letters, heads) = self.spans.entry(span(date)).or_default();
        *letters += 1;
        *heads += u32::from(head);
    }

    /// Writes down what came.
    pub(super) fn write(self, tx: &Tx<'_>, mailbox: MailboxId, role: Option<i64>) -> Result<()> {
        if self.letters == 0 {
            return Ok(());
        }
        let sql = "UPDATE mailbox SET total = total + ?2, unread = unread + ?3 WHERE id = ?1";
        tx.prepare_cached(sql)?.execute((mailbox.0, self.letters, self.unread))?;
        let sql = "INSERT INTO tally (list, span, letters, heads) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (list, span) DO UPDATE
                       SET letters = letters + excluded.letters, heads = heads + excluded.heads";
        let mut add = tx.prepare_cached(sql)?;
        for list in [Some(ListNumber::mailbox(mailbox)), role.map(ListNumber::role)].into_iter().flatten() {
            for (span, (letters, heads)) in &self.spans {
                add.execute((list.0, span, letters, heads))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn roles_have_the_numbers_that_the_database_gives_them() {
        let (_home, store) = testing::store().await;
        for role in Role::ALL {
            let sql = "INSERT INTO mailbox (account, path, name, role, selectable) VALUES (1, ?1, ?1, ?1, 1)
                       RETURNING role_code";
            let code = store.write_mail(move |tx| Ok(tx.query_row(sql, [role.word()], |row| row.get::<_, i64>(0))?));
            assert_eq!(code.await.unwrap(), role_code(role), "{role:?}");
        }
    }

    #[test]
    fn a_span_ends_where_the_next_begins() {
        for second in [-90_000_000_000, -1, 0, 1, 1_800_000_000, 200_000_000_000] {
            let date = Timestamp::from_second(second).unwrap();
            let microseconds = second * 1_000_000;
            assert!((end_of(span(date) - 1)..end_of(span(date))).contains(&microseconds), "{second}");
        }
    }
}
