//! Keys to sign with: what is public of them, and what DNS was seen to say. The private halves are with the secrets,
//! under [`dkim_key`].

use crate::columns::{Time, Word};
use crate::{Result, Store, StoreError};
use jiff::Timestamp;
use model::{DkimAlgorithm, DkimKeyId, DkimShown, OutgoingId};
use rusqlite::{OptionalExtension, Row};
use std::sync::Arc;

/// The name under which the private half of a key is kept with the secrets.
pub fn dkim_key(selector: &str, domain: &str) -> String {
    format!("dkim/{selector}._domainkey.{domain}")
}

/// A key that was just made; its private half is with the secrets already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDkimKey {
    /// The domain for which it is to sign, in A-labels.
    pub domain: String,
    /// The name under which DNS is to show it; never used twice in a domain.
    pub selector: String,
    /// How it signs.
    pub algorithm: DkimAlgorithm,
    /// Its public half, as in `p=`.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key, and what is known of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimKey {
    /// Its number.
    pub id: DkimKeyId,
    /// The domain for which it signs, in A-labels.
    pub domain: String,
    /// The name under which DNS shows it.
    pub selector: String,
    /// How it signs.
    pub algorithm: DkimAlgorithm,
    /// Its public half, as in `p=`.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is known of its record.
    pub standing: DkimStanding,
}

impl DkimKey {
    /// Whether what it signs is proven to every receiver: DNS shows it, it is in use, and it is of the kind that all of them
    /// verify. Gmail, Microsoft and Yahoo pass over Ed25519 (RFC 8463).
    pub fn proves_to_all(&self) -> bool {
        let DkimStanding { seen_at, retired_at, .. } = self.standing;
        seen_at.is_some() && retired_at.is_none() && self.algorithm == DkimAlgorithm::RsaSha256
    }
}

/// What is known of a key's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DkimStanding {
    /// When DNS last gave an answer about it.
    pub checked_at: Option<Timestamp>,
    /// That answer.
    pub shown: Option<DkimShown>,
    /// Since when DNS shows it; `None` while it does not.
    pub seen_at: Option<Timestamp>,
    /// Since when DNS no longer shows it, where it once did.
    pub missing_since: Option<Timestamp>,
    /// Since when a newer key signs in its place.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// Every key, by domain, oldest first.
    pub async fn dkim_keys(&self) -> Result<Vec<DkimKey>> {
        Ok(self.all_dkim_keys().await?.to_vec())
    }

    async fn all_dkim_keys(&self) -> Result<Arc<[DkimKey]>> {
        let read = || {
            self.local(|db| {
                let mut query = db.prepare_cached("SELECT * FROM dkim_key ORDER BY domain, id")?;
                let rows = query.query_map([], key)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
        };
        self.cache().dkim_keys.get_or((), read).await
    }

    /// The keys of a domain, oldest first.
    pub async fn dkim_keys_of(&self, domain: &str) -> Result<Vec<DkimKey>> {
        let keys = self.all_dkim_keys().await?;
        Ok(keys.iter().filter(|key| key.domain.eq_ignore_ascii_case(domain)).cloned().collect())
    }

    /// Adds a key that nothing is known of yet.
    pub async fn add_dkim_key(&self, new: NewDkimKey) -> Result<DkimKeyId> {
        self.write_local(move |tx| {
            tx.execute(
                "INSERT INTO dkim_key (domain, selector, algorithm, public_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                (new.domain, new.selector, Word(new.algorithm), new.public_key, Time(new.created_at)),
            )?;
            tx.changed_keys();
            Ok(DkimKeyId(tx.last_insert_rowid()))
        })
        .await
    }

    /// Notes what is known of the records of these keys, all or nothing. A key that is gone meanwhile is passed over.
    pub async fn note_dkim_standing(&self, standings: Vec<(DkimKeyId, DkimStanding)>) -> Result<()> {
        self.write_local(move |tx| {
            for (id, standing) in standings {
                let times = [standing.checked_at, standing.seen_at, standing.missing_since, standing.retired_at];
                let [checked, seen, missing, retired] = times.map(|time| time.map(Time));
                tx.execute(
                    "UPDATE dkim_key SET checked_at = ?2, shown = ?3, seen_at = ?4, missing_since = ?5, retired_at = ?6
                     WHERE id = ?1",
                    (id.0, checked, standing.shown.map(Word), seen, missing, retired),
                )?;
            }
            tx.changed_keys();
            Ok(())
        })
        .await
    }

    /// Forgets a key. Its private half has to be taken from the secrets too.
    pub async fn remove_dkim_key(&self, id: DkimKeyId) -> Result<()> {
        self.write_local(move |tx| {
            tx.changed_keys();
            match tx.execute("DELETE FROM dkim_key WHERE id = ?1", [id.0])? {
                0 => Err(StoreError::NotFound(format!("DKIM key {id}"))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Notes why an outgoing that should have been signed was not.
    pub async fn note_unsigned(&self, outgoing: OutgoingId, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write_local(move |tx| {
            tx.execute("INSERT OR REPLACE INTO unsigned VALUES (?1, ?2)", (outgoing.0, why))?;
            Ok(())
        })
        .await
    }

    /// Why an outgoing that should have been signed was not; `None` where there is nothing to say.
    pub async fn why_unsigned(&self, outgoing: OutgoingId) -> Result<Option<String>> {
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT why FROM unsigned WHERE outgoing = ?1")?;
            Ok(query.query_row([outgoing.0], |row| row.get(0)).optional()?)
        })
        .await
    }
}

fn key(row: &Row<'_>) -> rusqlite::Result<DkimKey> {
    let time = |column| row.get::<_, Option<Time>>(column).map(|time| time.map(|Time(time)| time));
    Ok(DkimKey {
        id: DkimKeyId(row.get("id")?),
        domain: row.get("domain")?,
        selector: row.get("selector")?,
        algorithm: row.get::<_, Word<DkimAlgorithm>>("algorithm")?.0,
        public_key: row.get("public_key")?,
        created_at: row.get::<_, Time>("created_at")?.0,
        standing: DkimStanding {
            checked_at: time("checked_at")?,
            shown: row.get::<_, Option<Word<DkimShown>>>("shown")?.map(|Word(shown)| shown),
            seen_at: time("seen_at")?,
            missing_since: time("missing_since")?,
            retired_at: time("retired_at")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, at};

    fn new(domain: &str, selector: &str) -> NewDkimKey {
        NewDkimKey {
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            algorithm: DkimAlgorithm::Ed25519Sha256,
            public_key: "AAECAw==".to_owned(),
            created_at: at(0),
        }
    }

    #[tokio::test]
    async fn a_key_comes_back_as_it_was_added_with_what_was_noted_of_it() {
        let (_home, store) = testing::store().await;
        let id = store.add_dkim_key(new("example.org", "one")).await.unwrap();
        store.add_dkim_key(new("example.net", "one")).await.unwrap();
        let keys = store.dkim_keys_of("Example.ORG").await.unwrap();
        assert_eq!((keys.len(), keys[0].id, keys[0].standing), (1, id, DkimStanding::default()));
        let standing = DkimStanding {
            checked_at: Some(at(9)),
            shown: Some(DkimShown::ThisKey),
            seen_at: Some(at(9)),
            ..DkimStanding::default()
        };
        store.note_dkim_standing(vec![(id, standing), (DkimKeyId(99), standing)]).await.unwrap();
        let all = store.dkim_keys().await.unwrap();
        assert_eq!(all.iter().map(|key| key.domain.as_str()).collect::<Vec<_>>(), ["example.net", "example.org"]);
        assert_eq!(all[1], DkimKey { standing, ..keys[0].clone() });
    }

    #[tokio::test]
    async fn a_selector_is_used_once_in_a_domain_and_a_key_removed_once() {
        let (_home, store) = testing::store().await;
        let id = store.add_dkim_key(new("example.org", "one")).await.unwrap();
        assert!(store.add_dkim_key(new("example.org", "One")).await.is_err());
        store.remove_dkim_key(id).await.unwrap();
        assert!(matches!(store.remove_dkim_key(id).await, Err(StoreError::NotFound(_))));
        assert_eq!(store.dkim_keys().await.unwrap(), []);
    }
}
