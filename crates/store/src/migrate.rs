//! Numbered migrations. The number of the last one that was applied is the database's `user_version`. A migration that
//! was ever published is never edited.

use crate::{Result, StoreError, platform};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to keep before a migration changes a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backup {
    /// A copy beside it: its contents exist nowhere else.
    Before,
    /// Nothing: its contents can be fetched again.
    None,
}

/// Applies what is missing. All of it is one transaction, so that a database is of one version or of another.
pub(crate) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str], backup: Backup) -> Result<()> {
    let known = steps.len() as i64;
    let found = version(connection)?;
    if found > known {
        return Err(StoreError::Newer { file: path.display().to_string(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if backup == Backup::Before && found > 0 {
        copy(connection, &backup_path(path, found))?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster between the look and the lock.
    let found = version(&transaction)?;
    for step in steps.iter().skip(found.max(0) as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known.max(found))?;
    Ok(transaction.commit()?)
}

/// Where the copy of a database of this version goes.
pub(crate) fn backup_path(path: &Path, version: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".backup-{version}"));
    PathBuf::from(name)
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Copies with SQLite's backup API, which sees one state of the database whoever else writes.
fn copy(connection: &Connection, to: &Path) -> Result<()> {
    platform::private_file(to).map_err(|error| StoreError::io(format!("making {}", to.display()), error))?;
    let mut target = Connection::open(to)?;
    let backup = rusqlite::backup::Backup::new(connection, &mut target)?;
    Ok(backup.run_to_completion(1000, Duration::from_millis(5), None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE one (n INTEGER NOT NULL) STRICT; INSERT INTO one VALUES (1);";
    const SECOND: &str = "CREATE TABLE two (n INTEGER NOT NULL) STRICT;";

    fn tables(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_is_kept_before_a_migration_and_holds_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("local.db");
        let mut connection = Connection::open(&path).unwrap();
        migrate(&mut connection, &path, &[FIRST], Backup::Before).unwrap();
        assert!(!backup_path(&path, 0).exists(), "an empty database needs no copy");
        migrate(&mut connection, &path, &[FIRST, SECOND], Backup::Before).unwrap();
        assert_eq!(tables(&connection), 2);
        let copy = Connection::open(backup_path(&path, 1)).unwrap();
        assert_eq!((tables(&copy), version(&copy).unwrap()), (1, 1));
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("mail.db");
        let mut connection = Connection::open(&path).unwrap();
        migrate(&mut connection, &path, &[FIRST], Backup::None).unwrap();
        assert!(migrate(&mut connection, &path, &[FIRST, SECOND, "nonsense"], Backup::None).is_err());
        assert_eq!((tables(&connection), version(&connection).unwrap()), (1, 1));
    }

    #[test]
    fn a_database_of_a_later_version_is_not_touched() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("local.db");
        let mut connection = Connection::open(&path).unwrap();
        migrate(&mut connection, &path, &[FIRST, SECOND], Backup::Before).unwrap();
        let error = migrate(&mut connection, &path, &[FIRST], Backup::Before).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
    }
}
