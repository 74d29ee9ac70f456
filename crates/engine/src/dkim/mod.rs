//! DKIM keys of the domains that letters are sent from: made here, awaited in DNS, used, replaced.
//!
//! - [`standing`]: what DNS says of a key, and what follows.
//! - [`signing`]: the signatures of a letter that is about to be queued.
//!
//! A key's private half is with the secrets before the key is in the database, and leaves them after it: what is listed
//! can sign. One domain has at most one key of each kind that waits for its record.

mod signing;
mod standing;
pub(crate) mod view;

use crate::Engine;
use crate::calls::{DkimDomainArgs, DkimKeyArgs};
use crate::error::Error;
use crate::view::{DkimDomain, DkimKeyView, DkimState, Event, Nothing};
use jiff::{SignedDuration, Timestamp};
use message::dkim::{self, DnsKey, SigningKey};
use model::{Account, CallError, DkimAlgorithm, DkimKeyId, DnsFault, EmailAddress, Secret};
use net::Net;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{DkimKey, DkimStanding, NewDkimKey, dkim_key};
use tokio::sync::Notify;

/// The longest pause between looks at what is awaited: another process may have made a key.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The shortest one.
const SHORTEST_PAUSE: Duration = Duration::from_secs(20);

/// What the engine keeps in mind of keys.
#[derive(Default)]
pub(crate) struct Dkim {
    /// Private halves that were read already; keyrings are slow, and ask.
    read: Mutex<HashMap<DkimKeyId, Arc<SigningKey>>>,
    /// When DNS was last asked for the sake of a letter, whether or not it answered.
    asked: Mutex<HashMap<String, Timestamp>>,
    /// A key was made: it is looked for sooner than planned.
    made: Notify,
}

impl Engine {
    /// Every domain that letters are sent from and that could have keys, and every domain that has some.
    pub(crate) async fn dkim_list(&self, _: Nothing) -> Result<Vec<DkimDomain>, Error> {
        let mut domains: BTreeMap<String, Vec<DkimKey>> = BTreeMap::new();
        for account in self.store().accounts().await?.into_iter().filter(|account| !account.practice) {
            for identity in account.identities {
                // A provider signs by itself, and lets nobody into its DNS.
                if advisor::provider_of(identity.address.domain()).is_none() {
                    domains.entry(identity.address.domain().to_owned()).or_default();
                }
            }
        }
        for key in self.store().dkim_keys().await? {
            domains.entry(key.domain.clone()).or_default().push(key);
        }
        Ok(domains.into_iter().map(|(domain, keys)| domain_view(domain, &keys)).collect())
    }

    /// Makes a key of each kind; where one waits for its record already, it goes on waiting and no other is made.
    pub(crate) async fn dkim_make(&self, args: DkimDomainArgs) -> Result<DkimDomain, Error> {
        let domain = read_domain(&args.domain)?;
        self.refuse_practice(&domain).await?;
        let now = Timestamp::now();
        for algorithm in DkimAlgorithm::ALL {
            let keys = self.store().dkim_keys_of(&domain).await?;
            let waits = |key: &&DkimKey| standing::state(&key.standing) == DkimState::Waiting;
            if !keys.iter().filter(waits).any(|key| key.algorithm == algorithm) {
                self.make_key(&domain, algorithm, &keys, now).await?;
            }
        }
        self.inner.dkim.made.notify_one();
        self.tell(Event::Dkim { domain: domain.clone() });
        self.dkim_domain(domain).await
    }

    async fn make_key(
        &self,
        domain: &str,
        algorithm: DkimAlgorithm,
        keys: &[DkimKey],
        now: Timestamp,
    ) -> Result<(), Error> {
        let made = tokio::task::spawn_blocking(move || dkim::make(algorithm)).await;
        let made = made.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?;
        let selector = selector(algorithm, now, |taken| keys.iter().any(|key| key.selector == taken));
        let name = dkim_key(&selector, domain);
        let secrets = self.inner.worlds.secrets(None);
        secrets.set(&name, &Secret::new(made.private)).await?;
        let domain = domain.to_owned();
        let new = NewDkimKey { domain, selector, algorithm, public_key: made.public, created_at: now };
        if let Err(error) = self.store().add_dkim_key(new).await {
            // A private half that belongs to no key is of no use to anybody.
            let _ = secrets.delete(&name).await;
            return Err(error.into());
        }
        Ok(())
    }

    /// Asks DNS about every key of the domain now.
    pub(crate) async fn dkim_check(&self, args: DkimDomainArgs) -> Result<DkimDomain, Error> {
        let domain = read_domain(&args.domain)?;
        self.look(&domain).await.map_err(|error| match error {
            LookError::Dns(fault) => {
                let message = format!("DNS could not be asked about the keys of {domain}: {fault}");
                CallError::new("unavailable", message, "Check the network and try again.").into()
            }
            LookError::Engine(error) => error,
        })?;
        self.dkim_domain(domain).await
    }

    /// Forgets a key, and destroys its private half.
    pub(crate) async fn dkim_remove(&self, args: DkimKeyArgs) -> Result<DkimDomain, Error> {
        let keys = self.store().dkim_keys().await?;
        let key = keys.into_iter().find(|key| key.id == args.key);
        let key = key.ok_or_else(|| Error::not_found(format!("DKIM key {}", args.key)))?;
        self.store().remove_dkim_key(key.id).await?;
        lock(&self.inner.dkim.read).remove(&key.id);
        self.inner.worlds.secrets(None).delete(&dkim_key(&key.selector, &key.domain)).await?;
        self.tell(Event::Dkim { domain: key.domain.clone() });
        self.dkim_domain(key.domain).await
    }

    async fn dkim_domain(&self, domain: String) -> Result<DkimDomain, Error> {
        let keys = self.store().dkim_keys_of(&domain).await?;
        Ok(domain_view(domain, &keys))
    }

    /// The practice world has no DNS that anybody could add a record to.
    async fn refuse_practice(&self, domain: &str) -> Result<(), Error> {
        let accounts = self.store().accounts().await?;
        let is_of = |account: &Account| account.identities.iter().any(|one| one.address.domain() == domain);
        if accounts.iter().any(|account| account.practice && is_of(account)) {
            let message = format!("{domain} is in the practice world, where nothing is signed");
            return Err(Error::invalid(message, "Make keys for the domain of an address of yours."));
        }
        Ok(())
    }

    /// Asks DNS about the keys of a domain, and notes what it says.
    async fn look(&self, domain: &str) -> Result<(), LookError> {
        let keys = self.store().dkim_keys_of(domain).await.map_err(Error::from)?;
        let (mut looked, fault) = ask_about(&self.inner.worlds.usable_net(None)?, &keys).await;
        standing::retire(&mut looked, Timestamp::now());
        let changed: Vec<&DkimKey> =
            looked.iter().zip(&keys).filter(|(after, before)| after != before).map(|(after, _)| after).collect();
        if !changed.is_empty() {
            let standings = changed.iter().map(|key| (key.id, key.standing)).collect();
            self.store().note_dkim_standing(standings).await.map_err(Error::from)?;
            self.tell(Event::Dkim { domain: domain.to_owned() });
        }
        fault.map_or(Ok(()), |fault| Err(LookError::Dns(fault)))
    }

    /// Looks for the records that are awaited, and now and then at those that are there.
    pub(crate) async fn attend_dkim(self) {
        loop {
            let pause = match self.look_where_due().await {
                Ok(next) => until(next).clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
                Err(error) => {
                    tracing::debug!(%error, "the records of DKIM keys could not be looked at");
                    LONGEST_PAUSE
                }
            };
            let made = self.inner.dkim.made.notified();
            let _ = tokio::time::timeout(pause, made).await;
        }
    }

    /// When the next look is due, after those that were due now.
    async fn look_where_due(&self) -> Result<Option<Timestamp>, LookError> {
        let now = Timestamp::now();
        let keys = self.store().dkim_keys().await.map_err(Error::from)?;
        let due = keys.iter().filter(|key| standing::next_look(key).is_some_and(|next| next <= now));
        let domains: BTreeSet<String> = due.map(|key| key.domain.clone()).collect();
        let mut failure = None;
        for domain in &domains {
            failure = self.look(domain).await.err().or(failure);
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        let keys = self.store().dkim_keys().await.map_err(Error::from)?;
        Ok(keys.iter().filter_map(standing::next_look).min())
    }
}

/// Why DNS was not looked at.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Dns(DnsFault),
    #[error(transparent)]
    Engine(#[from] Error),
}

/// The keys with what is known of each after DNS was asked; one about which it gave no answer is as it was.
async fn ask_about(net: &Net, keys: &[DkimKey]) -> (Vec<DkimKey>, Option<DnsFault>) {
    let mut asked = Vec::with_capacity(keys.len());
    let mut fault = None;
    for key in keys {
        let mut key = key.clone();
        // Whatever DNS shows of a retired key, it signs no longer.
        if key.standing.retired_at.is_none() {
            match net.texts(&dkim::record_name(&key.selector, &key.domain)).await {
                Ok(records) => key.standing = after_answer(&key, &records),
                Err(not_answered) => fault = Some(not_answered),
            }
        }
        asked.push(key);
    }
    (asked, fault)
}

fn after_answer(key: &DkimKey, records: &[String]) -> DkimStanding {
    let shown = dkim::shown(records, DnsKey { algorithm: key.algorithm, public: &key.public_key });
    let after = standing::after_answer(key.standing, shown, Timestamp::now());
    let (was, is) = (standing::state(&key.standing), standing::state(&after));
    if was != is {
        tracing::info!(key.domain, key.selector, ?shown, ?was, ?is, "a DKIM key changed its state");
    }
    after
}

fn until(next: Option<Timestamp>) -> Duration {
    let Some(next) = next else { return LONGEST_PAUSE };
    next.duration_since(Timestamp::now()).max(SignedDuration::ZERO).unsigned_abs()
}

/// By date and time, so that it is never used twice: resolvers remember what was under a name before.
fn selector(algorithm: DkimAlgorithm, now: Timestamp, is_taken: impl Fn(&str) -> bool) -> String {
    let minutes = (0..).map(|minutes| now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(now));
    let names = minutes.map(|at| format!("{}-{}", at.strftime("%Y%m%d-%H%M"), algorithm.key_type()));
    names.into_iter().find(|name| !is_taken(name)).unwrap_or_default()
}

/// A domain as addresses have it: in lower case, in A-labels.
fn read_domain(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let domain = text.rsplit_once('@').map_or(text, |(_, domain)| domain).trim_end_matches('.');
    match EmailAddress::parse(&format!("postmaster@{domain}")) {
        Ok(address) if !address.domain().starts_with('[') => Ok(address.domain().to_owned()),
        _ => Err(Error::invalid(format!("“{text}” is not a domain"), "Write it as example.org.")),
    }
}

fn domain_view(domain: String, keys: &[DkimKey]) -> DkimDomain {
    DkimDomain { domain, keys: keys.iter().rev().map(key_view).collect() }
}

fn key_view(key: &DkimKey) -> DkimKeyView {
    let record_name = dkim::record_name(&key.selector, &key.domain);
    let record_value = dkim::record_value(DnsKey { algorithm: key.algorithm, public: &key.public_key });
    DkimKeyView {
        id: key.id,
        selector: key.selector.clone(),
        algorithm: key.algorithm,
        state: standing::state(&key.standing),
        zone_line: dkim::zone_line(&record_name, &record_value),
        record_name,
        record_value,
        created_at: key.created_at,
        checked_at: key.standing.checked_at,
        seen_at: key.standing.seen_at,
        what: standing::what(key, Timestamp::now()),
    }
}

fn internal(error: &dyn std::fmt::Display) -> Error {
    CallError::new("internal", error.to_string(), "Try again.").into()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_tells_when_it_was_made_and_is_never_taken() {
        let now: Timestamp = "2026-11-21T23:59:30Z".parse().unwrap();
        let taken = ["20261121-2359-rsa", "20261122-0000-rsa"];
        let made = |algorithm| selector(algorithm, now, |name| taken.contains(&name));
        assert_eq!(made(DkimAlgorithm::Ed25519Sha256), "20261121-2359-ed25519");
        assert_eq!(made(DkimAlgorithm::RsaSha256), "20261122-0001-rsa");
    }

    #[test]
    fn a_domain_is_read_as_people_write_it() {
        let table = [
            ("example.org", Some("example.org")),
            (" Example.ORG. ", Some("example.org")),
            ("anna@example.org", Some("example.org")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("", None),
            ("[192.0.2.1]", None),
            ("exa mple.org", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_domain(text).ok().as_deref(), expected, "{text}");
        }
    }
}
