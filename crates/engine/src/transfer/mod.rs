//! Import and export: letters between mailboxes and files.
//!
//! An import reads one letter at a time and orders it put into its mailbox (`JournalOp::Import`), with its flags and the
//! time at which it came; what the mailbox holds already, by Message-ID and size, is passed over, so that an import can
//! be ended at any moment and begun again. No more than [`WAITING`] orders wait at once, however large the files are:
//! reading goes on as the server takes them. An export reads the letters from the store one at a time.
//!
//! | module | what it does |
//! |---|---|
//! | `sources` | finds out what is at a path |
//! | `reading` | files to letters |
//! | `import`, `export` | carry it out |
//! | [`view`] | what callers ask and see |

mod export;
mod import;
mod reading;
mod sources;
pub mod view;

pub use view::*;

use crate::Engine;
use crate::error::Error;
use crate::view::{Event, Nothing};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Orders of an import that wait for the server at once.
const WAITING: usize = 60;
/// Octets of such orders.
const WAITING_OCTETS: usize = 32 * 1024 * 1024;
/// Finished ones that are remembered.
const REMEMBERED: usize = 20;

/// The imports and exports of this run.
#[derive(Default)]
pub(crate) struct Transfers {
    next: AtomicU32,
    all: Mutex<Vec<(TransferView, Arc<AtomicBool>)>>,
}

/// One that goes on: tells how far it is.
pub(crate) struct Running {
    engine: Engine,
    id: u32,
    cancelled: Arc<AtomicBool>,
}

impl Running {
    /// Whether the user ended it.
    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Changes what is shown of it, and tells.
    fn set(&self, change: impl FnOnce(&mut TransferView)) {
        let mut all = self.engine.inner.transfers.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((view, _)) = all.iter_mut().find(|(view, _)| view.id == self.id) else { return };
        change(view);
        self.engine.tell(Event::Transfer { transfer: view.clone() });
    }

    /// Ends it.
    fn end(self, outcome: Result<(), Error>) {
        let cancelled = self.is_cancelled();
        self.set(|view| {
            view.state = match outcome {
                Ok(()) if cancelled => TransferState::Cancelled,
                Ok(()) => TransferState::Done,
                Err(error) => {
                    let told = model::CallError::from(error);
                    TransferState::Failed { reason: format!("{}. {}", told.message, told.hint).trim().to_owned() }
                }
            }
        });
    }
}

impl Engine {
    pub(crate) async fn import_look(&self, args: ImportLookArgs) -> Result<Vec<ImportSource>, Error> {
        let paths = match args.path {
            Some(path) => vec![PathBuf::from(path)],
            None => {
                directories::UserDirs::new().map(|dirs| sources::usual_places(dirs.home_dir())).unwrap_or_default()
            }
        };
        let mut found = Vec::new();
        for path in paths {
            found.push(in_background(move || look(&path)).await??);
        }
        Ok(found)
    }

    pub(crate) async fn import_begin(&self, args: ImportBeginArgs) -> Result<TransferView, Error> {
        let plan = import::plan(self, args).await?;
        let running = self.begin_transfer(TransferKind::Import, &plan.path);
        let view = self.transfer_of(running.id)?;
        tokio::spawn(async move {
            let outcome = import::run(&running, plan).await;
            running.end(outcome);
        });
        Ok(view)
    }

    pub(crate) async fn export_begin(&self, args: ExportBeginArgs) -> Result<TransferView, Error> {
        let plan = export::plan(self, args).await?;
        let running = self.begin_transfer(TransferKind::Export, &plan.path);
        let view = self.transfer_of(running.id)?;
        tokio::spawn(async move {
            let outcome = export::run(&running, plan).await;
            running.end(outcome);
        });
        Ok(view)
    }

    pub(crate) async fn transfer_list(&self, _: Nothing) -> Result<Vec<TransferView>, Error> {
        let all = self.inner.transfers.all.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.iter().rev().map(|(view, _)| view.clone()).collect())
    }

    pub(crate) async fn transfer_cancel(&self, args: TransferArgs) -> Result<(), Error> {
        let all = self.inner.transfers.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, cancelled) = all
            .iter()
            .find(|(view, _)| view.id == args.transfer)
            .ok_or_else(|| Error::not_found("such import or export"))?;
        cancelled.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) async fn letter_save(&self, args: LetterSaveArgs) -> Result<(), Error> {
        let raw = self.require_raw(args.letter).await?;
        let path = Path::new(&args.path);
        tokio::fs::write(path, raw).await.map_err(|error| Error::file("written", path, &error))
    }

    fn begin_transfer(&self, kind: TransferKind, path: &Path) -> Running {
        let transfers = &self.inner.transfers;
        let id = transfers.next.fetch_add(1, Ordering::Relaxed) + 1;
        let cancelled = Arc::new(AtomicBool::new(false));
        let view = TransferView {
            id,
            kind,
            path: path.display().to_string(),
            state: TransferState::Running,
            total: None,
            done: 0,
            passed_over: 0,
            failed: 0,
            refused: 0,
            refusals: Vec::new(),
        };
        let mut all = transfers.all.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = (all.len() + 1).saturating_sub(REMEMBERED);
        let ended = |view: &TransferView| !matches!(view.state, TransferState::Running | TransferState::Waiting);
        let mut left = surplus;
        all.retain(|(view, _)| {
            let goes = left > 0 && ended(view);
            left -= usize::from(goes);
            !goes
        });
        all.push((view, Arc::clone(&cancelled)));
        drop(all);
        Running { engine: self.clone(), id, cancelled }
    }

    fn transfer_of(&self, id: u32) -> Result<TransferView, Error> {
        let all = self.inner.transfers.all.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(view, _)| view.id == id);
        found.map(|(view, _)| view.clone()).ok_or_else(|| Error::not_found("such import or export"))
    }
}

fn look(path: &Path) -> Result<ImportSource, Error> {
    let unreadable = |error: &std::io::Error| Error::file("read", path, error);
    let found = sources::look(path).map_err(|error| unreadable(&error))?;
    let folders = found.folders.iter().map(|folder| {
        let (letters, octets) = reading::count(folder).map_err(|error| unreadable(&error))?;
        Ok(ImportFolder { name: folder.name(), letters, octets })
    });
    Ok(ImportSource {
        path: path.display().to_string(),
        kind: found.kind,
        folders: folders.collect::<Result<_, Error>>()?,
    })
}

/// Reading files takes time that the threads of the runtime are not for.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let gone = |error| model::CallError::new("internal", format!("files were not read: {error}"), "").into();
    tokio::task::spawn_blocking(work).await.map_err(gone)
}
