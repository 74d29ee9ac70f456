use super::*;
use crate::testing::{self, at};

fn new_check(minute: i64, identity: &str) -> NewNetworkCheck {
    NewNetworkCheck {
        identity: identity.to_owned(),
        at: at(60 * minute),
        whole_at: at(60 * minute),
        verdict: "good".to_owned(),
        because: format!("check {minute}"),
        report: "{}".to_owned(),
    }
}

fn refusal(class: Class, host: &str, minute: i64) -> NetworkLesson {
    let reply = format!("550 5.7.1 at {minute}");
    NetworkLesson { class, host: host.to_owned(), sender: String::new(), reply, at: at(60 * minute) }
}

async fn home(store: &Store) -> StoredNetwork {
    store.note_network(false, b"home", NetworkKind::WiFi, at(0)).await.unwrap()
}

#[tokio::test]
async fn a_network_is_known_again_by_its_mark_in_its_world_alone() {
    let (_dir, store) = testing::store().await;
    assert_eq!(store.network_at(false, b"home").await.unwrap(), None);
    let first = home(&store).await;
    let again = store.note_network(false, b"home", NetworkKind::Wired, at(60)).await.unwrap();
    assert_eq!((again.id, again.first_seen, again.last_seen), (first.id, at(0), at(60)));
    assert_eq!(again.kind, NetworkKind::Wired, "by cable this time");
    assert_eq!(store.network_at(true, b"home").await.unwrap(), None);
    assert_eq!(store.network_at(false, b"cafe").await.unwrap(), None);
    let practice = store.note_network(true, b"home", NetworkKind::Here, at(0)).await.unwrap();
    assert_ne!(practice.id, first.id);
    let cafe = store.note_network(false, b"cafe", NetworkKind::WiFi, at(90)).await.unwrap();
    let listed: Vec<NetworkId> = store.networks(false).await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(listed, [cafe.id, first.id]);
    let late = store.note_network(false, b"cafe", NetworkKind::WiFi, at(30)).await.unwrap();
    assert_eq!(late.last_seen, at(90), "a clock that was set back takes nothing back");
}

#[tokio::test]
async fn what_identifies_a_network_is_not_in_the_file() {
    let (dir, store) = testing::store().await;
    let mark = b"router 02:fc:00:00:00:05 in 192.168.1.0/24";
    store.note_network(false, mark, NetworkKind::WiFi, at(0)).await.unwrap();
    assert!(store.network_at(false, mark).await.unwrap().is_some());
    for file in ["local.db", "local.db-wal"] {
        let octets = std::fs::read(dir.path().join(file)).unwrap_or_default();
        assert!(!octets.windows(17).any(|some| some == b"02:fc:00:00:00:05"), "{file}");
    }
    // Another home hashes it otherwise, so that nobody can compare two of them.
    let (_other_dir, other) = testing::store().await;
    let hash = async |store: &Store| store.local(|db| hashed(db, b"home")).await.unwrap();
    assert_ne!(hash(&store).await, hash(&other).await);
}

#[tokio::test]
async fn a_name_is_the_users_and_can_be_taken_back() {
    let (_dir, store) = testing::store().await;
    let id = home(&store).await.id;
    assert!(store.rename_network(id, "  At home ").await.unwrap());
    assert_eq!(home(&store).await.name.as_deref(), Some("At home"));
    assert!(store.rename_network(id, " ").await.unwrap());
    assert_eq!(home(&store).await.name, None);
    assert!(!store.rename_network(NetworkId(99), "x").await.unwrap());
}

#[tokio::test]
async fn the_last_checks_of_a_network_are_kept_and_of_each_identity() {
    let (_dir, store) = testing::store().await;
    let id = home(&store).await.id;
    for minute in 0..60 {
        store.keep_network_check(id, new_check(minute, "")).await.unwrap();
    }
    for minute in 0..3 {
        store.keep_network_check(id, new_check(minute, "anna@example.org")).await.unwrap();
    }
    let checks = store.network_checks(id).await.unwrap();
    assert_eq!(checks.len(), CHECKS as usize);
    assert_eq!(checks[0].check.because, "check 59");
    assert_eq!(checks[49].check.because, "check 10");
    let identities = store.identity_checks(id).await.unwrap();
    let newest: Vec<_> = identities.iter().map(|one| (&*one.check.identity, &*one.check.because)).collect();
    assert_eq!(newest, [("anna@example.org", "check 2")]);
    let known = store.network_at(false, b"home").await.unwrap().unwrap();
    assert_eq!(known.latest.as_ref(), checks.first());
    assert_eq!(store.network_check(checks[3].id).await.unwrap().as_ref(), checks.get(3));
}

#[tokio::test]
async fn what_is_forgotten_takes_everything_with_it() {
    let (_dir, store) = testing::store().await;
    let id = home(&store).await.id;
    store.keep_network_check(id, new_check(0, "")).await.unwrap();
    store.note_network_lesson(id, refusal(Class::SenderNoRdns, "example.net", 1)).await.unwrap();
    assert!(store.network_at(false, b"home").await.unwrap().is_some());
    assert!(store.forget_network(id).await.unwrap());
    assert!(!store.forget_network(id).await.unwrap());
    assert_eq!(store.network_at(false, b"home").await.unwrap(), None);
    // What comes in late, of a check that was under way, is nobody's any more.
    store.keep_network_check(id, new_check(1, "")).await.unwrap();
    store.note_network_lesson(id, refusal(Class::SenderNoRdns, "example.net", 2)).await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM network_check) + (SELECT count(*) FROM network_lesson)";
    let left: i64 = store.local(move |db| Ok(db.query_row(rows, [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_last_word_of_each_host_is_kept_until_it_is_no_longer_so() {
    let (_dir, store) = testing::store().await;
    let id = home(&store).await.id;
    let lessons = async || store.network_at(false, b"home").await.unwrap().unwrap().lessons.clone();
    for (class, host, minute) in [
        (Class::SenderNoRdns, "example.net", 1),
        (Class::SenderNoRdns, "example.org", 2),
        (Class::SenderNoRdns, "Example.net", 3),
        (Class::Port25Blocked, "", 4),
    ] {
        store.note_network_lesson(id, refusal(class, host, minute)).await.unwrap();
    }
    let kept: Vec<_> = lessons().await.iter().map(|one| (one.class, one.host.clone(), one.at)).collect();
    let expected = [
        (Class::Port25Blocked, String::new(), at(240)),
        (Class::SenderNoRdns, "example.net".to_owned(), at(180)),
        (Class::SenderNoRdns, "example.org".to_owned(), at(120)),
    ];
    assert_eq!(kept, expected);
    let about_us = [Class::SenderNoRdns, Class::SenderDynamicIp];
    assert!(store.unlearn_of_network(id, &about_us, Some("example.net")).await.unwrap());
    assert_eq!(lessons().await.len(), 2);
    assert!(store.unlearn_of_network(id, &about_us, None).await.unwrap());
    assert!(!store.unlearn_of_network(id, &about_us, None).await.unwrap());
    assert_eq!(lessons().await.len(), 1);
}

#[tokio::test]
async fn refusals_and_networks_do_not_pile_up() {
    let (_dir, store) = testing::store().await;
    let id = home(&store).await.id;
    store.rename_network(id, "At home").await.unwrap();
    for n in 0..60 {
        let lesson = refusal(Class::SenderNoRdns, &format!("h{n}.test"), n);
        store.note_network_lesson(id, lesson).await.unwrap();
    }
    assert_eq!(store.network_at(false, b"home").await.unwrap().unwrap().lessons.len(), 50);
    for n in 0..210 {
        store.note_network(false, format!("cafe {n}").as_bytes(), NetworkKind::WiFi, at(n + 1)).await.unwrap();
    }
    let left = store.networks(false).await.unwrap();
    assert_eq!(left.len(), 201);
    assert!(left.iter().any(|one| one.id == id), "what has a name stays");
}

#[tokio::test]
async fn another_process_sees_what_was_found() {
    let (dir, window) = testing::store().await;
    let command = Store::open(dir.path()).await.unwrap();
    let id = home(&window).await.id;
    assert!(window.network_at(false, b"home").await.unwrap().unwrap().latest.is_none());
    command.keep_network_check(id, new_check(1, "")).await.unwrap();
    window.set_setting("key", Some("x")).await.unwrap();
    assert!(window.network_at(false, b"home").await.unwrap().unwrap().latest.is_some());
}

#[tokio::test]
async fn checks_are_found_by_an_index() {
    let (_dir, store) = testing::store().await;
    let sql = "SELECT id FROM network_check WHERE network = ?1 AND identity = '' ORDER BY id DESC LIMIT 1";
    let plan = store.local(move |db| testing::plan(db, sql)).await.unwrap();
    assert!(plan.contains("INDEX network_check_network") && !plan.contains("TEMP B-TREE"), "{plan}");
}
