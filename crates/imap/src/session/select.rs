//! A mailbox opened (RFC 9051 §6.3.2, RFC 7162 §3.2.5), and the names of mailboxes on the wire.
//!
//! With QRESYNC the answer tells what changed since the last time. What a server says before `[CLOSED]` still belongs to
//! the mailbox that was open before (RFC 7162 §3.2.11), and would remove the wrong letters here.

use super::Session;
use crate::error::SyncError;
use crate::uidset::UidSet;
use crate::utf7;
use crate::wire::command::Command;
use crate::wire::response::{Code, Data, Fetched};
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
    /// Opens a mailbox, to read and write. With `since`, and QRESYNC enabled, the answer tells what changed since then.
    pub async fn select(&mut self, path: &str, since: Option<Since>) -> Result<Selected, SyncError> {
        let (command, since) = self.select_command(path, since);
        self.open(&command, since).await
    }

    /// The command, and what of `since` is asked in it.
    pub(super) fn select_command(&self, path: &str, since: Option<Since>) -> (Command, Option<Since>) {
        let command = Command::new("SELECT").mailbox(&self.wire_name(path));
        let since = since.filter(|_| self.qresync);
        let command = match since {
            Some(Since { uid_validity, modseq }) => command.word(format_args!("(QRESYNC ({uid_validity} {modseq}))")),
            None if self.capabilities.keeps_modseq() => command.word("(CONDSTORE)"),
            None => command,
        };
        (command, since)
    }

    /// Opens a mailbox to look at it only.
    pub async fn examine(&mut self, path: &str) -> Result<Selected, SyncError> {
        let command = Command::new("EXAMINE").mailbox(&self.wire_name(path));
        self.open(&command, None).await
    }

    pub(super) async fn open(&mut self, command: &Command, since: Option<Since>) -> Result<Selected, SyncError> {
        let mut opening = Opening::default();
        self.run_within(command, Limits::SMALL, |data| opening.hear(data)).await?;
        self.opened(opening, since)
    }

    /// The mailbox is open now.
    pub(super) fn opened(&mut self, opening: Opening, since: Option<Since>) -> Result<Selected, SyncError> {
        let Opening { mut selected, validity } = opening;
        // A server without lasting UIDs says nothing (RFC 3501 §2.3.1.1); nothing can be kept in step with it.
        selected.uid_validity = validity.ok_or_else(|| self.against_the_rules("it gave no UIDVALIDITY"))?;
        selected.resynchronised = since.is_some_and(|since| since.uid_validity == selected.uid_validity)
            && selected.highest_modseq.is_some();
        self.exists = selected.exists;
        Ok(selected)
    }

    /// The path that a name on the wire stands for. How it was written is kept: not every server writes modified UTF-7
    /// by the rules, and a mailbox is opened by the name under which it was listed.
    pub(super) fn path_of(&mut self, name: &[u8]) -> String {
        let wire = String::from_utf8_lossy(name).into_owned();
        let path = match wire.eq_ignore_ascii_case("INBOX") {
            true => "INBOX".to_owned(),
            false if self.utf8 => wire.clone(),
            false => utf7::decode(&wire).unwrap_or_else(|| wire.clone()),
        };
        self.wire_names.insert(path.clone(), wire);
        path
    }

    /// The path of the mailbox of a label, which is written as names of mailboxes are.
    pub(super) fn label_path(&self, name: String) -> String {
        if self.utf8 { name } else { utf7::decode(&name).unwrap_or(name) }
    }

    /// The name of a mailbox as this server writes it.
    pub(super) fn wire_name(&self, path: &str) -> String {
        let encoded = || if self.utf8 { path.to_owned() } else { utf7::encode(path) };
        self.wire_names.get(path).cloned().unwrap_or_else(encoded)
    }
}

/// What a server says while a mailbox opens.
#[derive(Default)]
pub(super) struct Opening {
    selected: Selected,
    validity: Option<u32>,
}

impl Opening {
    pub(super) fn hear(&mut self, data: Data) {
        let selected = &mut self.selected;
        match data {
            Data::Exists(count) => selected.exists = count,
            Data::Vanished { uids, .. } => selected.vanished.push(uids),
            Data::Fetch(Fetched { uid: Some(uid), flags: Some(flags), .. }) => selected.changed.push((uid, flags)),
            Data::Status(answer) => match answer.code {
                Some(Code::UidValidity(number)) => self.validity = Some(number),
                Some(Code::UidNext(number)) => selected.uid_next = Some(number),
                Some(Code::HighestModseq(number)) => selected.highest_modseq = Some(number),
                Some(code) if code.is("CLOSED") => *self = Self::default(),
                _ => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::{Response, parse};

    #[test]
    fn what_is_said_before_closed_belongs_to_the_mailbox_that_was_open_before() {
        let mut opening = Opening::default();
        for line in [
            "* VANISHED 5:9",
            "* 3 FETCH (UID 4 FLAGS (\\Seen))",
            "* OK [CLOSED] that one",
            "* 2 EXISTS",
            "* VANISHED (EARLIER) 1",
            "* OK [UIDVALIDITY 7] v",
        ] {
            let Ok(Response::Data(data)) = parse(format!("{line}\r\n").as_bytes()) else { panic!("{line}") };
            opening.hear(data);
        }
        assert_eq!((opening.validity, opening.selected.exists), (Some(7), 2));
        assert_eq!(opening.selected.vanished, [UidSet::parse("1").unwrap()]);
        assert!(opening.selected.changed.is_empty());
    }
}
