//! Logging in (RFC 4954): PLAIN, or LOGIN where there is nothing better.

use crate::capabilities::Mechanism;
use crate::line::Line;
use crate::plan::{Credentials, Ended};
use crate::transport::Transport;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Fault, Phase, Reply};
use std::time::Duration;

/// Whether a password may go over a connection: to this computer itself, or under TLS to a server that proved its name.
/// An unverified certificate protects a letter from those who only listen, but would hand a password to whoever answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    Private,
    Exposed,
}

/// The way to log in, or `None` where there is none that may be used.
fn choose(offered: &[Mechanism], privacy: Privacy) -> Option<Mechanism> {
    let offers = |mechanism: Mechanism| offered.contains(&mechanism).then_some(mechanism);
    match privacy {
        Privacy::Exposed => None,
        Privacy::Private => offers(Mechanism::Plain).or_else(|| offers(Mechanism::Login)),
    }
}

/// Logs in. An `Err` with a reply is the server's refusal.
pub(crate) async fn log_in<S: Transport>(
    line: &mut Line<S>,
    offered: &[Mechanism],
    privacy: Privacy,
    credentials: &Credentials,
    limit: Duration,
) -> Result<(), Ended> {
    let mechanism = choose(offered, privacy).ok_or_else(|| Ended::new(Phase::Auth, Fault::NoAuthOffered))?;
    let secret = credentials.secret.expose();
    if credentials.user.contains('\0') || secret.contains('\0') {
        let fault = Fault::Local("a user or password with a NUL character cannot be used to log in".to_owned());
        return Err(Ended::new(Phase::Auth, fault));
    }
    let plain = BASE64.encode(format!("\0{}\0{secret}", credentials.user));
    let password = BASE64.encode(secret);
    for text in [secret, &plain, &password] {
        line.transcript.hide(text);
    }
    let mut login = Login { line, limit };
    let reply = match mechanism {
        Mechanism::Plain => login.plain(&plain).await?,
        Mechanism::Login => login.login(&BASE64.encode(&credentials.user), &password).await?,
    };
    // 504: named among its mechanisms and not known after all (RFC 4954 §4).
    if reply.code == 504 && mechanism == Mechanism::Plain && offered.contains(&Mechanism::Login) {
        let reply = login.login(&BASE64.encode(&credentials.user), &password).await?;
        return login.finish(reply).await;
    }
    login.finish(reply).await
}

struct Login<'a, S> {
    line: &'a mut Line<S>,
    limit: Duration,
}

impl<S: Transport> Login<'_, S> {
    async fn plain(&mut self, response: &str) -> Result<Reply, Ended> {
        let reply = self.say(&format!("AUTH PLAIN {response}"), "AUTH PLAIN ***").await?;
        // Some servers do not see the initial response and ask for it.
        if reply.code == 334 { self.say(response, "***").await } else { Ok(reply) }
    }

    async fn login(&mut self, user: &str, password: &str) -> Result<Reply, Ended> {
        let reply = self.say("AUTH LOGIN", "AUTH LOGIN").await?;
        if reply.code != 334 {
            return Ok(reply);
        }
        let reply = self.say(user, "***").await?;
        if reply.code != 334 {
            return Ok(reply);
        }
        self.say(password, "***").await
    }

    async fn finish(&mut self, reply: Reply) -> Result<(), Ended> {
        match reply.code {
            200..300 => Ok(()),
            400..600 => Err(Ended::new(Phase::Auth, reply)),
            _ => {
                // RFC 4954 §4: a single asterisk ends the exchange.
                self.say("*", "*").await?;
                Err(Ended::protocol(Phase::Auth, "it asked for more than a user and a password"))
            }
        }
    }

    async fn say(&mut self, text: &str, shown: &str) -> Result<Reply, Ended> {
        self.line.say_hidden(text, shown);
        self.line.send(Phase::Auth, self.limit).await?;
        self.line.reply(Phase::Auth, self.limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Mechanism::*;
    use Privacy::*;

    #[test]
    fn plain_is_preferred_and_nothing_is_said_where_others_can_read_it() {
        let table: [(&[Mechanism], Privacy, Option<Mechanism>); 5] = [
            (&[Plain, Login], Private, Some(Plain)),
            (&[Login, Plain], Private, Some(Plain)),
            (&[Login], Private, Some(Login)),
            (&[], Private, None),
            (&[Plain, Login], Exposed, None),
        ];
        for (offered, privacy, expected) in table {
            assert_eq!(choose(offered, privacy), expected, "{offered:?} {privacy:?}");
        }
    }
}
