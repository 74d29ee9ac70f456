//! What is found, on a real database whose index is cut into many small segments.

use super::{World, letter, listed, three};
use crate::mail::{LetterSummary, NewLetter, SearchOrder};
use crate::testing::at;
use jiff::tz::TimeZone;
use model::query::{Ending, Place, Query, Sought, parse};
use model::{Address, Flag, Flags, words};
use proptest::prelude::*;

/// A letter of which everything that can be looked for is set.
fn rich(uid: u32, subject: &str, from: &str, text: &str) -> NewLetter {
    let mut new = letter(uid, subject);
    new.summary = LetterSummary {
        message_id: Some(format!("{uid}@example.net")),
        from: vec![Address::new(Some(from.into()), format!("{}@example.net", from.to_lowercase()))],
        to: vec![Address::new(None, "anna@example.org")],
        subject: subject.into(),
        text: text.into(),
        ..LetterSummary::default()
    };
    new
}

async fn furnished() -> World {
    let world = World::new().await;
    let mut plan = rich(3, "Plan für Oktober", "Carla", "See the attached sheet. Thank you very much.");
    plan.summary.attachments = 1;
    plan.summary.attachment_names = vec!["Bauplan_2026.pdf".into()];
    plan.summary.cc = vec![Address::new(Some("Dora Ek".into()), "dora@example.com")];
    plan.size = 3_000_000;
    let mut list = rich(4, "[rust] Release", "Eva", "The words you thank for are here.");
    list.summary.list_id = Some("announce.rust-lang.org".into());
    list.flags = Flags::default().with(Flag::Seen, true).with(Flag::Flagged, true);
    let letters = vec![
        rich(1, "Crème brûlée", "Anna", "Sugar, eggs, ＷＩＤＥ cream"),
        rich(2, "Minutes", "Bo", "The minutes of the old bridge across the river"),
        plan,
        list,
        rich(5, "会議の議事録", "田中", "東京タワーで会いましょう"),
        rich(6, "Old and new", "Bo", "A bridge, and an older one"),
    ];
    world.store.insert_letters(world.inbox, letters).await.unwrap();
    let filler = (10..40).map(|uid| rich(uid, "Filler", "Zoe", "nothing to see")).collect();
    world.store.insert_letters(world.archive, filler).await.unwrap();
    world
}

async fn subjects(world: &World, typed: &str) -> Vec<String> {
    let mut found: Vec<String> =
        world.store.find(typed, 100).await.unwrap().into_iter().map(|row| row.subject).collect();
    found.dedup();
    found
}

#[tokio::test]
async fn a_query_finds_what_it_says() {
    let world = furnished().await;
    let table: [(&str, &[&str]); 37] = [
        ("creme", &["Crème brûlée"]),
        ("CREME brul", &["Crème brûlée"]),
        ("wide", &["Crème brûlée"]),
        ("bridge", &["Old and new", "Minutes"]),
        ("old", &["Old and new", "Minutes"]),
        ("\"old\"", &["Old and new", "Minutes"]),
        ("\"ol\"", &[]),
        ("\"old bridge\"", &["Minutes"]),
        ("\"bridge old\"", &[]),
        ("\"thank you\"", &["Plan für Oktober"]),
        ("thank you", &["[rust] Release", "Plan für Oktober"]),
        ("bridge -river", &["Old and new"]),
        ("sugar OR river", &["Minutes", "Crème brûlée"]),
        ("(sugar OR river) -minutes", &["Crème brûlée"]),
        ("from:bo", &["Old and new", "Minutes"]),
        ("from:bo@example.net", &["Old and new", "Minutes"]),
        ("to:bo", &[]),
        ("to:dora", &["Plan für Oktober"]),
        ("cc:dora", &["Plan für Oktober"]),
        ("cc:anna", &[]),
        ("subject:bridge", &[]),
        ("body:bridge subject:minutes", &["Minutes"]),
        ("has:attachment", &["Plan für Oktober"]),
        ("filename:bauplan", &["Plan für Oktober"]),
        ("filename:pdf", &["Plan für Oktober"]),
        ("2026", &["Plan für Oktober"]),
        ("list:rust", &["[rust] Release"]),
        ("list:rust-lang.org ", &["[rust] Release"]),
        ("larger:2M", &["Plan für Oktober"]),
        ("smaller:2M bridge", &["Old and new", "Minutes"]),
        ("is:flagged", &["[rust] Release"]),
        ("is:read", &["[rust] Release"]),
        ("in:archive", &["Filler"]),
        ("in:inbox nothing", &[]),
        ("in:arch is:unread nothing", &["Filler"]),
        ("議事", &["会議の議事録"]),
        ("タワー", &["会議の議事録"]),
    ];
    for (typed, expected) in table {
        assert_eq!(subjects(&world, typed).await, expected, "{typed}");
    }
    assert_eq!(subjects(&world, "会").await, ["会議の議事録"]);
    assert_eq!(subjects(&world, "-filler -is:read -bridge").await.len(), 3);
    assert_eq!(subjects(&world, "before:2027-01-15 -filler").await.len(), 0, "{}", at(0));
    assert_eq!(subjects(&world, "after:2027-01-15 -filler").await.len(), 6);
}

#[tokio::test]
async fn what_went_is_not_found_and_what_came_as_a_whole_is_found_by_the_whole() {
    let world = furnished().await;
    let row = world.store.find("sugar", 1).await.unwrap().remove(0);
    let whole = rich(1, "Crème brûlée", "Anna", "Salt instead").summary;
    world.store.set_raw(row.id, b"whole".to_vec(), whole).await.unwrap();
    assert_eq!(subjects(&world, "sugar").await, Vec::<String>::new());
    assert_eq!(subjects(&world, "salt").await, ["Crème brûlée"]);
    world.store.tidy_words().await.unwrap();
    assert_eq!(subjects(&world, "salt").await, ["Crème brûlée"]);
    world.store.remove_uids(world.inbox, vec![1]).await.unwrap();
    assert_eq!(subjects(&world, "salt").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_message_is_found_once_and_not_in_the_trash_where_it_is_elsewhere() {
    let world = World::new().await;
    for mailbox in [world.trash, world.inbox, world.archive] {
        let mut new = rich(1, "Bees", "Bo", "Honey");
        new.email_id = Some("M1".into());
        world.store.insert_letters(mailbox, vec![new]).await.unwrap();
    }
    let found = world.store.find("honey", 10).await.unwrap();
    assert_eq!(found.iter().map(|row| row.mailbox).collect::<Vec<_>>(), [world.inbox]);
    let found = world.store.find("honey in:trash", 10).await.unwrap();
    assert_eq!(found.iter().map(|row| row.mailbox).collect::<Vec<_>>(), [world.trash]);
}

#[tokio::test]
async fn the_relevant_come_before_the_new_where_that_is_asked_for() {
    let world = World::new().await;
    let letters = vec![
        rich(1, "Bee", "Bo", "x"),
        rich(2, "Beehive", "Bo", "x"),
        rich(3, "x", "Bo", "a bee"),
        rich(4, "x", "Bo", "a beehive"),
    ];
    world.store.insert_letters(world.inbox, letters).await.unwrap();
    let now = at(0).to_zoned(TimeZone::UTC);
    let query = parse("bee", &now).query.unwrap();
    let order = |order| {
        let (store, query) = (world.store.clone(), query.clone());
        async move {
            let hits = store.search(&query, order, 0, 10).await.unwrap();
            assert_eq!((hits.total, hits.more), (Some(4), false));
            hits.rows.into_iter().map(|row| row.date.as_second() - at(0).as_second()).collect::<Vec<_>>()
        }
    };
    assert_eq!(order(SearchOrder::Newest).await, [4, 3, 2, 1]);
    assert_eq!(order(SearchOrder::Relevance).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = furnished().await;
    let query = parse("filler", &at(0).to_zoned(TimeZone::UTC)).query.unwrap();
    let mut seen = Vec::new();
    for offset in (0..40).step_by(7) {
        let hits = world.store.search(&query, SearchOrder::Newest, offset, 7).await.unwrap();
        assert_eq!((hits.total, hits.more), (Some(30), offset + 7 < 30));
        seen.extend(hits.rows.into_iter().map(|row| row.date.as_second() - at(0).as_second()));
    }
    assert_eq!(seen, (10..40).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_named() {
    let world = World::new().await;
    let mut boxes = three();
    boxes.push(listed("Projects/Bees", None));
    world.store.sync_mailbox_list(world.account, boxes).await.unwrap();
    let query =
        parse("in:inbox in:bees in:\"projects/bees\" in:wasps -in:trash", &at(0).to_zoned(TimeZone::UTC)).query;
    assert_eq!(world.store.unknown_mailboxes(&query.unwrap()).await.unwrap(), ["wasps"]);
}

/// What a letter of the property below is made of.
#[derive(Clone, Debug)]
struct Made {
    subject: String,
    text: String,
    flags: Flags,
    archived: bool,
    removed: bool,
}

fn has(query: &Query, letter: &Made) -> bool {
    match query {
        Query::All(parts) => parts.iter().all(|part| has(part, letter)),
        Query::Any(parts) => parts.iter().any(|part| has(part, letter)),
        Query::Not(part) => !has(part, letter),
        Query::Words(sought) => match sought.place {
            Place::Subject => stands(sought, &letter.subject),
            Place::Body => stands(sought, &letter.text),
            _ => stands(sought, &letter.subject) || stands(sought, &letter.text),
        },
        Query::In(name) => (name == "archive") == letter.archived,
        Query::Is { flag, on } => letter.flags.has(*flag) == *on,
        _ => true,
    }
}

fn stands(sought: &Sought, text: &str) -> bool {
    let words = words::words(text);
    words.windows(sought.pieces.len()).any(|window| {
        let last = window.len() - 1;
        window.iter().zip(&sought.pieces).enumerate().all(|(at, (word, piece))| {
            *word == piece.word || (at == last && sought.ending == Ending::Open && word.starts_with(&piece.word))
        })
    })
}

fn made() -> impl Strategy<Value = Made> {
    let text = |most| {
        let word = prop::sample::select(vec!["bee", "bees", "beehive", "honey", "hone", "wax", "w"]);
        prop::collection::vec(word, 0..most).prop_map(|words| words.join(" "))
    };
    (text(3), text(6), 0u8..8, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(subject, text, flags, archived, removed)| Made { subject, text, flags: Flags(flags), archived, removed },
    )
}

fn typed() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "bee",
        "\"bee\"",
        "be*",
        "honey",
        "\"bee honey\"",
        "\"wax wax\"",
        "subject:bees",
        "body:w",
        "-wax",
        "-\"w\"",
        "is:unread",
        "is:flagged",
        "-is:answered",
        "in:archive",
        "in:inbox",
        "OR",
        "(bee OR wax)",
        "-(bee is:read)",
    ]);
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.join(" ") + " ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_reading_everything_finds(
        letters in prop::collection::vec(made(), 1..70),
        queries in prop::collection::vec(typed(), 12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for (uid, made) in (1..).zip(&letters) {
                let mut new = rich(uid, &made.subject, "Zoe", &made.text);
                new.summary.from.clear();
                new.summary.to.clear();
                new.flags = made.flags;
                let mailbox = if made.archived { world.archive } else { world.inbox };
                world.store.insert_letters(mailbox, vec![new]).await.unwrap();
                if made.removed {
                    world.store.remove_uids(mailbox, vec![uid]).await.unwrap();
                }
            }
            for tidy in [false, true] {
                if tidy {
                    world.store.tidy_words().await.unwrap();
                }
                for typed in &queries {
                    let Some(query) = parse(typed, &at(0).to_zoned(TimeZone::UTC)).query else { continue };
                    let fits = |(_, made): &(i64, &Made)| !made.removed && has(&query, made);
                    let mut expected: Vec<i64> = (1..).zip(&letters).filter(fits).map(|(uid, _)| uid).collect();
                    expected.reverse();
                    for order in [SearchOrder::Newest, SearchOrder::Relevance] {
                        let hits = world.store.search(&query, order, 0, 100).await.unwrap();
                        let mut found: Vec<i64> =
                            hits.rows.iter().map(|row| row.date.as_second() - at(0).as_second()).collect();
                        if order == SearchOrder::Relevance {
                            found.sort_unstable_by_key(|uid| std::cmp::Reverse(*uid));
                        }
                        assert_eq!(found, expected, "{typed}");
                        assert_eq!(hits.total, Some(expected.len() as u32), "{typed}");
                    }
                }
            }
        });
    }
}
