//! The handle that everyone holds, and the opening of both databases.

use crate::cache::Cache;
use crate::database::{Audience, Database, Durability, Tx, connect};
use crate::migrate::{Backup, migrate};
use crate::{Change, Result, StoreError, mail, platform};
use model::AccountId;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::broadcast;

const LOCAL: &[&str] = &[
    include_str!("../migrations/local/0001.sql"),
    include_str!("../migrations/local/0002.sql"),
    include_str!("../migrations/local/0003.sql"),
    include_str!("../migrations/local/0004.sql"),
    include_str!("../migrations/local/0005.sql"),
    include_str!("../migrations/local/0006.sql"),
];

/// Changes that a listener may lag behind; one that falls further behind is told so, and looks at everything again.
const CHANGES: usize = 4096;

/// The door to disk. Cheap to clone; the last one that is dropped closes the databases.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    home: PathBuf,
    local: Database,
    mail: Database,
    changes: broadcast::Sender<Change>,
    cache: Arc<Cache>,
    /// Whether the index of words is being tidied.
    tidying: AtomicBool,
}

/// A right that one process at a time has on a home directory; given back when it is dropped, or when the process ends.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("home", &self.inner.home).finish()
    }
}

impl Store {
    /// Opens the databases in `home`, making what is not there yet. `local.db` is copied before it is migrated; a
    /// damaged `mail.db` is set aside, with a note beside it, and made afresh.
    pub async fn open(home: &Path) -> Result<Self> {
        let home = home.to_owned();
        let opened = tokio::task::spawn_blocking(move || Self::open_blocking(home)).await;
        let (store, removed) = opened.map_err(|_| StoreError::Closed)??;
        store.forget_soon(removed);
        Ok(store)
    }

    /// The store, and accounts of which something is still to be removed.
    fn open_blocking(home: PathBuf) -> Result<(Self, Vec<AccountId>)> {
        platform::private_directory(&home)
            .map_err(|error| StoreError::io(format!("making {}", home.display()), error))?;
        let (changes, _) = broadcast::channel(CHANGES);
        let cache = Arc::new(Cache::default());
        let audience = Audience { cache: Arc::clone(&cache), changes: changes.clone() };
        let local_path = home.join("local.db");
        let local = Database::start(&local_path, open_local(&local_path)?, audience.clone())?;
        let mail_path = home.join("mail.db");
        let mail = Database::start(&mail_path, mail::open(&mail_path)?, audience)?;
        mail::start_generation(&local, &mail)?;
        mail::reconcile(&local, &mail)?;
        let removed = mail::removed(&local, &mail)?;
        let inner = Inner { home, local, mail, changes, cache, tidying: AtomicBool::new(false) };
        Ok((Self { inner: Arc::new(inner) }, removed))
    }

    /// The directory.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// What is committed from now on, by this process in detail, by another as [`Change::Elsewhere`].
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// The right to run the queue; `None` while another process, or another part of this one, has it. The system takes
    /// it back from a process that dies.
    pub fn runner_lock(&self) -> Result<Option<HomeLock>> {
        self.lock("runner.lock")
    }

    /// The right to replay the journal of an account; `None` as above. Two that replayed at once could both find a
    /// message missing in Sent, and both put it there.
    pub fn journal_lock(&self, account: AccountId) -> Result<Option<HomeLock>> {
        self.lock(&format!("journal-{account}.lock"))
    }

    /// The right to keep the practice post office of this home; `None` as above. Its ports are in the accounts, which
    /// all processes share, so only one can be open.
    pub fn practice_lock(&self) -> Result<Option<HomeLock>> {
        self.lock("practice.lock")
    }

    /// The right to hand letters over for this once; `None` as above. What nobody has it for was broken off.
    pub(crate) fn handing_lock(&self) -> Result<Option<HomeLock>> {
        self.lock("handing-over.lock")
    }

    /// The right to merge the index of words; `None` as above. Two that merged at once would do the same work twice.
    pub(crate) fn words_lock(&self) -> Result<Option<HomeLock>> {
        self.lock("words.lock")
    }

    fn lock(&self, name: &str) -> Result<Option<HomeLock>> {
        let path = self.inner.home.join(name);
        let what = || format!("locking {}", path.display());
        let file = platform::private_file(&path).map_err(|error| StoreError::io(what(), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(HomeLock { _file: file })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(StoreError::io(what(), error)),
        }
    }

    pub(crate) fn tidying(&self) -> &AtomicBool {
        &self.inner.tidying
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    pub(crate) async fn local<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.local.read(look).await
    }

    pub(crate) async fn write_local<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.local.write(work).await
    }

    pub(crate) async fn mail<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let result = self.inner.mail.read(look).await;
        self.suspect(result)
    }

    pub(crate) async fn write_mail<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let result = self.inner.mail.write(work).await;
        self.suspect(result)
    }

    /// Damage that shows only while the program runs is looked into at the next start.
    fn suspect<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(StoreError::Damaged(what)) = &result {
            mail::suspect(self.inner.mail.path(), what);
            let advice = "the store of fetched mail is damaged; start Postrider again, and it is fetched afresh";
            return Err(StoreError::Damaged(advice.to_owned()));
        }
        result
    }
}

fn open_local(path: &Path) -> Result<Connection> {
    platform::private_file(path).map_err(|error| StoreError::io(format!("opening {}", path.display()), error))?;
    let opened = connect(path, Durability::Full).and_then(|mut connection| {
        migrate(&mut connection, path, LOCAL, Backup::Before)?;
        Ok(connection)
    });
    opened.map_err(|error| match error {
        StoreError::Damaged(what) => StoreError::Damaged(format!("{} cannot be read: {what}", path.display())),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use std::time::Duration;

    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_kept_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let home = place.path().join("a").join("home");
        let store = Store::open(&home).await.unwrap();
        store.set_setting("x", Some("y")).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&home), 0o700);
        for entry in std::fs::read_dir(&home).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_directory_that_others_use_too_stays_open_to_them() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(place.path().join("theirs"), "").unwrap();
        for _ in 0..2 {
            drop(Store::open(place.path()).await.unwrap());
            assert_eq!(mode(place.path()), 0o755);
            assert_eq!(mode(&place.path().join("local.db")), 0o600);
        }
        let empty = tempfile::tempdir().unwrap();
        std::fs::set_permissions(empty.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        drop(Store::open(empty.path()).await.unwrap());
        assert_eq!(mode(empty.path()), 0o700, "an empty one becomes ours");
    }

    #[tokio::test]
    async fn the_window_and_the_command_write_at_once_and_hear_of_each_other() {
        let (home, window) = testing::store().await;
        let command = Store::open(home.path()).await.unwrap();
        let mut heard = window.changes();
        let writes = (0..20).map(|n| {
            let store = if n % 2 == 0 { window.clone() } else { command.clone() };
            tokio::spawn(async move { store.set_setting(&format!("key {n}"), Some("x")).await })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap().unwrap();
        }
        assert_eq!(window.settings().await.unwrap().len(), 20);
        let elsewhere = async { while heard.recv().await.unwrap() != Change::Elsewhere {} };
        tokio::time::timeout(Duration::from_secs(10), elsewhere).await.unwrap();
    }

    #[tokio::test]
    async fn many_may_open_a_new_home_at_the_same_moment() {
        for _ in 0..5 {
            let home = tempfile::tempdir().unwrap();
            let opened: Vec<_> = (0..8)
                .map(|_| {
                    let path = home.path().to_owned();
                    tokio::spawn(async move { Store::open(&path).await })
                })
                .collect();
            for store in opened {
                store.await.unwrap().unwrap().set_setting("key", Some("x")).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn one_alone_hears_of_no_one_else() {
        let (_home, store) = testing::store().await;
        let mut heard = store.changes();
        store.set_setting("key", Some("x")).await.unwrap();
        store.settings().await.unwrap();
        assert_eq!(heard.recv().await.unwrap(), Change::Settings);
        // Longer than the writer takes to look for others.
        let more = tokio::time::timeout(Duration::from_millis(1200), heard.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }

    #[tokio::test]
    async fn one_runner_at_a_time() {
        let (home, store) = testing::store().await;
        let other = Store::open(home.path()).await.unwrap();
        let lock = store.runner_lock().unwrap().unwrap();
        assert!(other.runner_lock().unwrap().is_none());
        drop(lock);
        assert!(other.runner_lock().unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_a_test_holds_stands_still_while_the_disk_works() {
        let (_home, store) = testing::store().await;
        let before = tokio::time::Instant::now();
        let timer = tokio::spawn(tokio::time::sleep(Duration::from_secs(60)));
        for n in 0..20 {
            store.set_setting("key", Some(&n.to_string())).await.unwrap();
            store.settings().await.unwrap();
        }
        assert_eq!(before.elapsed(), Duration::ZERO);
        timer.abort();
    }

    #[tokio::test]
    async fn a_home_that_can_not_be_made_says_which() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Store::open(&file.join("home")).await.unwrap_err();
        assert!(matches!(error, StoreError::Io { .. }), "{error}");
        assert!(error.to_string().contains("home"), "{error}");
    }
}
