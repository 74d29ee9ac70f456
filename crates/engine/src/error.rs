//! Everything that can go wrong below, and the words in which it reaches a person.

use model::CallError;

/// An error on its way out. It becomes a [`CallError`] at the edge.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The secret store.
    #[error(transparent)]
    Secrets(#[from] store::SecretsError),
    /// The network's settings.
    #[error(transparent)]
    Net(#[from] net::NetError),
    /// The queue's settings.
    #[error(transparent)]
    Settings(#[from] outbound::SettingsError),
    /// An IMAP server.
    #[error(transparent)]
    Sync(#[from] imap::SyncError),
    /// A letter that cannot be built.
    #[error(transparent)]
    Compose(#[from] message::compose::ComposeError),
    /// The practice post office.
    #[error(transparent)]
    Practice(#[from] practice::PracticeError),
    /// Already in words.
    #[error(transparent)]
    Told(#[from] CallError),
}

impl Error {
    /// What was asked for is not here.
    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        CallError::new("not-found", format!("there is no {what}"), "").into()
    }

    /// What was handed in cannot be used.
    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        CallError::new("invalid", message, hint).into()
    }

    /// A file outside the home directory could not be read or written.
    pub(crate) fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("{} could not be {what}: {error}", path.display());
        CallError::new("file", message, "Check that the file is there and that you may use it.").into()
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Told(told) => told,
            Error::Store(error) => Self::new(error.code(), message, error.hint()),
            Error::Secrets(error) => Self::new(error.code(), message, error.hint()),
            Error::Sync(error) => Self::new(error.code(), message, error.hint()),
            Error::Net(_) | Error::Settings(_) => {
                Self::new("invalid-setting", message, "Change the setting, or unset it: postrider config set NAME.")
            }
            Error::Compose(_) => Self::new("invalid", message, ""),
            Error::Practice(_) => Self::new("practice", message, ""),
        }
    }
}
