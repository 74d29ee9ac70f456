//! Opening `mail.db`. Whatever is wrong with it, it can be fetched again: what cannot be read is set aside as
//! `mail.db.damaged-<time>` with a note beside it, and a fresh one is made.
//!
//! A large database is not read through at every start: up to [`CHECKED`] octets it is checked whole, above that only
//! when damage was seen while the program ran, which leaves the file `mail.db.suspect`.

use crate::database::{Database, Durability, connect, side_files};
use crate::migrate::{Backup, migrate};
use crate::{Result, StoreError, platform};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const MAIL: &[&str] = &[
    include_str!("../../migrations/mail/0001.sql"),
    include_str!("../../migrations/mail/0002.sql"),
    include_str!("../../migrations/mail/0003.sql"),
    include_str!("../../migrations/mail/0004.sql"),
    include_str!("../../migrations/mail/0005.sql"),
];

/// Octets up to which a database is checked whole at every start.
const CHECKED: u64 = 32 * 1024 * 1024;

/// Numbers that one generation of the database has to give.
const GENERATION: i64 = 1_000_000_000;

/// Opens the database for writing, or sets it aside and makes a fresh one.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    match open_sound(path) {
        Err(StoreError::Damaged(what)) => {
            set_aside(path, &what)?;
            open_sound(path)
        }
        opened => opened,
    }
}

/// Notes that the database was found damaged.
pub(crate) fn suspect(path: &Path, what: &str) {
    if let Err(error) = std::fs::write(beside(path, "suspect"), what) {
        tracing::warn!(%error, "could not note that mail.db is damaged");
    }
}

fn open_sound(path: &Path) -> Result<Connection> {
    platform::private_file(path).map_err(|error| StoreError::io(format!("opening {}", path.display()), error))?;
    let mut connection = connect(path, Durability::Normal)?;
    check(&connection, path)?;
    migrate(&mut connection, path, MAIL, Backup::None)?;
    Ok(connection)
}

fn check(connection: &Connection, path: &Path) -> Result<()> {
    let suspected = beside(path, "suspect");
    let size = std::fs::metadata(path).map(|meta| meta.len()).unwrap_or(0);
    if size > CHECKED && !suspected.exists() {
        return Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?);
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(StoreError::Damaged(found));
    }
    let _ = std::fs::remove_file(suspected);
    Ok(())
}

fn set_aside(path: &Path, what: &str) -> Result<()> {
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let damaged = beside(path, &format!("damaged-{now}"));
    tracing::warn!(damaged = %damaged.display(), what, "mail.db is damaged and was set aside");
    std::fs::rename(path, &damaged)
        .map_err(|error| StoreError::io(format!("setting {} aside", path.display()), error))?;
    for (from, to) in side_files(path).iter().zip(side_files(&damaged)) {
        let _ = std::fs::rename(from, to);
    }
    let _ = std::fs::remove_file(beside(path, "suspect"));
    let note = format!(
        "On {now}, Postrider could not read its store of fetched mail ({what}).\n\
         This is that file. A fresh one was made, and all mail is fetched again from the server.\n\
         Nothing that was only on this computer was in it; you may delete it.\n"
    );
    // The note is a courtesy; without it the mail is fetched all the same.
    let _ = std::fs::write(beside(&damaged, "txt"), note);
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the numbers of a fresh database start where no other has been, so that what `local.db` says of a letter can
/// never mean another one.
pub(crate) fn start_generation(local: &Database, mail: &Database) -> Result<()> {
    let started = mail.write_blocking(|tx| {
        Ok(tx
            .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'letter')", [], |row| row.get(0))?)
    })?;
    if started {
        return Ok(());
    }
    let generation: i64 = local.write_blocking(|tx| {
        let sql = "UPDATE mail_generation SET generation = generation + 1 RETURNING generation";
        Ok(tx.query_row(sql, [], |row| row.get(0))?)
    })?;
    mail.write_blocking(move |tx| {
        for table in ["mailbox", "thread", "letter"] {
            let sql = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2
                       WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)";
            tx.execute(sql, (table, generation * GENERATION))?;
        }
        Ok(())
    })
}
