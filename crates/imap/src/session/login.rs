//! Logging in, and what is settled right after it.

use super::connect::Connected;
use super::{Capabilities, Session};
use crate::error::{Refusal, SyncError};
use crate::wire::command::Command;
use crate::wire::response::{Answer, Data, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{LoginForm, Secret, Server, bearer};

/// How the secret is shown to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// AUTHENTICATE PLAIN (RFC 4616), which carries any character; with the response at once where that is offered
    /// (SASL-IR, RFC 4959).
    Plain { at_once: bool },
    /// LOGIN.
    Login,
    /// AUTHENTICATE OAUTHBEARER (RFC 7628), or XOAUTH2 where only that is offered.
    Token { mechanism: Mechanism, at_once: bool },
}

/// A mechanism for access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    OauthBearer,
    Xoauth2,
}

impl Mechanism {
    fn name(self) -> &'static str {
        match self {
            Self::OauthBearer => "OAUTHBEARER",
            Self::Xoauth2 => "XOAUTH2",
        }
    }

    fn message(self, server: &Server, token: &Secret) -> String {
        match self {
            Self::OauthBearer => bearer::oauthbearer(&server.user, &server.host, Some(server.port), token.expose()),
            Self::Xoauth2 => bearer::xoauth2(&server.user, token.expose()),
        }
    }
}

/// The best way that the server offers.
fn way(capabilities: &Capabilities, form: LoginForm) -> Option<Way> {
    if form == LoginForm::Token {
        let offered = |mechanism: &Mechanism| capabilities.has(&format!("AUTH={}", mechanism.name()));
        let mechanism = [Mechanism::OauthBearer, Mechanism::Xoauth2].into_iter().find(offered)?;
        return Some(Way::Token { mechanism, at_once: capabilities.offers("SASL-IR") });
    }
    if capabilities.has("AUTH=PLAIN") {
        Some(Way::Plain { at_once: capabilities.offers("SASL-IR") })
    } else if capabilities.has("LOGINDISABLED") {
        None
    } else {
        Some(Way::Login)
    }
}

impl Connected {
    /// Logs in, learns what the server can do from then on, and turns on what is of use.
    pub async fn login(self, server: &Server, password: &Secret) -> Result<Session, SyncError> {
        let Self { mut session, may_send_password, preauthenticated, .. } = self;
        if !preauthenticated {
            if !may_send_password {
                return Err(SyncError::ClearText(server.host.clone()));
            }
            session.learn_capabilities().await?;
            session.authenticate(server, password).await?;
        }
        session.learn_capabilities().await?;
        session.enable().await?;
        Ok(session)
    }
}

impl Session {
    /// Asks for the capabilities, unless the server has told them.
    pub(crate) async fn learn_capabilities(&mut self) -> Result<(), SyncError> {
        if self.capabilities.is_empty() {
            self.run(&Command::new("CAPABILITY"), |_| {}).await?;
        }
        Ok(())
    }

    async fn authenticate(&mut self, server: &Server, password: &Secret) -> Result<(), SyncError> {
        let user = &server.user;
        if user.contains(['\0', '\x01']) || password.expose().contains(['\0', '\x01']) {
            return Err(SyncError::Internal(
                "a NUL character parts the fields of a login and cannot be in one".to_owned(),
            ));
        }
        let way = way(&self.capabilities, server.login).ok_or_else(|| match server.login {
            LoginForm::Password => SyncError::NoPasswordLogin(self.host.clone()),
            LoginForm::Token => SyncError::NoTokenLogin(self.host.clone()),
        })?;
        // What was said before the login no longer holds (RFC 9051 §6.2.3).
        self.capabilities = Capabilities::default();
        let outcome = match way {
            Way::Plain { at_once } => match self.plain(user, password, at_once).await {
                // Offered and then not understood: the older command is worth one try.
                Err(error) if error.refusal().is_some_and(|refusal| !refusal.understood) => {
                    self.login_command(user, password).await
                }
                outcome => outcome,
            },
            Way::Login => self.login_command(user, password).await,
            Way::Token { mechanism, at_once } => self.token(server, mechanism, password, at_once).await,
        };
        outcome.map_err(|error| match error.refusal() {
            Some(refusal) => refused_login(refusal),
            None => error,
        })
    }

    async fn login_command(&mut self, user: &str, password: &Secret) -> Result<(), SyncError> {
        let command = Command::new("LOGIN").string(user).secret(password);
        self.run(&command, |_| {}).await.map(drop)
    }

    /// A server that refuses a token says why in a challenge before it says no, and waits for an answer to that
    /// (RFC 7628 §3.2.3).
    async fn token(
        &mut self,
        server: &Server,
        mechanism: Mechanism,
        token: &Secret,
        at_once: bool,
    ) -> Result<(), SyncError> {
        let message = BASE64.encode(mechanism.message(server, token));
        let command = Command::new(&format!("AUTHENTICATE {}", mechanism.name()));
        self.owed = true;
        let mut early = None;
        if at_once {
            self.send(&command.clone().secret_word(&message), &mut |_| {}).await?;
        } else {
            self.send(&command, &mut |_| {}).await?;
            early = self.invited(&mut |_| {}).await?;
            if early.is_none() {
                self.write(format!("{message}\r\n").as_bytes()).await?;
            }
        }
        let (answer, why) = match early {
            Some(refused) => (refused, None),
            None => self.judgement(mechanism).await?,
        };
        self.owed = false;
        let Some(mut refusal) = Refusal::of(&self.host, command.name(), &answer) else { return Ok(()) };
        if let Some(why) = why {
            refusal.text = format!("{} ({why})", refusal.text);
        }
        Err(refusal.into())
    }

    /// The answer to a token, with the reason for a refusal where one came before it.
    async fn judgement(&mut self, mechanism: Mechanism) -> Result<(Answer, Option<String>), SyncError> {
        let mut why = None;
        loop {
            match self.next().await? {
                Response::Tagged(tag, answer) => return Ok((self.ours(tag, answer)?, why)),
                Response::Data(_) => {}
                Response::Continue(_) if why.is_some() => {
                    return Err(self.against_the_rules("it asked twice for more of a token"));
                }
                Response::Continue(challenge) => {
                    why = Some(bearer::reason(challenge.as_bytes()).unwrap_or_else(|| "no reason given".to_owned()));
                    let acknowledged = match mechanism {
                        Mechanism::OauthBearer => BASE64.encode("\x01"),
                        Mechanism::Xoauth2 => String::new(),
                    };
                    self.write(format!("{acknowledged}\r\n").as_bytes()).await?;
                }
            }
        }
    }

    async fn plain(&mut self, user: &str, password: &Secret, at_once: bool) -> Result<(), SyncError> {
        let response = BASE64.encode(format!("\0{user}\0{}", password.expose()));
        if at_once {
            let command = Command::new("AUTHENTICATE PLAIN").secret_word(&response);
            return self.run(&command, |_| {}).await.map(drop);
        }
        self.owed = true;
        let command = Command::new("AUTHENTICATE PLAIN");
        let mut answer = self.send(&command, &mut |_| {}).await?;
        if answer.is_none() {
            answer = self.invited(&mut |_| {}).await?;
        }
        let answer = match answer {
            Some(refused_early) => refused_early,
            None => {
                self.write(format!("{response}\r\n").as_bytes()).await?;
                self.tagged(&mut |_| {}).await?
            }
        };
        self.owed = false;
        Refusal::of(&self.host, command.name(), &answer).map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// QRESYNC where there is one, else CONDSTORE (RFC 7162 §3.1, §3.2.3), and UTF8=ACCEPT (RFC 6855). A server that
    /// offers and refuses is taken at its second word.
    async fn enable(&mut self) -> Result<(), SyncError> {
        let utf8 = self.capabilities.has("UTF8=ACCEPT") || self.capabilities.has("UTF8=ONLY");
        let extensions: Vec<&str> = [
            self.capabilities.has("QRESYNC").then_some("QRESYNC"),
            (self.capabilities.has("CONDSTORE") && !self.capabilities.has("QRESYNC")).then_some("CONDSTORE"),
            utf8.then_some("UTF8=ACCEPT"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !self.capabilities.offers("ENABLE") || extensions.is_empty() {
            return Ok(());
        }
        let mut enabled = Vec::new();
        let command = Command::new("ENABLE").word(extensions.join(" "));
        let outcome = self.run(&command, |data| {
            if let Data::Enabled(words) = data {
                enabled.extend(words);
            }
        });
        match outcome.await {
            Ok(_) => {
                self.qresync = enabled.iter().any(|word| word == "QRESYNC");
                self.utf8 = enabled.iter().any(|word| word == "UTF8=ACCEPT");
                Ok(())
            }
            Err(error) if error.refusal().is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Compresses from now on where the server offers it and is not on this computer (RFC 4978).
    pub async fn compress(&mut self) -> Result<(), SyncError> {
        if self.near || !self.capabilities.has("COMPRESS=DEFLATE") {
            return Ok(());
        }
        match self.run(&Command::new("COMPRESS DEFLATE"), |_| {}).await {
            Ok(_) => {
                let (channel, came) = self.wire.changing();
                channel.compress(came);
                Ok(())
            }
            Err(error) if error.refusal().is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Tells who we are and learns who the server is, where it wants to know (RFC 2971).
    pub async fn identify(&mut self) -> Result<Option<String>, SyncError> {
        if !self.capabilities.has("ID") {
            return Ok(None);
        }
        let command = Command::new("ID")
            .word(format_args!("(\"name\" \"Postrider\" \"version\" \"{}\")", env!("CARGO_PKG_VERSION")));
        let mut pairs = Vec::new();
        let outcome = self.run(&command, |data| {
            if let Data::Id(said) = data {
                pairs = said;
            }
        });
        match outcome.await {
            Ok(_) => {}
            Err(error) if error.refusal().is_some() => return Ok(None),
            Err(error) => return Err(error),
        }
        let value = |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        Ok(value("name")
            .map(|name| [Some(name), value("version")].into_iter().flatten().collect::<Vec<_>>().join(" ")))
    }
}

/// A refused login is the password's fault unless the server says that it is its own (RFC 5530).
fn refused_login(refusal: &Refusal) -> SyncError {
    let (host, text) = (refusal.host.clone(), refusal.text.clone());
    if refusal.has_code(&["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN", "PRIVACYREQUIRED"]) {
        SyncError::Unavailable { host, text }
    } else {
        SyncError::AuthFailed { host, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_follows_what_is_offered() {
        let table = [
            ("IMAP4REV1 AUTH=PLAIN SASL-IR LOGINDISABLED", Some(Way::Plain { at_once: true })),
            ("IMAP4REV1 AUTH=PLAIN", Some(Way::Plain { at_once: false })),
            ("IMAP4REV1 AUTH=XOAUTH2", Some(Way::Login)),
            ("IMAP4REV1", Some(Way::Login)),
            ("IMAP4REV1 LOGINDISABLED AUTH=GSSAPI", None),
        ];
        for (words, expected) in table {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            assert_eq!(way(&Capabilities::of(&words), LoginForm::Password), expected, "{words:?}");
        }
        let token = |mechanism, at_once| Some(Way::Token { mechanism, at_once });
        let table = [
            ("IMAP4REV1 AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR", token(Mechanism::OauthBearer, true)),
            ("IMAP4REV1 AUTH=PLAIN AUTH=XOAUTH2", token(Mechanism::Xoauth2, false)),
            ("IMAP4REV1 AUTH=PLAIN", None),
        ];
        for (words, expected) in table {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            assert_eq!(way(&Capabilities::of(&words), LoginForm::Token), expected, "{words:?}");
        }
    }
}
