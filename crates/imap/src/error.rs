//! What can go wrong between here and an IMAP server, in words that a person can act on.

use crate::wire::WireError;
use crate::wire::response::{Answer, Code, Status};
use model::CallError;
use store::{SecretsError, StoreError};

/// Why an account could not be reached, or not brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The account only sends.
    #[error("the account has no IMAP server")]
    NoServer,
    /// There is no password here.
    #[error("no password is stored for {0}")]
    NoPassword(String),
    /// The server refused the login. Its own words.
    #[error("{host} refused the login: {text}")]
    AuthFailed {
        /// The server.
        host: String,
        /// What it said.
        text: String,
    },
    /// The server offers no way to log in that is known here.
    #[error("{0} offers no way to log in with a password")]
    NoPasswordLogin(String),
    /// The server takes no access tokens.
    #[error("{0} does not take the sign-in of a browser (OAUTHBEARER, XOAUTH2)")]
    NoTokenLogin(String),
    /// A password would have to cross a network in clear text.
    #[error("the connection to {0} is not encrypted, so the password was not sent")]
    ClearText(String),
    /// The server does not offer STARTTLS.
    #[error("{0} does not offer encryption (STARTTLS)")]
    NoStarttls(String),
    /// The certificate is not one that may be trusted.
    #[error("the certificate of {host} cannot be trusted: {reason}")]
    TlsUntrusted {
        /// The server.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("no secure connection to {host} could be made: {reason}")]
    TlsFailed {
        /// The server.
        host: String,
        /// What the library said.
        reason: String,
    },
    /// This computer has no network.
    #[error("this computer has no network")]
    NoNetwork,
    /// No connection could be made.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// The server, with its port.
        host: String,
        /// Why not.
        reason: String,
    },
    /// The connection ended or fell silent before an answer was complete.
    #[error("the connection to {host} was lost: {reason}")]
    Lost {
        /// The server.
        host: String,
        /// How.
        reason: String,
    },
    /// The server will not serve now. Its own words.
    #[error("{host} is not available: {text}")]
    Unavailable {
        /// The server.
        host: String,
        /// What it said.
        text: String,
    },
    /// The server refused a command.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The server said what no IMAP server may say.
    #[error("{host} answered against the rules: {reason}")]
    Protocol {
        /// The server.
        host: String,
        /// What was wrong.
        reason: String,
    },
    /// The disk could not be written or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store could not be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The account was told to stop.
    #[error("stopped")]
    Stopped,
    /// A part of this program failed.
    #[error("an internal error: {0}")]
    Internal(String),
}

/// A command that was answered with NO or BAD.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} refused {command}: {text}")]
pub struct Refusal {
    /// The server.
    pub host: String,
    /// The command's name.
    pub command: String,
    /// Whether it was understood (NO) or not (BAD).
    pub understood: bool,
    /// The code, where one was given.
    pub(crate) code: Option<Code>,
    /// The server's words.
    pub text: String,
}

impl Refusal {
    /// The refusal that this answer is; `None` for a success.
    pub(crate) fn of(host: &str, command: String, answer: &Answer) -> Option<Self> {
        let understood = match answer.status {
            Status::No => true,
            Status::Bad => false,
            Status::Ok | Status::Preauth | Status::Bye => return None,
        };
        let text = if answer.text.is_empty() { "no reason given".to_owned() } else { answer.text.clone() };
        Some(Self { host: host.to_owned(), command, understood, code: answer.code.clone(), text })
    }

    /// Whether the code is one of these.
    pub(crate) fn has_code(&self, names: &[&str]) -> bool {
        self.code.as_ref().is_some_and(|code| names.iter().any(|name| code.is(name)))
    }

    /// Whether the mailbox that was named does not exist.
    pub(crate) fn is_no_such_mailbox(&self) -> bool {
        self.code == Some(Code::TryCreate) || self.has_code(&["NONEXISTENT"])
    }
}

impl From<Refusal> for SyncError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl SyncError {
    /// What ended a connection to this host.
    pub(crate) fn from_wire(host: &str, error: WireError) -> Self {
        let (host, reason) = (host.to_owned(), error.to_string());
        match error {
            WireError::Closed | WireError::Silent(_) | WireError::Broken(_) => Self::Lost { host, reason },
            WireError::TooLong(_) | WireError::Garbage(_) => Self::Protocol { host, reason },
        }
    }

    /// The refusal of a command, where it is one: the connection is still good.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether only a person can help: trying again by itself would change nothing, and might lock the account.
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self,
            Self::NoServer
                | Self::NoPassword(_)
                | Self::AuthFailed { .. }
                | Self::NoPasswordLogin(_)
                | Self::NoTokenLogin(_)
                | Self::ClearText(_)
                | Self::NoStarttls(_)
                | Self::TlsUntrusted { .. }
        ) || matches!(self, Self::Secrets(error) if error.needs_a_person())
    }

    /// A stable word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoServer => "no-imap-server",
            Self::NoPassword(_) => "no-password",
            Self::AuthFailed { .. } => "auth-failed",
            Self::NoPasswordLogin(_) | Self::NoTokenLogin(_) => "no-password-login",
            Self::ClearText(_) | Self::NoStarttls(_) => "not-encrypted",
            Self::TlsUntrusted { .. } => "tls-untrusted",
            Self::TlsFailed { .. } => "tls-failed",
            Self::NoNetwork => "offline",
            Self::Unreachable { .. } => "unreachable",
            Self::Lost { .. } => "connection-lost",
            Self::Unavailable { .. } => "unavailable",
            Self::Refused(_) => "refused",
            Self::Protocol { .. } => "protocol-error",
            Self::Store(error) => error.code(),
            Self::Secrets(error) => error.code(),
            Self::Stopped => "stopped",
            Self::Internal(_) => "internal",
        }
    }

    /// What to do about it, in one sentence; empty where there is nothing to be done.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoServer => "Give the account an IMAP server to read its mail.",
            Self::NoPassword(_) => "Enter the account's password again.",
            Self::AuthFailed { .. } => {
                "Check the user name and the password; some providers want a password made for mail programs."
            }
            Self::NoPasswordLogin(_) => "Ask the provider which login mail programs may use.",
            Self::NoTokenLogin(_) => "Log in with a password, where the provider allows that.",
            Self::ClearText(_) => "Set the security of the account to TLS or STARTTLS.",
            Self::NoStarttls(_) => "Set the security to TLS, usually with port 993.",
            Self::TlsUntrusted { .. } => {
                "Check the server's name. If it is right, its owner has to renew or replace the certificate; if the server is \
                 your own, you can trust this one (Settings, Accounts; or postrider account trust)."
            }
            Self::TlsFailed { .. } => {
                "Check that the port and the security belong together: 993 is TLS, 143 is STARTTLS."
            }
            Self::NoNetwork => "It goes on by itself once there is a network.",
            Self::Unreachable { .. } => "Check the server's name and port; a firewall may also be in the way.",
            Self::Lost { .. } | Self::Unavailable { .. } => "It is tried again by itself.",
            Self::Refused(_) => "It is tried again; if it stays, the server's words say what is missing.",
            Self::Protocol { .. } => "Check that the port is that of an IMAP server.",
            Self::Secrets(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::Stopped | Self::Internal(_) => "",
        }
    }
}

impl From<SyncError> for CallError {
    fn from(error: SyncError) -> Self {
        CallError::new(error.code(), error.to_string(), error.hint())
    }
}
