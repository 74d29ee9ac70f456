//! One IMAP conversation, seen from the server: states, logins, and which command does what.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use imap_types::auth::AuthMechanism;
use imap_types::command::{Command, CommandBody, SelectParameter};
use imap_types::extensions::enable::CapabilityEnable;

use super::announce::{Access, Enabled, Removals, View, flag_list, flags_response};
use super::folders::{self, Listing};
use super::numbers;
use super::wire::{Input, Wire};
use crate::mailroom::{Flags, Mailbox, Mailroom, Refusal};
use crate::office::{IMAP_HOST, Office};
use crate::smtp::session::Cover;
use crate::stream::Stream;

/// How a command ended, with the text behind the word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    Ok(String),
    No(String),
    Bad(String),
}

impl Done {
    pub(super) fn ok(text: &str) -> Self {
        Self::Ok(text.to_owned())
    }

    pub(super) fn no(refusal: Refusal) -> Self {
        Self::No(refusal.to_string())
    }

    /// The end of a command that has nothing to show but whether it was done.
    pub(super) fn from(result: Result<(), Refusal>) -> Self {
        result.map_or_else(Self::no, |()| Self::ok("Done"))
    }
}

/// Whether the conversation goes on.
enum Flow {
    On,
    Over,
}

/// Twenty wrong commands and it is over.
const MAX_FAULTS: u32 = 20;

/// Talks with one client until either of the two ends it.
pub(crate) async fn serve(office: Arc<Office>, stream: Stream, cover: Cover) {
    let session = Session {
        office,
        wire: Wire::new(stream),
        cover,
        authenticated: false,
        enabled: Enabled::default(),
        view: None,
        out: Vec::new(),
        faults: 0,
    };
    if let Err(error) = session.run().await {
        tracing::debug!(%error, "a client of the practice IMAP server went away");
    }
}

pub(super) struct Session {
    office: Arc<Office>,
    wire: Wire,
    cover: Cover,
    authenticated: bool,
    pub(super) enabled: Enabled,
    /// The selected mailbox.
    pub(super) view: Option<View>,
    /// Untagged responses that go out with the tagged one.
    pub(super) out: Vec<u8>,
    faults: u32,
}

impl Session {
    async fn run(mut self) -> std::io::Result<()> {
        let greeting = format!("* OK [CAPABILITY {}] {IMAP_HOST} is ready\r\n", self.capabilities());
        self.wire.send(greeting.as_bytes()).await?;
        loop {
            let command = match self.wire.command().await? {
                Input::End => return Ok(()),
                Input::Unreadable { tag } => {
                    self.finish(&tag, Done::Bad("That is not a command of IMAP4rev1".to_owned())).await?;
                    if self.faults > MAX_FAULTS {
                        return Ok(());
                    }
                    continue;
                }
                Input::Command(command) => *command,
            };
            if matches!(command.body, CommandBody::StartTLS) && self.cover == Cover::Clear {
                match self.start_tls(command.tag.inner()).await? {
                    Some(session) => self = session,
                    None => return Ok(()),
                }
                continue;
            }
            if matches!(self.obey(command).await?, Flow::Over) {
                self.wire.close().await;
                return Ok(());
            }
        }
    }

    pub(super) fn mailroom(&self) -> &Mailroom {
        &self.office.mailroom
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        self.office.clock.now()
    }

    pub(super) fn say(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn capabilities(&self) -> &'static str {
        match (self.authenticated, self.cover) {
            (false, Cover::Clear) => "IMAP4rev1 LITERAL+ ID ENABLE STARTTLS LOGINDISABLED",
            (false, Cover::Tls) => "IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN",
            (true, _) => {
                "IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS MOVE UNSELECT SPECIAL-USE CHILDREN CONDSTORE QRESYNC"
            }
        }
    }

    async fn start_tls(mut self, tag: &str) -> std::io::Result<Option<Self>> {
        if self.wire.has_more() {
            self.wire.send(b"* BYE Nothing may follow STARTTLS before the handshake\r\n").await?;
            self.wire.close().await;
            return Ok(None);
        }
        self.wire.send(format!("{tag} OK Begin TLS negotiation now\r\n").as_bytes()).await?;
        let wire = self.wire.secure(self.office.acceptor(IMAP_HOST)).await?;
        Ok(Some(Self { wire, cover: Cover::Tls, ..self }))
    }

    /// Carries out one command and answers it.
    async fn obey(&mut self, command: Command<'static>) -> std::io::Result<Flow> {
        let tag = command.tag.inner().to_owned();
        let removals = removals_during(&command.body);
        let done = match command.body {
            CommandBody::Logout => {
                self.wire.send(format!("* BYE See you\r\n{tag} OK Logged out\r\n").as_bytes()).await?;
                return Ok(Flow::Over);
            }
            CommandBody::Authenticate { mechanism, initial_response } => {
                let initial = initial_response.map(|response| response.declassify().to_vec());
                self.authenticate(&mechanism, initial).await?
            }
            CommandBody::Idle if self.authenticated => match self.idle().await? {
                Some(done) => done,
                None => return Ok(Flow::Over),
            },
            body => self.perform(body),
        };
        self.announce(removals);
        self.finish(&tag, done).await?;
        Ok(if self.faults > MAX_FAULTS { Flow::Over } else { Flow::On })
    }

    async fn finish(&mut self, tag: &str, done: Done) -> std::io::Result<()> {
        self.faults += u32::from(matches!(done, Done::Bad(_)));
        let (word, text) = match done {
            Done::Ok(text) => ("OK", text),
            Done::No(text) => ("NO", text),
            Done::Bad(text) => ("BAD", text),
        };
        let mut out = std::mem::take(&mut self.out);
        out.extend_from_slice(format!("{tag} {word} {text}\r\n").as_bytes());
        self.wire.send(&out).await
    }

    /// Tells what changed in the selected mailbox.
    pub(super) fn announce(&mut self, removals: Removals) {
        let Some(view) = &mut self.view else { return };
        let mailbox = self.office.mailroom.mailbox(&view.mailbox);
        let text = view.announce(mailbox.as_ref(), removals, self.enabled);
        self.say(&text);
    }

    fn perform(&mut self, body: CommandBody<'static>) -> Done {
        match body {
            CommandBody::Capability => {
                self.say(&format!("* CAPABILITY {}\r\n", self.capabilities()));
                Done::ok("These are they")
            }
            CommandBody::Noop => Done::ok("Done"),
            CommandBody::Id { .. } => {
                self.say("* ID (\"name\" \"Practice post office\")\r\n");
                Done::ok("That is me")
            }
            CommandBody::StartTLS => Done::Bad("TLS is there already".to_owned()),
            CommandBody::Login { username, password } => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                self.login(&text(username.as_ref()), &text(password.declassify().as_ref()))
            }
            _ if !self.authenticated => Done::Bad("Log in first".to_owned()),
            body => self.perform_as_user(body),
        }
    }

    fn perform_as_user(&mut self, body: CommandBody<'static>) -> Done {
        match body {
            CommandBody::Enable { capabilities } => self.enable(capabilities.as_ref()),
            CommandBody::Namespace => {
                self.say(folders::NAMESPACE);
                Done::ok("Done")
            }
            CommandBody::List { reference, mailbox_wildcard } => {
                self.say(&folders::list(Listing::List, &self.mailroom().mailboxes(), &reference, &mailbox_wildcard));
                Done::ok("Done")
            }
            CommandBody::Lsub { reference, mailbox_wildcard } => {
                self.say(&folders::list(Listing::Lsub, &self.mailroom().mailboxes(), &reference, &mailbox_wildcard));
                Done::ok("Done")
            }
            CommandBody::Status { mailbox, item_names } => match self.mailroom().mailbox(&folders::name(&mailbox)) {
                Some(mailbox) => {
                    self.say(&folders::status(&mailbox, &item_names));
                    Done::ok("Done")
                }
                None => Done::no(Refusal::NoMailbox),
            },
            CommandBody::Create { mailbox } => Done::from(self.mailroom().create(&folders::name(&mailbox))),
            CommandBody::Delete { mailbox } => Done::from(self.mailroom().delete(&folders::name(&mailbox))),
            CommandBody::Rename { from, to } => {
                Done::from(self.mailroom().rename(&folders::name(&from), &folders::name(&to)))
            }
            CommandBody::Subscribe { mailbox } => {
                Done::from(self.mailroom().set_subscribed(&folders::name(&mailbox), true))
            }
            CommandBody::Unsubscribe { mailbox } => {
                Done::from(self.mailroom().set_subscribed(&folders::name(&mailbox), false))
            }
            CommandBody::Append { mailbox, flags, date, message } => {
                self.append(&folders::name(&mailbox), &flags, date, &message)
            }
            CommandBody::Select { mailbox, parameters } => {
                self.select(&folders::name(&mailbox), Access::Write, &parameters)
            }
            CommandBody::Examine { mailbox, parameters } => {
                self.select(&folders::name(&mailbox), Access::Read, &parameters)
            }
            body => match self.view.clone() {
                Some(view) => self.perform_in_mailbox(&view, body),
                None => Done::Bad("Select a mailbox first".to_owned()),
            },
        }
    }

    fn login(&mut self, user: &str, password: &str) -> Done {
        if self.cover == Cover::Clear {
            return Done::No("[PRIVACYREQUIRED] Start TLS first".to_owned());
        }
        self.authenticated = self.office.admits(user, password);
        if self.authenticated {
            Done::Ok(format!("[CAPABILITY {}] Logged in", self.capabilities()))
        } else {
            Done::No("[AUTHENTICATIONFAILED] User and password do not fit".to_owned())
        }
    }

    async fn authenticate(
        &mut self,
        mechanism: &AuthMechanism<'_>,
        initial: Option<Vec<u8>>,
    ) -> std::io::Result<Done> {
        if !matches!(mechanism, AuthMechanism::Plain) {
            return Ok(Done::No("[CANNOT] PLAIN is the one mechanism".to_owned()));
        }
        if self.cover == Cover::Clear {
            return Ok(Done::No("[PRIVACYREQUIRED] Start TLS first".to_owned()));
        }
        let response = match initial {
            Some(response) => response,
            None => {
                self.wire.send(b"+ \r\n").await?;
                let line = self.wire.line().await?.unwrap_or_default();
                match BASE64_STANDARD.decode(line.trim_ascii()) {
                    Ok(response) => response,
                    Err(_) => return Ok(Done::Bad("That is not base64".to_owned())),
                }
            }
        };
        let text = String::from_utf8_lossy(&response).into_owned();
        let fields: Vec<&str> = text.split('\0').collect();
        Ok(match fields.as_slice() {
            [_, user, password] => self.login(user, password),
            _ => Done::Bad("That is not authzid NUL user NUL password".to_owned()),
        })
    }

    fn enable(&mut self, capabilities: &[CapabilityEnable<'_>]) -> Done {
        let mut enabled = String::new();
        for capability in capabilities {
            match capability.to_string().to_ascii_uppercase().as_str() {
                "CONDSTORE" => self.enabled.condstore = true,
                "QRESYNC" => self.enabled = Enabled { condstore: true, qresync: true },
                _ => continue,
            }
            enabled += &format!(" {}", capability.to_string().to_ascii_uppercase());
        }
        self.say(&format!("* ENABLED{enabled}\r\n"));
        Done::ok("Done")
    }

    fn select(&mut self, name: &str, access: Access, parameters: &[SelectParameter]) -> Done {
        if self.view.take().is_some() && self.enabled.condstore {
            self.say("* OK [CLOSED] The mailbox before is closed\r\n");
        }
        let Some(mailbox) = self.mailroom().mailbox(name) else { return Done::no(Refusal::NoMailbox) };
        self.enabled.condstore |= !parameters.is_empty();
        let view = View::new(&mailbox, access);
        self.say(&description(&mailbox, access));
        for parameter in parameters {
            if let SelectParameter::QResync { uid_validity, mod_sequence_value, known_uids, .. } = parameter
                && self.enabled.qresync
                && uid_validity.get() == mailbox.uid_validity
            {
                let known = |uid| known_uids.as_ref().is_none_or(|set| numbers::names(set, uid, u32::MAX));
                let text = changes_since(&mailbox, &view, mod_sequence_value.get(), known, self.enabled);
                self.say(&text);
            }
        }
        self.view = Some(view);
        match access {
            Access::Write => Done::ok("[READ-WRITE] Selected"),
            Access::Read => Done::ok("[READ-ONLY] Selected"),
        }
    }

    /// IDLE (RFC 2177): tells every change as it happens, until DONE.
    async fn idle(&mut self) -> std::io::Result<Option<Done>> {
        let mut changes = self.office.mailroom.watch();
        self.wire.send(b"+ idling\r\n").await?;
        loop {
            self.announce(Removals::Now);
            let news = std::mem::take(&mut self.out);
            if !news.is_empty() {
                self.wire.send(&news).await?;
            }
            tokio::select! {
                line = self.wire.line() => return Ok(match line? {
                    Some(line) if line.trim_ascii().eq_ignore_ascii_case(b"DONE") => Some(Done::ok("Done")),
                    Some(_) => Some(Done::Bad("DONE ends IDLE".to_owned())),
                    None => None,
                }),
                _ = changes.changed() => {}
            }
        }
    }
}

/// Whether removals may be told with the answer to this command.
fn removals_during(body: &CommandBody<'_>) -> Removals {
    match body {
        CommandBody::Fetch { uid: false, .. }
        | CommandBody::Store { uid: false, .. }
        | CommandBody::Search { uid: false, .. } => Removals::Later,
        _ => Removals::Now,
    }
}

/// What SELECT tells about a mailbox (RFC 3501 §6.3.1).
fn description(mailbox: &Mailbox, access: Access) -> String {
    let mut flags: Flags = mailbox.letters.iter().flat_map(|letter| letter.flags.iter().cloned()).collect();
    flags.extend(["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"].map(str::to_owned));
    let flags = flag_list(&flags);
    let permanent = match access {
        Access::Write => format!("{flags} \\*"),
        Access::Read => String::new(),
    };
    let unseen = mailbox.letters.iter().position(|letter| !letter.has("\\Seen"));
    let unseen = unseen.map_or_else(String::new, |index| format!("* OK [UNSEEN {}] The first unseen\r\n", index + 1));
    format!(
        "* FLAGS ({flags})\r\n* OK [PERMANENTFLAGS ({permanent})] Flags that stay\r\n* {} EXISTS\r\n* 0 RECENT\r\n{unseen}\
         * OK [UIDVALIDITY {}] UIDs are valid\r\n* OK [UIDNEXT {}] The next UID\r\n* OK [HIGHESTMODSEQ {}] The highest\r\n",
        mailbox.letters.len(),
        mailbox.uid_validity,
        mailbox.uid_next,
        mailbox.highest_modseq
    )
}

/// What a client that comes back has missed (RFC 7162 §3.2.5).
fn changes_since(
    mailbox: &Mailbox,
    view: &View,
    modseq: u64,
    known: impl Fn(u32) -> bool,
    enabled: Enabled,
) -> String {
    let mut text = vanished_earlier(mailbox, modseq, &known);
    for (number, uid) in view.numbered().filter(|(_, uid)| known(*uid)) {
        if let Some(letter) = mailbox.letter(uid).filter(|letter| letter.modseq > modseq) {
            text += &flags_response(number, letter, enabled);
        }
    }
    text
}

/// The VANISHED (EARLIER) response, if anything has vanished.
pub(super) fn vanished_earlier(mailbox: &Mailbox, modseq: u64, asked: impl Fn(u32) -> bool) -> String {
    let gone = mailbox.removed.iter().filter(|removal| removal.modseq > modseq && asked(removal.uid));
    let mut uids: Vec<u32> = gone.map(|removal| removal.uid).collect();
    uids.sort_unstable();
    if uids.is_empty() { String::new() } else { format!("* VANISHED (EARLIER) {}\r\n", numbers::write(&uids)) }
}
