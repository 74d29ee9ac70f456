//! One try: reach a host, hold one conversation, and write down what it was like.

use crate::context::Context;
use crate::visit::Visit;
use model::{Attempt, Delivery, Diagnosis, EmailAddress, Fault, Outcome, Phase, Route, TlsDemand, TlsPolicy};
use net::Net;
use smtp::{Credentials, Ended, Plan, RecipientResult};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long a host may take to answer a connection. RFC 5321 names no limit; Postfix waits 30 seconds as well.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// What is sent, and from whom.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub sender: Option<EmailAddress>,
    /// What a notification names it by.
    pub envelope_id: String,
    pub bytes: Arc<[u8]>,
}

/// How it is sent: the route and what the route asks for.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub route: Route,
    /// Why this route, where Postrider chose it.
    pub reason: Option<String>,
    pub tls: TlsPolicy,
    pub implicit_tls: bool,
    pub auth: Option<Credentials>,
    /// Whether the content goes after DATA even where chunks are offered.
    pub only_data: bool,
}

impl Way {
    /// To the recipient's MX: encrypted if it can be, never with a login.
    pub fn direct(reason: Option<String>) -> Self {
        Self {
            route: Route::Direct,
            reason,
            tls: TlsPolicy::Opportunistic,
            implicit_tls: false,
            auth: None,
            only_data: false,
        }
    }
}

/// A try for some deliveries.
#[derive(Debug)]
pub(crate) struct Tried {
    /// What is the same for all of them; the delivery and what it got are filled in by [`Tried::attempt_for`].
    common: Attempt,
    pub transcript: Option<Arc<str>>,
    /// One per recipient, in the order in which they were handed in.
    pub results: Vec<RecipientResult>,
    pub sent_final_dot: bool,
    /// The encryption failed where it need not succeed: the same address may be tried without.
    pub encryption_failed: bool,
    /// Chunks are offered and not known: the same address may be tried without.
    pub chunk_refused: bool,
    /// For whom there was no room, by place among the recipients.
    pub put_off: Vec<usize>,
    /// The address of the conversation; `None` if there was none.
    pub reached: Option<SocketAddr>,
}

impl Tried {
    /// A try that came to nothing before a host was dialed.
    pub fn nowhere(context: &Context, way: &Way, host: Option<&str>, ended: &Ended, recipients: usize) -> Self {
        let mut common = blank(context, way);
        common.host = host.map(str::to_owned);
        Self::without_a_word(common, ended, recipients)
    }

    fn without_a_word(common: Attempt, ended: &Ended, recipients: usize) -> Self {
        Self {
            common,
            transcript: None,
            results: vec![RecipientResult::from(ended.clone()); recipients],
            sent_final_dot: false,
            encryption_failed: false,
            chunk_refused: false,
            put_off: Vec::new(),
            reached: None,
        }
    }

    /// The host that was tried; empty if it never came to one.
    pub fn host(&self) -> &str {
        self.common.host.as_deref().unwrap_or_default()
    }

    /// The record of this try for one delivery.
    pub fn attempt_for(
        &self,
        delivery: &Delivery,
        result: &RecipientResult,
        diagnosis: Option<Diagnosis>,
    ) -> Attempt {
        let (reply, error) = match &result.outcome {
            Outcome::Replied(reply) => (Some(reply.clone()), None),
            Outcome::Failed(fault) => (None, Some(fault.to_string())),
        };
        Attempt { delivery: delivery.id, phase: result.phase, reply, error, diagnosis, ..self.common.clone() }
    }
}

/// Reaches the host and hands the letter over for these recipients. What comes back is one try, or one for each address
/// where none answered; never nothing.
pub(crate) async fn hold(
    context: &Context,
    net: &Net,
    host: &str,
    visit: &Visit,
    letter: &Letter,
    recipients: Vec<EmailAddress>,
) -> Vec<Tried> {
    let mut common = blank(context, &visit.way);
    common.host = Some(host.to_owned());
    let (stream, address) = match net.dial_any(&visit.addresses, DIAL_TIMEOUT).await {
        Ok(reached) => reached,
        Err(faults) => {
            common.ended_at = context.clock.now();
            return nobody_answered(&common, host, faults, recipients.len());
        }
    };
    locate(&mut common, address);
    let source = stream.local_addr().ok().map(|source| source.ip());
    let helo = helo(net, source).await;
    common.helo = Some(helo.clone());
    common.source = source.map(|source| source.to_string());
    let plan = plan(context, &visit.way, host, letter, recipients, helo);
    let conversation = smtp::converse(net, stream, &plan, &letter.bytes).await;
    common.ended_at = context.clock.now();
    common.tls = conversation.tls;
    vec![Tried {
        common,
        transcript: (!conversation.transcript.is_empty()).then(|| conversation.transcript.into()),
        results: conversation.recipients,
        sent_final_dot: conversation.sent_final_dot,
        encryption_failed: conversation.starttls_failed,
        chunk_refused: conversation.chunk_refused,
        put_off: conversation.put_off,
        reached: Some(address),
    }]
}

fn nobody_answered(common: &Attempt, host: &str, faults: Vec<(SocketAddr, Fault)>, recipients: usize) -> Vec<Tried> {
    let ended = |fault: Fault| Ended { phase: Phase::Connect, outcome: fault.into() };
    if faults.is_empty() {
        let unreachable = ended(Fault::Unreachable(host.to_owned()));
        return vec![Tried::without_a_word(common.clone(), &unreachable, recipients)];
    }
    let in_vain = |(address, fault)| {
        let mut common = common.clone();
        locate(&mut common, address);
        Tried::without_a_word(common, &ended(fault), recipients)
    };
    faults.into_iter().map(in_vain).collect()
}

fn locate(attempt: &mut Attempt, address: SocketAddr) {
    attempt.address = Some(address.ip().to_string());
    attempt.port = Some(address.port());
}

fn plan(
    context: &Context,
    way: &Way,
    host: &str,
    letter: &Letter,
    recipients: Vec<EmailAddress>,
    helo: String,
) -> Plan {
    Plan {
        helo,
        tls: TlsDemand::new(way.tls, host),
        implicit_tls: way.implicit_tls,
        auth: way.auth.clone(),
        sender: letter.sender.clone(),
        recipients,
        size: letter.bytes.len() as u64,
        eight_bit: !letter.bytes.is_ascii(),
        envelope_id: Some(letter.envelope_id.clone()),
        only_data: way.only_data,
        timeouts: context.timeouts.clone(),
    }
}

fn blank(context: &Context, way: &Way) -> Attempt {
    Attempt::begun(context.clock.now(), way.route.clone(), way.reason.clone())
}

/// The name given in EHLO: the one of the settings, else the one that our address is known by, else that address.
pub(crate) async fn helo(net: &Net, source: Option<IpAddr>) -> String {
    if let Some(name) = &net.config().helo {
        return name.clone();
    }
    let known_by = match source {
        Some(ip) => net.confirmed_name(ip).await,
        None => None,
    };
    known_by.unwrap_or_else(|| address_literal(source))
}

/// What a client without a name of its own says in EHLO (RFC 5321 §4.1.3). Never the computer's name: it is nobody's
/// business and resolves nowhere.
fn address_literal(ip: Option<IpAddr>) -> String {
    match ip {
        Some(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => format!("[{ip}]"),
            None => format!("[IPv6:{ip}]"),
        },
        Some(IpAddr::V4(ip)) => format!("[{ip}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_ehlo_is_our_address_as_a_literal() {
        let literal = |ip: &str| address_literal(ip.parse().ok());
        assert_eq!(literal("192.0.2.7"), "[192.0.2.7]");
        assert_eq!(literal("2001:db8::1"), "[IPv6:2001:db8::1]");
        assert_eq!(literal("::ffff:192.0.2.7"), "[192.0.2.7]");
    }
}
