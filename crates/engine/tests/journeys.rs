//! The engine as the window uses it: by calls and events, against the practice post office.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod window;

use model::{DeliveryState, DraftId, LetterId, OutgoingId, Role};
use postrider_engine::view::{
    AnswerKind, DraftView, LetterChange, LetterPage, LetterView, ListSource, Nothing, OutgoingOrder, Sidebar,
    SyncState,
};
use postrider_engine::*;
use tempfile::TempDir;
use window::{Window, start, states, timeline};

impl Window {
    /// Open, and up to date.
    async fn up_to_date() -> Self {
        let window = Self::open().await;
        window
            .until("the mailbox is here", async |engine| {
                let sidebar = engine.calls().sidebar(Nothing {}).await.expect("a side bar");
                matches!(sidebar.accounts.first().map(|account| &account.sync), Some(SyncState::UpToDate))
            })
            .await;
        window
    }

    async fn draft(&self, to: &[&str], route: &str) -> DraftView {
        let args = DraftNewArgs { account: Some(self.account.id), mailto: None };
        let mut view = self.engine.calls().draft_new(args).await.expect("a draft");
        view.draft.to = to.iter().map(|to| model::Address::new(None, *to)).collect();
        view.draft.subject = "From the window".to_owned();
        view.draft.html = "<p>Dear all, <b>good news</b>.</p>".to_owned();
        view.draft.route = route.to_owned().into();
        let args = DraftSaveArgs { draft: view.id, content: view.draft };
        self.engine.calls().draft_save(args).await.expect("the draft is saved")
    }

    async fn send(&self, draft: DraftId) -> OutgoingId {
        self.engine.calls().draft_send(DraftSendArgs { draft, at: None }).await.expect("the letter is queued")
    }

    async fn list(&self, role: Role) -> LetterPage {
        list(&self.engine, role).await
    }

    async fn open_letter(&self, letter: LetterId) -> LetterView {
        self.engine.calls().letter_show(LetterArgs { letter }).await.expect("the letter opens")
    }
}

async fn list(engine: &Engine, role: Role) -> LetterPage {
    let args = ListArgs { source: ListSource::Role { role }, offset: 0, limit: 50, threaded: false };
    engine.calls().letter_list(args).await.expect("a list")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_from_the_composer_to_each_recipients_own_end() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@prompt.test", "a@greylist.test", "a@nobody.test"], "auto").await;
    let id = window.send(draft.id).await;
    assert!(
        window.engine.calls().draft_list(Nothing {}).await.expect("drafts").is_empty(),
        "a draft that was sent is gone"
    );
    use DeliveryState::{Accepted, Deferred, Failed};
    window.until("three ends", async |engine| states(engine, id).await == [Accepted, Deferred, Failed]).await;
    let sidebar: Sidebar = window.engine.calls().sidebar(Nothing {}).await.expect("a side bar");
    assert_eq!((sidebar.outbox, sidebar.outbox_mark.map(|mark| mark.state)), (1, Some(Failed)));
    window
        .until("the copy in Sent, with its mark", async |engine| {
            let sent = list(engine, Role::Sent).await;
            sent.rows
                .first()
                .is_some_and(|row| row.outgoing == Some(id) && row.letter.is_some() && row.mark.is_some())
        })
        .await;
    let rows = window.list(Role::Sent).await.rows;
    assert_eq!(rows.iter().filter(|row| row.outgoing == Some(id)).count(), 1, "the letter is there once");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_taken_back_in_time_is_a_draft_again_and_nothing_left() {
    let window = Window::up_to_date().await;
    let draft = window.draft(&["a@prompt.test"], "direct").await;
    let id = window.send(draft.id).await;
    assert_eq!(states(&window.engine, id).await, [DeliveryState::Held]);
    let again = window.engine.calls().outgoing_undo(OutgoingArgs { outgoing: id }).await.expect("it is taken back");
    assert_eq!(again.draft.subject, "From the window");
    assert_eq!(again.draft.to.first().map(|to| to.address.as_str()), Some("a@prompt.test"));
    assert!(again.draft.html.contains("good news"), "{}", again.draft.html);
    let timeline = timeline(&window.engine, id).await;
    assert!(timeline.attempts.is_empty(), "nothing was dialed");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_taken_back_any_more_goes_on_to_those_who_wait_for_it() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@prompt.test", "a@greylist.test"], "direct").await;
    let id = window.send(draft.id).await;
    use DeliveryState::{Accepted, Deferred};
    window.until("one has it", async |engine| states(engine, id).await == [Accepted, Deferred]).await;
    let refused = window.engine.calls().outgoing_undo(OutgoingArgs { outgoing: id }).await.expect_err("too late");
    assert_eq!(refused.code, "too-late");
    assert_eq!(states(&window.engine, id).await, [Accepted, Deferred], "the other one is not forgotten");
    let drafts = window.engine.calls().draft_list(Nothing {}).await.expect("drafts");
    assert!(drafts.is_empty(), "and nothing is left half taken back");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_letter_is_edited_and_sent_again_to_those_who_did_not_get_it() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@prompt.test", "a@nobody.test"], "direct").await;
    let id = window.send(draft.id).await;
    use DeliveryState::{Accepted, Failed};
    window.until("both ends", async |engine| states(engine, id).await == [Accepted, Failed]).await;
    let again = window.engine.calls().outgoing_edit(OutgoingArgs { outgoing: id }).await.expect("a draft");
    let to: Vec<&str> = again.draft.to.iter().map(|to| to.address.as_str()).collect();
    assert_eq!(to, ["a@nobody.test"]);
    let sidebar = window.engine.calls().sidebar(Nothing {}).await.expect("a side bar");
    assert_eq!(sidebar.outbox, 0, "what is being edited no longer asks for attention");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_by_hand_changes_the_route_of_a_waiting_letter() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@down.test"], "direct").await;
    let id = window.send(draft.id).await;
    window.until("it waits", async |engine| states(engine, id).await == [DeliveryState::Deferred]).await;
    let order = OutgoingOrder::Route { route: "practice".to_owned().into() };
    let args = OutgoingOrderArgs { outgoing: id, delivery: None, order };
    window.engine.calls().outgoing_order(args).await.expect("the order is obeyed");
    window.until("the smart host has it", async |engine| states(engine, id).await == [DeliveryState::Relayed]).await;
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_by_itself_and_can_be_answered_filed_and_thrown_away() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@echo.test"], "direct").await;
    window.send(draft.id).await;
    let is_echo = |row: &view::LetterRow| row.subject == "Re: From the window";
    window.until("the echo", async |engine| list(engine, Role::Inbox).await.rows.iter().any(is_echo)).await;
    let row = window.list(Role::Inbox).await.rows.into_iter().find(is_echo).expect("the echo");
    let letter = row.letter.expect("a stored letter");
    assert!(row.unread);
    let view = window.open_letter(letter).await;
    assert!(view.document.is_some());

    let calls = window.engine.calls();
    let seen = LetterChangeArgs { letters: vec![letter], change: LetterChange::Seen { on: true } };
    calls.letter_change(seen).await.expect("it is read");
    assert!(!window.open_letter(letter).await.row.unread, "here at once");

    let args = DraftAnswerArgs { letter, kind: AnswerKind::Reply };
    let answer = calls.draft_answer(args).await.expect("an answer");
    assert_eq!(answer.draft.subject, "Re: From the window");
    assert_eq!(answer.draft.to.first().map(|to| to.address.as_str()), Some("a@echo.test"));
    assert!(answer.draft.in_reply_to.is_some());

    let gone = LetterId(i64::MAX);
    let file = LetterChangeArgs { letters: vec![gone, letter], change: LetterChange::File { role: Role::Archive } };
    calls.letter_change(file).await.expect("it is filed");
    assert!(!window.list(Role::Inbox).await.rows.iter().any(is_echo));
    assert!(window.list(Role::Archive).await.rows.iter().any(is_echo));
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_came_back_is_shown_as_bounced() {
    let window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "0").await;
    let draft = window.draft(&["a@bounce.test"], "direct").await;
    let id = window.send(draft.id).await;
    window.until("it came back", async |engine| states(engine, id).await == [DeliveryState::Bounced]).await;
    let diagnosis = timeline(&window.engine, id).await.outgoing.deliveries[0].diagnosis.clone();
    assert!(diagnosis.is_some_and(|diagnosis| !diagnosis.title.is_empty()));
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_when_the_program_ends_goes_on_when_it_starts_again() {
    let mut window = Window::up_to_date().await;
    window.set("outbound.undo_seconds", "2").await;
    let kept = window.draft(&[], "auto").await;
    let draft = window.draft(&["a@prompt.test"], "direct").await;
    let id = window.send(draft.id).await;
    window.engine.stop().await;
    drop(window.engine);
    window.engine = start(&window.home, Work::Everything).await;
    let drafts = window.engine.calls().draft_list(Nothing {}).await.expect("drafts");
    assert_eq!(drafts.iter().map(|draft| draft.id).collect::<Vec<_>>(), [kept.id], "the draft is there again");
    window.until("it arrived", async |engine| states(engine, id).await == [DeliveryState::Accepted]).await;
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_name_takes_less_than_half_of_a_threads_stack() {
    let home = TempDir::new().expect("a directory");
    let engine = start(&home, Work::Everything).await;
    let runtime = tokio::runtime::Handle::current();
    // A thread of the runtime has 2 MiB. One that overflows takes the whole program with it.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let call = move || runtime.block_on(engine.call("sidebar", serde_json::json!({}))).map(|_| engine);
    let engine = small.spawn(call).expect("a thread").join().expect("an end").expect("an answer");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_makes_no_sense_is_an_error_in_words() {
    let home = TempDir::new().expect("a directory");
    let engine = start(&home, Work::Everything).await;
    let unknown = engine.call("make_coffee", serde_json::json!({})).await.expect_err("no such call");
    assert_eq!(unknown.code, "no-such-call");
    let wrong = engine.call("letter_show", serde_json::json!({ "letter": "x" })).await.expect_err("wrong arguments");
    assert_eq!(wrong.code, "invalid");
    let missing = engine.call("letter_show", serde_json::json!({ "letter": 7 })).await.expect_err("no such letter");
    assert_eq!(missing.code, "not-found");
    engine.stop().await;
}
