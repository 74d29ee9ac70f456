//! Fetching a domain's MTA-STS policy (RFC 8461 §3.3): one GET over verified TLS, within a time and a size.
//!
//! Redirects are not followed, so that a policy comes from the host that the standard names and from no other.

use crate::Net;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use model::{DnsFault, Fault, TlsDemand, TlsPolicy};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// The time for all of it (RFC 8461 §3.3 suggests a minute).
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the host may take to answer a connection.
const DIAL_PATIENCE: Duration = Duration::from_secs(10);
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

pub(crate) async fn fetch_policy(net: &Net, domain: &str) -> Result<String, StsFetchError> {
    timeout(PATIENCE, fetch(net, &format!("mta-sts.{domain}"))).await.map_err(|_| StsFetchError::Slow)?
}

async fn fetch(net: &Net, host: &str) -> Result<String, StsFetchError> {
    let port = net.config().https_port;
    let addresses: Vec<SocketAddr> =
        net.addresses(host).await?.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
    let reached = net.dial_any(&addresses, DIAL_PATIENCE).await;
    let (stream, _) = reached.map_err(|faults| StsFetchError::Connection(first_of(host, faults)))?;
    let demand = TlsDemand::new(TlsPolicy::Verified, host);
    let (stream, _) = net.handshake(stream, &demand).await.map_err(StsFetchError::Connection)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| http(&error))?;
    // The connection is driven beside the answer, and dropped with it: nothing is left running.
    let answer = async {
        let response = sender.send_request(request(host, port)?).await.map_err(|error| http(&error))?;
        read(response).await
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        biased;
        read = &mut answer => read,
        ended = &mut connection => match ended {
            // What had arrived before the end may still be read.
            Ok(()) => answer.await,
            Err(error) => Err(http(&error)),
        },
    }
}

fn first_of(host: &str, faults: Vec<(SocketAddr, Fault)>) -> Fault {
    faults.into_iter().next().map_or_else(|| Fault::Unreachable(host.to_owned()), |(_, fault)| fault)
}

fn request(host: &str, port: u16) -> Result<Request<Empty<Bytes>>, StsFetchError> {
    let authority = if port == crate::HTTPS_PORT { host.to_owned() } else { format!("{host}:{port}") };
    let request = Request::builder()
        .method(Method::GET)
        .uri("/.well-known/mta-sts.txt")
        .header(HOST, authority)
        .header(USER_AGENT, "Postrider");
    request.body(Empty::new()).map_err(|error| StsFetchError::Http(error.to_string()))
}

async fn read(response: Response<Incoming>) -> Result<String, StsFetchError> {
    if response.status() != StatusCode::OK {
        return Err(StsFetchError::Status(response.status().as_u16()));
    }
    // A host where everybody may put files must not turn somebody's page into a policy (RFC 8461 §3.2).
    if let Some(kind) = response.headers().get(CONTENT_TYPE) {
        let kind = String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase();
        if kind.split(';').next().map(str::trim) != Some("text/plain") {
            return Err(StsFetchError::Type(kind));
        }
    }
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => http(&error),
        Err(error) if error.is::<LengthLimitError>() => StsFetchError::Large,
        Err(error) => StsFetchError::Http(error.to_string()),
    })?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}

fn http(error: &hyper::Error) -> StsFetchError {
    StsFetchError::Http(error.to_string())
}
