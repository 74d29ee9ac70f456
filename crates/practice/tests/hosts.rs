//! The mail hosts over real sockets: each character plays its part.

mod peer;

use std::time::{Duration, Instant};

use peer::{Peer, empty_office};
use postrider_practice::{Letters, Options, PostOffice};

const LETTER: &str = "Subject: Hi\r\n\r\n..two dots\r\nEnd\r\n.";

/// What a host answers to one letter: greeting, EHLO, MAIL, RCPT, DATA, the final dot, as far as it goes.
async fn attempt(peer: &mut Peer, recipient: &str) -> String {
    let mut last = String::new();
    for (command, good) in [
        ("EHLO client.test".to_owned(), "250"),
        ("MAIL FROM:<you@practice.test>".to_owned(), "250"),
        (format!("RCPT TO:<{recipient}>"), "250"),
        ("DATA".to_owned(), "354"),
        (LETTER.to_owned(), "250"),
    ] {
        last = peer.say(&command).await;
        if !last.starts_with(good) {
            return last;
        }
    }
    last
}

#[tokio::test]
async fn each_character_answers_as_its_table_says() {
    let office = empty_office().await;
    let table = [
        (2, "a@prompt.test", "250 2.0.0 Ok: queued"),
        (3, "a@greylist.test", "451 4.7.1 <a@greylist.test>: Recipient address rejected: Greylisted for 30 seconds"),
        (4, "a@quietgrey.test", "451 4.7.1 <a@quietgrey.test>: Recipient address rejected: Greylisting in progress"),
        (5, "a@nobody.test", "550 5.1.1 <a@nobody.test>"),
        (6, "a@full.test", "452 4.2.2 <a@full.test>"),
        (7, "a@large.test", "250 2.0.0"),
        (9, "a@notls.test", "250 2.0.0"),
        (12, "a@nordns.test", "550-5.7.25 The IP address"),
        (16, "a@split.test", "250 2.0.0"),
        (17, "yes@partial.test", "250 2.0.0"),
        (17, "no@partial.test", "550 5.1.1"),
        (17, "later@partial.test", "451 4.3.0"),
        (18, "a@echo.test", "250 2.0.0"),
        (19, "a@bounce.test", "250 2.0.0"),
        (20, "a@drop.test", ""),
        (21, "a@fjordpost.test", "250 2.0.0"),
        (2, "a@full.test", "554 5.7.1 <a@full.test>: Relay access denied"),
    ];
    for (host, recipient, expected) in table {
        let (mut peer, greeting) = Peer::call(office.info(), host).await;
        assert!(greeting.starts_with("220 mx"), "{greeting}");
        let reply = attempt(&mut peer, recipient).await;
        assert!(reply.starts_with(expected) && reply.is_empty() == expected.is_empty(), "{recipient}: {reply}");
    }
    let taken: Vec<_> = office.delivered().into_iter().flat_map(|delivered| delivered.recipients).collect();
    assert_eq!(
        taken,
        [
            "a@prompt.test",
            "a@large.test",
            "a@notls.test",
            "a@split.test",
            "yes@partial.test",
            "a@echo.test",
            "a@bounce.test",
            "a@fjordpost.test"
        ]
    );
}

#[tokio::test]
async fn a_message_is_kept_byte_for_byte_with_its_dots_unstuffed() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 2).await;
    attempt(&mut peer, "Anna.B@Prompt.test").await;
    let delivered = office.delivered();
    assert_eq!(delivered[0].bytes, b"Subject: Hi\r\n\r\n.two dots\r\nEnd\r\n");
    assert_eq!((delivered[0].host.as_str(), delivered[0].sender.as_str()), ("mx.prompt.test", "you@practice.test"));
    assert_eq!(delivered[0].recipients, ["Anna.B@prompt.test"]);
}

#[tokio::test]
async fn a_refused_greeting_is_followed_by_503_until_quit() {
    let office = empty_office().await;
    let (mut peer, greeting) = Peer::call(office.info(), 11).await;
    for words in ["554 5.7.1 ", "Client host [203.0.113.25] blocked using zen.spamhaus.org", "PBL"] {
        assert!(greeting.contains(words), "{greeting}");
    }
    peer.dialogue(&[("EHLO client.test", "503 5.5.1"), ("QUIT", "221 2.0.0")]).await;
    let (mut peer, greeting) = Peer::call(office.info(), 15).await;
    assert!(greeting.starts_with("421 4.3.2"), "{greeting}");
    assert_eq!(peer.line().await, "");
}

#[tokio::test]
async fn a_greylisted_recipient_passes_once_the_delay_is_over() {
    let office = empty_office().await;
    for host in [(3, "b@greylist.test"), (4, "b@quietgrey.test")] {
        let (mut peer, _) = Peer::call(office.info(), host.0).await;
        assert!(attempt(&mut peer, host.1).await.starts_with("451"));
    }
    office.advance(Duration::from_secs(31));
    for host in [(3, "b@greylist.test"), (4, "b@quietgrey.test")] {
        let (mut peer, _) = Peer::call(office.info(), host.0).await;
        assert!(attempt(&mut peer, host.1).await.starts_with("250"), "{}", host.1);
    }
}

#[tokio::test]
async fn a_third_message_within_a_minute_is_throttled() {
    let office = empty_office().await;
    for expected in ["250", "250", "421-4.7.28"] {
        let (mut peer, _) = Peer::call(office.info(), 13).await;
        let reply = attempt(&mut peer, "a@throttle.test").await;
        assert!(reply.starts_with(expected), "{reply}");
    }
    office.advance(Duration::from_secs(61));
    let (mut peer, _) = Peer::call(office.info(), 13).await;
    assert!(attempt(&mut peer, "a@throttle.test").await.starts_with("250"));
}

#[tokio::test]
async fn a_slow_host_takes_its_time_for_each_of_six_answers() {
    let slow_pause = Duration::from_millis(40);
    let options = Options { letters: Letters::None, slow_pause, ..Options::default() };
    let office = PostOffice::start(options).await.unwrap();
    let start = Instant::now();
    let (mut peer, _) = Peer::call(office.info(), 8).await;
    assert!(attempt(&mut peer, "a@slow.test").await.starts_with("250"));
    assert!(start.elapsed() >= slow_pause * 6);
}

#[tokio::test]
async fn a_large_message_is_refused_by_its_stated_size_and_by_its_real_one() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 7).await;
    let hello = peer.say("EHLO client.test").await;
    assert!(hello.contains("250-SIZE 1000000\r\n"), "{hello}");
    peer.dialogue(&[
        ("MAIL FROM:<you@practice.test> SIZE=1000001", "552 5.3.4"),
        ("MAIL FROM:<you@practice.test>", "250"),
        ("RCPT TO:<a@large.test>", "250"),
        ("DATA", "354"),
    ])
    .await;
    peer.send(vec![b"0123456789012345678901234567890123456789\r\n".as_slice(); 25_000].concat()).await;
    assert!(peer.say(".").await.starts_with("552 5.3.4"));
    assert!(office.delivered().is_empty());
}

#[tokio::test]
async fn the_order_of_commands_and_their_grammar_are_kept() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 2).await;
    peer.dialogue(&[
        ("MAIL FROM:<you@practice.test>", "503 5.5.1"),
        ("EHLO", "501 5.5.4"),
        ("HELO client.test", "250 mx.prompt.test"),
        ("RCPT TO:<a@prompt.test>", "503 5.5.1"),
        ("MAIL FROM:<you@practice.test>", "250"),
        ("MAIL FROM:<you@practice.test>", "503 5.5.1"),
        ("DATA", "554 5.5.1"),
        ("RSET", "250"),
        ("DATA", "503 5.5.1"),
        ("MAIL FROM: <you@practice.test>", "501 5.5.4"),
        ("MAIL FROM:<you@practice.test> SMTPUTF8", "555 5.5.4"),
        ("AUTH PLAIN", "502 5.5.1"),
        ("BDAT 10 LAST", "500 5.5.2"),
        ("QUIT", "221 2.0.0"),
    ])
    .await;
    assert_eq!(peer.line().await, "");
}

#[tokio::test]
async fn a_message_with_bare_line_ends_long_lines_or_unannounced_octets_is_refused() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 2).await;
    peer.say("EHLO client.test").await;
    let long = "x".repeat(999);
    for (text, expected) in [("a\nb", "550 5.5.2"), ("a\rb", "550 5.5.2"), (&long, "554 5.6.0"), ("ä", "554 5.6.1")]
    {
        peer.dialogue(&[("MAIL FROM:<>", "250"), ("RCPT TO:<a@prompt.test>", "250"), ("DATA", "354")]).await;
        let reply = peer.say(&format!("{text}\r\n.")).await;
        assert!(reply.starts_with(expected), "{reply}");
    }
    peer.dialogue(&[("MAIL FROM:<> BODY=8BITMIME", "250"), ("RCPT TO:<a@prompt.test>", "250"), ("DATA", "354")])
        .await;
    assert!(peer.say("ä\r\n.").await.starts_with("250"));
}

#[tokio::test]
async fn commands_may_come_all_at_once() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 17).await;
    let hello = peer.say("EHLO client.test").await;
    for word in ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"] {
        assert!(hello.contains(word), "{hello}");
    }
    peer.send(
        "MAIL FROM:<you@practice.test>\r\nRCPT TO:<yes@partial.test>\r\nRCPT TO:<no@partial.test>\r\n\
         RCPT TO:<later@partial.test>\r\nDATA\r\n",
    )
    .await;
    for expected in ["250", "250", "550", "451", "354"] {
        let reply = peer.reply().await;
        assert!(reply.starts_with(expected), "{reply}");
    }
    assert!(peer.say("Subject: x\r\n\r\n.").await.starts_with("250"));
    assert_eq!(office.delivered()[0].recipients, ["yes@partial.test"]);
}

#[tokio::test]
async fn starttls_shows_a_certificate_of_the_authority_and_starts_anew() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 2).await;
    peer.dialogue(&[("EHLO client.test", "250"), ("STARTTLS", "220 2.0.0")]).await;
    let mut peer = peer.secure(office.info(), "mx.prompt.test").await.unwrap();
    assert!(peer.say("MAIL FROM:<>").await.starts_with("503"));
    assert!(!peer.say("EHLO client.test").await.contains("STARTTLS"));
    assert!(attempt(&mut peer, "a@prompt.test").await.starts_with("250"));
}

#[tokio::test]
async fn a_certificate_that_is_over_or_for_another_name_does_not_verify() {
    let office = empty_office().await;
    for (host, name) in [(10, "mx.oldcert.test"), (2, "mx.nobody.test")] {
        let (mut peer, _) = Peer::call(office.info(), host).await;
        peer.dialogue(&[("EHLO client.test", "250"), ("STARTTLS", "220")]).await;
        assert!(peer.secure(office.info(), name).await.is_err(), "{name}");
    }
    let (mut peer, _) = Peer::call(office.info(), 9).await;
    assert!(!peer.say("EHLO client.test").await.contains("STARTTLS"));
    assert!(peer.say("STARTTLS").await.starts_with("502"));
}

#[tokio::test]
async fn what_is_sent_in_clear_text_behind_starttls_is_never_obeyed() {
    let office = empty_office().await;
    let (mut peer, _) = Peer::call(office.info(), 2).await;
    peer.say("EHLO client.test").await;
    peer.send("STARTTLS\r\nNOOP\r\n").await;
    assert!(peer.reply().await.starts_with("421"));
    assert_eq!(peer.line().await, "");
}

#[tokio::test]
async fn nothing_listens_where_a_host_is_down() {
    let office = empty_office().await;
    let address = std::net::SocketAddr::from(([127, 25, 0, 14], office.info().smtp_port));
    let refused = tokio::net::TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}
