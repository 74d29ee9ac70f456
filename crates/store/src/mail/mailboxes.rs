//! The list of mailboxes and how far each was synced.

use super::{ListedMailbox, MailboxState, orders};
use crate::columns::{Json, Word};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{AccountId, Mailbox, MailboxId, Role};
use rusqlite::{Connection, OptionalExtension, Row};

impl Store {
    /// The mailboxes of an account, or of all, in the order of their roles and then by name.
    pub async fn mailboxes(&self, account: Option<AccountId>) -> Result<Vec<Mailbox>> {
        self.mail(move |db| list(db, account)).await
    }

    /// One mailbox.
    pub async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        self.mail(move |db| {
            let mut query = db.prepare_cached("SELECT * FROM mailbox WHERE id = ?1")?;
            Ok(query.query_row([id.0], mailbox_of).optional()?)
        })
        .await
    }

    /// The mailbox of this role.
    pub async fn mailbox_by_role(&self, account: AccountId, role: Role) -> Result<Option<Mailbox>> {
        self.mail(move |db| {
            let sql = "SELECT * FROM mailbox WHERE account = ?1 AND role = ?2 ORDER BY id LIMIT 1";
            Ok(db.prepare_cached(sql)?.query_row((account.0, Word(role)), mailbox_of).optional()?)
        })
        .await
    }

    /// The mailbox of this path.
    pub async fn mailbox_by_path(&self, account: AccountId, path: &str) -> Result<Option<Mailbox>> {
        let path = path.to_owned();
        self.mail(move |db| by_path(db, account, &path)).await
    }

    /// Makes the list what the server says it is, and returns it. Mailboxes that are gone go with their letters. An
    /// empty list is no list: every server has an INBOX.
    pub async fn sync_mailbox_list(&self, account: AccountId, listed: Vec<ListedMailbox>) -> Result<Vec<Mailbox>> {
        if listed.is_empty() {
            return Err(StoreError::Invalid("the server listed no mailbox at all".to_owned()));
        }
        self.write_mail(move |tx| {
            let before = list(tx, Some(account))?;
            let listed = orders::with_orders(tx, account, listed)?;
            let paths: Vec<&str> = listed.iter().map(|mailbox| mailbox.path.as_str()).collect();
            let sql = "DELETE FROM mailbox WHERE account = ?1 AND path NOT IN (SELECT value FROM json_each(?2))
                       AND id NOT IN (SELECT removes FROM mailbox_order WHERE removes IS NOT NULL)";
            tx.execute(sql, (account.0, Json(&paths)))?;
            for mailbox in &listed {
                put(tx, account, mailbox)?;
            }
            let after = list(tx, Some(account))?;
            if before != after {
                tx.changed(Change::Mailboxes(account));
            }
            Ok(after)
        })
        .await
    }

    /// The paths of mailboxes that the server does not know by them until an order is carried out; those inside them are
    /// not named.
    pub async fn unsettled_mailboxes(&self, account: AccountId) -> Result<Vec<String>> {
        self.mail(move |db| orders::unsettled(db, account)).await
    }

    /// How far it was synced.
    pub async fn mailbox_state(&self, id: MailboxId) -> Result<MailboxState> {
        self.mail(move |db| {
            let mut query =
                db.prepare_cached("SELECT uid_validity, uid_next, highest_modseq FROM mailbox WHERE id = ?1")?;
            let state = query.query_row([id.0], |row| {
                Ok(MailboxState {
                    uid_validity: row.get(0)?,
                    uid_next: row.get(1)?,
                    highest_modseq: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
                })
            });
            state.optional()?.ok_or_else(|| missing(id))
        })
        .await
    }

    /// Notes how far it was synced.
    pub async fn set_mailbox_state(&self, id: MailboxId, state: MailboxState) -> Result<()> {
        self.write_mail(move |tx| set_state(tx, id, state)).await
    }

    /// UIDVALIDITY changed: no UID here means anything any more. The letters stay, without a UID, until the sync finds
    /// them again by their content ([`Store::insert_letters`]) or says that it is through ([`Store::drop_unplaced`]).
    pub async fn reset_mailbox(&self, id: MailboxId) -> Result<()> {
        self.write_mail(move |tx| {
            set_state(tx, id, MailboxState::default())?;
            tx.execute("UPDATE letter SET uid = NULL, sought = 1 WHERE mailbox = ?1", [id.0])?;
            tx.execute("UPDATE pending SET origin_uid = NULL WHERE origin = ?1", [id.0])?;
            tx.execute("DELETE FROM unreadable WHERE mailbox = ?1", [id.0])?;
            Ok(())
        })
        .await
    }
}

pub(super) fn missing(id: MailboxId) -> StoreError {
    StoreError::NotFound(format!("mailbox {id}"))
}

pub(super) fn by_path(db: &Connection, account: AccountId, path: &str) -> Result<Option<Mailbox>> {
    let mut query = db.prepare_cached("SELECT * FROM mailbox WHERE account = ?1 AND path = ?2")?;
    Ok(query.query_row((account.0, path), mailbox_of).optional()?)
}

fn list(db: &Connection, account: Option<AccountId>) -> Result<Vec<Mailbox>> {
    let sql = "SELECT * FROM mailbox WHERE (?1 IS NULL OR account = ?1)
               AND id NOT IN (SELECT removes FROM mailbox_order WHERE removes IS NOT NULL)";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([account.map(|account| account.0)], mailbox_of)?;
    let mut mailboxes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    mailboxes.sort_by_cached_key(|mailbox| (mailbox.account, rank(mailbox.role), mailbox.path.to_lowercase()));
    Ok(mailboxes)
}

/// Mailboxes with a role come first, in the order of the roles.
fn rank(role: Option<Role>) -> usize {
    let position = role.and_then(|role| Role::ALL.iter().position(|other| *other == role));
    position.unwrap_or(Role::ALL.len())
}

fn mailbox_of(row: &Row<'_>) -> rusqlite::Result<Mailbox> {
    Ok(Mailbox {
        id: MailboxId(row.get("id")?),
        account: AccountId(row.get("account")?),
        path: row.get("path")?,
        name: row.get("name")?,
        separator: row.get("separator")?,
        role: row.get::<_, Option<Word<_>>>("role")?.map(|role| role.0),
        selectable: row.get("selectable")?,
        subscribed: row.get("subscribed")?,
        total: row.get("total")?,
        unread: row.get("unread")?,
    })
}

pub(super) fn put(tx: &Tx<'_>, account: AccountId, mailbox: &ListedMailbox) -> Result<()> {
    let separator = mailbox.separator.as_deref().filter(|separator| !separator.is_empty());
    let name = separator.and_then(|separator| mailbox.path.rsplit(separator).next()).unwrap_or(&mailbox.path);
    let sql = "INSERT INTO mailbox (account, path, name, separator, role, selectable, subscribed)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (account, path) DO UPDATE SET name = excluded.name, separator = excluded.separator,
                   role = excluded.role, selectable = excluded.selectable, subscribed = excluded.subscribed";
    let ListedMailbox { path, selectable, subscribed, .. } = mailbox;
    let role = mailbox.role.map(Word);
    tx.prepare_cached(sql)?.execute((account.0, path, name, separator, role, selectable, subscribed))?;
    Ok(())
}

fn set_state(tx: &Tx<'_>, id: MailboxId, state: MailboxState) -> Result<()> {
    let sql = "UPDATE mailbox SET uid_validity = ?2, uid_next = ?3, highest_modseq = ?4 WHERE id = ?1";
    let modseq = state.highest_modseq.map(u64::cast_signed);
    match tx.prepare_cached(sql)?.execute((id.0, state.uid_validity, state.uid_next, modseq))? {
        0 => Err(missing(id)),
        _ => Ok(()),
    }
}
