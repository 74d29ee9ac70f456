//! Letters that the server is asked for: found there, fetched where they are not here.

use super::intake::Wanted;
use super::{SearchWanted, Syncer};
use crate::error::SyncError;
use crate::search::{self, Key};
use crate::uidset::UidSet;
use model::query::Query;
use model::{LetterId, Mailbox, MailboxId, Role};
use store::MailboxState;

/// Letters that one question finds in one mailbox, the newest.
const MOST: usize = 500;

impl Syncer {
    /// Asks, and says what was found; a broken connection is also the caller's matter.
    pub async fn answer_search(&mut self, wanted: SearchWanted) -> Result<(), SyncError> {
        let SearchWanted { mailbox, query, answer } = wanted;
        match self.find_on_server(mailbox, &query).await {
            Err(error @ (SyncError::Lost { .. } | SyncError::Protocol { .. } | SyncError::Unavailable { .. })) => {
                let reason = error.to_string();
                let _ = answer.send(Err(SyncError::Lost { host: self.session.host().to_owned(), reason }));
                Err(error)
            }
            outcome => {
                let _ = answer.send(outcome);
                Ok(())
            }
        }
    }

    /// Letters that match, in one mailbox or all of them.
    pub async fn find_on_server(&mut self, id: Option<MailboxId>, query: &Query) -> Result<Vec<LetterId>, SyncError> {
        let Some(key) = search::key(query) else { return Ok(Vec::new()) };
        let mut mailboxes = self.store.mailboxes(Some(self.account.id)).await?;
        mailboxes.retain(|mailbox| mailbox.selectable && id.is_none_or(|id| id == mailbox.id));
        let mut found = Vec::new();
        for mailbox in searched(mailboxes) {
            match self.find_in(&mailbox, &key).await {
                Ok(letters) => found.extend(letters),
                Err(SyncError::Refused(refusal)) if id.is_none() => {
                    self.note(format!("“{}” could not be searched: {refusal}", mailbox.path)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn find_in(&mut self, mailbox: &Mailbox, key: &Key) -> Result<Vec<LetterId>, SyncError> {
        let known = self.store.mailbox_state(mailbox.id).await?;
        let selected = self.session.select(&mailbox.path, None).await?;
        match known.uid_validity {
            Some(validity) if validity == selected.uid_validity => {}
            // The sync has to find out first which letters here are which there.
            Some(_) => {
                self.signals.wake();
                self.note(format!("“{}” has to be synced before it can be searched on the server", mailbox.path))
                    .await;
                return Ok(Vec::new());
            }
            None => {
                let state = MailboxState { uid_validity: Some(selected.uid_validity), ..MailboxState::default() };
                self.store.set_mailbox_state(mailbox.id, state).await?;
            }
        }
        let uids = self.session.matching(key, MOST).await?;
        let here = self.store.letters_at(mailbox.id, &uids).await?;
        let missing = uids.iter().copied().filter(|uid| !here.iter().any(|(known, _)| known == uid));
        self.fetch_found(mailbox, UidSet::of(missing)).await?;
        let newest_first: Vec<u32> = uids.into_iter().rev().collect();
        Ok(self.store.letters_at(mailbox.id, &newest_first).await?.into_iter().map(|(_, letter)| letter).collect())
    }

    /// What is found by a search is listed as everything else; that it is old is no new mail.
    async fn fetch_found(&mut self, mailbox: &Mailbox, missing: UidSet) -> Result<(), SyncError> {
        if missing.is_empty() {
            return Ok(());
        }
        let rows = self.session.rows_of(&missing).await?;
        let rows = self.place_known(mailbox, rows, false).await?;
        let wish = self.wish(rows.iter().map(|row| row.size).sum());
        let mut wanted = Wanted::new(rows, wish);
        self.take_all_in(mailbox, &mut wanted, u32::MAX).await.map(drop)
    }
}

/// Where everything lies in one mailbox, that one is enough.
fn searched(mailboxes: Vec<Mailbox>) -> Vec<Mailbox> {
    let all = mailboxes.iter().find(|mailbox| mailbox.role == Some(Role::All)).cloned();
    match all {
        Some(all) if mailboxes.len() > 1 => {
            let apart = |mailbox: &Mailbox| matches!(mailbox.role, Some(Role::Junk | Role::Trash));
            std::iter::once(all).chain(mailboxes.into_iter().filter(apart)).collect()
        }
        _ => mailboxes,
    }
}
