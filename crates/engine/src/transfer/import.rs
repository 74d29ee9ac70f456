//! Letters from files into mailboxes.

use super::reading::{self, FileLetter, Piece};
use super::sources::{self, Folder};
use super::view::{ImportBeginArgs, Refusal, TransferState};
use super::{Running, WAITING, WAITING_OCTETS, in_background};
use crate::Engine;
use crate::error::Error;
use model::{AccountId, JournalId, Mailbox, MailboxId};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{JournalEntry, JournalOp};
use tokio::sync::mpsc;

/// Where letters go if nothing else is said.
const IMPORTED: &str = "Imported";
/// Letters that are read ahead.
const AHEAD: usize = 4;
/// Letters that were refused and are told by their subjects.
const MOST_TOLD: usize = 100;
/// How often it is looked whether the server has taken what waits.
const LOOK: Duration = Duration::from_millis(100);

/// An import that is to be carried out.
#[derive(Debug)]
pub(super) struct Plan {
    pub path: PathBuf,
    account: AccountId,
    /// Each folder, and the path of the mailbox it goes to.
    folders: Vec<(Folder, String)>,
}

/// Looks whether it can be done, before anything is.
pub(super) async fn plan(engine: &Engine, args: ImportBeginArgs) -> Result<Plan, Error> {
    let account = engine.store().account(args.account).await?.ok_or_else(|| Error::not_found("such account"))?;
    if account.imap.is_none() {
        return Err(Error::invalid(
            format!("{} only sends, and has no mailboxes", account.address),
            "Choose another account.",
        ));
    }
    let path = PathBuf::from(&args.path);
    let there = path.clone();
    let found =
        in_background(move || sources::look(&there)).await?.map_err(|error| Error::file("read", &path, &error))?;
    let wanted = |folder: &Folder| args.folders.as_ref().is_none_or(|names| names.contains(&folder.name()));
    let folders: Vec<Folder> = found.folders.into_iter().filter(|folder| wanted(folder)).collect();
    if folders.is_empty() {
        return Err(Error::invalid(
            format!("no letters were found in {}", path.display()),
            "Choose a file or folder with mail in it.",
        ));
    }
    let mailboxes = engine.store().mailboxes(Some(args.account)).await?;
    let separator = mailboxes.iter().find_map(|mailbox| mailbox.separator.clone()).unwrap_or_else(|| "/".to_owned());
    let single = folders.len() == 1;
    let base = match &args.into {
        Some(into) => into.clone(),
        None => format!("{}{IMPORTED}", engine.own_prefix(args.account, &mailboxes, &separator).await?),
    };
    let folders = folders
        .into_iter()
        .map(|folder| {
            let target =
                if single && args.into.is_some() { base.clone() } else { inside(&base, &folder.names, &separator) };
            (folder, target)
        })
        .collect();
    Ok(Plan { path, account: args.account, folders })
}

/// The path of a mailbox in another. What would be taken for a separator, or cannot be in a name, is replaced.
fn inside(base: &str, names: &[String], separator: &str) -> String {
    let mut path = base.to_owned();
    for name in names {
        let name = name.replace(separator, "_");
        let name: String = name.chars().map(|c| if c.is_control() || "*%".contains(c) { '_' } else { c }).collect();
        let name = name.trim();
        path = format!("{path}{separator}{}", if name.is_empty() { "_" } else { name });
    }
    path
}

/// Carries it out.
pub(super) async fn run(running: &Running, plan: Plan) -> Result<(), Error> {
    let folders: Vec<Folder> = plan.folders.iter().map(|(folder, _)| folder.clone()).collect();
    let total =
        in_background(move || folders.iter().filter_map(|folder| reading::count(folder).ok()).map(|(n, _)| n).sum());
    let total = total.await?;
    running.set(|view| view.total = Some(total));
    let mut import = Import {
        running,
        account: plan.account,
        known: HashMap::new(),
        ordered: HashSet::new(),
        mailboxes: HashMap::new(),
        octets: 0,
    };
    import.know_what_waits().await?;
    for (folder, target) in plan.folders {
        if running.is_cancelled() {
            break;
        }
        import.folder(folder, &target, &plan.path).await?;
    }
    if running.is_cancelled() { Ok(()) } else { import.drain(0).await }
}

struct Import<'a> {
    running: &'a Running,
    account: AccountId,
    /// What was brought in, or is waiting to be: the mailbox, the Message-ID and the size, with the order of an import
    /// before this one that waits.
    known: HashMap<(String, String, u64), Option<JournalId>>,
    /// Orders that wait for the server.
    ordered: HashSet<JournalId>,
    mailboxes: HashMap<String, MailboxId>,
    /// Octets ordered since it was last waited.
    octets: usize,
}

impl Import<'_> {
    fn engine(&self) -> &Engine {
        &self.running.engine
    }

    /// What an import before this one ordered.
    async fn know_what_waits(&mut self) -> Result<(), Error> {
        for entry in self.engine().store().journal(self.account).await? {
            if let JournalOp::Import { path, message_id, size, .. } = entry.op {
                self.known.insert((path, message_id, size), Some(entry.id));
            }
        }
        Ok(())
    }

    async fn folder(&mut self, folder: Folder, target: &str, source: &Path) -> Result<(), Error> {
        let mailbox = self.mailbox(target).await?;
        let (pieces, mut read) = mpsc::channel(AHEAD);
        let reader = tokio::task::spawn_blocking(move || {
            reading::read(&folder, &mut |piece| pieces.blocking_send(piece).is_ok())
        });
        while let Some(piece) = read.recv().await {
            if self.running.is_cancelled() {
                break;
            }
            match piece {
                Piece::Letter(letter) => self.letter(*letter, mailbox, target).await?,
                Piece::Failed => self.running.set(|view| {
                    view.done += 1;
                    view.failed += 1;
                }),
            }
        }
        drop(read);
        match reader.await {
            Ok(outcome) => outcome.map_err(|error| Error::file("read", source, &error)),
            Err(error) => Err(model::CallError::new("internal", format!("files were not read: {error}"), "").into()),
        }
    }

    async fn letter(&mut self, letter: FileLetter, mailbox: MailboxId, target: &str) -> Result<(), Error> {
        let size = letter.bytes.len() as u64;
        let key = (target.to_owned(), letter.message_id.clone(), size);
        let known = if letter.message_id.is_empty() { None } else { self.known.insert(key, None) };
        if let Some(Some(waits)) = known {
            self.ordered.insert(waits);
            self.running.set(|view| view.done += 1);
            return Ok(());
        }
        let is_here = known.is_some()
            || self.engine().store().holds(mailbox, &letter.message_id, &letter.subject, size).await?;
        if is_here {
            self.running.set(|view| {
                view.done += 1;
                view.passed_over += 1;
            });
            return Ok(());
        }
        let FileLetter { bytes, message_id, flags, received, .. } = letter;
        let op = JournalOp::Import { path: target.to_owned(), message_id, size, flags, received };
        self.octets += bytes.len();
        self.ordered.insert(self.engine().store().journal_add(self.account, op, Some(bytes)).await?);
        self.running.set(|view| view.done += 1);
        if self.octets > WAITING_OCTETS { self.drain(0).await } else { self.drain(WAITING).await }
    }

    /// Waits until no more than so many orders wait for the server, or the user ends it.
    async fn drain(&mut self, most: usize) -> Result<(), Error> {
        let mut told = false;
        loop {
            let journal = self.engine().store().journal(self.account).await?;
            self.tell_refused(&journal).await?;
            let imports = journal.iter().filter(|entry| matches!(entry.op, JournalOp::Import { .. }));
            let (waiting, refused) =
                imports.fold((0, 0), |(all, refused), entry| (all + 1, refused.max(entry.tries)));
            if waiting <= most || self.running.is_cancelled() {
                if waiting == 0 {
                    self.octets = 0;
                }
                if told {
                    self.running.set(|view| view.state = TransferState::Running);
                }
                return Ok(());
            }
            if !told && (refused > 0 || self.is_offline()) {
                told = true;
                self.running.set(|view| view.state = TransferState::Waiting);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Tells which of the orders that are no longer in the journal were refused.
    async fn tell_refused(&mut self, journal: &[JournalEntry]) -> Result<(), Error> {
        let waiting: HashSet<JournalId> = journal.iter().map(|entry| entry.id).collect();
        let ended: Vec<JournalId> = self.ordered.extract_if(|order| !waiting.contains(order)).collect();
        let refused = self.engine().store().take_refused_imports(ended).await?;
        if refused.is_empty() {
            return Ok(());
        }
        self.running.set(|view| {
            view.refused += u32::try_from(refused.len()).unwrap_or(u32::MAX);
            let room = MOST_TOLD.saturating_sub(view.refusals.len());
            let told = refused.into_iter().take(room);
            view.refusals.extend(told.map(|one| Refusal { subject: one.subject, reason: one.reason }));
        });
        Ok(())
    }

    fn is_offline(&self) -> bool {
        use crate::view::SyncState::{LoginRefused, Offline};
        matches!(self.engine().sync_state(self.account), Some(Offline { .. } | LoginRefused { .. }))
    }

    /// The mailbox of this path, made where it is not there.
    async fn mailbox(&mut self, path: &str) -> Result<MailboxId, Error> {
        if let Some(id) = self.mailboxes.get(path) {
            return Ok(*id);
        }
        let store = self.engine().store();
        let mailbox: Mailbox = match store.mailbox_by_path(self.account, path).await? {
            Some(mailbox) => mailbox,
            None => store.create_mailbox(self.account, path).await?,
        };
        self.mailboxes.insert(path.to_owned(), mailbox.id);
        Ok(mailbox.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn folders_become_mailboxes_inside_the_one_that_is_named() {
        let table: [(&[&str], &str, &str); 4] = [
            (&["Inbox"], "/", "Imported/Inbox"),
            (&["Old", "2019"], ".", "Imported.Old.2019"),
            (&["a.b", "c*"], ".", "Imported.a_b.c_"),
            (&[" "], "/", "Imported/_"),
        ];
        for (names, separator, path) in table {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(inside(IMPORTED, &names, separator), path);
        }
    }

    /// An account whose server is reached by nobody: what is ordered waits in the journal.
    async fn engine(home: &Path) -> (Engine, AccountId) {
        let engine = testing::engine(home).await;
        let imap = model::Server {
            host: "imap.example.org".to_owned(),
            port: 993,
            security: model::Security::Tls,
            user: "anna".to_owned(),
            login: model::LoginForm::Password,
            trusted: None,
        };
        let account = store::NewAccount { imap: Some(imap), ..testing::account("anna@example.org") };
        let account = engine.store().add_account(account).await.unwrap().id;
        (engine, account)
    }

    #[tokio::test]
    async fn what_the_server_refuses_is_not_counted_as_brought_in_and_is_named() {
        let home = tempfile::tempdir().unwrap();
        let (engine, account) = engine(home.path()).await;
        let file = home.path().join("old.mbox");
        let letter =
            |n| format!("From a@b.test Tue Nov  3 14:32:05 2015\nSubject: {n}\nMessage-ID: <{n}@b.test>\n\nx\n\n");
        std::fs::write(&file, (0..3).map(letter).collect::<String>()).unwrap();
        let path = file.display().to_string();
        let args = ImportBeginArgs { path, account, into: Some("Old".to_owned()), folders: None };
        let (mut changes, mut events) = (engine.store().changes(), engine.events());
        let begun = engine.import_begin(args).await.unwrap();
        let view = async || engine.transfer_of(begun.id).unwrap();
        let imports = async || {
            let mut all = engine.store().journal(account).await.unwrap();
            all.retain(|entry| matches!(entry.op, JournalOp::Import { .. }));
            all
        };
        while imports().await.len() < 3 {
            changes.recv().await.unwrap();
        }
        let [first, rest @ ..] = imports().await.try_into().map(|three: [JournalEntry; 3]| three).unwrap();
        let reason = "NO [TOOBIG] Too large".to_owned();
        let refused = store::RefusedImport { order: first.id, subject: "0".to_owned(), reason: reason.clone() };
        engine.store().journal_refuse_import(refused, jiff::Timestamp::now()).await.unwrap();
        for done in rest {
            engine.store().journal_done(done.id).await.unwrap();
        }
        while view().await.state != TransferState::Done {
            events.recv().await.unwrap();
        }
        let ended = view().await;
        assert_eq!((ended.done, ended.passed_over, ended.failed, ended.refused), (3, 0, 0, 1));
        assert_eq!(ended.refusals, [Refusal { subject: "0".to_owned(), reason }]);
    }
}
