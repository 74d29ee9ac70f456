//! The handle that everyone holds.
use crate::{Change, Result, later};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::broadcast;

/// The door to disk. Cheap to clone; the last one that is dropped closes the databases.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    home: std::path::PathBuf,
    changes: broadcast::Sender<Change>,
}

/// The right to run the queue of a home directory; given back when it is dropped, or when the process ends.
#[derive(Debug)]
pub struct RunnerLock {}

impl Store {
    /// Opens the databases in `home`, making what is not there yet.
    pub async fn open(home: &Path) -> Result<Self> {
        later(home)
    }

    /// The directory.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// What is committed from now on, by this process in detail, by another as [`Change::Elsewhere`].
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// The right to run the queue; `None` while another process, or another part of this one, has it.
    pub fn runner_lock(&self) -> Result<Option<RunnerLock>> {
        later(())
    }
}
