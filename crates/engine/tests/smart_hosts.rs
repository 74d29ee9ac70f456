//! Smart hosts as the window and the command line change them: their names, their order, their passwords.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod desk;

use desk::Desk;
use model::{DeliveryState, OutgoingId, RoutePolicy, RouteRule, Server};
use postrider_engine::view::Nothing;
use postrider_engine::*;
use store::{Secrets, SecretsKind, smart_host_key};

impl Desk {
    /// The names of the smart hosts, each with its password.
    async fn hosts(&self) -> Vec<(String, Option<String>)> {
        let secrets = Secrets::open(SecretsKind::File, self.home.path()).await.unwrap();
        let mut hosts = Vec::new();
        for host in self.account().await.smart_hosts {
            let secret = secrets.get(&smart_host_key(&host.name)).await.unwrap();
            hosts.push((host.name, secret.map(|secret| secret.expose().to_owned())));
        }
        hosts
    }

    /// How often a server was really asked for an outgoing.
    async fn conversations(&self, outgoing: OutgoingId) -> usize {
        self.timeline(outgoing).await.attempts.iter().filter(|attempt| attempt.reply.is_some()).count()
    }

    async fn password(&self, smart_host: &str, password: &str) {
        let args = PasswordArgs {
            account: self.account().await.id,
            smart_host: Some(smart_host.to_owned()),
            password: password.to_owned(),
            untested: Some(true),
        };
        self.engine.calls().account_password(args).await.unwrap();
    }
}

fn named(hosts: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    hosts.iter().map(|(name, secret)| ((*name).to_owned(), secret.map(str::to_owned))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn smart_hosts_exchange_their_names_and_keep_their_passwords() {
    let desk = Desk::open(Work::Nothing).await;
    for (name, secret) in [("a", "of a"), ("b", "of b")] {
        desk.add(name, desk.submission(), Some(secret)).await.unwrap();
    }
    let mut account = desk.account().await;
    account.smart_hosts[0].name = "b".to_owned();
    account.smart_hosts[1].name = "a".to_owned();
    desk.engine.calls().account_update(account).await.unwrap();
    assert_eq!(desk.hosts().await, named(&[("b", Some("of a")), ("a", Some("of b"))]));

    let mut account = desk.account().await;
    account.smart_hosts.reverse();
    desk.engine.calls().account_update(account).await.unwrap();
    assert_eq!(desk.hosts().await, named(&[("a", Some("of b")), ("b", Some("of a"))]), "the order alone changed");

    let mut account = desk.account().await;
    account.smart_hosts.remove(0);
    desk.engine.calls().account_update(account).await.unwrap();
    desk.add("a", desk.submission(), Some("new")).await.unwrap();
    assert_eq!(desk.hosts().await, named(&[("b", Some("of a")), ("a", Some("new"))]));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_refused_costs_no_password() {
    let desk = Desk::open(Work::Nothing).await;
    for (name, secret) in [("a", "of a"), ("b", "of b")] {
        desk.add(name, desk.submission(), Some(secret)).await.unwrap();
    }
    let before = desk.hosts().await;
    let mut taken = desk.account().await;
    taken.smart_hosts[0].name = "B".to_owned();
    let mut dangling = desk.account().await;
    dangling.smart_hosts.swap(0, 1);
    dangling.smart_hosts[0].name = "a".to_owned();
    dangling.smart_hosts[1].name = "c".to_owned();
    dangling.rules = vec![RouteRule { domain: "*".to_owned(), route: RoutePolicy::SmartHost("gone".to_owned()) }];
    let mut wrong_rule = desk.account().await;
    wrong_rule.smart_hosts.remove(0);
    wrong_rule.rules = vec![RouteRule { domain: "a b".to_owned(), route: RoutePolicy::Direct }];
    for wanted in [taken, dangling, wrong_rule] {
        let error = desk.engine.calls().account_update(wanted).await.unwrap_err();
        assert_eq!(error.code, "invalid", "{error:?}");
        assert_eq!(desk.hosts().await, before);
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smart_host_without_a_login_is_one_with_an_empty_user() {
    let desk = Desk::open(Work::Nothing).await;
    let open = Server { user: " ".to_owned(), ..desk.submission() };
    let account = desk.add("", open, None).await.unwrap();
    assert_eq!(account.smart_hosts[0].server.user, "");
    assert_eq!(account.smart_hosts[0].name, "127.0.0.1");
    let account = desk.engine.calls().account_update(account).await.unwrap();
    assert_eq!(account.smart_hosts[0].server.user, "", "also after an update");

    let table = [
        (Server { user: String::new(), ..desk.submission() }, Some("x")),
        (desk.submission(), None),
        (Server { host: " ".to_owned(), ..desk.submission() }, Some("x")),
        (Server { port: 0, ..desk.submission() }, Some("x")),
    ];
    for (server, secret) in table {
        let error = desk.add("other", server, secret).await.unwrap_err();
        assert!(error.code == "invalid" && !error.hint.is_empty(), "{error:?}");
    }
    for name in ["direct", "Auto", "127.0.0.1"] {
        assert!(desk.add(name, desk.submission(), Some("x")).await.is_err(), "{name}");
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_the_server_said_and_keeps_nothing() {
    let desk = Desk::open(Work::Nothing).await;
    let test = async |server: Server, secret: Option<&str>| {
        let secret = secret.map(str::to_owned);
        let args = SmartHostTestArgs { account: None, smart_host: None, server, secret };
        desk.engine.calls().smart_host_test(args).await.unwrap()
    };
    let right = desk.office.info().password.clone();
    assert!(test(desk.submission(), Some(&right)).await.ok);
    assert!(test(Server { user: String::new(), ..desk.submission() }, None).await.ok);
    let wrong = test(desk.submission(), Some("wrong")).await;
    assert!(!wrong.ok && wrong.message.contains("535"), "{wrong:?}");
    let dead = test(Server { port: 1, ..desk.submission() }, Some("x")).await;
    assert!(!dead.ok && dead.message.contains("refused the connection"), "{dead:?}");
    let none = test(desk.submission(), None).await;
    assert!(!none.ok && none.message.contains("no password"), "{none:?}");
    assert!(desk.account().await.smart_hosts.is_empty());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_for_a_new_password_and_then_go_at_once() {
    let desk = Desk::open(Work::Nothing).await;
    desk.add("relay", desk.submission(), Some("wrong")).await.unwrap();
    let mut account = desk.account().await;
    account.identities[0].route = RoutePolicy::SmartHost("relay".to_owned());
    desk.engine.calls().account_update(account).await.unwrap();
    let first = desk.send("anna@prompt.test", None).await;
    desk.engine.run_queue().await.unwrap();
    let second = desk.send("bo@prompt.test", None).await;
    desk.engine.run_queue().await.unwrap();
    for id in [first, second] {
        assert_eq!(desk.state(id).await, DeliveryState::Deferred);
    }
    desk.engine.run_queue().await.unwrap();
    assert_eq!(desk.conversations(first).await, 1, "it waits for the user");
    desk.password("relay", &desk.office.info().password.clone()).await;
    desk.engine.run_queue().await.unwrap();
    for id in [first, second] {
        assert_eq!(desk.state(id).await, DeliveryState::Relayed);
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_side_bar_says_that_the_queue_is_paused() {
    let desk = Desk::open(Work::Nothing).await;
    let paused = async || desk.engine.calls().sidebar(Nothing {}).await.unwrap().paused;
    assert!(!paused().await);
    desk.set("outbound.paused", "true").await;
    assert!(paused().await);
    let id = desk.send("anna@prompt.test", None).await;
    desk.engine.run_queue().await.unwrap();
    assert_eq!(desk.state(id).await, DeliveryState::Queued);
    desk.set("outbound.paused", "false").await;
    desk.engine.run_queue().await.unwrap();
    assert_eq!(desk.state(id).await, DeliveryState::Accepted);
    desk.close().await;
}
