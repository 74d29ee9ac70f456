//! A store that is filled with generated letters, as a sync fills it: batches of newest letters first, the next ones made
//! and read while the last are put in.

use crate::mail::{Mail, OWNER};
use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use message::Parsed;
use model::{Flag, Flags, MailboxId, Role};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{LetterSummary, ListedMailbox, NewAccount, NewLetter, Store};

/// Letters of a batch.
const BATCH: u32 = 500;
/// Batches that are made ready beside the one that is put in.
const AHEAD: usize = 2;

/// What was put in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filled {
    /// Letters.
    pub letters: u32,
    /// Octets of them as they came.
    pub octets: u64,
    /// How long it took, with making and reading the letters.
    pub took: Duration,
    /// Processor time of the thread that writes.
    pub writing: Duration,
}

/// A store with an account that has mailboxes.
pub struct Filling {
    /// The store.
    pub store: Store,
    /// Its INBOX.
    pub inbox: MailboxId,
}

impl Filling {
    /// A new store in this directory.
    pub async fn new(home: &Path) -> Result<Self> {
        let store = Store::open(home).await?;
        let account = NewAccount {
            address: OWNER.parse().context("the owner's address")?,
            name: "Anna Rider".to_owned(),
            imap: None,
            smart_hosts: Vec::new(),
            practice: false,
        };
        let account = store.add_account(account).await?.id;
        let listed = ["INBOX", "Archive", "Sent"].into_iter().zip([Role::Inbox, Role::Archive, Role::Sent]);
        let listed = listed.map(|(path, role)| ListedMailbox {
            path: path.to_owned(),
            separator: Some("/".to_owned()),
            role: Some(role),
            selectable: true,
            subscribed: true,
        });
        let mailboxes = store.sync_mailbox_list(account, listed.collect()).await?;
        let inbox = mailboxes.first().context("there is no INBOX")?.id;
        Ok(Self { store, inbox })
    }

    /// Puts all letters into INBOX, newest first.
    pub async fn fill(&self, mail: &Arc<Mail>) -> Result<Filled> {
        let begun = Instant::now();
        let before = writing_time()?;
        let batches = (0..mail.letters().div_ceil(BATCH)).rev();
        let octets = stream::iter(batches)
            .map(|batch| {
                let mail = Arc::clone(mail);
                async move { tokio::task::spawn_blocking(move || made(&mail, batch)).await }
            })
            .buffered(AHEAD)
            .map(|made| async move {
                let (octets, letters) = made?;
                self.store.insert_letters(self.inbox, letters).await?;
                anyhow::Ok(octets)
            })
            .buffered(AHEAD)
            .try_fold(0, |sum, octets| async move { Ok(sum + octets) })
            .await?;
        let writing = writing_time()?.saturating_sub(before);
        Ok(Filled { letters: mail.letters(), octets, took: begun.elapsed(), writing })
    }
}

fn made(mail: &Mail, batch: u32) -> (u64, Vec<NewLetter>) {
    let numbers = batch * BATCH..((batch + 1) * BATCH).min(mail.letters());
    let letters: Vec<NewLetter> = numbers.map(|number| letter(mail, number)).collect();
    (letters.iter().map(|letter| letter.size).sum(), letters)
}

fn letter(mail: &Mail, number: u32) -> NewLetter {
    let raw = mail.letter(number);
    // Of three letters one is unread among the last hundred, and hardly any before.
    let unread = number.is_multiple_of(3) && number + 300 > mail.letters() || number.is_multiple_of(97);
    NewLetter {
        uid: number + 1,
        flags: Flags::default().with(Flag::Seen, !unread).with(Flag::Flagged, number.is_multiple_of(151)),
        internal_date: mail.date(number),
        size: raw.len() as u64,
        email_id: None,
        summary: summary(message::parse(&raw)),
        raw: Some(raw),
    }
}

fn summary(parsed: Parsed) -> LetterSummary {
    let files: Vec<_> = parsed.attachments.iter().filter(|part| !part.inline).collect();
    LetterSummary {
        message_id: parsed.message_id,
        in_reply_to: parsed.in_reply_to,
        references: parsed.references,
        from: parsed.from,
        to: parsed.to,
        cc: parsed.cc,
        reply_to: parsed.reply_to,
        subject: parsed.subject,
        date: parsed.date,
        snippet: parsed.snippet,
        text: parsed.search_text,
        attachments: files.len() as u32,
        attachment_names: files.into_iter().map(|part| part.name.clone()).collect(),
        list_id: parsed.list_id,
    }
}

/// Processor time that the thread which writes mail.db has taken (proc(5): fields 14 and 15 of `stat`, in hundredths of
/// a second).
fn writing_time() -> Result<Duration> {
    for task in std::fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if std::fs::read_to_string(task.join("comm"))?.trim() != "mail writer" {
            continue;
        }
        let stat = std::fs::read_to_string(task.join("stat"))?;
        let after = stat.rsplit(") ").next().unwrap_or_default();
        let ticks = after.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>();
        return Ok(Duration::from_millis(ticks * 10));
    }
    Ok(Duration::ZERO)
}
