//! Where all hosts share one address, each still plays its character.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::memory::Memory;
use super::session::{self, Called, Cover};
use crate::authority::Authority;
use crate::mailroom::Mailroom;
use crate::office::Office;
use crate::{Letters, Options};

fn office() -> Arc<Office> {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path()).unwrap();
    let mailroom = Mailroom::open(None, Vec::new).unwrap();
    let options = Options { letters: Letters::None, ..Options::default() };
    Arc::new(Office::new(options, &authority, "secret".into(), Memory::default(), mailroom).unwrap())
}

async fn line(client: &mut BufReader<DuplexStream>) -> String {
    let mut line = String::new();
    client.read_line(&mut line).await.unwrap();
    line
}

/// The first refusal that a letter to this recipient meets, or the last answer.
async fn fate(office: &Arc<Office>, recipient: &str) -> String {
    let (near, far) = tokio::io::duplex(4096);
    let client = IpAddr::from([127, 0, 0, 1]);
    tokio::spawn(session::converse(office.clone(), Called::AnyHost, client, Box::new(near), Cover::Clear));
    let mut client = BufReader::new(far);
    let mut last = line(&mut client).await;
    for command in
        ["HELO client.test", "MAIL FROM:<>", &format!("RCPT TO:<{recipient}>"), "DATA", "Subject: x\r\n\r\n."]
    {
        client.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        last = line(&mut client).await;
        if !last.starts_with(['2', '3']) {
            break;
        }
    }
    last
}

#[tokio::test]
async fn a_host_is_known_by_the_first_recipient_of_its_domain() {
    let office = office();
    let table = [
        ("a@prompt.test", "250 2.0.0"),
        ("a@greylist.test", "451 4.7.1"),
        ("a@nobody.test", "550 5.1.1"),
        ("a@dynamic.test", "554 5.7.1"),
        ("a@split.test", "421 4.3.2"),
        ("a@split.test", "250 2.0.0"),
        ("a@nordns.test", "550-5.7.25"),
        ("a@throttle.test", "250"),
        ("a@throttle.test", "250"),
        ("a@throttle.test", "421-4.7.28"),
        ("a@drop.test", ""),
        ("a@example.org", "554 5.7.1"),
    ];
    for (recipient, expected) in table {
        let reply = fate(&office, recipient).await;
        assert!(reply.starts_with(expected) && reply.is_empty() == expected.is_empty(), "{recipient}: {reply}");
    }
    let hosts: Vec<_> = office.delivered().into_iter().map(|delivered| delivered.host).collect();
    assert_eq!(hosts, ["mx.prompt.test", "mx2.split.test", "mx.throttle.test", "mx.throttle.test"]);
}
