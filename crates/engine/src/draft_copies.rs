//! Drafts on the server: the copies of those that are written here, and those that other programs left there.
//!
//! A draft is copied once it was left alone for a few seconds; what was typed in between is never sent. A draft that has
//! nothing in it yet is not copied.
//!
//! A draft that was opened from Drafts and not changed goes when another program sent it or threw it away, unless it may
//! be open. One that was changed stays, and the sync tells what became of the other.

use crate::Engine;
use crate::calls::LetterArgs;
use crate::drafts::blank;
use crate::error::Error;
use crate::view::{DraftView, Event, LetterRow, Nothing};
use jiff::Timestamp;
use message::compose;
use model::{Account, Address, DraftId, EmailAddress, Identity, LetterId, Role};
use std::time::Duration;
use store::{Adopted, Adoption, Change, Draft, DraftState, LetterSource, StoredDraft, Whereabouts};
use tokio::sync::broadcast;

/// How long a draft is left alone before it is copied.
const QUIET: Duration = Duration::from_secs(5);
/// How often a draft is looked for that is not found in Drafts any more.
const SOUGHT: Duration = Duration::from_secs(60);
/// Letters in Drafts that are looked at.
const LETTERS: u32 = 500;

impl Engine {
    /// Copies drafts whenever they have changed.
    pub(crate) async fn attend_drafts(self) {
        let mut changes = self.store().changes();
        loop {
            let wait = match self.copy_drafts(QUIET).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "drafts could not be copied");
                    None
                }
            };
            let due = tokio::time::sleep(wait.unwrap_or(Duration::from_secs(24 * 60 * 60)));
            tokio::pin!(due);
            loop {
                tokio::select! {
                    () = &mut due => break,
                    change = changes.recv() => match change {
                        Ok(Change::Drafts | Change::Elsewhere | Change::Letters(_)) if self.adopts().await => break,
                        Ok(Change::Drafts | Change::Elsewhere) | Err(broadcast::error::RecvError::Lagged(_)) => break,
                        Ok(_) => {}
                        Err(broadcast::error::RecvError::Closed) => return,
                    },
                }
            }
        }
    }

    /// Orders copies of drafts that were left alone for so long, and the end of copies whose drafts are no more. When
    /// the next draft will have been left alone, where there is one.
    pub(crate) async fn copy_drafts(&self, quiet: Duration) -> Result<Option<Duration>, Error> {
        let retired = self.store().retire_draft_copies().await?;
        self.delete_at_once(retired).await?;
        let mut next = self.part_with_finished().await?;
        let now = Timestamp::now();
        for (draft, saved_at) in self.store().drafts_to_copy().await? {
            let rested = Duration::try_from(now.duration_since(saved_at)).unwrap_or(quiet);
            if let Some(left) = quiet.checked_sub(rested).filter(|left| !left.is_zero()) {
                next = Some(next.map_or(left, |next| next.min(left)));
            } else {
                self.copy_draft(draft, saved_at).await?;
            }
        }
        Ok(next)
    }

    /// Whether drafts are here whose letters another program may finish.
    async fn adopts(&self) -> bool {
        self.store().untouched_adoptions().await.is_ok_and(|adoptions| !adoptions.is_empty())
    }

    /// Lets drafts go that another program sent or threw away. When to look again, where one is still being sought.
    async fn part_with_finished(&self) -> Result<Option<Duration>, Error> {
        let mut again = None;
        for adoption in self.store().untouched_adoptions().await? {
            let Adoption { draft, account, letter, message_id } = adoption;
            match self.store().whereabouts(account, letter, message_id).await? {
                Whereabouts::Drafts => {}
                Whereabouts::Sought => again = Some(SOUGHT),
                // What is written next would be lost with it.
                Whereabouts::Elsewhere | Whereabouts::Nowhere if self.may_be_open(draft) => again = Some(SOUGHT),
                Whereabouts::Elsewhere | Whereabouts::Nowhere => {
                    let subject = self.store().draft(draft).await?.map(|stored| stored.draft.subject);
                    if self.store().end_adoption(draft).await? {
                        let text = finished(subject.as_deref().unwrap_or_default());
                        self.tell(Event::Note { account, text });
                    }
                }
            }
        }
        Ok(again)
    }

    async fn copy_draft(&self, draft: DraftId, saved_at: Timestamp) -> Result<(), Error> {
        let Some(stored) = self.store().draft(draft).await? else { return Ok(()) };
        let Some(account) = self.store().account(stored.draft.account).await? else { return Ok(()) };
        let identity = account.identities.iter().find(|identity| identity.id == stored.draft.identity);
        let Some(identity) = identity.or_else(|| account.identities.first()) else { return Ok(()) };
        if account.imap.is_none() || is_empty(&stored, &account, identity) || stored.saved_at != saved_at {
            return Ok(());
        }
        let mut letter = self.letter_of(&stored, identity, saved_at).await?;
        for list in [&mut letter.to, &mut letter.cc, &mut letter.bcc] {
            // Half an address is still being typed; it is in the draft here.
            list.retain(|who| EmailAddress::parse(&who.address).is_ok());
        }
        let built = compose::build_draft(&letter, &mut rand::rng())?;
        let state = DraftState { draft, saved_at, message_id: built.message_id, bytes: built.bytes };
        let letter = self.store().order_draft_copy(state).await?;
        self.delete_at_once(letter.into_iter().collect()).await
    }

    async fn delete_at_once(&self, letters: Vec<LetterId>) -> Result<(), Error> {
        if !letters.is_empty() {
            self.store().apply_local_delete(&letters, Duration::ZERO).await?;
        }
        Ok(())
    }

    /// Drafts that other programs left on the servers, newest first.
    pub(crate) async fn draft_elsewhere(&self, _: Nothing) -> Result<Vec<LetterRow>, Error> {
        let own = self.store().own_drafts().await?;
        let (_, rows) = self.store().letters(LetterSource::Role(Role::Drafts), 0, LETTERS).await?;
        let foreign = rows.into_iter().filter(|row| {
            !own.letters.contains(&row.id) && !row.message_id.as_ref().is_some_and(|id| own.message_ids.contains(id))
        });
        let foreign: Vec<LetterId> = foreign.map(|row| row.id).collect();
        self.rows(&foreign).await
    }

    /// Opens a letter in Drafts to be written on: a draft here from now on, which takes its place when it is saved.
    pub(crate) async fn draft_adopt(&self, args: LetterArgs) -> Result<DraftView, Error> {
        let letter = self.require_letter(args.letter).await?;
        let raw = self.require_raw(args.letter).await?;
        let parsed = message::parse(&raw);
        let from = parsed.from.first().and_then(|from| EmailAddress::parse(&from.address).ok());
        let (account, identity) = self.sender(Some(letter.account), from.as_ref()).await?;
        let html = match (&parsed.html, &parsed.text) {
            (Some(written), _) => message::html::quotable(written),
            (None, text) => message::html::fragment_from_text(text.as_deref().unwrap_or_default()),
        };
        let draft = Draft {
            to: parsed.to.clone(),
            cc: parsed.cc.clone(),
            bcc: parsed.bcc.clone(),
            subject: parsed.subject.clone(),
            html,
            in_reply_to: parsed.in_reply_to.first().cloned(),
            references: parsed.references.clone(),
            ..blank(&account, &identity)
        };
        let (id, adopted) = self.store().adopt_draft(&draft, args.letter, parsed.message_id.clone()).await?;
        if adopted == Adopted::Now {
            let parts: Vec<usize> = parsed.attachments.iter().map(|part| part.part).collect();
            self.attach_parts(id, &parsed, &raw, &parts).await?;
            self.store().draft_is_as_its_letter(id).await?;
        }
        self.show_draft(id).await
    }
}

/// That a draft is gone.
fn finished(subject: &str) -> String {
    let which = if subject.is_empty() {
        "A draft without a subject".to_owned()
    } else {
        format!("The draft “{subject}”")
    };
    format!("{which} was sent or deleted by another program, so it is no longer among the drafts here.")
}

/// Whether nothing was written yet.
fn is_empty(stored: &StoredDraft, account: &Account, identity: &Identity) -> bool {
    let nobody = |list: &[Address]| list.is_empty();
    let Draft { to, cc, bcc, subject, html, .. } = &stored.draft;
    nobody(to)
        && nobody(cc)
        && nobody(bcc)
        && subject.is_empty()
        && stored.attachments.is_empty()
        && (html.is_empty() || *html == blank(account, identity).html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::DraftNewArgs;
    use crate::testing;
    use model::Flags;
    use store::{LetterSummary, ListedMailbox, NewLetter};

    const RAW: &str = "From: anna@example.org\r\nTo: bo@example.net\r\nSubject: From the phone\r\n\
                       Message-ID: <phone@example.org>\r\n\r\nDear Bo\r\n";

    #[tokio::test]
    async fn a_draft_of_another_program_goes_when_that_program_finished_it_but_not_while_it_may_be_open() {
        let home = tempfile::tempdir().unwrap();
        let engine = testing::engine(home.path()).await;
        let account = engine.store().add_account(testing::account("anna@example.org")).await.unwrap().id;
        let drafts = ListedMailbox {
            path: "Drafts".to_owned(),
            separator: None,
            role: Some(Role::Drafts),
            selectable: true,
            subscribed: true,
        };
        let drafts = engine.store().sync_mailbox_list(account, vec![drafts]).await.unwrap()[0].id;
        let letter = NewLetter {
            uid: 1,
            flags: Flags::default(),
            internal_date: Timestamp::UNIX_EPOCH,
            size: RAW.len() as u64,
            email_id: None,
            summary: LetterSummary {
                message_id: Some("phone@example.org".to_owned()),
                subject: "From the phone".to_owned(),
                ..LetterSummary::default()
            },
            raw: Some(RAW.as_bytes().to_vec()),
        };
        let letter = engine.store().insert_letters(drafts, vec![letter]).await.unwrap()[0];
        let adopted = engine.draft_adopt(LetterArgs { letter }).await.unwrap().id;
        engine.store().remove_uids(drafts, vec![1]).await.unwrap();
        let mut events = engine.events();
        let is_here = async || {
            engine.copy_drafts(QUIET).await.unwrap();
            engine.store().draft(adopted).await.unwrap().is_some()
        };
        assert!(is_here().await, "it may be found in another mailbox");
        for _ in 0..2 {
            engine.store().drop_strays(account).await.unwrap();
        }
        assert!(is_here().await, "it may be open");
        engine.draft_new(DraftNewArgs { account: Some(account), mailto: None }).await.unwrap();
        assert!(!is_here().await);
        let mut notes = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let Event::Note { text, .. } = event {
                notes.push(text);
            }
        }
        assert_eq!(notes, [finished("From the phone")]);
    }
}
