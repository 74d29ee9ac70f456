//! One IMAP session: commands in order, each with its tagged answer (RFC 9051 §2.2, §7.1).
//!
//! - A command is done when, and only when, its own tagged OK has come. NO and BAD are [`SyncError::Refused`], and the
//!   session goes on; everything else that is not OK ends it.
//! - What the server says unasked is taken note of wherever it comes.
//! - A command whose future was dropped halfway leaves answers on the wire that belong to nobody: the session refuses
//!   to be used again.

mod capabilities;
mod connect;
mod copies;
mod idle;
mod imports;
mod letters;
mod login;
mod looks;
mod mailboxes;
mod named;
mod namespace;
mod pipeline;
mod select;
mod status;

pub use capabilities::Capabilities;
pub use connect::{Patience, connect};
pub use idle::Told;
pub use letters::{Moved, Row};
pub use looks::Look;
pub use named::{Likeness, Within};
pub use namespace::Namespaces;
pub use pipeline::Heard;
pub use select::{Selected, Since};
pub use status::Numbers;

use crate::alerts::Teller;
use crate::error::{Refusal, SyncError};
use crate::quirks;
use crate::wire::command::{Command, Part};
use crate::wire::deflate::Channel;
use crate::wire::response::{Answer, Code, Data, Response, Status};
use crate::wire::scan::Limits;
use crate::wire::{Wire, WireError};
use net::Stream;
use std::collections::{BTreeSet, HashMap};

/// Alerts that are kept until there is somebody to tell them.
const UNTOLD: usize = 10;

/// A connection on which the greeting has been read.
#[derive(Debug)]
pub struct Session {
    wire: Wire<Channel<Stream>>,
    /// Whether the server is on this computer, where compressing only costs.
    near: bool,
    host: String,
    tag: u32,
    capabilities: Capabilities,
    /// Whether an answer is still owed to us: for a command under way, or for one that nobody waited for.
    owed: bool,
    /// Numbers and names of commands that were sent ahead and not answered yet, oldest first.
    ahead: Vec<(u32, String)>,
    /// The words of a BYE that nobody asked for.
    bye: Option<String>,
    /// Who tells the user what the server wants told, and what it said before there was anybody.
    teller: Option<Teller>,
    untold: Vec<String>,
    /// Names of mailboxes as the server wrote them, by their decoded paths.
    wire_names: HashMap<String, String>,
    /// What mailboxes begin with, by whose they are; `None` before it was asked.
    namespaces: Option<Namespaces>,
    /// Whether QRESYNC was enabled (RFC 7162 §3.2.3).
    qresync: bool,
    /// Whether UTF8=ACCEPT was enabled (RFC 6855): names and headers come as they are.
    utf8: bool,
    /// Letters in the open mailbox, as far as the server has said.
    exists: u32,
    /// Whether it tells of every mailbox (NOTIFY), and of which it has told outside IDLE.
    notified: bool,
    news: BTreeSet<String>,
}

impl Session {
    /// The server's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What the server can do, as last heard.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Letters in the open mailbox.
    pub fn exists(&self) -> u32 {
        self.exists
    }

    /// The mailboxes of which the server has told by itself (NOTIFY) since this was asked.
    pub fn take_news(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.news)
    }

    /// Runs a command that answers with little.
    pub(crate) async fn run(&mut self, command: &Command, each: impl FnMut(Data)) -> Result<Answer, SyncError> {
        self.run_within(command, Limits::SMALL, each).await
    }

    /// Runs a command whose answers are bound by these limits, and hands each piece of data on as it comes.
    pub(crate) async fn run_within(
        &mut self,
        command: &Command,
        limits: Limits,
        mut each: impl FnMut(Data),
    ) -> Result<Answer, SyncError> {
        self.nothing_is_owed()?;
        self.owed = true;
        self.wire.set_limits(limits);
        let answer = match self.send(command, &mut each).await? {
            Some(refused_early) => refused_early,
            None => self.tagged(&mut each).await?,
        };
        self.owed = false;
        match Refusal::of(&self.host, command.name(), &answer) {
            None => Ok(answer),
            Some(refusal) => {
                tracing::debug!(host = %self.host, ?command, text = %refusal.text, "refused");
                Err(refusal.into())
            }
        }
    }

    /// A command may only begin where no answer to another is still to come.
    fn nothing_is_owed(&self) -> Result<(), SyncError> {
        if self.owed || !self.ahead.is_empty() {
            return Err(self.lost("an earlier command was not waited for"));
        }
        Ok(())
    }

    /// Sends a command; an answer already, where the server did not want a literal.
    async fn send(&mut self, command: &Command, each: &mut impl FnMut(Data)) -> Result<Option<Answer>, SyncError> {
        tracing::trace!(host = %self.host, ?command, "command");
        self.tag = self.tag.wrapping_add(1);
        let mut line = format!("{} ", self.current_tag()).into_bytes();
        for part in command.parts() {
            match part {
                Part::Octets(octets) => line.extend_from_slice(octets),
                Part::Literal(octets) => {
                    let waits = !self.capabilities.takes_literal_at_once(octets.len());
                    let plus = if waits { "" } else { "+" };
                    line.extend_from_slice(format!("{{{}{plus}}}\r\n", octets.len()).as_bytes());
                    if waits {
                        self.write(&line).await?;
                        line.clear();
                        if let Some(answer) = self.invited(each).await? {
                            return Ok(Some(answer));
                        }
                    }
                    line.extend_from_slice(octets);
                }
            }
        }
        line.extend_from_slice(b"\r\n");
        self.write(&line).await?;
        Ok(None)
    }

    /// Waits for `+`; the tagged answer where the server says no instead.
    async fn invited(&mut self, each: &mut impl FnMut(Data)) -> Result<Option<Answer>, SyncError> {
        loop {
            match self.next().await? {
                Response::Continue(_) => return Ok(None),
                Response::Data(data) => each(data),
                Response::Tagged(tag, answer) => return self.ours(tag, answer).map(Some),
            }
        }
    }

    /// Waits for the tagged answer of the command under way.
    async fn tagged(&mut self, each: &mut impl FnMut(Data)) -> Result<Answer, SyncError> {
        loop {
            match self.next().await? {
                Response::Tagged(tag, answer) => return self.ours(tag, answer),
                Response::Data(data) => each(data),
                Response::Continue(_) => return Err(self.against_the_rules("it asked for more of a whole command")),
            }
        }
    }

    fn ours(&mut self, tag: String, answer: Answer) -> Result<Answer, SyncError> {
        if tag != self.current_tag() {
            return Err(self.against_the_rules(&format!("it answered a command “{tag}” that was not sent")));
        }
        if let Some(Code::Capability(words)) = &answer.code {
            self.capabilities = self.usable(words);
        }
        Ok(answer)
    }

    /// The next response, with note taken of what concerns the session.
    async fn next(&mut self) -> Result<Response, SyncError> {
        let response = self.wire.response().await.map_err(|error| self.ended(error))?;
        self.note(&response);
        Ok(response)
    }

    fn note(&mut self, response: &Response) {
        if let Response::Data(Data::Status(answer)) | Response::Tagged(_, answer) = response
            && answer.code.as_ref().is_some_and(|code| code.is("ALERT"))
        {
            self.alert(&answer.text);
        }
        match response {
            Response::Data(Data::Capability(words)) => self.capabilities = self.usable(words),
            Response::Data(Data::Status(answer)) if answer.status == Status::Bye => {
                self.bye = Some(answer.text.clone());
            }
            Response::Data(Data::MailboxStatus(name, _)) if self.notified => {
                let path = self.path_of(name);
                self.news.insert(path);
            }
            Response::Data(Data::Exists(count)) => self.exists = *count,
            Response::Data(Data::Expunge(_)) => self.exists = self.exists.saturating_sub(1),
            Response::Data(Data::Vanished { earlier: false, uids }) => {
                let gone =
                    uids.ranges().iter().fold(0u32, |sum, range| sum.saturating_add(range.end() - range.start() + 1));
                self.exists = self.exists.saturating_sub(gone);
            }
            _ => {}
        }
    }

    fn alert(&mut self, text: &str) {
        tracing::warn!(host = %self.host, %text, "the server alerts");
        match &self.teller {
            Some(teller) => teller.tell(&self.host, text),
            None if self.untold.len() < UNTOLD => self.untold.push(text.to_owned()),
            None => {}
        }
    }

    /// From now on the user is told what the server wants told, and what it said so far.
    pub(crate) fn tell_alerts_by(&mut self, teller: Teller) {
        for text in std::mem::take(&mut self.untold) {
            teller.tell(&self.host, &text);
        }
        self.teller = Some(teller);
    }

    /// What the server can do, without what it is known to do wrong.
    fn usable(&self, words: &[String]) -> Capabilities {
        Capabilities::of(words).without(quirks::without(&self.host))
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), SyncError> {
        match self.wire.send(octets).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.last_words(error).await),
        }
    }

    /// A server that hangs up on us may have said why just before.
    async fn last_words(&mut self, error: WireError) -> SyncError {
        while let Ok(response) = self.wire.response().await {
            self.note(&response);
        }
        self.ended(error)
    }

    fn ended(&self, error: WireError) -> SyncError {
        match (&self.bye, error) {
            (Some(text), WireError::Closed) => SyncError::Unavailable { host: self.host.clone(), text: text.clone() },
            (_, error) => SyncError::from_wire(&self.host, error),
        }
    }

    fn lost(&self, reason: &str) -> SyncError {
        SyncError::Lost { host: self.host.clone(), reason: reason.to_owned() }
    }

    /// A refusal of which the words are known already, or that the server need not be asked for.
    pub(crate) fn refused(&self, command: &str, text: &str) -> Refusal {
        let (host, command, text) = (self.host.clone(), command.to_owned(), text.to_owned());
        Refusal { host, command, understood: true, code: None, text }
    }

    /// The error of a server that breaks the protocol.
    pub(crate) fn against_the_rules(&self, reason: &str) -> SyncError {
        SyncError::Protocol { host: self.host.clone(), reason: reason.to_owned() }
    }

    fn current_tag(&self) -> String {
        format!("P{}", self.tag)
    }

    /// Says goodbye, and does not mind how the server takes it.
    pub async fn logout(mut self) {
        let goodbye = Command::new("LOGOUT");
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), self.run(&goodbye, |_| {})).await;
    }
}
