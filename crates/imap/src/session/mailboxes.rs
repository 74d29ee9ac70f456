//! Mailboxes: list, open, make (RFC 9051 §6.3).

use super::Session;
use crate::error::SyncError;
use crate::roles::Found;
use crate::uidset::UidSet;
use crate::utf7;
use crate::wire::command::Command;
use crate::wire::response::{Code, Data, Fetched, Listed};
use crate::wire::scan::Limits;
use model::Flags;

/// A mailbox as it was when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Letters in it.
    pub exists: u32,
    /// Its UIDVALIDITY.
    pub uid_validity: u32,
    /// The UID that the next letter gets, at least; `None` where the server does not say.
    pub uid_next: Option<u32>,
    /// Its highest modification sequence; `None` where none is kept.
    pub highest_modseq: Option<u64>,
    /// Flags that changed since the modification sequence that was named (RFC 7162 §3.2.5).
    pub changed: Vec<(u32, Flags)>,
    /// UIDs that went since then.
    pub vanished: Vec<UidSet>,
    /// Whether `changed` and `vanished` are the whole answer to a question of ours.
    pub resynchronised: bool,
}

/// What is known of a mailbox from the last time: UIDVALIDITY and modification sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// Modification sequence up to which everything is here.
    pub modseq: u64,
}

impl Session {
    /// Every mailbox of the account.
    pub async fn list(&mut self) -> Result<Vec<Found>, SyncError> {
        let plain = Command::new("LIST").string("").string("*");
        let special = self.capabilities.offers("SPECIAL-USE") && self.capabilities.has("LIST-EXTENDED");
        let mut listed = Vec::new();
        if special {
            match self.listed_by(&plain.clone().word("RETURN (SPECIAL-USE)")).await {
                Ok(all) => listed = all,
                Err(error) if error.refusal().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        if listed.is_empty() {
            listed = self.listed_by(&plain).await?;
        }
        Ok(listed.into_iter().map(|one| self.found(one)).collect())
    }

    async fn listed_by(&mut self, command: &Command) -> Result<Vec<Listed>, SyncError> {
        let mut all = Vec::new();
        self.run(command, |data| {
            if let Data::List(listed) = data {
                all.push(listed);
            }
        })
        .await?;
        Ok(all)
    }

    /// Decodes a name, and keeps how it was written: not every server writes modified UTF-7 by the rules, and a mailbox
    /// is opened by the name under which it was listed.
    fn found(&mut self, listed: Listed) -> Found {
        let wire = String::from_utf8_lossy(&listed.name).into_owned();
        let path = if wire.eq_ignore_ascii_case("INBOX") {
            "INBOX".to_owned()
        } else {
            utf7::decode(&wire).unwrap_or_else(|| wire.clone())
        };
        self.wire_names.insert(path.clone(), wire);
        Found { path, separator: listed.separator, attributes: listed.attributes }
    }

    fn wire_name(&self, path: &str) -> String {
        self.wire_names.get(path).cloned().unwrap_or_else(|| utf7::encode(path))
    }

    /// Opens a mailbox, to read and write. With `since`, and QRESYNC enabled, the answer tells what changed since then.
    pub async fn select(&mut self, path: &str, since: Option<Since>) -> Result<Selected, SyncError> {
        let mut command = Command::new("SELECT").mailbox(&self.wire_name(path));
        let since = since.filter(|_| self.qresync);
        match since {
            Some(Since { uid_validity, modseq }) => {
                command = command.word(format_args!("(QRESYNC ({uid_validity} {modseq}))"));
            }
            None if self.capabilities.keeps_modseq() => command = command.word("(CONDSTORE)"),
            None => {}
        }
        self.open(&command, since).await
    }

    /// Opens a mailbox to look at it only.
    pub async fn examine(&mut self, path: &str) -> Result<Selected, SyncError> {
        let command = Command::new("EXAMINE").mailbox(&self.wire_name(path));
        self.open(&command, None).await
    }

    async fn open(&mut self, command: &Command, since: Option<Since>) -> Result<Selected, SyncError> {
        let mut selected = Selected::default();
        let mut validity = None;
        let limits = Limits::SMALL;
        self.run_within(command, limits, |data| match data {
            Data::Exists(count) => selected.exists = count,
            Data::Vanished { uids, .. } => selected.vanished.push(uids),
            Data::Fetch(Fetched { uid: Some(uid), flags: Some(flags), .. }) => selected.changed.push((uid, flags)),
            Data::Status(answer) => match answer.code {
                Some(Code::UidValidity(number)) => validity = Some(number),
                Some(Code::UidNext(number)) => selected.uid_next = Some(number),
                Some(Code::HighestModseq(number)) => selected.highest_modseq = Some(number),
                _ => {}
            },
            _ => {}
        })
        .await?;
        // A server without lasting UIDs says nothing (RFC 3501 §2.3.1.1); nothing can be kept in step with it.
        selected.uid_validity = validity.ok_or_else(|| self.against_the_rules("it gave no UIDVALIDITY"))?;
        selected.resynchronised = since.is_some_and(|since| since.uid_validity == selected.uid_validity)
            && selected.highest_modseq.is_some();
        Ok(selected)
    }

    /// Makes a mailbox; one that exists already is no failure. It is subscribed too, so that other programs show it.
    pub async fn create(&mut self, path: &str) -> Result<(), SyncError> {
        let name = self.wire_name(path);
        match self.run(&Command::new("CREATE").mailbox(&name), |_| {}).await {
            Ok(_) => {}
            Err(error) if error.refusal().is_some_and(|refusal| refusal.has_code(&["ALREADYEXISTS"])) => {}
            Err(error) => return Err(error),
        }
        match self.run(&Command::new("SUBSCRIBE").mailbox(&name), |_| {}).await {
            Err(error) if error.refusal().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// Nothing, so that the server may tell what happened, and to see whether it is still there.
    pub async fn noop(&mut self) -> Result<(), SyncError> {
        self.run(&Command::new("NOOP"), |_| {}).await.map(drop)
    }

    /// The wire name, for commands that name a target.
    pub(super) fn target(&self, path: &str) -> String {
        self.wire_name(path)
    }
}
