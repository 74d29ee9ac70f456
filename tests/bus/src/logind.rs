//! A logind that is played: what it is asked for, the locks that it gave, and what it says of sleep and shutdown.

use crate::daemon::{Bus, PATIENCE};
use std::io::Read;
use std::os::fd::OwnedFd as Descriptor;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::fdo::{self, DBusProxy};
use zbus::names::BusName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedFd;
use zbus::{Connection, Error};

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";

impl Bus {
    /// A logind comes on the bus, which gives whoever asks a lock.
    pub async fn logind(&self) -> Logind {
        self.played_logind(false).await
    }

    /// One that is about to sleep already, and gives nobody any.
    pub async fn busy_logind(&self) -> Logind {
        self.played_logind(true).await
    }

    async fn played_logind(&self, is_busy: bool) -> Logind {
        let (asked, questions) = watch::channel(Vec::new());
        Logind { bus: self.serve(NAME, PATH, Role { asked, is_busy }).await, asked: questions }
    }
}

struct Role {
    asked: watch::Sender<Vec<Lock>>,
    is_busy: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Role {
    fn inhibit(&self, what: String, who: String, why: String, mode: String) -> fdo::Result<OwnedFd> {
        if self.is_busy {
            return Err(fdo::Error::Failed(
                "The operation inhibition has been requested for is already running".into(),
            ));
        }
        let (ours, theirs) = UnixStream::pair().map_err(|error| fdo::Error::Failed(error.to_string()))?;
        self.asked.send_modify(|asked| asked.push(Lock { words: [what, who, why, mode], end: Arc::new(ours) }));
        Ok(OwnedFd::from(Descriptor::from(theirs)))
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn prepare_for_shutdown(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

/// A lock that was given.
#[derive(Clone, Debug)]
pub struct Lock {
    /// What it was asked for with: what, who, why, mode.
    pub words: [String; 4],
    /// Our end of it: it ends when the lock is given back.
    end: Arc<UnixStream>,
}

impl Lock {
    /// Returns once it was given back, however long that takes.
    pub async fn is_given_back(self) {
        let read = tokio::task::spawn_blocking(move || (&*self.end).read(&mut [0]));
        let read = read.await.expect("it is read").expect("a lock can be read");
        assert_eq!(read, 0, "nobody writes to a lock");
    }
}

/// The one on a bus.
#[derive(Debug)]
pub struct Logind {
    bus: Connection,
    asked: watch::Receiver<Vec<Lock>>,
}

impl Logind {
    /// Waits until it has been asked so often; the last lock that it gave. However long that takes.
    pub async fn lock(&mut self, times: usize) -> Lock {
        let asked = self.asked.wait_for(|asked| asked.len() >= times).await.expect("it is played");
        asked.get(times - 1).expect("so many were given").clone()
    }

    /// As before, but not for long.
    pub async fn was_asked(&mut self, times: usize) -> Lock {
        timeout(PATIENCE, self.lock(times)).await.expect("somebody asks")
    }

    /// It tells everybody that the computer is about to sleep, or sleeps no more.
    pub async fn says_sleep(&self, start: bool) {
        Role::prepare_for_sleep(&self.emitter(), start).await.expect("the bus takes the signal");
    }

    /// The same of a shutdown.
    pub async fn says_shutdown(&self, start: bool) {
        Role::prepare_for_shutdown(&self.emitter(), start).await.expect("the bus takes the signal");
    }

    /// The processes on its bus.
    pub async fn guests(&self) -> Vec<u32> {
        self.processes().await.expect("the bus says who is on it")
    }

    async fn processes(&self) -> zbus::Result<Vec<u32>> {
        let bus = DBusProxy::new(&self.bus).await?;
        let mut processes = Vec::new();
        for name in bus.list_names().await? {
            // Whoever has left meanwhile is no guest.
            match bus.get_connection_unix_process_id(BusName::from(name.inner())).await {
                Ok(process) => processes.push(process),
                Err(fdo::Error::NameHasNoOwner(_)) => {}
                Err(error) => return Err(Error::FDO(Box::new(error))),
            }
        }
        processes.sort_unstable();
        processes.dedup();
        Ok(processes)
    }

    fn emitter(&self) -> SignalEmitter<'_> {
        SignalEmitter::new(&self.bus, PATH).expect("a path")
    }
}
