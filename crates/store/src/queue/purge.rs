//! Letting go of what nobody needs any longer.
//!
//! | what | goes when the outgoing is closed, and |
//! |---|---|
//! | the message | its copy was seen in Sent two weeks ago; no server took it and nothing happened for 90 days; or it was to be filed in an account that is gone, 90 days ago |
//! | what was said on the wire | nothing happened for 90 days |
//! | the outgoing with its deliveries and attempts | its message is gone, and nothing happened for a year |
//!
//! An outgoing is closed when none of its deliveries is open, or was refused and not dismissed. A message that has no
//! other copy, or whose copy is still to be filed, stays. It is done in small transactions, so that nobody waits for it.

use crate::columns::Time;
use crate::database::Tx;
use crate::{Change, Result, Store};
use jiff::{SignedDuration, Timestamp};
use model::OutgoingId;
use rusqlite::{Connection, params};

/// How long the message is kept when its copy is in Sent.
const FILED: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long the rest is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long is remembered what was sent.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(365 * 24);
/// What goes in one transaction.
const AT_A_TIME: usize = 10;

/// Closed, and nothing has happened since ?1.
const CLOSED: &str = "created_at < ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.outgoing = outgoing.id
    AND (changed_at >= ?1 OR state IN ('held', 'queued', 'sending', 'deferred')
        OR (state IN ('failed', 'bounced') AND dismissed = 0)))";

/// Another one has it, or nobody is to have it, and it is on its way to nobody's Sent.
const NOT_THE_ONLY_COPY: &str = "(copy IS NULL OR copy = 'here' OR (copy = 'ordered' AND account IS NULL))
    AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.account = outgoing.account AND instr(op, message_id))";

/// What was let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Messages, of which is remembered that they were sent.
    pub messages: usize,
    /// Outgoings of whose attempts is no longer known what was said.
    pub transcripts: usize,
    /// Outgoings with all that was known of them.
    pub outgoings: usize,
}

/// Something that is let go: which outgoings have it to let go of, and how it goes.
struct Rubbish {
    condition: String,
    remove: fn(&Tx<'_>, OutgoingId) -> Result<()>,
}

impl Store {
    /// Lets go of what nobody needs any longer at `now`. To be called now and then; when there is nothing to be let go,
    /// it only reads.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged> {
        Ok(Purged {
            messages: self.remove(filed(), since(now, FILED)).await?
                + self.remove(unneeded(), since(now, KEPT)).await?,
            transcripts: self.remove(spoken(), since(now, KEPT)).await?,
            outgoings: self.remove(forgotten(), since(now, REMEMBERED)).await?,
        })
    }

    async fn remove(&self, rubbish: Rubbish, before: Time) -> Result<usize> {
        let Rubbish { condition, remove } = rubbish;
        let all = condition.clone();
        let ids = self.local(move |db| candidates(db, &all, before)).await?;
        let mut removed = 0;
        for some in ids.chunks(AT_A_TIME) {
            let (some, condition) = (some.to_vec(), condition.clone());
            removed += self
                .write_local(move |tx| {
                    let mut removed = 0;
                    // Somebody may have brought one back since we looked.
                    let still = format!("SELECT 1 FROM outgoing WHERE {condition} AND id = ?2");
                    for id in some {
                        if !tx.prepare_cached(&still)?.exists(params![before, id.0])? {
                            continue;
                        }
                        remove(tx, id)?;
                        tx.changed(Change::Outgoing(id));
                        removed += 1;
                    }
                    Ok(removed)
                })
                .await?;
        }
        Ok(removed)
    }
}

fn since(now: Timestamp, age: SignedDuration) -> Time {
    Time(now.checked_sub(age).unwrap_or(Timestamp::MIN))
}

fn candidates(db: &Connection, condition: &str, before: Time) -> Result<Vec<OutgoingId>> {
    let mut query = db.prepare(&format!("SELECT id FROM outgoing WHERE {condition} ORDER BY id"))?;
    let ids = query.query_map([before], |row| Ok(OutgoingId(row.get(0)?)))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

const HAS_BYTES: &str = "EXISTS (SELECT 1 FROM outgoing_bytes WHERE outgoing = outgoing.id)";

fn filed() -> Rubbish {
    let condition = format!("copy = 'here' AND {CLOSED} AND {NOT_THE_ONLY_COPY} AND {HAS_BYTES}");
    Rubbish { condition, remove: remove_message }
}

fn unneeded() -> Rubbish {
    let condition = format!("{CLOSED} AND {NOT_THE_ONLY_COPY} AND {HAS_BYTES}");
    Rubbish { condition, remove: remove_message }
}

/// Recipients that travelled together share what was said; they are all of one outgoing.
fn spoken() -> Rubbish {
    let condition = format!(
        "{CLOSED} AND EXISTS (SELECT 1 FROM delivery JOIN attempt ON attempt.delivery = delivery.id
            WHERE delivery.outgoing = outgoing.id AND transcript IS NOT NULL)"
    );
    Rubbish { condition, remove: remove_transcripts }
}

fn forgotten() -> Rubbish {
    let condition = format!("{CLOSED} AND NOT {HAS_BYTES}");
    Rubbish { condition, remove: remove_outgoing }
}

fn remove_message(tx: &Tx<'_>, id: OutgoingId) -> Result<()> {
    tx.prepare_cached("DELETE FROM outgoing_bytes WHERE outgoing = ?1")?.execute([id.0])?;
    tx.prepare_cached("DELETE FROM outgoing_piece WHERE outgoing = ?1")?.execute([id.0])?;
    Ok(())
}

fn remove_transcripts(tx: &Tx<'_>, id: OutgoingId) -> Result<()> {
    let sql = "SELECT DISTINCT transcript FROM delivery JOIN attempt ON attempt.delivery = delivery.id
               WHERE outgoing = ?1 AND transcript IS NOT NULL";
    let mut query = tx.prepare_cached(sql)?;
    let said = query.query_map([id.0], |row| row.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut part = tx.prepare_cached("UPDATE attempt SET transcript = NULL WHERE transcript = ?1")?;
    let mut remove = tx.prepare_cached("DELETE FROM transcript WHERE id = ?1")?;
    for transcript in said {
        part.execute([transcript])?;
        remove.execute([transcript])?;
    }
    Ok(())
}

fn remove_outgoing(tx: &Tx<'_>, id: OutgoingId) -> Result<()> {
    tx.prepare_cached("DELETE FROM outgoing WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claim, message, outcome, taken};
    use super::*;
    use crate::testing::{self, account_of, at};
    use crate::{Made, NewOutgoing, Order, OutgoingFilter, Recorded, StoreError};
    use model::{Attempt, DeliveryState, Route};

    const DAY: i64 = 24 * 3600;

    fn days(days: i64) -> Timestamp {
        at(days * DAY)
    }

    /// What is left of it: the message, what was said, the outgoing.
    async fn left(store: &Store, id: OutgoingId) -> (bool, bool, bool) {
        let message = match store.outgoing_bytes(id).await {
            Ok(_) => true,
            Err(StoreError::NotFound(_)) => false,
            Err(error) => panic!("{error}"),
        };
        let said = store.attempts(id).await.unwrap();
        let said = match said.first() {
            Some(attempt) => store.transcript(attempt.id).await.unwrap().is_some(),
            None => false,
        };
        (message, said, store.outgoing(id).await.unwrap().is_some())
    }

    async fn ended(store: &Store, state: DeliveryState, account: Option<model::AccountId>) -> OutgoingId {
        let id = store.submit(NewOutgoing { account, ..message(&["b@x.test"]) }).await.unwrap();
        let delivery = claim(store, 0, "us").await[0].outgoing.deliveries[0].id;
        let attempt = Attempt::begun(at(0), Route::Direct, None);
        let made = Made { attempt, transcript: Some("S: 220 mx.x.test\n".into()) };
        let next = (state == DeliveryState::Deferred).then_some(60);
        let recorded = Recorded { attempts: vec![made], ..outcome(delivery, state, next) };
        store.record("us", at(1), vec![recorded]).await.unwrap();
        id
    }

    async fn set_copy(store: &Store, id: OutgoingId, copy: &'static str) {
        let set = store.write_local(move |tx| {
            tx.execute("DELETE FROM journal", [])?;
            Ok(tx.execute("UPDATE outgoing SET copy = ?2 WHERE id = ?1", (id.0, copy))?)
        });
        set.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_in_sent_goes_by_and_by() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap().id;
        let id = ended(&store, DeliveryState::Accepted, Some(account)).await;
        store.purge(days(80)).await.unwrap();
        assert_eq!(left(&store, id).await, (true, true, true), "its copy is still to be filed");
        set_copy(&store, id, "here").await;
        let table = [
            (13, (true, true, true)),
            (15, (false, true, true)),
            (91, (false, false, true)),
            (366, (false, false, false)),
        ];
        for (day, expected) in table {
            store.purge(days(day)).await.unwrap();
            assert_eq!(left(&store, id).await, expected, "after {day} days");
        }
        let nothing = store.local(|db| {
            let sql = "SELECT (SELECT count(*) FROM transcript) + (SELECT count(*) FROM attempt)";
            Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(nothing.await.unwrap(), 0);
        assert_eq!(store.purge(days(999)).await.unwrap(), Purged::default());
    }

    #[tokio::test]
    async fn what_is_open_or_has_no_other_copy_stays() {
        let (_home, store) = testing::store().await;
        let refused = ended(&store, DeliveryState::Failed, None).await;
        let only = ended(&store, DeliveryState::Accepted, None).await;
        let open = ended(&store, DeliveryState::Deferred, None).await;
        let purged = store.purge(days(9999)).await.unwrap();
        assert_eq!(purged, Purged { messages: 0, transcripts: 1, outgoings: 0 });
        assert_eq!(left(&store, only).await, (true, false, true));
        for id in [open, refused] {
            assert_eq!(left(&store, id).await, (true, true, true));
        }
        store.order(refused, None, Order::Dismiss, days(1)).await.unwrap();
        store.purge(days(9999)).await.unwrap();
        assert_eq!(left(&store, refused).await, (false, false, false));
        assert_eq!(store.outgoing_count(OutgoingFilter::All).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_comes_back_late_keeps_it_for_longer() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap().id;
        let sent = taken(&store, NewOutgoing { account: Some(account), ..message(&["b@x.test"]) }).await;
        set_copy(&store, sent.id, "here").await;
        store
            .write_local(|tx| {
                Ok(tx.execute("UPDATE delivery SET changed_at = changed_at + 1000000 * 3600 * 24 * 10", [])?)
            })
            .await
            .unwrap();
        store.purge(days(15)).await.unwrap();
        assert!(left(&store, sent.id).await.0);
    }
}
