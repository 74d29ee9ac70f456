//! Direct delivery to Postfix: one MX, two of which the first is dead, a recipient that is not there, a certificate
//! that nobody vouches for; and that letters arrive as they were queued.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::letters::tempting;
use postrider_lab::maildir::{arrived, assert_carried_unchanged, with_id};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::sync::OnceLock;

const ME: &str = "you@home.example";

struct Lab {
    town: Town,
    authority: Authority,
    one: Postfix,
    two: Postfix,
    home: Host,
    _names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("home.example", "198.51.100.10")
            .text("home.example", "v=spf1 ip4:198.51.100.10 -all")
            .host("mx.one.example", "203.0.113.11")
            .mx("one.example", 10, "mx.one.example")
            .host("dead.two.example", "203.0.113.21")
            .host("mx.two.example", "192.0.2.22")
            .mx("two.example", 10, "dead.two.example")
            .mx("two.example", 20, "mx.two.example")
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let stranger = Authority::new(town.directory(), "stranger");
        let host = town.host("one", &["203.0.113.11"]);
        let one = Plan::new("mx.one.example")
            .certificate(&authority.certify("mx.one.example", &host.directory()))
            .mailbox("anna", "one.example")
            .start(&host);
        town.host("dead", &["203.0.113.21"]);
        let host = town.host("two", &["192.0.2.22"]);
        let two = Plan::new("mx.two.example")
            .certificate(&stranger.certify("mx.two.example", &host.directory()))
            .mailbox("ben", "two.example")
            .start(&host);
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, one, two, home, _names: names }
    })
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        rider.must(&["account", "add", ME, "--name", "You", "--imap", "none", "--smtp", "none"], "");
        rider
    }
}

/// The only recipient, and its attempts.
fn only(timeline: &Value) -> (&Value, &[Value]) {
    let recipient = &timeline["recipients"][0];
    (recipient, recipient["attempts"].as_array().expect("attempts"))
}

#[test]
fn a_letter_goes_to_the_mx_over_a_connection_whose_certificate_is_valid() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("one-mx");
    let to = "anna@one.example";
    let sent = rider.must(&["send", "--to", to, "--subject", "Hello", "--route", "direct"], "Hello Anna.\n");
    let (recipient, attempts) = only(&sent);
    assert_eq!(recipient["state"], "accepted", "{sent:#}");
    let [attempt] = attempts else { panic!("one attempt: {sent:#}") };
    assert_eq!(attempt["host"], lab.one.name());
    assert_eq!((&attempt["address"], &attempt["port"]), (&"203.0.113.11".into(), &25.into()));
    assert_eq!((&attempt["reply"]["code"], &attempt["reply"]["enhanced"]), (&250.into(), &"2.0.0".into()));
    assert_eq!(attempt["tls"]["verified"], true, "{sent:#}");
    let message_id = sent["message_id"].as_str().expect("a Message-ID");
    let arrived = arrived(&lab.one.maildir("anna", "one.example"), message_id);
    assert_carried_unchanged(&rider.queued(sent["id"].as_i64().expect("a number")), &arrived);
}

#[test]
fn a_letter_goes_to_the_second_mx_where_the_first_is_dead_and_a_stranger_s_certificate_is_recorded() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("two-mx");
    let to = "ben@two.example";
    let sent = rider.must(&["send", "--to", to, "--subject", "Hello", "--route", "direct"], "Hello Ben.\n");
    let (recipient, attempts) = only(&sent);
    assert_eq!(recipient["state"], "accepted", "{sent:#}");
    let [dead, second] = attempts else { panic!("two attempts: {sent:#}") };
    assert_eq!((&dead["host"], &dead["phase"]), (&"dead.two.example".into(), &"connect".into()));
    assert_eq!(dead["class"], "host-unreachable");
    assert_eq!((&second["host"], &second["tls"]["verified"]), (&lab.two.name().into(), &false.into()));
    assert_eq!(second["tls"]["policy"], "opportunistic");
    arrived(&lab.two.maildir("ben", "two.example"), sent["message_id"].as_str().expect("a Message-ID"));
}

#[test]
fn a_recipient_that_is_not_there_fails_in_postfix_s_own_words_and_the_others_get_their_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("refused");
    let send = ["send", "--to", "anna@one.example", "--to", "nobody@one.example", "--subject", "Both"];
    let sent = rider.must(&send, "Hello both.\n");
    let [anna, nobody] = &sent["recipients"].as_array().expect("recipients")[..] else { panic!("two: {sent:#}") };
    assert_eq!(anna["state"], "accepted", "{sent:#}");
    assert_eq!(nobody["state"], "failed", "{sent:#}");
    assert_eq!(
        (&nobody["diagnosis"]["class"], &nobody["diagnosis"]["temporary"]),
        (&"no-such-recipient".into(), &false.into())
    );
    let attempt = &nobody["attempts"][0];
    assert_eq!(
        (&attempt["phase"], &attempt["reply"]["code"], &attempt["reply"]["enhanced"]),
        (&"rcpt".into(), &550.into(), &"5.1.1".into())
    );
    let words = attempt["reply"]["lines"][0].as_str().expect("words");
    assert!(words.contains("User unknown in virtual mailbox table"), "{words}");
    let message_id = sent["message_id"].as_str().expect("a Message-ID");
    arrived(&lab.one.maildir("anna", "one.example"), message_id);
}

#[test]
fn what_arrives_is_octet_for_octet_what_was_queued() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("octets");
    let to = "anna@one.example";
    let letters = tempting(ME, to);
    let sent: Vec<_> = letters.iter().map(|letter| (letter.what, rider.sendmail(&[to], &letter.message))).collect();
    rider.run_queue();
    let maildir = lab.one.maildir("anna", "one.example");
    for (what, id) in sent {
        let timeline = rider.timeline(id);
        assert_eq!(only(&timeline).0["state"], "accepted", "{what}: {timeline:#}");
        let message_id = timeline["message_id"].as_str().expect("a Message-ID");
        assert_carried_unchanged(&rider.queued(id), &arrived(&maildir, message_id));
    }
}

#[test]
fn a_file_given_on_the_command_line_arrives_whole() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("attachment");
    let file = lab.home.directory().join("übung.bin");
    let octets: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    std::fs::write(&file, octets).expect("a file can be written");
    let path = file.to_str().expect("a path in UTF-8");
    let text = ".a dot\n..two\nÄpfel und Öl\n";
    let sent = rider.must(&["send", "--to", "anna@one.example", "--subject", "Übung", "--attach", path], text);
    assert_eq!(only(&sent).0["state"], "accepted", "{sent:#}");
    let message_id = sent["message_id"].as_str().expect("a Message-ID");
    let maildir = lab.one.maildir("anna", "one.example");
    let arrived = arrived(&maildir, message_id);
    assert_carried_unchanged(&rider.queued(sent["id"].as_i64().expect("a number")), &arrived);
    assert_eq!(with_id(&maildir, message_id).len(), 1);
}
