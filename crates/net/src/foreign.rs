//! Asking what a stranger names: for the images of a letter, and that a list lets go.
//!
//! A letter must not make this program ask where its writer cannot ask: this computer, its networks, the router, the
//! printer. So every address is judged after the name was looked up, on the way to the first host and to each one that a
//! redirect leads to, and the connection goes to exactly the addresses that were judged.
//!
//! | address | asked |
//! |---|---|
//! | one that means the same to everybody | yes |
//! | loopback, private, link-local, shared, multicast, reserved | no |
//! | one that carries such an address (mapped, translated, NAT64, 6to4, Teredo, ISATAP) | no |
//! | one of this computer's own, or of its own IPv6 network | no |
//! | loopback, where the world of the settings is on this computer ([`NetConfig::is_here`](crate::NetConfig::is_here)) | yes |
//!
//! Nothing is told but what is asked for: no cookie, no referrer, no language, no name of this program.

use crate::http::{self, HttpAnswer, HttpError, HttpRequest, Place};
use crate::{HTTPS_PORT, Net, is_public};
use hyper::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// The port of HTTP.
const HTTP_PORT: u16 = 80;
/// Ports below this one belong to services that are not the web's.
const FIRST_FREE_PORT: u16 = 1024;
/// What most programs begin with when they say what they are. Some hosts answer nobody who says nothing.
const NEUTRAL: &str = "Mozilla/5.0";
/// The pictures that are shown. Hosts choose by this: what is not named here (AVIF) would come and be shown as none.
const KINDS: &str = "image/webp,image/png,image/jpeg,image/gif,image/bmp,*/*;q=0.1";

/// How much of a stranger's answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignBounds {
    /// The largest answer, in octets.
    pub largest: usize,
    /// The time for all of it.
    pub patience: Duration,
    /// How often it may lead elsewhere.
    pub redirects: u8,
}

/// Why something was not had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignError {
    /// It is no address that is asked: another scheme, a user in it, a port of another service.
    #[error("{0} is no address that a letter may have asked")]
    Address(String),
    /// The host has no address but such as are in this computer's own networks.
    #[error("{0} is in a network of this computer, where a letter may not have anything asked")]
    NotPublic(String),
    /// The caller does not want it asked.
    #[error("{0} is not asked")]
    Unwanted(String),
    /// It leads elsewhere more often than is followed.
    #[error("it leads elsewhere too often")]
    TooManyRedirects,
    /// Another status than 200.
    #[error("the host answered {0}")]
    Status(u16),
    /// There is no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Net {
    /// Fetches what a stranger named. `wanted` is asked about each address, the ones of redirects among them.
    pub async fn fetch_foreign(
        &self,
        url: &str,
        bounds: ForeignBounds,
        wanted: impl Fn(&str) -> bool + Send + Sync,
    ) -> Result<Vec<u8>, ForeignError> {
        let slow = || ForeignError::Http(HttpError::Slow(bounds.patience.as_secs()));
        timeout(bounds.patience, follow(self, url, bounds, wanted)).await.map_err(|_| slow())?
    }

    /// Posts a form to a place that a stranger named, over TLS, and gives the status of the answer. It is never led
    /// elsewhere.
    pub async fn post_foreign(&self, url: &str, form: &str, bounds: ForeignBounds) -> Result<u16, ForeignError> {
        let slow = || ForeignError::Http(HttpError::Slow(bounds.patience.as_secs()));
        timeout(bounds.patience, post(self, url, form, bounds)).await.map_err(|_| slow())?
    }
}

async fn post(net: &Net, url: &str, form: &str, bounds: ForeignBounds) -> Result<u16, ForeignError> {
    let url = parsed(url)?;
    if url.scheme() != "https" && !net.config().is_here() {
        return Err(ForeignError::Address(host_of(&url)));
    }
    let mut request = HttpRequest::get(url.as_str(), bounds.largest, bounds.patience);
    request.body = Some(form.as_bytes().to_vec());
    request.headers = vec![
        (USER_AGENT.to_string(), NEUTRAL.to_owned()),
        (CONTENT_TYPE.to_string(), "application/x-www-form-urlencoded".to_owned()),
    ];
    let (answer, _) = converse(net, &url, &request).await?;
    Ok(answer.status)
}

async fn follow(
    net: &Net,
    url: &str,
    bounds: ForeignBounds,
    wanted: impl Fn(&str) -> bool + Send + Sync,
) -> Result<Vec<u8>, ForeignError> {
    let mut url = parsed(url)?;
    for _ in 0..=bounds.redirects {
        if !wanted(url.as_str()) {
            return Err(ForeignError::Unwanted(host_of(&url)));
        }
        let (answer, location) = ask(net, &url, bounds).await?;
        match (answer.status, location) {
            (200, _) => return Ok(answer.body),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let led = url.join(&location).map_err(|_| ForeignError::Address(location))?;
                url = parsed(led.as_str())?;
            }
            (status, _) => return Err(ForeignError::Status(status)),
        }
    }
    Err(ForeignError::TooManyRedirects)
}

async fn ask(net: &Net, url: &Url, bounds: ForeignBounds) -> Result<(HttpAnswer, Option<String>), ForeignError> {
    let mut request = HttpRequest::get(url.as_str(), bounds.largest, bounds.patience);
    request.headers = vec![(USER_AGENT.to_string(), NEUTRAL.to_owned()), (ACCEPT.to_string(), KINDS.to_owned())];
    converse(net, url, &request).await
}

/// Looks a host up once, and asks at the addresses of others that it has.
async fn converse(net: &Net, url: &Url, request: &HttpRequest) -> Result<(HttpAnswer, Option<String>), ForeignError> {
    let place = place(net, url)?;
    let found = net.addresses(&place.host).await.map_err(HttpError::from)?;
    let allowed = of_others(net, &found);
    if allowed.is_empty() {
        return Err(ForeignError::NotPublic(place.host));
    }
    let stream = http::reach(net, &place, allowed).await?;
    Ok(http::converse(stream, &place, request).await?)
}

/// Those of the addresses that may be asked for what a stranger names.
pub(crate) fn of_others(net: &Net, found: &[IpAddr]) -> Vec<IpAddr> {
    let (own, is_here) = (net.own_addresses(), net.config().is_here());
    found.iter().copied().filter(|ip| may_be_asked(*ip, &own, is_here)).collect()
}

/// An address of the web, without what only a browser needs.
fn parsed(text: &str) -> Result<Url, ForeignError> {
    let wrong = || ForeignError::Address(text.split('?').next().unwrap_or_default().to_owned());
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let port = url.port_or_known_default().unwrap_or_default();
    let is_web_port = matches!(port, HTTP_PORT | HTTPS_PORT) || port >= FIRST_FREE_PORT;
    if !is_web || !is_web_port || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    url.set_fragment(None);
    Ok(url)
}

fn place(net: &Net, url: &Url) -> Result<Place, ForeignError> {
    let encrypted = url.scheme() == "https";
    let customary = if encrypted { net.config().https_port } else { HTTP_PORT };
    let uri = url.as_str().parse().map_err(|_| ForeignError::Address(host_of(url)))?;
    Ok(Place { uri, host: host_of(url), port: url.port().unwrap_or(customary), encrypted })
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Whether an address may be asked for what a stranger names. `own` are the addresses of this computer; `is_here`:
/// whether the world of the settings is on it.
fn may_be_asked(ip: IpAddr, own: &[IpAddr], is_here: bool) -> bool {
    let ip = ip.to_canonical();
    if is_here && ip.is_loopback() {
        return true;
    }
    let is_ours = own.iter().any(|own| own.to_canonical() == ip || is_beside(*own, ip));
    let carries_other = carried(ip).is_some_and(|inner| !is_public(inner));
    is_public(ip) && !is_reserved(ip) && !is_ours && !carries_other
}

/// Whether two addresses are in one IPv6 network, where every device has an address that means the same to everybody.
fn is_beside(own: IpAddr, ip: IpAddr) -> bool {
    match (own, ip) {
        (IpAddr::V6(own), IpAddr::V6(ip)) => own.segments().get(..4) == ip.segments().get(..4),
        _ => false,
    }
}

/// The IPv4 address that a translator or tunnel makes of an IPv6 address (RFC 6052, RFC 2765 §2.1, RFC 3056, RFC 4380,
/// RFC 4291 §2.5.5.1, RFC 5214 §6.1).
fn carried(ip: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(ip) = ip else { return None };
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let joined = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    let inner = match (a, b) {
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => joined(g, h),
        (0x2002, _) => joined(b, c),
        (0x2001, 0) => joined(!g, !h),
        (0, 0) if [c, d, e, f] == [0; 4] || [c, d, e, f] == [0, 0, 0xffff, 0] => joined(g, h),
        _ if matches!([e, f], [0 | 0x200, 0x5efe]) => joined(g, h),
        _ => return None,
    };
    Some(inner.into())
}

/// What is set aside and belongs to nobody on the way (RFC 6890).
fn is_reserved(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets().first().is_some_and(|first| *first == 0 || *first >= 240),
        IpAddr::V6(ip) => is_site_local(ip) || is_translated_locally(ip),
    }
}

/// RFC 3879.
fn is_site_local(ip: Ipv6Addr) -> bool {
    ip.segments().first().is_some_and(|first| first & 0xffc0 == 0xfec0)
}

/// A network's own translators (RFC 8215): where the IPv4 address stands in it is theirs to know.
fn is_translated_locally(ip: Ipv6Addr) -> bool {
    matches!(ip.segments(), [0x64, 0xff9b, 1, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetConfig;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[test]
    fn only_addresses_of_others_are_asked() {
        let own: Vec<IpAddr> = ["203.0.113.9", "2001:db8:1:2::7"].map(|ip| ip.parse().expect("an address")).into();
        let table = [
            ("198.51.100.1", true),
            ("2001:db8:1:3::7", true),
            ("64:ff9b::198.51.100.1", true),
            ("203.0.113.9", false),
            ("203.0.113.10", true),
            ("2001:db8:1:2::7", false),
            ("2001:db8:1:2:ffff::1", false),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("172.16.3.4", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("::127.0.0.1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::10.0.0.1", false),
            ("64:ff9b:1:a00:0:100::", false),
            ("::ffff:0:10.0.0.1", false),
            ("::ffff:0:127.0.0.1", false),
            ("2001:db8:9::5efe:10.0.0.1", false),
            ("2001:db8:9::200:5efe:192.168.0.1", false),
            ("2001:db8:9::5efe:198.51.100.1", true),
            ("2002:a00:1::1", false),
            ("2002:c633:6401::1", true),
            ("2001:0:1:2:3:4:f5ff:fffe", false),
        ];
        for (ip, expected) in table {
            assert_eq!(may_be_asked(ip.parse().expect("an address"), &own, false), expected, "{ip}");
        }
        assert!(may_be_asked("127.0.0.1".parse().expect("an address"), &own, true));
        assert!(!may_be_asked("10.0.0.1".parse().expect("an address"), &own, true));
    }

    #[test]
    fn only_the_web_is_asked() {
        let table = [
            ("https://a.test/x#part", Some("https://a.test/x")),
            ("http://a.test:8080/", Some("http://a.test:8080/")),
            ("http://a.test:25/", None),
            ("https://a.test:22/", None),
            ("https://you@a.test/", None),
            ("ftp://a.test/", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("/x", None),
        ];
        for (url, expected) in table {
            assert_eq!(parsed(url).ok().as_ref().map(Url::as_str), expected, "{url}");
        }
    }

    /// Answers every request with the next of these answers; gives the port and what was asked.
    async fn server(answers: Vec<String>) -> (u16, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                request.truncate(read);
                heard.lock().expect("a list").push(String::from_utf8_lossy(&request).into_owned());
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, asked)
    }

    fn net(is_here: bool) -> Net {
        let smtp_port = if is_here { 2525 } else { crate::SMTP_PORT };
        Net::new(NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], smtp_port, ..NetConfig::default() })
            .expect("a network")
    }

    fn bounds() -> ForeignBounds {
        ForeignBounds { largest: 1000, patience: Duration::from_secs(10), redirects: 2 }
    }

    fn ok(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    fn to(location: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
    }

    #[tokio::test]
    async fn nothing_is_told_but_what_is_asked_for() {
        let (port, asked) = server(vec![to("/b?c=d"), ok("image")]).await;
        let got = net(true).fetch_foreign(&format!("http://127.0.0.1:{port}/a"), bounds(), |_| true).await;
        assert_eq!(got.expect("an answer"), b"image");
        let asked = asked.lock().expect("a list").join("\n").to_lowercase();
        assert!(
            asked.contains("get /a ") && asked.contains("get /b?c=d ") && asked.contains("user-agent: mozilla/5.0")
        );
        assert!(asked.contains("image/webp") && !asked.contains("avif"), "only what can be shown: {asked}");
        for secret in ["cookie", "referer", "postrider", "accept-language", "origin"] {
            assert!(!asked.contains(secret), "{secret} in {asked}");
        }
    }

    #[tokio::test]
    async fn this_computer_is_not_asked_for_a_stranger() {
        let (port, asked) = server(vec![ok("secret")]).await;
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
            let got = net(false).fetch_foreign(&format!("http://{host}:{port}/"), bounds(), |_| true).await;
            assert!(matches!(got, Err(ForeignError::NotPublic(_) | ForeignError::Http(_))), "{host}: {got:?}");
        }
        assert!(asked.lock().expect("a list").is_empty());
    }

    #[tokio::test]
    async fn a_form_is_posted_with_nothing_of_ours_and_is_led_nowhere() {
        let (port, asked) = server(vec![to("/again"), ok("late")]).await;
        let url = format!("http://127.0.0.1:{port}/leave");
        assert_eq!(net(true).post_foreign(&url, "List-Unsubscribe=One-Click", bounds()).await, Ok(302));
        let asked = asked.lock().expect("a list").join("\n");
        assert!(
            asked.starts_with("POST /leave ") && asked.ends_with("\r\n\r\nList-Unsubscribe=One-Click"),
            "{asked}"
        );
        let asked = asked.to_lowercase();
        for secret in ["cookie", "referer", "postrider", "accept-language", "origin", "/again"] {
            assert!(!asked.contains(secret), "{secret} in {asked}");
        }
    }

    #[tokio::test]
    async fn nothing_is_posted_to_this_computer_or_in_the_clear() {
        let (port, asked) = server(vec![ok("")]).await;
        for (url, expected) in [
            (format!("https://127.0.0.1:{port}/"), "NotPublic"),
            (format!("https://[::ffff:127.0.0.1]:{port}/"), "NotPublic"),
            (format!("https://[64:ff9b::7f00:1]:{port}/"), "NotPublic"),
            (format!("http://127.0.0.1:{port}/"), "Address"),
            (format!("https://you@127.0.0.1:{port}/"), "Address"),
        ] {
            let got = net(false).post_foreign(&url, "x", bounds()).await;
            let error = format!("{:?}", got.expect_err("a refusal"));
            assert!(error.contains(expected), "{url}: {error} is not {expected}");
        }
        assert!(asked.lock().expect("a list").is_empty());
    }

    #[tokio::test]
    async fn a_redirect_is_judged_like_the_first_address() {
        let cases = [
            (to("http://10.0.0.1/"), "NotPublic"),
            (to("file:///etc/passwd"), "Address"),
            (to("http://127.0.0.1:22/"), "Address"),
            (to("http://tracker.test/"), "Unwanted"),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "Status(404)"),
            (ok(&"x".repeat(2000)), "Large"),
        ];
        for (answer, expected) in cases {
            let (port, _) = server(vec![answer]).await;
            let wanted = |url: &str| !url.contains("tracker");
            let got = net(true).fetch_foreign(&format!("http://127.0.0.1:{port}/"), bounds(), wanted).await;
            let error = format!("{:?}", got.expect_err("a refusal"));
            assert!(error.contains(expected), "{error} is not {expected}");
        }
    }

    #[tokio::test]
    async fn what_leads_elsewhere_for_ever_is_left() {
        let (port, asked) = server(vec![to("/1"), to("/2"), to("/3"), ok("late")]).await;
        let got = net(true).fetch_foreign(&format!("http://127.0.0.1:{port}/"), bounds(), |_| true).await;
        assert_eq!(got, Err(ForeignError::TooManyRedirects));
        assert_eq!(asked.lock().expect("a list").len(), 3);
    }
}
