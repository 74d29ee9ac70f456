//! The questions that a mark asks: of the name servers, and of a domain's own web server where DNS announces a policy there
//! (RFC 8461 §3.3). No mail host is ever spoken to.

use super::desk::{Answer, Step, Task};
use advisor::checks::identity::TakesMail;
use model::DnsFault;
use net::{MailHosts, Net, Proof, StsMode, StsPolicy, TlsaAnswer, is_usable, order_hosts};
use std::time::Duration;
use tokio::time::timeout;

/// How long a question may take; the desk has a limited number of hands.
const PATIENCE: Duration = Duration::from_secs(8);

/// Carries a task out.
pub(super) async fn look(net: &Net, task: &Task) -> Answer {
    let domain = task.place.domain.as_str();
    let host = task.host.as_deref().unwrap_or(domain);
    let asked = async {
        match task.step {
            Step::Hosts => Answer::Hosts(hosts(net, domain).await),
            Step::Address => Answer::Address(address(net, host).await),
            Step::Policy => Answer::Demand(policy(net, domain, host).await),
            Step::Proof => Answer::Demand(proof(net, domain, host).await),
        }
    };
    timeout(PATIENCE, asked).await.unwrap_or(match task.step {
        Step::Hosts => Answer::Hosts(None),
        Step::Address => Answer::Address(None),
        Step::Policy | Step::Proof => Answer::Demand(None),
    })
}

/// Who takes mail for a domain, as far as MX records tell; `None` where no name server could be asked.
async fn hosts(net: &Net, domain: &str) -> Option<TakesMail> {
    Some(match net.mail_hosts(domain).await {
        Ok(MailHosts::NullMx) => TakesMail::Null,
        Ok(MailHosts::Implicit(_)) => TakesMail::Implicit,
        Ok(MailHosts::Mx(hosts)) => {
            TakesMail::Hosts(order_hosts(hosts, |_| {}).into_iter().map(|host| host.name).collect())
        }
        Err(DnsFault::NoSuchDomain(_)) => TakesMail::NoSuchDomain,
        Err(DnsFault::NoRecords(_)) => TakesMail::Nowhere,
        Err(DnsFault::ServerFailure(_)) => TakesMail::NotAnswered,
        Err(DnsFault::NoResolver(_)) => return None,
    })
}

async fn address(net: &Net, host: &str) -> Option<bool> {
    match net.addresses(host).await {
        Ok(addresses) => Some(!addresses.is_empty()),
        Err(DnsFault::NoSuchDomain(_) | DnsFault::NoRecords(_)) => Some(false),
        Err(DnsFault::ServerFailure(_) | DnsFault::NoResolver(_)) => None,
    }
}

/// Whether the domain enforces a policy that names its first host; `None` where nobody could say.
async fn policy(net: &Net, domain: &str, host: &str) -> Option<bool> {
    if !net.has_policies() {
        return Some(false);
    }
    match net.sts_record(domain).await {
        Ok(None) => Some(false),
        Err(_) => None,
        Ok(Some(_)) => {
            let policy = StsPolicy::parse(&net.fetch_sts_policy(domain).await.ok()?).ok()?;
            Some(policy.mode == StsMode::Enforce && policy.names(host))
        }
    }
}

/// Whether signed DNS says by what the first host is to be recognised (RFC 7672); `None` where nobody could say.
async fn proof(net: &Net, domain: &str, host: &str) -> Option<bool> {
    if !net.has_policies() {
        return Some(false);
    }
    match net.proven_mail_hosts(domain).await.ok()?.proof {
        Proof::Secure => {}
        Proof::Insecure => return Some(false),
        Proof::Bogus | Proof::Unknown => return None,
    }
    let found = net.host_proof(host).await;
    match found.proof {
        Proof::Secure => {}
        Proof::Insecure => return Some(false),
        Proof::Bogus | Proof::Unknown => return None,
    }
    match net.tlsa(&found.canonical, net.config().smtp_port).await {
        TlsaAnswer::Records(records) => Some(records.iter().any(is_usable)),
        TlsaAnswer::None => Some(false),
        TlsaAnswer::Bogus | TlsaAnswer::Failed => None,
    }
}
