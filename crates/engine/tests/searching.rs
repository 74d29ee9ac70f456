//! Mail that is not here, searched on the servers.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod window;

use model::Security;
use postrider_engine::view::{AccountForm, AccountWithPassword, ServerForm};
use postrider_engine::*;
use practice::PostOffice;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use window::start;

/// A home with an account at a post office that has letters, of which none is here yet.
async fn with_an_account(office: &PostOffice) -> (TempDir, Engine) {
    prepare_process();
    let home = TempDir::new().unwrap();
    let engine = start(&home, Work::Nothing).await;
    let info = office.info();
    set(&engine, "secrets.store", "file").await;
    set(&engine, "net.extra_ca", &info.ca.display().to_string()).await;
    add(&engine, &info.address, &info.imap, (&info.user, &info.password)).await;
    (home, engine)
}

async fn set(engine: &Engine, key: &str, value: &str) {
    let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
    engine.calls().setting_set(args).await.unwrap();
}

async fn add(engine: &Engine, address: &str, imap: &str, (user, password): (&str, &str)) {
    let (host, port) = imap.rsplit_once(':').unwrap();
    let port = port.parse().unwrap();
    let imap = Some(ServerForm::new(host, port, Security::Tls));
    let user = user.to_owned();
    let form = AccountForm { address: address.to_owned(), name: String::new(), imap, smtp: None, user };
    let account = AccountWithPassword { form, password: password.to_owned(), sign_in: None };
    engine.calls().account_add(account).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_asks_the_server_itself_and_says_who_could_not_be_asked() {
    let office = PostOffice::start(practice::Options::default()).await.unwrap();
    let (_home, engine) = with_an_account(&office).await;
    let args = SearchArgs { query: "practice".to_owned(), limit: 500, ..SearchArgs::default() };
    assert!(engine.search(&args).await.unwrap().0.is_empty(), "nothing is here");
    let (found, problems) = engine.search_servers("practice").await.unwrap();
    assert!(!found.is_empty() && problems.is_empty(), "{} found, {problems:?}", found.len());

    // Nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    add(&engine, "nobody@example.org", &nobody.to_string(), ("nobody", "secret")).await;
    let (again, problems) = engine.search_servers("practice").await.unwrap();
    assert_eq!(again.len(), found.len());
    let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(
        matches!(said.as_slice(), [one] if one.starts_with("The server of nobody@example.org could not")),
        "{said:?}"
    );

    office.stop().await;
    let error = engine.search_servers("practice").await.unwrap_err();
    assert!(error.message.contains("could not be asked"), "{error}");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_sync_does_not_run_is_named_and_what_is_here_is_found() {
    let office = PostOffice::start(practice::Options::default()).await.unwrap();
    let (home, engine) = with_an_account(&office).await;
    engine.sync_all().await.unwrap();
    let authority = home.path().join("authority.pem");
    std::fs::copy(&office.info().ca, &authority).unwrap();
    set(&engine, "net.extra_ca", &authority.display().to_string()).await;
    engine.stop().await;
    std::fs::remove_file(&authority).unwrap();

    let engine = start(&home, Work::Everything).await;
    let asked = Instant::now();
    let args = ServerSearchArgs { query: "practice".to_owned() };
    let page = engine.calls().letter_search_server(args).await.unwrap();
    assert!(!page.rows.is_empty(), "what is here");
    assert_eq!(page.problems.len(), 1);
    assert!(page.problems[0].message.contains(&office.info().address), "{:?}", page.problems);
    assert!(asked.elapsed() < Duration::from_secs(20));
    engine.stop().await;
    office.stop().await;
}
