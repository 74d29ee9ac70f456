//! What a letter is that the sync brings:
//!
//! | it is | then |
//! |---|---|
//! | one whose UID is known | nothing |
//! | one that was moved away here, which the server does not know yet | its UID is noted, where it was not |
//! | one that waits here for its UID: moved here, or renumbered | it takes the UID, and keeps its number |
//! | a message that is here: in another mailbox, or in none since another program moved it | a place for that message |
//! | anything else | a new message |
//!
//! A message that lies in another mailbox is told by what the server calls it (EMAILID, X-GM-MSGID); where it calls it
//! nothing, by Message-ID, size and INTERNALDATE, which a copy keeps (RFC 9051 §6.4.7).

use super::contents::{self, Known};
use super::correspondents::{Correspondents, teaches};
use super::counts::Counts;
use super::pending::refresh;
use super::prepare::Prepared;
use super::threads::{self, Joined};
use super::topics;
use crate::Result;
use crate::columns::Time;
use crate::database::Tx;
use jiff::Timestamp;
use model::{AccountId, ContentId, Flags, LetterId, MailboxId, ThreadId};
use rusqlite::{Connection, OptionalExtension};

/// The mailbox that letters come into.
pub(super) struct Destination {
    pub(super) mailbox: MailboxId,
    pub(super) account: AccountId,
    role: Option<i64>,
    /// Whether letters wait here for their UIDs.
    awaited: bool,
    /// Whether letters were moved away from here, and the server does not know yet.
    left: bool,
}

impl Destination {
    pub(super) fn look(db: &Connection, mailbox: MailboxId, account: AccountId) -> Result<Self> {
        let sql = "SELECT role_code, EXISTS (SELECT 1 FROM letter WHERE mailbox = ?1 AND uid IS NULL),
                       EXISTS (SELECT 1 FROM pending WHERE origin = ?1)
                   FROM mailbox WHERE id = ?1";
        Ok(db.prepare_cached(sql)?.query_row([mailbox.0], |row| {
            Ok(Self { mailbox, account, role: row.get(0)?, awaited: row.get(1)?, left: row.get(2)? })
        })?)
    }
}

/// A place in a mailbox that a letter takes.
#[derive(Clone, Copy)]
struct Place {
    uid: u32,
    flags: Flags,
}

/// Takes letters in, and returns those that were not here before.
pub(super) fn arrive_all(
    tx: &Tx<'_>,
    to: &Destination,
    letters: &[Prepared],
    own: &[String],
) -> Result<Vec<LetterId>> {
    let mut tell = Told { counts: Counts::default(), people: Correspondents::of(own) };
    let mut new = Vec::new();
    for letter in letters {
        new.extend(arrive(tx, to, letter, &mut tell)?);
    }
    tell.counts.write(tx, to.mailbox, to.role)?;
    tell.people.write(tx, to.account)?;
    Ok(new)
}

/// Gives places to messages that are here: the letters that are new, and the UIDs of those whose message is not here
/// after all. Two letters may look like one message that waits for its place, and only one of them is it.
pub(super) fn place_all(tx: &Tx<'_>, to: &Destination, letters: &[Prepared]) -> Result<(Vec<LetterId>, Vec<u32>)> {
    let mut tell = Told { counts: Counts::default(), people: Correspondents::of(&[]) };
    let (mut new, mut unknown) = (Vec::new(), Vec::new());
    for letter in letters {
        match arrive_if_known(tx, to, letter, &mut tell)? {
            Arrival::New(id) => new.push(id),
            Arrival::Known => {}
            Arrival::Unknown => unknown.push(letter.uid),
        }
    }
    tell.counts.write(tx, to.mailbox, to.role)?;
    Ok((new, unknown))
}

/// What became of a letter that came.
enum Arrival {
    /// It has a place that it did not have.
    New(LetterId),
    /// It was here, or is not to be.
    Known,
    /// Its message is not here.
    Unknown,
}

/// What a batch tells beside its letters.
struct Told {
    counts: Counts,
    people: Correspondents,
}

fn arrive(tx: &Tx<'_>, to: &Destination, letter: &Prepared, tell: &mut Told) -> Result<Option<LetterId>> {
    match arrive_if_known(tx, to, letter, tell)? {
        Arrival::New(id) => Ok(Some(id)),
        Arrival::Known => Ok(None),
        Arrival::Unknown => {
            if teaches(to.role) {
                tell.people.learn(&letter.text.people, letter.date);
            }
            let by_subject = topics::related(tx, to.account, letter)?;
            let joined = threads::join(tx, to.account, &letter.text.names, by_subject)?;
            let content = contents::insert(tx, to.account, joined.thread, letter)?;
            let place = Place { uid: letter.uid, flags: letter.flags };
            put(tx, to, content, joined, letter.date, letter.raw.is_some(), place, &mut tell.counts).map(Some)
        }
    }
}

fn arrive_if_known(tx: &Tx<'_>, to: &Destination, letter: &Prepared, tell: &mut Told) -> Result<Arrival> {
    if is_known(tx, to, letter.uid)? {
        return Ok(Arrival::Known);
    }
    let known = Known::of(letter);
    let place = Place { uid: letter.uid, flags: letter.flags };
    if to.left && was_moved_away(tx, to, letter.uid, known)? {
        return Ok(Arrival::Known);
    }
    match whereabouts(tx, to, known)? {
        Whereabouts::Waits(id, content) => {
            adopt(tx, id, place)?;
            settle(tx, content, letter)?;
            Ok(Arrival::Known)
        }
        Whereabouts::Elsewhere(content) => {
            settle(tx, content, letter)?;
            put_existing(tx, to, content, place, &mut tell.counts).map(Arrival::New)
        }
        Whereabouts::Nowhere => Ok(Arrival::Unknown),
    }
}

/// Where a message is that came into a mailbox.
enum Whereabouts {
    /// Here, without a UID.
    Waits(LetterId, ContentId),
    /// In another mailbox, or in none.
    Elsewhere(ContentId),
    /// It is new.
    Nowhere,
}

fn whereabouts(tx: &Tx<'_>, to: &Destination, known: Known<'_>) -> Result<Whereabouts> {
    let alike = contents::alike(tx, to.account, known)?;
    if to.awaited {
        for candidate in &alike {
            if let Some(id) = waiting(tx, to, candidate.id)? {
                return Ok(Whereabouts::Waits(id, candidate.id));
            }
        }
    }
    if let Some(email_id) = known.email_id
        && let Some(content) = contents::by_email_id(tx, to.account, email_id, known.size)?
    {
        return Ok(match waiting(tx, to, content)? {
            Some(id) => Whereabouts::Waits(id, content),
            None => Whereabouts::Elsewhere(content),
        });
    }
    for candidate in alike {
        let is_other = candidate.email_id.is_some() && known.email_id.is_some();
        if !is_other && candidate.internal_date == known.internal_date && !lies_in(tx, candidate.id, to.mailbox)? {
            return Ok(Whereabouts::Elsewhere(candidate.id));
        }
    }
    Ok(Whereabouts::Nowhere)
}

fn is_known(tx: &Tx<'_>, to: &Destination, uid: u32) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE mailbox = ?1 AND uid = ?2)";
    Ok(tx.prepare_cached(sql)?.query_row((to.mailbox.0, uid), |row| row.get(0))?)
}

/// Whether it is one that was moved from here, and the server does not know yet. One whose UID was not known when it
/// was moved on is told by its Message-ID, and its UID noted for the replay.
fn was_moved_away(tx: &Tx<'_>, to: &Destination, uid: u32, known: Known<'_>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pending WHERE origin = ?1 AND origin_uid = ?2)";
    if tx.prepare_cached(sql)?.query_row((to.mailbox.0, uid), |row| row.get(0))? {
        return Ok(true);
    }
    let sql = "SELECT journal, letter FROM pending JOIN letter ON letter.id = pending.letter
                   JOIN content ON content.id = letter.content
               WHERE origin = ?1 AND origin_uid IS NULL AND message_id = ?2 AND size = ?3 LIMIT 1";
    let mut query = tx.prepare_cached(sql)?;
    let key = (to.mailbox.0, known.message_id, known.size);
    let found = query.query_row(key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let Some((journal, moved)) = found else { return Ok(false) };
    let sql = "UPDATE pending SET origin_uid = ?3 WHERE journal = ?1 AND letter = ?2";
    tx.prepare_cached(sql)?.execute((journal, moved, uid))?;
    Ok(true)
}

/// A place of this message here that waits for its UID.
fn waiting(tx: &Tx<'_>, to: &Destination, content: ContentId) -> Result<Option<LetterId>> {
    let sql = "SELECT id FROM letter WHERE content = ?1 AND mailbox = ?2 AND uid IS NULL ORDER BY id LIMIT 1";
    Ok(tx.prepare_cached(sql)?.query_row((content.0, to.mailbox.0), |row| Ok(LetterId(row.get(0)?))).optional()?)
}

fn lies_in(tx: &Tx<'_>, content: ContentId, mailbox: MailboxId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE content = ?1 AND mailbox = ?2)";
    Ok(tx.prepare_cached(sql)?.query_row((content.0, mailbox.0), |row| row.get(0))?)
}

fn adopt(tx: &Tx<'_>, id: LetterId, place: Place) -> Result<()> {
    let sql = "UPDATE letter SET uid = ?2, server_flags = ?3, sought = 0 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((id.0, place.uid, place.flags.0))?;
    refresh(tx, id).map(|_| ())
}

/// Keeps what a message brings that was not here of it.
fn settle(tx: &Tx<'_>, content: ContentId, letter: &Prepared) -> Result<()> {
    contents::found_again(tx, content, letter.email_id.as_deref())?;
    match &letter.raw {
        Some(raw) if !contents::is_whole(tx, content)? => contents::complete(tx, content, &letter.text, raw),
        _ => Ok(()),
    }
}

/// A place for a message that is here.
fn put_existing(
    tx: &Tx<'_>,
    to: &Destination,
    content: ContentId,
    place: Place,
    counts: &mut Counts,
) -> Result<LetterId> {
    let mut query = tx.prepare_cached("SELECT thread, date, raw IS NOT NULL FROM content WHERE id = ?1")?;
    let (thread, date, whole) =
        query.query_row([content.0], |row| Ok((ThreadId(row.get(0)?), row.get::<_, Time>(1)?.0, row.get(2)?)))?;
    put(tx, to, content, Joined { thread, is_new: false }, date, whole, place, counts)
}

#[expect(clippy::too_many_arguments, reason = "a row has as many columns")]
fn put(
    tx: &Tx<'_>,
    to: &Destination,
    content: ContentId,
    joined: Joined,
    date: Timestamp,
    whole: bool,
    place: Place,
    counts: &mut Counts,
) -> Result<LetterId> {
    let head = joined.is_new || takes_the_head(tx, joined.thread, to.mailbox, date)?;
    let sql = "INSERT INTO letter (mailbox, role, uid, content, thread, date, server_flags, flags, head, lacking)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)";
    tx.prepare_cached(sql)?.execute((
        to.mailbox.0,
        to.role,
        place.uid,
        content.0,
        joined.thread.0,
        Time(date),
        place.flags.0,
        head,
        !whole,
    ))?;
    counts.came(date, place.flags, head);
    Ok(LetterId(tx.last_insert_rowid()))
}

/// Whether a letter that comes now is the newest of its thread in the mailbox; the one that was is it no longer.
fn takes_the_head(tx: &Tx<'_>, thread: ThreadId, mailbox: MailboxId, date: Timestamp) -> Result<bool> {
    let sql = "SELECT id, date FROM letter WHERE thread = ?1 AND mailbox = ?2 AND head = 1";
    let mut query = tx.prepare_cached(sql)?;
    let head = query.query_row((thread.0, mailbox.0), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Time>(1)?)));
    let Some((id, newest)) = head.optional()? else { return Ok(true) };
    let newer = Time(date).microseconds() >= newest.microseconds();
    if newer {
        tx.prepare_cached("UPDATE letter SET head = 0 WHERE id = ?1")?.execute([id])?;
    }
    Ok(newer)
}
