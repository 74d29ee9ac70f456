//! What is asked for again and again, kept in memory: settings, accounts, keys to sign with, and what was learned of
//! destinations and networks. Asking costs neither a thread nor SQL.
//!
//! - What was committed here is forgotten before anybody is told that it is committed.
//! - What another process committed is forgotten when it is noticed: before anything is written here, and otherwise
//!   within half a second.
//! - What was read before a commit and comes to be kept after it is not kept.

use crate::database::News;
use crate::mail::{FactCache, GatheredCache};
use crate::networks::NetworkKey;
use crate::{Change, DkimKey, Learned, NetworkKnowledge, Result};
use model::Account;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Things of one kind that are kept at a time; when there are more, it begins anew.
const KEPT: usize = 4096;

/// All that is remembered.
#[derive(Default)]
pub(crate) struct Cache {
    pub(crate) settings: Remembered<(), Arc<BTreeMap<String, String>>>,
    pub(crate) accounts: Remembered<(), Arc<[Account]>>,
    pub(crate) learned: Remembered<String, Learned>,
    pub(crate) dkim_keys: Remembered<(), Arc<[DkimKey]>>,
    pub(crate) networks: Remembered<NetworkKey, Option<Arc<NetworkKnowledge>>>,
    pub(crate) facts: FactCache,
    pub(crate) gathered: GatheredCache,
}

impl Cache {
    /// Forgets what any commit may have changed.
    pub(crate) fn committed(&self) {
        self.gathered.forget();
    }

    /// Forgets what is another since this was committed.
    pub(crate) fn forget(&self, news: &News) {
        match news {
            News::Change(Change::Settings) => self.settings.forget(),
            News::Change(Change::Accounts) => self.accounts.forget(),
            News::Change(Change::Networks) => self.networks.forget(),
            News::Change(Change::Elsewhere) => {
                self.networks.forget();
                self.settings.forget();
                self.accounts.forget();
                self.learned.forget();
                self.dkim_keys.forget();
                self.gathered.forget();
            }
            News::Change(_) => {}
            News::DkimKeys => self.dkim_keys.forget(),
            News::Learned(domain) => self.learned.forget_one(domain),
        }
    }
}

/// Values by their keys.
pub(crate) struct Remembered<K, V>(Mutex<Values<K, V>>);

struct Values<K, V> {
    /// How often something was forgotten.
    epoch: u64,
    by_key: HashMap<K, V>,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Values { epoch: 0, by_key: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// The value of a key, read by `read` where it is not remembered.
    pub(crate) async fn get_or<F: Future<Output = Result<V>>>(&self, key: K, read: impl FnOnce() -> F) -> Result<V> {
        let epoch = {
            let values = self.values();
            if let Some(value) = values.by_key.get(&key) {
                return Ok(value.clone());
            }
            values.epoch
        };
        let value = read().await?;
        let mut values = self.values();
        if values.epoch == epoch {
            if values.by_key.len() >= KEPT {
                values.by_key.clear();
            }
            values.by_key.insert(key, value.clone());
        }
        Ok(value)
    }

    fn forget(&self) {
        let mut values = self.values();
        values.epoch += 1;
        values.by_key.clear();
    }

    fn forget_one<Q: ?Sized + Eq + Hash>(&self, key: &Q)
    where
        K: std::borrow::Borrow<Q>,
    {
        let mut values = self.values();
        values.epoch += 1;
        values.by_key.remove(key);
    }

    fn values(&self) -> MutexGuard<'_, Values<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn what_was_read_before_a_commit_is_not_kept_after_it() {
        let remembered = Remembered::<(), u32>::default();
        let slow = remembered.get_or((), || async {
            remembered.forget();
            Ok(1)
        });
        assert_eq!(slow.await.unwrap(), 1);
        assert_eq!(remembered.get_or((), || async { Ok(2) }).await.unwrap(), 2);
        assert_eq!(remembered.get_or((), || async { Ok(3) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_another_process_changed_is_known_to_whoever_writes_next() {
        let (home, window) = testing::store().await;
        let command = crate::Store::open(home.path()).await.unwrap();
        let account = command.add_account(testing::account_of("a@example.org", &["one"])).await.unwrap();
        assert_eq!(window.accounts().await.unwrap(), std::slice::from_ref(&account));
        assert_eq!(window.setting("key").await.unwrap(), None);
        assert_eq!(window.learned("x.test").await.unwrap().size_limit, None);
        command.set_setting("key", Some("new")).await.unwrap();
        command.learn("x.test", |learned| learned.size_limit = Some(9)).await.unwrap();
        let renamed = model::Account { smart_hosts: Vec::new(), ..account };
        command.update_account(&renamed).await.unwrap();
        window.set_setting("other", Some("x")).await.unwrap();
        assert_eq!(window.setting("key").await.unwrap().as_deref(), Some("new"));
        assert_eq!(window.learned("x.test").await.unwrap().size_limit, Some(9));
        assert_eq!(window.smart_host("one").await.unwrap(), None);
    }
}
