//! Connections that wait a moment for the next letter to the same host, and how many there may be at all.
//!
//! A kept connection serves whoever would open one like it: the same host at the same address, with the same demand on
//! its encryption and the same login. It is closed when it was idle for a few seconds, when its network changes, and
//! when its place is needed.

use model::{LoginForm, TlsDemand};
use net::Stream;
use smtp::Session;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Conversations at a time, with all hosts.
pub(crate) const CONVERSATIONS: usize = 20;
/// Hosts that are being dialed at a time. It is more, since a dial is mostly waiting for who is not there.
const DIALS: usize = 100;
/// How long a connection is kept without a letter.
const IDLE: Duration = Duration::from_secs(5);

/// What connections must have in common for one to stand for the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub host: String,
    pub tls: TlsDemand,
    pub implicit_tls: bool,
    /// The user and what the login is made with.
    pub login: Option<(String, LoginForm)>,
    /// Whether the content goes after DATA even where chunks are offered.
    pub only_data: bool,
}

/// A connection that is open and ready.
pub(crate) struct Kept {
    pub session: Session<Stream>,
    pub address: SocketAddr,
    pub helo: String,
}

struct Idle {
    kind: Kind,
    kept: Kept,
    since: Instant,
}

#[derive(Clone)]
pub(crate) struct Pool {
    idle: Arc<Mutex<Vec<Idle>>>,
    conversations: Arc<Semaphore>,
    dials: Arc<Semaphore>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            idle: Arc::default(),
            conversations: Arc::new(Semaphore::new(CONVERSATIONS)),
            dials: Arc::new(Semaphore::new(DIALS)),
        }
    }
}

impl Pool {
    /// The right to dial. `None` never comes: nobody closes it.
    pub async fn dial(&self) -> Option<OwnedSemaphorePermit> {
        self.dials.clone().acquire_owned().await.ok()
    }

    /// The right to hold a conversation.
    pub async fn converse(&self) -> Option<OwnedSemaphorePermit> {
        self.conversations.clone().acquire_owned().await.ok()
    }

    /// A connection of this kind to one of these addresses, the one used last first, as the oldest may be gone; where
    /// an address answered `before`, of its family.
    pub fn take(&self, kind: &Kind, addresses: &[SocketAddr], before: Option<IpAddr>) -> Option<Kept> {
        self.with(|all| {
            let fits = |idle: &Idle| {
                let address = idle.kept.address;
                let family = before.is_none_or(|before| before.is_ipv6() == address.is_ipv6());
                idle.kind == *kind && addresses.contains(&address) && family
            };
            let place = all.iter().rposition(fits)?;
            Some(all.remove(place).kept)
        })
    }

    /// Keeps a connection for the next letter. Who is kept counts among the conversations: the oldest makes room.
    pub fn keep(&self, kind: Kind, kept: Kept) {
        let oldest = self.with(|all| {
            all.push(Idle { kind, kept, since: Instant::now() });
            (all.len() > CONVERSATIONS).then(|| all.remove(0))
        });
        oldest.into_iter().for_each(close);
    }

    /// When the next one has been idle for too long.
    pub fn next_close(&self) -> Duration {
        self.with(|all| all.first().map_or(Duration::MAX, |idle| IDLE.saturating_sub(idle.since.elapsed())))
    }

    pub fn close_idle(&self) {
        self.close(|idle| idle.since.elapsed() >= IDLE);
    }

    /// Those to this computer, as all of the practice world are.
    pub fn close_here(&self) {
        self.close(|idle| idle.kept.address.ip().is_loopback());
    }

    pub fn close_all(&self) {
        self.close(|_| true);
    }

    fn close(&self, over: impl FnMut(&mut Idle) -> bool) {
        let closed: Vec<Idle> = self.with(|all| all.extract_if(.., over).collect());
        closed.into_iter().for_each(close);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn close(idle: Idle) {
    // Said goodbye to; whose transcript it would be is long written down.
    drop(idle.kept.session.leave());
}
