//! Logging in: what the account dialog is told when it works and when it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;

use model::{Secret, Security, Server};
use net::{Net, NetConfig};
use peer::{Fault, Peer};
use postrider_imap::{ServerInfo, SyncError, test_login};

async fn log_in(peer: &Peer, password: &str) -> Result<ServerInfo, SyncError> {
    let server = Server {
        host: "127.0.0.1".into(),
        port: peer.address.port(),
        security: Security::None,
        user: "you".into(),
        login: model::LoginForm::Password,
        trusted: None,
    };
    test_login(&server, &Secret::new(password), &Net::new(NetConfig::default()).unwrap()).await
}

#[tokio::test]
async fn a_login_tells_what_the_server_is() {
    let peer = Peer::start("IDLE MOVE").await;
    peer.make("Sent", "\\Sent");
    let info = log_in(&peer, "secret").await.unwrap();
    assert_eq!((info.mailboxes, info.tls), (2, None));
    assert!(info.capabilities.contains(&"MOVE".to_owned()));
}

#[tokio::test]
async fn a_wrong_password_comes_back_with_the_servers_words() {
    let peer = Peer::start("").await;
    let error = log_in(&peer, "wrong").await.unwrap_err();
    assert_eq!((error.code(), error.needs_a_person()), ("auth-failed", true));
    assert!(error.to_string().ends_with("refused the login: wrong password"), "{error}");
    assert!(!error.hint().is_empty());
}

#[tokio::test]
async fn every_way_to_fail_has_its_own_name() {
    let bytes = |text: &[u8]| Fault::Say(text.to_vec());
    let table: [(&'static str, Fault, &str, &str); 12] = [
        ("greeting", Fault::Bye("too many connections"), "unavailable", "too many connections"),
        ("greeting", bytes(b"HTTP/1.1 400 Bad Request\r\n"), "protocol-error", "HTTP/1.1"),
        ("greeting", bytes(b"220 mail.example.org ESMTP\r\n"), "protocol-error", "220"),
        ("greeting", bytes(b"* 3 EXISTS\r\n"), "protocol-error", "did not greet"),
        ("LOGIN", Fault::Close, "connection-lost", "closed"),
        ("LOGIN", Fault::Bye("shutting down"), "unavailable", "shutting down"),
        ("LOGIN", Fault::No("[UNAVAILABLE] the directory is down"), "unavailable", "directory"),
        (
            "LOGIN",
            bytes(b"TAG NO [AUTHENTICATIONFAILED] f\xfcr M\xc3\xbcller\r\n"),
            "auth-failed",
            "f\u{fffd}r Müller",
        ),
        ("LOGIN", bytes(b"X9 OK somebody else's\r\n"), "protocol-error", "X9"),
        ("LOGIN", bytes(b"+ more\r\n"), "protocol-error", "asked for more"),
        ("LIST", Fault::Bad("not today"), "refused", "not today"),
        ("LIST", bytes(b"* LIST () \"/\" {4294967295}\r\n"), "protocol-error", "literal of 4294967295"),
    ];
    for (command, fault, code, words) in table {
        let peer = Peer::start("").await;
        peer.fault(command, 0, fault.clone());
        let error = log_in(&peer, "secret").await.unwrap_err();
        assert_eq!(error.code(), code, "{command} {fault:?}: {error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let server = Server {
        host: "127.0.0.1".into(),
        port,
        security: Security::Tls,
        user: "you".into(),
        login: model::LoginForm::Password,
        trusted: None,
    };
    let net = Net::new(NetConfig::default()).unwrap();
    let error = test_login(&server, &Secret::new("x"), &net).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
}

#[tokio::test]
async fn a_server_that_does_not_offer_encryption_gets_no_password() {
    let peer = Peer::start("").await;
    let server = Server {
        host: "127.0.0.1".into(),
        port: peer.address.port(),
        security: Security::Starttls,
        user: "you".into(),
        login: model::LoginForm::Password,
        trusted: None,
    };
    let net = Net::new(NetConfig::default()).unwrap();
    let error = test_login(&server, &Secret::new("secret"), &net).await.unwrap_err();
    assert_eq!(error.code(), "not-encrypted");
    assert_eq!(peer.count("LOGIN"), 0);
}

#[tokio::test]
async fn octets_put_behind_the_answer_to_starttls_end_the_connection() {
    let peer = Peer::start("STARTTLS").await;
    peer.fault("STARTTLS", 0, Fault::Say(b"TAG OK go\r\n* CAPABILITY AUTH=PLAIN\r\n".to_vec()));
    let server = Server {
        host: "127.0.0.1".into(),
        port: peer.address.port(),
        security: Security::Starttls,
        user: "you".into(),
        login: model::LoginForm::Password,
        trusted: None,
    };
    let net = Net::new(NetConfig::default()).unwrap();
    let error = test_login(&server, &Secret::new("secret"), &net).await.unwrap_err();
    assert_eq!(error.code(), "protocol-error");
    assert!(error.to_string().contains("clear text after agreeing"), "{error}");
}

#[tokio::test]
async fn a_password_that_is_not_ascii_goes_as_a_literal() {
    let peer = Peer::start("LITERAL+").await;
    peer.world().password = "pässwörd".to_owned();
    log_in(&peer, "pässwörd").await.unwrap();
}

#[tokio::test]
async fn authenticate_is_preferred_with_and_without_a_response_at_once() {
    for (capabilities, login) in [("AUTH=PLAIN SASL-IR", 0), ("AUTH=PLAIN LOGINDISABLED", 0), ("AUTH=XOAUTH2", 1)] {
        let peer = Peer::start(capabilities).await;
        peer.world().password = "pässwörd \"\\".to_owned();
        log_in(&peer, "pässwörd \"\\").await.unwrap();
        assert_eq!((peer.count("LOGIN"), peer.count("AUTHENTICATE")), (login, 1 - login), "{capabilities}");
        assert_eq!(log_in(&peer, "wrong").await.unwrap_err().code(), "auth-failed", "{capabilities}");
    }
}

#[tokio::test]
async fn a_server_that_offers_authenticate_and_does_not_understand_it_gets_a_login() {
    let peer = Peer::start("AUTH=PLAIN SASL-IR").await;
    peer.fault("AUTHENTICATE", 0, Fault::Bad("what?"));
    log_in(&peer, "secret").await.unwrap();
    assert_eq!(peer.count("LOGIN"), 1);
}
