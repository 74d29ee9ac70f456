//! One database: a writer with a thread of its own, and a few read-only connections.
//!
//! - What is written together is one transaction, and nobody is told before it is committed. Work that waits at the same
//!   moment shares one commit (one fsync), each in a savepoint of its own, so that one that fails takes nobody along.
//! - Readers see one committed state for as long as they look, and never wait for the writer.
//! - A clock that a test holds does not run on while the disk works: then waiting happens in `spawn_blocking`, for which
//!   tokio holds it. Nobody else pays for a thread to wait in.
//! - What another process committed is noticed before anything is written here: whoever decides in a transaction decides
//!   on what it sees, also where it remembers something from before.

use crate::cache::Cache;
use crate::log::Log;
use crate::{Change, Result, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, broadcast, oneshot};

/// How long one process waits for another that writes.
const BUSY: Duration = Duration::from_secs(15);
/// The pause before something is tried again that SQLite itself does not wait for.
const SHORTLY: Duration = Duration::from_millis(10);
/// How often we look whether another process has written.
const LOOK: Duration = Duration::from_millis(500);
/// Work that may share one commit.
const BATCH: usize = 256;
/// The longest that work waits for other work to share its commit.
const PATIENCE: Duration = Duration::from_millis(2);
/// Memory for pages of the database, in KiB, of each connection.
const PAGES: i64 = 8 << 10;
/// Connections that read.
const READERS: usize = 4;
/// Pages of the write-ahead log after which a commit carries them over into the database: some 16 MB. A longer log than
/// SQLite's own 1000 pages means that a page which is written again and again is carried over once.
const CARRY_OVER: i64 = 4000;
/// The log is cut back to this many octets when it has been carried over.
const LOG_KEPT: i64 = 32 << 20;

/// A handle to a database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    path: Arc<Path>,
    work: Sender<Box<dyn Job>>,
    readers: Arc<Readers>,
}

struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// How far a commit goes before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Through to the disk: what exists only here.
    Full,
    /// To the system: what can be fetched again.
    Normal,
}

/// The transaction that a piece of work runs in.
pub(crate) struct Tx<'a> {
    connection: &'a Connection,
    news: RefCell<Vec<News>>,
}

/// What follows from a commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum News {
    /// Told to whoever listens.
    Change(Change),
    /// Something else was learned of this domain.
    Learned(String),
    /// The keys to sign with, or what is known of them.
    DkimKeys,
}

impl Tx<'_> {
    /// Notes what to tell when it is committed.
    pub(crate) fn changed(&self, change: Change) {
        self.news.borrow_mut().push(News::Change(change));
    }

    /// Notes that the keys to sign with are others when this is committed.
    pub(crate) fn changed_keys(&self) {
        self.news.borrow_mut().push(News::DkimKeys);
    }

    /// Notes that what is known of a domain is another when this is committed.
    pub(crate) fn learned(&self, domain: &str) {
        self.news.borrow_mut().push(News::Learned(domain.to_owned()));
    }
}

/// Who hears of commits: those who remember something, then those who listen.
#[derive(Clone)]
pub(crate) struct Audience {
    pub(crate) cache: Arc<Cache>,
    pub(crate) changes: broadcast::Sender<Change>,
}

impl Audience {
    fn hear(&self, news: News) {
        self.cache.forget(&news);
        if let News::Change(change) = news {
            // Nobody listening is no failure.
            let _ = self.changes.send(change);
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// Opens the connection that writes.
pub(crate) fn connect(path: &Path, durability: Durability) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    write_ahead(&connection)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -PAGES)?;
    connection.pragma_update(None, "wal_autocheckpoint", CARRY_OVER)?;
    connection.pragma_update(None, "journal_size_limit", LOG_KEPT)?;
    connection.set_prepared_statement_cache_capacity(128);
    plan_once(&connection)?;
    Ok(connection)
}

/// A statement is planned when it is prepared, and not once more for each value that is bound to it: our plans do not
/// depend on values, and planning costs many times what a look-up does.
fn plan_once(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Changes a new file to write-ahead logging. SQLite does not wait for others who are about to do the same, lest each
/// waits for the other; so we come again.
fn write_ahead(connection: &Connection) -> Result<()> {
    let begun = Instant::now();
    loop {
        let changed = connection.pragma_update(None, "journal_mode", "WAL").map_err(StoreError::from);
        match changed {
            Err(StoreError::Busy(_)) if begun.elapsed() < BUSY => std::thread::sleep(SHORTLY),
            changed => return changed,
        }
    }
}

impl Database {
    /// Starts the writer on an opened, migrated connection. What it commits is told to `audience`.
    pub(crate) fn start(path: &Path, connection: Connection, audience: Audience) -> Result<Self> {
        let (work, jobs) = channel();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        std::thread::Builder::new()
            .name(format!("{name} writer"))
            .spawn({
                let log = Log::of(path);
                move || write_all(&connection, &jobs, &audience, log)
            })
            .map_err(|error| StoreError::io("starting the writer of the database", error))?;
        let readers = Readers { idle: Mutex::new(Vec::new()), permits: Arc::new(Semaphore::new(READERS)) };
        Ok(Self { path: path.into(), work, readers: Arc::new(readers) })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in a transaction. When this returns `Ok`, it is committed; when it returns an error, nothing of it is.
    /// It runs to its end even when nobody waits for it any more.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.hand_in(work)?;
        if clock_is_held() {
            let waited = tokio::task::spawn_blocking(move || answer.blocking_recv());
            return waited.await.map_err(|_| StoreError::Closed)?.map_err(|_| StoreError::Closed)?;
        }
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// [`Database::write`] for where there is no runtime.
    pub(crate) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.hand_in(work)?.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    fn hand_in<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        let job = Work { work: Some(work), result: None, reply };
        self.work.send(Box::new(job)).map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    /// Runs `look` on one committed state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permits = Arc::clone(&self.readers.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let database = self.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            database.read_blocking(look)
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    fn read_blocking<T>(&self, look: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        execute(&connection, "BEGIN")?;
        let result = look(&connection);
        // A connection whose look went wrong here is not used again.
        execute(&connection, "COMMIT")?;
        self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

/// Whether tokio's clock is not that of the system: a test holds it, and it may jump as soon as everybody waits.
fn clock_is_held() -> bool {
    let before = Instant::now();
    let told = tokio::time::Instant::now().into_std();
    told < before || told > Instant::now()
}

fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -PAGES)?;
    connection.set_prepared_statement_cache_capacity(128);
    plan_once(&connection)?;
    Ok(connection)
}

/// A piece of work on its way through the writer.
trait Job: Send {
    /// Does it, and keeps the result until the commit.
    fn run(&mut self, tx: &Tx<'_>) -> Ran;
    /// Tells who waits; `commit` is why nothing was committed.
    fn settle(self: Box<Self>, commit: Option<StoreError>);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    Done,
    Failed,
}

struct Work<T, F> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnOnce(&Tx<'_>) -> Result<T> + Send> Job for Work<T, F> {
    fn run(&mut self, tx: &Tx<'_>) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Failed };
        // A defect in one piece of work is undone with it, and does not end the writer that everybody needs.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| work(tx)));
        let result =
            result.unwrap_or_else(|_| Err(StoreError::Invalid("this change broke down; it was undone".into())));
        let ran = if result.is_ok() { Ran::Done } else { Ran::Failed };
        self.result = Some(result);
        ran
    }

    fn settle(self: Box<Self>, commit: Option<StoreError>) {
        let answer = match (self.result, commit) {
            (Some(Err(error)), _) | (_, Some(error)) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

fn write_all(connection: &Connection, jobs: &Receiver<Box<dyn Job>>, audience: &Audience, mut log: Log) {
    let mut elsewhere = Elsewhere::new(connection);
    let mut company = Company::default();
    loop {
        match jobs.recv_timeout(LOOK) {
            Ok(first) => {
                let batch = company.gather(first, jobs);
                let (size, begun) = (batch.len(), Instant::now());
                commit_together(connection, batch, &mut elsewhere, audience);
                log.grows();
                company = Company { size, patience: (begun.elapsed() / 4).min(PATIENCE) };
            }
            Err(RecvTimeoutError::Timeout) => {
                elsewhere.look(connection, audience);
                log.cut(connection, BUSY);
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Those whose work was committed together last. Each of them often has more as soon as it has its answer, and if the
/// first to come back was not kept waiting for a moment, it would have a commit of its own and the others would wait for
/// that. Whoever is alone waits for nobody.
#[derive(Default)]
struct Company {
    size: usize,
    /// A part of what the last commit took: so much is lost at most if nobody comes back.
    patience: Duration,
}

impl Company {
    /// The work that is committed next.
    fn gather<T>(&self, first: T, jobs: &Receiver<T>) -> Vec<T> {
        let begun = Instant::now();
        let mut batch = vec![first];
        while batch.len() < self.size.min(BATCH) {
            match jobs.recv_timeout(self.patience.saturating_sub(begun.elapsed())) {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        let room = BATCH.saturating_sub(batch.len());
        batch.extend(jobs.try_iter().take(room));
        batch
    }
}

fn commit_together(
    connection: &Connection,
    mut batch: Vec<Box<dyn Job>>,
    elsewhere: &mut Elsewhere,
    audience: &Audience,
) {
    let committed = run_together(connection, &mut batch, elsewhere, audience);
    if let Err(error) = &committed {
        tracing::warn!(%error, "nothing was committed");
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
    let failure = committed.as_ref().err().cloned();
    audience.cache.committed();
    // Told before the answers go out, so that who has an answer finds the change in the channel.
    for news in committed.unwrap_or_default() {
        audience.hear(news);
    }
    for job in batch {
        job.settle(failure.clone());
    }
}

fn run_together(
    connection: &Connection,
    batch: &mut [Box<dyn Job>],
    elsewhere: &mut Elsewhere,
    audience: &Audience,
) -> Result<Vec<News>> {
    execute(connection, "BEGIN IMMEDIATE")?;
    elsewhere.look(connection, audience);
    let mut seen = HashSet::new();
    let mut told = Vec::new();
    for job in batch {
        execute(connection, "SAVEPOINT job")?;
        let tx = Tx { connection, news: RefCell::default() };
        let ran = job.run(&tx);
        if connection.is_autocommit() {
            // SQLite gave up the whole transaction, as it does when the disk is full.
            return Err(StoreError::DiskFull);
        }
        match ran {
            Ran::Done => told.extend(tx.news.into_inner().into_iter().filter(|news| seen.insert(news.clone()))),
            Ran::Failed => execute(connection, "ROLLBACK TO job")?,
        }
        execute(connection, "RELEASE job")?;
    }
    execute(connection, "COMMIT")?;
    Ok(told)
}

/// A statement that is needed again and again.
fn execute(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Notices commits of other processes. `data_version` does not change with our own.
struct Elsewhere {
    version: Option<i64>,
    /// When it was last told.
    told: Instant,
    /// Whether it has been noticed since.
    untold: bool,
}

impl Elsewhere {
    fn new(connection: &Connection) -> Self {
        Self { version: data_version(connection), told: Instant::now(), untold: false }
    }

    /// What is remembered is forgotten at once. It is told now and then: where two processes write much, every commit of
    /// one is news to the other.
    fn look(&mut self, connection: &Connection, audience: &Audience) {
        let before = std::mem::replace(&mut self.version, data_version(connection));
        if before != self.version {
            audience.cache.forget(&News::Change(Change::Elsewhere));
            self.untold = true;
        }
        if self.untold && self.told.elapsed() >= LOOK {
            audience.hear(News::Change(Change::Elsewhere));
            (self.told, self.untold) = (Instant::now(), false);
        }
    }
}

fn data_version(connection: &Connection) -> Option<i64> {
    connection.prepare_cached("PRAGMA data_version").ok()?.query_row([], |row| row.get(0)).ok()
}

/// The side files of a database.
pub(crate) fn side_files(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_waits_for_those_who_came_together_before_but_not_for_long() {
        let (hand_in, jobs) = channel();
        let alone = Company::default();
        assert_eq!(alone.gather(1, &jobs), [1], "whoever is alone waits for nobody");
        for job in 2..5 {
            hand_in.send(job).unwrap();
        }
        let patient = Company { size: 3, patience: Duration::from_secs(60) };
        assert_eq!(patient.gather(1, &jobs), [1, 2, 3, 4], "with those who are there already");
        let late = hand_in.clone();
        let comes_back = std::thread::spawn(move || late.send(2));
        let patient = Company { size: 2, patience: Duration::from_secs(60) };
        assert_eq!(patient.gather(1, &jobs), [1, 2]);
        comes_back.join().unwrap().unwrap();
        let disappointed = Company { size: 2, patience: Duration::from_millis(1) };
        assert_eq!(disappointed.gather(1, &jobs), [1]);
    }
}
