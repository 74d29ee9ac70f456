//! Logins that were refused: a smart host is not asked again with what it did not accept. Providers close accounts and
//! addresses over repeated wrong passwords, and every waiting letter would make one more.
//!
//! | | asked |
//! |---|---|
//! | another password, user or host | yes |
//! | the same, by itself | no |
//! | the same, ordered by the user | yes, unless it was refused a moment ago: an order may be for many letters |
//!
//! It is remembered while the process lives. What waits for the user is not due by itself after a restart either.

use jiff::{SignedDuration, Timestamp};
use model::{Outcome, Phase};
use smtp::{Credentials, Ended};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// For so long an order does not lead to another try.
const A_MOMENT: SignedDuration = SignedDuration::from_secs(10);
/// More than one has smart hosts; then everything is forgotten.
const MOST: usize = 1000;

/// Which logins were refused, and when.
#[derive(Debug, Default)]
pub(crate) struct RefusedLogins {
    /// Keyed anew in every process: nothing of a password can be read out of a key.
    keys: RandomState,
    refused: Mutex<HashMap<u64, Timestamp>>,
}

/// Whether the user ordered a letter to go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ordered {
    Yes,
    No,
}

impl RefusedLogins {
    /// Whether a host is to be left alone with this login.
    pub fn is_refused(&self, host: &str, login: &Credentials, ordered: Ordered, now: Timestamp) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match (refused.get(&self.key(host, login)), ordered) {
            (None, _) => false,
            (Some(_), Ordered::No) => true,
            (Some(at), Ordered::Yes) => now.duration_since(*at) < A_MOMENT,
        }
    }

    /// Learns from a session that did not become ready.
    pub fn learn(&self, host: &str, login: &Credentials, ended: &Ended, now: Timestamp) {
        let refused = matches!(&ended.outcome, Outcome::Replied(reply) if reply.code >= 500);
        if !refused || ended.phase != Phase::Auth {
            return;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= MOST {
            refused.clear();
        }
        refused.insert(self.key(host, login), now);
    }

    /// The login was accepted.
    pub fn forget(&self, host: &str, login: &Credentials) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key(host, login));
    }

    fn key(&self, host: &str, login: &Credentials) -> u64 {
        self.keys.hash_one((host.to_ascii_lowercase(), &login.user, login.form, login.secret.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Fault, LoginForm, Reply, Secret};

    const HOST: &str = "post.example";

    fn login(secret: &str) -> Credentials {
        Credentials { user: "you".into(), secret: Secret::new(secret), form: LoginForm::Password }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    fn reply(code: u16) -> Outcome {
        Reply::new(code, None, "…").into()
    }

    fn after(phase: Phase, outcome: Outcome) -> RefusedLogins {
        let logins = RefusedLogins::default();
        logins.learn(HOST, &login("wrong"), &Ended { phase, outcome }, at(0));
        logins
    }

    #[test]
    fn a_refused_login_is_not_tried_again_until_something_of_it_changes() {
        let logins = after(Phase::Auth, reply(535));
        let refused = |host: &str, login: &Credentials| logins.is_refused(host, login, Ordered::No, at(86_400));
        assert!(refused(HOST, &login("wrong")));
        assert!(refused("POST.example", &login("wrong")));
        assert!(!refused(HOST, &login("right")));
        assert!(!refused("other.example", &login("wrong")));
        assert!(!refused(HOST, &Credentials { user: "me".into(), ..login("wrong") }));
        assert!(!refused(HOST, &Credentials { form: LoginForm::Token, ..login("wrong") }));
    }

    #[test]
    fn an_order_tries_it_once() {
        let logins = after(Phase::Auth, reply(535));
        let refused = |second| logins.is_refused(HOST, &login("wrong"), Ordered::Yes, at(second));
        assert!(refused(1), "the many letters of one order come at once");
        assert!(!refused(60));
        logins.learn(HOST, &login("wrong"), &Ended { phase: Phase::Auth, outcome: reply(535) }, at(60));
        assert!(refused(61));
    }

    #[test]
    fn only_a_refusal_for_good_is_remembered_and_a_success_forgets_it() {
        let table = [
            (Phase::Auth, reply(535), true),
            (Phase::Auth, reply(534), true),
            (Phase::Auth, reply(454), false),
            (Phase::Auth, Fault::Closed.into(), false),
            (Phase::Greeting, reply(554), false),
            (Phase::Mail, reply(550), false),
        ];
        for (phase, outcome, remembered) in table {
            let logins = after(phase, outcome.clone());
            assert_eq!(
                logins.is_refused(HOST, &login("wrong"), Ordered::No, at(1)),
                remembered,
                "{phase} {outcome:?}"
            );
        }
        let logins = after(Phase::Auth, reply(535));
        let unreached = Ended { phase: Phase::Connect, outcome: Fault::Closed.into() };
        logins.learn(HOST, &login("wrong"), &unreached, at(1));
        assert!(logins.is_refused(HOST, &login("wrong"), Ordered::No, at(2)), "it did not come to the login");
        logins.forget(HOST, &login("wrong"));
        assert!(!logins.is_refused(HOST, &login("wrong"), Ordered::No, at(4)), "the server was mended");
    }
}
