//! What entries of the journal did to letters here while the server does not know of it yet.

use super::contents;
use super::letters::{account_of, changed};
use super::mailboxes::by_path;
use super::orders::{self, End, present_path};
use crate::Result;
use crate::database::{Database, Tx};
use crate::journal::{JournalEntry, JournalLetter, JournalOp, entries};
use model::{AccountId, ContentId, Flags, JournalId, LetterId, Mailbox, MailboxId};
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
    if op.is_about_mailboxes() {
        return orders::apply(tx, account, id, op);
    }
    let Some((mailbox, letters)) = op.about_letters() else { return Ok(()) };
    let Some(from) = by_path(tx, account, mailbox)? else { return Ok(()) };
    if let JournalOp::Empty { upto, .. } = op {
        empty(tx, id, from.id, *upto)?;
    }
    for JournalLetter { letter, .. } in letters {
        apply_to(tx, account, id, op, &from, *letter)?;
    }
    changed(tx, from.id, account);
    Ok(())
}

/// Hides what is in a mailbox, up to a UID.
fn empty(tx: &Tx<'_>, id: JournalId, mailbox: MailboxId, upto: Option<u32>) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO pending (journal, letter, deletes)
               SELECT ?1, id, 1 FROM letter WHERE mailbox = ?2 AND uid <= ?3 AND hidden = 0";
    tx.prepare_cached(sql)?.execute((id.0, mailbox.0, upto))?;
    let sql = "UPDATE letter SET hidden = 1 WHERE mailbox = ?1 AND uid <= ?2 AND hidden = 0";
    tx.prepare_cached(sql)?.execute((mailbox.0, upto))?;
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
        JournalOp::Delete { .. } | JournalOp::Empty { .. } => {
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
        JournalOp::Copy { target, .. } => {
            let Some(target) = by_path(tx, account, target)? else { return Ok(()) };
            copy(tx, id, letter, target.id)?;
            changed(tx, target.id, account);
        }
        JournalOp::Unlabel { label, .. } => {
            let Some(label) = by_path(tx, account, label)?.filter(|label| label.id != from.id) else { return Ok(()) };
            unlabel(tx, id, letter, label.id)?;
            changed(tx, label.id, account);
        }
        _ => {}
    }
    refresh(tx, letter).map(|_| ())
}

/// Makes a copy that waits for its UID. It comes hidden, so that whoever shows it counts it.
fn copy(tx: &Tx<'_>, id: JournalId, letter: LetterId, target: MailboxId) -> Result<()> {
    let known = "SELECT EXISTS (SELECT 1 FROM pending WHERE journal = ?1 AND copy_of = ?2)";
    if tx.prepare_cached(known)?.query_row((id.0, letter.0), |row| row.get(0))? {
        return Ok(());
    }
    let sql = "INSERT INTO letter (mailbox, uid, content, thread, date, role, server_flags, flags, hidden, lacking)
               SELECT ?2, NULL, content, thread, date, (SELECT role_code FROM mailbox WHERE id = ?2), flags, flags, 1,
                   lacking
               FROM letter WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((letter.0, target.0))?;
    let made = LetterId(tx.last_insert_rowid());
    let sql = "INSERT INTO pending (journal, letter, copy_of) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((id.0, made.0, letter.0))?;
    refresh(tx, made).map(|_| ())
}

/// Hides the places that the message of a letter has in the mailbox of a label. The letter has a part in the order too,
/// so that what is done to it next comes after.
fn unlabel(tx: &Tx<'_>, id: JournalId, letter: LetterId, label: MailboxId) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO pending (journal, letter) VALUES (?1, ?2)")?
        .execute((id.0, letter.0))?;
    let sql = "SELECT other.id FROM letter CROSS JOIN letter AS other ON other.content = letter.content
               WHERE letter.id = ?1 AND other.mailbox = ?2 AND other.hidden = 0";
    let mut query = tx.prepare_cached(sql)?;
    let places = query.query_map((letter.0, label.0), |row| Ok(LetterId(row.get(0)?)))?;
    for place in places.collect::<rusqlite::Result<Vec<_>>>()? {
        let sql = "INSERT OR IGNORE INTO pending (journal, letter, deletes, copy_of) VALUES (?1, ?2, 1, ?3)";
        tx.prepare_cached(sql)?.execute((id.0, place.0, letter.0))?;
        refresh(tx, place)?;
    }
    Ok(())
}

fn is_in(db: &Connection, letter: LetterId, mailbox: MailboxId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE id = ?1 AND mailbox = ?2)";
    Ok(db.prepare_cached(sql)?.query_row((letter.0, mailbox.0), |row| row.get(0))?)
}

/// Makes a letter look as the server's flags and everything pending say.
pub(super) fn refresh(tx: &Tx<'_>, letter: LetterId) -> Result<Appearance> {
    let sql = "SELECT server_flags, EXISTS (SELECT 1 FROM mailbox_order WHERE removes = letter.mailbox)
               FROM letter WHERE id = ?1";
    let mut query = tx.prepare_cached(sql)?;
    let found = query.query_row([letter.0], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, bool>(1)?)));
    let Some((server, going)) = found.optional()? else { return Ok(Appearance::Same) };
    let sql = "SELECT set_flags, clear_flags, deletes FROM pending WHERE letter = ?1 ORDER BY journal";
    let mut query = tx.prepare_cached(sql)?;
    let layers = query.query_map([letter.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let layers = layers.collect::<rusqlite::Result<Vec<(u8, u8, bool)>>>()?;
    let flags = layers.iter().fold(server, |flags, (set, clear, _)| (flags | set) & !clear);
    let hidden = going || layers.iter().any(|(_, _, deletes)| *deletes);
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
    /// Of which letter it is a copy, or, where it goes with a label, another place.
    copy_of: Option<LetterId>,
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
            copy_of: row.get::<_, Option<i64>>("copy_of")?.map(LetterId),
        })
    })?;
    let parts = parts.collect::<rusqlite::Result<Vec<_>>>()?;
    tx.prepare_cached("DELETE FROM pending WHERE journal = ?1")?.execute([id.0])?;
    Ok(parts)
}

/// The same for some of its letters; a copy goes by the letter that it is of.
fn take_some(tx: &Tx<'_>, id: JournalId, letters: &[LetterId]) -> Result<Vec<Pending>> {
    let letters: BTreeSet<LetterId> = letters.iter().copied().collect();
    let (some, others): (Vec<_>, Vec<_>) =
        take(tx, id)?.into_iter().partition(|part| letters.contains(&part.copy_of.unwrap_or(part.letter)));
    let sql = "INSERT INTO pending (journal, letter, set_flags, clear_flags, deletes, origin, origin_uid, copy_of)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut put = tx.prepare_cached(sql)?;
    for Pending { letter, set, clear, deletes, origin, origin_uid, copy_of, .. } in others {
        let (origin, copy_of) = (origin.map(|origin| origin.0), copy_of.map(|letter| letter.0));
        put.execute((id.0, letter.0, set, clear, deletes, origin, origin_uid, copy_of))?;
    }
    Ok(some)
}

/// The server has done it: what was done here is the server's state too.
pub(crate) fn confirm(tx: &Tx<'_>, id: JournalId) -> Result<()> {
    for part in take(tx, id)? {
        if part.deletes {
            let sql = "DELETE FROM letter WHERE id = ?1 RETURNING content";
            let mut delete = tx.prepare_cached(sql)?;
            if let Some(content) = delete.query_row([part.letter.0], |row| Ok(ContentId(row.get(0)?))).optional()? {
                contents::drop_stray(tx, content)?;
            }
        } else {
            let sql = "UPDATE letter SET server_flags = (server_flags | ?2) & ~?3 WHERE id = ?1";
            tx.prepare_cached(sql)?.execute((part.letter.0, part.set, part.clear))?;
            refresh(tx, part.letter)?;
        }
        told(tx, &part)?;
    }
    orders::settle(tx, id, End::Done)
}

/// The server will never do it: letters and mailboxes look again as the server has them.
pub(crate) fn undo(tx: &Tx<'_>, id: JournalId) -> Result<()> {
    let parts = take(tx, id)?;
    undo_parts(tx, parts)?;
    orders::settle(tx, id, End::Abandoned)
}

/// The same for some letters of an entry.
pub(crate) fn undo_letters(tx: &Tx<'_>, id: JournalId, letters: &[LetterId]) -> Result<()> {
    let parts = take_some(tx, id, letters)?;
    undo_parts(tx, parts)
}

fn undo_parts(tx: &Tx<'_>, parts: Vec<Pending>) -> Result<()> {
    for part in parts {
        if let Some(origin) = part.origin {
            move_back(tx, &part, origin)?;
        }
        if part.copy_of.is_some() && !part.deletes {
            tx.prepare_cached("DELETE FROM letter WHERE id = ?1")?.execute([part.letter.0])?;
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

/// Entries of an account with the UIDs that their letters have now on the server, and the UIDVALIDITY that these belong
/// to. A letter may have been renumbered, or have got its UID only after the order was given.
pub(crate) fn with_present_uids(db: &Connection, mut entries: Vec<JournalEntry>) -> Result<Vec<JournalEntry>> {
    let Some(first) = entries.first() else { return Ok(entries) };
    let separator = orders::separator(db, first.account)?;
    // Those of them that were given later say what a mailbox is called here now.
    let renames = orders::since(db, first.account, first.id)?;
    for entry in &mut entries {
        let since = renames.get(renames.partition_point(|(given, _)| *given <= entry.id)..).unwrap_or_default();
        let (account, id) = (entry.account, entry.id);
        match &mut entry.op {
            JournalOp::SetFlags { mailbox, uid_validity, letters, .. }
            | JournalOp::Move { mailbox, uid_validity, letters, .. }
            | JournalOp::Copy { mailbox, uid_validity, letters, .. }
            | JournalOp::Unlabel { mailbox, uid_validity, letters, .. }
            | JournalOp::Delete { mailbox, uid_validity, letters }
            | JournalOp::Empty { mailbox, uid_validity, letters, upto: None } => {
                let path = present_path(mailbox, since, separator.as_deref());
                renumber(db, account, id, &path, uid_validity, letters)?;
            }
            _ => {}
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
    let key = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<u32>>(1)?));
    let found = query.query_row((account.0, mailbox), key).optional()?;
    // A mailbox that is not listed here (yet): what was written down is all that is known.
    let Some((mailbox, present)) = found else { return Ok(()) };
    let sql = "SELECT coalesce(
                   (SELECT origin_uid FROM pending
                    WHERE letter = ?1 AND origin = ?2 AND journal >= ?3 ORDER BY journal LIMIT 1),
                   CASE WHEN mailbox = ?2 THEN uid END)
               FROM letter WHERE id = ?1";
    let mut query = db.prepare_cached(sql)?;
    let mut here = Vec::with_capacity(letters.len());
    for letter in letters.iter() {
        let uid =
            query.query_row((letter.letter.0, mailbox, entry.0), |row| row.get::<_, Option<u32>>(0)).optional()?;
        here.push(uid);
    }
    // The same where it was not synced since `mail.db` was made afresh.
    if present.is_none() && here.iter().all(Option::is_none) {
        return Ok(());
    }
    let still_valid = *uid_validity == present;
    for (letter, here) in letters.iter_mut().zip(here) {
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
        let mut applied = ids.collect::<rusqlite::Result<BTreeSet<i64>>>()?;
        applied.extend(orders::applied(tx)?);
        Ok(applied)
    })?;
    let entries = local.write_blocking(|tx| entries(tx, None))?;
    if applied.is_empty() && entries.is_empty() {
        return Ok(());
    }
    let (withdrawn, entries): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| matches!(entry.op, JournalOp::Withdraw { .. }));
    let marks: Vec<JournalId> = withdrawn.iter().map(|entry| entry.id).collect();
    mail.write_blocking(move |tx| {
        for entry in &withdrawn {
            take_back(tx, &entry.op)?;
        }
        let taken_back = withdrawn.iter().filter_map(|entry| match &entry.op {
            JournalOp::Withdraw { of, .. } => Some(of.0),
            _ => None,
        });
        let known: BTreeSet<i64> = entries.iter().map(|entry| entry.id.0).chain(taken_back).collect();
        for orphan in applied.difference(&known) {
            confirm(tx, JournalId(*orphan))?;
        }
        for entry in entries.iter().filter(|entry| !applied.contains(&entry.id.0)) {
            apply(tx, entry.account, entry.id, &entry.op)?;
        }
        Ok(())
    })?;
    local.write_blocking(move |tx| {
        for mark in marks {
            tx.prepare_cached("DELETE FROM journal WHERE id = ?1")?.execute([mark.0])?;
        }
        Ok(())
    })
}

/// A withdrawal that a crash interrupted.
fn take_back(tx: &Tx<'_>, op: &JournalOp) -> Result<()> {
    match op {
        JournalOp::Withdraw { of, letters } if letters.is_empty() => undo(tx, *of),
        JournalOp::Withdraw { of, letters } => undo_letters(tx, *of, letters),
        _ => Ok(()),
    }
}
