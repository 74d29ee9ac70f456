//! Further connections in IDLE, each on a mailbox of its own, where the user allows more than the usual two for an account
//! and the server cannot tell of all mailboxes on one (NOTIFY).
//!
//! They only ring. Which mailboxes get one is decided by [`posts`], and again after each pass; how many
//! there may be, by `sync.connections` and by what the provider allows an account in all (`quirks`), of which a share is
//! left to the user's other programs.

use super::{AbortOnDrop, Context, listen};
use crate::error::SyncError;
use crate::session::Told;
use crate::{connections, quirks};
use jiff::Timestamp;
use model::{Mailbox, MailboxId, Role};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// How long IDLE has to stand before the next failure is the first again.
const STOOD: std::time::Duration = std::time::Duration::from_secs(60);

/// The connections, by their mailboxes.
#[derive(Default)]
pub(super) struct Posts {
    standing: BTreeMap<String, AbortOnDrop>,
}

impl Posts {
    /// Ends those that are no longer wanted, and begins those that are missing.
    pub(super) async fn arrange(&mut self, context: &Context) -> Result<(), SyncError> {
        let wanted = self.wanted(context).await?;
        self.standing.retain(|path, _| wanted.contains(path));
        for path in wanted {
            let stand = || AbortOnDrop(tokio::spawn(stand(context.clone(), path.clone())));
            self.standing.entry(path.clone()).or_insert_with(stand);
        }
        Ok(())
    }

    async fn wanted(&self, context: &Context) -> Result<Vec<String>, SyncError> {
        let listening = context.listening.load(Ordering::Acquire);
        if !listening || context.hears_all.load(Ordering::Acquire) {
            return Ok(Vec::new());
        }
        let setting = context.store.setting("sync.connections").await?.unwrap_or_default();
        let wanted = connections::of(&setting, &context.account.address.to_string());
        let more = wanted.min(quirks::connections(&context.server.host)).saturating_sub(connections::USUAL);
        if more == 0 {
            return Ok(Vec::new());
        }
        let mailboxes = context.store.mailboxes(Some(context.account.id)).await?;
        let lately = context.store.newest_in_each(context.account.id).await?;
        Ok(posts(&mailboxes, &lately, more))
    }
}

/// Stands on a mailbox for as long as it is let.
async fn stand(context: Context, path: String) -> Result<(), SyncError> {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let error = stand_once(&context, &path).await.err();
        failures = if began.elapsed() > STOOD { 1 } else { failures + 1 };
        listen::rest(&context, error, failures).await;
    }
}

async fn stand_once(context: &Context, path: &str) -> Result<(), SyncError> {
    let mut session = context.log_in().await?;
    session.list().await?;
    session.examine(path).await?;
    // What came before this moment is told by nobody.
    context.signals.mailbox(path.to_owned());
    let mut network = context.net.changes();
    loop {
        let changed = async {
            if network.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let ring = |told| {
            if told == Told::Here {
                context.signals.mailbox(path.to_owned());
            }
        };
        session.idle(context.patience.idle, changed, ring).await?;
    }
}

/// Mailboxes that get a connection of their own to stand in IDLE on, the most important first: those that other programs
/// write into, then those into which mail is sorted, by their newest letter. The inbox has one already, and what comes into
/// the others can wait a minute.
fn posts(mailboxes: &[Mailbox], newest: &HashMap<MailboxId, Timestamp>, most: u32) -> Vec<String> {
    let rank = |mailbox: &Mailbox| match mailbox.role {
        Some(Role::Drafts) => Some(0),
        Some(Role::Sent) => Some(1),
        None if mailbox.subscribed && newest.contains_key(&mailbox.id) => Some(2),
        _ => None,
    };
    let eligible = mailboxes.iter().filter(|mailbox| mailbox.selectable);
    let mut ranked: Vec<_> = eligible.filter_map(|mailbox| Some((rank(mailbox)?, mailbox))).collect();
    ranked.sort_by_key(|(rank, mailbox)| (*rank, std::cmp::Reverse(newest.get(&mailbox.id)), &mailbox.path));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    ranked.into_iter().take(most).map(|(_, mailbox)| mailbox.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stand_on_the_mailboxes_in_which_most_happens() {
        let mailbox = |id, path: &str, role, subscribed| Mailbox {
            id: MailboxId(id),
            account: model::AccountId(1),
            path: path.into(),
            name: path.into(),
            separator: None,
            role,
            selectable: true,
            subscribed,
            total: 0,
            unread: 0,
        };
        let mailboxes = [
            mailbox(1, "INBOX", Some(Role::Inbox), true),
            mailbox(2, "Sent", Some(Role::Sent), true),
            mailbox(3, "Drafts", Some(Role::Drafts), true),
            mailbox(4, "Junk", Some(Role::Junk), true),
            mailbox(5, "lists", None, true),
            mailbox(6, "bills", None, true),
            mailbox(7, "empty", None, true),
            mailbox(8, "ignored", None, false),
        ];
        let at = |id, second| (MailboxId(id), Timestamp::from_second(second).unwrap());
        let newest = HashMap::from([at(1, 90), at(4, 80), at(5, 70), at(6, 60), at(8, 90)]);
        assert_eq!(posts(&mailboxes, &newest, 9), ["Drafts", "Sent", "lists", "bills"]);
        assert_eq!(posts(&mailboxes, &newest, 1), ["Drafts"]);
        assert!(posts(&mailboxes, &newest, 0).is_empty());
    }
}
