//! Reports, warnings and destinations, as the window asks for them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use message::dsn;
use model::{DeliveryState, ReportKind};
use postrider_engine::view::{Nothing, OutgoingOrder};
use postrider_engine::*;
use tempfile::TempDir;

async fn practising(home: &TempDir) -> Engine {
    let engine =
        Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.expect("it starts");
    engine.calls().practice_start(Nothing {}).await.expect("the practice post office opens");
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_opened_saved_and_sent_on() {
    let home = TempDir::new().expect("a directory");
    let engine = practising(&home).await;
    let to = ["a@nobody.test", "a@prompt.test"].map(str::to_owned).to_vec();
    let letter = Submission { to, subject: "Tea".into(), text: "At four?".into(), ..Submission::default() };
    let id = engine.submit(Submission { route: Some("direct".to_owned().into()), ..letter }).await.expect("queued");
    assert!(engine.run_queue().await.expect("it runs"));
    let shown = engine.calls().outgoing_show(OutgoingArgs { outgoing: id }).await.expect("a timeline");
    assert!(shown.late.is_empty());
    let [report] = shown.reports.as_slice() else { panic!("one report: {:?}", shown.reports) };
    assert_eq!((report.kind, report.delivery), (ReportKind::Failed, shown.outgoing.deliveries[0].id));

    let args = || ReportArgs { report: report.id };
    let opened = engine.calls().report_show(args()).await.expect("it opens");
    assert_eq!(opened.letter.row.subject, "Undelivered: Tea");
    assert_eq!(opened.letter.row.outgoing, Some(id));
    let document = opened.letter.document.expect("a document");
    let page = engine.document(&document, "").await.expect("it is served");
    assert!(String::from_utf8_lossy(&page.body).contains("a@nobody.test"));
    assert!(opened.source.contains("Final-Recipient: rfc822; a@nobody.test"));

    let path = home.path().join("report.eml");
    let save = ReportSaveArgs { report: report.id, path: path.display().to_string() };
    engine.calls().report_save(save).await.expect("it is saved");
    assert!(dsn::read(&std::fs::read(&path).expect("it is there")).is_some());

    let draft = engine.calls().report_forward(args()).await.expect("a draft");
    assert_eq!(draft.draft.subject, "Fwd: Undelivered: Tea");
    assert_eq!(
        draft.attachments.iter().map(|file| file.content_type.as_str()).collect::<Vec<_>>(),
        ["message/rfc822"]
    );
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_composer_is_warned_and_the_failed_ones_alone_are_tried_again() {
    let home = TempDir::new().expect("a directory");
    let engine = practising(&home).await;
    let to = ["a@nobody.test", "a@full.test", "a@prompt.test"].map(str::to_owned).to_vec();
    let letter = Submission { to, text: "At four?".into(), ..Submission::default() };
    let id = engine.submit(Submission { route: Some("direct".to_owned().into()), ..letter }).await.expect("queued");
    engine.run_queue().await.expect("it runs");

    let addresses = ["A@NOBODY.test", "a@full.test", "half-typed"].map(str::to_owned).to_vec();
    let warnings = engine.calls().recipient_warnings(RecipientWarningsArgs { addresses }).await.expect("warnings");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].message.contains("does not exist") && warnings[0].reply.starts_with("550"), "{warnings:?}");

    let destinations = engine.calls().destination_list(Nothing {}).await.expect("destinations");
    let prompt = destinations.iter().find(|one| one.domain == "prompt.test").expect("it was learned");
    assert!(prompt.last_success.is_some() && prompt.first_seen.is_some(), "{prompt:?}");
    let full = destinations.iter().find(|one| one.domain == "full.test").expect("it was learned");
    assert!(full.first_seen.is_some() && full.last_failure.is_none(), "one mailbox is full: {full:?}");
    let forget = || engine.calls().destination_forget(DestinationArgs { domain: " Prompt.test ".to_owned() });
    let left = forget().await.expect("it is forgotten");
    assert!(left.len() == destinations.len() - 1 && left.iter().all(|one| one.domain != "prompt.test"), "{left:?}");
    assert_eq!(forget().await.expect_err("it is forgotten already").code, "not-found");

    let order = || OutgoingOrderArgs { outgoing: id, delivery: None, order: OutgoingOrder::RetryFailed };
    let shown = engine.calls().outgoing_order(order()).await.expect("it is obeyed");
    let states: Vec<DeliveryState> = shown.outgoing.deliveries.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Queued, DeliveryState::Deferred, DeliveryState::Accepted]);
    assert_eq!(engine.calls().outgoing_order(order()).await.expect_err("none is left").code, "no-change");
    engine.stop().await;
}
