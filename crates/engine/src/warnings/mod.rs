//! The warnings that have a name, with what is known here: which of them a letter has met, and the page of each.
//!
//! A page shows what attempts and the newest checks found out, and offers to look again. Nobody is asked anything for it, but
//! for one thing: where a page is about records of the sender's domain and nothing was found of them, name servers are asked.

use crate::Engine;
use crate::checks::Records;
use crate::error::Error;
use crate::networks::view::{NetworkNow, NetworkNowArgs};
use advisor::checks::finding::{Check, Finding};
use advisor::checks::network::IpFamily;
use advisor::reach::{closed_in_one, is_shut_in};
use advisor::warning::{
    FindingFacts, LetterFacts, WaitingLetter, WarningFacts, WarningName, WarningPage, raised_by, warning_page,
};
use advisor::{FoundHere, provider_of, smart_hosts_for};
use jiff::Timestamp;
use model::{
    Account, AccountId, Attempt, AttemptId, Class, Delivery, DeliveryId, EmailAddress, Identity, Outgoing,
    OutgoingId, Route, RoutePolicy, SmartHost,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use ts_rs::TS;

/// How many letters that wait are looked at.
const MAX_WAITING: u32 = 200;

/// Which warning, and what raised it.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct WarningShowArgs {
    /// Which.
    pub name: WarningName,
    /// The letter that met it.
    #[serde(default)]
    #[ts(optional)]
    pub outgoing: Option<OutgoingId>,
    /// Its delivery; `None` is the first that met it.
    #[serde(default)]
    #[ts(optional)]
    pub delivery: Option<DeliveryId>,
    /// The attempt; `None` is the last that met it.
    #[serde(default)]
    #[ts(optional)]
    pub attempt: Option<AttemptId>,
    /// What a check found.
    #[serde(default)]
    #[ts(optional)]
    pub finding: Option<Finding>,
    /// When it was found.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub found_at: Option<Timestamp>,
    /// Who would be written to: an address or a domain.
    #[serde(default)]
    #[ts(optional)]
    pub recipient: Option<String>,
    /// Who would send it.
    #[serde(default)]
    #[ts(optional)]
    pub sender: Option<String>,
    /// The account; `None` is that of the letter, else that of the sender, else the first one.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<AccountId>,
}

impl WarningShowArgs {
    /// A warning that nothing in particular raised.
    pub fn named(name: WarningName) -> Self {
        Self {
            name,
            outgoing: None,
            delivery: None,
            attempt: None,
            finding: None,
            found_at: None,
            recipient: None,
            sender: None,
            account: None,
        }
    }
}

/// A warning that a delivery has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RaisedWarning {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt that met it; `None` is what the delivery itself is about now.
    pub attempt: Option<AttemptId>,
    /// Which.
    pub name: WarningName,
}

impl Engine {
    pub(crate) async fn warning_show(&self, args: WarningShowArgs) -> Result<WarningPage, Error> {
        let outgoing = match args.outgoing {
            Some(id) => self.store().outgoing(id).await?,
            None => None,
        };
        let attempts = match &outgoing {
            Some(outgoing) => self.store().attempts(outgoing.id).await?,
            None => Vec::new(),
        };
        let letter = outgoing.as_ref().and_then(|outgoing| letter(outgoing, &attempts, &args));
        let sender = sender_of(outgoing.as_ref(), &args);
        let account = self.account_in_question(outgoing.as_ref(), sender.as_ref(), args.account).await?;
        let sender = sender.or_else(|| Some(account.as_ref()?.identities.first()?.address.clone()));
        let practice = account.as_ref().filter(|account| account.practice).map(|account| account.id);
        let here = self.network_now(NetworkNowArgs { account: practice }).await?;
        let waiting = match &account {
            // Each domain has a greylist of its own.
            _ if letter.is_some() && args.name == WarningName::Greylisting => Vec::new(),
            _ if letter.is_some() => {
                outgoing.iter().flat_map(|outgoing| waiting_in(outgoing, args.name, is_shut(&here))).collect()
            }
            Some(account) => self.waiting_for(args.name, account.id, &here).await?,
            None => Vec::new(),
        };
        let address = letter.and_then(|letter| public_source(letter.attempt?)).or_else(|| address_found(&here));
        let direct = account.as_ref().map(set_to_direct).unwrap_or_default();
        let recipient = args.recipient.as_deref().map(|text| text.rsplit('@').next().unwrap_or(text).trim());
        let earlier = match recipient {
            Some(domain) if args.name == WarningName::Greylisting => Some(self.greylisting_taught(domain).await?),
            _ => None,
        };
        let earlier = earlier.filter(|finding| finding.warning == Some(args.name));
        let taught = earlier.as_ref().map(|finding| FindingFacts { finding, at: None, network: recipient });
        let finding = match &args.finding {
            Some(finding) => {
                let kept = || found_here(args.name, &here, sender.as_ref()).filter(|kept| kept.finding == finding);
                let at = args.found_at.or_else(|| kept()?.at);
                Some(FindingFacts { finding, at, network: name_of(&here) })
            }
            None => taught.or_else(|| found_here(args.name, &here, sender.as_ref())),
        };
        let looked_up = match (&finding, &sender) {
            (None, Some(sender)) => {
                self.records_now(args.name, sender, account.as_ref().map(|account| account.id)).await?
            }
            _ => Records::Unasked,
        };
        let (now_found, not_looked_up) = match &looked_up {
            Records::Found(finding) => {
                let at = Some(Timestamp::now());
                (Some(FindingFacts { finding, at, network: name_of(&here) }), None)
            }
            Records::Not(why) => (None, Some(*why)),
            Records::Unasked => (None, None),
        };
        // What is so now counts before what an earlier check did not find.
        let is_raised = now_found.is_some_and(|now| now.finding.warning == Some(args.name));
        let may_be_cleared = args.finding.is_none() && !is_raised;
        let facts = WarningFacts {
            letter,
            finding: finding.or(now_found),
            not_looked_up,
            cleared: may_be_cleared.then(|| cleared(args.name, &here, sender.as_ref())).flatten(),
            recipient_domain: recipient.filter(|domain| !domain.is_empty()),
            account: account.as_ref().map(|account| account.id),
            is_practice: practice.is_some(),
            sender: sender.as_ref(),
            address,
            smart_host: account.as_ref().and_then(|account| smart_host(args.name, account, sender.as_ref())),
            waiting: &waiting,
            set_to_direct: &direct,
            auto_avoids: is_of_late(&here) && matches!(FoundHere::of(found_of_network(&here)), FoundHere::Against(_)),
            closed_in: match (&args.finding, &letter) {
                (Some(finding), None) => closed_in_one(finding, found_of_network(&here)),
                (None, None) => found_here(args.name, &here, None)
                    .and_then(|found| closed_in_one(found.finding, found_of_network(&here))),
                (_, Some(_)) => None,
            },
        };
        Ok(warning_page(args.name, &facts))
    }

    /// The warnings that the deliveries of an outgoing have met.
    pub(crate) async fn warnings_of(
        &self,
        outgoing: &Outgoing,
        attempts: &[Attempt],
    ) -> Result<Vec<RaisedWarning>, Error> {
        let account = self.account_in_question(Some(outgoing), None, None).await?;
        let practice = account.as_ref().filter(|account| account.practice).map(|account| account.id);
        // What nobody answered is the network's doing where a check found it shut.
        let unreached = outgoing.deliveries.iter().any(|delivery| class_of(delivery) == Some(Class::HostUnreachable));
        let is_shut = match unreached {
            true => is_shut(&self.network_now(NetworkNowArgs { account: practice }).await?),
            false => false,
        };
        let has_smart_host = account.is_some_and(|account| !account.smart_hosts.is_empty());
        Ok(raised(outgoing, attempts, &Here { has_smart_host, is_shut }))
    }

    /// The account that it is about: the one that was named, that of the letter, that of the sender, the first one.
    async fn account_in_question(
        &self,
        outgoing: Option<&Outgoing>,
        sender: Option<&EmailAddress>,
        named: Option<AccountId>,
    ) -> Result<Option<Account>, Error> {
        let accounts = self.store().accounts().await?;
        let named = named.or_else(|| outgoing?.account);
        let by_number = |account: &&Account| Some(account.id) == named;
        let by_sender = |account: &&Account| {
            account.identities.iter().any(|identity: &Identity| Some(&identity.address) == sender)
        };
        let found = accounts.iter().find(by_number).or_else(|| accounts.iter().find(by_sender));
        let real = || accounts.iter().find(|account| !account.practice);
        Ok(found.or_else(real).or_else(|| accounts.first()).cloned())
    }

    /// What else of the account waits for the same reason.
    async fn waiting_for(
        &self,
        name: WarningName,
        account: AccountId,
        here: &NetworkNow,
    ) -> Result<Vec<WaitingLetter>, Error> {
        let open = self.store().outgoings(store::OutgoingFilter::Open, MAX_WAITING, 0).await?;
        let of_account = open.into_iter().filter(|outgoing| outgoing.account == Some(account));
        let is_shut = is_shut(here);
        Ok(of_account.flat_map(|outgoing| waiting_in(&outgoing, name, is_shut)).collect())
    }
}

/// What is known of the account and its network.
#[derive(Clone, Copy, Debug)]
struct Here {
    has_smart_host: bool,
    /// Whether the newest check found port 25 closed.
    is_shut: bool,
}

/// Whether a check of this network within a day found port 25 closed, and open over neither family.
fn is_shut(here: &NetworkNow) -> bool {
    is_of_late(here) && is_shut_in(found_of_network(here))
}

/// Whether what was found of this network still says how things are.
fn is_of_late(here: &NetworkNow) -> bool {
    here.latest.as_ref().is_some_and(|latest| latest.fresh)
}

fn found_of_network(here: &NetworkNow) -> &[Finding] {
    here.latest.as_ref().map_or(&[], |latest| &latest.report.findings)
}

fn class_of(delivery: &Delivery) -> Option<Class> {
    delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.class)
}

fn waiting_in(outgoing: &Outgoing, name: WarningName, is_shut: bool) -> Vec<WaitingLetter> {
    let is_about = |class| match WarningName::of_class(class) {
        None if class == Class::HostUnreachable && is_shut => name == WarningName::Port25,
        about => about == Some(name),
    };
    let waits = |delivery: &&Delivery| delivery.state.is_waiting() && class_of(delivery).is_some_and(is_about);
    let waiting = outgoing.deliveries.iter().filter(waits);
    waiting
        .map(|delivery| WaitingLetter {
            outgoing: outgoing.id,
            delivery: delivery.id,
            address: delivery.address.clone(),
        })
        .collect()
}

fn raised(outgoing: &Outgoing, attempts: &[Attempt], here: &Here) -> Vec<RaisedWarning> {
    let mut raised = Vec::new();
    for delivery in &outgoing.deliveries {
        let own: Vec<&Attempt> = attempts_for(delivery, attempts);
        let name = WarningName::of_delivery(delivery, &own)
            .or_else(|| meets_shut_network(delivery, &own, here).then_some(WarningName::Port25))
            .or_else(|| lacks_smart_host(delivery, &own, here).then_some(WarningName::NoSmartHost));
        raised.extend(name.map(|name| RaisedWarning { delivery: delivery.id, attempt: None, name }));
        raised.extend(own.iter().filter_map(|attempt| {
            let name = WarningName::of_attempt(attempt)?;
            Some(RaisedWarning { delivery: delivery.id, attempt: Some(attempt.id), name })
        }));
    }
    raised
}

/// Whether nobody was reached directly, on a network that is known to let nobody be reached.
fn meets_shut_network(delivery: &Delivery, attempts: &[&Attempt], here: &Here) -> bool {
    here.is_shut
        && delivery.state.is_waiting()
        && class_of(delivery) == Some(Class::HostUnreachable)
        && went_direct(attempts)
}

/// Whether another sender would have been treated better, and there is none.
fn lacks_smart_host(delivery: &Delivery, attempts: &[&Attempt], here: &Here) -> bool {
    let would_help = delivery.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.would_other_route_help);
    let is_in_trouble = delivery.state.is_waiting() || delivery.state.is_refused();
    !here.has_smart_host && went_direct(attempts) && would_help && is_in_trouble
}

fn went_direct(attempts: &[&Attempt]) -> bool {
    attempts.first().is_some_and(|attempt| attempt.route == Route::Direct)
}

/// The attempts for a delivery, newest first.
fn attempts_for<'a>(delivery: &Delivery, attempts: &'a [Attempt]) -> Vec<&'a Attempt> {
    let mut own: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.delivery == delivery.id).collect();
    own.sort_by_key(|attempt| std::cmp::Reverse(attempt.id));
    own
}

/// The delivery that is asked about, with the attempt that met the warning.
fn letter<'a>(outgoing: &'a Outgoing, attempts: &'a [Attempt], args: &WarningShowArgs) -> Option<LetterFacts<'a>> {
    let met = |attempt: &&&Attempt| WarningName::of_attempt(attempt) == Some(args.name);
    let facts = |delivery: &'a Delivery| {
        let own = attempts_for(delivery, attempts);
        let class = delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.class);
        let asked_for = own.iter().find(|attempt| Some(attempt.id) == args.attempt);
        let attempt = asked_for.or_else(|| own.iter().find(met)).copied();
        let attempt = attempt.or_else(|| raised_by(class?, &own));
        LetterFacts { outgoing: outgoing.id, delivery, attempt }
    };
    if let Some(id) = args.delivery {
        return outgoing.deliveries.iter().find(|delivery| delivery.id == id).map(facts);
    }
    let is_about = |delivery: &&Delivery| {
        let own = attempts_for(delivery, attempts);
        WarningName::of_delivery(delivery, &own) == Some(args.name) || own.iter().any(|attempt| met(&attempt))
    };
    outgoing.deliveries.iter().find(is_about).or_else(|| outgoing.deliveries.first()).map(facts)
}

fn name_of(here: &NetworkNow) -> Option<&str> {
    here.network.as_ref().map(|network| network.name.as_str())
}

/// The finding of the newest checks on this network that a warning is about; of those of senders, this one's.
fn found_here<'a>(
    name: WarningName,
    here: &'a NetworkNow,
    sender: Option<&EmailAddress>,
) -> Option<FindingFacts<'a>> {
    // Without IPv6 nearly everybody is reached: that is told to whoever opens that very finding.
    let is_about = |finding: &&Finding| {
        finding.warning == Some(name) && closed_in_one(finding, found_of_network(here)) != Some(IpFamily::V6)
    };
    let facts = |finding, at| FindingFacts { finding, at: Some(at), network: name_of(here) };
    let of_network =
        here.latest.as_ref().and_then(|latest| Some(facts(latest.report.findings.iter().find(is_about)?, latest.at)));
    let own = || sender.and_then(|sender| here.identities.iter().find(|one| one.address == sender.to_string()));
    of_network.or_else(|| {
        let checked = own()?;
        Some(facts(checked.report.findings.iter().find(is_about)?, checked.at))
    })
}

/// When the newest check of this network, or of this sender here, found nothing of the kind.
fn cleared<'a>(
    name: WarningName,
    here: &'a NetworkNow,
    sender: Option<&EmailAddress>,
) -> Option<(Timestamp, Option<&'a str>)> {
    let of_network = here.latest.as_ref().map(|latest| (&latest.report, latest.at));
    let own = sender.and_then(|sender| here.identities.iter().find(|one| one.address == sender.to_string()));
    let of_sender = own.map(|checked| (&checked.report, checked.at));
    let mut reports = of_network.into_iter().chain(of_sender);
    let (_, at) = reports.find(|(report, _)| name.is_cleared_by(&report.findings))?;
    Some((at, name_of(here)))
}

/// The address that others see on this network, by what was found of its name.
fn address_found(here: &NetworkNow) -> Option<IpAddr> {
    let findings = here.latest.iter().flat_map(|latest| &latest.report.findings);
    findings.filter(|finding| finding.check == Check::ReverseName).find_map(|finding| finding.subject.parse().ok())
}

fn sender_of(outgoing: Option<&Outgoing>, args: &WarningShowArgs) -> Option<EmailAddress> {
    let named = args.sender.as_deref().and_then(|text| EmailAddress::parse(text.trim()).ok());
    named.or_else(|| outgoing?.sender.clone())
}

/// The smart host that is usual for the sender, else that of its provider, else the first one. Where the warning is about what
/// proves the sender, and only its provider can, no other helps.
fn smart_host<'a>(name: WarningName, account: &'a Account, sender: Option<&EmailAddress>) -> Option<&'a str> {
    let domain = sender.map_or("", EmailAddress::domain);
    let provider = provider_of(domain).filter(|provider| provider.only_its_own);
    let is_about_proof = matches!(name, WarningName::Spf | WarningName::Dkim | WarningName::Dmarc);
    let helps = |host: &&SmartHost| match provider {
        Some(provider) if is_about_proof => provider.is_own_host(&host.server.host),
        _ => true,
    };
    let identity = account.identities.iter().find(|identity| Some(&identity.address) == sender);
    let usual = identity.and_then(|identity| match &identity.route {
        RoutePolicy::SmartHost(name) => account.smart_hosts.iter().find(|host| host.name == *name),
        RoutePolicy::Auto | RoutePolicy::Direct => None,
    });
    let mut all = usual.into_iter().chain(smart_hosts_for(domain, &account.smart_hosts));
    all.find(helps).map(|host| host.name.as_str())
}

fn set_to_direct(account: &Account) -> Vec<EmailAddress> {
    let direct = account.identities.iter().filter(|identity| identity.route == RoutePolicy::Direct);
    direct.map(|identity| identity.address.clone()).collect()
}

/// Our address on the connection, where that is the one that others see.
fn public_source(attempt: &Attempt) -> Option<IpAddr> {
    let ip: IpAddr = attempt.source.as_deref()?.parse().ok()?;
    net::is_public(ip).then_some(ip)
}

#[cfg(test)]
mod tests;
