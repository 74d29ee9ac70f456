//! A disk without room, while letters are queued and while it is noted what became of them: a clear error, nothing half
//! done, nothing lost, and nothing sent twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::maildir::{arrived, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, SmallDisk, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Duration;

const DISK: u32 = 12 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the host hesitates between the final dot and its answer: time to fill a disk.
const HESITATION: Duration = Duration::from_secs(3);

struct Lab {
    town: Town,
    mx: Postfix,
    slow: Postfix,
    home: Host,
    _names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("home.example", "198.51.100.10")
            .host("mx.one.example", "203.0.113.11")
            .mx("one.example", 10, "mx.one.example")
            .host("mx.slow.example", "203.0.113.12")
            .mx("slow.example", 10, "mx.slow.example")
            .serve(&town);
        let mx =
            Plan::new("mx.one.example").mailbox("anna", "one.example").start(&town.host("one", &["203.0.113.11"]));
        let slow = Plan::new("mx.slow.example")
            .mailbox("ben", "slow.example")
            .hesitating_at("smtpd_end_of_data_restrictions", HESITATION)
            .start(&town.host("slow", &["203.0.113.12"]));
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, mx, slow, home, _names: names }
    })
}

impl Lab {
    /// A user whose home is a small disk.
    fn rider(&self, name: &str) -> (Rider, SmallDisk) {
        let disk = self.home.small_disk(name, DISK);
        let rider = Rider::new(&self.home, name);
        rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");
        (rider, disk)
    }
}

#[test]
fn a_letter_for_which_there_is_no_room_is_refused_whole_and_those_before_it_are_not_touched() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let (rider, disk) = lab.rider("enqueue");
    let to = "anna@one.example";
    let first = rider.sendmail(&[to], b"Subject: Before\n\nThere is room.\n");
    let file = lab.home.directory().join("large.bin");
    std::fs::write(&file, vec![b'x'; 3 << 20]).expect("a file can be written");
    let large = ["send", "--to", to, "--subject", "Large", "--attach", file.to_str().expect("a path in UTF-8")];
    let commands: [&[&str]; 2] = [&["sendmail", "-i", to], &large];

    disk.fill();
    for command in commands {
        let refusal = rider.try_to(command, b"Subject: Too late\n\nThere is none.\n").expect_err("a full disk");
        assert_eq!((&refusal.error["code"], refusal.exit), (&"disk-full".into(), Some(73)), "{refusal:?}");
        assert!(refusal.error["hint"].as_str().is_some_and(|hint| hint.contains("space")), "{refusal:?}");
    }
    disk.clear();

    let queue = rider.must(&["queue", "list"], "");
    assert_eq!(queue.as_array().map(Vec::len), Some(1), "only the first is there: {queue:#}");
    assert_eq!(queue[0]["id"], json!(first));
    let sent = rider.must(&large, "There is room again.\n");
    rider.run_queue();
    for id in [first, sent["id"].as_i64().expect("a number")] {
        let timeline = rider.timeline(id);
        assert_eq!(timeline["recipients"][0]["state"], "accepted", "{timeline:#}");
        arrived(&lab.mx.maildir("anna", "one.example"), timeline["message_id"].as_str().expect("a Message-ID"));
    }
    assert_eq!(messages(&lab.mx.maildir("anna", "one.example")).len(), 2, "and nothing else was sent");
}

#[test]
fn what_a_server_took_while_the_disk_was_full_is_noted_when_there_is_room_and_not_sent_again() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let (rider, disk) = lab.rider("record");
    let maildir = lab.slow.maildir("ben", "slow.example");
    let id = rider.sendmail(&["ben@slow.example"], b"Subject: Slow\n\nHello Ben.\n");
    let runner = rider.start(&["queue", "run"], "record-runner");
    // It has begun; the answer to the final dot comes later.
    wait::until("the letter to be on its way", PATIENCE, || lab.slow.log().contains(": client=").then_some(()));
    disk.fill();
    wait::until("the letter to arrive", PATIENCE, || (messages(&maildir).len() == 1).then_some(()));
    wait::until("the runner to find the disk full", PATIENCE, || {
        runner.written().contains("could not be recorded yet").then_some(())
    });
    disk.clear();
    let timeline = wait::until("the answer to be noted", PATIENCE, || {
        Some(rider.timeline(id)).filter(|timeline| timeline["recipients"][0]["state"] == "accepted")
    });
    let attempts = timeline["recipients"][0]["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 1, "{timeline:#}");
    assert_eq!((&attempts[0]["reply"]["code"], &attempts[0]["error"]), (&250.into(), &Value::Null), "{timeline:#}");
    let message_id = timeline["message_id"].as_str().expect("a Message-ID");
    let letter = arrived(&maildir, message_id);
    assert!(letter.ends_with(b"Hello Ben.\n"));

    // And the runner goes on.
    let next = rider.sendmail(&["ben@slow.example"], b"Subject: Next\n\nHello again.\n");
    wait::until("the next letter to be accepted", PATIENCE, || {
        (rider.timeline(next)["recipients"][0]["state"] == "accepted").then_some(())
    });
    assert_eq!(messages(&maildir).len(), 2, "nothing was sent twice");
}
