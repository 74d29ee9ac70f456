//! What is said while a letter is written, against a name server that counts, in a world whose mail hosts hear whatever is
//! said to them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[allow(dead_code, reason = "the world of the checks has more to it")]
#[path = "checks/world.rs"]
mod world;

use hickory_server::proto::op::Message;
use hickory_server::proto::rr::rdata::{A, MX};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use postrider_engine::view::{Event, LetterOutlook, MarkKind, Nothing, OutlookKind, RecipientMark};
use postrider_engine::*;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout};
use world::World;

const LONG: Duration = Duration::from_secs(20);

/// A name server for which every domain has a mail host on this computer; it tells of each question. A mute one hears, and
/// says nothing.
async fn counting_name_server(mute: bool) -> (SocketAddr, UnboundedReceiver<(Instant, RecordType)>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let question = Message::from_vec(&packet[..length]).unwrap();
            let (name, kind) = (question.queries[0].name().clone(), question.queries[0].query_type());
            let _ = tell.send((Instant::now(), kind));
            let mut answer = question.into_response();
            match kind {
                RecordType::MX => {
                    let host = Name::from_ascii("mx.").unwrap().append_domain(&name).unwrap();
                    answer.add_answer(Record::from_rdata(name, 5, RData::MX(MX::new(10, host))));
                }
                RecordType::A => {
                    answer.add_answer(Record::from_rdata(name, 5, RData::A(A::new(127, 26, 0, 1))));
                }
                _ => {}
            }
            if !mute {
                let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
            }
        }
    });
    (address, told)
}

fn fifty() -> Vec<String> {
    (0..50).map(|n| format!("person@d{n:02}.example")).collect()
}

async fn marks(engine: &Engine, addresses: &[String]) -> Vec<RecipientMark> {
    let args = RecipientMarksArgs { account: None, addresses: addresses.to_vec(), size: Some(1000) };
    engine.calls().recipient_marks(args).await.unwrap()
}

async fn outlook(engine: &Engine, to: &str, route: &str) -> LetterOutlook {
    let account = engine.calls().account_list(Nothing {}).await.unwrap()[0].id;
    let args = LetterOutlookArgs {
        account,
        identity: None,
        route: route.to_owned().into(),
        recipients: vec![to.to_owned()],
        size: Some(1000),
    };
    engine.calls().letter_outlook(args).await.unwrap()
}

/// Waits until a mark says something else than that nothing is known.
async fn known(engine: &Engine, address: &str) -> RecipientMark {
    let mut events = engine.events();
    let known = async {
        loop {
            let mark = marks(engine, &[address.to_owned()]).await.remove(0);
            if mark.settled {
                return mark;
            }
            while events.recv().await.unwrap() != Event::Marks {}
        }
    };
    timeout(LONG, known).await.unwrap()
}

#[tokio::test]
async fn fifty_recipients_are_answered_at_once_and_cost_a_handful_of_questions_a_second() {
    let world = World::good().await;
    let engine = world.engine().await;
    let (dns, mut asked) = counting_name_server(false).await;
    world.set(&engine, "net.dns", &dns.to_string()).await;
    let began = Instant::now();
    let first = marks(&engine, &fifty()).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(first.len(), 50);
    assert!(first.iter().all(|mark| mark.mark.kind == MarkKind::NotKnown && !mark.settled));

    let mut times = Vec::new();
    while times.len() < 10 {
        let (at, kind) = timeout(LONG, asked.recv()).await.unwrap().unwrap();
        assert_eq!(kind, RecordType::MX, "who takes mail at all comes first");
        times.push(at);
        // Whoever types on asks again and again.
        marks(&engine, &fifty()).await;
    }
    for five in times.windows(6) {
        assert!(five[5] - five[0] > Duration::from_secs(1), "no more than five in a second: {times:?}");
    }
    let newest_first = marks(&engine, &fifty()).await;
    assert_eq!(newest_first[49].mark.kind, MarkKind::Fine);
    assert_eq!(newest_first[0].mark.kind, MarkKind::NotKnown);
    engine.stop().await;
    assert_eq!(world.heard(), Vec::<Vec<String>>::new(), "no mail host is spoken to for a mark");
}

#[tokio::test]
async fn nobody_waits_for_a_name_server_that_is_silent() {
    let world = World::good().await;
    let engine = world.engine().await;
    let (dns, mut asked) = counting_name_server(true).await;
    world.set(&engine, "net.dns", &dns.to_string()).await;
    marks(&engine, &fifty()).await;
    timeout(LONG, asked.recv()).await.unwrap().unwrap();
    for _ in 0..20 {
        let began = Instant::now();
        let marks = marks(&engine, &fifty()).await;
        assert!(marks.iter().all(|mark| mark.mark.kind == MarkKind::NotKnown));
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_mark_says_what_dns_says_and_what_was_meant() {
    let mut world = World::good().await;
    world.put("nullmx.example", "MX", &["0 ."]);
    world.put("gone.example", "MX", &["10 mx.nowhere.example."]);
    let engine = world.engine().await;
    let table = [
        ("ben@friend.example", MarkKind::Fine, None),
        ("ben@nullmx.example", MarkKind::NullMx, None),
        ("ben@nothing.example", MarkKind::NoSuchDomain, None),
        ("ben@gone.example", MarkKind::Nowhere, None),
        ("ben@exmaple.org", MarkKind::NoSuchDomain, Some("ben@example.org")),
        ("ben@localhost", MarkKind::NotKnown, None),
    ];
    for (address, kind, instead) in table {
        let mark = known(&engine, address).await;
        assert_eq!((mark.mark.kind, mark.mark.instead.as_deref()), (kind, instead), "{address}");
    }
    assert!(marks(&engine, &["ben@".to_owned(), "ben".to_owned()]).await.is_empty(), "what is no address");
    assert_eq!(world.heard(), Vec::<Vec<String>>::new(), "no mail host is spoken to for a mark");
}

#[tokio::test]
async fn a_network_that_was_found_to_be_shut_is_said_before_sending_and_none_is_checked_for_that() {
    let mut world = World::good().await;
    let engine = world.engine().await;
    let before = outlook(&engine, "ben@friend.example", "direct").await;
    assert_eq!(before.banner, None, "nobody has looked at this network");
    assert_eq!(world.heard(), Vec::<Vec<String>>::new());

    world.everywhere(None);
    engine.calls().check_network(CheckNetworkArgs::default()).await.unwrap();
    let after = outlook(&engine, "ben@friend.example", "direct").await;
    let banner = after.banner.unwrap();
    assert_eq!(banner.kind, OutlookKind::Port25);
    assert!(banner.message.contains("port 25"), "{}", banner.message);
    assert_eq!(banner.better_label.as_deref(), Some("Add a smart host"));
    assert!(banner.finding.is_some());
    assert_eq!(after.choices[0].domain, "friend.example");
}
