//! The engine: everything that Postrider does without a window, started and stopped as one thing, with one list of calls
//! and one stream of events.
//!
//! The window and the command line are its only users. They hold no truth of their own: they call, and they ask again
//! when an [`Event`] says that something changed.
//!
//! | module | what it does |
//! |---|---|
//! | `calls` | the list of calls, and the dispatcher made of it |
//! | [`view`] | what the callers are shown |
//! | `accounts`, `letters`, `drafts`, `sending`, `outgoings`, `reports` | the calls |
//! | `contacts` | the people one writes to |
//! | `frame`, `images` | what the frame of a letter is filled with; remote images and who may show them |
//! | `discovery` | from an address to its servers |
//! | `oauth` | sign-ins in the browser, and the tokens that come of them |
//! | `trust` | certificates that the user trusts |
//! | `dkim` | keys, their records, and the signatures of what is sent |
//! | `smart_hosts` | the calls about them, and their passwords |
//! | `bounces` | notifications and bounces that come in |
//! | `delays` | word of letters that are late |
//! | `threads` | conversations |
//! | `authenticity` | whether a letter comes from whom it says |
//! | `unsubscribe` | lists, and how they are left |
//! | `attachments` | files: looked at, saved, opened |
//! | `checks` | whether letters will arrive: what is asked of the network, and the findings |
//! | `leaving` | what waits when the program is about to end |
//! | `sleep` | the sleep of this computer, held off while a letter is on the wire |
//! | `marks` | while a letter is written: the mark on each recipient, and what the chosen way means |
//! | `worlds` | the real network and the practice post office, kept apart |
//! | `story` | how far the practice page's story has been played |
//! | `switches` | what the practice post office plays of a bad network |
//! | `background` | the sync, the queue, and the events that come of them |
//! | `settings` | names, forms and defaults of the settings |

mod accounts;
mod attachments;
mod authenticity;
mod background;
mod bounces;
mod calls;
mod changes;
mod checks;
mod contacts;
mod delays;
mod discovery;
mod dkim;
mod draft_copies;
mod drafts;
mod error;
mod frame;
mod images;
mod invitations;
mod leaving;
mod letters;
mod mailboxes;
mod marks;
mod networks;
mod oauth;
mod outgoings;
mod printing;
mod reports;
mod search;
mod sending;
mod sendmail;
mod settings;
mod sleep;
mod smart_hosts;
pub mod story;
mod switches;
#[cfg(test)]
mod testing;
mod threads;
mod tidying;
pub mod transfer;
mod trust;
#[cfg(test)]
mod typescript;
mod unsubscribe;
pub mod view;
mod warnings;
mod worlds;

pub use attachments::AttachmentRef;
pub use calls::*;
pub use error::Error;
pub use imap::SyncReport;
pub use sending::Submission;
pub use sendmail::{FromHeaders, RawEnvelope};
pub use settings::{SETTINGS, SettingInfo};
pub use view::{Document, Event};

use crate::background::Background;
use crate::view::SyncState;
use crate::worlds::Worlds;
use model::{AccountId, CallError, DeliveryId};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use tokio::sync::broadcast;

/// Events that a slow listener may fall behind before it is told that it missed some.
const EVENTS_KEPT: usize = 1024;

/// What a started engine works on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Queue and sync, as behind a window. Where the settings make no network, both wait until they do.
    Everything,
    /// The sync alone.
    Sync,
    /// Nothing: it only answers calls.
    Nothing,
}

/// How to start an engine.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of the databases.
    pub home: PathBuf,
    /// What it works on by itself.
    pub work: Work,
}

/// A running engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    worlds: Arc<Worlds>,
    events: broadcast::Sender<Event>,
    work: Work,
    background: tokio::sync::Mutex<Background>,
    checks: checks::Checks,
    contacts: contacts::Contacts,
    dkim: dkim::Dkim,
    handing: leaving::handing::Handing,
    images: images::Images,
    networks: networks::Networks,
    marks: marks::Marks,
    people: frame::People,
    /// Whom the queue does not reach, as long as it runs in this process.
    silences: outbound::Silences,
    sign_ins: oauth::SignIns,
    tokens: Arc<oauth::Tokens>,
    transfers: transfer::Transfers,
    /// Whether this computer is about to shut down.
    goes_down: AtomicBool,
    /// The draft that was opened last.
    shown_draft: Mutex<Option<model::DraftId>>,
    sync_states: Mutex<HashMap<AccountId, SyncState>>,
    /// What was refused when last looked, and since when; `None` while nothing is announced.
    refused: tokio::sync::Mutex<Option<HashSet<(DeliveryId, jiff::Timestamp)>>>,
}

impl Engine {
    /// Opens the databases and begins to work.
    pub async fn start(options: Options) -> Result<Self, CallError> {
        Self::begin(options).await.map_err(CallError::from)
    }

    async fn begin(options: Options) -> Result<Self, Error> {
        prepare_process();
        let store = Store::open(&options.home).await?;
        let tokens = oauth::shared(&store);
        let worlds = Arc::new(Worlds::open(&store, tokens.clone()).await?);
        tokens.live_in(&worlds);
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let engine = Self {
            inner: Arc::new(Inner {
                store,
                worlds,
                events,
                work: options.work,
                background: tokio::sync::Mutex::default(),
                checks: checks::Checks::default(),
                contacts: contacts::Contacts::default(),
                dkim: dkim::Dkim::default(),
                handing: leaving::handing::Handing::default(),
                images: images::Images::default(),
                networks: networks::Networks::default(),
                marks: marks::Marks::default(),
                people: frame::People::default(),
                silences: outbound::Silences::default(),
                sign_ins: oauth::SignIns::default(),
                tokens,
                transfers: transfer::Transfers::default(),
                goes_down: AtomicBool::new(false),
                shown_draft: Mutex::default(),
                sync_states: Mutex::default(),
                refused: tokio::sync::Mutex::default(),
            }),
        };
        if options.work != Work::Nothing {
            // Behind a window the settings can be mended, and it says for each account why nothing works until then.
            if options.work == Work::Sync {
                engine.inner.worlds.usable_net(None)?;
            }
            if options.work == Work::Everything {
                attachments::sweep(engine.home());
            }
            engine.open_practice_again().await;
            engine.begin_work().await?;
        }
        Ok(engine)
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// Ends the sync, and the queue after what is on the wire now.
    pub async fn stop(&self) {
        self.inner.marks.stop();
        self.end_work().await;
        self.stop_handing_over().await;
        self.inner.worlds.close_practice(self.store()).await;
    }

    /// The directory of the databases.
    pub fn home(&self) -> &Path {
        self.store().home()
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no failure.
        let _ = self.inner.events.send(event);
    }

    fn sync_state(&self, account: AccountId) -> Option<SyncState> {
        let states = self.inner.sync_states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(&account).cloned()
    }

    fn set_sync_state(&self, account: AccountId, state: Option<SyncState>) {
        let mut states = self.inner.sync_states.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            Some(state) => states.insert(account, state),
            None => states.remove(&account),
        };
    }
}

/// What must be done once in a process before anything speaks TLS. [`Engine::start`] does it too.
pub fn prepare_process() {
    net::install_crypto();
}

/// The directory of the databases: `POSTRIDER_HOME`, else where the platform keeps an application's data.
pub fn default_home() -> PathBuf {
    if let Some(home) = std::env::var_os("POSTRIDER_HOME").filter(|home| !home.is_empty()) {
        return home.into();
    }
    match directories::ProjectDirs::from("org", "Postrider", "Postrider") {
        Some(places) => places.data_dir().to_owned(),
        None => PathBuf::from(".postrider"),
    }
}
