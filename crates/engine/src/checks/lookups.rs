//! Questions to DNS for a check: each ends within its limit, and says how long it took.

use advisor::checks::Timed;
use advisor::checks::identity::TakesMail;
use advisor::checks::reverse_name::NameSeen;
use advisor::spf::{self, Answer, Evaluation, Question};
use futures::future::join_all;
use model::DnsFault;
use net::{MailHosts, Net, order_hosts};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long one question may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How long the questions of one SPF record may take together.
const SPF_PATIENCE: Duration = Duration::from_secs(8);

/// What came of something, with its time; silence is a failure of the name servers.
pub(super) async fn asked<T>(question: impl Future<Output = Result<T, DnsFault>>) -> Timed<Result<T, DnsFault>> {
    let began = Instant::now();
    let answer = timeout(PATIENCE, question).await.unwrap_or_else(|_| Err(DnsFault::NoResolver(String::new())));
    Timed::new(answer, began.elapsed())
}

/// Who takes mail for a domain, and whether it can be found at all: a domain without MX has to have an address.
pub(super) async fn takes_mail(net: &Net, domain: &str) -> Timed<TakesMail> {
    let began = Instant::now();
    let takes = match asked(net.mail_hosts(domain)).await.value {
        Ok(MailHosts::NullMx) => TakesMail::Null,
        Ok(MailHosts::Mx(hosts)) => {
            TakesMail::Hosts(order_hosts(hosts, |_| {}).into_iter().map(|host| host.name).collect())
        }
        Ok(MailHosts::Implicit(name)) => match asked(net.addresses(&name)).await.value {
            Ok(_) => TakesMail::Implicit,
            Err(fault) => without(&fault),
        },
        Err(fault) => without(&fault),
    };
    Timed::new(takes, began.elapsed())
}

fn without(fault: &DnsFault) -> TakesMail {
    match fault {
        DnsFault::NoSuchDomain(_) => TakesMail::NoSuchDomain,
        DnsFault::NoRecords(_) => TakesMail::Nowhere,
        DnsFault::ServerFailure(_) | DnsFault::NoResolver(_) => TakesMail::NotAnswered,
    }
}

/// The hosts of a domain that mail would be handed to.
pub(super) fn hosts_of(domain: &str, takes: &TakesMail) -> Vec<String> {
    match takes {
        TakesMail::Hosts(hosts) => hosts.clone(),
        TakesMail::Implicit => vec![domain.to_owned()],
        _ => Vec::new(),
    }
}

/// The addresses of a host: none where it has none, `None` where nobody could say.
pub(super) async fn addresses(net: &Net, host: &str) -> Timed<Option<Vec<IpAddr>>> {
    let answer = asked(net.addresses(host)).await;
    Timed::new(found(answer.value), answer.took)
}

fn found(answer: Result<Vec<IpAddr>, DnsFault>) -> Option<Vec<IpAddr>> {
    match answer {
        Ok(addresses) => Some(addresses),
        Err(DnsFault::NoSuchDomain(_) | DnsFault::NoRecords(_)) => Some(Vec::new()),
        Err(DnsFault::ServerFailure(_) | DnsFault::NoResolver(_)) => None,
    }
}

/// The names of an address, each with where it leads.
pub(super) async fn names(net: &Net, ip: IpAddr) -> Timed<Option<Vec<NameSeen>>> {
    let began = Instant::now();
    let both = async {
        let names = net.reverse_names(ip).await.ok()?;
        let seen = names.into_iter().map(async |name| {
            let leads_to = found(net.addresses_like(&name, ip).await);
            NameSeen { name, leads_to }
        });
        Some(join_all(seen).await)
    };
    let names = timeout(PATIENCE, both).await.ok().flatten();
    Timed::new(names, began.elapsed())
}

/// What SPF says of a sender, asked question by question.
pub(super) async fn spf(net: &Net, query: &spf::Query) -> Timed<Evaluation> {
    let began = Instant::now();
    let mut known = spf::Known::new();
    let evaluation = loop {
        match spf::check_host(query, &known) {
            Ok(evaluation) => break evaluation,
            Err(question) => {
                let answer = match began.elapsed() < SPF_PATIENCE {
                    true => answer(net, query.ip, &question).await,
                    false => Answer::Failed,
                };
                known.insert(question, answer);
            }
        }
    };
    Timed::new(evaluation, began.elapsed())
}

async fn answer(net: &Net, ip: IpAddr, question: &Question) -> Answer {
    let like = async |name: &str, ip: IpAddr| found(asked(net.addresses_like(name, ip)).await.value);
    let some_addresses = |addresses: Option<Vec<IpAddr>>| match addresses {
        None => Answer::Failed,
        Some(none) if none.is_empty() => Answer::Nothing,
        Some(some) => Answer::Addresses(some),
    };
    let some_names = |names: Vec<String>| if names.is_empty() { Answer::Nothing } else { Answer::Names(names) };
    match question {
        Question::Texts(name) => match asked(net.texts(name)).await.value {
            Ok(texts) if texts.is_empty() => Answer::Nothing,
            Ok(texts) => Answer::Texts(texts),
            Err(_) => Answer::Failed,
        },
        Question::Addresses(name) => some_addresses(like(name, ip).await),
        Question::Exists(name) => some_addresses(like(name, Ipv4Addr::UNSPECIFIED.into()).await),
        Question::Names => match asked(net.reverse_names(ip)).await.value {
            Ok(names) => some_names(names),
            Err(_) => Answer::Failed,
        },
        Question::Hosts(name) => match asked(net.mail_hosts(name)).await.value {
            Ok(MailHosts::Mx(hosts)) => some_names(order_hosts_whole(hosts)),
            Ok(MailHosts::NullMx) => Answer::Names(vec![String::new()]),
            Ok(MailHosts::Implicit(_)) | Err(DnsFault::NoSuchDomain(_) | DnsFault::NoRecords(_)) => Answer::Nothing,
            Err(_) => Answer::Failed,
        },
    }
}

/// All of them, in order: SPF counts them.
fn order_hosts_whole(mut hosts: Vec<net::MxHost>) -> Vec<String> {
    hosts.sort_by_key(|host| host.preference);
    hosts.into_iter().map(|host| host.name).collect()
}
