//! Logging in (RFC 4954), by the strongest mechanism that fits the secret:
//!
//! | secret | mechanisms, the strongest first |
//! |---|---|
//! | password | SCRAM-SHA-256-PLUS, SCRAM-SHA-256 (RFC 7677), PLAIN (RFC 4616), LOGIN |
//! | token | OAUTHBEARER (RFC 7628), XOAUTH2 |
//!
//! None of them goes where another could read it, SCRAM neither: what is left of a password in it can be guessed at.
//! The next one is tried where a mechanism turns out not to be known (504), where the server needs the password itself
//! once to learn it (432), and where SCRAM is refused before its challenge: servers offer it to users for whom they keep
//! nothing that fits it. A refusal after the challenge is about the password, which is wrong by any mechanism, and
//! nothing is tried with a server that failed to prove itself.

mod scram;

use crate::capabilities::Mechanism;
use crate::line::Line;
use crate::plan::{Credentials, Ended};
use crate::transport::Transport;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Fault, LoginForm, Phase, Reply, bearer};
use ring::rand::{SecureRandom, SystemRandom};
use scram::{Binding, Scram, ScramFault, ServerProof};
use std::time::Duration;

/// How an empty line is shown.
const EMPTY: &str = "(an empty line)";

/// Whether a secret may go over a connection: to this computer itself, or under TLS to a server that proved its name.
/// An unverified certificate protects a letter from those who only listen, but would hand a password to whoever answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    Private,
    Exposed,
}

/// A server to log in to.
pub(crate) struct Host<'a> {
    pub(crate) name: &'a str,
    pub(crate) offered: &'a [Mechanism],
    pub(crate) privacy: Privacy,
}

/// The mechanisms that may be used, in the order in which they are tried.
fn choose(host: &Host<'_>, form: LoginForm, can_bind: bool) -> Vec<Mechanism> {
    use Mechanism::*;
    let fitting: &[Mechanism] = match (host.privacy, form) {
        (Privacy::Exposed, _) => &[],
        (Privacy::Private, LoginForm::Password) if can_bind => &[ScramSha256Plus, ScramSha256, Plain, Login],
        (Privacy::Private, LoginForm::Password) => &[ScramSha256, Plain, Login],
        (Privacy::Private, LoginForm::Token) => &[OauthBearer, Xoauth2],
    };
    fitting.iter().copied().filter(|mechanism| host.offered.contains(mechanism)).collect()
}

/// How far an exchange came before its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The server has said nothing of the user.
    Begun,
    /// The server has what it needs to judge the secret.
    Judged,
}

/// Whether this refusal leaves hope for the next mechanism.
fn leaves_hope(mechanism: Mechanism, stage: Stage, reply: &Reply) -> bool {
    let is_scram = matches!(mechanism, Mechanism::ScramSha256 | Mechanism::ScramSha256Plus);
    match reply.code {
        504 => true,
        432 => mechanism != Mechanism::Plain,
        _ => is_scram && stage == Stage::Begun && reply.is_permanent(),
    }
}

/// Logs in. An `Err` with a reply is the server's refusal.
pub(crate) async fn log_in<S: Transport>(
    line: &mut Line<S>,
    host: &Host<'_>,
    credentials: &Credentials,
    limit: Duration,
) -> Result<(), Ended> {
    check(credentials)?;
    let channel = line.channel_binding();
    let mechanisms = choose(host, credentials.form, channel.is_some());
    let mut login = Login { line, host, credentials, channel, bound_in_vain: false, stage: Stage::Begun, limit };
    login.hide_secrets();
    let mut refused = Ended::new(Phase::Auth, Fault::NoAuthOffered);
    for (place, mechanism) in mechanisms.iter().copied().enumerate() {
        if place > 0 {
            login.line.transcript.note(&format!("trying {} instead", mechanism.name()));
        }
        login.stage = Stage::Begun;
        let reply = login.by(mechanism).await?;
        if matches!(reply.code, 200..300) {
            login.line.transcript.unveil();
            return Ok(());
        }
        let goes_on = leaves_hope(mechanism, login.stage, &reply) && login.line.is_open();
        login.bound_in_vain |= mechanism == Mechanism::ScramSha256Plus;
        refused = login.refusal(reply).await?;
        if !goes_on {
            break;
        }
    }
    login.line.transcript.unveil();
    Err(refused)
}

/// NUL and `\x01` part the fields of what is sent.
fn check(credentials: &Credentials) -> Result<(), Ended> {
    let parts = |text: &str| text.contains(['\0', '\x01']);
    if !parts(&credentials.user) && !parts(credentials.secret.expose()) {
        return Ok(());
    }
    let fault = Fault::Local("a user or password with a NUL character cannot be used to log in".to_owned());
    Err(Ended::new(Phase::Auth, fault))
}

struct Login<'a, S> {
    line: &'a mut Line<S>,
    host: &'a Host<'a>,
    credentials: &'a Credentials,
    /// What the encryption can be bound by.
    channel: Option<[u8; 32]>,
    /// The server offered to bind the channel and then would not.
    bound_in_vain: bool,
    stage: Stage,
    limit: Duration,
}

impl<S: Transport> Login<'_, S> {
    fn hide_secrets(&mut self) {
        let secret = self.credentials.secret.expose();
        for text in [secret.to_owned(), BASE64.encode(secret), BASE64.encode(self.plain_message())] {
            self.line.transcript.hide(text);
        }
        self.line.transcript.veil();
    }

    fn plain_message(&self) -> String {
        format!("\0{}\0{}", self.credentials.user, self.credentials.secret.expose())
    }

    async fn by(&mut self, mechanism: Mechanism) -> Result<Reply, Ended> {
        let (user, secret) = (self.credentials.user.as_str(), self.credentials.secret.expose());
        match mechanism {
            Mechanism::ScramSha256Plus | Mechanism::ScramSha256 => self.scram(mechanism).await,
            Mechanism::Plain => self.begin(mechanism, &self.plain_message()).await,
            Mechanism::Login => self.login().await,
            Mechanism::OauthBearer => {
                let message = bearer::oauthbearer(user, self.host.name, self.line.port(), secret);
                self.bearer(mechanism, &message, "AQ==").await
            }
            Mechanism::Xoauth2 => self.bearer(mechanism, &bearer::xoauth2(user, secret), "").await,
        }
    }

    /// Sends the first message along with AUTH, and again where the server overlooks it and asks.
    async fn begin(&mut self, mechanism: Mechanism, message: &str) -> Result<Reply, Ended> {
        let (name, message) = (mechanism.name(), BASE64.encode(message));
        self.line.transcript.hide(message.as_str());
        let reply = self.say(&format!("AUTH {name} {message}"), &format!("AUTH {name} ***")).await?;
        let overlooked = reply.code == 334 && (mechanism == Mechanism::Plain || reply.text().trim().is_empty());
        if overlooked { self.say(&message, "***").await } else { Ok(reply) }
    }

    async fn login(&mut self) -> Result<Reply, Ended> {
        let mut reply = self.say("AUTH LOGIN", "AUTH LOGIN").await?;
        for text in [self.credentials.user.as_str(), self.credentials.secret.expose()] {
            if reply.code != 334 {
                break;
            }
            reply = self.say(&BASE64.encode(text), "***").await?;
        }
        Ok(reply)
    }

    /// A challenge is the reason for a refusal, which comes after its acknowledgement. Both are one answer.
    async fn bearer(&mut self, mechanism: Mechanism, message: &str, acknowledgement: &str) -> Result<Reply, Ended> {
        let reply = self.begin(mechanism, message).await?;
        if reply.code != 334 {
            return Ok(reply);
        }
        let reason = bearer::reason(reply.text().as_bytes());
        if let Some(reason) = &reason {
            self.line.transcript.note(&format!("the server says of the token: {reason}"));
        }
        let shown = if acknowledgement.is_empty() { EMPTY } else { acknowledgement };
        let mut refusal = self.say(acknowledgement, shown).await?;
        refusal.lines.extend(reason.filter(|_| !refusal.is_positive()));
        Ok(refusal)
    }

    async fn scram(&mut self, mechanism: Mechanism) -> Result<Reply, Ended> {
        let binding = match (mechanism, self.channel) {
            (Mechanism::ScramSha256Plus, Some(channel)) => Binding::Exporter(channel),
            (_, Some(_)) if !self.bound_in_vain => Binding::NotOffered,
            _ => Binding::Impossible,
        };
        let scram = Scram::new(&self.credentials.user, self.credentials.secret.expose(), nonce()?, binding);
        let reply = self.begin(mechanism, &scram.first()).await?;
        let Some(challenge) = challenge(&reply) else { return Ok(reply) };
        let (answer, proof) = match answer_to(scram, challenge).await? {
            Ok(answered) => answered,
            Err(ScramFault::Refused(reason)) => return self.refused_in_words(reason).await,
            Err(fault) => return Err(self.break_off(&fault).await),
        };
        self.stage = Stage::Judged;
        let reply = self.say(&BASE64.encode(answer), "***").await?;
        self.prove(&proof, reply).await
    }

    /// The server's proof comes before its yes, which is none without it (RFC 5802 §3).
    async fn prove(&mut self, proof: &ServerProof, reply: Reply) -> Result<Reply, Ended> {
        let proven = match challenge(&reply) {
            Some(server_final) => proof.check(&server_final),
            None if matches!(reply.code, 200..300) => Err(ScramFault::Unproven),
            None => return Ok(reply),
        };
        match proven {
            Ok(()) => self.say("", EMPTY).await,
            Err(ScramFault::Refused(reason)) => self.refused_in_words(reason).await,
            Err(fault) => Err(self.break_off(&fault).await),
        }
    }

    /// `e=` is followed by the refusal itself.
    async fn refused_in_words(&mut self, reason: String) -> Result<Reply, Ended> {
        let mut refusal = self.say("", EMPTY).await?;
        if matches!(refusal.code, 200..300) {
            return Err(self.break_off(&ScramFault::Unproven).await);
        }
        refusal.lines.push(reason);
        Ok(refusal)
    }

    /// Nothing more is said to such a server.
    async fn break_off(&mut self, fault: &ScramFault) -> Ended {
        self.line.failed(Phase::Auth, Fault::Protocol(fault.to_string()))
    }

    /// What a reply that lets nobody in is for the session. One that asks for more breaks the rules; RFC 4954 §4: a
    /// single asterisk ends the exchange.
    async fn refusal(&mut self, reply: Reply) -> Result<Ended, Ended> {
        if matches!(reply.code, 400..600) {
            return Ok(Ended::new(Phase::Auth, reply));
        }
        self.say("*", "*").await?;
        Err(Ended::protocol(Phase::Auth, "it asked for more than a login has"))
    }

    async fn say(&mut self, text: &str, shown: &str) -> Result<Reply, Ended> {
        self.line.say_hidden(text, shown);
        self.line.send(Phase::Auth, self.limit).await?;
        self.line.reply(Phase::Auth, self.limit).await
    }
}

/// The text of a 334; what cannot be read is read as nothing.
fn challenge(reply: &Reply) -> Option<String> {
    let decoded = || BASE64.decode(reply.text().trim()).ok().and_then(|octets| String::from_utf8(octets).ok());
    (reply.code == 334).then(|| decoded().unwrap_or_default())
}

/// Many rounds of hashing, for which others do not wait.
async fn answer_to(scram: Scram, challenge: String) -> Result<Result<(String, ServerProof), ScramFault>, Ended> {
    let answered = tokio::task::spawn_blocking(move || scram.answer(&challenge)).await;
    answered.map_err(|error| Ended::new(Phase::Auth, Fault::Local(error.to_string())))
}

fn nonce() -> Result<String, Ended> {
    let mut octets = [0; 18];
    let no_chance = |_| Ended::new(Phase::Auth, Fault::Local("it has no random numbers".to_owned()));
    SystemRandom::new().fill(&mut octets).map_err(no_chance)?;
    Ok(BASE64.encode(octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoginForm::*;
    use Mechanism::*;
    use Privacy::*;

    #[test]
    fn the_strongest_is_first_and_nothing_is_said_where_others_can_read_it() {
        let all: &'static [Mechanism] = &[Login, Xoauth2, Plain, ScramSha256, OauthBearer, ScramSha256Plus];
        type Row = (&'static [Mechanism], Privacy, LoginForm, bool, &'static [Mechanism]);
        let table: [Row; 10] = [
            (all, Private, Password, true, &[ScramSha256Plus, ScramSha256, Plain, Login]),
            (all, Private, Password, false, &[ScramSha256, Plain, Login]),
            (all, Private, Token, true, &[OauthBearer, Xoauth2]),
            (&[Login, Plain], Private, Password, true, &[Plain, Login]),
            (&[Login], Private, Password, true, &[Login]),
            (&[Plain, Login, ScramSha256], Private, Token, true, &[]),
            (&[OauthBearer, Xoauth2], Private, Password, true, &[]),
            (&[], Private, Password, true, &[]),
            (all, Exposed, Password, true, &[]),
            (all, Exposed, Token, true, &[]),
        ];
        for (offered, privacy, form, can_bind, expected) in table {
            let host = Host { name: "mx.test", offered, privacy };
            assert_eq!(choose(&host, form, can_bind), expected, "{offered:?} {privacy:?} {form:?}");
        }
    }

    #[test]
    fn another_mechanism_is_tried_only_where_it_may_help() {
        use Stage::*;
        let table = [
            (Plain, Judged, 504, true),
            (OauthBearer, Judged, 504, true),
            (ScramSha256, Begun, 432, true),
            (ScramSha256, Judged, 432, true),
            (Plain, Judged, 432, false),
            (ScramSha256, Begun, 535, true),
            (ScramSha256, Judged, 535, false),
            (ScramSha256Plus, Begun, 501, true),
            (ScramSha256Plus, Judged, 535, false),
            (ScramSha256, Begun, 454, false),
            (Plain, Begun, 535, false),
            (OauthBearer, Begun, 535, false),
            (Plain, Begun, 421, false),
        ];
        for (mechanism, stage, code, expected) in table {
            let reply = Reply::new(code, None, "no");
            assert_eq!(leaves_hope(mechanism, stage, &reply), expected, "{mechanism:?} {stage:?} {code}");
        }
    }
}
