//! What is here of an account that was removed goes.
//!
//! In pieces, so that nobody waits long for the writer, however much there is: letters, the newest first, then their
//! messages, and last the mailboxes. As long as a mailbox is here of an account that is not, there is still something to
//! do: whoever opens the store next goes on after a crash.

use crate::database::Database;
use crate::{Change, Result, Store};
use model::{AccountId, MailboxId};
use std::collections::BTreeSet;

/// Rows that go in one transaction.
const TOGETHER: u32 = 500;

/// Letters of a mailbox, each by an index: those that are shown, and then the others.
const LETTERS: [&str; 3] = [
    "SELECT id FROM letter WHERE mailbox = ?1 AND hidden = 0 ORDER BY date DESC, id DESC LIMIT ?2",
    "SELECT id FROM letter WHERE mailbox = ?1 AND uid IS NOT NULL LIMIT ?2",
    "SELECT id FROM letter WHERE mailbox = ?1 AND uid IS NULL LIMIT ?2",
];

impl Store {
    /// Removes what is here of an account that was removed.
    pub async fn forget_mail(&self, account: AccountId) -> Result<()> {
        self.forget_letters(account).await?;
        self.forget_contents(account).await?;
        // All but one: it is the sign that there is still something to do. Each costs a look at every letter here.
        let one =
            "DELETE FROM mailbox WHERE id = (SELECT max(id) FROM mailbox WHERE account = ?1 HAVING count(*) > 1)";
        while self.write_mail(move |tx| Ok(tx.prepare_cached(one)?.execute([account.0])?)).await? > 0 {}
        self.write_mail(move |tx| {
            tx.execute("DELETE FROM mailbox WHERE account = ?1", [account.0])?;
            // What a sync put in until it heard of the removal lies nowhere now.
            let late =
                "SELECT stray.content FROM stray JOIN content ON content.id = stray.content WHERE account = ?1";
            let late = tx
                .prepare_cached(late)?
                .query_map([account.0], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            for id in late {
                tx.prepare_cached("DELETE FROM content WHERE id = ?1")?.execute([id])?;
                tx.prepare_cached("DELETE FROM stray WHERE content = ?1")?.execute([id])?;
            }
            tx.execute("DELETE FROM mailbox_order WHERE account = ?1", [account.0])?;
            tx.execute("DELETE FROM correspondent WHERE account = ?1", [account.0])?;
            tx.execute("DELETE FROM server WHERE account = ?1", [account.0])?;
            tx.changed(Change::Mailboxes(account));
            Ok(())
        })
        .await
    }

    async fn forget_letters(&self, account: AccountId) -> Result<()> {
        let mailboxes = self.mail(move |db| {
            let mut query =
                db.prepare_cached("SELECT id FROM mailbox WHERE account = ?1 ORDER BY role_code IS NULL, id")?;
            let ids = query.query_map([account.0], |row| Ok(MailboxId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<Vec<_>>>()?)
        });
        for mailbox in mailboxes.await? {
            for sql in LETTERS {
                while self.forget_some(mailbox, sql).await? {}
            }
        }
        Ok(())
    }

    /// Removes some letters of a mailbox; whether there may be more.
    async fn forget_some(&self, mailbox: MailboxId, sql: &'static str) -> Result<bool> {
        self.write_mail(move |tx| {
            let mut query = tx.prepare_cached(sql)?;
            let some = query.query_map((mailbox.0, TOGETHER), |row| row.get(0))?;
            let some = some.collect::<rusqlite::Result<Vec<i64>>>()?;
            let mut remove = tx.prepare_cached("DELETE FROM letter WHERE id = ?1")?;
            for letter in &some {
                remove.execute([letter])?;
            }
            tx.changed(Change::Letters(mailbox));
            Ok(some.len() == TOGETHER as usize)
        })
        .await
    }

    /// Messages have no index by account: they are looked through once, beside the writer.
    async fn forget_contents(&self, account: AccountId) -> Result<()> {
        let mut below = i64::MAX;
        loop {
            let some = self.mail(move |db| {
                let sql = "SELECT id FROM content WHERE account = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
                let mut query = db.prepare_cached(sql)?;
                let some = query.query_map((account.0, below, TOGETHER), |row| row.get(0))?;
                Ok(some.collect::<rusqlite::Result<Vec<i64>>>()?)
            });
            let some = some.await?;
            let Some(last) = some.last() else { return Ok(()) };
            below = *last;
            self.write_mail(move |tx| {
                let mut remove = tx.prepare_cached("DELETE FROM content WHERE id = ?1 AND account = ?2")?;
                let mut stray = tx.prepare_cached("DELETE FROM stray WHERE content = ?1")?;
                for id in some {
                    if remove.execute((id, account.0))? > 0 {
                        stray.execute([id])?;
                    }
                }
                Ok(())
            })
            .await?;
        }
    }

    /// Goes on where a crash interrupted a removal, beside everything else.
    pub(crate) fn forget_soon(&self, removed: Vec<AccountId>) {
        if removed.is_empty() {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            for account in removed {
                if let Err(error) = store.forget_mail(account).await {
                    tracing::warn!(%account, %error, "letters of a removed account are still here; the next start removes them");
                }
            }
        });
    }
}

/// Accounts that were removed and of which something is here. Mailboxes are asked first: none is here before its account.
pub(crate) fn removed(local: &Database, mail: &Database) -> Result<Vec<AccountId>> {
    let here = mail.write_blocking(|tx| {
        let mut query = tx.prepare_cached("SELECT DISTINCT account FROM mailbox")?;
        let accounts = query.query_map([], |row| row.get(0))?;
        Ok(accounts.collect::<rusqlite::Result<BTreeSet<i64>>>()?)
    })?;
    let known = local.write_blocking(|tx| {
        let mut query = tx.prepare_cached("SELECT id FROM account")?;
        let accounts = query.query_map([], |row| row.get(0))?;
        Ok(accounts.collect::<rusqlite::Result<BTreeSet<i64>>>()?)
    })?;
    Ok(here.difference(&known).map(|account| AccountId(*account)).collect())
}
