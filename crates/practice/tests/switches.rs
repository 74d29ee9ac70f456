//! The switches over real sockets: what a client meets once one is turned.
// What the functions beside the tests unwrap, they unwrap on behalf of a test.
#![allow(clippy::unwrap_used)]

mod peer;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use peer::{Peer, empty_office};
use postrider_practice::{Order, Port25, PostOffice, Switches, Watching, order};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `mx.prompt.test`.
const PROMPT: u8 = 2;
/// `mx.practice.test`.
const HOME: u8 = 1;

async fn turn(office: &PostOffice, words: &str) -> Switches {
    office.obey(words.parse().unwrap()).await
}

async fn dial(office: &PostOffice, host: u8) -> Result<TcpStream, ErrorKind> {
    TcpStream::connect(SocketAddr::from(([127, 25, 0, host], office.info().smtp_port)))
        .await
        .map_err(|error| error.kind())
}

async fn dial_submission(office: &PostOffice) -> Result<TcpStream, ErrorKind> {
    TcpStream::connect(&office.info().submission).await.map_err(|error| error.kind())
}

#[tokio::test]
async fn a_blocked_port_25_refuses_every_host_and_leaves_submission_open() {
    let office = empty_office().await;
    let (mut speaking, _) = Peer::call(office.info(), PROMPT).await;
    turn(&office, "port-25 blocked").await;
    assert_eq!(speaking.line().await, "", "who was connected is cut off");
    for host in [HOME, PROMPT] {
        assert_eq!(dial(&office, host).await.err(), Some(ErrorKind::ConnectionRefused));
    }
    dial_submission(&office).await.unwrap();
    turn(&office, "port-25 open").await;
    let (_, greeting) = Peer::call(office.info(), PROMPT).await;
    assert_eq!(greeting, "220 mx.prompt.test ESMTP Practice\r\n");
}

#[tokio::test]
async fn a_gateway_answers_in_place_of_the_host_and_takes_encryption_out() {
    let office = empty_office().await;
    turn(&office, "port-25 intercepted").await;
    for host in [HOME, PROMPT] {
        let (mut peer, greeting) = Peer::call(office.info(), host).await;
        assert!(greeting.starts_with("220 mailgate.provider.test ****"), "{greeting}");
        let ehlo = peer.say("EHLO client.test").await;
        assert!(ehlo.contains("XXXXXXXA\r\n") && !ehlo.contains("STARTTLS"), "{ehlo}");
        peer.dialogue(&[("STARTTLS", "502")]).await;
    }
    let (mut peer, _) = Peer::call(office.info(), PROMPT).await;
    peer.dialogue(&[
        ("EHLO client.test", "250"),
        ("MAIL FROM:<you@practice.test>", "250"),
        ("RCPT TO:<anna@prompt.test>", "250"),
        ("DATA", "354"),
        ("Subject: Hi\r\n\r\n.", "250"),
    ])
    .await;
    assert_eq!(office.delivered()[0].host, "mx.prompt.test", "what it lets through arrives");
}

#[tokio::test]
async fn behind_a_login_page_nothing_is_sent_in_any_way() {
    let office = empty_office().await;
    turn(&office, "portal on").await;
    assert_eq!(dial(&office, PROMPT).await.err(), Some(ErrorKind::ConnectionRefused));
    assert_eq!(dial_submission(&office).await.err(), Some(ErrorKind::ConnectionRefused));
    TcpStream::connect(&office.info().imap).await.unwrap();
    turn(&office, "portal off").await;
    dial(&office, PROMPT).await.unwrap();
    dial_submission(&office).await.unwrap();
}

/// What `RCPT` meets at a host.
async fn recipient(office: &PostOffice, host: u8, recipient: &str) -> String {
    let (mut peer, _) = Peer::call(office.info(), host).await;
    peer.dialogue(&[("EHLO client.test", "250"), ("MAIL FROM:<you@practice.test>", "250")]).await;
    peer.say(&format!("RCPT TO:<{recipient}>")).await
}

#[tokio::test]
async fn hosts_look_at_the_address_that_the_switches_give() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), PROMPT).await;
    let ehlo = peer.say("EHLO client.test").await;
    assert!(ehlo.starts_with("250-mx.prompt.test Hello client.test [203.0.113.25]\r\n"), "{ehlo}");
    for (words, expected) in [
        ("reverse-dns missing", "450 4.7.25 Client host rejected: cannot find your reverse hostname, [203.0.113.25]"),
        ("reverse-dns generic", "250 2.1.5"),
        (
            "dns-list listed",
            "554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org",
        ),
        (
            "dns-list policy",
            "554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org",
        ),
        ("reset", "250 2.1.5"),
    ] {
        turn(&office, words).await;
        let reply = recipient(&office, PROMPT, "anna@prompt.test").await;
        assert!(reply.starts_with(expected), "{words}: {reply}");
        let home = recipient(&office, HOME, "you@practice.test").await;
        assert!(home.starts_with("250 2.1.5"), "{words}: {home}");
    }
}

#[tokio::test]
async fn a_sleep_lets_an_hour_pass_at_once() {
    let office = empty_office().await;
    let greylisted = || recipient(&office, 3, "anna@greylist.test");
    assert!(greylisted().await.starts_with("451"));
    assert!(greylisted().await.starts_with("451"));
    assert_eq!(turn(&office, "sleep").await.hours_slept, 1);
    assert!(greylisted().await.starts_with("250"));
}

#[tokio::test]
async fn another_process_gives_orders_and_is_told_of_every_change() {
    let office = empty_office().await;
    let mut watching = Watching::begin(office.control()).await.unwrap();
    let mut told = async || {
        let next = tokio::time::timeout(Duration::from_secs(10), watching.next()).await.unwrap();
        next.unwrap()
    };
    assert_eq!(told().await, Some(Switches::default()));
    let after = order(office.control(), "port-25 blocked".parse().unwrap()).await.unwrap();
    assert_eq!(after, Switches { port_25: Port25::Blocked, ..Switches::default() });
    assert_eq!(dial(&office, PROMPT).await.err(), Some(ErrorKind::ConnectionRefused), "it is in force by then");
    assert_eq!(told().await, Some(after));
    assert_eq!(order(office.control(), Order::Show).await.unwrap(), after);
    office.stop().await;
    assert_eq!(told().await, None);
}

#[tokio::test]
async fn a_line_that_is_no_order_ends_the_connection() {
    let office = empty_office().await;
    let mut stream = TcpStream::connect(office.control()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\nport-25 blocked\n").await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.contains("\"error\":\"there is no such switch"), "{answer}");
    assert_eq!(office.switches(), Switches::default());
}

#[tokio::test]
async fn a_post_office_opens_with_every_switch_off() {
    let home = tempfile::tempdir().unwrap();
    let open = async || {
        let options = postrider_practice::Options {
            home: Some(home.path().to_owned()),
            letters: postrider_practice::Letters::None,
            ..Default::default()
        };
        PostOffice::start(options).await.unwrap()
    };
    let office = open().await;
    turn(&office, "port-25 blocked").await;
    office.stop().await;
    assert!(open().await.switches().are_off());
}
