//! The networks that this computer was on: which one this is, what was found on each, and their names.
//!
//! A check is kept with the network that it was made on, where the system says which that is; otherwise it is remembered
//! until the network changes or the program ends. A check during which the network changed is nobody's. What mail servers
//! said since the last check is put to what it found wherever it is shown.
//!
//! - [`again`]: what is looked at again without being asked for.
//! - [`told`]: what mail servers said since.
//! - [`naming`]: what a network is called that has no name.
//! - [`view`]: what is shown.

mod again;
mod naming;
mod told;
pub(crate) mod view;

use crate::Engine;
use crate::checks::{CheckIdentityArgs, CheckNetworkArgs, CheckReport, Scope};
use crate::error::Error;
use advisor::checks::finding::{Check, Finding};
use advisor::taught::{About, Looked, taught};
use advisor::verdict::Verdict;
use jiff::Timestamp;
use model::{Account, AccountId, EmailAddress, NetworkId};
use naming::named;
use net::{Net, Whereabouts};
use std::sync::{Arc, Mutex, PoisonError};
use store::{DkimKey, NetworkCheck, NetworkKnowledge, NewNetworkCheck, StoredNetwork};
use told::{only_told, told_by, with_told};
use view::{
    CheckLine, IdentityReport, NetworkArgs, NetworkCheckArgs, NetworkHere, NetworkHistory, NetworkNow,
    NetworkNowArgs, NetworkRenameArgs, NetworkReport,
};

/// What was found on networks that nothing is kept of, in the real world and the practice one.
#[derive(Default)]
pub(crate) struct Networks(Mutex<Vec<(Stay, Vec<Found>)>>);

/// A time on one network: the world, and the how-manyth since the program began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stay {
    practice: bool,
    count: u64,
}

/// What was found, of the network itself (with an empty identity) or an identity.
#[derive(Clone, Debug)]
struct Found {
    identity: String,
    at: Timestamp,
    whole_at: Timestamp,
    report: CheckReport,
}

impl Networks {
    /// Remembers something for as long as this stay lasts.
    fn remember(&self, stay: Stay, found: Found) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(other, _)| *other == stay || other.practice != stay.practice);
        if !all.iter().any(|(other, _)| *other == stay) {
            all.push((stay, Vec::new()));
        }
        for (_, known) in all.iter_mut().filter(|(other, _)| *other == stay) {
            known.retain(|one| one.identity != found.identity);
            known.push(found.clone());
        }
    }

    fn remembered(&self, stay: Stay) -> Vec<Found> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(other, _)| *other == stay).map(|(_, found)| found.clone()).unwrap_or_default()
    }
}

/// Findings that still say how things are; none where nobody has looked of late.
pub(crate) struct Counting {
    pub network: Vec<Finding>,
    pub identity: Vec<Finding>,
}

/// The world of an account, and where this computer is in it.
struct Here {
    stay: Stay,
    whereabouts: Whereabouts,
}

impl Here {
    fn of(practice: bool, net: &Net) -> Self {
        Self { stay: Stay { practice, count: *net.changes().borrow() }, whereabouts: net.network() }
    }
}

impl Here {
    /// Whether nothing more will be known of where this is.
    fn is_settled(&self) -> bool {
        self.whereabouts != Whereabouts::Unrecognised
    }
}

impl Engine {
    pub(crate) async fn check_network(&self, args: CheckNetworkArgs) -> Result<CheckReport, Error> {
        let account = args.account;
        let before = self.here(account).await?;
        let report = Box::pin(self.look_at_network(args, Scope::Everything)).await?;
        self.keep(account, &before, String::new(), &report, None).await?;
        Ok(report)
    }

    pub(crate) async fn check_identity(&self, args: CheckIdentityArgs) -> Result<CheckReport, Error> {
        let account = self.account_of_identity(&args.address).await?;
        let before = self.here(account).await?;
        let address = args.address.trim().to_ascii_lowercase();
        let report = self.look_at_identity(args).await?;
        // Others than the user's own are nobody's business.
        if account.is_some() {
            self.keep(account, &before, address, &report, None).await?;
        }
        Ok(report)
    }

    pub(crate) async fn network_now(&self, args: NetworkNowArgs) -> Result<NetworkNow, Error> {
        let here = self.here(args.account).await?;
        let (stay, now) = (here.stay, Timestamp::now());
        let known = self.known_of(&here).await?;
        let found = self.found_here(&here).await?;
        let told = known.as_ref().map(|known| told_by(&known.lessons)).unwrap_or_default();
        let network = match &known {
            Some(known) => {
                let all = self.named_networks(stay.practice).await?;
                all.into_iter().find(|network| network.id == known.network.id)
            }
            None => None,
        };
        let own = self.own_identities(stay.practice).await?;
        let (of_network, mut of_identities): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| found.identity.is_empty());
        of_identities.retain(|found| own.contains(&found.identity));
        of_identities.sort_by(|a, b| a.identity.cmp(&b.identity));
        let shown = |found: Found| {
            let looked = Looked { at: found.at, whole_at: found.whole_at };
            NetworkReport {
                at: found.at,
                whole_at: Some(found.whole_at),
                fresh: is_fresh(found.at, now),
                report: with_told(found.report, About::Network, looked, &told, now),
            }
        };
        let heard = || {
            let (at, report) = only_told(About::Network, &told, now)?;
            Some(NetworkReport { at, whole_at: None, fresh: true, report })
        };
        let identity = |found: Found| {
            let looked = Looked { at: found.at, whole_at: found.whole_at };
            let domain = found.identity.rsplit('@').next().unwrap_or_default();
            let report = with_told(found.report, About::Domain(domain), looked, &told, now);
            IdentityReport { address: found.identity, at: found.at, report }
        };
        Ok(NetworkNow {
            here: match here.whereabouts {
                Whereabouts::Nowhere => NetworkHere::Nowhere,
                Whereabouts::Unrecognised => NetworkHere::Unrecognised,
                Whereabouts::On(_) => NetworkHere::Recognised,
            },
            network,
            latest: of_network.into_iter().next().map(shown).or_else(heard),
            identities: of_identities.into_iter().map(identity).collect(),
        })
    }

    /// What of the last findings here, of the network and of an identity, still says how things are: what was found within a
    /// day, and what mail servers said since. A key of the identity that was looked at later than all of it is known better
    /// than by it.
    pub(crate) async fn findings_that_count(
        &self,
        account: AccountId,
        identity: &EmailAddress,
    ) -> Result<Counting, Error> {
        let here = self.here(Some(account)).await?;
        let now = Timestamp::now();
        let known = self.known_of(&here).await?;
        let told = known.as_ref().map(|known| told_by(&known.lessons)).unwrap_or_default();
        let fresh: Vec<Found> =
            self.found_here(&here).await?.into_iter().filter(|found| is_fresh(found.whole_at, now)).collect();
        let address = identity.to_string();
        let of = |name: &str| fresh.iter().find(|found| found.identity.eq_ignore_ascii_case(name));
        let with_told = |found: Option<&Found>, about| {
            let looked = found.map(|found| Looked { at: found.at, whole_at: found.whole_at });
            let findings = found.map(|found| found.report.findings.clone()).unwrap_or_default();
            taught(findings, about, looked, &told, now)
        };
        let own = of(&address);
        let mut of_identity = with_told(own, About::Domain(identity.domain()));
        let keys = self.store().dkim_keys_of(identity.domain()).await?;
        let looked_later = |key: &DkimKey| key.standing.checked_at > own.map(|found| found.at);
        if keys.iter().any(|key| key.proves_to_all() && looked_later(key)) {
            of_identity.retain(|finding| finding.check != Check::Dkim);
        }
        Ok(Counting { network: with_told(of(""), About::Network), identity: of_identity })
    }

    /// What is kept of the network that this computer is on.
    async fn known_of(&self, here: &Here) -> Result<Option<Arc<NetworkKnowledge>>, Error> {
        let Whereabouts::On(seen) = &here.whereabouts else { return Ok(None) };
        Ok(self.store().network_at(here.stay.practice, seen.mark.as_bytes()).await?)
    }

    /// What was last found here, kept or remembered: of the network itself and of each identity.
    async fn found_here(&self, here: &Here) -> Result<Vec<Found>, Error> {
        let mut found: Vec<Found> = Vec::new();
        if let Some(known) = self.known_of(here).await? {
            found.extend(known.latest.as_ref().and_then(stored));
            found.extend(self.store().identity_checks(known.network.id).await?.iter().filter_map(stored));
        }
        for remembered in self.inner.networks.remembered(here.stay) {
            let is_newer = found.iter().all(|one| one.identity != remembered.identity || one.at < remembered.at);
            if is_newer {
                found.retain(|one| one.identity != remembered.identity);
                found.push(remembered);
            }
        }
        Ok(found)
    }

    pub(crate) async fn network_history(&self, args: NetworkNowArgs) -> Result<Vec<NetworkHistory>, Error> {
        let place = self.here(args.account).await?;
        let here = self.known_of(&place).await?.map(|known| known.network.id);
        let mut all = Vec::new();
        for network in self.named_networks(place.stay.practice).await? {
            let checks = self.store().network_checks(network.id).await?;
            let checks = checks.iter().filter_map(line).collect();
            all.push(NetworkHistory { here: here == Some(network.id), network, checks });
        }
        all.sort_by_key(|one| !one.here);
        Ok(all)
    }

    pub(crate) async fn network_check_show(&self, args: NetworkCheckArgs) -> Result<NetworkReport, Error> {
        let kept = self.store().network_check(args.check).await?;
        let found = kept.as_ref().and_then(stored).ok_or_else(|| Error::not_found("such check any more"))?;
        let fresh = is_fresh(found.at, Timestamp::now());
        Ok(NetworkReport { at: found.at, whole_at: Some(found.whole_at), fresh, report: found.report })
    }

    pub(crate) async fn network_rename(&self, args: NetworkRenameArgs) -> Result<(), Error> {
        match self.store().rename_network(args.network, &args.name).await? {
            true => Ok(()),
            false => Err(no_network(args.network)),
        }
    }

    /// What was found there without being kept is forgotten too.
    pub(crate) async fn network_forget(&self, args: NetworkArgs) -> Result<(), Error> {
        if !self.store().forget_network(args.network).await? {
            return Err(no_network(args.network));
        }
        self.inner.networks.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    async fn here(&self, account: Option<AccountId>) -> Result<Here, Error> {
        let all = self.store().accounts().await?;
        let practice = all.iter().find(|one| one.practice && Some(one.id) == account).map(|one| one.id);
        Ok(Here::of(practice.is_some(), &self.inner.worlds.net(practice)))
    }

    /// Keeps what was found, where this computer is still on the network that it was on before. Where only some of it was
    /// looked at, `whole_at` says when all of it was.
    async fn keep(
        &self,
        account: Option<AccountId>,
        before: &Here,
        identity: String,
        report: &CheckReport,
        whole_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let after = self.here(account).await?;
        if after.stay != before.stay {
            return Ok(());
        }
        let at = Timestamp::now();
        let found = Found { identity, at, whole_at: whole_at.unwrap_or(at), report: report.clone() };
        self.inner.networks.remember(after.stay, found.clone());
        // What a router is called may become known only when it was spoken to.
        let seen = match (&before.whereabouts, after.whereabouts) {
            (Whereabouts::On(before), Whereabouts::On(after)) if *before == after => after,
            (Whereabouts::Unrecognised, Whereabouts::On(after)) => after,
            _ => {
                self.tell(crate::view::Event::Network);
                return Ok(());
            }
        };
        let store = self.store();
        let network = store.note_network(after.stay.practice, seen.mark.as_bytes(), seen.kind, at).await?;
        self.store_found(&network, found).await
    }

    async fn store_found(&self, network: &StoredNetwork, found: Found) -> Result<(), Error> {
        let Found { identity, at, whole_at, report } = found;
        let check = NewNetworkCheck {
            identity,
            at,
            whole_at,
            verdict: report.verdict.word().to_owned(),
            because: report.because.clone(),
            report: serde_json::to_string(&report).unwrap_or_default(),
        };
        Ok(self.store().keep_network_check(network.id, check).await?)
    }

    /// The networks of a world with their names, the one that was seen last first.
    async fn named_networks(&self, practice: bool) -> Result<Vec<view::NetworkView>, Error> {
        Ok(named(self.store().networks(practice).await?))
    }

    async fn account_of_identity(&self, address: &str) -> Result<Option<AccountId>, Error> {
        let is_of = |account: &Account| {
            account.identities.iter().any(|one| one.address.to_string().eq_ignore_ascii_case(address.trim()))
        };
        Ok(self.store().accounts().await?.iter().find(|account| is_of(account)).map(|account| account.id))
    }

    /// The addresses of a world's identities, in small letters.
    async fn own_identities(&self, practice: bool) -> Result<Vec<String>, Error> {
        let accounts = self.store().accounts().await?;
        let of_world = accounts.iter().filter(|account| account.practice == practice);
        Ok(of_world
            .flat_map(|account| &account.identities)
            .map(|identity| identity.address.to_string().to_ascii_lowercase())
            .collect())
    }
}

fn no_network(id: NetworkId) -> Error {
    Error::not_found(format!("network {id}"))
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < advisor::FRESH
}

/// What is kept of a check, as it was found. What cannot be read any more is as good as forgotten.
fn stored(kept: &NetworkCheck) -> Option<Found> {
    let NewNetworkCheck { identity, at, whole_at, report, .. } = &kept.check;
    let report = serde_json::from_str(report).ok()?;
    Some(Found { identity: identity.clone(), at: *at, whole_at: *whole_at, report })
}

fn line(kept: &NetworkCheck) -> Option<CheckLine> {
    let NewNetworkCheck { at, whole_at, verdict, because, .. } = &kept.check;
    let verdict = Verdict::from_word(verdict)?;
    Some(CheckLine { id: kept.id, at: *at, whole: at == whole_at, verdict, because: because.clone() })
}

#[cfg(test)]
mod tests;
