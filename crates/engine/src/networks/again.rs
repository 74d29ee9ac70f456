//! Looking at a network again without being asked to: after a change of the network or a sleep, and once a day.
//!
//! | known of this network | then |
//! |---|---|
//! | nothing, or nothing whole for a day | everything, but of mail hosts only those of the user's own domains |
//! | something, older than a quarter of an hour | what asks no mail host: name servers, the name of the address, lists |
//! | something newer | nothing |
//! | not even which one it is | nothing: it would be asked anew after every sleep |
//!
//! A sender is looked at again where DNS begins to show its key, or ceases to.
//!
//! A change is let settle first: an interface that comes up makes several in a row; longer after each look during which the
//! network changed, since that one is thrown away. Only the real network is looked at, only where there is an account on
//! it, and only as long as the user has not turned that off (`checks.by_itself`).

use super::{Found, Here};
use crate::Engine;
use crate::checks::{CheckIdentityArgs, CheckNetworkArgs, CheckReport, Scope};
use crate::error::Error;
use crate::settings::checks_by_itself;
use crate::view::{Event, NetworkNowArgs};
use advisor::looked_again;
use advisor::verdict::{Judged, Verdict, direct};
use jiff::{SignedDuration, Timestamp};
use model::{Account, DeliveryState, Outgoing, RoutePolicy};
use net::Whereabouts;
use std::time::Duration;
use store::{Change, OutgoingFilter};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep_until};

/// How long a change is let settle.
const SETTLE: Duration = Duration::from_secs(5);
/// And how long at most, where one look after the other was for nothing because the network changed meanwhile.
const LONGEST_SETTLE: Duration = Duration::from_secs(600);
/// How often to look whether it is time by itself.
const LOOK: Duration = Duration::from_secs(3600);
/// How soon to look whether it is known by then which network this is: a router is, once it was spoken to.
const SOON: Duration = Duration::from_secs(60);
/// How long what was looked at by name counts.
const NAMES_COUNT: SignedDuration = SignedDuration::from_mins(15);
/// How long a look at everything counts.
const ALL_COUNTS: SignedDuration = SignedDuration::from_hours(24);
/// Waiting letters that are counted.
const MOST_WAITING: u32 = 500;

/// How much is to be looked at now; `last` are the times of the last look at some of it and at all of it.
fn due(recognised: bool, last: Option<(Timestamp, Timestamp)>, now: Timestamp) -> Option<Scope> {
    let is_old = |at: Timestamp, counts: SignedDuration| now.duration_since(at) >= counts;
    match last {
        _ if !recognised => None,
        None => Some(Scope::OwnHosts),
        Some((_, whole_at)) if is_old(whole_at, ALL_COUNTS) => Some(Scope::OwnHosts),
        Some((at, _)) => is_old(at, NAMES_COUNT).then_some(Scope::Names),
    }
}

/// How long the next change is let settle, after a look during which the network changed, or did not. Mail hosts are not to
/// be asked again and again because an interface comes and goes.
fn settle_after(settle: Duration, was_for_nothing: bool) -> Duration {
    if was_for_nothing { (settle * 2).min(LONGEST_SETTLE) } else { SETTLE }
}

/// Whether a verdict is worth a word: it is another one than was known before, and letters wait that it is about.
fn is_news(before: Option<Verdict>, now: Option<Verdict>, waiting: u32) -> bool {
    waiting > 0 && matches!((before, now), (Some(before), Some(now)) if before != now)
}

impl Engine {
    /// Looks again when the network changed, and tells where that changes the prospects of what waits.
    pub(crate) async fn attend_networks(self) {
        let mut network = self.inner.worlds.network_changes();
        let mut store = self.store().changes();
        let mut events = self.events();
        let mut known = self.verdict_here().await;
        let mut settle = SETTLE;
        let mut look_at = Instant::now() + settle;
        loop {
            tokio::select! {
                Ok(()) = network.changed() => {
                    self.tell(Event::Network);
                    look_at = Instant::now() + settle;
                }
                news = heard(&mut store) => {
                    known = self.tell_of_verdict(known).await;
                    if news == News::Settings {
                        look_at = look_at.min(Instant::now() + settle);
                    }
                }
                domain = key_changed(&mut events) => {
                    if let Err(error) = self.look_at_senders_again(&domain).await {
                        tracing::warn!(%error, domain, "the senders could not be looked at again");
                    }
                }
                () = sleep_until(look_at) => {
                    let looked = self.look_again().await;
                    if let Err(error) = &looked {
                        tracing::warn!(%error, "the network could not be looked at again");
                    }
                    known = self.tell_of_verdict(known).await;
                    settle = settle_after(settle, network.has_changed().unwrap_or_default());
                    look_at = Instant::now() + if looked.is_ok_and(|here| here.is_settled()) { LOOK } else { SOON };
                }
            }
        }
    }

    /// What direct sending is worth here now, as far as that is known; what was known last where it is not.
    pub(super) async fn tell_of_verdict(&self, before: Option<Verdict>) -> Option<Verdict> {
        let now = match self.network_now(NetworkNowArgs::default()).await {
            Ok(now) => now,
            Err(error) => {
                tracing::warn!(%error, "what is known of the network could not be read");
                return before;
            }
        };
        let Some(latest) = now.latest.filter(|latest| latest.fresh) else { return before };
        let verdict = Some(latest.report.verdict);
        if verdict != before {
            let waiting = self.waiting_to_go_direct().await.unwrap_or_default();
            if is_news(before, verdict, waiting) {
                let because = latest.report.because;
                self.tell(Event::DirectVerdict { verdict: latest.report.verdict, because, waiting });
            }
        }
        verdict
    }

    async fn verdict_here(&self) -> Option<Verdict> {
        let now = self.network_now(NetworkNowArgs::default()).await.ok()?;
        now.latest.filter(|latest| latest.fresh).map(|latest| latest.report.verdict)
    }

    /// Looks at this network as far as it is time for, and says where this computer was.
    pub(super) async fn look_again(&self) -> Result<Here, Error> {
        let here = self.here(None).await?;
        let is_anybodys = self.store().accounts().await?.iter().any(|account| !account.practice);
        let is_wanted = is_anybodys && checks_by_itself(self.store()).await?;
        if !is_wanted || self.inner.worlds.usable_net(None)?.what_is_missing().is_some() {
            return Ok(here);
        }
        let recognised = matches!(here.whereabouts, Whereabouts::On(_));
        let last = self.found_here(&here).await?.into_iter().find(|found| found.identity.is_empty());
        let Some(scope) = due(recognised, last.as_ref().map(|found| (found.at, found.whole_at)), Timestamp::now())
        else {
            return Ok(here);
        };
        let report = Box::pin(self.look_at_network(CheckNetworkArgs::default(), scope)).await?;
        let (whole_at, report) = match (scope, last) {
            (Scope::Names, Some(last)) => (Some(last.whole_at), merged(last, report)),
            _ => (None, report),
        };
        self.keep(None, &here, String::new(), &report, whole_at).await?;
        Ok(here)
    }

    /// Looks again at the senders of a domain that were looked at here before DNS began to show their key, or ceased to: only
    /// name servers are asked for that.
    pub(super) async fn look_at_senders_again(&self, domain: &str) -> Result<(), Error> {
        let offline = self.inner.worlds.usable_net(None)?.what_is_missing().is_some();
        if offline || !checks_by_itself(self.store()).await? {
            return Ok(());
        }
        let keys = self.store().dkim_keys_of(domain).await?;
        let changed = keys.iter().filter_map(|key| key.standing.seen_at.max(key.standing.missing_since)).max();
        let here = self.here(None).await?;
        for found in self.found_here(&here).await? {
            let is_of_domain =
                found.identity.rsplit_once('@').is_some_and(|(_, own)| own.eq_ignore_ascii_case(domain));
            if is_of_domain && changed > Some(found.at) {
                self.check_identity(CheckIdentityArgs { address: found.identity, account: None }).await?;
            }
        }
        Ok(())
    }

    /// Letters of the real world that wait and will go to their recipients' own servers.
    async fn waiting_to_go_direct(&self) -> Result<u32, Error> {
        let accounts = self.store().accounts().await?;
        let open = self.store().outgoings(OutgoingFilter::Open, MOST_WAITING, 0).await?;
        Ok(open.iter().filter(|outgoing| goes_direct(outgoing, &accounts)).count() as u32)
    }
}

/// Whether one of its deliveries waits for the direct way: ordered, or for want of a smart host.
fn goes_direct(outgoing: &Outgoing, accounts: &[Account]) -> bool {
    let account = accounts.iter().find(|account| Some(account.id) == outgoing.account);
    if account.is_some_and(|account| account.practice) {
        return false;
    }
    let has_smart_host = account.is_some_and(|account| !account.smart_hosts.is_empty());
    let waits = |state: DeliveryState| matches!(state, DeliveryState::Queued | DeliveryState::Deferred);
    outgoing.deliveries.iter().filter(|delivery| waits(delivery.state)).any(|delivery| {
        match delivery.route.as_ref().unwrap_or(&outgoing.route) {
            RoutePolicy::Direct => true,
            RoutePolicy::Auto => !has_smart_host,
            RoutePolicy::SmartHost(_) => false,
        }
    })
}

/// What was found before with what was found again. The text for others is that of the look at everything, which leaves out
/// already whom it could name, under what was found again.
fn merged(before: Found, again: CheckReport) -> CheckReport {
    let findings = looked_again(before.report.findings, again.findings);
    let Judged { verdict, because } = direct(&findings);
    let (_, whole) = before.report.for_support.rsplit_once(BEFORE).unwrap_or(("", &before.report.for_support));
    let for_support = format!("{}{BEFORE}{whole}", again.for_support);
    CheckReport { verdict, because, findings, took_ms: again.took_ms, for_support }
}

/// What parts the two in a text.
const BEFORE: &str = "\nWhat was found when everything was looked at: ";

/// What is heard of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Something else is known of networks. To have missed some changes may be that.
    Known,
    /// The user set something, which may be that networks are looked at again.
    Settings,
}

/// The domain of the next key of which something else is known.
async fn key_changed(events: &mut broadcast::Receiver<Event>) -> String {
    loop {
        match events.recv().await {
            Ok(Event::Dkim { domain }) => return domain,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
        }
    }
}

async fn heard(changes: &mut broadcast::Receiver<Change>) -> News {
    loop {
        match changes.recv().await {
            Ok(Change::Networks | Change::Elsewhere) | Err(broadcast::error::RecvError::Lagged(_)) => {
                return News::Known;
            }
            Ok(Change::Settings) => return News::Settings,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_looked_at_again_as_far_as_it_is_time_for() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
        let day = 24 * 60;
        let table = [
            (true, None, Some(Scope::OwnHosts)),
            (true, Some((ago(1), ago(1))), None),
            (true, Some((ago(14), ago(14))), None),
            (true, Some((ago(15), ago(15))), Some(Scope::Names)),
            (true, Some((ago(1), ago(day - 1))), None),
            (true, Some((ago(20), ago(day - 1))), Some(Scope::Names)),
            (true, Some((ago(1), ago(day))), Some(Scope::OwnHosts)),
            (false, None, None),
            (false, Some((ago(day), ago(day))), None),
        ];
        for (recognised, last, expected) in table {
            assert_eq!(due(recognised, last, now), expected, "{recognised} {last:?}");
        }
    }

    #[test]
    fn the_pause_grows_with_every_look_that_was_for_nothing() {
        let after = |looks| (0..looks).fold(SETTLE, |settle, _| settle_after(settle, true));
        assert_eq!((after(1), after(3), after(20)), (SETTLE * 2, SETTLE * 8, LONGEST_SETTLE));
        assert_eq!(settle_after(LONGEST_SETTLE, false), SETTLE);
    }

    #[test]
    fn only_another_verdict_for_what_waits_is_worth_a_word() {
        use Verdict::*;
        let table = [
            (Some(Good), Some(Blocked), 1, true),
            (Some(Blocked), Some(Good), 3, true),
            (Some(Risky), Some(Blocked), 1, true),
            (Some(Good), Some(Blocked), 0, false),
            (Some(Good), Some(Good), 1, false),
            (None, Some(Blocked), 1, false),
            (Some(Good), None, 1, false),
        ];
        for (before, now, waiting, expected) in table {
            assert_eq!(is_news(before, now, waiting), expected, "{before:?} {now:?} {waiting}");
        }
    }
}
