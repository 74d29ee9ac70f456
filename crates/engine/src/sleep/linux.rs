//! Linux: logind, or elogind, on the system bus (org.freedesktop.login1).
//!
//! The lock is of the mode *delay*, which makes the system wait for a few seconds (`InhibitDelayMaxSec`, five unless it is
//! set otherwise) and then sleep all the same. A lock of the mode *block* would refuse the sleep that somebody asked for,
//! without another try afterwards; it needs a right that not every session has; and it does nothing for a lid that is
//! closed, which is how laptops sleep. A server that lets a letter hang for minutes must not keep a laptop awake in its bag.

use super::{System, Word};
use futures::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::zvariant::OwnedFd;

/// How long logind may take to answer. No letter waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// logind, the part that is used here.
#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;

    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    fn prepare_for_shutdown(&self, start: bool) -> zbus::Result<()>;
}

/// The bus that logind is on.
#[derive(Clone, Debug, Default)]
pub(super) struct Logind {
    address: Option<String>,
}

/// logind on the system bus.
pub(super) fn system() -> Logind {
    Logind::default()
}

/// Passes on what logind says, for as long as this is kept. Without a bus, or without logind on it, nothing is said.
pub(super) fn listen(words: mpsc::Sender<Word>) -> JoinSet<()> {
    system().listen(words)
}

impl Logind {
    /// The one on the bus at this address, in the notation of D-Bus.
    #[cfg(test)]
    pub(super) fn on_bus(address: &str) -> Self {
        Self { address: Some(address.to_owned()) }
    }

    pub(super) fn listen(self, words: mpsc::Sender<Word>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = self.pass_on(&words).await {
                tracing::debug!(%error, "nobody tells of the sleep of this computer");
            }
        });
        tasks
    }

    async fn connect(&self) -> zbus::Result<ManagerProxy<'static>> {
        let bus = match &self.address {
            Some(address) => Builder::address(address.as_str())?,
            None => Builder::system()?,
        };
        ManagerProxy::new(&bus.build().await?).await
    }

    async fn pass_on(&self, words: &mpsc::Sender<Word>) -> zbus::Result<()> {
        let manager = self.connect().await?;
        let mut sleep = manager.receive_prepare_for_sleep().await?;
        let mut shutdown = manager.receive_prepare_for_shutdown().await?;
        loop {
            let word = tokio::select! {
                Some(signal) = sleep.next() => if signal.args()?.start { Word::Sleeps } else { Word::Wakes },
                Some(signal) = shutdown.next() => if signal.args()?.start { Word::ShutsDown } else { Word::StaysUp },
                else => return Ok(()),
            };
            if words.send(word).await.is_err() {
                return Ok(());
            }
        }
    }

    async fn lock(&self) -> zbus::Result<OwnedFd> {
        let manager = self.connect().await?;
        manager.inhibit("shutdown:sleep", "Postrider", "A letter is being handed over", "delay").await
    }
}

impl System for Logind {
    type Lock = OwnedFd;

    /// A bus that is connected to for this alone has nothing to keep up in between; it takes a millisecond.
    async fn hold_off(&self) -> Option<OwnedFd> {
        match timeout(PATIENCE, self.lock()).await {
            Ok(Ok(lock)) => Some(lock),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the sleep of this computer is not held off");
                None
            }
            Err(_) => None,
        }
    }
}
