//! Orders about mailboxes: seen here at once, and laid over the server's list until they are done there.
//!
//! | order | here at once | done | abandoned |
//! |---|---|---|---|
//! | create | it is listed, empty | | it goes |
//! | rename | it and those inside have their new paths | | the old ones |
//! | remove | neither it nor its letters are shown | they go | they are shown again |
//! | subscribe | so marked | | as before |
//!
//! A mailbox that is being removed gives its path free: another one may be made under it before the server knows.

use super::ListedMailbox;
use super::mailboxes::{by_path, put};
use crate::columns::Json;
use crate::database::Tx;
use crate::journal::JournalOp;
use crate::{Change, Result};
use model::{AccountId, JournalId, MailboxId};
use rusqlite::{Connection, OptionalExtension};

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Abandoned,
}

/// Applies an order. Applied already, it changes nothing.
pub(super) fn apply(tx: &Tx<'_>, account: AccountId, id: JournalId, op: &JournalOp) -> Result<()> {
    let known = "SELECT EXISTS (SELECT 1 FROM mailbox_order WHERE journal = ?1)";
    if tx.prepare_cached(known)?.query_row([id.0], |row| row.get(0))? {
        return Ok(());
    }
    let mut removes = None;
    match op {
        JournalOp::CreateMailbox { path } => {
            let mailbox = ListedMailbox {
                path: path.clone(),
                separator: separator(tx, account)?,
                role: None,
                selectable: true,
                subscribed: true,
            };
            put(tx, account, &mailbox)?;
        }
        JournalOp::RenameMailbox { from, to } => rename(tx, account, from, to)?,
        JournalOp::RemoveMailbox { path, .. } => removes = hide(tx, account, id, path)?,
        JournalOp::SubscribeMailbox { path, on } => subscribe(tx, account, path, *on)?,
        _ => return Ok(()),
    }
    let sql = "INSERT INTO mailbox_order (journal, account, removes, what) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute((id.0, account.0, removes.map(|mailbox| mailbox.0), Json(op)))?;
    tx.changed(Change::Mailboxes(account));
    Ok(())
}

/// Ends an order, where the entry is one about mailboxes.
pub(super) fn settle(tx: &Tx<'_>, id: JournalId, end: End) -> Result<()> {
    let sql = "DELETE FROM mailbox_order WHERE journal = ?1 RETURNING account, removes, what";
    let found = tx
        .prepare_cached(sql)?
        .query_row([id.0], |row| {
            let removes = row.get::<_, Option<i64>>(1)?.map(MailboxId);
            Ok((AccountId(row.get(0)?), removes, row.get::<_, Json<JournalOp>>(2)?.0))
        })
        .optional()?;
    let Some((account, removes, op)) = found else { return Ok(()) };
    match (op, removes, end) {
        (JournalOp::RemoveMailbox { .. }, Some(mailbox), End::Done) => {
            tx.prepare_cached("DELETE FROM mailbox WHERE id = ?1")?.execute([mailbox.0])?;
        }
        (JournalOp::RemoveMailbox { path, .. }, Some(mailbox), End::Abandoned) => {
            show(tx, account, mailbox, &path)?;
        }
        (JournalOp::CreateMailbox { path }, _, End::Abandoned) => {
            let sql = "DELETE FROM mailbox WHERE account = ?1 AND path = ?2 AND uid_validity IS NULL";
            tx.prepare_cached(sql)?.execute((account.0, path))?;
        }
        (JournalOp::RenameMailbox { from, to }, _, End::Abandoned) => rename(tx, account, &to, &from)?,
        (JournalOp::SubscribeMailbox { path, on }, _, End::Abandoned) => subscribe(tx, account, &path, !on)?,
        _ => {}
    }
    tx.changed(Change::Mailboxes(account));
    Ok(())
}

/// Whether an entry was applied.
pub(super) fn applied(db: &Connection) -> Result<Vec<i64>> {
    let mut query = db.prepare_cached("SELECT journal FROM mailbox_order")?;
    let ids = query.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// The server's list with the orders on top that it has not carried out.
pub(super) fn with_orders(
    db: &Connection,
    account: AccountId,
    mut listed: Vec<ListedMailbox>,
) -> Result<Vec<ListedMailbox>> {
    let mut query = db.prepare_cached("SELECT what FROM mailbox_order WHERE account = ?1 ORDER BY journal")?;
    let orders = query.query_map([account.0], |row| Ok(row.get::<_, Json<JournalOp>>(0)?.0))?;
    for order in orders {
        lay_over(&mut listed, &order?);
    }
    Ok(listed)
}

/// Mailboxes that the server knows by another path, or not at all, until an order is done.
pub(super) fn unsettled(db: &Connection, account: AccountId) -> Result<Vec<String>> {
    let mut query = db.prepare_cached("SELECT what FROM mailbox_order WHERE account = ?1")?;
    let orders = query.query_map([account.0], |row| Ok(row.get::<_, Json<JournalOp>>(0)?.0))?;
    let mut paths = Vec::new();
    for order in orders {
        match order? {
            JournalOp::CreateMailbox { path } => paths.push(path),
            JournalOp::RenameMailbox { to, .. } => paths.push(to),
            _ => {}
        }
    }
    Ok(paths)
}

/// One order, laid over a list that may already show it.
fn lay_over(listed: &mut Vec<ListedMailbox>, order: &JournalOp) {
    match order {
        JournalOp::CreateMailbox { path } if !listed.iter().any(|mailbox| mailbox.path == *path) => {
            let separator = listed.iter().find_map(|mailbox| mailbox.separator.clone());
            let path = path.clone();
            listed.push(ListedMailbox { path, separator, role: None, selectable: true, subscribed: true });
        }
        JournalOp::RenameMailbox { from, to } => {
            if !listed.iter().any(|mailbox| mailbox.path == *from) {
                return;
            }
            // Another program's mailbox of that name is listed once the server has said no.
            listed.retain(|mailbox| mailbox.path != *to);
            for mailbox in listed {
                if let Some(path) = moved_path(&mailbox.path, from, to, mailbox.separator.as_deref()) {
                    mailbox.path = path;
                }
            }
        }
        JournalOp::RemoveMailbox { path, .. } => listed.retain(|mailbox| mailbox.path != *path),
        JournalOp::SubscribeMailbox { path, on } => {
            for mailbox in listed.iter_mut().filter(|mailbox| mailbox.path == *path) {
                mailbox.subscribed = *on;
            }
        }
        _ => {}
    }
}

/// The path of a mailbox after `from` became `to`; `None` where it is neither that one nor inside it.
fn moved_path(path: &str, from: &str, to: &str, separator: Option<&str>) -> Option<String> {
    if path == from {
        return Some(to.to_owned());
    }
    let inside = path.strip_prefix(from)?;
    separator.filter(|separator| !separator.is_empty() && inside.starts_with(separator))?;
    Some(format!("{to}{inside}"))
}

/// Orders about mailboxes that were given after an entry and are applied here, in their order.
pub(super) fn since(db: &Connection, account: AccountId, id: JournalId) -> Result<Vec<(JournalId, JournalOp)>> {
    let sql = "SELECT journal, what FROM mailbox_order WHERE account = ?1 AND journal > ?2 ORDER BY journal";
    let mut query = db.prepare_cached(sql)?;
    let orders = query
        .query_map((account.0, id.0), |row| Ok((JournalId(row.get(0)?), row.get::<_, Json<JournalOp>>(1)?.0)))?;
    Ok(orders.collect::<rusqlite::Result<_>>()?)
}

/// Where the mailbox that an order names is listed here, after the orders that were given since.
pub(super) fn present_path(path: &str, since: &[(JournalId, JournalOp)], separator: Option<&str>) -> String {
    let mut path = path.to_owned();
    for (id, op) in since {
        match op {
            JournalOp::RenameMailbox { from, to } => {
                path = moved_path(&path, from, to, separator).unwrap_or(path);
            }
            JournalOp::RemoveMailbox { path: removed, .. } if *removed == path => path = parked(*id, removed),
            _ => {}
        }
    }
    path
}

/// A path that no server lists, for a mailbox that is being removed.
fn parked(id: JournalId, path: &str) -> String {
    format!("\u{0}{id}\u{0}{path}")
}

/// The separator of an account's mailboxes.
pub(super) fn separator(db: &Connection, account: AccountId) -> Result<Option<String>> {
    let sql = "SELECT separator FROM mailbox WHERE account = ?1 AND separator IS NOT NULL LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row([account.0], |row| row.get(0)).optional()?)
}

fn rename(tx: &Tx<'_>, account: AccountId, from: &str, to: &str) -> Result<()> {
    if by_path(tx, account, to)?.is_some() {
        return Ok(());
    }
    let separator = separator(tx, account)?;
    let mut query = tx.prepare_cached("SELECT id, path FROM mailbox WHERE account = ?1")?;
    let all = query.query_map([account.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for (id, path) in all.collect::<rusqlite::Result<Vec<_>>>()? {
        let Some(path) = moved_path(&path, from, to, separator.as_deref()) else { continue };
        set_path(tx, MailboxId(id), &path, separator.as_deref())?;
    }
    Ok(())
}

fn set_path(tx: &Tx<'_>, mailbox: MailboxId, path: &str, separator: Option<&str>) -> Result<()> {
    let name = separator.and_then(|separator| path.rsplit(separator).next()).unwrap_or(path);
    let sql = "UPDATE OR IGNORE mailbox SET path = ?2, name = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((mailbox.0, path, name))?;
    Ok(())
}

fn hide(tx: &Tx<'_>, account: AccountId, id: JournalId, path: &str) -> Result<Option<MailboxId>> {
    let Some(mailbox) = by_path(tx, account, path)? else { return Ok(None) };
    set_path(tx, mailbox.id, &parked(id, path), None)?;
    tx.prepare_cached("UPDATE letter SET hidden = 1 WHERE mailbox = ?1 AND hidden = 0")?.execute([mailbox.id.0])?;
    tx.changed(Change::Letters(mailbox.id));
    Ok(Some(mailbox.id))
}

fn show(tx: &Tx<'_>, account: AccountId, mailbox: MailboxId, path: &str) -> Result<()> {
    let separator = separator(tx, account)?;
    set_path(tx, mailbox, path, separator.as_deref())?;
    let sql = "UPDATE letter SET hidden = 0 WHERE mailbox = ?1 AND hidden = 1
               AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.letter = letter.id AND deletes = 1)";
    tx.prepare_cached(sql)?.execute([mailbox.0])?;
    tx.changed(Change::Letters(mailbox));
    Ok(())
}

fn subscribe(tx: &Tx<'_>, account: AccountId, path: &str, on: bool) -> Result<()> {
    let sql = "UPDATE mailbox SET subscribed = ?3 WHERE account = ?1 AND path = ?2";
    tx.prepare_cached(sql)?.execute((account.0, path, on))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::LettersGo;

    fn list(paths: &[&str]) -> Vec<ListedMailbox> {
        let one = |path: &&str| ListedMailbox {
            path: (*path).to_owned(),
            separator: Some("/".to_owned()),
            role: None,
            selectable: true,
            subscribed: true,
        };
        paths.iter().map(one).collect()
    }

    #[test]
    fn an_order_that_the_server_may_have_carried_out_is_laid_over_its_list_all_the_same() {
        let create = JournalOp::CreateMailbox { path: "New".into() };
        let rename = JournalOp::RenameMailbox { from: "A".into(), to: "B".into() };
        let remove = JournalOp::RemoveMailbox { path: "A".into(), letters: LettersGo::ForGood };
        type Case<'a> = (&'a JournalOp, &'a [&'a str], &'a [&'a str]);
        let table: [Case; 7] = [
            (&create, &["A"], &["A", "New"]),
            (&create, &["A", "New"], &["A", "New"]),
            (&rename, &["A", "A/x", "Ax"], &["B", "B/x", "Ax"]),
            (&rename, &["B", "B/x"], &["B", "B/x"]),
            (&rename, &["A", "B"], &["B"]),
            (&remove, &["A", "A/x"], &["A/x"]),
            (&remove, &["A/x"], &["A/x"]),
        ];
        for (order, before, expected) in table {
            let mut listed = list(before);
            lay_over(&mut listed, order);
            let paths: Vec<&str> = listed.iter().map(|mailbox| mailbox.path.as_str()).collect();
            assert_eq!(paths, expected, "{order:?} over {before:?}");
        }
    }
}
