//! What can go wrong at the door to disk, in words that say what to do.

use std::sync::Arc;

/// The result of everything here.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why something could not be read or kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// What was asked for is not here.
    #[error("there is no {0}")]
    NotFound(String),
    /// No room; nothing of the change was kept.
    #[error("the disk is full; nothing was changed")]
    DiskFull,
    /// Something else is in the way: another process that writes for long, deliveries that are still open.
    #[error("{0}")]
    Busy(String),
    /// A database that cannot be read.
    #[error("{0}")]
    Damaged(String),
    /// The database was written by a later version of Postrider.
    #[error("{file} was written by a newer Postrider (version {found} of its tables; this one knows {known})")]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// What was handed in makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// A file or directory could not be made, opened or renamed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
    /// Anything else that SQLite said.
    #[error("the database failed: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// A stable word for it, as in `model::CallError`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not-found",
            Self::DiskFull => "disk-full",
            Self::Busy(_) => "busy",
            Self::Damaged(_) => "damaged",
            Self::Newer { .. } => "newer-version",
            Self::Invalid(_) => "invalid",
            Self::Io { .. } => "home",
            Self::Sqlite(_) | Self::Closed => "internal",
        }
    }

    /// What to do about it, in one sentence; empty where there is nothing to be done.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::DiskFull => "Free some space on the disk and try again.",
            Self::Busy(_) => "Try again in a moment.",
            Self::Damaged(_) => {
                "Start Postrider again: fetched mail is made afresh. Where it is local.db that cannot be read, put back \
                 the copy beside it that was kept before the last upgrade, or one from a backup."
            }
            Self::Newer { .. } => "Start the newer version, or use another home directory.",
            Self::Io { .. } => "Check that the home directory is on a disk that can be written and is yours.",
            Self::NotFound(_) | Self::Invalid(_) | Self::Sqlite(_) | Self::Closed => "",
        }
    }

    /// Whether a row holds what makes no sense here; another row may.
    pub(crate) fn is_unreadable(&self) -> bool {
        use rusqlite::Error;
        let Self::Sqlite(error) = self else { return false };
        matches!(
            **error,
            Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..)
                | Error::Utf8Error(..)
        )
    }

    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::StorageFull {
            return Self::DiskFull;
        }
        Self::Io { what: what.into(), source: Arc::new(source) }
    }
}

/// The memory that processes share beside a database is a file that could not be made longer: SQLite has no better word
/// for a disk that was full before the database was opened.
fn no_room_to_share(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ if no_room_to_share(&error) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy("another Postrider is writing at the moment".to_owned())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(format!("the database is damaged: {error}"))
            }
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}
