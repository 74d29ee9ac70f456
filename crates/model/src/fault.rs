//! What can go wrong in an attempt without a server having answered.

use crate::Reply;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Three different things that are often taken for one: the name does not exist, it exists but has no such record, and
/// nobody could say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "dns", content = "detail")]
pub enum DnsFault {
    /// NXDOMAIN: the name does not exist (RFC 2308 §2.1).
    #[error("the domain {0} does not exist")]
    NoSuchDomain(String),
    /// NODATA: the name exists, but has neither MX nor address.
    #[error("{0} has no mail server and no address")]
    NoRecords(String),
    /// SERVFAIL, REFUSED, or an answer that cannot be read.
    #[error("the name servers for {0} could not answer")]
    ServerFailure(String),
    /// No resolver answered at all: a local cause.
    #[error("no name server could be reached")]
    NoResolver(String),
}

/// What ended an attempt, or one recipient's part in it, when it was not a reply.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "fault", content = "detail")]
pub enum Fault {
    /// This computer has no network.
    #[error("this computer has no network")]
    NoNetwork,
    /// A captive portal: the network gives a login page for everything until somebody has logged in.
    #[error("this network wants you to log in first")]
    CaptivePortal,
    /// A lookup failed.
    #[error(transparent)]
    Dns(DnsFault),
    /// The domain says that it takes no mail (RFC 7505).
    #[error("{0} takes no mail (null MX)")]
    NullMx(String),
    /// One of the hosts is this computer.
    #[error("the mail for {0} would come back to this computer")]
    Loop(String),
    /// The connection was refused (RST).
    #[error("{0} refused the connection")]
    ConnectionRefused(String),
    /// No answer to the connection in time.
    #[error("{0} did not answer")]
    ConnectTimeout(String),
    /// No way to the host (ICMP unreachable and the like).
    #[error("there is no way to {0}")]
    Unreachable(String),
    /// The server kept silent for longer than the phase allows (RFC 5321 §4.5.3.2).
    #[error("the server said nothing for {0} seconds")]
    Timeout(#[ts(type = "number")] u64),
    /// The connection ended without the reply that was due.
    #[error("the connection was closed without an answer")]
    Closed,
    /// The TLS handshake failed; what the library said of it.
    #[error("no secure connection could be made: {0}")]
    TlsHandshake(String),
    /// The certificate is not one that may be trusted here.
    #[error("the certificate cannot be trusted: {0}")]
    TlsUntrusted(String),
    /// TLS is required here and the server does not offer it.
    #[error("the server does not offer encryption")]
    TlsNotOffered,
    /// A host that is not among those that the domain's own policy names (MTA-STS, RFC 8461 §4.1).
    #[error("{host} is not a host that the policy of {domain} names")]
    NotInPolicy {
        /// The host.
        host: String,
        /// The recipient's domain.
        domain: String,
    },
    /// The destination encrypted before and does not now, and the settings refuse that.
    #[error("{0} offered encryption before and does not now")]
    TlsDowngrade(String),
    /// DNSSEC says that an answer about this name was tampered with, or its zone is broken.
    #[error("the answers about {0} do not agree with their signatures (DNSSEC)")]
    Bogus(String),
    /// The message asks for REQUIRETLS and the server does not offer it (RFC 8689 §4.2.1).
    #[error("{0} does not promise to pass the message on over verified encryption only (REQUIRETLS)")]
    RequireTlsNotOffered(String),
    /// The message asks for REQUIRETLS, and nothing proves that the domain's hosts are its own (RFC 8689 §4.2.1).
    #[error("nothing proves which hosts take mail for {0} (neither DNSSEC nor MTA-STS), as REQUIRETLS demands")]
    HostsNotProven(String),
    /// The server offers no way to log in that may be used.
    #[error("the server offers no usable way to log in")]
    NoAuthOffered,
    /// The server refused this login a while ago, and nothing about it has changed.
    #[error("{0} refused this login before")]
    LoginRefused(String),
    /// There is no password here for this account or smart host.
    #[error("no password is stored for {0}")]
    NoPassword(String),
    /// The provider takes a sign-in no longer (OAuth 2.0).
    #[error("you have to sign in again at {0}")]
    SignInAgain(String),
    /// The route names a smart host that does not exist.
    #[error("there is no smart host “{0}”")]
    NoSuchSmartHost(String),
    /// The message is larger than the server takes (RFC 1870): its size and the limit, in octets.
    #[error("the message has {size} octets; the server takes {limit}")]
    TooLarge {
        /// Octets of the message.
        #[ts(type = "number")]
        size: u64,
        /// Octets that the server takes.
        #[ts(type = "number")]
        limit: u64,
    },
    /// The message or an address needs an extension that the server lacks, by its keyword.
    #[error("the server does not support {0}, which this message needs")]
    Unsupported(String),
    /// The server answered what no SMTP server may answer.
    #[error("the server answered against the rules: {0}")]
    Protocol(String),
    /// The program ended, or was killed, while the attempt was under way.
    #[error("the program ended during the attempt")]
    Interrupted,
    /// The maximum age was reached.
    #[error("the message could not be delivered in time")]
    Expired,
    /// This computer failed: disk, memory, a damaged record. What it was.
    #[error("this computer could not go on: {0}")]
    Local(String),
}

/// What one delivery got in one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The server's reply to the command of the phase.
    Replied(Reply),
    /// No reply.
    Failed(Fault),
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self::Replied(reply)
    }
}
