//! Which hours make letters older.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod desk;

use desk::{address, now};
use model::AccountId;
use net::{Interfaces, Net, NetConfig, Watch};
use postrider_outbound::{Clock, Runner, World};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use store::{NewAccount, Secrets, Store};
use tempfile::TempDir;

/// No cable, no radio.
#[derive(Debug)]
struct Nothing;

impl Interfaces for Nothing {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        Some(Vec::new())
    }

    fn watch(&self, _: Box<dyn FnMut() + Send>) -> Option<Watch> {
        None
    }
}

/// A computer that is off line, with a practice post office on it.
#[derive(Default)]
struct OffLine {
    practice: Mutex<Option<AccountId>>,
}

impl World for OffLine {
    fn net(&self, account: Option<AccountId>) -> Net {
        let practises = account.is_some() && account == *self.practice.lock().expect("the account");
        let dns = if practises { vec![([127, 0, 0, 1], 9).into()] } else { Vec::new() };
        let config = NetConfig { dns, smtp_port: 9, ..NetConfig::default() };
        Net::with_interfaces(config, Arc::new(Nothing)).expect("a network")
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        Secrets::in_memory()
    }
}

#[tokio::test]
async fn off_line_hours_count_for_letters_of_the_practice_account_alone() {
    let home = TempDir::new().expect("a directory");
    let store = Store::open(home.path()).await.expect("the store opens");
    let world = Arc::new(OffLine::default());
    let runner = Runner::new(store.clone(), world.clone(), Clock::from_fn(now));
    let counts = async || {
        runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
        store.latest_online_hours(now(), 1).await.expect("the store answers") != model::OnlineHours::default()
    };
    let add = async |name: &str, practice| {
        let account =
            NewAccount { address: address(name), name: String::new(), imap: None, smart_hosts: Vec::new(), practice };
        store.add_account(account).await.expect("the account is added").id
    };
    assert!(!counts().await, "there is no account");
    let real = add("you@example.org", false).await;
    let practice = add("you@practice.test", true).await;
    *world.practice.lock().expect("the account") = Some(practice);
    assert!(!counts().await, "the real account has no network");
    store.remove_account(real).await.expect("it is removed");
    assert!(counts().await, "the practice account has its own");
}
