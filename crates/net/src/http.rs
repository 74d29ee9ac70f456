//! One small HTTP client: one request, one answer, over verified TLS, within a time and a size.
//!
//! - Plain HTTP goes to this computer itself and nowhere else; what is asked for safely is never led to it.
//! - Redirects are followed only as often as the request allows, and only with GET. A redirect never hands on a body or
//!   header that was meant for the first host. A host out in the world never leads to one in this computer's networks; one
//!   that is in them itself, as that of a company's own domain may be, does.
//! - `https` without a port is the port of the settings (`net.https_port`), 443 for everybody but a lab.

use crate::{Net, Stream, foreign};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use model::{DnsFault, Fault, TlsDemand, TlsPolicy};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;

/// How long the host may take to answer a connection.
const DIAL_PATIENCE: Duration = Duration::from_secs(10);

/// What is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Where: `https://host/path`, or `http://` to this computer.
    pub url: String,
    /// What is sent with POST; `None` is GET.
    pub body: Option<Vec<u8>>,
    /// Headers besides the host's name and ours.
    pub headers: Vec<(String, String)>,
    /// How often it may be led elsewhere.
    pub redirects: u8,
    /// The largest answer, in octets.
    pub largest: usize,
    /// The time for all of it.
    pub patience: Duration,
}

impl HttpRequest {
    /// A GET that follows no redirect.
    pub fn get(url: impl Into<String>, largest: usize, patience: Duration) -> Self {
        Self { url: url.into(), body: None, headers: Vec::new(), redirects: 0, largest, patience }
    }
}

impl std::fmt::Debug for HttpRequest {
    /// Without the query, the headers and the body: they may hold what nobody else may know.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest").field("url", &url).finish_non_exhaustive()
    }
}

/// What came.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The type of the content, where it is told.
    pub content_type: Option<String>,
    /// The content.
    pub body: Vec<u8>,
    /// Where it came from in the end.
    pub url: String,
}

impl std::fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It cannot be asked for: no address on the web, or not a safe one.
    #[error("{0}")]
    Address(String),
    /// The name of the host could not be looked up.
    #[error(transparent)]
    Dns(#[from] DnsFault),
    /// The host could not be reached, or could not prove who it is.
    #[error(transparent)]
    Connection(Fault),
    /// It did not come in time.
    #[error("no answer came within {0} seconds")]
    Slow(u64),
    /// The answer is none of HTTP.
    #[error("the answer is not HTTP ({0})")]
    Http(String),
    /// It is larger than was asked for.
    #[error("the answer is larger than {0} KB")]
    Large(usize),
}

/// Where a request goes.
pub(crate) struct Place {
    pub uri: Uri,
    pub host: String,
    pub port: u16,
    pub encrypted: bool,
}

impl Net {
    /// Asks for something on the web. Any status is an answer.
    pub async fn http(&self, request: HttpRequest) -> Result<HttpAnswer, HttpError> {
        let patience = request.patience;
        let answer = timeout(patience, follow(self, request)).await;
        answer.map_err(|_| HttpError::Slow(patience.as_secs()))?
    }
}

async fn follow(net: &Net, mut request: HttpRequest) -> Result<HttpAnswer, HttpError> {
    let mut reach = Reach::Anywhere;
    loop {
        let place = place(net, &request.url)?;
        let found = net.addresses(&place.host).await?;
        let others = foreign::of_others(net, &found);
        let (addresses, next) = judged(reach, found, others);
        if addresses.is_empty() {
            let host = &place.host;
            return Err(HttpError::Address(format!("{host} is in a network of this computer, and others led to it")));
        }
        reach = next;
        let stream = self::reach(net, &place, addresses).await?;
        let (answer, location) = converse(stream, &place, &request).await?;
        let led = location.filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
        match led {
            Some(location) if request.redirects > 0 && request.body.is_none() => {
                let url = elsewhere(&place, &location)?;
                request = HttpRequest { url, headers: Vec::new(), redirects: request.redirects - 1, ..request };
            }
            _ => return Ok(answer),
        }
    }
}

/// Where a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Anywhere: whoever asks chose the host, or one in our own networks did.
    Anywhere,
    /// To others alone: one of them chose the host.
    Others,
}

/// The addresses to ask of those that were found, `others` those of them that are outside our own networks; and where
/// the host may lead to.
fn judged(reach: Reach, found: Vec<IpAddr>, others: Vec<IpAddr>) -> (Vec<IpAddr>, Reach) {
    match reach {
        Reach::Anywhere if others.len() < found.len() => (found, Reach::Anywhere),
        Reach::Anywhere | Reach::Others => (others, Reach::Others),
    }
}

/// Where an address leads.
fn place(net: &Net, url: &str) -> Result<Place, HttpError> {
    let wrong = |why: &str| HttpError::Address(format!("“{}” {why}", url.split('?').next().unwrap_or_default()));
    let uri: Uri = url.parse().map_err(|_| wrong("is no address on the web"))?;
    let host = uri.host().map(|host| host.trim_matches(['[', ']']).to_owned()).filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| wrong("names no host"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("names a user"));
    }
    let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
    let clear_text_here = uri.scheme() == Some(&Scheme::HTTP) && crate::dns::is_here(&host);
    if !encrypted && !clear_text_here {
        return Err(wrong("is not encrypted"));
    }
    let customary = if encrypted { net.config().https_port } else { 80 };
    let port = uri.port_u16().unwrap_or(customary);
    Ok(Place { uri, host, port, encrypted })
}

/// What a redirect names, in full. From a safe place it leads to safe ones only.
fn elsewhere(from: &Place, location: &str) -> Result<String, HttpError> {
    let authority = from.uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let scheme = if from.encrypted { "https" } else { "http" };
    match location {
        _ if location.starts_with("//") => Ok(format!("{scheme}:{location}")),
        _ if location.starts_with('/') => Ok(format!("{scheme}://{authority}{location}")),
        _ if from.encrypted && !location.starts_with("https://") => {
            Err(HttpError::Address(format!("{} leads to a place that is not encrypted", from.host)))
        }
        _ => Ok(location.to_owned()),
    }
}

/// Asks on a connection that is open, and gives the answer with where it leads.
pub(crate) async fn converse(
    stream: Stream,
    place: &Place,
    request: &HttpRequest,
) -> Result<(HttpAnswer, Option<String>), HttpError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| http(&error))?;
    // The connection is driven beside the answer, and dropped with it: nothing is left running.
    let answer = async {
        let response = sender.send_request(written(place, request)?).await.map_err(|error| http(&error))?;
        read(response, place, request.largest).await
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

/// Connects to one of these addresses of a place.
pub(crate) async fn reach(net: &Net, place: &Place, addresses: Vec<IpAddr>) -> Result<Stream, HttpError> {
    let addresses: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, place.port)).collect();
    let reached = net.dial_any(&addresses, DIAL_PATIENCE).await;
    let (stream, _) = reached.map_err(|faults| HttpError::Connection(first_of(&place.host, faults)))?;
    if !place.encrypted {
        return Ok(stream);
    }
    let demand = TlsDemand::new(TlsPolicy::Verified, &place.host);
    let (stream, _) = net.handshake(stream, &demand).await.map_err(HttpError::Connection)?;
    Ok(stream)
}

fn first_of(host: &str, faults: Vec<(SocketAddr, Fault)>) -> Fault {
    faults.into_iter().next().map_or_else(|| Fault::Unreachable(host.to_owned()), |(_, fault)| fault)
}

fn written(place: &Place, request: &HttpRequest) -> Result<Request<Full<Bytes>>, HttpError> {
    let customary = if place.encrypted { crate::HTTPS_PORT } else { 80 };
    let host = if place.host.contains(':') { format!("[{}]", place.host) } else { place.host.clone() };
    let authority = if place.port == customary { host } else { format!("{host}:{}", place.port) };
    let path = place.uri.path_and_query().map_or("/", |path| path.as_str());
    let method = if request.body.is_some() { Method::POST } else { Method::GET };
    let mut built = Request::builder().method(method).uri(path).header(HOST, authority);
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(USER_AGENT.as_str())) {
        built = built.header(USER_AGENT, "Postrider");
    }
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let body = Bytes::from(request.body.clone().unwrap_or_default());
    built.body(Full::new(body)).map_err(|error| HttpError::Http(error.to_string()))
}

async fn read(
    response: Response<Incoming>,
    place: &Place,
    largest: usize,
) -> Result<(HttpAnswer, Option<String>), HttpError> {
    let status = response.status().as_u16();
    let header =
        |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let (content_type, location) = (header(CONTENT_TYPE), header(LOCATION));
    let body = Limited::new(response.into_body(), largest).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => http(&error),
        Err(error) if error.is::<LengthLimitError>() => HttpError::Large(largest / 1024),
        Err(error) => HttpError::Http(error.to_string()),
    })?;
    let answer = HttpAnswer { status, content_type, body: body.to_bytes().to_vec(), url: place.uri.to_string() };
    Ok((answer, location))
}

fn http(error: &hyper::Error) -> HttpError {
    HttpError::Http(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetConfig;

    fn net() -> Net {
        Net::new(NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], https_port: 8443, ..NetConfig::default() })
            .expect("a network")
    }

    #[tokio::test]
    async fn only_encrypted_places_are_asked_and_this_computer() {
        let net = net();
        for (url, reached) in [
            ("https://a.test/x?y=z", Some(("a.test", 8443))),
            ("https://a.test:444/", Some(("a.test", 444))),
            ("https://[2001:db8::1]/", Some(("2001:db8::1", 8443))),
            ("http://127.0.0.1:8080/token", Some(("127.0.0.1", 8080))),
            ("http://[::1]:8080/token", Some(("::1", 8080))),
            ("http://localhost:8080/token", Some(("localhost", 8080))),
            ("http://a.test/", None),
            ("http://192.0.2.1/", None),
            ("http://localhost.a.test/", None),
            ("ftp://a.test/", None),
            ("https://you@a.test/", None),
            ("https:///x", None),
            ("/x", None),
            ("", None),
        ] {
            let place = place(&net, url).ok();
            assert_eq!(place.as_ref().map(|place| (place.host.as_str(), place.port)), reached, "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirect_never_leads_out_of_what_is_encrypted() {
        let from = place(&net(), "https://a.test:444/x").expect("a place");
        for (location, url) in [
            ("/y", Some("https://a.test:444/y")),
            ("//b.test/y", Some("https://b.test/y")),
            ("https://b.test/y", Some("https://b.test/y")),
            ("http://b.test/y", None),
            ("y", None),
        ] {
            assert_eq!(elsewhere(&from, location).ok().as_deref(), url, "{location}");
        }
    }

    #[test]
    fn the_world_never_leads_into_our_own_networks() {
        let (ours, theirs) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([198, 51, 100, 1]));
        for (reach, found, addresses, next) in [
            (Reach::Anywhere, vec![theirs], vec![theirs], Reach::Others),
            (Reach::Anywhere, vec![ours], vec![ours], Reach::Anywhere),
            (Reach::Anywhere, vec![ours, theirs], vec![ours, theirs], Reach::Anywhere),
            (Reach::Others, vec![ours, theirs], vec![theirs], Reach::Others),
            (Reach::Others, vec![ours], vec![], Reach::Others),
        ] {
            let others = found.iter().copied().filter(|ip| *ip == theirs).collect();
            assert_eq!(judged(reach, found.clone(), others), (addresses, next), "{reach:?} {found:?}");
        }
    }

    #[test]
    fn what_is_asked_is_not_told() {
        let mut request = HttpRequest::get("https://a.test/x?code=secret", 1, Duration::ZERO);
        request.body = Some(b"refresh_token=secret".to_vec());
        request.headers.push(("authorization".to_owned(), "secret".to_owned()));
        assert!(!format!("{request:?}").contains("secret"));
    }
}
