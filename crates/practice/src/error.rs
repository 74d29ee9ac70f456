//! Why a practice post office cannot open, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a practice post office cannot open.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// The folder cannot be read or written.
    #[error(
        "the practice post office cannot use {path}: {source}. Choose a folder that you may write to, or start without one"
    )]
    Home {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in the folder is not what was written there.
    #[error("{path} cannot be understood: {reason}. Move the folder away and start again; a new one is made")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No port could be had.
    #[error("no free port on 127.0.0.1: {source}. End programs that hold many connections and start again")]
    NoPort {
        /// What the system said.
        source: io::Error,
    },
    /// The authority or a certificate could not be made.
    #[error("certificates for the practice hosts cannot be made: {reason}. Look at this computer's clock")]
    Certificates {
        /// What went wrong.
        reason: String,
    },
}

impl PracticeError {
    pub(crate) fn home(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Home { path: path.to_owned(), source }
    }

    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn certificates(reason: impl ToString) -> Self {
        Self::Certificates { reason: reason.to_string() }
    }
}
