//! What the window is shown: plain values made for reading, never rows of the database.

pub use crate::attachments::{Look, Preview, danger::Care};
pub use crate::authenticity::SenderView;
pub use crate::checks::CheckReport;
pub use crate::contacts::view::*;
pub use crate::discovery::view::*;
pub use crate::dkim::view::{DkimDomain, DkimKeyView, DkimState};
pub use crate::frame::{LetterColours, LetterLook, LetterWarning, LinkView};
pub use crate::images::{ImagePermissionView, ImageScope};
pub use crate::leaving::view::*;
pub use crate::marks::{LetterOutlook, RecipientMark};
pub use crate::networks::view::*;
pub use crate::oauth::view::*;
pub use crate::threads::ThreadSummary;
pub use crate::trust::{CertificateView, TrustArgs};
pub use crate::unsubscribe::{LeaveWay, Left, ListView};
pub use crate::warnings::RaisedWarning;
pub use advisor::checks::finding::{Check, Copyable, Evidence, Finding, Status as FindingStatus, shown_millis};
pub use advisor::mark::{Mark as KnownOfRecipient, MarkEncryption, MarkKind, MarkTone};
pub use advisor::outlook::{Better, Outlook, OutlookKind, OutlookTone};
pub use advisor::verdict::Verdict as DirectVerdict;
pub use advisor::warning::{Sighting, WaitingLetter, WarningAction, WarningName, WarningPage};
pub use message::authenticity::Mark as AuthenticityMark;

use jiff::Timestamp;
use model::{
    AccountId, Address, Attempt, AttemptId, Class, DeliveryId, DraftId, LetterId, LoginForm, Mailbox, MailboxId,
    Mark, Outgoing, OutgoingId, ReportId, ReportKind, Role, Route, RoutePolicy, Security,
};
use serde::{Deserialize, Serialize};
use store::{AttachmentInfo, Draft};
use ts_rs::TS;

/// What a call takes that takes nothing.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// Which letters to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "list")]
pub enum ListSource {
    /// One mailbox.
    Mailbox {
        /// Which.
        mailbox: MailboxId,
    },
    /// The mailboxes of this role in all accounts. `sent` also holds what was sent and is not filed on the server yet.
    Role {
        /// Which role.
        role: Role,
    },
}

/// A window of a list.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct LetterPage {
    /// How many rows the whole list has.
    pub total: u32,
    /// Index of the first row here.
    pub offset: u32,
    /// The rows, newest first.
    pub rows: Vec<LetterRow>,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterRow {
    /// The stored letter; `None` for an outgoing that is not filed on the server yet.
    pub letter: Option<LetterId>,
    /// The outgoing, where the letter was sent from here.
    pub outgoing: Option<OutgoingId>,
    /// The mailbox it is in.
    pub mailbox: Option<MailboxId>,
    /// From.
    pub from: Vec<Address>,
    /// To.
    pub to: Vec<Address>,
    /// Subject, decoded; may be empty.
    pub subject: String,
    /// The first words.
    pub snippet: String,
    /// When it came in, or was sent.
    #[ts(type = "string")]
    pub date: Timestamp,
    /// Not read yet.
    pub unread: bool,
    /// Marked by the user.
    pub flagged: bool,
    /// Answered.
    pub answered: bool,
    /// Forwarded.
    pub forwarded: bool,
    /// How many attachments it has.
    pub attachments: u32,
    /// The delivery mark of a letter sent from here.
    pub mark: Option<Mark>,
    /// What the row says of its thread, in a list of threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread: Option<ThreadSummary>,
    /// Its labels, where the server has such a thing, but for that of the mailbox it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub labels: Option<Vec<LabelView>>,
}

/// A label of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LabelView {
    /// Its name.
    pub name: String,
    /// Its mailbox; `None` where the server shows none, and it cannot be taken off.
    pub mailbox: Option<MailboxId>,
}

/// Why the text of a letter is not here although the server was asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WithheldView {
    /// The server's words.
    pub reason: String,
    /// When it is asked again.
    #[ts(type = "string")]
    pub next_at: Timestamp,
}

/// A letter opened.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct LetterView {
    /// Its row.
    pub row: LetterRow,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc: known only for what was sent from here.
    pub bcc: Vec<Address>,
    /// Reply-To, where it differs from From.
    pub reply_to: Vec<Address>,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// Path of the document for the frame, below the scheme `letter`; `None` while the body is not here yet.
    pub document: Option<String>,
    /// Why it is not, where the server does not hand it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub withheld: Option<WithheldView>,
    /// Remote images that are not loaded.
    pub remote_images: u32,
    /// Tracking pixels, which are never loaded.
    pub trackers: u32,
    /// What the window says about its frame.
    #[serde(default)]
    pub look: LetterLook,
    /// Files.
    pub attachments: Vec<AttachmentView>,
    /// What of its page is in sight at first, for its height.
    #[serde(default)]
    pub page: Vec<message::html::Block>,
}

/// A file in a letter.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// Its number in the letter.
    pub part: u32,
    /// File name; made up where the letter gives none.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Octets, decoded.
    #[ts(type = "number")]
    pub size: u64,
}

/// The document for the frame of a letter, and the policy it is served under.
#[derive(Debug)]
pub struct Document {
    /// Media type.
    pub content_type: String,
    /// The Content-Security-Policy header; empty for what is not a document.
    pub policy: String,
    /// The octets.
    pub body: Vec<u8>,
}

/// A change to letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum LetterChange {
    /// Read or not.
    Seen {
        /// Whether it is read.
        on: bool,
    },
    /// Marked or not.
    Flagged {
        /// Whether it is marked.
        on: bool,
    },
    /// To the account's mailbox of this role.
    File {
        /// `archive`, `trash`, `junk` or `inbox`.
        role: Role,
    },
    /// To a mailbox of the same account.
    Move {
        /// Which.
        mailbox: MailboxId,
    },
    /// A copy in a mailbox of the same account.
    Copy {
        /// Which.
        mailbox: MailboxId,
    },
    /// The label of a mailbox is taken off; the letters stay wherever else they are.
    Unlabel {
        /// Which.
        mailbox: MailboxId,
    },
    /// For good; only for what is in the trash.
    Delete,
}

/// How to begin an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// To the sender.
    Reply,
    /// To everyone in it.
    ReplyAll,
    /// To somebody else, with its attachments.
    Forward,
}

/// A letter that is being written.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Its number.
    pub id: DraftId,
    /// What is written.
    pub draft: Draft,
    /// Its files.
    pub attachments: Vec<AttachmentInfo>,
    /// When it was last saved.
    #[ts(type = "string")]
    pub saved_at: Timestamp,
}

/// A row of the Outbox.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OutgoingRow {
    /// Its number.
    pub id: OutgoingId,
    /// From, as shown.
    pub from: String,
    /// Recipients, as text.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// When Send was pressed.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// Its mark.
    pub mark: Mark,
    /// The next thing that will happen by itself.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
    /// Why it waits or was refused, in a few words; empty where there is nothing to say.
    pub title: String,
    /// Whether a delivery has waited for longer than `outbound.delay_notice`.
    pub late: bool,
}

/// An outgoing opened: the timeline.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OutgoingView {
    /// The message and its deliveries.
    pub outgoing: Outgoing,
    /// Attempts of all deliveries, newest first.
    pub attempts: Vec<Attempt>,
    /// Path of the document for the frame, below the scheme `letter`.
    pub document: String,
    /// The letter it answers or forwards, and its copy in Sent, where they are here.
    pub copy: Option<LetterId>,
    /// The reports that were written here for the sender, oldest first.
    pub reports: Vec<ReportView>,
    /// The deliveries that have waited for longer than `outbound.delay_notice`.
    pub late: Vec<DeliveryId>,
    /// The DKIM keys that signed it, by the names under which DNS shows them.
    pub signed_by: Vec<String>,
    /// Why it was not signed, where it should have been.
    pub unsigned: Option<String>,
    /// The warnings with a name that its deliveries have met.
    pub warnings: Vec<RaisedWarning>,
}

/// A report on a delivery that failed or is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// Its number.
    pub id: ReportId,
    /// The delivery that it is about.
    pub delivery: DeliveryId,
    /// What it says.
    pub kind: ReportKind,
    /// When it was written.
    #[ts(type = "string")]
    pub created_at: Timestamp,
}

/// A report opened.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ReportOpened {
    /// Which it is.
    pub report: ReportView,
    /// The report as a letter. Its row names no stored letter, but the outgoing.
    pub letter: LetterView,
    /// The message as text, headers and all.
    pub source: String,
}

/// A recipient whose own server said that they do not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecipientWarning {
    /// The address.
    pub address: String,
    /// When that was said last.
    #[ts(type = "string")]
    pub refused_at: Timestamp,
    /// In which words, on one line.
    pub reply: String,
    /// The warning, in a sentence.
    pub message: String,
}

/// What was learned of a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DestinationView {
    /// The recipient domain.
    pub domain: String,
    /// When it was first contacted.
    #[ts(type = "string | null")]
    pub first_seen: Option<Timestamp>,
    /// When it last took a message.
    #[ts(type = "string | null")]
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    #[ts(type = "string | null")]
    pub last_failure: Option<Timestamp>,
    /// Seconds for which its greylisting let an unknown sender wait.
    #[ts(type = "number | null")]
    pub greylist_seconds: Option<u64>,
    /// Whether it ever offered TLS.
    pub tls_offered: bool,
    /// The encryption of the last conversation; `None` was clear text.
    pub tls_version: Option<String>,
    /// The largest message it says to take, in octets.
    #[ts(type = "number | null")]
    pub size_limit: Option<u64>,
    /// How it last refused us for what we are.
    pub refused_us: Option<Class>,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingView {
    /// Its name, as on the command line.
    pub key: String,
    /// What it is for, its form, and its default.
    pub what: String,
    /// What it is set to; `None` where it is not.
    pub value: Option<String>,
    /// What holds where it is not set; `None` where that is found out as it is needed.
    pub default: Option<String>,
}

/// Which outgoings to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum OutgoingFilter {
    /// What is not finished, or was refused and not put away.
    Outbox,
    /// What waits for its time.
    Scheduled,
    /// Everything.
    All,
}

/// A manual order for deliveries. Orders always work, or say why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "order")]
pub enum OutgoingOrder {
    /// Try now.
    Retry,
    /// Try the failed ones now, and leave the others as they are.
    RetryFailed,
    /// Keep until released.
    Hold,
    /// Let go.
    Release,
    /// Take back what has not left.
    Cancel,
    /// Another way, from now on.
    Route {
        /// Which.
        route: RoutePolicy,
    },
    /// Put a refused one away: it leaves the Outbox.
    Dismiss,
}

/// What auto would choose for these recipients now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RouteChoice {
    /// The recipient domain.
    pub domain: String,
    /// The way.
    pub route: Route,
    /// Why.
    pub reason: String,
}

/// The side bar.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Sidebar {
    /// Unread letters in all inboxes.
    pub inbox_unread: u32,
    /// What is in the Outbox: how many, and the most urgent state.
    pub outbox: u32,
    /// The mark of the whole Outbox.
    pub outbox_mark: Option<Mark>,
    /// Scheduled letters.
    pub scheduled: u32,
    /// Drafts.
    pub drafts: u32,
    /// Whether the user has paused the queue (`outbound.paused`).
    pub paused: bool,
    /// Each account with its mailboxes.
    pub accounts: Vec<SidebarAccount>,
}

/// An account in the side bar.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SidebarAccount {
    /// Its number.
    pub id: AccountId,
    /// Its address.
    pub address: String,
    /// Whether it is the practice account.
    pub practice: bool,
    /// Its mailboxes, roles first.
    pub mailboxes: Vec<Mailbox>,
    /// What the sync is doing.
    pub sync: SyncState,
}

/// What the sync of an account is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "sync")]
pub enum SyncState {
    /// Everything is here; listening for more.
    UpToDate,
    /// Fetching.
    Syncing {
        /// The mailbox.
        mailbox: String,
        /// Letters done.
        done: u32,
        /// Letters in all.
        total: u32,
        /// Seconds until every mailbox is through, as it goes now; `null` while nobody can say.
        seconds_left: Option<u32>,
    },
    /// No connection; tried again by itself.
    Offline {
        /// Why, in a sentence.
        reason: String,
    },
    /// The server refused the password.
    LoginRefused {
        /// The server's words.
        reason: String,
    },
    /// This account has no IMAP server.
    SendOnly,
}

/// What is asked to add an account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountForm {
    /// The address.
    pub address: String,
    /// The name in From.
    pub name: String,
    /// IMAP; `None` for an account that only sends.
    pub imap: Option<ServerForm>,
    /// The smart host; `None` for direct only.
    pub smtp: Option<ServerForm>,
    /// Login name; empty means the address.
    pub user: String,
}

/// A server in the form.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerForm {
    /// Host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// Its login name; empty for the account's.
    #[serde(default)]
    pub user: String,
    /// What the login is made with.
    #[serde(default)]
    pub login: LoginForm,
    /// The certificate that is trusted although no authority vouches for it: its SHA-256.
    #[serde(default)]
    #[ts(optional)]
    pub trusted: Option<String>,
}

impl ServerForm {
    /// A server with the account's login name and password, and a certificate that an authority vouches for.
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self { host: host.into(), port, security, user: String::new(), login: LoginForm::Password, trusted: None }
    }
}

/// A smart host that people have, ready to be filled in.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SmartHostPreset {
    /// Its name; also the name that is suggested for routes.
    pub name: String,
    /// Host name; empty where everybody has another.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// What the login is made with.
    pub login: LoginForm,
    /// What to fill in as the login name.
    pub user: PresetUser,
    /// What the login name is, in a few words.
    pub user_is: String,
    /// What is typed as the password, in a few words.
    pub secret_is: String,
    /// Recipients a day, where the provider states them.
    pub recipients_a_day: Option<u32>,
    /// The largest message, in MB (10⁶ octets) as it travels, where the provider states it.
    pub megabytes: Option<u32>,
    /// The limits in words; empty where there are none to state.
    pub limits: String,
    /// What to do before it works.
    pub set_up: String,
    /// The provider's own page about it.
    pub link: String,
}

/// What to fill in as the login name of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum PresetUser {
    /// The whole address of the account.
    Address,
    /// The same for everybody.
    Fixed {
        /// This.
        name: String,
    },
    /// Nothing: the provider gives everybody one.
    Issued,
}

/// The form with the password, which is never part of an answer.
#[derive(Clone, Deserialize, TS)]
pub struct AccountWithPassword {
    /// Everything else.
    pub form: AccountForm,
    /// The password.
    pub password: String,
    /// The sign-in that is used for the servers that want a token.
    #[serde(default)]
    #[ts(optional)]
    pub sign_in: Option<SignInId>,
}

/// What a test of the form found.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AccountTest {
    /// The IMAP login; `None` where there is no IMAP.
    pub imap: Option<ServerTest>,
    /// The smart host's login; `None` where there is none.
    pub smtp: Option<ServerTest>,
}

/// What one server said.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerTest {
    /// Whether the login worked.
    pub ok: bool,
    /// What happened, with the server's own words.
    pub message: String,
    /// What to do about it; empty where it worked.
    pub hint: String,
    /// The code of the error that it is on the command line; empty where it worked.
    pub code: String,
    /// The certificate that was refused, where that is why it did not work.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateView>,
}

impl ServerTest {
    /// The login worked.
    pub(crate) fn passed(message: String) -> Self {
        Self { ok: true, message, hint: String::new(), code: String::new(), certificate: None }
    }

    /// The login did not work.
    pub(crate) fn failed(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { ok: false, message: message.into(), hint: hint.into(), code: code.to_owned(), certificate: None }
    }
}

/// A place in the practice world.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct PracticePlace {
    /// An address to write to.
    pub address: String,
    /// What happens to letters there.
    pub what: String,
}

/// What happened. The window asks for what it shows; an event only says what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// Accounts were added, changed or removed.
    Accounts,
    /// Letters came, went or changed in these mailboxes.
    Letters {
        /// Which.
        mailboxes: Vec<MailboxId>,
    },
    /// New mail in an inbox, for the live region and the notification.
    NewMail {
        /// The new letters.
        rows: Vec<LetterRow>,
    },
    /// An outgoing changed.
    Outgoing {
        /// Which.
        id: OutgoingId,
    },
    /// A delivery was refused or given up: somebody should look.
    Refused {
        /// The outgoing.
        id: OutgoingId,
        /// The delivery.
        delivery: DeliveryId,
        /// The recipient.
        address: String,
        /// The subject.
        subject: String,
        /// What happened, in a few words.
        title: String,
    },
    /// A delivery has been on its way for long and is tried further. Said once.
    Delayed {
        /// The outgoing.
        id: OutgoingId,
        /// The delivery.
        delivery: DeliveryId,
        /// The recipient.
        address: String,
        /// The subject.
        subject: String,
        /// What stands in the way, in a few words.
        title: String,
    },
    /// People whom the user keeps changed.
    Contacts,
    /// Drafts changed.
    Drafts,
    /// This computer is on another network, or something else is known of one.
    Network,
    /// Direct sending is worth something else than before, and letters wait for it.
    DirectVerdict {
        /// What it is worth now.
        verdict: DirectVerdict,
        /// Why, in a sentence.
        because: String,
        /// How many letters wait.
        waiting: u32,
    },
    /// A switch of the practice world was turned, or it slept.
    Practice,
    /// More is known of recipients who are being written to.
    Marks,
    /// The sync of an account went on.
    Sync {
        /// Which account.
        account: AccountId,
        /// What it does.
        state: SyncState,
    },
    /// Something done here could not be done on the server as it was ordered.
    Note {
        /// Whose server.
        account: AccountId,
        /// What became of it, in a sentence.
        text: String,
    },
    /// A setting changed.
    Settings,
    /// The keys of a domain, or what DNS shows of them.
    Dkim {
        /// The domain.
        domain: String,
    },
    /// An import or export went on.
    Transfer {
        /// How far it is.
        transfer: crate::transfer::TransferView,
    },
    /// Anything may have changed, since another process wrote: everything that is shown has to be asked for again.
    Stale,
}

/// The transcript of an attempt.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Transcript {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Both directions, secrets replaced; empty where no conversation took place.
    pub text: String,
}
