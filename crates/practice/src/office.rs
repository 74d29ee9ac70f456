//! What all the servers of a post office share: its clock, its memory, its mailboxes, its certificates, its tasks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::authority::{Authority, Validity};
use crate::cast::{Character, HOSTS};
use crate::clock::{Clock, after};
use crate::doors::Way;
use crate::mailroom::Mailroom;
use crate::smtp::memory::Memory;
use crate::switches::{Order, Port25, SLEEP, Switches};
use crate::{Delivered, Options, PracticeError};

/// The user, for IMAP and submission; it is the address of the mailbox.
pub(crate) const YOU: &str = "you@practice.test";

/// Hosts that are not mail hosts but speak TLS.
pub(crate) const IMAP_HOST: &str = "imap.practice.test";
const SUBMISSION_HOST: &str = "smtp.practice.test";

/// How long a door is waited for that cannot have its port back.
const DOOR_PATIENCE: Duration = Duration::from_secs(2);

/// A post office at work.
pub(crate) struct Office {
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) memory: Memory,
    pub(crate) mailroom: Mailroom,
    password: String,
    acceptors: HashMap<&'static str, TlsAcceptor>,
    /// For a host that the table of acceptors does not have; there is none.
    fallback: TlsAcceptor,
    delivered: Mutex<Vec<Delivered>>,
    switches: watch::Sender<Switches>,
    /// Where each door says how far it has followed the switches.
    doors: Mutex<Vec<(Way, watch::Receiver<Port25>)>>,
    tickets: AtomicU64,
    ending: CancellationToken,
    tasks: TaskTracker,
}

impl Office {
    pub(crate) fn new(
        options: Options,
        authority: &Authority,
        password: String,
        memory: Memory,
        mailroom: Mailroom,
    ) -> Result<Self, PracticeError> {
        let mut acceptors = HashMap::new();
        for host in &HOSTS {
            let validity = if host.character == Character::OldCert { Validity::Expired } else { Validity::Current };
            acceptors.insert(host.name, authority.acceptor(host.name, validity)?);
        }
        acceptors.insert(IMAP_HOST, authority.acceptor(IMAP_HOST, Validity::Current)?);
        let fallback = authority.acceptor(SUBMISSION_HOST, Validity::Current)?;
        Ok(Self {
            options,
            clock: Clock::new(),
            memory,
            mailroom,
            password,
            acceptors,
            fallback,
            delivered: Mutex::default(),
            switches: watch::Sender::default(),
            doors: Mutex::default(),
            tickets: AtomicU64::new(1),
            ending: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    pub(crate) fn user(&self) -> &'static str {
        YOU
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Whether these credentials open the mailbox.
    pub(crate) fn admits(&self, user: &str, password: &str) -> bool {
        user.eq_ignore_ascii_case(YOU) && password == self.password
    }

    /// How the host of this name speaks TLS.
    pub(crate) fn acceptor(&self, host: &str) -> &TlsAcceptor {
        self.acceptors.get(host).unwrap_or(&self.fallback)
    }

    /// A queue number for a `250`.
    pub(crate) fn next_ticket(&self) -> String {
        let number = self.tickets.fetch_add(1, Ordering::Relaxed);
        format!("{:010X}", number.wrapping_mul(0x9E37_79B9) & 0xFF_FFFF_FFFF)
    }

    pub(crate) fn note_delivered(&self, delivered: Delivered) {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).push(delivered);
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the switches stand now, and every change of them.
    pub(crate) fn switches(&self) -> watch::Receiver<Switches> {
        self.switches.subscribe()
    }

    /// How the switches stand now.
    pub(crate) fn switches_now(&self) -> Switches {
        *self.switches.borrow()
    }

    /// A door that is open as `way` says; what it has followed it says there.
    pub(crate) fn new_door(&self, way: Way) -> watch::Sender<Port25> {
        let (followed, told) = watch::channel(way(&self.switches_now()));
        self.doors.lock().unwrap_or_else(PoisonError::into_inner).push((way, told));
        followed
    }

    /// Carries an order out; it is in force when this returns.
    pub(crate) async fn obey(&self, order: Order) -> Switches {
        if order == Order::Sleep {
            self.clock.advance(SLEEP);
        }
        self.switches.send_if_modified(|switches| {
            let before = std::mem::replace(switches, switches.after(order));
            before != *switches
        });
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (way, mut told) in doors {
            // A door that is gone closed with the office, and one whose port somebody else took comes later.
            let follows = told.wait_for(|followed| *followed == way(&self.switches_now()));
            let _ = tokio::time::timeout(DOOR_PATIENCE, follows).await.map(|_| ());
        }
        self.switches_now()
    }

    /// Does something beside, until it is done or the post office closes.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ending.clone();
        self.tasks.spawn(async move {
            ending.run_until_cancelled(work).await;
        });
    }

    /// Does something beside once `pause` has passed from now.
    pub(crate) fn later(self: &Arc<Self>, pause: Duration, work: impl FnOnce(&Arc<Self>) + Send + 'static) {
        let (office, instant) = (self.clone(), after(self.clock.now(), pause));
        self.spawn(async move {
            office.clock.wait_until(instant).await;
            work(&office);
        });
    }

    /// Asks everything to end.
    pub(crate) fn close(&self) {
        self.ending.cancel();
        self.tasks.close();
    }

    /// Returns once everything has ended.
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }
}
