//! Fetching a domain's MTA-STS policy (RFC 8461 §3.3): one GET over verified TLS, within a time and a size.
//!
//! Redirects are not followed, so that a policy comes from the host that the standard names and from no other.

use crate::Net;
use crate::http::{HttpAnswer, HttpError, HttpRequest};
use model::{DnsFault, Fault};
use std::time::Duration;

/// The time for all of it (RFC 8461 §3.3 suggests a minute).
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest policy that is read, in octets.
const LARGEST: usize = 64 * 1024;

/// Why a policy was not had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StsFetchError {
    /// The name of the policy's host could not be looked up.
    #[error(transparent)]
    Dns(#[from] DnsFault),
    /// The host could not be reached, or could not prove who it is.
    #[error(transparent)]
    Connection(Fault),
    /// It did not come within a minute.
    #[error("it did not come within a minute")]
    Slow,
    /// The answer is none of HTTP.
    #[error("the answer is not HTTP ({0})")]
    Http(String),
    /// Another status than 200, redirects among them.
    #[error("the answer is {0} and not 200")]
    Status(u16),
    /// What came is no plain text.
    #[error("it is no plain text but {0}")]
    Type(String),
    /// It is larger than a policy may be.
    #[error("it is larger than 64 KB")]
    Large,
}

impl From<HttpError> for StsFetchError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Dns(fault) => Self::Dns(fault),
            HttpError::Connection(fault) => Self::Connection(fault),
            HttpError::Slow(_) => Self::Slow,
            HttpError::Large(_) => Self::Large,
            HttpError::Http(what) | HttpError::Address(what) => Self::Http(what),
        }
    }
}

pub(crate) async fn fetch_policy(net: &Net, domain: &str) -> Result<String, StsFetchError> {
    let url = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
    read(net.http(HttpRequest::get(url, LARGEST, PATIENCE)).await?)
}

fn read(answer: HttpAnswer) -> Result<String, StsFetchError> {
    if answer.status != 200 {
        return Err(StsFetchError::Status(answer.status));
    }
    // A host where everybody may put files must not turn somebody's page into a policy (RFC 8461 §3.2).
    if let Some(kind) = answer.content_type {
        let kind = kind.to_ascii_lowercase();
        if kind.split(';').next().map(str::trim) != Some("text/plain") {
            return Err(StsFetchError::Type(kind));
        }
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
