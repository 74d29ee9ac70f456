//! The check of an identity: its domain, SPF for each way, its keys, its policy.

use super::lookups::{self, asked};
use super::{CheckIdentityArgs, CheckReport, Place, local_address};
use crate::Engine;
use crate::error::Error;
use crate::networks::view::NetworkNowArgs;
use advisor::checks::Timed;
use advisor::checks::finding::Finding;
use advisor::checks::identity::{
    DkimKeySeen, DkimSeen, DmarcSeen, DmarcTexts, KeyShown, SenderDomainSeen, SpfSeen, Way, dkim, dmarc,
    is_address_shared, sender_domain, sender_provider, spf,
};
use advisor::checks::network::IpFamily;
use advisor::checks::sharing::Private;
use advisor::spf::Query;
use advisor::verdict;
use futures::future::{join, join_all};
use message::authenticity::domains::organisation;
use message::dkim::{DnsKey, record_name, record_value, shown};
use model::{Account, AccountId, DkimShown, EmailAddress};
use net::{Net, is_public};
use std::net::IpAddr;
use store::DkimKey;
use tokio::time::Instant;

/// What proves letters from an address.
pub(super) struct Proofs {
    pub ways: Vec<SpfSeen>,
    pub keys: DkimSeen,
    pub policy: DmarcSeen,
}

impl Engine {
    pub(crate) async fn look_at_identity(&self, args: CheckIdentityArgs) -> Result<CheckReport, Error> {
        let began = Instant::now();
        let address = EmailAddress::parse(args.address.trim()).map_err(|error| {
            Error::invalid(format!("“{}”: {error}", args.address), "Write it as name@example.org.")
        })?;
        let account = self.account_of(&address, args.account).await?;
        let place = self.place(account.as_ref().map(|account| account.id)).await?;
        let (net, domain) = (&place.net, address.domain());
        let ways = self.ways(&place, account.as_ref(), self.outside(&place).await?).await?;
        let looks = join(lookups::takes_mail(net, domain), self.proofs(&place, &address, ways));
        let (takes_mail, proofs) = looks.await;
        let Proofs { ways, keys, policy } = proofs?;
        let mut findings: Vec<Finding> =
            vec![sender_domain(&SenderDomainSeen { domain: domain.to_owned(), takes_mail }), sender_provider(domain)];
        findings.extend(ways.iter().map(spf));
        findings.extend([dkim(&keys), dmarc(&policy)]);
        Ok(CheckReport::new(verdict::direct(&findings), findings, &Private::default(), began))
    }

    /// The account that sends as an address: the one that is named, else the first.
    pub(super) async fn account_of(
        &self,
        address: &EmailAddress,
        named: Option<AccountId>,
    ) -> Result<Option<Account>, Error> {
        let is_of = |account: &Account| {
            named.is_none_or(|id| account.id == id) && account.identities.iter().any(|one| one.address == *address)
        };
        Ok(self.store().accounts().await?.into_iter().find(is_of))
    }

    /// What DNS says of letters from an address that go these ways.
    pub(super) async fn proofs(
        &self,
        place: &Place,
        address: &EmailAddress,
        ways: Vec<Way>,
    ) -> Result<Proofs, Error> {
        let (net, domain) = (&place.net, address.domain());
        let args = NetworkNowArgs { account: place.network.practice };
        let latest = self.network_now(args).await?.latest;
        let shared = latest.is_some_and(|latest| is_address_shared(&latest.report.findings));
        let evaluated = ways.into_iter().map(async |way| {
            let (Way::Direct(ip) | Way::SmartHost { ip, .. }) = &way;
            let helo = net.name_for_ehlo(local_address(net, IpFamily::of(*ip))).await;
            let evaluation = lookups::spf(net, &Query { ip: *ip, sender: address.to_string(), helo }).await;
            SpfSeen { domain: domain.to_owned(), way, evaluation, shared }
        });
        let keys = self.store().dkim_keys_of(domain).await?;
        let looks = join(join_all(evaluated), join(look_at_keys(net, domain, &keys), policies(net, domain)));
        let (ways, (keys, texts)) = looks.await;
        let policy = DmarcSeen {
            domain: domain.to_owned(),
            texts,
            signed: keys.proof(),
            ways: ways.iter().map(|seen| (seen.way.clone(), seen.evaluation.value.result)).collect(),
        };
        Ok(Proofs { ways, keys, policy })
    }

    /// The ways that letters may go: directly from each address that others see, as far as it is known, and through each
    /// smart host.
    pub(super) async fn ways(
        &self,
        place: &Place,
        account: Option<&Account>,
        mut ours: Vec<IpAddr>,
    ) -> Result<Vec<Way>, Error> {
        let net = &place.net;
        for family in [IpFamily::V4, IpFamily::V6] {
            let is_known = ours.iter().any(|ip| IpFamily::of(*ip) == family);
            ours.extend(
                local_address(net, family).filter(|ip| !is_known && (is_public(*ip) || net.config().is_here())),
            );
        }
        let smart_hosts = account.into_iter().flat_map(|account| &account.smart_hosts);
        let through = join_all(smart_hosts.map(async |smart_host| {
            let host = smart_host.server.host.clone();
            let addresses = lookups::addresses(net, &host).await.value.unwrap_or_default();
            let ip: Option<IpAddr> = addresses.into_iter().min_by_key(|ip| IpFamily::of(*ip));
            ip.map(|ip| Way::SmartHost { host, ip })
        }))
        .await;
        Ok(ours.into_iter().map(Way::Direct).chain(through.into_iter().flatten()).collect())
    }
}

async fn look_at_keys(net: &Net, domain: &str, keys: &[DkimKey]) -> DkimSeen {
    let looks = keys.iter().filter(|key| key.standing.retired_at.is_none()).map(async |key| {
        let dns_key = DnsKey { algorithm: key.algorithm, public: &key.public_key };
        let name = record_name(&key.selector, domain);
        let answer = asked(net.texts(&name)).await;
        let texts = answer.value.ok();
        let seen = texts.as_ref().map(|texts| match shown(texts, dns_key) {
            DkimShown::ThisKey => KeyShown::Same,
            DkimShown::Nothing => KeyShown::Missing,
            DkimShown::Revoked => KeyShown::Revoked,
            DkimShown::AnotherKey => KeyShown::Different,
            DkimShown::Several => KeyShown::Several,
            DkimShown::Forbidden => KeyShown::Forbidden,
        });
        let texts = texts.unwrap_or_default();
        DkimKeySeen { name, record: record_value(dns_key), texts, shown: Timed::new(seen, answer.took) }
    });
    DkimSeen { domain: domain.to_owned(), keys: join_all(looks).await }
}

/// The texts that may hold the policy: the domain's own, and those of the organisation that it belongs to (RFC 7489 §6.6.3).
async fn policies(net: &Net, domain: &str) -> Timed<Option<Vec<DmarcTexts>>> {
    let began = Instant::now();
    let mut owners = vec![domain.to_owned(), organisation(domain)];
    owners.dedup();
    let found = join_all(owners.into_iter().map(async |owner| {
        let texts = asked(net.texts(&format!("_dmarc.{owner}"))).await.value.ok()?;
        Some(DmarcTexts { domain: owner, texts })
    }))
    .await;
    Timed::new(found.into_iter().collect(), began.elapsed())
}
