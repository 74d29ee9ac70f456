//! Findings as others may read them, in a request for support: pure.
//!
//! What a network is like is seen by mail hosts of people whom the user writes to, and findings name them. Whoever is to help
//! need not know these, nor what addresses the network has inside:
//!
//! | in a finding | in its place |
//! |---|---|
//! | a name of the house of a correspondent's mail host, or of the name that it gave itself | a mail host of a correspondent |
//! | its address | its address |
//! | an address that means something inside only (RFC 1918, RFC 4193, RFC 6598, link-local) | an inside address |
//! | the words with which such a host greets | … |
//!
//! Houses that the user's own domains, smart hosts and addresses belong to are named all the same. A refusal keeps its words,
//! for they say what is wrong.

use super::address::{is_private, is_shared};
use super::finding::{Evidence, Finding};
use super::greeting;
use super::network::{Probe, ProbeEnd};
use message::authenticity::domains::organisation;
use model::{Reply, shown_domain};
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

const HOST: &str = "a mail host of a correspondent";
const ITS_ADDRESS: &str = "its address";
const INSIDE: &str = "an inside address";

/// What others need not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    houses: HashSet<String>,
    addresses: HashSet<IpAddr>,
}

impl Private {
    /// Of hosts that were asked; `own` are names of the user's own: domains, their mail hosts, smart hosts.
    pub fn of<'a>(probes: impl IntoIterator<Item = &'a Probe>, own: impl IntoIterator<Item = &'a str>) -> Self {
        let own: HashSet<String> = own.into_iter().map(organisation).collect();
        let mut all = Self::default();
        for probe in probes.into_iter().filter(|probe| !own.contains(&organisation(&probe.host))) {
            all.houses.insert(organisation(&probe.host));
            all.houses.extend(names_of(&probe.end.value).map(|name| organisation(&name)));
            all.addresses.insert(probe.address.ip().to_canonical());
        }
        all.houses.retain(|house| !own.contains(house));
        all
    }

    /// Of mail hosts' names that servers' words are kept under.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let houses = names.into_iter().filter(|name| !name.is_empty()).map(organisation);
        // A name is shown to people in its own script.
        let houses = houses.flat_map(|house| [shown_domain(&house).to_lowercase(), house]).collect();
        Self { houses, ..Self::default() }
    }

    /// A finding without it.
    pub fn withheld(&self, finding: &Finding) -> Finding {
        let text = |text: &String| self.cleared(text);
        let mut given = finding.clone();
        given.subject = text(&finding.subject);
        given.title = text(&finding.title);
        given.cause = text(&finding.cause);
        given.fix = finding.fix.as_ref().map(text);
        given.alternative = finding.alternative.as_ref().map(text);
        given.evidence = finding.evidence.iter().map(|one| self.evidence(one)).collect();
        for copy in &mut given.copy {
            copy.text = text(&copy.text);
        }
        given
    }

    fn evidence(&self, evidence: &Evidence) -> Evidence {
        let asked = self.cleared(&evidence.asked);
        let is_of_correspondent = asked != evidence.asked && asked.contains(HOST);
        let answer = if is_of_correspondent { without_words(&evidence.answer) } else { evidence.answer.clone() };
        Evidence { asked, answer: self.cleared(&answer), took_ms: evidence.took_ms }
    }

    /// A text without the names and addresses that others need not know.
    fn cleared(&self, text: &str) -> String {
        let mut given = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(begin) = rest.find(is_of_name) {
            let (before, from) = rest.split_at(begin);
            let (word, after) = from.split_at(from.find(|letter| !is_of_name(letter)).unwrap_or(from.len()));
            given.push_str(before);
            given.push_str(&self.word(word));
            rest = after;
        }
        // A host of a domain is named by the domain in places.
        (given + rest).replace(&format!("a mail host of {HOST}"), HOST)
    }

    fn word(&self, word: &str) -> String {
        let core = word.trim_end_matches(['.', ':', '-']);
        let end = word.get(core.len()..).unwrap_or_default();
        let in_place = match address(core) {
            Some(ip) if self.addresses.contains(&ip) => ITS_ADDRESS,
            Some(ip) if is_inside(ip) => INSIDE,
            Some(_) => return word.to_owned(),
            None if core.contains('.') && self.houses.contains(&organisation(core)) => HOST,
            None => return word.to_owned(),
        };
        format!("{in_place}{end}")
    }
}

/// The names that a host gives itself: the first words of its greeting and of its answer to EHLO (RFC 5321 §4.2, §4.1.1.1).
fn names_of(end: &ProbeEnd) -> impl Iterator<Item = String> {
    let replies: [Option<&Reply>; 2] = match end {
        ProbeEnd::Greeted { greeting, .. } => [Some(greeting), end.introduced()],
        _ => [None, None],
    };
    replies.into_iter().flatten().filter_map(greeting::name)
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '.' | ':' | '-' | '_')
}

/// An address, with or without a port.
fn address(word: &str) -> Option<IpAddr> {
    let ip = word.parse::<IpAddr>().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(ip.to_canonical())
}

fn is_inside(ip: IpAddr) -> bool {
    !ip.is_loopback() && (is_private(ip) || is_shared(ip))
}

/// `220 mx.example.org at your service; then 250 to EHLO` without what the host says of itself.
fn without_words(answer: &str) -> String {
    let (said, then) = match answer.find("; then ") {
        Some(place) => answer.split_at(place),
        None => (answer, ""),
    };
    let is_welcome = said.len() > 4 && said.starts_with('2') && said.get(..3).is_some_and(is_number);
    if is_welcome { format!("{} …{then}", said.get(..3).unwrap_or_default()) } else { answer.to_owned() }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Timed;
    use crate::checks::finding::{Check, Said};
    use std::time::Duration;

    fn reply(code: u16, line: &str) -> Reply {
        Reply { code, enhanced: None, lines: vec![line.to_owned()] }
    }

    fn probe(host: &str, ip: [u8; 4], greeting: &str) -> Probe {
        let end = ProbeEnd::Greeted { greeting: reply(220, greeting), ehlo: None, helo: None };
        Probe {
            host: host.to_owned(),
            address: (ip, 25).into(),
            end: Timed::new(end, Duration::ZERO),
            encrypted_before: false,
        }
    }

    fn private() -> Private {
        let theirs = [
            probe("mx.friend.test", [192, 0, 2, 1], "in7.house.test ESMTP"),
            probe("mx.own.test", [192, 0, 2, 2], "x"),
        ];
        Private::of(&theirs, ["own.test"])
    }

    #[test]
    fn names_and_addresses_of_correspondents_and_of_the_inside_are_withheld() {
        let table = [
            ("mx.friend.test answered at port 25", "a mail host of a correspondent answered at port 25"),
            ("mx.friend.test (192.0.2.1:25)", "a mail host of a correspondent (its address)"),
            ("It is MX2.Friend.Test.", "It is a mail host of a correspondent."),
            ("a mail host of friend.test, 22 November", "a mail host of a correspondent, 22 November"),
            ("a mail host of own.test, 22 November", "a mail host of own.test, 22 November"),
            ("called in7.house.test: no", "called a mail host of a correspondent: no"),
            ("mx.own.test (192.0.2.9:25)", "mx.own.test (192.0.2.9:25)"),
            ("this computer (192.168.1.7)", "this computer (an inside address)"),
            ("from 100.64.3.4, fd00::7 or fe80::1", "from an inside address, an inside address or an inside address"),
            ("[fd00::7]:25", "[an inside address]:25"),
            (
                "203.0.113.9 and 127.0.0.1 are no secret, nor 5.7.1",
                "203.0.113.9 and 127.0.0.1 are no secret, nor 5.7.1",
            ),
            ("“übrig” …", "“übrig” …"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(private().cleared(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_withheld_in_its_own_script_too() {
        let private = Private::of_names(["mx1.xn--bcher-kva.example", ""]);
        let given = private.cleared("mx2.bücher.example and xn--bcher-kva.example, not other.example");
        assert_eq!(given, format!("{HOST} and {HOST}, not other.example"));
    }

    #[test]
    fn the_words_of_a_greeting_are_withheld_and_those_of_a_refusal_are_not() {
        let given = |asked: &str, answer: &str| {
            let evidence = vec![Evidence::known(asked, answer)];
            let finding = Finding::new(Check::Port25V4, "", evidence, Said::pass("open", "", ""));
            private().withheld(&finding).evidence[0].answer.clone()
        };
        let table = [
            ("mx.friend.test", "220 Welcome to Friend Ltd; then 250 to EHLO", "220 …; then 250 to EHLO"),
            (
                "mx.friend.test",
                "554 5.7.1 not from mx.friend.test",
                "554 5.7.1 not from a mail host of a correspondent",
            ),
            ("mx.friend.test", "no answer", "no answer"),
            ("mx.own.test", "220 mx.own.test ESMTP", "220 mx.own.test ESMTP"),
        ];
        for (asked, answer, expected) in table {
            assert_eq!(given(asked, answer), expected, "{answer}");
        }
    }
}
