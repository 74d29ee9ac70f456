//! What all the servers of a post office share: its clock, its memory, its mailboxes, its certificates, its tasks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::authority::{Authority, Validity};
use crate::cast::{Character, HOSTS};
use crate::clock::{Clock, after};
use crate::mailroom::Mailroom;
use crate::smtp::memory::Memory;
use crate::{Delivered, Options, PracticeError};

/// The user, for IMAP and submission; it is the address of the mailbox.
pub(crate) const YOU: &str = "you@practice.test";

/// Hosts that are not mail hosts but speak TLS.
pub(crate) const IMAP_HOST: &str = "imap.practice.test";
const SUBMISSION_HOST: &str = "smtp.practice.test";

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

    /// Does something beside, until it is done or the post office closes.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ending.clone();
        self.tasks.spawn(async move {
            ending.run_until_cancelled(work).await;
        });
    }

    /// Does something beside once `pause` has passed from now.
    pub(crate) fn later(
        self: &Arc<Self>,
        pause: std::time::Duration,
        work: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) {
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
