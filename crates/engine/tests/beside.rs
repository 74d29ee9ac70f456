//! Two Postriders on one home: the window, and a command beside it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod window;

use model::{Account, DeliveryState, OutgoingId, Secret, Security, Server, SmartHost, SmartHostId};
use postrider_engine::view::{AccountForm, AccountWithPassword, Nothing, ServerForm, SyncState};
use postrider_engine::*;
use practice::PostOffice;
use std::time::{Duration, Instant};
use store::{Secrets, SecretsKind, Store, smart_host_key};
use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::broadcast;
use window::{start, until};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

async fn heard(events: &mut broadcast::Receiver<Event>, what: &str, is_it: impl Fn(&Event) -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            match events.recv().await {
                Ok(event) if is_it(&event) => return,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => panic!("the engine ended before {what}"),
            }
        }
    });
    waited.await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

async fn accounts(engine: &Engine) -> Vec<Account> {
    engine.calls().account_list(Nothing {}).await.unwrap()
}

async fn sync_of(engine: &Engine, position: usize) -> Option<SyncState> {
    let sidebar = engine.calls().sidebar(Nothing {}).await.unwrap();
    sidebar.accounts.into_iter().nth(position).map(|account| account.sync)
}

async fn set(engine: &Engine, key: &str, value: &str) {
    let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
    engine.calls().setting_set(args).await.unwrap();
}

async fn send(engine: &Engine, to: &str) -> OutgoingId {
    let from = accounts(engine).await[0].address.to_string();
    let submission = Submission {
        from: Some(from),
        to: vec![to.to_owned()],
        subject: "Beside".to_owned(),
        text: "Dear all".to_owned(),
        attachments: Vec::new(),
        route: Some("direct".to_owned().into()),
        require_tls: false,
        at: None,
    };
    engine.submit(submission).await.unwrap()
}

async fn state(engine: &Engine, outgoing: OutgoingId) -> DeliveryState {
    let view = engine.calls().outgoing_show(OutgoingArgs { outgoing }).await.unwrap();
    view.outgoing.deliveries[0].state
}

async fn add(engine: &Engine, address: &str, imap_port: Option<u16>) -> Account {
    let imap = imap_port.map(|port| ServerForm::new("127.0.0.1", port, Security::None));
    let user = if imap.is_some() { address.to_owned() } else { String::new() };
    let form = AccountForm { user, address: address.to_owned(), name: String::new(), imap, smtp: None };
    let args = AccountWithPassword { form, password: "secret".to_owned(), sign_in: None };
    engine.calls().account_add(args).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_uses_the_practice_post_office_of_the_window_and_leaves_its_account_alone() {
    let home = TempDir::new().unwrap();
    let window = start(&home, Work::Everything).await;
    window.calls().practice_start(Nothing {}).await.unwrap();
    let before = accounts(&window).await;
    let command = start(&home, Work::Nothing).await;
    let reports = command.sync_all().await.unwrap();
    assert!(reports[0].1.is_ok(), "{reports:?}");
    assert!(!command.run_queue().await.unwrap(), "the window runs the queue");
    assert_eq!(accounts(&window).await, before);
    command.stop().await;
    let id = send(&window, "anna@prompt.test").await;
    until(&window, "it arrives", async |engine| state(engine, id).await == DeliveryState::Accepted).await;
    window.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_practice_post_office_goes_on_in_the_process_that_stays() {
    let home = TempDir::new().unwrap();
    let first = start(&home, Work::Sync).await;
    let before = first.calls().practice_start(Nothing {}).await.unwrap();
    let second = start(&home, Work::Sync).await;
    let up_to_date = async |engine: &Engine| sync_of(engine, 0).await == Some(SyncState::UpToDate);
    until(&second, "the office of the first serves both", up_to_date).await;
    first.stop().await;
    drop(first);
    until(&second, "the account moved", async |engine| accounts(engine).await[0].imap != before.imap).await;
    until(&second, "the second keeps it", up_to_date).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_mail_reaches_nobody_while_no_practice_post_office_is_open() {
    let home = TempDir::new().unwrap();
    let window = start(&home, Work::Sync).await;
    window.calls().practice_start(Nothing {}).await.unwrap();
    window.stop().await;
    drop(window);
    let real_dns = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let store = Store::open(home.path()).await.unwrap();
    let _office_that_is_not_open = store.practice_lock().unwrap().unwrap();
    let command = start(&home, Work::Nothing).await;
    set(&command, "net.dns", &real_dns.local_addr().unwrap().to_string()).await;
    set(&command, "net.smtp_port", "9").await;
    set(&command, "outbound.undo_seconds", "0").await;
    let id = send(&command, "anna@prompt.test").await;
    command.run_queue().await.unwrap();
    assert_eq!(state(&command, id).await, DeliveryState::Deferred);
    let mut query = [0; 512];
    assert!(real_dns.try_recv(&mut query).is_err(), "no real name server was asked");
    command.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_runs_for_long_follows_settings_that_another_process_changes() {
    let home = TempDir::new().unwrap();
    let options = practice::Options { letters: practice::Letters::None, ..Default::default() };
    prepare_process();
    let office = PostOffice::start(options).await.unwrap();
    let command = start(&home, Work::Nothing).await;
    set(&command, "net.dns", "127.0.0.1:9").await;
    set(&command, "net.smtp_port", "9").await;
    add(&command, "you@practice.test", None).await;
    let queue = start(&home, Work::Nothing).await;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        queue.keep_running_queue(async { ended.await.unwrap_or_default() }).await.expect("it ran");
        queue.stop().await;
    });
    let id = send(&command, "anna@prompt.test").await;
    until(&command, "it waits", async |engine| state(engine, id).await == DeliveryState::Deferred).await;
    set(&command, "net.smtp_port", &office.info().smtp_port.to_string()).await;
    set(&command, "net.dns", &office.info().dns).await;
    until(&command, "it arrives", async |engine| state(engine, id).await == DeliveryState::Accepted).await;
    end.send(()).unwrap();
    running.await.unwrap();
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_another_process_adds_or_removes_is_synced_or_no_longer() {
    let home = TempDir::new().unwrap();
    let window = start(&home, Work::Sync).await;
    let mut events = window.events();
    let command = start(&home, Work::Nothing).await;
    set(&command, "secrets.store", "file").await;
    let account = add(&command, "you@example.org", Some(1)).await;
    let offline = |event: &Event| matches!(event, Event::Sync { state: SyncState::Offline { .. }, .. });
    heard(&mut events, "its sync", offline).await;
    command.calls().account_remove(AccountArgs { account: account.id }).await.unwrap();
    until(&window, "it is gone", async |engine| sync_of(engine, 0).await.is_none()).await;
    window.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_another_process_records_is_announced_once_and_everything_looked_at_again() {
    let home = TempDir::new().unwrap();
    let window = start(&home, Work::Sync).await;
    window.calls().practice_start(Nothing {}).await.unwrap();
    let command = start(&home, Work::Nothing).await;
    let mut events = window.events();
    for _ in 0..2 {
        let id = send(&command, "anna@nobody.test").await;
        heard(&mut events, "another process wrote", |event| matches!(event, Event::Stale)).await;
        assert!(command.run_queue().await.unwrap());
        let mut refused = Vec::new();
        let is_refusal = |event: &Event| matches!(event, Event::Refused { .. });
        while refused.last() != Some(&id) {
            let waited = tokio::time::timeout(PATIENCE, events.recv()).await;
            match waited.expect("in vain: it is announced") {
                Ok(event) if is_refusal(&event) => {
                    let Event::Refused { id, .. } = event else { continue };
                    refused.push(id);
                }
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => panic!("the engine ended"),
            }
        }
        assert_eq!(refused, [id]);
    }
    window.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_stays_with_its_smart_host_under_another_name_and_goes_to_no_other() {
    let home = TempDir::new().unwrap();
    let engine = start(&home, Work::Nothing).await;
    set(&engine, "secrets.store", "file").await;
    let mut account = add(&engine, "you@example.org", Some(1)).await;
    let host = |id, name: &str| SmartHost {
        id: SmartHostId(id),
        name: name.to_owned(),
        server: Server {
            host: format!("{name}.example"),
            port: 587,
            security: Security::Starttls,
            user: "you".into(),
            login: model::LoginForm::Password,
            trusted: None,
        },
    };
    account.smart_hosts = vec![host(0, "one"), host(0, "two")];
    let mut account = engine.calls().account_update(account).await.unwrap();
    let secrets = Secrets::open(SecretsKind::File, home.path()).await.unwrap();
    let of = async |name: &str| secrets.get(&smart_host_key(name)).await.unwrap();
    assert_eq!((of("one").await, of("two").await), (None, None), "the password of the account is not given away");

    for (name, password) in [("one", "first"), ("two", "second")] {
        secrets.set(&smart_host_key(name), &Secret::new(password.to_owned())).await.unwrap();
    }
    // The first takes a free name, the second the one that the first had.
    account.smart_hosts[0].name = "three".to_owned();
    account.smart_hosts[1].name = "one".to_owned();
    let mut account = engine.calls().account_update(account).await.unwrap();
    let shown = |secret: Option<Secret>| secret.map(|secret| secret.expose().to_owned());
    assert_eq!(shown(of("three").await).as_deref(), Some("first"));
    assert_eq!(shown(of("one").await).as_deref(), Some("second"));
    assert_eq!(of("two").await, None);

    account.smart_hosts[1] = host(0, "one");
    engine.calls().account_update(account).await.unwrap();
    assert_eq!(of("one").await, None, "another host of that name");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_all_servers_at_once() {
    let home = TempDir::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let engine = start(&home, Work::Everything).await;
    set(&engine, "secrets.store", "file").await;
    let mut connections = Vec::new();
    for name in ["a", "b", "c", "d"] {
        add(&engine, &format!("{name}@example.org"), Some(silent.local_addr().unwrap().port())).await;
        connections.push(silent.accept().await.unwrap());
    }
    let began = Instant::now();
    engine.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_makes_no_network_is_told_and_mended_in_the_window() {
    let home = TempDir::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let before = start(&home, Work::Nothing).await;
    set(&before, "secrets.store", "file").await;
    add(&before, "a@example.org", Some(silent.local_addr().unwrap().port())).await;
    add(&before, "b@example.org", None).await;
    before.stop().await;
    let gone = home.path().join("gone.pem").display().to_string();
    Store::open(home.path()).await.unwrap().set_setting("net.extra_ca", Some(&gone)).await.unwrap();

    let window = start(&home, Work::Everything).await;
    for place in [0, 1] {
        let Some(SyncState::Offline { reason }) = sync_of(&window, place).await else { panic!("{place}: no reason") };
        assert!(reason.contains("net.extra_ca") && reason.contains("gone.pem"), "{reason}");
    }
    let command = start(&home, Work::Nothing).await;
    assert!(command.run_queue().await.is_err(), "nothing is sent into no network");
    command.stop().await;

    let mend = SettingSetArgs { key: "net.extra_ca".to_owned(), value: None };
    window.calls().setting_set(mend).await.unwrap();
    silent.accept().await.unwrap();
    until(&window, "the other only sends", async |engine| sync_of(engine, 1).await == Some(SyncState::SendOnly))
        .await;
    let command = start(&home, Work::Nothing).await;
    until(&command, "the window runs the queue", async |engine| !engine.run_queue().await.unwrap()).await;
    command.stop().await;
    window.stop().await;
}
