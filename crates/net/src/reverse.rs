//! The name of an address of ours that others can confirm: its reverse DNS names it, and the name leads back to it
//! (RFC 8601 §2.7.3, `iprev`). It is the name to give in EHLO.
//!
//! Answers are kept per address, so that a letter that comes back (greylisting) comes under the same name. A lookup
//! that failed says nothing against a name that was confirmed before.

use model::DnsFault;
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long the lookups may take together: a server is waiting to be greeted.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// How long it is taken for granted that a failed lookup would fail again.
const KEPT_WITHOUT_ANSWER: Duration = Duration::from_secs(60);
/// Addresses that answers are kept for; a computer has few, but IPv6 changes them daily.
const MOST_KEPT: usize = 64;

/// What was found of our addresses.
#[derive(Debug, Default)]
pub(crate) struct ConfirmedNames(Mutex<HashMap<IpAddr, Found>>);

/// The name of an address, or that it has none; a fault where nobody could say.
type Answer = Result<Option<String>, DnsFault>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    answer: Answer,
    until: Instant,
}

impl ConfirmedNames {
    /// The name that is kept for an address, or else what `look_up` finds in time.
    pub(crate) async fn get(&self, ip: IpAddr, look_up: impl Future<Output = Answer>) -> Answer {
        let before = self.found(|all| all.get(&ip).cloned());
        if let Some(found) = before.as_ref().filter(|found| Instant::now() < found.until) {
            return found.answer.clone();
        }
        let not_in_time = || Err(DnsFault::ServerFailure(ip.to_string()));
        let answer = timeout(PATIENCE, look_up).await.unwrap_or_else(|_| not_in_time());
        let (answer, kept) = keep(answer, before.and_then(|found| found.answer.ok().flatten()));
        let found = Found { answer: answer.clone(), until: Instant::now() + kept };
        self.found(|all| {
            if all.len() >= MOST_KEPT {
                all.clear();
            }
            all.insert(ip, found);
        });
        answer
    }

    /// Forgets every answer: they came on another network.
    pub(crate) fn forget(&self) {
        self.found(HashMap::clear);
    }

    fn found<T>(&self, act: impl FnOnce(&mut HashMap<IpAddr, Found>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a client without a name of its own says in EHLO (RFC 5321 §4.1.3). Never the computer's name: it is nobody's
/// business and resolves nowhere.
pub(crate) fn address_literal(source: Option<IpAddr>) -> String {
    match source.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Some(IpAddr::V4(ip)) => format!("[{ip}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}

/// What is kept of an answer after the name that was confirmed before, and for how long.
fn keep(answer: Answer, before: Option<String>) -> (Answer, Duration) {
    match (answer, before) {
        (Ok(name), _) => (Ok(name), KEPT),
        (Err(_), Some(before)) => (Ok(Some(before)), KEPT_WITHOUT_ANSWER),
        (Err(fault), None) => (Err(fault), KEPT_WITHOUT_ANSWER),
    }
}

/// Whether an address means the same to everybody. What is translated on the way (RFC 1918, RFC 6598, and RFC 7335, where
/// there is IPv6 alone) has no name that the other end could confirm, nor has what tunnels take for themselves (RFC 2544).
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && b & 0xc0 == 64 || [a, b, c] == [192, 0, 0] || a == 198 && b & 0xfe == 18;
            let local = ip.is_loopback() || ip.is_link_local() || ip.is_private() || ip.is_unspecified();
            !(local || shared || ip.is_broadcast() || ip.is_multicast())
        }
        IpAddr::V6(ip) => {
            let local = ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local() || ip.is_unspecified();
            !(local || ip.is_multicast())
        }
    }
}

/// Whether a name can be given in EHLO: a host name of at least two labels (RFC 5321 §2.3.5).
pub(crate) fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let ends = !label.starts_with('-') && !label.ends_with('-');
        !label.is_empty() && ends && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label) && name.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_means_the_same_to_everybody_has_a_name() {
        let table = [
            ("192.0.2.7", true),
            ("100.63.0.1", true),
            ("100.128.0.1", true),
            ("2001:db8::7", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.2", false),
            ("100.64.0.1", false),
            ("192.0.0.4", false),
            ("198.18.0.1", false),
            ("198.20.0.1", true),
            ("::ffff:10.1.2.3", false),
            ("169.254.1.1", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
        ];
        for (ip, expected) in table {
            assert_eq!(is_public(ip.parse().unwrap()), expected, "{ip}");
        }
    }

    #[test]
    fn a_name_for_ehlo_is_a_whole_host_name() {
        let table = [
            ("mail.example.org", true),
            ("a-b.example", true),
            ("xn--bcher-kva.example", true),
            ("localhost", false),
            ("under_score.example", false),
            ("-a.example", false),
            ("a..example", false),
            ("192.0.2.1", false),
            ("two words.example", false),
            ("", false),
        ];
        for (name, expected) in table {
            assert_eq!(is_host_name(name), expected, "{name}");
        }
    }

    #[test]
    fn the_name_in_ehlo_is_our_address_as_a_literal() {
        let literal = |ip: &str| address_literal(ip.parse().ok());
        assert_eq!(literal("192.0.2.7"), "[192.0.2.7]");
        assert_eq!(literal("2001:db8::1"), "[IPv6:2001:db8::1]");
        assert_eq!(literal("::ffff:192.0.2.7"), "[192.0.2.7]");
        assert_eq!(literal(""), "[127.0.0.1]");
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_is_looked_up_once_an_hour_and_outlives_a_failure() {
        let names = ConfirmedNames::default();
        let ip: IpAddr = "192.0.2.7".parse().unwrap();
        let a = Ok(Some("a.example".to_owned()));
        let b = Ok(Some("b.example".to_owned()));
        let failed = || Err(DnsFault::ServerFailure(String::new()));
        assert_eq!(names.get(ip, async { a.clone() }).await, a);
        assert_eq!(names.get(ip, async { b.clone() }).await, a, "within the hour nobody is asked");
        tokio::time::advance(KEPT).await;
        assert_eq!(names.get(ip, async { failed() }).await, a);
        assert_eq!(names.get(ip, async { b.clone() }).await, a, "within the minute nobody is asked");
        tokio::time::advance(KEPT_WITHOUT_ANSWER).await;
        assert_eq!(names.get(ip, async { b.clone() }).await, b);
        tokio::time::advance(KEPT).await;
        assert_eq!(names.get(ip, async { Ok(None) }).await, Ok(None), "an answer that there is none counts");
        tokio::time::advance(KEPT).await;
        assert_eq!(
            names.get(ip, async { failed() }).await,
            failed(),
            "that nobody can say is not that there is none"
        );
        assert_eq!(names.get(ip, async { b.clone() }).await, failed(), "within the minute nobody is asked");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_not_waited_for_long() {
        let names = ConfirmedNames::default();
        let began = Instant::now();
        assert!(names.get("192.0.2.7".parse().unwrap(), std::future::pending()).await.is_err());
        assert_eq!(began.elapsed(), PATIENCE);
    }
}
