//! Asking for pages: redirects, bounds, and what is posted.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use postrider_net::{HttpError, HttpRequest, Net, NetConfig};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(5);

/// Answers each request with what `answer` makes of its first line, and keeps the requests.
async fn serve(answer: fn(&str) -> String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut octets = vec![0; 65_536];
            let read = tcp.read(&mut octets).await.unwrap_or(0);
            let request = String::from_utf8_lossy(octets.get(..read).unwrap_or_default()).into_owned();
            let first = request.lines().next().unwrap_or_default().to_owned();
            kept.lock().unwrap().push(request);
            let _ = tcp.write_all(answer(&first).as_bytes()).await;
        }
    });
    (at, asked)
}

fn net() -> Net {
    Net::new(NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], ..NetConfig::default() }).unwrap()
}

fn page(text: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{text}", text.len())
}

fn led(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_page_comes_with_its_type_and_redirects_are_followed_as_often_as_allowed() {
    let (at, _) = serve(|first| match first.split(' ').nth(1) {
        Some("/one") => led("/two"),
        Some("/two") => led("/three"),
        _ => page("<x/>"),
    })
    .await;
    let ask = |redirects| {
        let request = HttpRequest { redirects, ..HttpRequest::get(format!("{at}/one"), 1024, PATIENCE) };
        async move { net().http(request).await.unwrap() }
    };
    assert_eq!(ask(0).await.status, 302);
    assert_eq!(ask(1).await.status, 302);
    let page = ask(2).await;
    assert_eq!((page.status, page.body.as_slice()), (200, &b"<x/>"[..]));
    assert_eq!(page.content_type.as_deref(), Some("text/xml"));
    assert!(page.url.ends_with("/three"), "{}", page.url);
}

#[tokio::test]
async fn what_is_posted_is_never_handed_on() {
    let (at, asked) = serve(|_| led("/elsewhere")).await;
    let mut request = HttpRequest::get(format!("{at}/token"), 1024, PATIENCE);
    request.body = Some(b"code=secret".to_vec());
    request.redirects = 5;
    assert_eq!(net().http(request).await.unwrap().status, 302);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("POST /token HTTP/1.1") && asked[0].ends_with("code=secret"), "{asked:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_one_that_does_not_come_is_not_waited_for() {
    let (at, _) = serve(|_| page(&"x".repeat(5_000))).await;
    let answer = net().http(HttpRequest::get(&at, 1024, PATIENCE)).await;
    assert_eq!(answer, Err(HttpError::Large(1)));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", silent.local_addr().unwrap());
    let answer = net().http(HttpRequest::get(at, 1024, Duration::from_millis(50))).await;
    assert_eq!(answer, Err(HttpError::Slow(0)));
}
