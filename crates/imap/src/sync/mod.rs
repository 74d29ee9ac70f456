//! One account brought up to date over one session.
//!
//! A pass reads the list of mailboxes, carries out the journal, and goes through the mailboxes in the order of
//! [`turn`](crate::roles::turn). Between any two batches it attends to what cannot wait: the order to stop, new entries
//! in the journal, new mail in the inbox, a body that somebody wants to read. What a pass has stored stays stored, and
//! the next one goes on from there.

mod around;
mod attend;
mod bodies;
mod course;
mod intake;
mod labels;
mod mailbox;
mod newest;
mod search;
mod unreadable;

use course::Course;

pub use attend::{BodyWanted, OwnTurn, SearchWanted, Signals};

use crate::error::SyncError;
use crate::event::{SyncEvent, SyncReport, SyncState};
use crate::plan::{self, Depth, Pace};
use crate::roles;
use crate::session::{Numbers, Selected, Session};
use jiff::Timestamp;
use model::{Account, LetterId, Mailbox, MailboxId, Role};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::Store;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Orders that the connection that listens carries out before it listens again for a moment: an import has thousands.
const AT_A_STRETCH: u32 = 20;

/// An account, its session, and where to tell what happens.
pub struct Syncer {
    pub(crate) account: Account,
    pub(crate) store: Store,
    pub(crate) session: Session,
    pub(crate) report: SyncReport,
    /// Mailboxes into which the journal put something.
    pub(crate) touched: BTreeSet<MailboxId>,
    /// Whether the journal changed the list of mailboxes.
    pub(crate) relist: bool,
    /// Whether somebody else was just replaying the journal, and may have missed the last order.
    pub(crate) locked_out: bool,
    /// Whether more orders are due, and were left for the next time.
    pub(crate) cut_short: bool,
    /// When the journal was last gone through.
    pub(crate) replayed_from: Option<Timestamp>,
    /// Orders of which this session has heard what they led to.
    heard_orders: u64,
    /// How fast letters come.
    pace: Pace,
    /// How far the pass is.
    course: Course,
    /// Letters older than this are only listed; `None` where all are wanted.
    bodies_since: Option<Timestamp>,
    /// Bodies that could not be fetched in this pass.
    refused_bodies: HashSet<LetterId>,
    /// Mailboxes that the server marks as special: they are no labels.
    special: HashSet<String>,
    /// What the server last said of mailboxes when it was asked in between.
    seen: HashMap<MailboxId, Numbers>,
    /// Letters that were once taken for others by their UIDs.
    strangers: HashSet<LetterId>,
    /// Whether letters or mailboxes could not be looked at in this pass.
    pub(crate) overlooked: bool,
    events: mpsc::Sender<SyncEvent>,
    pub(crate) signals: Arc<Signals>,
}

impl Syncer {
    /// A syncer over a session that is logged in.
    pub fn new(
        account: Account,
        store: Store,
        session: Session,
        events: mpsc::Sender<SyncEvent>,
        signals: Arc<Signals>,
    ) -> Self {
        Self {
            account,
            store,
            session,
            report: SyncReport::default(),
            touched: BTreeSet::new(),
            relist: false,
            locked_out: false,
            cut_short: false,
            replayed_from: None,
            heard_orders: 0,
            pace: Pace::default(),
            course: Course::default(),
            bodies_since: None,
            refused_bodies: HashSet::new(),
            special: HashSet::new(),
            seen: HashMap::new(),
            strangers: HashSet::new(),
            overlooked: false,
            events,
            signals,
        }
    }

    /// Everything once: mailboxes, journal, letters, then the bodies that were left for later. The inbox is whole before
    /// the next mailbox is opened; a mailbox of which the server says that nothing changed is not opened at all.
    pub async fn pass(&mut self, depth: Depth) -> Result<(), SyncError> {
        self.bodies_since = self.horizon().await?;
        self.refused_bodies.clear();
        self.overlooked = false;
        self.read_list().await?;
        self.replay().await?;
        let mut mailboxes = self.settled().await?;
        let listed = self.store.mailboxes(Some(self.account.id)).await?;
        self.overlooked |= listed.iter().filter(|mailbox| mailbox.selectable).count() > mailboxes.len();
        let statuses = self.session.statuses().await?;
        let namespaces = self.session.namespaces().await?;
        mailboxes.sort_by_key(|mailbox| (namespaces.is_foreign(&mailbox.path), roles::turn(mailbox.role)));
        let numbers =
            |mailbox: &Mailbox| statuses.get(&mailbox.path).and_then(|numbers| numbers.messages).unwrap_or(0);
        self.course = Course::over(mailboxes.iter().map(|mailbox| (mailbox.id, numbers(mailbox))));
        for mailbox in &mailboxes {
            if self.is_unchanged(mailbox, statuses.get(&mailbox.path)).await? {
                self.report.mailboxes += 1;
                continue;
            }
            self.bring_up_to_date(mailbox, depth).await?;
            if mailbox.role == Some(Role::Inbox) {
                self.bring_bodies(mailbox).await?;
            }
        }
        self.bring_touched().await?;
        for mailbox in &mailboxes {
            self.bring_bodies(mailbox).await?;
        }
        // A message that lies nowhere may lie where nobody could look.
        if !self.overlooked {
            self.store.drop_strays(self.account.id).await?;
        }
        Ok(())
    }

    async fn is_unchanged(&self, mailbox: &Mailbox, status: Option<&Numbers>) -> Result<bool, SyncError> {
        let Some(status) = status else { return Ok(false) };
        let known = self.store.mailbox_state(mailbox.id).await?;
        if known.highest_modseq.is_none() || known.highest_modseq != status.highest_modseq {
            return Ok(false);
        }
        let here = self.counted(mailbox.id).await?;
        Ok(plan::is_unchanged(&known, status, here)
            && self.store.unplaced(mailbox.id).await? == 0
            && !self.has_unlisted_to_try(mailbox).await?)
    }

    /// Letters of a mailbox that are known here, listed or not.
    pub(super) async fn counted(&self, id: MailboxId) -> Result<u32, SyncError> {
        let unlisted = u32::try_from(self.store.unlisted(id).await?.len()).unwrap_or(u32::MAX);
        Ok(self.store.uids_in_all(id).await?.0.saturating_add(unlisted))
    }

    /// From when on whole letters are wanted (`sync.bodies_days`); `None` for all.
    async fn horizon(&self) -> Result<Option<Timestamp>, SyncError> {
        let days = self.store.setting("sync.bodies_days").await?;
        let days = days.and_then(|days| days.trim().parse::<i64>().ok()).filter(|days| *days > 0);
        Ok(days.and_then(|days| Timestamp::now().checked_sub(jiff::Span::new().hours(days * 24)).ok()))
    }

    /// Only what the journal has, unless somebody else carries it out, and the mailboxes that it touched.
    pub async fn carry_out(&mut self) -> Result<(), SyncError> {
        if !self.signals.is_acted() {
            self.replay().await?;
        }
        self.bring_touched().await
    }

    /// Carries out some of the journal for the connection that fetches; that one is told which mailboxes were touched.
    pub async fn act(&mut self) -> Result<bool, SyncError> {
        let outcome = self.replay_some(AT_A_STRETCH).await;
        for id in std::mem::take(&mut self.touched) {
            if let Some(mailbox) = self.store.mailbox(id).await? {
                self.signals.mailbox(mailbox.path);
            }
        }
        self.report = SyncReport::default();
        match outcome {
            Err(error) if error.refusal().is_some() => {
                tracing::info!(account = %self.account.address, %error, "the mailboxes were not listed after an order");
                Ok(true)
            }
            outcome => outcome,
        }
    }

    /// Only the inbox.
    pub async fn look_at_inbox(&mut self) -> Result<(), SyncError> {
        match self.store.mailbox_by_role(self.account.id, Role::Inbox).await? {
            Some(inbox) => self.bring_up_to_date(&inbox, Depth::Recent).await,
            None => Ok(()),
        }
    }

    /// Only this mailbox; one that is not known here waits for the next pass.
    pub async fn look_at(&mut self, path: &str) -> Result<(), SyncError> {
        match self.store.mailbox_by_path(self.account.id, path).await? {
            Some(mailbox) if mailbox.selectable => self.bring_up_to_date(&mailbox, Depth::Recent).await,
            _ => Ok(()),
        }
    }

    /// What was done so far, to be counted afresh from now on.
    pub fn take_report(&mut self) -> SyncReport {
        std::mem::take(&mut self.report)
    }

    async fn bring_touched(&mut self) -> Result<(), SyncError> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let settled = self.settled().await?;
        while let Some(id) = self.touched.pop_first() {
            if let Some(mailbox) = settled.iter().find(|mailbox| mailbox.id == id) {
                self.bring_up_to_date(mailbox, Depth::Recent).await?;
            }
        }
        Ok(())
    }

    /// The mailboxes that can be opened by their paths here: not those that the server does not know by them yet.
    async fn settled(&self) -> Result<Vec<Mailbox>, SyncError> {
        let unsettled = self.store.unsettled_mailboxes(self.account.id).await?;
        let mut mailboxes = self.store.mailboxes(Some(self.account.id)).await?;
        mailboxes.retain(|mailbox| {
            let within = |path: &String| {
                let rest = mailbox.path.strip_prefix(path);
                let separator = mailbox.separator.as_deref();
                rest.is_some_and(|rest| rest.is_empty() || separator.is_some_and(|it| rest.starts_with(it)))
            };
            mailbox.selectable && !unsettled.iter().any(within)
        });
        Ok(mailboxes)
    }

    /// The mailboxes that can be opened, as the server has them now.
    pub(crate) async fn read_list(&mut self) -> Result<Vec<Mailbox>, SyncError> {
        let found = self.session.list().await?;
        self.special = found.iter().filter(|one| one.is_special()).map(|one| one.path.clone()).collect();
        if self.session.has_labels() {
            self.store.server_has_labels(self.account.id).await?;
        }
        let namespaces = self.session.namespaces().await?;
        let listed = roles::assign(found, |path| namespaces.is_foreign(path));
        let mut mailboxes = self.store.sync_mailbox_list(self.account.id, listed).await?;
        let prefix = namespaces.own_prefix().map(str::to_owned);
        self.store.set_mailbox_prefix(self.account.id, prefix).await?;
        self.tell(SyncEvent::Mailboxes(self.account.id)).await;
        mailboxes.retain(|mailbox| mailbox.selectable);
        Ok(mailboxes)
    }

    /// One mailbox. That the server refuses it is no reason to leave the others.
    async fn bring_up_to_date(&mut self, mailbox: &Mailbox, depth: Depth) -> Result<(), SyncError> {
        match self.sync_mailbox(mailbox, depth).await {
            Err(SyncError::Refused(refusal)) => {
                // In one that was never read nothing is that was here before.
                self.overlooked |= self.store.mailbox_state(mailbox.id).await?.uid_validity.is_some();
                self.note(format!("“{}” could not be read: {refusal}", mailbox.path)).await;
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Opens a mailbox without asking what changed.
    pub(crate) async fn open(&mut self, path: &str) -> Result<Selected, SyncError> {
        self.session.select(path, None).await
    }

    pub(crate) async fn tell(&self, event: SyncEvent) {
        // Nobody listens any more when the program ends.
        let _ = self.events.send(event).await;
    }

    /// Progress may be lost where nobody has time for it.
    pub(crate) fn tell_progress(&mut self, mailbox: &Mailbox, done: u32, total: u32) {
        let seconds_left = self.course.left(mailbox.id, done, total, Instant::now());
        let state = SyncState::Syncing { mailbox: mailbox.path.clone(), done, total, seconds_left };
        let _ = self.events.try_send(SyncEvent::State(self.account.id, state));
    }

    pub(crate) async fn note(&mut self, text: String) {
        tracing::info!(account = %self.account.address, %text, "note");
        self.report.notes.push(text.clone());
        self.tell(SyncEvent::Note { account: self.account.id, text }).await;
    }

    pub(crate) async fn tell_letters(
        &mut self,
        mailbox: &Mailbox,
        added: Vec<LetterId>,
        changed: Vec<LetterId>,
        removed: Vec<LetterId>,
    ) {
        if added.is_empty() && changed.is_empty() && removed.is_empty() {
            return;
        }
        let count = |letters: &[LetterId]| u32::try_from(letters.len()).unwrap_or(u32::MAX);
        self.report.added += count(&added);
        self.report.changed += count(&changed);
        self.report.removed += count(&removed);
        let account = self.account.id;
        self.tell(SyncEvent::Letters { account, mailbox: mailbox.id, added, changed, removed }).await;
    }

    pub(crate) async fn tell_new_mail(&mut self, mailbox: &Mailbox, letters: Vec<LetterId>) {
        let ours = matches!(mailbox.role, Some(Role::Sent | Role::Drafts | Role::Trash));
        if letters.is_empty() || ours {
            return;
        }
        self.report.new_mail.extend(&letters);
        let (account, role) = (self.account.id, mailbox.role);
        self.tell(SyncEvent::NewMail { account, mailbox: mailbox.id, role, letters }).await;
    }
}
