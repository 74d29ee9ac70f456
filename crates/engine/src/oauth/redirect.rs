//! How the answer comes back from the browser (RFC 8252 §7.3): to a port of this computer that is open for one answer, on
//! 127.0.0.1 and on ::1, since `localhost` may be either.
//!
//! Whoever knows the port may knock, as every page in the browser can. An answer counts only with the `state` that was
//! sent along, and only the first of them; everything else is turned away, and the port stays open for the right one.
//! Several are heard at a time: one that knocks and says nothing keeps nobody waiting.

use futures::StreamExt;
use futures::future::select_all;
use futures::stream::FuturesUnordered;
use oauth2::url::Url;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// The largest head of a request that is read, in octets.
const LARGEST: usize = 16 * 1024;
/// How long whoever knocks has to say what he wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// Those who knock that are heard at a time.
const AT_ONCE: usize = 16;
/// Ports that are tried until one is free on both addresses.
const TRIES: usize = 8;
/// The rest after a connection that could not be taken.
const REST: Duration = Duration::from_millis(100);

/// What an address that the browser was sent to says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The user agreed: the code for tokens.
    Code(String),
    /// The user or the provider said no: why.
    Refused(String),
    /// It is no answer to this question.
    NotOurs,
}

/// Reads the address: a whole one, or what follows the host.
pub(super) fn read_answer(address: &str, state: &str) -> Answer {
    let address = address.trim();
    let whole = if address.starts_with('/') { format!("http://127.0.0.1{address}") } else { address.to_owned() };
    let Ok(url) = Url::parse(&whole) else { return Answer::NotOurs };
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if state.is_empty() || value("state").as_deref() != Some(state) {
        return Answer::NotOurs;
    }
    match (value("code").filter(|code| !code.is_empty()), value("error")) {
        (_, Some(error)) => Answer::Refused(why(&error, value("error_description").as_deref())),
        (Some(code), None) => Answer::Code(code),
        (None, None) => Answer::NotOurs,
    }
}

/// An error of RFC 6749 §4.1.2.1 in words.
pub(super) fn why(error: &str, description: Option<&str>) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(300).collect::<String>();
    match (error, description) {
        ("access_denied", None) => "you, or your provider, said no".to_owned(),
        (_, Some(description)) if !description.trim().is_empty() => {
            format!("{} ({})", plain(description), plain(error))
        }
        (error, _) => plain(error),
    }
}

/// A port of this computer for one answer.
pub(super) struct Listeners {
    port: u16,
    /// One for each address, IPv4 first.
    all: Vec<TcpListener>,
}

impl Listeners {
    /// Opens a port, the same on both addresses, or on 127.0.0.1 alone where this computer has no IPv6.
    pub async fn open() -> std::io::Result<Self> {
        let mut tries = 0;
        loop {
            tries += 1;
            let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = four.local_addr()?.port();
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(six) => return Ok(Self { port, all: vec![four, six] }),
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && tries < TRIES => {}
                Err(_) => return Ok(Self { port, all: vec![four] }),
            }
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next that knocks at either address.
    async fn knock(&self) -> std::io::Result<TcpStream> {
        let (knocked, ..) = select_all(self.all.iter().map(|listener| Box::pin(listener.accept()))).await;
        knocked.map(|(stream, _)| stream)
    }
}

/// Waits for the answer to this question.
pub(super) async fn wait(listeners: Listeners, state: &str) -> Answer {
    let mut heard = FuturesUnordered::new();
    loop {
        tokio::select! {
            knocked = listeners.knock(), if heard.len() < AT_ONCE => match knocked {
                Ok(stream) => heard.push(hear(stream, state)),
                Err(_) => tokio::time::sleep(REST).await,
            },
            Some(answer) = heard.next() => {
                if answer != Answer::NotOurs {
                    return answer;
                }
            }
        }
    }
}

/// What somebody who knocks has to say; he is shown what came of it.
async fn hear(mut stream: TcpStream, state: &str) -> Answer {
    let Some(target) = timeout(PATIENCE, target(&mut stream)).await.ok().flatten() else { return Answer::NotOurs };
    let answer = read_answer(&target, state);
    let page = page(&answer);
    let _ = timeout(PATIENCE, async {
        stream.write_all(page.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
    answer
}

/// What is asked for with GET; `None` where it is nothing of the kind.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut some = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut some).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(some.get(..read)?);
        if head.len() > LARGEST {
            return None;
        }
    }
    let line = String::from_utf8_lossy(head.split(|octet| *octet == b'\r').next()?).into_owned();
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some(target)) if target.starts_with('/') => Some(target.to_owned()),
        _ => None,
    }
}

/// What the browser shows. Nothing in it comes from whoever asked.
fn page(answer: &Answer) -> String {
    let (status, heading, text) = match answer {
        Answer::Code(_) => ("200 OK", "You are signed in", "Postrider goes on. You can close this page."),
        Answer::Refused(_) => {
            ("200 OK", "You are not signed in", "Postrider says why. You can close this page and try again there.")
        }
        Answer::NotOurs => {
            ("404 Not Found", "There is nothing here", "This page belongs to no sign-in of Postrider.")
        }
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Postrider</title><body style=\"font-family: system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; \
         padding: 0 1rem\"><h1>{heading}</h1><p>{text}</p></body></html>"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         Connection: close\r\n\r\n{html}",
        html.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_with_our_state_counts() {
        let code = |code: &str| Answer::Code(code.to_owned());
        let refused = |why: &str| Answer::Refused(why.to_owned());
        for (address, expected) in [
            ("/?state=s1&code=abc", code("abc")),
            ("/?code=a%2Fb&state=s1&scope=x", code("a/b")),
            ("https://localhost/?state=s1&code=abc", code("abc")),
            (" http://127.0.0.1:4/cb?state=s1&code=abc\n", code("abc")),
            ("/?state=s2&code=abc", Answer::NotOurs),
            ("/?code=abc", Answer::NotOurs),
            ("/?state=s1", Answer::NotOurs),
            ("/?state=s1&code=", Answer::NotOurs),
            ("/favicon.ico", Answer::NotOurs),
            ("not an address", Answer::NotOurs),
            ("/?state=s1&error=access_denied", refused("you, or your provider, said no")),
            ("/?state=s1&error=x&error_description=Not%20you&code=abc", refused("Not you (x)")),
            ("/?state=&code=abc", Answer::NotOurs),
        ] {
            assert_eq!(read_answer(address, "s1"), expected, "{address}");
        }
        assert_eq!(read_answer("/?state=&code=abc", ""), Answer::NotOurs);
    }

    async fn knock(port: u16, request: &str) -> String {
        knock_at("127.0.0.1", port, request).await
    }

    async fn knock_at(address: &str, port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((address, port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said).await;
        said
    }

    #[tokio::test]
    async fn others_who_knock_are_turned_away_and_the_right_answer_still_comes_through() {
        let listeners = Listeners::open().await.unwrap();
        let port = listeners.port();
        let waiting = tokio::spawn(async move { wait(listeners, "s1").await });
        let forged = knock(port, "GET /?state=guess&code=evil HTTP/1.1\r\n\r\n").await;
        assert!(forged.starts_with("HTTP/1.1 404"), "{forged}");
        assert_eq!(knock(port, "POST /?state=s1&code=evil HTTP/1.1\r\n\r\n").await, "");
        let ours = knock(port, "GET /?state=s1&code=<b> HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(ours.starts_with("HTTP/1.1 200") && ours.contains("signed in") && !ours.contains("<b>"), "{ours}");
        assert_eq!(waiting.await.unwrap(), Answer::Code("<b>".to_owned()));
    }

    #[tokio::test]
    async fn those_who_knock_and_say_nothing_keep_nobody_waiting() {
        let listeners = Listeners::open().await.unwrap();
        let port = listeners.port();
        let waiting = tokio::spawn(async move { wait(listeners, "s1").await });
        let mut silent = Vec::new();
        for _ in 0..AT_ONCE - 1 {
            silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        }
        let begun = std::time::Instant::now();
        let ours = knock(port, "GET /?state=s1&code=abc HTTP/1.1\r\n\r\n").await;
        assert!(ours.starts_with("HTTP/1.1 200") && begun.elapsed() < PATIENCE, "{ours}");
        assert_eq!(waiting.await.unwrap(), Answer::Code("abc".to_owned()));
    }

    #[tokio::test]
    async fn a_browser_that_takes_localhost_for_the_other_address_is_heard() {
        let listeners = Listeners::open().await.unwrap();
        let (port, addresses) = (listeners.port(), listeners.all.len());
        if addresses < 2 {
            return;
        }
        let waiting = tokio::spawn(async move { wait(listeners, "s1").await });
        let ours = knock_at("::1", port, "GET /?state=s1&code=abc HTTP/1.1\r\n\r\n").await;
        assert!(ours.starts_with("HTTP/1.1 200"), "{ours}");
        assert_eq!(waiting.await.unwrap(), Answer::Code("abc".to_owned()));
    }
}
