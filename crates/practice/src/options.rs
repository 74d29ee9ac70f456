//! What a practice post office is asked for, and how it says where it can be reached.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How to start a practice post office. The default is what a person meets; tests shorten the waits, or move the
/// clock with [`PostOffice::advance`](crate::PostOffice::advance).
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder in which the authority, the password, the mailboxes and the greylist survive a restart. Without
    /// one everything is in memory.
    pub home: Option<PathBuf>,
    /// How long `greylist.test` and `quietgrey.test` keep a new sender waiting.
    pub greylist_delay: Duration,
    /// How long after acceptance the notification of `bounce.test` arrives.
    pub bounce_delay: Duration,
    /// How long after acceptance the answer of `echo.test` arrives.
    pub echo_delay: Duration,
    /// What `slow.test` waits before each of its six answers (about 20 s in all).
    pub slow_pause: Duration,
    /// The time in which `throttle.test` takes two messages and no third.
    pub throttle_window: Duration,
    /// Whether a new mailbox is filled with letters.
    pub letters: Letters,
}

/// What a new mailbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Some 200 letters that look like a year of somebody's life.
    Year,
    /// Nothing: for tests that count.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            home: None,
            greylist_delay: Duration::from_secs(30),
            bounce_delay: Duration::from_secs(20),
            echo_delay: Duration::from_millis(400),
            slow_pause: Duration::from_millis(3300),
            throttle_window: Duration::from_secs(60),
            letters: Letters::Year,
        }
    }
}

/// How to reach a practice post office: the one line that `postrider practice --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// The mail address of the one mailbox: `you@practice.test`.
    pub address: String,
    /// The user name for IMAP and submission.
    pub user: String,
    /// The password for IMAP and submission.
    pub password: String,
    /// The IMAP server, `127.0.0.1:PORT`. Takes a TLS handshake at once as well as STARTTLS.
    pub imap: String,
    /// The submission server, `127.0.0.1:PORT`. Takes a TLS handshake at once as well as STARTTLS.
    pub submission: String,
    /// The name server, `127.0.0.1:PORT`, UDP and TCP.
    pub dns: String,
    /// The port on which the hosts of all practice domains listen in place of 25.
    pub smtp_port: u16,
    /// A PEM file with the certificate of the authority that signed all the servers.
    pub ca: PathBuf,
}
