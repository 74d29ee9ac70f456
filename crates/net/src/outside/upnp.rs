//! UPnP: what an Internet Gateway Device says of its address outside (WANIPConnection and WANPPPConnection,
//! GetExternalIPAddress).
//!
//! 1. M-SEARCH (SSDP, UPnP Device Architecture 1.1 section 1.3.2), to the router alone and not to everybody on the wire.
//! 2. The description that its answer points to, over HTTP.
//! 3. GetExternalIPAddress (SOAP), of each connection that the description names, until one has an address.
//!
//! | of what comes back | counts |
//! |---|---|
//! | a datagram of anybody but the router | not |
//! | an address on the web that is not the router's own, in digits, in clear text | not: nobody else is ever asked |
//! | a redirect, or any status but 200 | as no answer |
//! | a description or an answer that is larger than [`LARGEST_PAGE`], or no XML, or has a DTD | as no answer |
//! | services by the kinds of [`CONNECTIONS`] | the first [`MOST_CONNECTIONS`] |
//!
//! There are crates for this. igd-next, the best kept, asks everybody by multicast and reads the schema of the service too,
//! which some routers lack; it brings HTTP/2, a pooled client and a second XML parser for two requests. Here the house's
//! own HTTP client does, with the XML parser that it has.

use super::{LARGEST, PAUSES, RouterWord, any};
use crate::dial;
use crate::http::{HttpRequest, Place, converse};
use roxmltree::{Document, Node, ParsingOptions};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;
use url::{Host, Url};

/// Where routers hear SSDP.
pub(super) const PORT: u16 = 1900;
/// Of version 1, which later ones answer for as well.
const GATEWAY: &str = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";
/// The services that know the address; a digit for the version follows.
const CONNECTIONS: [&str; 2] =
    ["urn:schemas-upnp-org:service:WANIPConnection:", "urn:schemas-upnp-org:service:WANPPPConnection:"];
/// The connections of a router that are asked: most have one, some one that is not in use beside it.
const MOST_CONNECTIONS: usize = 4;
/// A page of a router, in octets. Descriptions have some thousands.
const LARGEST_PAGE: usize = 32 * 1024;
/// Nodes of such a page.
const MOST_NODES: u32 = 8 * 1024;
/// For one step. All of them together have less.
const STEP: Duration = Duration::from_millis(1500);

/// A connection to the world, as a router describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Connection {
    kind: String,
    control: Url,
}

pub(super) async fn ask(router: SocketAddr, source: Option<IpAddr>) -> Option<RouterWord> {
    let description = search(router).await?;
    let page = fetch(&description, None, source).await?;
    let mut said = None;
    for connection in connections(&page, &description) {
        let page = fetch(&connection.control, Some(&connection.kind), source).await;
        match page.as_deref().and_then(address) {
            Some(word @ RouterWord::Outside(_)) => return Some(word),
            word => said = word.or(said),
        }
    }
    said
}

/// Where the description of the gateway is.
async fn search(router: SocketAddr) -> Option<Url> {
    let question =
        format!("M-SEARCH * HTTP/1.1\r\nHOST: {router}\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: {GATEWAY}\r\n\r\n");
    // Some answer from another port than they were asked at, so the socket is not connected.
    let socket = UdpSocket::bind(any(router)).await.ok()?;
    for pause in PAUSES {
        socket.send_to(question.as_bytes(), router).await.ok()?;
        let answered = timeout(pause, async {
            let mut answer = [0; LARGEST];
            loop {
                let (length, from) = socket.recv_from(&mut answer).await.ok()?;
                let said = answer.get(..length).filter(|_| from.ip() == router.ip());
                if let Some(url) = said.and_then(|said| location(said, router.ip())) {
                    return Some(url);
                }
            }
        });
        if let Ok(answer) = answered.await {
            return answer;
        }
    }
    None
}

/// Where an answer to M-SEARCH points, if that is at the router itself.
fn location(answer: &[u8], router: IpAddr) -> Option<Url> {
    let text = String::from_utf8_lossy(answer);
    let mut lines = text.lines();
    let status = lines.next()?;
    let is_success = status.starts_with("HTTP/1.") && status.split_whitespace().nth(1) == Some("200");
    let named = lines.filter_map(|line| line.split_once(':'));
    let (_, url) = named.filter(|_| is_success).find(|(name, _)| name.trim().eq_ignore_ascii_case("location"))?;
    at_router(Url::parse(url.trim()).ok()?, router)
}

/// An address on the web, if it is the router's own: in digits, so that no name server is asked, and in clear text, as all
/// of this is.
fn at_router(url: Url, router: IpAddr) -> Option<Url> {
    let is_its = matches!(url.host(), Some(Host::Ipv4(ip)) if IpAddr::V4(ip) == router);
    (is_its && url.scheme() == "http" && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// A page of the router; with the kind of a connection, what that says to GetExternalIPAddress.
async fn fetch(url: &Url, kind: Option<&str>, source: Option<IpAddr>) -> Option<String> {
    let mut request = HttpRequest::get(url.as_str(), LARGEST_PAGE, STEP);
    if let Some(kind) = kind {
        request.body = Some(question(kind).into_bytes());
        request.headers = vec![
            ("Content-Type".to_owned(), "text/xml; charset=\"utf-8\"".to_owned()),
            ("SOAPAction".to_owned(), format!("\"{kind}#GetExternalIPAddress\"")),
        ];
    }
    let Some(Host::Ipv4(ip)) = url.host() else { return None };
    let port = url.port_or_known_default()?;
    let place = Place { uri: url.as_str().parse().ok()?, host: ip.to_string(), port, encrypted: false };
    let stream = dial::connect((ip, port).into(), source, STEP).await.ok()?;
    let (answer, _) = timeout(STEP, converse(stream, &place, &request)).await.ok()?.ok()?;
    (answer.status == 200).then(|| String::from_utf8_lossy(&answer.body).into_owned())
}

fn question(kind: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>\
         <u:GetExternalIPAddress xmlns:u=\"{kind}\"></u:GetExternalIPAddress></s:Body></s:Envelope>\r\n"
    )
}

/// The connections of a description that are controlled at the router itself, in its order.
fn connections(page: &str, description: &Url) -> Vec<Connection> {
    let Some(document) = parsed(page) else { return Vec::new() };
    let router = match description.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        _ => return Vec::new(),
    };
    // Of version 1.0 of the architecture; whoever leaves it out means the description's own place.
    let base = text_of(document.root_element(), "URLBase").and_then(|base| Url::parse(base).ok());
    let base = base.as_ref().unwrap_or(description);
    let services = document.descendants().filter(|node| node.tag_name().name() == "service");
    let connections = services.filter_map(|service| {
        let kind = text_of(service, "serviceType").filter(|kind| is_connection(kind))?;
        let control = base.join(text_of(service, "controlURL")?).ok()?;
        Some(Connection { kind: kind.to_owned(), control: at_router(control, router)? })
    });
    connections.take(MOST_CONNECTIONS).collect()
}

/// The kind is said back to the router, so it may be nothing else.
fn is_connection(kind: &str) -> bool {
    let version = CONNECTIONS.iter().find_map(|front| kind.strip_prefix(front));
    version.is_some_and(|version| version.len() == 1 && version.bytes().all(|octet| octet.is_ascii_digit()))
}

/// What a connection says to the question. One that is not in use, or will not tell, has an empty address.
fn address(page: &str) -> Option<RouterWord> {
    let document = parsed(page)?;
    let answer = document.descendants().find(|node| node.tag_name().name() == "NewExternalIPAddress")?;
    match answer.text().map(str::trim).unwrap_or_default() {
        "" => Some(RouterWord::NoAddress),
        ip => ip.parse::<Ipv4Addr>().ok().map(RouterWord::Outside),
    }
}

fn parsed(page: &str) -> Option<Document<'_>> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(page.trim_start_matches('\u{feff}').trim(), options).ok()
}

/// The text of the first child of a name.
fn text_of<'a>(within: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let node = within.children().find(|node| node.tag_name().name() == name)?;
    node.text().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
