//! Threads of letters that name none, in whatever order they come.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;

/// A letter: its name, its day, its writer, its recipient, its subject, and what it names.
type Line = (&'static str, i64, &'static str, &'static str, &'static str, Option<&'static str>);

fn written((name, day, from, to, subject, names): Line, uid: u32) -> NewLetter {
    let date = at(day * DAY + i64::from(uid));
    let person = |name: &str| vec![Address::new(None, format!("{name}@example.net"))];
    NewLetter {
        internal_date: date,
        size: 100 + u64::from(uid),
        summary: LetterSummary {
            message_id: Some(format!("{name}@example.net")),
            in_reply_to: names.map(|name| format!("{name}@example.net")).into_iter().collect(),
            from: person(from),
            to: person(to),
            date: Some(at(day * DAY)),
            subject: subject.into(),
            snippet: name.into(),
            ..LetterSummary::default()
        },
        raw: None,
        ..letter(uid, name)
    }
}

/// The groups that letters form when they come in this order, some of them into another mailbox.
async fn groups(lines: &[Line], order: &[usize]) -> BTreeSet<BTreeSet<String>> {
    let world = World::new().await;
    for (n, &line) in order.iter().enumerate() {
        let mailbox = if n % 3 == 2 { world.archive } else { world.inbox };
        world.store.insert_letters(mailbox, vec![written(lines[line], line as u32 + 1)]).await.unwrap();
    }
    let mut groups: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for mailbox in [world.inbox, world.archive] {
        for row in world.store.letters(crate::LetterSource::Mailbox(mailbox), 0, 100).await.unwrap().1 {
            groups.entry(row.thread.0).or_default().insert(row.snippet);
        }
    }
    groups.into_values().collect()
}

/// Numbers in an order that a seed tells.
fn shuffled(count: usize, mut seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for n in (1..count).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(n, (seed >> 33) as usize % (n + 1));
    }
    order
}

#[tokio::test]
async fn answers_that_name_no_letter_join_what_they_answer_in_whatever_order_mail_comes() {
    let lines: [Line; 14] = [
        ("asks", 100, "bo", "anna", "Lunch on Friday", None),
        ("answers", 101, "anna", "bo", "Re: Lunch on Friday", None),
        ("answers again", 110, "bo", "anna", "AW: Re: lunch  on friday", None),
        // It names its letter, and joins with it whatever joined that by its subject.
        ("names", 111, "anna", "bo", "Re: Lunch on Friday", Some("asks")),
        // Nobody whom it is to wrote that subject.
        ("of a stranger", 102, "carol", "anna", "Re: Lunch on Friday", None),
        // Before what it seems to answer.
        ("too early", 90, "anna", "bo", "Re: Lunch on Friday", None),
        // More than a month after all others.
        ("too late", 143, "anna", "bo", "Re: Lunch on Friday", None),
        // Within a month of that one, across a border between windows.
        ("late as well", 160, "bo", "anna", "Re: Lunch on Friday", None),
        // The same subject is no answer, and nobody answered this one.
        ("asks anew", 105, "bo", "anna", "Lunch on Friday", None),
        ("forwards", 106, "anna", "bo", "Fwd: Lunch on Friday", None),
        ("answers the forward", 107, "bo", "anna", "Re: Fwd: Lunch on Friday", None),
        ("report", 100, "robot", "anna", "Report", None),
        ("report again", 101, "robot", "anna", "Report", None),
        ("about the report", 102, "anna", "robot", "Re: Report", None),
    ];
    let group = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let expected = BTreeSet::from([
        group(&["too early", "asks", "answers", "answers again", "names"]),
        group(&["asks anew"]),
        group(&["of a stranger"]),
        group(&["too late", "late as well"]),
        group(&["forwards", "answers the forward"]),
        group(&["report", "report again", "about the report"]),
    ]);
    for seed in 0..12 {
        let order = shuffled(lines.len(), seed);
        assert_eq!(groups(&lines, &order).await, expected, "{order:?}");
    }
}

#[tokio::test]
async fn a_subject_that_thousands_bear_costs_no_more_than_one_that_some_bear() {
    let world = World::new().await;
    let robot = |n: u32| written(("again", 100, "robot", "anna", "Re: Disk full", None), n);
    for batch in 0..4 {
        let letters = (0..500).map(|n| {
            let mut one = robot(batch * 500 + n + 1);
            one.summary.message_id = Some(format!("{batch}-{n}@example.net"));
            one
        });
        world.store.insert_letters(world.inbox, letters.collect()).await.unwrap();
    }
    let plan = world.store.mail(|db| {
        let sql = "EXPLAIN QUERY PLAN SELECT thread, date, people FROM content WHERE topic = ?1 ORDER BY id LIMIT ?2";
        let plan: String = db.prepare(sql)?.query_row((1, 50), |row| row.get(3))?;
        Ok(plan)
    });
    let plan = plan.await.unwrap();
    assert!(plan.contains("USING INDEX content_topic (topic=?)"), "{plan}");
}
