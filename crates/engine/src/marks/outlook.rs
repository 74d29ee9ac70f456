//! The ways of a letter that is being written, and the worst there is to say of them.
//!
//! What is known of this network is what was last found of it within a day: nothing is checked because somebody writes.

use crate::Engine;
use crate::error::Error;
use crate::view::RouteChoice;
use advisor::Choice;
use advisor::outlook::{Offline, Outlook, OutlookFacts, Signed, Way, not_offered_direct, outlook};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use model::{Account, AccountId, EmailAddress, Fault, Identity, IdentityId, RoutePolicy, shown_domain};
use net::Net;
use outbound::Departure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::Learned;
use ts_rs::TS;

/// How long a refusal of this computer is held against a domain.
const REFUSAL_COUNTS: SignedDuration = SignedDuration::from_hours(24);
/// How long a greylist knows a sender whose letter it once took: most forget after a month.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A letter as it is addressed now.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct LetterOutlookArgs {
    /// From which account.
    pub account: AccountId,
    /// As which identity; `None` for the first.
    #[serde(default)]
    #[ts(optional)]
    pub identity: Option<IdentityId>,
    /// What the composer's route control says.
    pub route: RoutePolicy,
    /// To, Cc and Bcc; what is not an address is left out.
    pub recipients: Vec<String>,
    /// Octets of the letter as it travels, where that is known.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub size: Option<u64>,
}

/// The ways of a letter, and the worst there is to say of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterOutlook {
    /// The way to each domain, and why.
    pub choices: Vec<RouteChoice>,
    /// What to say before it is sent; `None` where there is nothing to say.
    pub banner: Option<Outlook>,
    /// Why direct sending is not offered for its sender, in a sentence; left out where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub no_direct: Option<String>,
}

impl Engine {
    pub(crate) async fn letter_outlook(&self, args: LetterOutlookArgs) -> Result<LetterOutlook, Error> {
        let account = self.require_account(args.account).await?;
        let net = self.inner.worlds.net(Some(account.id));
        let from = sender(&account, args.identity);
        let recipients = by_domain(&args.recipients);
        let choices = self.choices(&account, &from, &args.route, recipients.keys().cloned()).await?;
        let mut ways = Vec::new();
        for (domain, choice) in &choices {
            let addresses = recipients.get(domain).map(Vec::as_slice).unwrap_or_default();
            ways.push(self.way(domain, addresses, choice).await?);
        }
        let found = self.findings_that_count(account.id, &from).await?;
        let signed = self.is_signed(&net, &from).await?;
        let banner = outlook(&OutlookFacts {
            ways: &ways,
            network: &found.network,
            identity: &found.identity,
            smart_hosts: &account.smart_hosts,
            sender_domain: from.domain(),
            signed,
            size: args.size,
            offline: net.what_is_missing().map(|fault| match fault {
                Fault::CaptivePortal => Offline::Portal,
                _ => Offline::NoNetwork,
            }),
        });
        let no_direct = not_offered_direct(from.domain(), &found.identity, signed);
        Ok(LetterOutlook { choices: choices.into_iter().map(shown).collect(), banner, no_direct })
    }

    /// The way to each domain, found out side by side.
    pub(crate) async fn choices(
        &self,
        account: &Account,
        from: &EmailAddress,
        route: &RoutePolicy,
        domains: impl Iterator<Item = String>,
    ) -> Result<Vec<(String, Choice)>, Error> {
        let net = self.inner.worlds.net(Some(account.id));
        let departure = Departure {
            store: self.store(),
            net: &net,
            silences: &self.inner.silences,
            account: Some(account),
            from: Some(from),
            now: Timestamp::now(),
        };
        let chosen = domains.map(async |domain| {
            let choice = departure.preview(route, &domain).await?;
            Ok::<_, Error>((domain, choice))
        });
        try_join_all(chosen).await
    }

    async fn way(&self, domain: &str, recipients: &[EmailAddress], choice: &Choice) -> Result<Way, Error> {
        let learned = self.store().learned(domain).await?;
        let is_strange = self.is_strange(recipients, &learned).await?;
        Ok(Way {
            domain: shown_domain(domain),
            route: choice.route.clone(),
            basis: choice.basis,
            despite: choice.despite.clone(),
            size_limit: learned.size_limit,
            greylists: learned.greylist_seconds.filter(|_| is_strange).map(Duration::from_secs),
            refused_us: learned.refused_us_within(REFUSAL_COUNTS, Timestamp::now()),
        })
    }

    /// Whether a greylist may not know us with one of these: nothing went there that may have been taken lately.
    async fn is_strange(&self, recipients: &[EmailAddress], learned: &Learned) -> Result<bool, Error> {
        if learned.greylist_seconds.is_none() {
            return Ok(false);
        }
        let now = Timestamp::now();
        let Some(taken) = learned.last_success.filter(|at| now.duration_since(*at) < KNOWN_FOR) else {
            return Ok(true);
        };
        let addresses: Vec<String> = recipients.iter().map(EmailAddress::to_string).collect();
        let was_sent = |sent: Option<Timestamp>| sent.is_some_and(|sent| sent <= taken);
        let dealings = self.dealings_with(&addresses).await?;
        Ok(dealings.into_iter().any(|dealings| !was_sent(dealings.last_sent)))
    }

    async fn is_signed(&self, net: &Net, from: &EmailAddress) -> Result<Signed, Error> {
        if net.config().is_here() {
            return Ok(Signed::NotAsked);
        }
        let keys = self.store().dkim_keys_of(from.domain()).await?;
        let signs = keys.iter().any(store::DkimKey::proves_to_all);
        Ok(if signs { Signed::Yes } else { Signed::No })
    }
}

/// The address that a letter is from.
pub(crate) fn sender(account: &Account, identity: Option<IdentityId>) -> EmailAddress {
    let chosen = account.identities.iter().find(|one: &&Identity| Some(one.id) == identity);
    chosen.or(account.identities.first()).map_or(&account.address, |identity| &identity.address).clone()
}

/// A choice as the window shows it.
pub(crate) fn shown((domain, choice): (String, Choice)) -> RouteChoice {
    RouteChoice { domain, route: choice.route, reason: choice.reason.unwrap_or_default() }
}

fn by_domain(recipients: &[String]) -> BTreeMap<String, Vec<EmailAddress>> {
    let mut domains: BTreeMap<String, Vec<EmailAddress>> = BTreeMap::new();
    for address in recipients.iter().filter_map(|text| EmailAddress::parse(text).ok()) {
        domains.entry(address.domain().to_owned()).or_default().push(address);
    }
    domains
}
