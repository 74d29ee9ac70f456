//! MTA-STS policies of destinations, kept for as long as they say (RFC 8461 §3.3), whatever DNS says meanwhile.

use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

/// The policy of a domain as it was last had, or that it was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSts {
    /// The id that DNS announced when it was fetched.
    pub id: String,
    /// As it was fetched; empty where it never was.
    pub policy: String,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When it was last tried to fetch it.
    pub tried_at: Timestamp,
}

impl StoredSts {
    /// What is kept of a first try, until it comes to something.
    pub fn tried(id: &str, at: Timestamp) -> Self {
        Self { id: id.to_owned(), policy: String::new(), fetched_at: at, expires_at: at, tried_at: at }
    }

    /// Whether there is a policy, and it counts.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.policy.is_empty() && now < self.expires_at
    }
}

impl Store {
    /// What is kept of a domain's policy.
    pub async fn sts_policy(&self, domain: &str) -> Result<Option<StoredSts>> {
        let domain = domain.to_ascii_lowercase();
        self.local(move |db| {
            let sql = "SELECT policy_id, policy, fetched_at, expires_at, tried_at FROM sts_policy WHERE domain = ?1";
            let mut query = db.prepare_cached(sql)?;
            let read = |row: &rusqlite::Row<'_>| {
                let time = |column: usize| row.get::<_, Time>(column).map(|time| time.0);
                Ok(StoredSts {
                    id: row.get(0)?,
                    policy: row.get(1)?,
                    fetched_at: time(2)?,
                    expires_at: time(3)?,
                    tried_at: time(4)?,
                })
            };
            Ok(query.query_row([domain], read).optional()?)
        })
        .await
    }

    /// Keeps a domain's policy in place of what was kept before.
    pub async fn keep_sts_policy(&self, domain: &str, kept: StoredSts) -> Result<()> {
        let domain = domain.to_ascii_lowercase();
        self.write_local(move |tx| {
            let sql = "INSERT OR REPLACE INTO sts_policy (domain, policy_id, policy, fetched_at, expires_at, tried_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values =
                (domain, kept.id, kept.policy, Time(kept.fetched_at), Time(kept.expires_at), Time(kept.tried_at));
            tx.execute(sql, values)?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_policy_is_kept_by_domain_and_replaced_whole() {
        let (_home, store) = testing::store().await;
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(store.sts_policy("example.org").await.unwrap(), None);
        let tried = StoredSts::tried("1", at(100));
        store.keep_sts_policy("Example.ORG", tried.clone()).await.unwrap();
        assert_eq!(store.sts_policy("example.org").await.unwrap(), Some(tried.clone()));
        assert!(!tried.is_valid(at(100)), "there is no policy yet");
        let kept = StoredSts {
            id: "2".to_owned(),
            policy: "version: STSv1\n".to_owned(),
            fetched_at: at(200),
            expires_at: at(300),
            tried_at: at(250),
        };
        store.keep_sts_policy("example.org", kept.clone()).await.unwrap();
        assert_eq!(store.sts_policy("EXAMPLE.org").await.unwrap(), Some(kept.clone()));
        assert!(kept.is_valid(at(299)) && !kept.is_valid(at(300)));
    }
}
