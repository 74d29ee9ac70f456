//! The post office as a whole: names, submission, what comes back, and the letters that wait in it.
// What the functions beside the tests unwrap, they unwrap on behalf of a test.
#![allow(clippy::unwrap_used)]

mod peer;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::prelude::*;
use hickory_server::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_server::proto::rr::{Name, RData, RecordType};
use peer::{Peer, empty_office};
use postrider_practice::{Options, PostOffice};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message.to_vec().unwrap()
}

async fn ask_udp(office: &PostOffice, name: &str, kind: RecordType) -> Message {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.send_to(&question(name, kind), &office.info().dns).await.unwrap();
    let mut answer = [0; 2048];
    let count = socket.recv(&mut answer).await.unwrap();
    Message::from_vec(&answer[..count]).unwrap()
}

async fn ask_tcp(office: &PostOffice, name: &str, kind: RecordType) -> Message {
    let mut stream = TcpStream::connect(&office.info().dns).await.unwrap();
    let question = question(name, kind);
    stream.write_u16(question.len() as u16).await.unwrap();
    stream.write_all(&question).await.unwrap();
    let mut answer = vec![0; stream.read_u16().await.unwrap() as usize];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

#[tokio::test]
async fn the_name_server_answers_over_udp_and_tcp() {
    let office = empty_office().await;
    for answer in
        [ask_udp(&office, "split.test.", RecordType::MX).await, ask_tcp(&office, "Split.TEST.", RecordType::MX).await]
    {
        let hosts: Vec<(u16, String)> = answer
            .answers
            .iter()
            .filter_map(|record| match &record.data {
                RData::MX(mx) => Some((mx.preference, mx.exchange.to_string())),
                _ => None,
            })
            .collect();
        assert_eq!(hosts, [(10, "mx1.split.test.".to_owned()), (20, "mx2.split.test.".to_owned())]);
        assert!(answer.metadata.authoritative);
    }
    let table = [
        ("nowhere.test.", ResponseCode::NXDomain),
        ("servfail.test.", ResponseCode::ServFail),
        ("example.org.", ResponseCode::Refused),
        ("prompt.test.", ResponseCode::NoError),
    ];
    for (name, expected) in table {
        assert_eq!(ask_udp(&office, name, RecordType::MX).await.metadata.response_code, expected, "{name}");
    }
    assert!(ask_udp(&office, "mx.prompt.test.", RecordType::AAAA).await.answers.is_empty());
}

#[tokio::test]
async fn the_line_that_tells_how_to_reach_it_has_these_fields() {
    let office = empty_office().await;
    let line = serde_json::to_value(office.info()).unwrap();
    let names: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["address", "user", "password", "imap", "submission", "dns", "smtp_port", "ca"]);
    assert!(line["imap"].as_str().unwrap().starts_with("127.0.0.1:") && line["smtp_port"].is_u64());
    assert!(
        std::fs::read_to_string(line["ca"].as_str().unwrap()).unwrap().starts_with("-----BEGIN CERTIFICATE-----")
    );
}

/// A client of the submission server, in TLS and logged in.
async fn submitting(office: &PostOffice) -> Peer {
    let info = office.info();
    let mut peer = Peer::connect(info.submission.parse::<SocketAddr>().unwrap()).await;
    peer.reply().await;
    peer.dialogue(&[
        ("EHLO client.test", "250"),
        ("AUTH PLAIN AHgAeA==", "538"),
        ("MAIL FROM:<you@practice.test>", "530 5.7.0 Must issue a STARTTLS"),
        ("STARTTLS", "220"),
    ])
    .await;
    let mut peer = peer.secure(info, "smtp.practice.test").await.unwrap();
    assert!(peer.say("EHLO client.test").await.contains("AUTH PLAIN LOGIN"));
    let plain = BASE64_STANDARD.encode(format!("\0{}\0{}", info.user, info.password));
    peer.dialogue(&[
        ("MAIL FROM:<you@practice.test>", "530 5.7.0 Authentication required"),
        ("AUTH PLAIN AHlvdQB3cm9uZw==", "535 5.7.8"),
        (&format!("AUTH PLAIN {plain}"), "235 2.7.0"),
        ("MAIL FROM:<somebody@else.test>", "553 5.7.1"),
    ])
    .await;
    peer
}

async fn submit(peer: &mut Peer, recipients: &[&str]) {
    peer.dialogue(&[("MAIL FROM:<you@practice.test> ENVID=E+2D7 RET=HDRS", "250")]).await;
    for recipient in recipients {
        peer.dialogue(&[(&format!("RCPT TO:<{recipient}> NOTIFY=FAILURE,DELAY"), "250")]).await;
    }
    peer.dialogue(&[
        ("DATA", "354"),
        ("Message-ID: <1@practice.test>\r\nSubject: Hi\r\n\r\nHello\r\n.", "250 2.0.0"),
    ])
    .await;
}

/// A client of the mailbox with INBOX selected.
async fn reading(office: &PostOffice) -> Peer {
    let info = office.info();
    let mut peer = Peer::connect_tls(info, &info.imap, "127.0.0.1").await;
    peer.line().await;
    peer.imap(&format!("LOGIN {} {}", info.user, info.password)).await;
    peer.imap("SELECT INBOX").await;
    peer
}

/// Waits in IDLE until so many letters are there, then gives them all.
async fn letters(peer: &mut Peer, count: u32) -> String {
    peer.imap("SELECT INBOX").await;
    let found = peer.imap("SEARCH ALL").await;
    if !found.contains(&format!(" {count}\r\n")) && !found.contains(&format!("* {count} EXISTS")) {
        peer.send("t IDLE\r\n").await;
        peer.until(&format!("* {count} EXISTS")).await;
        peer.send("DONE\r\n").await;
        peer.until("t ").await;
    }
    peer.imap("FETCH 1:* BODY.PEEK[]").await
}

#[tokio::test]
async fn a_submitted_letter_meets_the_fate_of_each_recipient() {
    let office = empty_office().await;
    let mut peer = submitting(&office).await;
    submit(&mut peer, &["a@prompt.test", "you@practice.test", "a@greylist.test", "a@dynamic.test"]).await;
    let mut inbox = reading(&office).await;
    assert!(letters(&mut inbox, 1).await.contains("Return-Path: <you@practice.test>"));
    submit(&mut peer, &["a@nobody.test", "a@nowhere.test", "later@partial.test"]).await;
    office.advance(Duration::from_secs(1));
    let all = letters(&mut inbox, 4).await;
    for words in [
        "Original-Envelope-Id: E-7\r\n",
        "Final-Recipient: rfc822; a@nobody.test\r\nAction: failed\r\nStatus: 5.1.1",
        "Final-Recipient: rfc822; a@nowhere.test\r\nAction: failed\r\nStatus: 5.1.2",
        "Final-Recipient: rfc822; later@partial.test\r\nAction: delayed\r\nStatus: 4.3.0",
    ] {
        assert!(all.contains(words), "{words} in {all}");
    }
    let hosts = |office: &PostOffice| {
        let mut hosts: Vec<_> = office.delivered().into_iter().map(|delivered| delivered.host).collect();
        hosts.sort();
        hosts
    };
    assert_eq!(hosts(&office), ["mx.dynamic.test", "mx.practice.test", "mx.prompt.test"]);
    office.advance(Duration::from_secs(30));
    submit(&mut peer, &["you@practice.test"]).await;
    letters(&mut inbox, 5).await;
    assert!(hosts(&office).contains(&"mx.greylist.test".to_owned()));
}

#[tokio::test]
async fn submission_takes_a_tls_handshake_at_once_and_auth_login() {
    let office = empty_office().await;
    let info = office.info();
    let mut peer = Peer::connect_tls(info, &info.submission, "smtp.practice.test").await;
    assert!(peer.reply().await.starts_with("220 smtp.practice.test"));
    peer.dialogue(&[
        ("EHLO client.test", "250"),
        ("STARTTLS", "502"),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        (&BASE64_STANDARD.encode(&info.user), "334 UGFzc3dvcmQ6"),
        (&BASE64_STANDARD.encode(&info.password), "235"),
    ])
    .await;
}

/// Sends a letter straight to a mail host.
async fn send_to(office: &PostOffice, host: u8, recipient: &str) {
    let (mut peer, _) = Peer::call(office.info(), host).await;
    peer.dialogue(&[
        ("EHLO client.test", "250"),
        ("MAIL FROM:<you@practice.test>", "250"),
        (&format!("RCPT TO:<{recipient}>"), "250"),
        ("DATA", "354"),
        ("Message-ID: <1@practice.test>\r\nSubject: Hi\r\n\r\nHello\r\n.", "250"),
    ])
    .await;
}

#[tokio::test]
async fn an_echo_answers_with_the_text_quoted() {
    let office = empty_office().await;
    send_to(&office, 18, "anna@echo.test").await;
    let mut inbox = reading(&office).await;
    let answer = letters(&mut inbox, 1).await;
    for words in ["From: Echo <anna@echo.test>", "Subject: Re: Hi", "In-Reply-To: <1@practice.test>", "> Hello"] {
        assert!(answer.contains(words), "{answer}");
    }
}

#[tokio::test]
async fn a_bounce_arrives_after_its_delay() {
    let office = empty_office().await;
    send_to(&office, 19, "gone@bounce.test").await;
    let mut inbox = reading(&office).await;
    assert!(inbox.imap("SEARCH ALL").await.starts_with("* SEARCH\r\n"));
    office.advance(Duration::from_secs(21));
    let notice = letters(&mut inbox, 1).await;
    for words in
        ["Return-Path: <>", "Reporting-MTA: dns; mx.bounce.test", "Status: 5.1.1", "Message-ID: <1@practice.test>"]
    {
        assert!(notice.contains(words), "{notice}");
    }
}

#[tokio::test]
async fn a_year_of_letters_waits_in_a_new_mailbox() {
    let office = PostOffice::start(Options::default()).await.unwrap();
    let mut inbox = reading(&office).await;
    let status = inbox.imap("STATUS INBOX (MESSAGES UNSEEN)").await;
    let count: u32 = status.split("MESSAGES ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(count > 100, "{status}");
    let all = inbox.imap("UID FETCH 1:* (FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)").await;
    assert!(all.ends_with("t OK Fetched\r\n"));
    assert_eq!(all.matches(" BODYSTRUCTURE (").count() as u32, count);
}
