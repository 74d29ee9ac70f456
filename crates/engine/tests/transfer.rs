//! Letters from files into mailboxes and back, against the practice post office.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use model::{Account, Flag, Mailbox};
use postrider_engine::transfer::*;
use postrider_engine::view::Nothing;
use postrider_engine::*;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);

async fn open(home: &TempDir) -> (Engine, Account) {
    let options = Options { home: home.path().to_owned(), work: Work::Everything };
    let engine = Engine::start(options).await.expect("the engine starts");
    let account = engine.calls().practice_start(Nothing {}).await.expect("the practice post office opens");
    (engine, account)
}

async fn ended(engine: &Engine, id: u32) -> TransferView {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let all = engine.calls().transfer_list(Nothing {}).await.expect("a list");
            let view = all.into_iter().find(|view| view.id == id).expect("it is listed");
            if !matches!(view.state, TransferState::Running | TransferState::Waiting) {
                return view;
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    waited.await.expect("it ends")
}

async fn import(engine: &Engine, account: &Account, path: &Path, into: Option<&str>) -> TransferView {
    let path = path.display().to_string();
    let args = ImportBeginArgs { path, account: account.id, into: into.map(str::to_owned), folders: None };
    let begun = engine.calls().import_begin(args).await.expect("it begins");
    ended(engine, begun.id).await
}

async fn export(engine: &Engine, source: ExportSource, format: ExportFormat, path: &Path) -> TransferView {
    let args = ExportBeginArgs { source, format, path: path.display().to_string() };
    let begun = engine.calls().export_begin(args).await.expect("it begins");
    ended(engine, begun.id).await
}

/// The mailbox of this path, once it holds so many letters.
async fn filled(engine: &Engine, path: &str, letters: u32) -> Mailbox {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let all = engine.mailboxes(None).await.expect("mailboxes");
            if let Some(found) = all.into_iter().find(|one| one.path == path && one.total == letters) {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{path} never held {letters}"))
}

fn letter(number: u32) -> String {
    format!(
        "From: Anna <anna@example.org>\nTo: ben@example.net\nSubject: Letter {number}\n\
         Date: Tue, 3 Nov 2015 14:32:05 +0000\nMessage-ID: <{number}@old.example>\n\nFirst line.\n\nFrom there on.\n"
    )
}

fn mbox(letters: u32) -> String {
    let one = |number: u32| {
        let status = if number.is_multiple_of(2) { "Status: RO\nX-Status: F\n" } else { "Status: O\n" };
        let body = letter(number).replace("\nFrom there", "\n>From there");
        format!("From anna@example.org Tue Nov  3 14:32:{number:02} 2015\n{status}{body}\n")
    };
    (0..letters).map(one).collect()
}

fn counted(view: &TransferView) -> (&TransferState, u32, u32, u32) {
    (&view.state, view.done, view.passed_over, view.failed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_file_comes_in_once_with_flags_and_dates_and_goes_out_in_every_form() {
    let (home, files) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (engine, account) = open(&home).await;
    let source = files.path().join("old.mbox");
    std::fs::write(&source, mbox(12)).expect("a file");

    let path = Some(source.display().to_string());
    let seen = engine.calls().import_look(ImportLookArgs { path }).await.expect("it is looked at");
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].kind, seen[0].folders[0].name.as_str(), seen[0].folders[0].letters),
        (SourceKind::Mbox, "old", 12)
    );

    let first = import(&engine, &account, &source, Some("Archive of old")).await;
    assert_eq!(counted(&first), (&TransferState::Done, 12, 0, 0));
    let mailbox = filled(&engine, "Archive of old", 12).await;
    let rows = engine.letters_in(mailbox.id, 50).await.expect("rows");
    for row in &rows {
        let number: u32 = row.subject.trim_start_matches("Letter ").parse().expect("a number");
        assert_eq!(row.date.to_string(), "2015-11-03T14:32:05Z");
        let even = number.is_multiple_of(2);
        assert_eq!((row.flags.has(Flag::Seen), row.flags.has(Flag::Flagged)), (even, even), "{number}");
        let raw = engine.raw_letter(row.id).await.expect("its bytes");
        assert_eq!(String::from_utf8(raw).expect("text").replace("\r\n", "\n"), letter(number));
    }

    let again = import(&engine, &account, &source, Some("Archive of old")).await;
    assert_eq!(counted(&again), (&TransferState::Done, 12, 12, 0));

    for (format, name) in
        [(ExportFormat::Mbox, "out.mbox"), (ExportFormat::Maildir, "maildir"), (ExportFormat::Eml, "folder")]
    {
        let target = files.path().join(name);
        let what = ExportSource::Mailbox { mailbox: mailbox.id };
        let written = export(&engine, what, format, &target).await;
        assert_eq!(counted(&written), (&TransferState::Done, 12, 0, 0), "{name}");
        let back = import(&engine, &account, &target, Some("Archive of old")).await;
        assert_eq!(counted(&back), (&TransferState::Done, 12, 12, 0), "{name} brings nothing new");
        let copy = format!("From {name}");
        let elsewhere = import(&engine, &account, &target, Some(&copy)).await;
        assert_eq!(counted(&elsewhere), (&TransferState::Done, 12, 0, 0), "{name}");
        let args = ExportBeginArgs {
            source: ExportSource::Mailbox { mailbox: mailbox.id },
            format,
            path: target.display().to_string(),
        };
        let refused = engine.calls().export_begin(args).await.expect_err("nothing is written over");
        assert_eq!(refused.code, "invalid");
    }
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_ended_goes_on_where_it_was() {
    let (home, files) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (engine, account) = open(&home).await;
    let source = files.path().join("large.mbox");
    let many: String = (0..400).map(|n| format!("From a@b Tue Nov  3 14:32:05 2015\n{}\n", letter(n))).collect();
    std::fs::write(&source, many).expect("a file");
    let args = ImportBeginArgs { path: source.display().to_string(), account: account.id, into: None, folders: None };
    let begun = engine.calls().import_begin(args).await.expect("it begins");
    engine.calls().transfer_cancel(TransferArgs { transfer: begun.id }).await.expect("it can be ended");
    let first = ended(&engine, begun.id).await;
    assert_eq!(first.state, TransferState::Cancelled);
    assert!(first.done < 400);
    let second = import(&engine, &account, &source, None).await;
    assert_eq!((&second.state, second.done, second.failed), (&TransferState::Done, 400, 0));
    let mailbox = filled(&engine, "Imported/large", 400).await;
    let mut subjects: Vec<String> =
        engine.letters_in(mailbox.id, 500).await.expect("rows").into_iter().map(|row| row.subject).collect();
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 400);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_brought_in_is_refused_with_what_to_do() {
    let (home, files) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (engine, account) = open(&home).await;
    for path in [files.path().join("nowhere"), files.path().to_owned()] {
        let path = path.display().to_string();
        let args = ImportBeginArgs { path, account: account.id, into: None, folders: None };
        let refused = engine.calls().import_begin(args).await.expect_err("there is nothing");
        assert!(!refused.hint.is_empty(), "{refused:?}");
    }
    engine.stop().await;
}
