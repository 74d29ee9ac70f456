//! What the tests of this crate begin with.

use crate::{NewAccount, NewSmartHost, Result, Store};
use jiff::Timestamp;
use model::{Security, Server};
use rusqlite::Connection;
use tempfile::TempDir;

/// A fresh store in a directory that goes with the test.
pub(crate) async fn store() -> (TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).await.unwrap();
    (home, store)
}

pub(crate) fn server(host: &str, port: u16) -> Server {
    Server {
        host: host.into(),
        port,
        security: Security::Tls,
        user: "anna".into(),
        login: model::LoginForm::Password,
        trusted: None,
    }
}

pub(crate) fn account_of(address: &str, smart_hosts: &[&str]) -> NewAccount {
    let host = |name: &&str| NewSmartHost { name: (*name).into(), server: server("mail.example.org", 465) };
    NewAccount {
        address: address.parse().unwrap(),
        name: "Anna".into(),
        imap: Some(server("imap.example.org", 993)),
        smart_hosts: smart_hosts.iter().map(host).collect(),
        practice: false,
    }
}

/// A time, in seconds after an arbitrary start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// How SQLite goes about a query.
pub(crate) fn plan(db: &Connection, sql: &str) -> Result<String> {
    let mut query = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let lines = query
        .query_map(rusqlite::params_from_iter(vec![0; parameters(sql)]), |row| row.get::<_, String>("detail"))?;
    Ok(lines.collect::<rusqlite::Result<Vec<_>>>()?.join("; "))
}

fn parameters(sql: &str) -> usize {
    (1..9).take_while(|n| sql.contains(&format!("?{n}"))).count()
}
