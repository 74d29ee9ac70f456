//! From an address to its servers: every source is asked at the same time, and what they name is tried, within ten
//! seconds in all. No password has a part in it.
//!
//! `advisor::discover` says what the answers mean and whom to believe; here they are fetched. Guesses are tried only where
//! nobody said anything, and one that does not answer, encrypted and with a certificate for its name, was none.

mod probe;
pub mod view;

use crate::Engine;
use crate::accounts::parse_address;
use crate::error::Error;
use advisor::discover::{
    Found, FoundServer, LARGEST_CONFIG, Origin, SERVICE_NAMES, config_urls, database_url, from_services, guesses,
    is_hearsay, ranked, read_config,
};
use advisor::{Provider, provider_of, provider_of_mx};
use futures::future::join_all;
use model::{DnsFault, EmailAddress, LoginForm};
use net::{HttpError, HttpRequest, MailHosts, Net, Proof, Proven, Service};
use probe::{Kind, first_that_answers};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use view::{AskedSource, DiscoverArgs, Discovery, FoundAccount, PasswordHelpView, ProviderHelp};

/// The time for the sources.
const ASKING: Duration = Duration::from_secs(5);
/// The time in which DNS may prove what it says.
const PROVING: Duration = Duration::from_secs(3);
/// The time for all of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Redirects of a domain's page that are followed.
const REDIRECTS: u8 = 3;

/// The setting that allows to ask Mozilla's database.
pub(crate) const DATABASE_SETTING: &str = "accounts.ask_mozilla";

/// What a source said, and what is in it.
type Said = (String, Result<Option<Found>, String>);

impl Engine {
    pub(crate) async fn account_discover(&self, args: DiscoverArgs) -> Result<Discovery, Error> {
        let address = parse_address(&args.address)?;
        let net = self.inner.worlds.usable_net(None)?;
        let allowed = self.store().setting(DATABASE_SETTING).await?.as_deref() == Some("true");
        let database = args.database.unwrap_or(allowed);
        Ok(discover(&net, &address, database).await)
    }
}

async fn discover(net: &Net, address: &EmailAddress, database: bool) -> Discovery {
    let (begun, domain) = (Instant::now(), address.domain());
    let asking = begun + ASKING;
    let known = provider_of(domain);
    let (said, hosted) = match known {
        // What its provider says on its own pages needs no asking, which would only tell others of it.
        Some(provider) => {
            let origin = Origin::Provider(provider.name.to_owned());
            let found = Found::of_provider(provider, origin, &address.to_string());
            (vec![("What is known here".to_owned(), Ok(Some(found)))], Some(provider))
        }
        None => ask_everybody(net, address, database, asking).await,
    };
    let asked =
        said.iter().map(|(source, said)| AskedSource { source: source.clone(), said: in_words(said) }).collect();
    let found = ranked(said.into_iter().filter_map(|(_, said)| said.ok().flatten()).collect());
    let found = tried(net, address, found, begun + PATIENCE).await;
    Discovery { address: address.to_string(), found, asked, provider: hosted.map(help), database }
}

/// Every source at once. Also the provider whose hosts take the domain's mail.
async fn ask_everybody(
    net: &Net,
    address: &EmailAddress,
    database: bool,
    deadline: Instant,
) -> (Vec<Said>, Option<&'static Provider>) {
    let [own, well_known] = config_urls(address);
    let of_database = async {
        match database {
            true => Some(page(net, address, &database_url(address.domain()), deadline).await),
            false => None,
        }
    };
    let (own, well_known, services, hosts, of_database) = tokio::join!(
        page(net, address, &own, deadline),
        page(net, address, &well_known, deadline),
        services(net, address, deadline),
        mail_hosts(net, address, deadline),
        of_database,
    );
    let (hosts, hosted) = hosts;
    let mut said = vec![own, well_known, services, hosts];
    said.extend(of_database);
    (said, hosted)
}

fn in_words(said: &Result<Option<Found>, String>) -> String {
    match said {
        Ok(Some(found)) if found.is_of_use() => "It names servers.".to_owned(),
        Ok(_) => "It names none.".to_owned(),
        Err(why) => format!("Nothing: {why}."),
    }
}

/// The page at an address. Its host is its source, or Mozilla's database.
async fn page(net: &Net, address: &EmailAddress, url: &str, deadline: Instant) -> Said {
    let place = url.split('?').next().unwrap_or(url).to_owned();
    let request = HttpRequest { redirects: REDIRECTS, ..HttpRequest::get(url, LARGEST_CONFIG, ASKING) };
    let answer = match timeout_at(deadline, net.http(request)).await {
        Ok(Ok(answer)) if answer.status == 200 => answer,
        Ok(Ok(answer)) => return (place, Err(unlike(answer.status))),
        Ok(Err(error)) => return (place, Err(shortly(&error))),
        Err(_) => return (place, Err("no answer in time".to_owned())),
    };
    let host = place.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let origin = match database_url(address.domain()) == url {
        true => Origin::Database,
        false => Origin::Domain(host.to_owned()),
    };
    let read = read_config(&String::from_utf8_lossy(&answer.body), address, origin);
    (place, read.map(Some).map_err(|error| error.to_string()))
}

/// Why an answer with another status than 200 says nothing.
fn unlike(status: u16) -> String {
    match status {
        300..=399 => format!("it led on to one page after another ({status})"),
        _ => format!("the answer is {status}"),
    }
}

fn shortly(error: &HttpError) -> String {
    match error {
        HttpError::Dns(_) => "there is no such host".to_owned(),
        error => error.to_string(),
    }
}

/// The domain's SRV records.
async fn services(net: &Net, address: &EmailAddress, deadline: Instant) -> Said {
    let source = format!("DNS, the services of {}", address.domain());
    let ask = |name: &str| {
        let name = format!("{name}._tcp.{}", address.domain());
        async move {
            let (plain, proven) = tokio::join!(net.services(&name), timeout(PROVING, net.proven_services(&name)));
            Ok::<_, DnsFault>(match proven.ok().flatten() {
                Some(services) => (services, Trust::Signed),
                None => (plain?, Trust::Unsigned),
            })
        }
    };
    let [(imaps, _), (imap, _), (submissions, _), (submission, _)] = SERVICE_NAMES;
    let all = async { tokio::join!(ask(imaps), ask(imap), ask(submissions), ask(submission)) };
    let Ok(all) = timeout_at(deadline, all).await else { return (source, Err("no answer in time".to_owned())) };
    let answers = match all {
        (Err(fault), Err(_), Err(_), Err(_)) => return (source, Err(fault.to_string())),
        (a, b, c, d) => [a, b, c, d].map(Result::ok),
    };
    // One answer that anybody could have made is enough to lead astray.
    let unsigned = |(services, trust): &(Vec<Service>, Trust)| *trust == Trust::Unsigned && !services.is_empty();
    let origin = if answers.iter().flatten().any(unsigned) { Origin::Services } else { Origin::SignedServices };
    let hosts = |(services, _): (Vec<Service>, Trust)| services.into_iter().map(|one| (one.host, one.port)).collect();
    let found = from_services(answers.map(|answer| answer.map(hosts).unwrap_or_default()), &address.to_string());
    (source, Ok(Some(Found { origin, ..found })))
}

/// What vouches for an answer of DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// The domain's own signature.
    Signed,
    /// Nobody.
    Unsigned,
}

/// Whether a provider that is known takes the domain's mail.
async fn mail_hosts(net: &Net, address: &EmailAddress, deadline: Instant) -> (Said, Option<&'static Provider>) {
    let source = format!("DNS, who takes the mail of {}", address.domain());
    let (hosts, trust) = match timeout_at(deadline, mx(net, address.domain())).await {
        Ok(Ok((MailHosts::Mx(hosts), trust))) => (hosts, trust),
        Ok(Ok(_)) => return ((source, Ok(None)), None),
        Ok(Err(fault)) => return ((source, Err(fault.to_string())), None),
        Err(_) => return ((source, Err("no answer in time".to_owned())), None),
    };
    let provider = hosts.iter().min_by_key(|host| host.preference).and_then(|host| provider_of_mx(&host.name));
    let found = provider.map(|provider| {
        let name = provider.name.to_owned();
        let origin = match trust {
            Trust::Signed => Origin::SignedMailHosts(name),
            Trust::Unsigned => Origin::MailHosts(name),
        };
        Found::of_provider(provider, origin, &address.to_string())
    });
    ((source, Ok(found)), provider)
}

/// The hosts that take a domain's mail, as it signed them where it did.
async fn mx(net: &Net, domain: &str) -> Result<(MailHosts, Trust), DnsFault> {
    let (plain, proven) = tokio::join!(net.mail_hosts(domain), timeout(PROVING, net.proven_mail_hosts(domain)));
    match proven {
        Ok(Ok(Proven { value, proof: Proof::Secure })) => Ok((value, Trust::Signed)),
        _ => Ok((plain?, Trust::Unsigned)),
    }
}

/// What was found, with whether it answers; the customary names for a kind of which nobody named a server.
async fn tried(net: &Net, address: &EmailAddress, mut found: Vec<Found>, deadline: Instant) -> Vec<FoundAccount> {
    let needs = |kind: fn(&Found) -> &Vec<FoundServer>| !found.iter().any(|one| !kind(one).is_empty());
    let (needs_imap, needs_smtp) = (needs(|one| &one.imap), needs(|one| &one.smtp));
    if needs_imap || needs_smtp {
        found.push(guessed(address, needs_imap, needs_smtp));
    }
    let trying = found.into_iter().map(|one| account(net, address, one, deadline));
    let mut accounts = Vec::new();
    for account in join_all(trying).await {
        let is_guess = account.origin == Origin::Guess.word();
        // A guess that does not answer was none.
        let believed = |server: Option<view::FoundServerView>| server.filter(|server| !is_guess || server.answers.ok);
        let account = FoundAccount { imap: believed(account.imap), smtp: believed(account.smtp), ..account };
        if account.imap.is_some() || account.smtp.is_some() {
            accounts.push(account);
        }
    }
    accounts
}

fn guessed(address: &EmailAddress, imap: bool, smtp: bool) -> Found {
    let (imap_places, smtp_places) = guesses(address.domain());
    let servers = |places: Vec<advisor::Place>, wanted: bool| {
        let places = places.into_iter().filter(move |_| wanted);
        places
            .map(|place| FoundServer { place, user: address.to_string(), logins: vec![LoginForm::Password] })
            .collect()
    };
    Found {
        origin: Origin::Guess,
        name: None,
        imap: servers(imap_places, imap),
        smtp: servers(smtp_places, smtp),
        page: None,
    }
}

async fn account(net: &Net, address: &EmailAddress, found: Found, deadline: Instant) -> FoundAccount {
    let (imap, smtp) = tokio::join!(
        first_that_answers(net, Kind::Imap, &found.imap, deadline),
        first_that_answers(net, Kind::Submission, &found.smtp, deadline),
    );
    let said = |server: Option<view::FoundServerView>| {
        server.map(|server| {
            let hearsay = is_hearsay(&found.origin, &server.server.host, address.domain());
            view::FoundServerView { hearsay, ..server }
        })
    };
    let (imap, smtp) = (said(imap), said(smtp));
    FoundAccount {
        origin: found.origin.word().to_owned(),
        words: found.origin.words(address.domain()),
        name: found.name,
        page: found.page,
        imap,
        smtp,
    }
}

fn help(provider: &Provider) -> ProviderHelp {
    ProviderHelp {
        name: provider.name.to_owned(),
        password: provider
            .password
            .map(|help| PasswordHelpView { text: help.text.to_owned(), link: help.link.to_owned() }),
        takes_passwords: provider.logins().contains(&LoginForm::Password),
        oauth: provider.oauth.map(str::to_owned),
    }
}
