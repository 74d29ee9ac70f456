//! Signatures of letters that the real program sent, as dkimpy sees them at the receiver: with the keys from the town's
//! name server, over what Postfix delivered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::letters::tempting;
use postrider_lab::maildir::arrived;
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

const ME: &str = "you@home.example";

/// Prints for each signature of the message on its input the algorithm and whether it passes.
const VERIFY: &str = r#"
import dkim, sys
message = sys.stdin.buffer.read()
count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.rfc822_parse(message)[0])
for number in range(count):
    verifier = dkim.DKIM(message)
    try:
        passes = verifier.verify(idx=number)
    except dkim.DKIMException:
        passes = False
    print(verifier.signature_fields[b"a"].decode(), passes)
"#;

struct Lab {
    town: Town,
    mx: Postfix,
    mx_host: Host,
    rider: Rider,
    _names: NameServer,
}

/// The keys are made before the town has names, as they are when somebody else keeps the zone.
fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let home = town.host("home", &["198.51.100.10"]);
        let rider = Rider::new(&home, "signer");
        rider.must(&["account", "add", ME, "--name", "You", "--imap", "none", "--smtp", "none"], "");
        let made = rider.must(&["dkim", "make", "home.example"], "");
        let mut zone = Zone::default()
            .host("home.example", "198.51.100.10")
            .host("mx.one.example", "203.0.113.11")
            .mx("one.example", 10, "mx.one.example");
        for key in keys(&made) {
            assert_eq!(key["state"], "waiting", "{key:#}");
            let (_, strings) = key["zone_line"].as_str().unwrap().split_once(" IN TXT ").unwrap();
            zone = zone.record(key["record_name"].as_str().unwrap(), "TXT", strings);
        }
        let names = zone.serve(&town);
        let mx_host = town.host("one", &["203.0.113.11"]);
        let mx = Plan::new("mx.one.example").mailbox("anna", "one.example").start(&mx_host);
        Lab { town, mx, mx_host, rider, _names: names }
    })
}

fn keys(domain: &Value) -> &[Value] {
    domain["keys"].as_array().expect("keys")
}

impl Lab {
    /// What Postfix has after the program sent it.
    fn delivered(&self, outgoing: i64) -> Vec<u8> {
        self.rider.run_queue();
        let timeline = self.rider.timeline(outgoing);
        assert_eq!(timeline["recipients"][0]["state"], "accepted", "{timeline:#}");
        arrived(&self.mx.maildir("anna", "one.example"), timeline["message_id"].as_str().expect("a Message-ID"))
    }

    /// What dkimpy says of the message's signatures, on the receiver's host.
    fn verdicts(&self, message: &[u8]) -> Vec<String> {
        let mut command = self.mx_host.command(Path::new("/usr/bin/python3"));
        command.args(["-c", VERIFY]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 can be run");
        child.stdin.take().unwrap().write_all(message).expect("the message can be handed over");
        let output = child.wait_with_output().expect("python3 ends");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_letter_is_signed_with_both_keys_once_dns_shows_them_and_both_signatures_pass() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let sent = lab.rider.must(
        &["send", "--to", "anna@one.example", "--subject", "Größe  und Gewicht", "--route", "direct"],
        "Hallo Anna,\n\nschöne Grüße  \n \n\t\n",
    );
    let message = lab.delivered(sent["id"].as_i64().unwrap());
    assert_eq!(lab.verdicts(&message), ["rsa-sha256 True", "ed25519-sha256 True"]);
    assert_eq!(sent["signed_by"].as_array().map(Vec::len), Some(2), "{sent:#}");
    let list = lab.rider.must(&["dkim", "list"], "");
    for key in keys(&list[0]) {
        assert_eq!(key["state"], "signing", "sending looked in DNS: {key:#}");
    }
}

#[test]
fn letters_that_tempt_a_mail_system_to_change_them_pass_too() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    for letter in tempting(ME, "anna@one.example") {
        let outgoing = lab.rider.sendmail(&["anna@one.example"], &letter.message);
        let message = lab.delivered(outgoing);
        assert_eq!(lab.verdicts(&message), ["rsa-sha256 True", "ed25519-sha256 True"]);
    }
}

#[test]
fn a_letter_that_is_altered_on_its_way_fails() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let sent = lab.rider.must(&["send", "--to", "anna@one.example", "--subject", "Rent"], "Pay 100 to Ben.\n");
    let message = String::from_utf8(lab.delivered(sent["id"].as_i64().unwrap())).unwrap();
    let altered = [
        message.replace("Pay 100", "Pay 900"),
        message.replace("Subject: Rent", "Subject: Fee"),
        format!("From: eve@home.example\n{message}"),
        format!("Subject: Fee\n{message}"),
        format!("{message}P.S.\n"),
    ];
    for text in altered {
        assert_ne!(text, message);
        assert_eq!(lab.verdicts(text.as_bytes()), ["rsa-sha256 False", "ed25519-sha256 False"], "{text}");
    }
    assert_eq!(lab.verdicts(message.as_bytes()), ["rsa-sha256 True", "ed25519-sha256 True"]);
}
