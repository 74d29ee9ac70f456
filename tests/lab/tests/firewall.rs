//! Networks that let no port 25 out: those that swallow it, and those that refuse it for everybody. The letters wait
//! for the network, use up no try, and go when it lets them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::maildir::arrived;
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::time::Duration;

const DOMAINS: [&str; 3] = ["one.example", "two.example", "three.example"];
/// Each domain is refused after three seconds at the latest, one after the other at worst.
const PATIENCE: Duration = Duration::from_secs(40);

struct Lab {
    town: Town,
    mx: Postfix,
    home: Host,
    rider: Rider,
    _names: NameServer,
}

impl Lab {
    fn open() -> Self {
        let town = Town::open();
        let names = DOMAINS.iter().fold(Zone::default().host("home.example", "198.51.100.10"), |zone, domain| {
            zone.mx(domain, 10, &format!("mx.{domain}")).host(&format!("mx.{domain}"), "203.0.113.80")
        });
        let names = names.serve(&town);
        let plan = Plan::new("mx.one.example");
        let plan = DOMAINS.iter().fold(plan, |plan, domain| plan.mailbox("anna", domain));
        let mx = plan.start(&town.host("mx", &["203.0.113.80"]));
        let home = town.host("home", &["198.51.100.10"]);
        home.give_up_early();
        let rider = Rider::new(&home, "rider");
        rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");
        Self { town, mx, home, rider, _names: names }
    }

    /// Everything that can happen at port 25 of a network that does not let it out, up to the day when it does.
    fn letters_wait_for_the_network(&self, rule: &str) {
        let _logs = self.town.logs_on_failure();
        self.town.firewall(rule);
        let letters = DOMAINS.map(|domain| {
            let letter = format!("To: anna@{domain}\nSubject: Out\n\nHello Anna.\n");
            self.rider.sendmail(&[&format!("anna@{domain}")], letter.as_bytes())
        });
        let _runner = self.rider.start(&["queue", "run"], "runner");
        // The domain that was tried first waits for itself alone: one silent host proves nothing.
        let waiting = wait::until("the letters to wait for the network", PATIENCE, || {
            let timelines = letters.map(|id| self.rider.timeline(id));
            let blocked = timelines.iter().filter(|timeline| class(timeline) == "port-25-blocked").count();
            (blocked >= 2 && timelines.iter().all(|timeline| state(timeline) == "deferred")).then_some(timelines)
        });
        let is_blocked = |place: &usize| class(&waiting[*place]) == "port-25-blocked";
        let blocked: Vec<usize> = (0..DOMAINS.len()).filter(is_blocked).collect();
        for (timeline, id) in blocked.iter().map(|place| (&waiting[*place], letters[*place])) {
            let recipient = &timeline["recipients"][0];
            assert_eq!(recipient["diagnosis"]["who_acts"], "your-provider", "{timeline:#}");
            assert_eq!(self.rider.tries(id), 0, "no try is used up: {timeline:#}");
        }

        self.town.firewall("");
        // What a computer sees that is carried elsewhere.
        self.home.gets_address("198.51.100.99");
        wait::until("the letters to go", PATIENCE, || {
            blocked.iter().all(|place| state(&self.rider.timeline(letters[*place])) == "accepted").then_some(())
        });
        for (domain, timeline) in blocked.iter().map(|place| (DOMAINS[*place], &waiting[*place])) {
            arrived(&self.mx.maildir("anna", domain), timeline["message_id"].as_str().expect("a Message-ID"));
        }
    }
}

fn state(timeline: &Value) -> &str {
    timeline["recipients"][0]["state"].as_str().expect("a state")
}

fn class(timeline: &Value) -> &str {
    timeline["recipients"][0]["diagnosis"]["class"].as_str().unwrap_or_default()
}

#[test]
fn letters_wait_for_a_network_that_swallows_port_25() {
    Lab::open().letters_wait_for_the_network("tcp dport 25 drop");
}

#[test]
fn letters_wait_for_a_network_that_refuses_port_25() {
    Lab::open().letters_wait_for_the_network("tcp dport 25 reject with icmpx admin-prohibited");
}
