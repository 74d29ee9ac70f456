//! Letters on their way in: asked for ahead, parsed and stored while more come over the wire.
//!
//! A few questions are under way at any time ([`AHEAD`]), and a few batches are being parsed and stored
//! ([`STORING`]); more than that waits, so that the memory is bound whatever the mailbox holds. An answer is told by its
//! UID, and only what was asked for is kept. A batch is told when it is on the disk.

use super::unreadable::Refused;
use super::{Syncer, labels};
use crate::error::{Refusal, SyncError};
use crate::plan::{self, Batch, Manner, Part, Wish};
use crate::session::{Heard, Row};
use crate::uidset::UidSet;
use crate::wire::response::{Data, Fetched};
use jiff::Timestamp;
use message::Parsed;
use model::{LetterId, Mailbox};
use std::collections::{BTreeMap, VecDeque};
use store::{Announced, LetterSummary, NewLetter, Store};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Questions under way.
const AHEAD: usize = 3;
/// Batches that are parsed and stored at the same time.
const STORING: usize = 3;

/// Letters that are to be fetched for one mailbox.
pub(super) struct Wanted {
    rows: VecDeque<Row>,
    wish: Wish,
}

/// What became of letters that were fetched.
#[derive(Debug, Default)]
pub(super) struct TakenIn {
    /// Letters that could not be fetched and may come with the next pass.
    pub(super) left_out: u32,
    /// UIDs of all that were refused.
    pub(super) refused: Vec<u32>,
}

/// A question under way.
struct Asked {
    number: u32,
    batch: Batch,
    bodies: BTreeMap<u32, Vec<u8>>,
    since: Instant,
}

/// A batch on its way to the disk: how many letters, and what became of them.
type Storing = JoinHandle<Result<(Vec<LetterId>, Option<u32>), SyncError>>;

/// What is under way for one mailbox.
#[derive(Default)]
struct Flight {
    asked: Vec<Asked>,
    storing: VecDeque<Storing>,
    refused: Vec<(Batch, Refusal)>,
    /// Letters whose headers were longer than what came of them: the headers that list them come next.
    cut: Vec<Row>,
}

impl Wanted {
    pub(super) fn new(rows: Vec<Row>, wish: Wish) -> Self {
        Self { rows: rows.into(), wish }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl Syncer {
    /// Fetches and stores letters until all are here, or until something else has to be attended to.
    pub(super) async fn take_some_in(
        &mut self,
        mailbox: &Mailbox,
        wanted: &mut Wanted,
        new_from: u32,
    ) -> Result<TakenIn, SyncError> {
        let signals = self.signals.clone();
        self.take_in_until(mailbox, wanted, new_from, || signals.is_pending()).await
    }

    /// Fetches and stores letters until all are here, whoever waits.
    pub(super) async fn take_all_in(
        &mut self,
        mailbox: &Mailbox,
        wanted: &mut Wanted,
        new_from: u32,
    ) -> Result<TakenIn, SyncError> {
        self.take_in_until(mailbox, wanted, new_from, || false).await
    }

    async fn take_in_until(
        &mut self,
        mailbox: &Mailbox,
        wanted: &mut Wanted,
        new_from: u32,
        interrupted: impl Fn() -> bool,
    ) -> Result<TakenIn, SyncError> {
        let mut taken = TakenIn::default();
        let mut flight = Flight::default();
        let outcome = self.fly(mailbox, wanted, new_from, interrupted, &mut flight).await;
        if outcome.is_err() {
            // What came before the connection broke is kept: it need not come again.
            let Flight { asked, storing, .. } = &mut flight;
            let store = |mut one| {
                take_cut(&mut one);
                store_batch(self.store.clone(), mailbox, self.label_of(mailbox), one)
            };
            storing.extend(asked.drain(..).map(store));
            while let Some(job) = storing.pop_front() {
                if let Ok(stored) = job.await.map_err(died).flatten() {
                    self.tell_stored(mailbox, stored, new_from).await;
                }
            }
        }
        outcome?;
        for (batch, refusal) in flight.refused {
            self.take_in_one_by_one(mailbox, batch, refusal, new_from, &mut taken).await?;
        }
        Ok(taken)
    }

    async fn fly(
        &mut self,
        mailbox: &Mailbox,
        wanted: &mut Wanted,
        new_from: u32,
        interrupted: impl Fn() -> bool,
        flight: &mut Flight,
    ) -> Result<(), SyncError> {
        let Flight { asked, storing, refused, cut } = flight;
        loop {
            let room = asked.len() < AHEAD && storing.len() < STORING;
            let batch = match room {
                true if !cut.is_empty() => Some(Batch { rows: std::mem::take(cut), part: Part::Headers }),
                true if !interrupted() => plan::next_batch(&mut wanted.rows, wanted.wish, self.pace.batch()),
                _ => None,
            };
            if let Some(batch) = batch {
                let number = self.session.ask_bodies(&batch).await?;
                asked.push(Asked { number, batch, bodies: BTreeMap::new(), since: Instant::now() });
                continue;
            }
            let (waiting, room, owed) = (!storing.is_empty(), storing.len() < STORING, !asked.is_empty());
            let stored = async {
                match storing.front_mut() {
                    Some(job) => job.await.map_err(died).flatten(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // What is stored is told before more is read: the disk must not fall behind without bound.
                biased;
                stored = stored, if waiting => {
                    storing.pop_front();
                    self.tell_stored(mailbox, stored?, new_from).await;
                }
                heard = self.session.hear(), if owed && room => match heard? {
                    Heard::Data(data) => keep(asked, data),
                    Heard::Done(number, refusal) => {
                        let Some(place) = asked.iter().position(|one| one.number == number) else { continue };
                        let mut done = asked.remove(place);
                        match refusal {
                            Some(refusal) => refused.push((done.batch, refusal)),
                            None => {
                                self.pace.learn(done.batch.octets(), done.since.elapsed());
                                cut.extend(take_cut(&mut done));
                                let own = self.label_of(mailbox);
                                storing.push_back(store_batch(self.store.clone(), mailbox, own, done));
                            }
                        }
                    }
                },
                else => return Ok(()),
            }
        }
    }

    /// One letter that the server cannot read itself must not hide the others.
    async fn take_in_one_by_one(
        &mut self,
        mailbox: &Mailbox,
        batch: Batch,
        refusal: Refusal,
        new_from: u32,
        taken: &mut TakenIn,
    ) -> Result<(), SyncError> {
        let alone = batch.rows.len() == 1;
        for row in batch.rows {
            let mut again = Some(refusal.clone()).filter(|_| alone);
            if !alone {
                let one = Batch { rows: vec![row.clone()], part: batch.part };
                match self.fetch_batch(one).await {
                    Ok(mut done) => {
                        if !take_cut(&mut done).is_empty() {
                            let is_listed = self.list_by_headers(mailbox, &row, new_from).await?;
                            taken.left_out += u32::from(!is_listed);
                            continue;
                        }
                        let own = self.label_of(mailbox);
                        let stored = store_batch(self.store.clone(), mailbox, own, done).await;
                        let stored = stored.map_err(died).flatten()?;
                        self.tell_stored(mailbox, stored, new_from).await;
                    }
                    Err(SyncError::Refused(refusal)) => again = Some(*refusal),
                    Err(error) => return Err(error),
                }
            }
            if let Some(refusal) = again {
                taken.refused.push(row.uid);
                let refused = self.note_refused(mailbox, row.uid, &refusal).await?;
                let is_listed = self.list_by_headers(mailbox, &row, new_from).await?;
                taken.left_out += u32::from(!is_listed && refused == Refused::ForNow);
            }
        }
        Ok(())
    }

    /// Lists a letter by its headers; whether the server handed those out.
    async fn list_by_headers(&mut self, mailbox: &Mailbox, row: &Row, new_from: u32) -> Result<bool, SyncError> {
        let headers = match self.session.headers_of(row.uid).await {
            Ok(Some(headers)) => headers,
            Ok(None) => return Ok(false),
            Err(error) if error.refusal().is_some() => return Ok(false),
            Err(error) => return Err(error),
        };
        let parsed = message::parse(&headers);
        let date = parsed.date;
        let letter = new_letter(row, summary(parsed), date, None);
        let listed = self.store.insert_letters(mailbox.id, vec![letter]).await?;
        self.note_labels(mailbox, std::iter::once((row.uid, &row.labels))).await?;
        self.tell_stored(mailbox, (listed, Some(row.uid)), new_from).await;
        Ok(true)
    }

    /// One batch, waited for.
    async fn fetch_batch(&mut self, batch: Batch) -> Result<Asked, SyncError> {
        let number = self.session.ask_bodies(&batch).await?;
        let mut asked = vec![Asked { number, batch, bodies: BTreeMap::new(), since: Instant::now() }];
        loop {
            match self.session.hear().await? {
                Heard::Data(data) => keep(&mut asked, data),
                Heard::Done(_, Some(refusal)) => return Err(refusal.into()),
                Heard::Done(_, None) => break,
            }
        }
        asked.pop().ok_or_else(|| SyncError::Internal("an answer was lost".to_owned()))
    }

    async fn tell_stored(&mut self, mailbox: &Mailbox, (added, lowest): (Vec<LetterId>, Option<u32>), new_from: u32) {
        self.tell_letters(mailbox, added.clone(), Vec::new(), Vec::new()).await;
        if lowest.is_some_and(|lowest| lowest >= new_from) {
            self.tell_new_mail(mailbox, added).await;
        }
    }

    /// Bodies of these letters, for ones that are listed already.
    pub(super) async fn bodies_of(&mut self, rows: Vec<Row>) -> Result<BTreeMap<u32, Vec<u8>>, SyncError> {
        Ok(self.fetch_batch(Batch { rows, part: Part::Whole }).await?.bodies)
    }

    /// Takes out of the list what is here as a message already and only gets another place: by what the server calls
    /// it, or, where letters wait for their UIDs or another program may have moved some, by its Message-ID. What is
    /// taken out is placed.
    pub(super) async fn place_known(
        &mut self,
        mailbox: &Mailbox,
        rows: Vec<Row>,
        look_closer: bool,
    ) -> Result<Vec<Row>, SyncError> {
        let named = rows.iter().any(|row| row.email_id.is_some());
        if rows.is_empty() || !(named || look_closer) {
            return Ok(rows);
        }
        let ids: BTreeMap<u32, String> = if look_closer {
            self.session.message_ids(&UidSet::of(rows.iter().map(|row| row.uid))).await?.into_iter().collect()
        } else {
            BTreeMap::new()
        };
        let announced = rows.iter().map(|row| Announced {
            uid: row.uid,
            size: row.size,
            internal_date: row.internal_date.unwrap_or(Timestamp::UNIX_EPOCH),
            email_id: row.email_id.clone(),
            message_id: ids.get(&row.uid).cloned(),
        });
        let known = self.store.known_contents(mailbox.id, announced.collect()).await?;
        let known: std::collections::HashSet<u32> = known.into_iter().collect();
        if known.is_empty() {
            return Ok(rows);
        }
        let places = rows.iter().filter(|row| known.contains(&row.uid)).map(|row| {
            let summary = LetterSummary { message_id: ids.get(&row.uid).cloned(), ..LetterSummary::default() };
            new_letter(row, summary, None, None)
        });
        let (added, unknown) = self.store.place_known(mailbox.id, places.collect()).await?;
        self.tell_letters(mailbox, added, Vec::new(), Vec::new()).await;
        let placed = rows.iter().filter(|row| known.contains(&row.uid));
        self.note_labels(mailbox, placed.map(|row| (row.uid, &row.labels))).await?;
        let unknown: std::collections::HashSet<u32> = unknown.into_iter().collect();
        Ok(rows.into_iter().filter(|row| !known.contains(&row.uid) || unknown.contains(&row.uid)).collect())
    }

    /// How letters are wanted where so many octets are missing.
    pub(super) fn wish(&self, missing: u64) -> Wish {
        Wish { manner: self.pace.manner(missing), since: self.bodies_since }
    }

    /// Only what is needed to list letters.
    pub(super) fn listing(&self) -> Wish {
        Wish { manner: Manner::List, since: None }
    }
}

/// Keeps a body that was asked for and has not come yet.
fn keep(asked: &mut [Asked], data: Data) {
    let Data::Fetch(Fetched { uid: Some(uid), body, fields, .. }) = data else { return };
    let Some(one) = asked.iter_mut().find(|one| one.batch.rows.iter().any(|row| row.uid == uid)) else { return };
    let wanted = if one.batch.part == Part::Headers { fields } else { body };
    if let Some(octets) = wanted {
        one.bodies.entry(uid).or_insert(octets);
    }
}

/// Takes the letters out of which not even the headers came to their end: what lists and threads them may stand further
/// below, and they would be listed without it for ever.
fn take_cut(asked: &mut Asked) -> Vec<Row> {
    let Asked { batch: Batch { rows, part: Part::Beginning(octets) }, bodies, .. } = asked else { return Vec::new() };
    let octets = *octets as usize;
    let is_cut = |uid| bodies.get(&uid).is_some_and(|raw| raw.len() >= octets && !has_all_headers(raw));
    rows.extract_if(.., |row| is_cut(row.uid)).collect()
}

/// Whether an empty line ends the headers.
fn has_all_headers(beginning: &[u8]) -> bool {
    let mut lines = beginning.split_inclusive(|octet| *octet == b'\n');
    lines.any(|line| matches!(line, b"\r\n" | b"\n"))
}

fn died(error: tokio::task::JoinError) -> SyncError {
    SyncError::Internal(format!("a letter was not read: {error}"))
}

/// Parses and stores a batch, both away from the wire.
fn store_batch(store: Store, mailbox: &Mailbox, own: Option<String>, asked: Asked) -> Storing {
    let rows = asked.batch.rows.iter();
    let labels: Vec<_> =
        rows.filter_map(|row| Some((row.uid, labels::of_message(own.as_deref(), row.labels.as_deref()?)))).collect();
    let mailbox = mailbox.id;
    tokio::spawn(async move {
        let letters = tokio::task::spawn_blocking(move || parsed(asked)).await.map_err(died)?;
        let lowest = letters.iter().map(|letter| letter.uid).min();
        let new = store.insert_letters(mailbox, letters).await?;
        if !labels.is_empty() {
            store.set_labels(mailbox, labels).await?;
        }
        Ok((new, lowest))
    })
}

/// Letters that went meanwhile are not among the answers and are left out; some servers answer for one that has just
/// gone with an empty one.
fn parsed(asked: Asked) -> Vec<NewLetter> {
    let Asked { batch, mut bodies, .. } = asked;
    let letters = batch.rows.iter().filter_map(|row| {
        let raw = bodies.remove(&row.uid).filter(|raw| !raw.is_empty() || row.size == 0)?;
        let parsed = message::parse(&raw);
        let date = parsed.date;
        let whole = match batch.part {
            Part::Whole => true,
            Part::Beginning(octets) => raw.len() < octets as usize,
            Part::Headers => false,
        };
        Some(new_letter(row, summary(parsed), date, Some(raw).filter(|_| whole)))
    });
    letters.collect()
}

fn new_letter(row: &Row, summary: LetterSummary, date: Option<Timestamp>, raw: Option<Vec<u8>>) -> NewLetter {
    NewLetter {
        uid: row.uid,
        flags: row.flags,
        internal_date: row.internal_date.or(date).unwrap_or(Timestamp::UNIX_EPOCH),
        size: row.size,
        email_id: row.email_id.clone(),
        summary,
        raw,
    }
}

/// What the list and the index need of a parsed letter. An image that the text shows in place is no attachment.
pub(super) fn summary(parsed: Parsed) -> LetterSummary {
    let files: Vec<_> = parsed.attachments.iter().filter(|part| !part.inline).collect();
    LetterSummary {
        message_id: parsed.message_id,
        in_reply_to: parsed.in_reply_to,
        references: parsed.references,
        from: parsed.from,
        to: parsed.to,
        cc: parsed.cc,
        reply_to: parsed.reply_to,
        subject: parsed.subject,
        date: parsed.date,
        snippet: parsed.snippet,
        text: parsed.search_text,
        attachments: u32::try_from(files.len()).unwrap_or(u32::MAX),
        attachment_names: files.into_iter().map(|part| part.name.clone()).collect(),
        list_id: parsed.list_id,
    }
}
