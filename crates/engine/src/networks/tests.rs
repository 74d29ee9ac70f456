use super::*;
use crate::{Options, Work};
use advisor::checks::finding::Finding;
use tempfile::TempDir;

async fn engine() -> (TempDir, Engine) {
    let home = tempfile::tempdir().unwrap();
    let store = store::Store::open(home.path()).await.unwrap();
    // A world on this computer, in which nobody answers.
    store.set_setting("net.dns", Some("127.0.0.1:9")).await.unwrap();
    store.set_setting("net.smtp_port", Some("9")).await.unwrap();
    drop(store);
    let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
    (home, engine)
}

fn report(verdict: Verdict, because: &str, findings: Vec<Finding>) -> CheckReport {
    CheckReport { verdict, because: because.to_owned(), findings, took_ms: 5, for_support: String::new() }
}

async fn now(engine: &Engine) -> NetworkNow {
    engine.network_now(NetworkNowArgs::default()).await.unwrap()
}

async fn found(engine: &Engine, identity: &str, because: &str) {
    let here = engine.here(None).await.unwrap();
    let report = report(Verdict::Good, because, Vec::new());
    engine.keep(None, &here, identity.to_owned(), &report).await.unwrap();
}

#[tokio::test]
async fn a_check_is_kept_with_its_network_and_shown_at_the_next_start() {
    let (home, engine) = engine().await;
    let before = now(&engine).await;
    assert_eq!((before.here, before.network, before.latest), (NetworkHere::Recognised, None, None));
    found(&engine, "", "the first").await;
    found(&engine, "", "the second").await;
    engine.stop().await;
    drop(engine);
    let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
    let after = now(&engine).await;
    let latest = after.latest.unwrap();
    assert_eq!((latest.report.because.as_str(), latest.fresh, latest.at), ("the second", true, latest.whole_at));
    assert_eq!(after.network.unwrap().name, "On this computer");
    let history = engine.network_history(NetworkNowArgs::default()).await.unwrap();
    let lines: Vec<&str> = history[0].checks.iter().map(|check| &*check.because).collect();
    assert_eq!((history.len(), history[0].here, lines), (1, true, vec!["the second", "the first"]));
    let first = history[0].checks[1].id;
    let opened = engine.network_check_show(NetworkCheckArgs { check: first }).await.unwrap();
    assert_eq!(opened.report.because, "the first");
}

#[tokio::test]
async fn a_check_during_which_the_network_changed_is_nobodys() {
    let (_home, engine) = engine().await;
    let here = engine.here(None).await.unwrap();
    engine.inner.worlds.net(None).woke();
    let report = report(Verdict::Blocked, "of the network before", Vec::new());
    engine.keep(None, &here, String::new(), &report).await.unwrap();
    assert_eq!(now(&engine).await.latest, None);
    assert!(engine.store().networks(false).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_found_on_a_network_that_is_not_recognised_lasts_until_the_next_one() {
    let (_home, engine) = engine().await;
    let here = Here { whereabouts: Whereabouts::Nowhere, ..engine.here(None).await.unwrap() };
    engine.keep(None, &here, String::new(), &report(Verdict::Good, "passing", Vec::new())).await.unwrap();
    assert!(engine.store().networks(false).await.unwrap().is_empty());
    assert_eq!(now(&engine).await.latest.unwrap().report.because, "passing");
    engine.inner.worlds.net(None).woke();
    assert_eq!(now(&engine).await.latest, None);
}

#[tokio::test]
async fn only_the_users_own_identities_are_shown() {
    let (_home, engine) = engine().await;
    let account = store::NewAccount {
        address: "anna@example.org".parse().unwrap(),
        name: String::new(),
        imap: None,
        smart_hosts: Vec::new(),
        practice: false,
    };
    engine.store().add_account(account).await.unwrap();
    found(&engine, "anna@example.org", "anna").await;
    found(&engine, "gone@example.org", "removed since").await;
    let identities = now(&engine).await.identities;
    let shown: Vec<(&str, &str)> = identities.iter().map(|one| (&*one.address, &*one.report.because)).collect();
    assert_eq!(shown, [("anna@example.org", "anna")]);
}

#[tokio::test]
async fn a_network_can_be_named_and_forgotten() {
    let (_home, engine) = engine().await;
    found(&engine, "", "something").await;
    let id = now(&engine).await.network.unwrap().id;
    engine.network_rename(NetworkRenameArgs { network: id, name: "At home".into() }).await.unwrap();
    let network = now(&engine).await.network.unwrap();
    assert_eq!((network.name.as_str(), network.named), ("At home", true));
    engine.network_forget(NetworkArgs { network: id }).await.unwrap();
    let after = now(&engine).await;
    assert_eq!((after.network, after.latest), (None, None));
    assert!(engine.network_forget(NetworkArgs { network: id }).await.is_err());
    assert!(engine.network_rename(NetworkRenameArgs { network: id, name: "x".into() }).await.is_err());
}
