//! One try: reach a host, or take up a connection to it that is still open, hand the letter over, and write down what
//! it was like.

use crate::content::Bytes;
use crate::context::Context;
use crate::login::Ordered;
use crate::policy::HostPolicy;
use crate::pool::{Kept, Kind};
use crate::visit::Visit;
use crate::wire::OnTheWire;
use model::{Attempt, Delivery, Diagnosis, EmailAddress, Fault, Outcome, Phase, Route};
use net::{Net, Stream};
use smtp::{Credentials, Ended, HandedOver, Mail, Opening, RecipientResult, Session, SizeLimit, Unopened};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::{Contact, Secrets};
use tokio::sync::OwnedSemaphorePermit;

/// How long a host may take to answer a connection. RFC 5321 names no limit; Postfix waits 30 seconds as well.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// What is sent, and from whom.
#[derive(Clone)]
pub(crate) struct Letter {
    pub sender: Option<EmailAddress>,
    /// What a notification names it by.
    pub envelope_id: String,
    pub bytes: Bytes,
    /// Whether it may travel over verified encryption only (REQUIRETLS, RFC 8689).
    pub require_tls: bool,
    /// Whether the user ordered it to go now.
    pub ordered: bool,
}

/// How it is sent: the route and what the route asks for.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub route: Route,
    /// Why this route, where Postrider chose it.
    pub reason: Option<String>,
    pub implicit_tls: bool,
    pub auth: Option<Credentials>,
    /// For a login with an access token.
    pub renewal: Option<Renewal>,
    /// The address that answered at an earlier try: a greylist knows us by the family in which we came.
    pub before: Option<IpAddr>,
}

impl Way {
    /// To the recipient's MX: never with a login.
    pub fn direct(reason: Option<String>, before: Option<IpAddr>) -> Self {
        Self { route: Route::Direct, reason, implicit_tls: false, auth: None, renewal: None, before }
    }
}

/// Where another access token is had for one that was refused: it may have been taken back before its time.
#[derive(Clone, Debug)]
pub(crate) struct Renewal {
    pub secrets: Secrets,
    pub key: String,
}

impl Renewal {
    /// The login with another token; `None` where there is none.
    async fn of(&self, login: &Credentials) -> Option<Credentials> {
        match self.secrets.login_again(&self.key, login.form, &login.secret).await {
            Ok(Some(secret)) => Some(Credentials { secret, ..login.clone() }),
            Ok(None) => None,
            Err(error) => {
                tracing::info!(%error, "a refused access token could not be renewed");
                None
            }
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
    /// The letter is on the wire until what came of it is on disk.
    pub on_the_wire: Option<OnTheWire>,
    /// The address of the conversation; `None` if there was none.
    pub reached: Option<SocketAddr>,
    /// What the server says is the largest message that it takes.
    size_limit: Option<u64>,
}

impl Tried {
    /// A try that came to nothing before a host was dialed.
    pub fn nowhere(context: &Context, visit: &Visit, ended: &Ended, recipients: usize) -> Self {
        Self::without_a_word(blank(context, visit), ended, recipients)
    }

    /// A session that did not become ready.
    fn unopened(mut common: Attempt, address: SocketAddr, unopened: Unopened, recipients: usize) -> Self {
        common.tls = unopened.tls;
        Self {
            transcript: (!unopened.transcript.is_empty()).then(|| unopened.transcript.into()),
            encryption_failed: unopened.starttls_failed,
            reached: Some(address),
            ..Self::without_a_word(common, &unopened.ended, recipients)
        }
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
            on_the_wire: None,
            reached: None,
            size_limit: None,
        }
    }

    /// Whether the login was refused for good.
    fn is_refused_login(&self) -> bool {
        let refused = |result: &RecipientResult| {
            result.phase == Phase::Auth && matches!(&result.outcome, Outcome::Replied(reply) if reply.code >= 500)
        };
        self.results.iter().any(refused)
    }

    /// The host that was tried; empty if it never came to one.
    pub fn host(&self) -> &str {
        self.common.host.as_deref().unwrap_or_default()
    }

    /// The conversation, as far as it shows what the host is like; one that ended before EHLO does not.
    pub fn contact(&self) -> Option<(Contact, SocketAddr)> {
        let talked = self.results.iter().any(|result| result.phase >= Phase::Auth);
        let contact = Contact { at: self.common.ended_at, tls: self.common.tls.clone(), size_limit: self.size_limit };
        Some((contact, self.reached.filter(|_| talked)?))
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

/// Hands the letter over to the host for these recipients. What comes back is one try, or one for each address where
/// none answered; never nothing.
pub(crate) async fn hold(
    context: &Context,
    net: &Net,
    visit: &Visit,
    letter: &Letter,
    recipients: &[EmailAddress],
) -> Vec<Tried> {
    let kind = kind(visit);
    let common = blank(context, visit);
    if let Some(mut kept) = context.pool.take(&kind, &visit.addresses, visit.way.before)
        && kept.session.is_fit()
    {
        let _talking = context.pool.converse().await;
        match context.wire.take() {
            None => drop(kept.session.leave()),
            on_the_wire => {
                let (kind, common) = (kind.clone(), common.clone());
                let tried = hand_over(context, kind, kept, common, &visit.security, letter, recipients).await;
                if let Some(tried) = tried {
                    return vec![Tried { on_the_wire, ..tried }];
                }
            }
        }
    }
    let ordered = if letter.ordered { Ordered::Yes } else { Ordered::No };
    if let Some(login) = &visit.way.auth
        && context.refused_logins.is_refused(&visit.host, login, ordered, context.clock.now())
    {
        let ended = Ended { phase: Phase::Auth, outcome: Fault::LoginRefused(visit.host.clone()).into() };
        return vec![Tried::without_a_word(common, &ended, recipients.len())];
    }
    let mut reached = reach(context, net, visit, visit.way.auth.as_ref(), common.clone(), recipients.len()).await;
    if let (Err(tries), Some(login), Some(renewal)) = (&reached, &visit.way.auth, &visit.way.renewal)
        && tries.iter().any(Tried::is_refused_login)
        && let Some(other) = renewal.of(login).await
    {
        reached = reach(context, net, visit, Some(&other), common, recipients.len()).await;
    }
    match reached {
        Err(tries) => tries,
        Ok((kept, common, talking)) => {
            let ended = || Tried::without_a_word(common.clone(), &nobody_answered_mail(), recipients.len());
            let tried = hand_over(context, kind, kept, common.clone(), &visit.security, letter, recipients).await;
            vec![Tried { on_the_wire: Some(talking.on_the_wire), ..tried.unwrap_or_else(ended) }]
        }
    }
}

/// A conversation while it is held: the right to it, and the letter that it is about.
struct Talking {
    on_the_wire: OnTheWire,
    _right: Option<OwnedSemaphorePermit>,
}

/// Somebody who was dialed, and may be spoken to.
struct Dialed {
    stream: Stream,
    address: SocketAddr,
    source: Option<IpAddr>,
    helo: String,
    talking: Talking,
}

/// Dials. Who was reached only when nothing may go on the wire any more is dialed again when it may: nothing was begun.
/// Where it never may, as the runner stops, that is said, and no host is blamed.
async fn dial(context: &Context, net: &Net, visit: &Visit) -> Result<Dialed, Vec<(SocketAddr, Fault)>> {
    while context.wire.is_free().await {
        let (stream, address) = {
            let _dialing = context.pool.dial().await;
            net.dial_any(&visit.addresses, DIAL_TIMEOUT).await?
        };
        let source = stream.local_addr().ok().map(|source| source.ip());
        let helo = net.name_for_ehlo(source).await;
        let _right = context.pool.converse().await;
        if let Some(on_the_wire) = context.wire.take() {
            return Ok(Dialed { stream, address, source, helo, talking: Talking { on_the_wire, _right } });
        }
    }
    Err(visit.addresses.first().map(|address| (*address, Fault::Interrupted)).into_iter().collect())
}

/// Dials and opens a session.
async fn reach(
    context: &Context,
    net: &Net,
    visit: &Visit,
    login: Option<&Credentials>,
    mut common: Attempt,
    recipients: usize,
) -> Result<(Kept, Attempt, Talking), Vec<Tried>> {
    let Dialed { stream, address, source, helo, talking } = dial(context, net, visit).await.map_err(|faults| {
        common.ended_at = context.clock.now();
        nobody_answered(&common, &visit.host, faults, recipients)
    })?;
    let opening = Opening {
        helo: helo.clone(),
        tls: visit.security.demand.clone(),
        implicit_tls: visit.way.implicit_tls,
        auth: login.cloned(),
        only_data: visit.only_data,
        timeouts: context.timeouts.clone(),
    };
    let opened = Session::open(net, stream, &opening).await;
    if let Some(login) = login {
        let logins = &context.refused_logins;
        match &opened {
            Ok(_) => logins.forget(&visit.host, login),
            Err(unopened) => logins.learn(&visit.host, login, &unopened.ended, context.clock.now()),
        }
    }
    match opened {
        Ok(session) => Ok((Kept { session, address, helo }, common, talking)),
        Err(unopened) => {
            locate(&mut common, address, &helo, source);
            common.ended_at = context.clock.now();
            let unopened = under(&visit.security, *unopened);
            Err(vec![Tried::unopened(common, address, unopened, recipients)])
        }
    }
}

/// Hands over one letter, and keeps the connection for the next one. `None` if the connection had been dead for a while,
/// so that nothing of this letter was said on it.
async fn hand_over(
    context: &Context,
    kind: Kind,
    mut kept: Kept,
    mut common: Attempt,
    security: &HostPolicy,
    letter: &Letter,
    recipients: &[EmailAddress],
) -> Option<Tried> {
    let mail = Mail {
        sender: letter.sender.as_ref(),
        recipients,
        eight_bit: letter.bytes.eight_bit,
        envelope_id: Some(&letter.envelope_id),
        require_tls: letter.require_tls,
    };
    let handed_over = kept.session.hand_over(&mail, &letter.bytes).await;
    if handed_over.stale {
        drop(kept.session.leave());
        return None;
    }
    let HandedOver { recipients: results, sent_final_dot, put_off, chunk_refused, .. } = handed_over;
    locate(&mut common, kept.address, &kept.helo, kept.session.source().map(|source| source.ip()));
    common.ended_at = context.clock.now();
    common.tls = kept.session.tls().cloned();
    common.tls_notes.extend(security.fell_short(common.tls.as_ref()));
    let reached = Some(kept.address);
    let size_limit = size_limit(kept.session.capabilities().size);
    // Those who are put off go on in it.
    let transcript = if kept.session.is_open() {
        let transcript = kept.session.take_transcript();
        context.pool.keep(kind, kept);
        transcript
    } else {
        kept.session.leave()
    };
    Some(Tried {
        common,
        transcript: (!transcript.is_empty()).then(|| transcript.into()),
        results,
        sent_final_dot,
        encryption_failed: false,
        chunk_refused,
        put_off,
        on_the_wire: None,
        reached,
        size_limit,
    })
}

/// What failed, by the name that it has under a host's policy.
fn under(security: &HostPolicy, unopened: Unopened) -> Unopened {
    let outcome = match unopened.ended.outcome {
        Outcome::Failed(fault) => security.fault(fault).into(),
        replied @ Outcome::Replied(_) => replied,
    };
    Unopened { ended: Ended { outcome, ..unopened.ended }, ..unopened }
}

fn size_limit(offered: SizeLimit) -> Option<u64> {
    match offered {
        SizeLimit::Octets(limit) => Some(limit),
        SizeLimit::NotOffered | SizeLimit::Unlimited => None,
    }
}

fn kind(visit: &Visit) -> Kind {
    Kind {
        host: visit.host.clone(),
        tls: visit.security.demand.clone(),
        implicit_tls: visit.way.implicit_tls,
        login: visit.way.auth.as_ref().map(|login| (login.user.clone(), login.form)),
        only_data: visit.only_data,
    }
}

/// What is said of a connection that was new and ended before it took in anything.
fn nobody_answered_mail() -> Ended {
    Ended { phase: Phase::Mail, outcome: Fault::Closed.into() }
}

fn nobody_answered(common: &Attempt, host: &str, faults: Vec<(SocketAddr, Fault)>, recipients: usize) -> Vec<Tried> {
    let ended = |fault: Fault| Ended { phase: Phase::Connect, outcome: fault.into() };
    if faults.is_empty() {
        let unreachable = ended(Fault::Unreachable(host.to_owned()));
        return vec![Tried::without_a_word(common.clone(), &unreachable, recipients)];
    }
    let in_vain = |(address, fault): (SocketAddr, Fault)| {
        let mut common = common.clone();
        common.address = Some(address.ip().to_string());
        common.port = Some(address.port());
        Tried::without_a_word(common, &ended(fault), recipients)
    };
    faults.into_iter().map(in_vain).collect()
}

fn locate(attempt: &mut Attempt, address: SocketAddr, helo: &str, source: Option<IpAddr>) {
    attempt.address = Some(address.ip().to_string());
    attempt.port = Some(address.port());
    attempt.helo = Some(helo.to_owned());
    attempt.source = source.map(|source| source.to_string());
}

fn blank(context: &Context, visit: &Visit) -> Attempt {
    let mut attempt = Attempt::begun(context.clock.now(), visit.way.route.clone(), visit.way.reason.clone());
    if !visit.host.is_empty() {
        attempt.host = Some(visit.host.clone());
        attempt.tls_policy = Some(visit.security.demand.policy);
        attempt.tls_notes = visit.security.notes.clone();
    }
    attempt
}

#[cfg(test)]
mod tests;
