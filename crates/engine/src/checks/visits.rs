//! Mail hosts that are looked at for a check: dialed, greeted, asked what they offer, left. Nobody is named to them.

use advisor::checks::Timed;
use advisor::checks::network::ProbeEnd;
use advisor::checks::recipient::{Dialed, Offers, Required, Said, TlsSeen, VisitSeen};
use model::{Fault, Outcome, Reply, TlsDemand, TlsPolicy, TlsReport, VerifiedBy};
use net::{Net, Stream};
use smtp::{Look, Opening, SizeLimit, Stage, Timeouts};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection may take: the third packet that asks for one is sent after three seconds.
const DIAL: Duration = Duration::from_millis(3200);
/// Some hosts wait for six seconds before they greet, to see who does not.
const GREETING: Duration = Duration::from_millis(6500);
/// How long the answer to EHLO may take.
const HELLO: Duration = Duration::from_millis(1500);
/// How long a farewell is waited for.
const QUIT: Duration = Duration::from_millis(500);

/// When TLS comes, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Not at all: what is said in clear text is what is looked at.
    None,
    /// Before the greeting (RFC 8314).
    First,
}

/// Looks at one address of a host for a moment.
pub(super) async fn probe(net: &Net, host: &str, address: SocketAddr, encryption: Encryption) -> Timed<ProbeEnd> {
    let began = Instant::now();
    let end = match net.dial(address, DIAL).await {
        Err(fault) => not_dialed(fault),
        Ok(stream) => {
            let policy = if encryption == Encryption::First { TlsPolicy::Opportunistic } else { TlsPolicy::Plain };
            let opening = opening(net, &stream, TlsDemand::new(policy, host), encryption, brief()).await;
            end_of(smtp::look(net, stream, &opening).await)
        }
    };
    Timed::new(end, began.elapsed())
}

/// What a connection that was not made met.
pub(super) fn not_dialed(fault: Fault) -> ProbeEnd {
    match fault {
        Fault::ConnectTimeout(_) => ProbeEnd::Silent,
        Fault::ConnectionRefused(_) => ProbeEnd::Refused,
        Fault::Unreachable(_) => ProbeEnd::Unreachable,
        fault => ProbeEnd::Local(fault.to_string()),
    }
}

fn end_of(look: Look) -> ProbeEnd {
    match look.greeting.map(|stage| stage.result) {
        Some(Ok(greeting)) => {
            let answer = |stage: Option<Stage<Reply>>| stage.and_then(|stage| stage.result.ok());
            ProbeEnd::Greeted { greeting, ehlo: answer(look.ehlo), helo: answer(look.helo) }
        }
        Some(Err(Outcome::Failed(Fault::Timeout(_)))) => ProbeEnd::Mute,
        Some(Err(Outcome::Failed(Fault::Protocol(said)))) => ProbeEnd::Strange(said),
        Some(Err(Outcome::Replied(greeting))) => ProbeEnd::Greeted { greeting, ehlo: None, helo: None },
        Some(Err(Outcome::Failed(_))) => ProbeEnd::Closed,
        None => match look.implicit_tls.map(|stage| stage.result) {
            Some(Err(Outcome::Failed(Fault::Timeout(_)))) => ProbeEnd::Mute,
            _ => ProbeEnd::Closed,
        },
    }
}

/// With the name that a letter on this connection would come under.
async fn opening(net: &Net, stream: &Stream, tls: TlsDemand, encryption: Encryption, timeouts: Timeouts) -> Opening {
    let helo = net.name_for_ehlo(stream.local_addr().ok().map(|source| source.ip())).await;
    let implicit_tls = encryption == Encryption::First;
    Opening { helo, tls, implicit_tls, auth: None, only_data: false, timeouts }
}

fn brief() -> Timeouts {
    Timeouts { greeting: GREETING, hello: HELLO, quit: QUIT, ..Timeouts::default() }
}

/// A visit to a host, at the first of its addresses that answers; `demand` is what its encryption should show, and
/// `required` what a letter would not go without.
pub(super) async fn visit(
    net: &Net,
    host: &str,
    addresses: &[SocketAddr],
    demand: &TlsDemand,
    required: Required,
) -> VisitSeen {
    let mut seen = VisitSeen {
        host: host.to_owned(),
        dialed: Vec::new(),
        greeting: None,
        ehlo: None,
        helo: None,
        starttls: None,
        required,
        quit: None,
    };
    let Some(stream) = first_that_answers(net, addresses, &mut seen).await else { return seen };
    let timeouts = Timeouts { hello: HELLO * 2, quit: QUIT * 2, ..brief() };
    let opening = opening(net, &stream, demand.clone(), Encryption::None, timeouts).await;
    describe(&mut seen, smtp::look(net, stream, &opening).await);
    seen
}

async fn first_that_answers(net: &Net, addresses: &[SocketAddr], seen: &mut VisitSeen) -> Option<Stream> {
    for address in addresses {
        let began = Instant::now();
        let dialed = net.dial(*address, DIAL).await;
        let took = began.elapsed();
        match dialed {
            Ok(stream) => {
                seen.dialed.push((*address, Timed::new(Dialed::Connected, took)));
                return Some(stream);
            }
            Err(fault) => seen.dialed.push((*address, Timed::new(Dialed::Failed(not_dialed(fault)), took))),
        }
    }
    None
}

fn describe(seen: &mut VisitSeen, look: Look) {
    let capabilities = look.capabilities();
    let size = match capabilities.size {
        SizeLimit::Octets(limit) => Some(limit),
        SizeLimit::NotOffered | SizeLimit::Unlimited => None,
    };
    let offers = Offers { size, smtp_utf8: capabilities.smtp_utf8, eight_bit_mime: capabilities.eight_bit_mime };
    let is_yes = |stage: &Option<Stage<Reply>>| matches!(stage, Some(Stage { result: Ok(reply), .. }) if reply.code / 100 == 2);
    let was_introduced = is_yes(&look.ehlo) || is_yes(&look.helo);
    seen.greeting = look.greeting.map(|stage| Timed::new(said(stage.result), stage.took));
    let ehlo = look.ehlo_under_tls.or(look.ehlo);
    seen.ehlo = ehlo.map(|stage| Timed::new((said(stage.result), offers), stage.took));
    seen.helo = look.helo.map(|stage| Timed::new(said(stage.result), stage.took));
    seen.starttls = match look.starttls {
        Some(stage) => Some(Timed::new(tls(stage.result), stage.took)),
        None => was_introduced.then(|| Timed::new(TlsSeen::NotOffered, Duration::ZERO)),
    };
    seen.quit = look.quit.map(|stage| Timed::new(stage.result.is_ok(), stage.took));
}

fn said(result: Result<Reply, Outcome>) -> Said {
    match result {
        Ok(reply) | Err(Outcome::Replied(reply)) => Said::Reply(reply),
        Err(Outcome::Failed(fault)) => Said::Nothing(fault.to_string()),
    }
}

fn tls(result: Result<TlsReport, Outcome>) -> TlsSeen {
    match result {
        Ok(report) if report.verified => {
            TlsSeen::Verified { version: report.version, by_records: report.verified_by == Some(VerifiedBy::Tlsa) }
        }
        Ok(report) => {
            let because = report.unverified_because.unwrap_or_else(|| "its certificate is not valid".to_owned());
            TlsSeen::Unverified { version: report.version, because }
        }
        Err(Outcome::Replied(reply)) => TlsSeen::Failed(format!("{} {}", reply.code, reply.text())),
        Err(Outcome::Failed(fault)) => TlsSeen::Failed(fault.to_string()),
    }
}
