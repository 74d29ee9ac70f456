//! Receivers that are not Postfix: Exim, which offers everything, and OpenSMTPD, which offers little. Letters arrive as
//! they were queued, each recipient has the fate that the server gave it, and nothing is used that was not offered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::exim::Exim;
use postrider_lab::letters::tempting;
use postrider_lab::maildir::{arrived, assert_carried_unchanged};
use postrider_lab::opensmtpd::OpenSmtpd;
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use std::path::PathBuf;
use std::sync::OnceLock;

const ME: &str = "you@home.example";

struct Lab {
    town: Town,
    authority: Authority,
    exim: Exim,
    opensmtpd: OpenSmtpd,
    home: Host,
    _names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("home.example", "198.51.100.10")
            .host("mx.exim.example", "203.0.113.61")
            .mx("exim.example", 10, "mx.exim.example")
            .host("mx.open.example", "203.0.113.62")
            .mx("open.example", 10, "mx.open.example")
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let host = town.host("exim", &["203.0.113.61"]);
        let certificate = authority.certify("mx.exim.example", &host.directory());
        let exim = Exim::start(&host, "mx.exim.example", &certificate, "exim.example", &["eva", "emil"]);
        let host = town.host("open", &["203.0.113.62"]);
        let certificate = authority.certify("mx.open.example", &host.directory());
        let opensmtpd = OpenSmtpd::start(&host, "mx.open.example", &certificate, "open.example", &["otto", "olga"]);
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, exim, opensmtpd, home, _names: names }
    })
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        rider.must(&["account", "add", ME, "--name", "You", "--imap", "none", "--smtp", "none"], "");
        rider
    }

    fn maildir(&self, address: &str) -> PathBuf {
        match address.split_once('@').expect("an address") {
            (user, domain @ "exim.example") => self.exim.maildir(user, domain),
            (user, domain) => self.opensmtpd.maildir(user, domain),
        }
    }
}

#[test]
fn what_arrives_at_exim_and_at_opensmtpd_is_octet_for_octet_what_was_queued() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("octets");
    let to = ["eva@exim.example", "otto@open.example"];
    let letters = tempting(ME, &to.join(", "));
    let sent: Vec<_> = letters.iter().map(|letter| (letter.what, rider.sendmail(&to, &letter.message))).collect();
    rider.run_queue();
    for (what, id) in sent {
        let timeline = rider.timeline(id);
        let message_id = timeline["message_id"].as_str().expect("a Message-ID");
        for (place, address) in to.iter().enumerate() {
            assert_eq!(timeline["recipients"][place]["state"], "accepted", "{what}: {timeline:#}");
            assert_carried_unchanged(&rider.queued(id), &arrived(&lab.maildir(address), message_id));
        }
    }
}

#[test]
fn of_several_recipients_each_has_the_fate_that_its_server_gave_it() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("mixed");
    let to =
        ["eva@exim.example", "nobody@exim.example", "emil@exim.example", "otto@open.example", "none@open.example"];
    let send: Vec<&str> =
        ["send", "--subject", "Mixed"].into_iter().chain(to.iter().flat_map(|to| ["--to", to])).collect();
    let sent = rider.must(&send, "Hello all.\n");
    let recipients = sent["recipients"].as_array().expect("recipients");
    let message_id = sent["message_id"].as_str().expect("a Message-ID");
    for recipient in recipients {
        let address = recipient["address"].as_str().expect("an address");
        let attempt = recipient["attempts"].as_array().and_then(|attempts| attempts.last()).expect("an attempt");
        if address.starts_with("no") {
            assert_eq!((&recipient["state"], &attempt["phase"]), (&"failed".into(), &"rcpt".into()), "{sent:#}");
            assert_eq!(recipient["diagnosis"]["temporary"], false, "{sent:#}");
        } else {
            assert_eq!(recipient["state"], "accepted", "{sent:#}");
            arrived(&lab.maildir(address), message_id);
        }
    }
}

#[test]
fn a_server_is_asked_only_for_what_it_offers() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("offers");
    let said = |to: &str| {
        let sent = rider.must(&["send", "--to", to, "--subject", "Größe"], "Grüße aus Köln.\n");
        assert_eq!(sent["recipients"][0]["state"], "accepted", "{sent:#}");
        rider.transcript(sent["id"].as_i64().expect("a number"))
    };
    for (to, offered, not_offered) in [
        ("eva@exim.example", &["STARTTLS", "SIZE=", "BDAT ", "RET=", "NOTIFY="][..], &[" DATA"][..]),
        ("otto@open.example", &["STARTTLS", "SIZE=", "RET=", "NOTIFY=", " DATA"], &["BDAT "]),
    ] {
        let said = said(to);
        let used = |words: &&str| said.contains(*words);
        assert!(offered.iter().all(used), "{offered:?}: {said}");
        assert!(!not_offered.iter().any(used), "{not_offered:?}: {said}");
    }
}

#[test]
fn where_encryption_was_offered_and_fails_the_letter_goes_without_and_the_timeline_says_so() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("broken-tls");
    let sent = rider.must(&["send", "--to", "olga@open.example", "--subject", "Open"], "Hello Olga.\n");
    let [broken, plain] = &sent["recipients"][0]["attempts"].as_array().expect("attempts")[..] else {
        panic!("two: {sent:#}")
    };
    assert_eq!((&broken["phase"], &broken["class"]), (&"tls".into(), &"tls-policy".into()), "{sent:#}");
    assert_eq!((&plain["address"], &plain["tls"]), (&broken["address"], &serde_json::Value::Null), "{sent:#}");
    arrived(&lab.opensmtpd.maildir("olga", "open.example"), sent["message_id"].as_str().expect("a Message-ID"));
}
