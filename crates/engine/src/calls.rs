//! The one list of calls: what the window may ask of the engine, and what it gets.
//!
//! A call has a name, takes one value and gives one value or a [`CallError`]. The list below makes the dispatcher and
//! the types of the front end; a call without a handler on [`Engine`] does not compile. What calls what: [`Calls`] for
//! Rust, [`Engine::call`] for the window.

mod arguments;

pub use crate::attachments::{AttachedArgs, AttachmentRef, AttachmentSaveAllArgs, AttachmentSaveArgs};
pub use crate::checks::{CheckDomainArgs, CheckIdentityArgs, CheckNetworkArgs, CheckRecipientArgs};
pub use crate::frame::LinkArgs;
pub use crate::images::ImagePermissionArgs;
pub use crate::marks::{LetterOutlookArgs, RecipientMarksArgs};
pub use crate::search::{
    SavedSearchArgs, SearchArgs, SearchMoveArgs, SearchPage, SearchRenameArgs, SearchSaveArgs, SearchSnippet,
    ServerSearchArgs, SnippetArgs,
};
pub use crate::unsubscribe::ListLeaveArgs;
pub use crate::warnings::WarningShowArgs;
pub use arguments::*;

use crate::Engine;
pub use crate::changes::{Changed, UndoArgs};
pub use crate::mailboxes::{MailboxArgs, MailboxCreateArgs, MailboxRenameArgs, MailboxSubscribeArgs};
use crate::view::*;
use model::{Account, CallError, Mailbox, OutgoingId};
use store::SavedSearch;

/// The calls of an engine, by name and with their types.
#[derive(Clone, Copy)]
pub struct Calls<'a>(&'a Engine);

impl Engine {
    /// Everything that can be asked of it.
    pub fn calls(&self) -> Calls<'_> {
        Calls(self)
    }
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($args:ty) -> $answer:ty;)*) => {
        impl Calls<'_> {
            $($(#[$doc])*
            pub async fn $name(self, args: $args) -> Result<$answer, CallError> {
                self.0.$name(args).await.map_err(CallError::from)
            })*
        }

        impl Engine {
            /// Carries out the call of this name. Unknown names and arguments of the wrong shape are errors.
            pub async fn call(&self, name: &str, args: serde_json::Value) -> Result<serde_json::Value, CallError> {
                match name {
                    $(stringify!($name) => {
                        let args: $args = serde_json::from_value(args).map_err(|error| wrong_arguments(name, &error))?;
                        // Made in a frame that is gone before it runs: side by side in this one, what all the calls hold
                        // would be more than half of a thread's stack.
                        let begin = move || Box::pin(self.calls().$name(args));
                        let answer = begin().await?;
                        serde_json::to_value(answer).map_err(|error| wrong_arguments(name, &error))
                    })*
                    _ => Err(CallError::new("no-such-call", format!("there is no call “{name}”"), "")),
                }
            }
        }

        /// Every type that a call takes or gives.
        #[cfg(test)]
        pub(crate) fn visit_types(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$args>(); visitor.visit::<$answer>();)*
        }

        /// The calls as a TypeScript interface: name to argument and answer.
        #[cfg(test)]
        pub(crate) fn typescript(config: &ts_rs::Config) -> String {
            let mut text = String::from("export interface Calls {\n");
            $(text.push_str(&format!(
                "  {}: {{ args: {}; answer: {} }};\n",
                stringify!($name),
                <$args as ts_rs::TS>::name(config),
                <$answer as ts_rs::TS>::name(config),
            ));)*
            text.push_str("}\n");
            text
        }
    };
}

fn wrong_arguments(name: &str, error: &serde_json::Error) -> CallError {
    CallError::new("invalid", format!("the call “{name}” was not understood: {error}"), "")
}

calls! {
    /// Everything in the side bar.
    sidebar(Nothing) -> Sidebar;
    /// The accounts with their identities and smart hosts.
    account_list(Nothing) -> Vec<Account>;
    /// A form filled in for an address, from what is known of its provider.
    account_suggest(AddressArgs) -> AccountForm;
    /// Looks where the servers of an address are, and whether they answer. Within ten seconds, and without a password.
    account_discover(DiscoverArgs) -> Discovery;
    /// Trusts one certificate for a server of an account, or this computer's authorities alone again.
    account_trust(TrustArgs) -> Account;
    /// The providers whose sign-in in a browser is known.
    oauth_providers(Nothing) -> Vec<OAuthProviderView>;
    /// Begins a sign-in in the browser, which is to show the address of the answer.
    oauth_begin(OAuthArgs) -> OAuthBegun;
    /// Begins a sign-in by a code that is typed in anywhere.
    oauth_device(OAuthArgs) -> OAuthDevice;
    /// Hands over the address at which the browser ended.
    oauth_answer(OAuthAnswerArgs) -> ();
    /// Waits until a sign-in is done; for an account that is here, it is used at once.
    oauth_wait(OAuthSignInArgs) -> OAuthSignedIn;
    /// Breaks a sign-in off.
    oauth_cancel(OAuthSignInArgs) -> ();
    /// Logs in at each server of the form, and keeps nothing.
    account_test(AccountWithPassword) -> AccountTest;
    /// Stores the account and begins to sync it.
    account_add(AccountWithPassword) -> Account;
    /// Changes names, signatures, default routes, rules, and smart hosts with their order.
    account_update(Account) -> Account;
    /// Stores a new password for an account or one of its smart hosts, and tries again at once. It is tested first.
    account_password(PasswordArgs) -> ();
    /// The smart hosts that people have, ready to be filled in.
    smart_host_presets(Nothing) -> Vec<SmartHostPreset>;
    /// Adds a smart host to an account, as the last one.
    smart_host_add(SmartHostAddArgs) -> Account;
    /// Logs in at a smart host, and keeps nothing.
    smart_host_test(SmartHostTestArgs) -> ServerTest;
    /// Removes an account and what was fetched for it. Refused while letters of it are on their way.
    account_remove(AccountArgs) -> ();
    /// Starts the practice post office and adds its account.
    practice_start(Nothing) -> Account;
    /// The places one can write to in the practice world.
    practice_places(Nothing) -> Vec<PracticePlace>;
    /// How far the story of the practice page has been played.
    practice_story(Nothing) -> crate::story::PracticeStory;
    /// How the switches of the practice world stand.
    practice_switches(Nothing) -> practice::Switches;
    /// Turns a switch of the practice world: port 25, reverse DNS, lists of addresses, a login page.
    practice_switch(practice::Turn) -> practice::Switches;
    /// Turns every switch of the practice world back to where it began.
    practice_reset(Nothing) -> practice::Switches;
    /// Lets the practice world sleep for an hour: what waits there is due that much earlier.
    practice_sleep(Nothing) -> practice::Switches;
    /// Syncs now: all accounts, or one.
    sync_now(SyncArgs) -> ();

    /// A window of a list of letters.
    letter_list(ListArgs) -> LetterPage;
    /// Letters that a query finds here, with what is wrong with it.
    letter_search(SearchArgs) -> SearchPage;
    /// Letters that the servers of all accounts find; those that are not here are fetched first.
    letter_search_server(ServerSearchArgs) -> SearchPage;
    /// The text around the first hit in each of these letters.
    search_snippets(SnippetArgs) -> Vec<SearchSnippet>;
    /// The searches that are kept, in their order.
    search_saved_list(Nothing) -> Vec<SavedSearch>;
    /// Keeps a search; one of this name is replaced.
    search_save(SearchSaveArgs) -> SavedSearch;
    /// Calls a search that is kept otherwise.
    search_rename(SearchRenameArgs) -> ();
    /// Keeps a search no longer.
    search_remove(SavedSearchArgs) -> ();
    /// Puts a search that is kept at another place.
    search_move(SearchMoveArgs) -> ();
    /// A letter, opened.
    letter_show(LetterArgs) -> LetterView;
    /// The letter as it came, headers and all, as text.
    letter_source(LetterArgs) -> String;
    /// Changes letters, here at once and on the server as soon as it can be reached.
    letter_change(LetterChangeArgs) -> Changed;
    /// Takes back a move, a copy or a deletion.
    letter_undo(UndoArgs) -> ();
    /// The conversation that a letter belongs to, oldest first: wherever its letters lie, none of them twice.
    thread_show(LetterArgs) -> Vec<LetterRow>;
    /// Whether a letter comes from whom it says, and why. `None` for what was written here.
    letter_authenticity(LetterArgs) -> Option<SenderView>;
    /// The same after the signature was checked: its key is looked up, which tells the signer of it.
    letter_check(LetterArgs) -> Option<SenderView>;
    /// The mailing list that a letter came by.
    list_show(LetterArgs) -> Option<ListView>;
    /// Leaves a mailing list in the way that was agreed to.
    list_leave(ListLeaveArgs) -> Left;
    /// What of an attachment can be looked at.
    attachment_preview(AttachmentRef) -> Preview;
    /// Writes an attachment to a file that the user chose.
    attachment_save(AttachmentSaveArgs) -> ();
    /// Writes every attachment into a folder that the user chose, and says under which names.
    attachment_save_all(AttachmentSaveAllArgs) -> Vec<String>;
    /// A letter that is attached to another, opened.
    attached_show(AttachedArgs) -> LetterView;

    /// What there is to say of a link before it is opened.
    link_look(LinkArgs) -> LinkView;
    /// Whose remote images are shown without asking, by name.
    image_permission_list(Nothing) -> Vec<ImagePermissionView>;
    /// Shows the remote images of an address or a domain from now on, and lists whose are.
    image_permission_grant(ImagePermissionArgs) -> Vec<ImagePermissionView>;
    /// Asks again before the remote images of an address or a domain are shown, and lists whose are not asked about.
    image_permission_revoke(ImagePermissionArgs) -> Vec<ImagePermissionView>;

    /// Makes a mailbox, here at once and on the server as soon as it can be reached.
    mailbox_create(MailboxCreateArgs) -> Mailbox;
    /// Renames a mailbox, with those inside it.
    mailbox_rename(MailboxRenameArgs) -> Mailbox;
    /// Deletes a mailbox with those inside it. Letters go to the trash, where there is one and they are not in it.
    mailbox_remove(MailboxArgs) -> ();
    /// Says whether other programs are to show a mailbox.
    mailbox_subscribe(MailboxSubscribeArgs) -> ();
    /// Deletes for good what is in the trash or the junk.
    mailbox_empty(MailboxArgs) -> Changed;

    /// The invitation to a meeting in a letter, where there is one.
    invitation_show(crate::invitations::InvitationArgs) -> Option<message::calendar::Invitation>;
    /// What letters there are in files: at a path, or where other programs usually keep theirs.
    import_look(crate::transfer::ImportLookArgs) -> Vec<crate::transfer::ImportSource>;
    /// Begins to bring letters from files into mailboxes. What is there already is passed over.
    import_begin(crate::transfer::ImportBeginArgs) -> crate::transfer::TransferView;
    /// Begins to write letters into files.
    export_begin(crate::transfer::ExportBeginArgs) -> crate::transfer::TransferView;
    /// The imports and exports of this run, the last one first.
    transfer_list(Nothing) -> Vec<crate::transfer::TransferView>;
    /// Ends an import or export. What was brought in stays.
    transfer_cancel(crate::transfer::TransferArgs) -> ();
    /// Writes a letter to a file that the user chose, as it came.
    letter_save(crate::transfer::LetterSaveArgs) -> ();

    /// The drafts, newest first.
    draft_list(Nothing) -> Vec<DraftView>;
    /// Drafts that other programs left on the servers, newest first.
    draft_elsewhere(Nothing) -> Vec<LetterRow>;
    /// Opens a letter in Drafts to be written on.
    draft_adopt(LetterArgs) -> DraftView;
    /// A new draft, empty or from a mailto: link.
    draft_new(DraftNewArgs) -> DraftView;
    /// A draft that answers or forwards a letter.
    draft_answer(DraftAnswerArgs) -> DraftView;
    /// A draft, opened.
    draft_show(DraftArgs) -> DraftView;
    /// Saves what is written. On disk when the answer comes.
    draft_save(DraftSaveArgs) -> DraftView;
    /// Adds files by their paths.
    draft_attach(DraftAttachArgs) -> DraftView;
    /// Removes a file.
    draft_detach(DraftDetachArgs) -> DraftView;
    /// Throws a draft away.
    draft_discard(DraftArgs) -> ();
    /// Sends a draft: in the outbox, on disk, when the answer comes.
    draft_send(DraftSendArgs) -> OutgoingId;
    /// What auto would choose for these recipients, and why.
    route_preview(RoutePreviewArgs) -> Vec<RouteChoice>;
    /// The same, with the worst there is to say of the letter before it is sent.
    letter_outlook(LetterOutlookArgs) -> LetterOutlook;
    /// What is known of recipients while somebody writes to them. An event says when there is more.
    recipient_marks(RecipientMarksArgs) -> Vec<RecipientMark>;

    /// Outgoings, newest first.
    outgoing_list(OutgoingListArgs) -> Vec<OutgoingRow>;
    /// The timeline of an outgoing.
    outgoing_show(OutgoingArgs) -> OutgoingView;
    /// An order for one delivery, or for all of an outgoing.
    outgoing_order(OutgoingOrderArgs) -> OutgoingView;
    /// Takes back an outgoing of which nothing has left, and gives it as a draft again.
    outgoing_undo(OutgoingArgs) -> DraftView;
    /// A draft with the content of an outgoing, to the recipients that did not get it; open deliveries are cancelled.
    outgoing_edit(OutgoingArgs) -> DraftView;
    /// What was said on the wire.
    attempt_transcript(AttemptArgs) -> Transcript;
    /// What still waits if the program ends now. What is on the wire is given some seconds first.
    leaving(Nothing) -> Leaving;
    /// Gives what waits to the smart hosts, and says what they took. Within a minute.
    hand_over(Nothing) -> HandedOver;

    /// A report on a delivery that failed or is late, opened.
    report_show(ReportArgs) -> ReportOpened;
    /// Writes a report to a file that the user chose.
    report_save(ReportSaveArgs) -> ();
    /// A draft with a report as its attachment.
    report_forward(ReportArgs) -> DraftView;
    /// Those of these addresses whose own server said that they do not exist.
    recipient_warnings(RecipientWarningsArgs) -> Vec<RecipientWarning>;
    /// What was learned of destinations, by name.
    destination_list(Nothing) -> Vec<DestinationView>;
    /// Forgets what was learned of a destination, and lists what is left.
    destination_forget(DestinationArgs) -> Vec<DestinationView>;

    /// Who may be meant by what is typed into a field of recipients, the likeliest first.
    contact_complete(ContactCompleteArgs) -> Vec<ContactSuggestion>;
    /// A window of the people, kept and learned, by name.
    contact_list(ContactListArgs) -> ContactPage;
    /// Somebody, opened.
    contact_show(ContactWho) -> ContactView;
    /// Keeps somebody new, or changes what is kept.
    contact_save(ContactSaveArgs) -> ContactView;
    /// Makes one person of several rows.
    contact_merge(ContactMergeArgs) -> ContactView;
    /// Keeps somebody no longer, or offers a learned address no longer.
    contact_remove(ContactWho) -> ();
    /// Reads vCards from a file.
    contact_import(ContactImportArgs) -> ContactImport;
    /// Writes vCards to a file, and says how many.
    contact_export(ContactExportArgs) -> u32;

    /// The domains that letters are sent from, with their DKIM keys.
    dkim_list(Nothing) -> Vec<DkimDomain>;
    /// Makes an RSA and an Ed25519 key for a domain. They sign once DNS shows them; then the former ones retire.
    dkim_make(DkimDomainArgs) -> DkimDomain;
    /// Asks DNS about the keys of a domain now.
    dkim_check(DkimDomainArgs) -> DkimDomain;
    /// Forgets a key.
    dkim_remove(DkimKeyArgs) -> DkimDomain;

    /// Every setting, with its value and its default.
    setting_list(Nothing) -> Vec<SettingView>;
    /// A setting, or its default; `None` where it has neither.
    setting_get(SettingArgs) -> Option<String>;
    /// Sets a setting, or unsets it.
    setting_set(SettingSetArgs) -> ();
    /// The network that this computer is on, and the newest that is known of it. Nobody is asked for it.
    network_now(NetworkNowArgs) -> NetworkNow;
    /// The networks that this computer was on, this one first, with their checks.
    network_history(NetworkNowArgs) -> Vec<NetworkHistory>;
    /// A check that is kept, opened.
    network_check_show(NetworkCheckArgs) -> NetworkReport;
    /// Calls a network by a name of the user's.
    network_rename(NetworkRenameArgs) -> ();
    /// Forgets a network and what was found there.
    network_forget(NetworkArgs) -> ();
    /// Whether mail can be sent directly from this network, and if not, why. Within fifteen seconds.
    check_network(CheckNetworkArgs) -> CheckReport;
    /// Whether letters from an address are believed, by each way that they may go.
    check_identity(CheckIdentityArgs) -> CheckReport;
    /// Who takes mail for a domain, stage by stage; nobody is named to them.
    check_domain(CheckDomainArgs) -> CheckReport;
    /// As for its domain, with what this address and this letter need.
    check_recipient(CheckRecipientArgs) -> CheckReport;
    /// The page of a warning that has a name, by what is known where it was raised. Nobody is asked for it.
    warning_show(WarningShowArgs) -> WarningPage;
}
