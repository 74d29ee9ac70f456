//! The write-ahead log, cut back once nothing is written for a moment: what is in it lies in the database as well by then,
//! and would take its room on the disk twice.

use crate::database::side_files;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A log of fewer octets is left as it is: it will be written over.
const WORTH_IT: u64 = 4 << 20;

/// The log of a database, as its writer sees it.
pub(crate) struct Log {
    file: PathBuf,
    /// Whether something was written since it was last looked at.
    grown: bool,
}

impl Log {
    /// The log of the database in this file, which may have been left long by others.
    pub(crate) fn of(database: &Path) -> Self {
        let [file, _] = side_files(database);
        Self { file, grown: true }
    }

    /// Notes that something was written.
    pub(crate) fn grows(&mut self) {
        self.grown = true;
    }

    /// Cuts it back, in a quiet moment. Nobody who reads or writes elsewhere is waited for: there will be another moment.
    pub(crate) fn cut(&mut self, connection: &Connection, usual_patience: Duration) {
        if !self.grown {
            return;
        }
        let octets = std::fs::metadata(&self.file).map_or(0, |file| file.len());
        self.grown = octets >= WORTH_IT && !cut(connection, usual_patience);
    }
}

fn cut(connection: &Connection, usual_patience: Duration) -> bool {
    let busy = connection
        .busy_timeout(Duration::ZERO)
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0)));
    let patient_again = connection.busy_timeout(usual_patience);
    patient_again.is_ok() && matches!(busy, Ok(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn written(directory: &Path) -> (Connection, Connection, PathBuf) {
        let path = directory.join("a.db");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", "WAL").unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute_batch("CREATE TABLE t (x BLOB); INSERT INTO t VALUES (zeroblob(6000000))").unwrap();
        let reader = Connection::open(&path).unwrap();
        (writer, reader, path)
    }

    #[test]
    fn a_long_log_is_cut_back_in_a_quiet_moment() {
        let directory = tempfile::tempdir().unwrap();
        let (writer, reader, path) = written(directory.path());
        let mut log = Log::of(&path);
        let octets = || std::fs::metadata(side_files(&path)[0].clone()).unwrap().len();
        assert!(octets() > WORTH_IT);
        log.cut(&writer, PATIENCE);
        assert_eq!(octets(), 0);
        let length: i64 = reader.query_row("SELECT length(x) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(length, 6_000_000);
    }

    #[test]
    fn whoever_reads_is_not_waited_for_and_the_next_moment_does_it() {
        let directory = tempfile::tempdir().unwrap();
        let (writer, reader, path) = written(directory.path());
        let mut log = Log::of(&path);
        let octets = || std::fs::metadata(side_files(&path)[0].clone()).unwrap().len();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        log.cut(&writer, PATIENCE);
        assert!(octets() > WORTH_IT);
        reader.execute_batch("COMMIT").unwrap();
        log.cut(&writer, PATIENCE);
        assert_eq!(octets(), 0);
    }

    #[test]
    fn a_short_log_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let (writer, _reader, path) = written(directory.path());
        let mut log = Log::of(&path);
        log.cut(&writer, PATIENCE);
        writer.execute_batch("INSERT INTO t VALUES (zeroblob(1000))").unwrap();
        log.grows();
        log.cut(&writer, PATIENCE);
        assert!(std::fs::metadata(side_files(&path)[0].clone()).unwrap().len() > 0);
    }
}
