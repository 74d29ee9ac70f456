use super::*;
use crate::testing;
use advisor::checks::finding::Finding;
use tempfile::TempDir;

async fn engine() -> (TempDir, Engine) {
    let home = tempfile::tempdir().unwrap();
    let store = store::Store::open(home.path()).await.unwrap();
    // A world on this computer, in which nobody answers.
    store.set_setting("net.dns", Some("127.0.0.1:9")).await.unwrap();
    store.set_setting("net.smtp_port", Some("9")).await.unwrap();
    drop(store);
    let engine = testing::engine(home.path()).await;
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
    engine.keep(None, &here, identity.to_owned(), &report, None).await.unwrap();
}

async fn account(engine: &Engine) -> AccountId {
    let account = testing::account("anna@example.org");
    engine.store().add_account(account).await.unwrap().id
}

/// A letter that waits to go to its recipient's own server.
async fn waiting_letter(engine: &Engine, account: AccountId) {
    let letter = store::NewOutgoing {
        account: Some(account),
        message_id: "1@example.org".to_owned(),
        sender: "anna@example.org".parse().ok(),
        from: model::Address::new(None, "anna@example.org"),
        to: Vec::new(),
        subject: "Test".to_owned(),
        snippet: String::new(),
        attachments: 0,
        bytes: b"Subject: Test\r\n\r\nText\r\n".to_vec(),
        route: model::RoutePolicy::Direct,
        recipients: vec!["ben@example.net".parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: Timestamp::now(),
        answers: None,
        require_tls: false,
    };
    engine.store().submit(letter).await.unwrap();
}

/// By the servers of two owners.
async fn refused(engine: &Engine, class: model::Class) {
    for host in ["example.net", "example.com"] {
        refused_by(engine, class, host).await;
    }
}

async fn refused_by(engine: &Engine, class: model::Class, host: &str) {
    let network = now(engine).await.network.unwrap().id;
    let lesson = store::NetworkLesson {
        class,
        host: host.to_owned(),
        sender: String::new(),
        reply: "550 5.7.25 No PTR record".to_owned(),
        at: Timestamp::now(),
    };
    engine.store().note_network_lesson(network, lesson).await.unwrap();
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
    let engine = testing::engine(home.path()).await;
    let after = now(&engine).await;
    let latest = after.latest.unwrap();
    assert_eq!(
        (latest.report.because.as_str(), latest.fresh, latest.at),
        ("the second", true, latest.whole_at.unwrap())
    );
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
    engine.keep(None, &here, String::new(), &report, None).await.unwrap();
    assert_eq!(now(&engine).await.latest, None);
    assert!(engine.store().networks(false).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_found_on_a_network_that_is_not_recognised_lasts_until_the_next_one() {
    let (_home, engine) = engine().await;
    let here = Here { whereabouts: Whereabouts::Nowhere, ..engine.here(None).await.unwrap() };
    engine.keep(None, &here, String::new(), &report(Verdict::Good, "passing", Vec::new()), None).await.unwrap();
    assert!(engine.store().networks(false).await.unwrap().is_empty());
    assert_eq!(now(&engine).await.latest.unwrap().report.because, "passing");
    engine.inner.worlds.net(None).woke();
    assert_eq!(now(&engine).await.latest, None);
}

#[tokio::test]
async fn only_the_users_own_identities_are_shown() {
    let (_home, engine) = engine().await;
    account(&engine).await;
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

#[tokio::test]
async fn what_a_mail_server_said_changes_what_is_shown_until_the_next_check() {
    let (_home, engine) = engine().await;
    found(&engine, "", "nothing against it").await;
    refused(&engine, model::Class::SenderNoRdns).await;
    let latest = now(&engine).await.latest.unwrap();
    assert_eq!(latest.report.verdict, Verdict::Risky);
    let finding = latest.report.findings.last().unwrap();
    assert_eq!(finding.evidence[0].answer, "550 5.7.25 No PTR record");
    assert!(latest.report.for_support.contains("550 5.7.25"), "{}", latest.report.for_support);
    assert!(!latest.report.for_support.contains("example.net"), "{}", latest.report.for_support);
    found(&engine, "", "looked at again").await;
    let latest = now(&engine).await.latest.unwrap();
    assert_eq!((latest.report.verdict, latest.report.because.as_str()), (Verdict::Good, "looked at again"));
}

#[tokio::test]
async fn what_one_mail_server_said_is_shown_and_turns_no_verdict() {
    let (_home, engine) = engine().await;
    let account = account(&engine).await;
    found(&engine, "", "nothing against it").await;
    waiting_letter(&engine, account).await;
    let known = engine.tell_of_verdict(None).await;
    let mut events = engine.events();
    refused_by(&engine, model::Class::SenderNoRdns, "example.net").await;
    let latest = now(&engine).await.latest.unwrap();
    let finding = latest.report.findings.last().unwrap();
    assert_eq!((finding.found.as_str(), latest.report.verdict), ("said-by-one", Verdict::Good));
    assert_eq!(engine.tell_of_verdict(known).await, known);
    let told = std::iter::from_fn(|| events.try_recv().ok());
    assert_eq!(told.filter(|event| matches!(event, crate::view::Event::DirectVerdict { .. })).count(), 0);
}

#[tokio::test]
async fn the_text_for_others_names_no_correspondent_beside_what_was_said_since() {
    let (_home, engine) = engine().await;
    found(&engine, "", "nothing against it").await;
    refused(&engine, model::Class::SenderNoRdns).await;
    // As if the check had found it, at somebody's host.
    let mut found = now(&engine).await.latest.unwrap().report.findings;
    found[0].title = "mx.friend.test refused it".to_owned();
    found[0].evidence[0].asked = "mx.friend.test".to_owned();
    let told = told_by(&engine.store().network_at(false, &mark(&engine).await).await.unwrap().unwrap().lessons);
    let before = jiff::SignedDuration::from_mins(1);
    let looked = Looked { at: Timestamp::now() - before, whole_at: Timestamp::now() - before };
    let report = report(Verdict::Good, "", found);
    let given = with_told(report, About::Network, looked, &told, Timestamp::now());
    assert_eq!(given.findings[0].evidence.len(), 4);
    let text = given.for_support;
    assert!(text.contains("550 5.7.25 No PTR record") && !text.contains("friend.test"), "{text}");
    assert!(!text.contains("example.net"), "{text}");
}

async fn mark(engine: &Engine) -> Vec<u8> {
    let Whereabouts::On(seen) = engine.here(None).await.unwrap().whereabouts else { panic!("on this computer") };
    seen.mark.as_bytes().to_vec()
}

#[tokio::test]
async fn what_a_mail_server_said_is_shown_where_nobody_looked() {
    let (_home, engine) = engine().await;
    let here = engine.here(None).await.unwrap();
    let Whereabouts::On(seen) = here.whereabouts else { panic!("on this computer") };
    engine.store().note_network(false, seen.mark.as_bytes(), seen.kind, Timestamp::now()).await.unwrap();
    refused(&engine, model::Class::SenderDynamicIp).await;
    let latest = now(&engine).await.latest.unwrap();
    assert_eq!((latest.whole_at, latest.report.verdict), (None, Verdict::Risky));
}

#[tokio::test]
async fn a_network_that_nobody_looked_at_is_looked_at_once_and_not_without_an_account() {
    let (_home, engine) = engine().await;
    engine.look_again().await.unwrap();
    assert_eq!(now(&engine).await.latest, None, "nobody would send from it");
    account(&engine).await;
    engine.look_again().await.unwrap();
    let first = now(&engine).await.latest.unwrap();
    assert_eq!(first.whole_at, Some(first.at));
    engine.look_again().await.unwrap();
    assert_eq!(now(&engine).await.latest.unwrap().at, first.at);
}

#[tokio::test]
async fn a_network_is_looked_at_by_an_order_alone_where_the_user_wants_that() {
    let (_home, engine) = engine().await;
    account(&engine).await;
    let set = async |value: &str| engine.store().set_setting("checks.by_itself", Some(value)).await.unwrap();
    set("false").await;
    engine.look_again().await.unwrap();
    assert_eq!(now(&engine).await.latest, None);
    set("true").await;
    engine.look_again().await.unwrap();
    assert!(now(&engine).await.latest.is_some());
}

#[tokio::test]
async fn another_verdict_is_told_where_letters_wait_for_it() {
    let (_home, engine) = engine().await;
    let account = account(&engine).await;
    found(&engine, "", "nothing against it").await;
    let known = engine.tell_of_verdict(None).await;
    assert_eq!(known, Some(Verdict::Good));
    let mut events = engine.events();
    refused(&engine, model::Class::Port25Blocked).await;
    assert_eq!(engine.tell_of_verdict(known).await, Some(Verdict::Blocked));
    assert!(events.try_recv().is_err(), "no letter waits");
    waiting_letter(&engine, account).await;
    engine.tell_of_verdict(known).await;
    let told = std::iter::from_fn(|| events.try_recv().ok()).last().unwrap();
    let crate::view::Event::DirectVerdict { verdict, waiting, .. } = told else { panic!("{told:?}") };
    assert_eq!((verdict, waiting), (Verdict::Blocked, 1));
}

#[tokio::test]
async fn a_switch_of_the_practice_world_changes_its_network_and_no_other() {
    let (_home, engine) = engine().await;
    let worlds = &engine.inner.worlds;
    let practice = store::NewAccount { practice: true, ..testing::account("you@practice.test") };
    let account = engine.store().add_account(practice).await.unwrap().id;
    worlds.reload(engine.store()).await.unwrap();
    let (real, practice) = (worlds.network_changes(), outbound::World::practice_changes(&**worlds));
    worlds.follow(practice::Switches { portal: practice::Portal::On, ..Default::default() }).unwrap();
    assert!(practice.has_changed().unwrap() && !real.has_changed().unwrap());
    assert!(worlds.net_of_world(Some(account)).is_some());
    assert!(worlds.net_of_world(Some(AccountId(account.0 + 1))).is_none(), "it has no network, not the real one");
}

/// A key of example.org that DNS showed so many minutes from now on.
async fn key_seen(engine: &Engine, algorithm: model::DkimAlgorithm, minutes: i64) {
    let at = Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
    let key = store::NewDkimKey {
        domain: "example.org".to_owned(),
        selector: "s1".to_owned(),
        algorithm,
        public_key: "AAAA".to_owned(),
        created_at: at,
    };
    let id = engine.store().add_dkim_key(key).await.unwrap();
    let standing = store::DkimStanding { seen_at: Some(at), checked_at: Some(at), ..store::DkimStanding::default() };
    engine.store().note_dkim_standing(vec![(id, standing)]).await.unwrap();
}

fn no_key() -> advisor::checks::finding::Finding {
    use advisor::checks::identity::{DkimSeen, dkim};
    dkim(&DkimSeen { domain: "example.org".to_owned(), keys: Vec::new() })
}

#[tokio::test]
async fn findings_rule_for_a_day_and_those_of_a_key_until_it_is_seen() {
    let anna: EmailAddress = "anna@example.org".parse().unwrap();
    let day = jiff::SignedDuration::from_hours(24);
    // How old what was found is, the key that DNS showed since, and what counts of the network and the key.
    let minute = jiff::SignedDuration::from_mins(1);
    let (rsa, ed25519) = (model::DkimAlgorithm::RsaSha256, model::DkimAlgorithm::Ed25519Sha256);
    let table = [
        (minute, None, (1, 1)),
        (day - minute, None, (1, 1)),
        (day, None, (0, 0)),
        (minute, Some((rsa, 0)), (1, 0)),
        (minute, Some((rsa, -5)), (1, 1)),
        (minute, Some((ed25519, 0)), (1, 1)),
    ];
    for (age, key, expected) in table {
        let (_home, engine) = engine().await;
        let account = account(&engine).await;
        let here = engine.here(None).await.unwrap();
        for identity in ["", "anna@example.org"] {
            let at = Timestamp::now() - age;
            let report = report(Verdict::Risky, "", vec![no_key()]);
            let found = Found { identity: identity.to_owned(), at, whole_at: at, report };
            engine.inner.networks.remember(here.stay, found);
        }
        if let Some((algorithm, minutes)) = key {
            key_seen(&engine, algorithm, minutes).await;
        }
        let counting = engine.findings_that_count(account, &anna).await.unwrap();
        assert_eq!((counting.network.len(), counting.identity.len()), expected, "{age:?} {key:?}");
    }
}

#[tokio::test]
async fn a_sender_is_looked_at_again_when_its_key_is_seen() {
    let (_home, engine) = engine().await;
    account(&engine).await;
    found(&engine, "anna@example.org", "without a key").await;
    let because = async || now(&engine).await.identities[0].report.because.clone();
    engine.look_at_senders_again("example.org").await.unwrap();
    assert_eq!(because().await, "without a key", "nothing else is known of a key");
    key_seen(&engine, model::DkimAlgorithm::RsaSha256, 1).await;
    engine.look_at_senders_again("example.net").await.unwrap();
    assert_eq!(because().await, "without a key", "it is another's");
    engine.look_at_senders_again("example.org").await.unwrap();
    assert_ne!(because().await, "without a key");
}
