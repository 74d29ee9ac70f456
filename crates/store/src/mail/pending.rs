//! What entries of the journal did to letters here while the server does not know of it yet.

use super::letters::{account_of, changed};
use super::mailboxes::by_path;
use crate::Result;
use crate::database::{Database, Tx};
use crate::journal::{JournalEntry, JournalLetter, JournalOp, entries};
use model::{AccountId, Flags, JournalId, LetterId, Mailbox, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

/// Whether a letter looks different than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appearance {
    Same,
    Changed,
}

/// Applies an entry to the letters that it names. Applied already, or for letters that are gone or elsewhere, it
/// changes nothing.
pub(super) fn apply(tx: &Tx<'_>, account: AccountId, id: JournalId, op: &JournalOp) -> Result<()> {
    let (mailbox, letters) = match op {
        JournalOp::SetFlags { mailbox, letters, .. }
        | JournalOp::Move { mailbox, letters, .. }
        | JournalOp::Delete { mailbox, letters, .. } => (mailbox, letters),
        JournalOp::Append { .. } => return Ok(()),
    };
    let Some(from) = by_path(tx, account, mailbox)? else { return Ok(()) };
    for JournalLetter { letter, .. } in letters {
        apply_to(tx, account, id, op, &from, *letter)?;
    }
    changed(tx, from.id, account);
    Ok(())
}

fn apply_to(
    tx: &Tx<'_>,
    account: AccountId,
    id: JournalId,
    op: &JournalOp,
    from: &Mailbox,
    letter: LetterId,
) -> Result<()> {
    if !is_in(tx, letter, from.id)? {
        return Ok(());
    }
    match op {
        JournalOp::SetFlags { flag, on, .. } => {
            let only = Flags::default().with(*flag, true).0;
            let (set, clear) = if *on { (only, 0) } else { (0, only) };
            let sql =
                "INSERT OR IGNORE INTO pending (journal, letter, set_flags, clear_flags) VALUES (?1, ?2, ?3, ?4)";
            tx.prepare_cached(sql)?.execute((id.0, letter.0, set, clear))?;
        }
        JournalOp::Delete { .. } => {
            let sql = "INSERT OR IGNORE INTO pending (journal, letter, deletes) VALUES (?1, ?2, 1)";
            tx.prepare_cached(sql)?.execute((id.0, letter.0))?;
        }
        JournalOp::Move { target, .. } => {
            let Some(target) = by_path(tx, account, target)? else { return Ok(()) };
            let sql = "INSERT OR IGNORE INTO pending (journal, letter, origin, origin_uid)
                       SELECT ?1, id, mailbox, uid FROM letter WHERE id = ?2";
            tx.prepare_cached(sql)?.execute((id.0, letter.0))?;
            let sql = "UPDATE letter SET mailbox = ?2, uid = NULL WHERE id = ?1";
            tx.prepare_cached(sql)?.execute((letter.0, target.id.0))?;
            changed(tx, target.id, account);
        }
        JournalOp::Append { .. } => {}
    }
    refresh(tx, letter).map(|_| ())
}

fn is_in(db: &Connection, letter: LetterId, mailbox: MailboxId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE id = ?1 AND mailbox = ?2)";
    Ok(db.prepare_cached(sql)?.query_row((letter.0, mailbox.0), |row| row.get(0))?)
}

/// Makes a letter look as the server's flags and everything pending say.
pub(super) fn refresh(tx: &Tx<'_>, letter: LetterId) -> Result<Appearance> {
    let mut query = tx.prepare_cached("SELECT server_flags FROM letter WHERE id = ?1")?;
    let Some(server) = query.query_row([letter.0], |row| row.get::<_, u8>(0)).optional()? else {
        return Ok(Appearance::Same);
    };
    let sql = "SELECT set_flags, clear_flags, deletes FROM pending WHERE letter = ?1 ORDER BY journal";
    let mut query = tx.prepare_cached(sql)?;
    let layers = query.query_map([letter.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let layers = layers.collect::<rusqlite::Result<Vec<(u8, u8, bool)>>>()?;
    let flags = layers.iter().fold(server, |flags, (set, clear, _)| (flags | set) & !clear);
    let hidden = layers.iter().any(|(_, _, deletes)| *deletes);
    let sql = "UPDATE letter SET flags = ?2, hidden = ?3 WHERE id = ?1 AND (flags <> ?2 OR hidden <> ?3)";
    let changed = tx.prepare_cached(sql)?.execute((letter.0, flags, hidden))?;
    Ok(if changed > 0 { Appearance::Changed } else { Appearance::Same })
}

/// One letter's part in an entry.
struct Pending {
    letter: LetterId,
    mailbox: MailboxId,
    set: u8,
    clear: u8,
    deletes: bool,
    origin: Option<MailboxId>,
    origin_uid: Option<u32>,
}

/// Takes an entry's part in the letters out of `pending`.
fn take(tx: &Tx<'_>, id: JournalId) -> Result<Vec<Pending>> {
    let sql = "SELECT pending.*, letter.mailbox FROM pending JOIN letter ON letter.id = pending.letter
               WHERE journal = ?1";
    let mut query = tx.prepare_cached(sql)?;
    let parts = query.query_map([id.0], |row| {
        Ok(Pending {
            letter: LetterId(row.get("letter")?),
            mailbox: MailboxId(row.get("mailbox")?),
            set: row.get("set_flags")?,
            clear: row.get("clear_flags")?,
            deletes: row.get("deletes")?,
            origin: row.get::<_, Option<i64>>("origin")?.map(MailboxId),
            origin_uid: row.get("origin_uid")?,
        })
    })?;
    let parts = parts.collect::<rusqlite::Result<Vec<_>>>()?;
    tx.prepare_cached("DELETE FROM pending WHERE journal = ?1")?.execute([id.0])?;
    Ok(parts)
}

/// The server has done it: what was done here is the server's state too.
pub(crate) fn confirm(tx: &Tx<'_>, id: JournalId) -> Result<()> {
    for part in take(tx, id)? {
        if part.deletes {
            tx.prepare_cached("DELETE FROM letter WHERE id = ?1")?.execute([part.letter.0])?;
        } else {
            let sql = "UPDATE letter SET server_flags = (server_flags | ?2) & ~?3 WHERE id = ?1";
            tx.prepare_cached(sql)?.execute((part.letter.0, part.set, part.clear))?;
            refresh(tx, part.letter)?;
        }
        told(tx, &part)?;
    }
    Ok(())
}

/// The server will never do it: the letters look again as the server has them.
pub(crate) fn undo(tx: &Tx<'_>, id: JournalId) -> Result<()> {
    for part in take(tx, id)? {
        if let Some(origin) = part.origin {
            move_back(tx, &part, origin)?;
        }
        refresh(tx, part.letter)?;
        told(tx, &part)?;
    }
    Ok(())
}

/// Back to where it came from, unless it was moved on since: then it is on its way elsewhere. Where the server's own
/// copy was listed again meanwhile, that one stays.
fn move_back(tx: &Tx<'_>, part: &Pending, origin: MailboxId) -> Result<()> {
    let moved_on = "SELECT EXISTS (SELECT 1 FROM pending WHERE letter = ?1 AND origin IS NOT NULL)";
    if tx.prepare_cached(moved_on)?.query_row([part.letter.0], |row| row.get(0))? {
        return Ok(());
    }
    let listed = "SELECT EXISTS (SELECT 1 FROM letter WHERE mailbox = ?1 AND uid = ?2)";
    if tx.prepare_cached(listed)?.query_row((origin.0, part.origin_uid), |row| row.get(0))? {
        tx.prepare_cached("DELETE FROM letter WHERE id = ?1")?.execute([part.letter.0])?;
    } else {
        let sql = "UPDATE letter SET mailbox = ?2, uid = ?3 WHERE id = ?1";
        tx.prepare_cached(sql)?.execute((part.letter.0, origin.0, part.origin_uid))?;
    }
    Ok(())
}

fn told(tx: &Tx<'_>, part: &Pending) -> Result<()> {
    for mailbox in part.origin.into_iter().chain([part.mailbox]) {
        changed(tx, mailbox, account_of(tx, mailbox)?);
    }
    Ok(())
}

/// Entries with the UIDs that their letters have now on the server, and the UIDVALIDITY that these belong to. A letter
/// may have been renumbered, or have got its UID only after the order was given.
pub(crate) fn with_present_uids(db: &Connection, mut entries: Vec<JournalEntry>) -> Result<Vec<JournalEntry>> {
    for entry in &mut entries {
        let (account, id) = (entry.account, entry.id);
        match &mut entry.op {
            JournalOp::SetFlags { mailbox, uid_validity, letters, .. }
            | JournalOp::Move { mailbox, uid_validity, letters, .. }
            | JournalOp::Delete { mailbox, uid_validity, letters } => {
                renumber(db, account, id, mailbox, uid_validity, letters)?;
            }
            JournalOp::Append { .. } => {}
        }
    }
    Ok(entries)
}

fn renumber(
    db: &Connection,
    account: AccountId,
    entry: JournalId,
    mailbox: &str,
    uid_validity: &mut Option<u32>,
    letters: &mut [JournalLetter],
) -> Result<()> {
    let mut query = db.prepare_cached("SELECT id, uid_validity FROM mailbox WHERE account = ?1 AND path = ?2")?;
    let found = query.query_row((account.0, mailbox), |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional()?;
    // A mailbox that is not listed here (yet): what was written down is all that is known.
    let Some((mailbox, present)) = found else { return Ok(()) };
    let sql = "SELECT coalesce(
                   (SELECT origin_uid FROM pending
                    WHERE letter = ?1 AND origin = ?2 AND journal >= ?3 ORDER BY journal LIMIT 1),
                   CASE WHEN mailbox = ?2 THEN uid END)
               FROM letter WHERE id = ?1";
    let mut query = db.prepare_cached(sql)?;
    let still_valid = *uid_validity == present;
    for letter in letters {
        let here = query.query_row((letter.letter.0, mailbox, entry.0), |row| row.get(0)).optional()?;
        letter.uid = here.unwrap_or(if still_valid { letter.uid } else { None });
    }
    *uid_validity = present;
    Ok(())
}

/// Brings the two databases together at the start. A crash, or a power cut that cost `mail.db` its last commits, may
/// have left entries that were never applied here, and what is pending for entries that are no more.
pub(crate) fn reconcile(local: &Database, mail: &Database) -> Result<()> {
    let applied = mail.write_blocking(|tx| {
        let mut query = tx.prepare_cached("SELECT DISTINCT journal FROM pending")?;
        let ids = query.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<BTreeSet<i64>>>()?)
    })?;
    let entries = local.write_blocking(|tx| entries(tx, None))?;
    if applied.is_empty() && entries.is_empty() {
        return Ok(());
    }
    mail.write_blocking(move |tx| {
        let known: BTreeSet<i64> = entries.iter().map(|entry| entry.id.0).collect();
        for orphan in applied.difference(&known) {
            confirm(tx, JournalId(*orphan))?;
        }
        for entry in entries.iter().filter(|entry| !applied.contains(&entry.id.0)) {
            apply(tx, entry.account, entry.id, &entry.op)?;
        }
        Ok(())
    })
}
