//! Further connections in IDLE, each on a mailbox of its own, where the user allows more than the usual two for an account
//! and the server cannot tell of all mailboxes on one (NOTIFY).
//!
//! They only ring. Which mailboxes get one is decided by [`posts`], and again after each pass; how many
//! there may be, by `sync.connections` and by what the provider allows an account in all (`quirks`), of which a share is
//! left to the user's other programs.

use super::{Context, Hears, listen};
use crate::error::SyncError;
use crate::session::{Session, Told};
use crate::{connections, quirks};
use jiff::Timestamp;
use model::{Mailbox, MailboxId, Role};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long IDLE has to stand before the next failure is the first again.
const STOOD: Duration = Duration::from_secs(60);
/// How long they go on without the connection that listens on the inbox: it is made again in between. One that does not
/// come back may be refused because of them.
const ALONE: Duration = Duration::from_secs(5 * 60);

/// The connections, by their mailboxes.
#[derive(Default)]
pub(super) struct Posts {
    standing: BTreeMap<String, Post>,
    /// Since when nobody has listened on the inbox.
    alone: Option<Instant>,
}

/// One connection. It says goodbye when it is dropped, and need not be waited for.
struct Post {
    task: JoinHandle<()>,
    /// It ends when this is gone.
    _wanted: watch::Sender<()>,
}

/// What is to become of the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// As many as are allowed, where they are needed most.
    Arrange,
    /// As they are.
    Keep,
    /// They are of no use.
    End,
}

fn course(hears: Hears, alone: Duration) -> Course {
    match hears {
        Hears::Inbox => Course::Arrange,
        Hears::Everything => Course::End,
        Hears::Nothing if alone < ALONE => Course::Keep,
        Hears::Nothing => Course::End,
    }
}

impl Posts {
    /// Ends those that are no longer wanted, and begins those that are missing.
    pub(super) async fn arrange(&mut self, context: &Context) -> Result<(), SyncError> {
        let hears = context.hears();
        self.alone = (hears == Hears::Nothing).then(|| self.alone.unwrap_or_else(Instant::now));
        let wanted = match course(hears, self.alone.map(|since| since.elapsed()).unwrap_or_default()) {
            Course::Arrange => wanted(context).await?,
            Course::Keep => return Ok(()),
            Course::End => Vec::new(),
        };
        self.standing.retain(|path, _| wanted.contains(path));
        for path in wanted {
            self.standing.entry(path.clone()).or_insert_with(|| Post::begin(context.clone(), path));
        }
        Ok(())
    }

    /// Ends all, and comes back when they have said goodbye.
    pub(super) async fn end(self) {
        let tasks: Vec<_> = self.standing.into_values().map(|post| post.task).collect();
        for task in tasks {
            let _ = task.await;
        }
    }
}

async fn wanted(context: &Context) -> Result<Vec<String>, SyncError> {
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

impl Post {
    fn begin(context: Context, path: String) -> Self {
        let (wanted, is_wanted) = watch::channel(());
        Self { task: tokio::spawn(stand(context, path, is_wanted)), _wanted: wanted }
    }
}

/// Waits until nobody wants it any more.
async fn is_over(wanted: &mut watch::Receiver<()>) {
    while wanted.changed().await.is_ok() {}
}

/// Stands on a mailbox for as long as it is wanted.
async fn stand(context: Context, path: String, mut wanted: watch::Receiver<()>) {
    let mut failures = 0;
    while !context.signals.is_stopped() {
        let began = Instant::now();
        let session = tokio::select! {
            session = begin(&context, &path) => session,
            () = is_over(&mut wanted) => return,
        };
        let error = match session {
            Ok(mut session) => match stand_once(&context, &path, &mut session, &mut wanted).await {
                Ok(()) => return session.logout().await,
                Err(error) => error,
            },
            Err(error) => error,
        };
        failures = if began.elapsed() > STOOD { 1 } else { failures + 1 };
        tokio::select! {
            () = listen::rest(&context, Some(error), failures) => {}
            () = is_over(&mut wanted) => return,
        }
    }
}

async fn begin(context: &Context, path: &str) -> Result<Session, SyncError> {
    let mut session = context.log_in().await?;
    session.list().await?;
    session.examine(path).await?;
    // What came before this moment is told by nobody.
    context.signals.mailbox(path.to_owned());
    Ok(session)
}

/// Until it is wanted no more.
async fn stand_once(
    context: &Context,
    path: &str,
    session: &mut Session,
    wanted: &mut watch::Receiver<()>,
) -> Result<(), SyncError> {
    let mut network = context.net.changes();
    let mut over = false;
    while !over {
        let asked = async {
            tokio::select! {
                () = is_over(wanted) => over = true,
                Ok(()) = network.changed() => {}
            }
        };
        let ring = |told| {
            if told == Told::Here {
                context.signals.mailbox(path.to_owned());
            }
        };
        session.idle(context.patience.idle, asked, ring).await?;
    }
    Ok(())
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
    fn they_live_on_while_the_inbox_is_being_listened_to_again() {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let table = [
            (Hears::Inbox, minutes(0), Course::Arrange),
            (Hears::Everything, minutes(0), Course::End),
            (Hears::Nothing, minutes(0), Course::Keep),
            (Hears::Nothing, minutes(4), Course::Keep),
            (Hears::Nothing, minutes(5), Course::End),
        ];
        for (hears, alone, expected) in table {
            assert_eq!(course(hears, alone), expected, "{hears:?} {alone:?}");
        }
    }

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
