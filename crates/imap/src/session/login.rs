//! Logging in, and what is settled right after it.

use super::connect::Connected;
use super::{Capabilities, Session};
use crate::error::{Refusal, SyncError};
use crate::wire::command::Command;
use crate::wire::response::Data;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Secret, Server};

/// How the password is shown to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// AUTHENTICATE PLAIN (RFC 4616), which carries any character; with the response at once where that is offered
    /// (SASL-IR, RFC 4959).
    Plain { at_once: bool },
    /// LOGIN.
    Login,
}

/// The best way that the server offers.
fn way(capabilities: &Capabilities) -> Option<Way> {
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
            session.authenticate(&server.user, password).await?;
        }
        session.learn_capabilities().await?;
        session.enable().await?;
        Ok(session)
    }
}

impl Session {
    /// Asks for the capabilities, unless the server has told them.
    pub(super) async fn learn_capabilities(&mut self) -> Result<(), SyncError> {
        if self.capabilities.is_empty() {
            self.run(&Command::new("CAPABILITY"), |_| {}).await?;
        }
        Ok(())
    }

    async fn authenticate(&mut self, user: &str, password: &Secret) -> Result<(), SyncError> {
        let way = way(&self.capabilities).ok_or_else(|| SyncError::NoPasswordLogin(self.host.clone()))?;
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

    /// QRESYNC where there is one, else CONDSTORE (RFC 7162 §3.1, §3.2.3). A server that offers and refuses is taken at
    /// its second word.
    async fn enable(&mut self) -> Result<(), SyncError> {
        if !self.capabilities.offers("ENABLE") || !self.capabilities.keeps_modseq() {
            return Ok(());
        }
        let extension = if self.capabilities.has("QRESYNC") { "QRESYNC" } else { "CONDSTORE" };
        let mut enabled = Vec::new();
        let command = Command::new("ENABLE").word(extension);
        let outcome = self.run(&command, |data| {
            if let Data::Enabled(words) = data {
                enabled.extend(words);
            }
        });
        match outcome.await {
            Ok(_) => self.qresync = enabled.iter().any(|word| word == "QRESYNC"),
            Err(error) if error.refusal().is_some() => {}
            Err(error) => return Err(error),
        }
        Ok(())
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
            assert_eq!(way(&Capabilities::of(&words)), expected, "{words:?}");
        }
    }
}
