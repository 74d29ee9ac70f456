//! The questions that a mark asks of the name servers. What policy a domain has (RFC 8461) is not asked, since its own web
//! server has it: only one that an earlier letter brought counts. No host of the domain is ever spoken to.

use super::desk::{Answer, Step, Task};
use advisor::checks::identity::TakesMail;
use jiff::Timestamp;
use model::DnsFault;
use net::{MailHosts, Net, Proof, StsMode, StsPolicy, TlsaAnswer, is_usable, order_hosts};
use std::time::Duration;
use store::Store;
use tokio::time::timeout;

/// How long a question may take; the desk has a limited number of hands.
const PATIENCE: Duration = Duration::from_secs(8);

/// Carries a task out.
pub(super) async fn look(net: &Net, store: &Store, task: &Task) -> Answer {
    let domain = task.place.domain.as_str();
    let host = task.host.as_deref().unwrap_or(domain);
    let asked = async {
        match task.step {
            Step::Hosts => Answer::Hosts(hosts(net, domain).await),
            Step::Address => Answer::Address(address(net, host).await),
            Step::Policy => Answer::Demand(policy(net, store, domain, host).await),
            Step::Proof => Answer::Demand(proof(net, domain, host).await),
        }
    };
    timeout(PATIENCE, asked).await.unwrap_or(nobody_says(task.step))
}

/// The answer where there is nobody who could give one.
pub(super) fn nobody_says(step: Step) -> Answer {
    match step {
        Step::Hosts => Answer::Hosts(None),
        Step::Address => Answer::Address(None),
        Step::Policy | Step::Proof => Answer::Demand(None),
    }
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

/// Whether the domain enforces a policy that is kept and names its first host; `None` where what is kept cannot be read.
async fn policy(net: &Net, store: &Store, domain: &str, host: &str) -> Option<bool> {
    if !net.has_policies() {
        return Some(false);
    }
    let kept = store.sts_policy(domain).await.ok()?.filter(|kept| kept.is_valid(Timestamp::now()));
    let policy = kept.and_then(|kept| StsPolicy::parse(&kept.policy).ok());
    Some(policy.is_some_and(|policy| policy.mode == StsMode::Enforce && policy.names(host)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use store::StoredSts;

    #[tokio::test]
    async fn a_policy_counts_where_a_letter_brought_it_and_is_never_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        let now = Timestamp::now();
        let hour = jiff::SignedDuration::from_hours(1);
        let keep = async |domain: &str, mode: &str, expires_at| {
            let policy = format!("version: STSv1\nmode: {mode}\nmx: mx.{domain}\nmax_age: 86400\n");
            let kept = StoredSts { id: "1".into(), policy, fetched_at: now - hour, expires_at, tried_at: now };
            store.keep_sts_policy(domain, kept).await.unwrap();
        };
        keep("strict.test", "enforce", now + hour).await;
        keep("trying.test", "testing", now + hour).await;
        keep("old.test", "enforce", now - hour).await;
        // Nobody answers in this network.
        let net = Net::new(net::NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], ..Default::default() }).unwrap();
        let table = [
            ("strict.test", "mx.strict.test", true),
            ("strict.test", "mx.other.test", false),
            ("trying.test", "mx.trying.test", false),
            ("old.test", "mx.old.test", false),
            ("new.test", "mx.new.test", false),
        ];
        for (domain, host, expected) in table {
            let demands = net.has_policies() && expected;
            assert_eq!(policy(&net, &store, domain, host).await, Some(demands), "{domain} {host}");
        }
    }
}
