//! How long each phase may take: the least that RFC 5321 §4.5.3.2 grants a server.

use std::time::Duration;

/// The patience of a client, phase by phase. A limit covers the whole reply: a server that trickles its answer octet by
/// octet does not get more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the greeting (§4.5.3.2.1).
    pub greeting: Duration,
    /// For the reply to EHLO, HELO and STARTTLS; the RFC names none of them, so they get what MAIL gets.
    pub hello: Duration,
    /// For each reply during a login (RFC 4954 names no limit).
    pub auth: Duration,
    /// For the reply to MAIL (§4.5.3.2.2).
    pub mail: Duration,
    /// For the reply to each RCPT (§4.5.3.2.3).
    pub rcpt: Duration,
    /// For the reply to DATA (§4.5.3.2.4).
    pub data: Duration,
    /// For each block of the content to leave (§4.5.3.2.5).
    pub block: Duration,
    /// For the reply to the final dot (§4.5.3.2.6), and to each chunk, for which RFC 3030 names no limit. Giving up sooner
    /// is how duplicates are made.
    pub final_dot: Duration,
    /// For the reply to QUIT, which decides nothing.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self {
            greeting: minutes(5),
            hello: minutes(5),
            auth: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            final_dot: minutes(10),
            quit: Duration::from_secs(2),
        }
    }
}
