//! One try: dial one address, hold one conversation, and write down what it was like.

use crate::context::Context;
use crate::targets::Target;
use model::{Attempt, AttemptId, Delivery, DeliveryId, Diagnosis, EmailAddress, Outcome, Phase, Route, TlsPolicy};
use net::Net;
use smtp::{Conversation, Credentials, Ended, Plan, RecipientResult};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a host may take to answer a connection. RFC 5321 names no limit; Postfix waits 30 seconds as well.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// What is sent, and from whom.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub sender: Option<EmailAddress>,
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
}

impl Way {
    /// To the recipient's MX: encrypted if it can be, never with a login.
    pub fn direct(reason: Option<String>) -> Self {
        Self { route: Route::Direct, reason, tls: TlsPolicy::Opportunistic, implicit_tls: false, auth: None }
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
}

impl Tried {
    /// A try that came to nothing before a host was dialed.
    pub fn nowhere(context: &Context, way: &Way, host: Option<&str>, ended: &Ended, recipients: usize) -> Self {
        let mut common = blank(context, way);
        common.host = host.map(str::to_owned);
        Self {
            common,
            transcript: None,
            results: vec![RecipientResult::from(ended.clone()); recipients],
            sent_final_dot: false,
            encryption_failed: false,
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

/// Dials the target and hands the letter over for these recipients.
pub(crate) async fn hold(
    context: &Context,
    net: &Net,
    way: &Way,
    target: &Target,
    letter: &Letter,
    recipients: Vec<EmailAddress>,
) -> Tried {
    let mut common = blank(context, way);
    common.host = Some(target.host.clone());
    common.address = Some(target.address.ip().to_string());
    common.port = Some(target.address.port());
    let conversation = match net.dial(target.address, DIAL_TIMEOUT).await {
        Err(fault) => silent(Ended { phase: Phase::Connect, outcome: fault.into() }, recipients.len()),
        Ok(stream) => {
            let source = stream.local_addr().ok();
            let helo = net.config().helo.clone().unwrap_or_else(|| address_literal(source.map(|source| source.ip())));
            common.helo = Some(helo.clone());
            common.source = source.map(|source| source.ip().to_string());
            let plan = plan(context, way, target, letter, recipients, helo);
            smtp::converse(net, stream, &plan, &letter.bytes).await
        }
    };
    common.ended_at = context.clock.now();
    common.tls = conversation.tls;
    Tried {
        common,
        transcript: (!conversation.transcript.is_empty()).then(|| conversation.transcript.into()),
        results: conversation.recipients,
        sent_final_dot: conversation.sent_final_dot,
        encryption_failed: conversation.starttls_failed,
    }
}

fn plan(
    context: &Context,
    way: &Way,
    target: &Target,
    letter: &Letter,
    recipients: Vec<EmailAddress>,
    helo: String,
) -> Plan {
    Plan {
        helo,
        host: target.host.clone(),
        tls: way.tls,
        implicit_tls: way.implicit_tls,
        auth: way.auth.clone(),
        sender: letter.sender.clone(),
        recipients,
        size: letter.bytes.len() as u64,
        eight_bit: !letter.bytes.is_ascii(),
        timeouts: context.timeouts.clone(),
    }
}

fn blank(context: &Context, way: &Way) -> Attempt {
    let now = context.clock.now();
    Attempt {
        id: AttemptId(0),
        delivery: DeliveryId(0),
        started_at: now,
        ended_at: now,
        route: way.route.clone(),
        route_reason: way.reason.clone(),
        host: None,
        address: None,
        port: None,
        source: None,
        helo: None,
        tls: None,
        phase: Phase::Prepare,
        reply: None,
        error: None,
        diagnosis: None,
    }
}

fn silent(ended: Ended, recipients: usize) -> Conversation {
    Conversation {
        recipients: vec![ended.into(); recipients],
        tls: None,
        source: None,
        transcript: String::new(),
        starttls_failed: false,
        greeting_phase_only: true,
        sent_final_dot: false,
    }
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
