//! Networks that this computer was on: what was found there, and what mail servers said there.
//!
//! What identifies a network comes in as octets and is kept as a hash with a key of this store's: two stores cannot be
//! compared, and no list of hashes fits. Whoever has the file has the key as well, and can tell whether a network that they
//! know is in it. The practice world has networks of its own.
//!
//! What is kept is bounded: of each network and identity the last [`CHECKS`] checks, and the [`NETWORKS`] networks that were
//! seen last or have a name.

use crate::columns::{Time, Word};
use crate::database::Tx;
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{Class, NetworkCheckId, NetworkId, NetworkKind};
use ring::hmac;
use rusqlite::{Connection, OptionalExtension, Row};
use std::sync::Arc;

/// Checks that are kept of a network, and of each identity on it.
pub const CHECKS: u32 = 50;
/// Networks that are kept without a name.
const NETWORKS: u32 = 200;
/// Refusals that are kept of a network.
const LESSONS: u32 = 50;

/// The length of a name that a user gives.
const LONGEST_NAME: usize = 80;

/// A network that this computer was on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNetwork {
    /// Its number.
    pub id: NetworkId,
    /// Whether it is one of the practice world.
    pub practice: bool,
    /// How this computer is on it.
    pub kind: NetworkKind,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// A check to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNetworkCheck {
    /// The identity that was looked at; empty for the network itself.
    pub identity: String,
    /// When.
    pub at: Timestamp,
    /// When everything was last looked at.
    pub whole_at: Timestamp,
    /// The word for what direct sending is worth.
    pub verdict: String,
    /// Why.
    pub because: String,
    /// What was found, as JSON.
    pub report: String,
}

/// A check that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkCheck {
    /// Its number.
    pub id: NetworkCheckId,
    /// Of which network.
    pub network: NetworkId,
    /// The check.
    pub check: NewNetworkCheck,
}

/// How a mail server refused this computer for what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkLesson {
    /// What for.
    pub class: Class,
    /// The domain of the server; empty for several that could not be reached.
    pub host: String,
    /// The domain of the user's that it was about; empty for none.
    pub sender: String,
    /// Its words, without anybody's address; empty for none.
    pub reply: String,
    /// When.
    pub at: Timestamp,
}

/// What is known of a network, for a letter that is about to leave from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkKnowledge {
    /// The network.
    pub network: StoredNetwork,
    /// The newest check of the network itself.
    pub latest: Option<NetworkCheck>,
    /// What mail servers said, the newest first.
    pub lessons: Vec<NetworkLesson>,
}

/// A network is found again by its world and its mark.
pub(crate) type NetworkKey = (bool, Box<[u8]>);

const NETWORK: &str = "id, practice, kind, name, first_seen, last_seen";
const CHECK: &str = "id, network, identity, at, whole_at, verdict, because, report";

impl Store {
    /// What is known of the network of this mark; `None` where it was never noted.
    pub async fn network_at(&self, practice: bool, mark: &[u8]) -> Result<Option<Arc<NetworkKnowledge>>> {
        let key: NetworkKey = (practice, mark.into());
        let wanted = key.clone();
        self.cache().networks.get_or(key, || self.local(move |db| known(db, &wanted))).await
    }

    /// Notes that this computer is on the network of this mark, and gives it.
    pub async fn note_network(
        &self,
        practice: bool,
        mark: &[u8],
        kind: NetworkKind,
        now: Timestamp,
    ) -> Result<StoredNetwork> {
        let mark = mark.to_vec();
        self.write_local(move |tx| {
            let mark = hashed(tx, &mark)?;
            let sql = "INSERT INTO network (practice, mark, kind, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?4)
                       ON CONFLICT (practice, mark)
                       DO UPDATE SET last_seen = max(last_seen, excluded.last_seen), kind = excluded.kind";
            tx.prepare_cached(sql)?.execute((practice, &mark, Word(kind), Time(now)))?;
            prune_networks(tx)?;
            tx.changed(Change::Networks);
            let sql = format!("SELECT {NETWORK} FROM network WHERE practice = ?1 AND mark = ?2");
            Ok(tx.prepare_cached(&sql)?.query_row((practice, &mark), network)?)
        })
        .await
    }

    /// Every network of a world, the one that was seen last first.
    pub async fn networks(&self, practice: bool) -> Result<Vec<StoredNetwork>> {
        self.local(move |db| {
            let sql = format!("SELECT {NETWORK} FROM network WHERE practice = ?1 ORDER BY last_seen DESC, id DESC");
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([practice], network)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Calls a network by a name, or with an empty one by none. Tells whether there is such a network.
    pub async fn rename_network(&self, id: NetworkId, name: &str) -> Result<bool> {
        let name: String = name.trim().chars().take(LONGEST_NAME).collect();
        let name = (!name.is_empty()).then_some(name);
        self.write_local(move |tx| {
            let renamed = tx.prepare_cached("UPDATE network SET name = ?2 WHERE id = ?1")?.execute((id.0, name))?;
            tx.changed(Change::Networks);
            Ok(renamed > 0)
        })
        .await
    }

    /// Forgets a network and what was found there. Tells whether there was one.
    pub async fn forget_network(&self, id: NetworkId) -> Result<bool> {
        self.write_local(move |tx| {
            let forgotten = tx.prepare_cached("DELETE FROM network WHERE id = ?1")?.execute([id.0])?;
            tx.changed(Change::Networks);
            Ok(forgotten > 0)
        })
        .await
    }

    /// Keeps a check of a network, and as many of those before as fit. Nothing is kept of a network that was forgotten
    /// meanwhile.
    pub async fn keep_network_check(&self, network: NetworkId, check: NewNetworkCheck) -> Result<()> {
        self.write_local(move |tx| {
            let NewNetworkCheck { identity, at, whole_at, verdict, because, report } = check;
            let sql = "INSERT INTO network_check (network, identity, at, whole_at, verdict, because, report)
                       SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM network WHERE id = ?1";
            let values = (network.0, &identity, Time(at), Time(whole_at), verdict, because, report);
            tx.prepare_cached(sql)?.execute(values)?;
            let oldest = "DELETE FROM network_check WHERE network = ?1 AND identity = ?2 AND id <=
                (SELECT id FROM network_check WHERE network = ?1 AND identity = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)";
            tx.prepare_cached(oldest)?.execute((network.0, &identity, CHECKS))?;
            tx.changed(Change::Networks);
            Ok(())
        })
        .await
    }

    /// The checks of a network itself, the newest first.
    pub async fn network_checks(&self, network: NetworkId) -> Result<Vec<NetworkCheck>> {
        self.local(move |db| {
            let sql =
                format!("SELECT {CHECK} FROM network_check WHERE network = ?1 AND identity = '' ORDER BY id DESC");
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([network.0], check)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The newest check of each identity on a network.
    pub async fn identity_checks(&self, network: NetworkId) -> Result<Vec<NetworkCheck>> {
        self.local(move |db| {
            let sql = format!(
                "SELECT {CHECK} FROM network_check WHERE id IN
                 (SELECT max(id) FROM network_check WHERE network = ?1 AND identity <> '' GROUP BY identity)
                 ORDER BY identity"
            );
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([network.0], check)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// A check, by its number.
    pub async fn network_check(&self, id: NetworkCheckId) -> Result<Option<NetworkCheck>> {
        self.local(move |db| {
            let sql = format!("SELECT {CHECK} FROM network_check WHERE id = ?1");
            Ok(db.prepare_cached(&sql)?.query_row([id.0], check).optional()?)
        })
        .await
    }

    /// Notes how this computer was refused for what it is; what the same host said before is forgotten.
    pub async fn note_network_lesson(&self, network: NetworkId, lesson: NetworkLesson) -> Result<()> {
        self.write_local(move |tx| {
            let NetworkLesson { class, host, sender, reply, at } = lesson;
            let sql = "INSERT INTO network_lesson (network, class, host, sender, reply, at)
                       SELECT id, ?2, ?3, ?4, ?5, ?6 FROM network WHERE id = ?1
                       ON CONFLICT (network, class, host, sender)
                       DO UPDATE SET reply = excluded.reply, at = excluded.at";
            tx.prepare_cached(sql)?.execute((network.0, Word(class), host, sender, reply, Time(at)))?;
            let oldest = "DELETE FROM network_lesson WHERE network = ?1 AND at <
                (SELECT at FROM network_lesson WHERE network = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)";
            tx.prepare_cached(oldest)?.execute((network.0, LESSONS - 1))?;
            tx.changed(Change::Networks);
            Ok(())
        })
        .await
    }

    /// Forgets what is no longer so: of this network, these kinds of refusals, of one host or of all. Tells whether there
    /// were any.
    pub async fn unlearn_of_network(
        &self,
        network: NetworkId,
        classes: &[Class],
        host: Option<&str>,
    ) -> Result<bool> {
        let (classes, host) = (classes.to_vec(), host.map(str::to_owned));
        self.write_local(move |tx| {
            let sql = "DELETE FROM network_lesson WHERE network = ?1 AND class = ?2 AND (?3 IS NULL OR host = ?3)";
            let mut delete = tx.prepare_cached(sql)?;
            let mut gone = 0;
            for class in classes {
                gone += delete.execute((network.0, Word(class), &host))?;
            }
            if gone > 0 {
                tx.changed(Change::Networks);
            }
            Ok(gone > 0)
        })
        .await
    }
}

/// What a network is kept under.
fn hashed(db: &Connection, mark: &[u8]) -> Result<Vec<u8>> {
    let key: Vec<u8> =
        db.prepare_cached("SELECT key FROM network_key WHERE id = 1")?.query_row([], |row| row.get(0))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Ok(hmac::sign(&key, mark).as_ref().to_vec())
}

fn known(db: &Connection, (practice, mark): &NetworkKey) -> Result<Option<Arc<NetworkKnowledge>>> {
    let sql = format!("SELECT {NETWORK} FROM network WHERE practice = ?1 AND mark = ?2");
    let found = db.prepare_cached(&sql)?.query_row((practice, hashed(db, mark)?), network).optional()?;
    let Some(network) = found else { return Ok(None) };
    let sql =
        format!("SELECT {CHECK} FROM network_check WHERE network = ?1 AND identity = '' ORDER BY id DESC LIMIT 1");
    let latest = db.prepare_cached(&sql)?.query_row([network.id.0], check).optional()?;
    let sql = "SELECT class, host, sender, reply, at FROM network_lesson WHERE network = ?1 ORDER BY at DESC";
    let mut query = db.prepare_cached(sql)?;
    let lessons = query.query_map([network.id.0], lesson)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(Arc::new(NetworkKnowledge { network, latest, lessons })))
}

/// Whoever was often on the way had many networks; those that were never named go first.
fn prune_networks(tx: &Tx<'_>) -> Result<()> {
    let sql = "DELETE FROM network WHERE name IS NULL AND last_seen <
        (SELECT last_seen FROM network WHERE name IS NULL ORDER BY last_seen DESC LIMIT 1 OFFSET ?1)";
    tx.prepare_cached(sql)?.execute([NETWORKS - 1])?;
    Ok(())
}

fn network(row: &Row<'_>) -> rusqlite::Result<StoredNetwork> {
    Ok(StoredNetwork {
        id: NetworkId(row.get(0)?),
        practice: row.get(1)?,
        kind: row.get::<_, Word<NetworkKind>>(2)?.0,
        name: row.get(3)?,
        first_seen: row.get::<_, Time>(4)?.0,
        last_seen: row.get::<_, Time>(5)?.0,
    })
}

fn check(row: &Row<'_>) -> rusqlite::Result<NetworkCheck> {
    Ok(NetworkCheck {
        id: NetworkCheckId(row.get(0)?),
        network: NetworkId(row.get(1)?),
        check: NewNetworkCheck {
            identity: row.get(2)?,
            at: row.get::<_, Time>(3)?.0,
            whole_at: row.get::<_, Time>(4)?.0,
            verdict: row.get(5)?,
            because: row.get(6)?,
            report: row.get(7)?,
        },
    })
}

fn lesson(row: &Row<'_>) -> rusqlite::Result<NetworkLesson> {
    Ok(NetworkLesson {
        class: row.get::<_, Word<Class>>(0)?.0,
        host: row.get(1)?,
        sender: row.get(2)?,
        reply: row.get(3)?,
        at: row.get::<_, Time>(4)?.0,
    })
}

#[cfg(test)]
mod tests;
