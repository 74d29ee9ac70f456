//! How long a destination as a whole is left alone after it said that it has enough: it is the sender that is counted,
//! not the letter, and whoever goes on asking is counted further.
//!
//! | what it was | the destination rests |
//! |---|---|
//! | throttled, by the table of diagnoses | yes |
//! | 421 for a trouble of its own, or for no known reason | yes: the next letter would hear the same |
//! | 421 for silence on the line (4.4.2) | no: that was this connection |
//! | a recipient that gets too much mail (x.2.x), too many recipients at once (4.5.3) | no: that was this letter |
//! | greylisted, refused for what we are, anything else | no |
//!
//! It rests for 1 minute the first time, then 2, 4, 8 …, at most 4 hours; not less than the reply asks for; and for a
//! limit on rate or reputation not less than its provider is known to need:
//!
//! | provider | at least |
//! |---|---|
//! | Google, Microsoft | 10 min |
//! | Apple | 30 min |
//! | GMX and web.de, Comcast | 1 h |
//! | Yahoo | 4 h |
//!
//! A limit on connections at a time is over as soon as they are, and has no such floor. A success begins anew.

use crate::{Class, Diagnosis, Outcome, Reply};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// The longest that a destination rests, whatever it says.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

/// Suffixes of the names of mail hosts, and the least that they let rest for too much mail, in minutes.
const FLOORS: [(&str, u32); 15] = [
    (".google.com", 10),
    (".googlemail.com", 10),
    (".outlook.com", 10),
    (".mx.microsoft", 10),
    (".hotmail.com", 10),
    (".yahoodns.net", 240),
    (".mail.icloud.com", 30),
    (".apple.com", 30),
    (".gmx.net", 60),
    (".gmx.com", 60),
    (".web.de", 60),
    (".mail.com", 60),
    (".kundenserver.de", 60),
    (".comcast.net", 60),
    (".xfinity.com", 60),
];

/// Whether an answer says that the destination has enough for now: not of this recipient, this letter or this account.
pub fn is_too_much(outcome: &Outcome, diagnosis: &Diagnosis) -> bool {
    let Outcome::Replied(reply) = outcome else { return false };
    match diagnosis.class {
        Class::Throttled => !is_about_letter(reply),
        Class::ReceiverMisconfigured | Class::Unknown => reply.code == 421 && !is_about_line(reply),
        _ => false,
    }
}

/// How long a destination rests that had enough this many times before, without a success in between. `host` is the name
/// of the mail host that said so.
///
/// ```
/// # use postrider_model::{EnhancedCode, Known, Phase, Reply, Route, diagnose, throttle};
/// # use std::time::Duration;
/// let reply = Reply::new(421, Some(EnhancedCode::new(4, 7, 0)), "Too many connections");
/// let known = Known::new(Route::Direct, "example.org", "anna@example.org");
/// let outcome = reply.into();
/// let diagnosis = diagnose(Phase::Greeting, &outcome, &known);
/// assert!(throttle::is_too_much(&outcome, &diagnosis));
/// assert_eq!(throttle::rest("mx.example.org", &outcome, &diagnosis, 2), Duration::from_secs(4 * 60));
/// ```
pub fn rest(host: &str, outcome: &Outcome, diagnosis: &Diagnosis, before: u32) -> Duration {
    let grown = MINUTE * 2_u32.saturating_pow(before.min(10));
    let stated = diagnosis.retry_after.map(Duration::from_secs).unwrap_or_default();
    let floor = match (diagnosis.class, outcome) {
        (Class::Throttled, Outcome::Replied(reply)) if !is_about_connections(reply) => floor_of(host),
        _ => Duration::ZERO,
    };
    grown.max(stated).max(floor).min(LONGEST)
}

fn floor_of(host: &str) -> Duration {
    let host = format!(".{}", host.trim_end_matches('.').to_ascii_lowercase());
    let found = FLOORS.iter().find(|(suffix, _)| host.ends_with(suffix));
    found.map(|(_, minutes)| MINUTE * *minutes).unwrap_or_default()
}

/// A recipient that gets too much, or too many recipients in one letter.
fn is_about_letter(reply: &Reply) -> bool {
    let text = reply.text().to_ascii_lowercase();
    let by_code = reply.enhanced.is_some_and(|code| code.subject == 2 || (code.subject, code.detail) == (5, 3));
    by_code || text.contains("too many recipients")
}

/// The server hung up because nothing was said.
fn is_about_line(reply: &Reply) -> bool {
    reply.enhanced.is_some_and(|code| (code.subject, code.detail) == (4, 2))
        || reply.text().to_ascii_lowercase().contains("timeout")
}

fn is_about_connections(reply: &Reply) -> bool {
    let text = reply.text().to_ascii_lowercase();
    ["connection", "session"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, Known, Phase, Route, diagnose};

    fn said(reply: &str) -> (Outcome, Diagnosis) {
        let outcome = Outcome::from(Reply::parse_all(format!("{reply}\r\n").as_bytes()).expect("a reply"));
        let diagnosis = diagnose(Phase::Mail, &outcome, &Known::new(Route::Direct, "example.org", "a@example.org"));
        (outcome, diagnosis)
    }

    #[test]
    fn a_destination_rests_for_what_is_about_all_letters() {
        let table = [
            ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", true),
            ("421 4.7.28 Gmail has detected an unusual rate of mail", true),
            ("451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation", true),
            ("421 Too many concurrent SMTP connections; please try again later", true),
            ("421 4.3.2 Service shutting down", true),
            ("421 mx.example.org closing transmission channel", true),
            ("421 4.4.2 mx.example.org Error: timeout exceeded", false),
            ("450 4.2.1 The user you are trying to contact is receiving mail at a rate", false),
            ("452 4.5.3 Your message has too many recipients", false),
            ("450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/example.org.html", false),
            ("451 4.7.1 Try again later", false),
            ("550 5.1.1 User unknown", false),
            ("554 5.7.1 Client host [192.0.2.1] blocked using Spamhaus", false),
        ];
        for (reply, rests) in table {
            let (outcome, diagnosis) = said(reply);
            assert_eq!(is_too_much(&outcome, &diagnosis), rests, "{reply}: {:?}", diagnosis.class);
        }
        let (_, throttled) = said(table[0].0);
        assert!(!is_too_much(&Fault::Closed.into(), &throttled));
    }

    #[test]
    fn it_rests_longer_each_time_and_never_less_than_it_asks_for() {
        let rate = "421 4.7.28 Gmail has detected an unusual rate of mail";
        let busy = "421 4.3.2 Service not available";
        let connections = "421 Too many connections";
        let yahoo = "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred";
        let generic = "451 4.7.1 rate limit exceeded";
        let table: [(&str, &str, u32, u64); 13] = [
            ("mx.example.org", busy, 0, 1),
            ("mx.example.org", busy, 1, 2),
            ("mx.example.org", busy, 5, 32),
            ("mx.example.org", busy, 8, 240),
            ("mx.example.org", busy, u32::MAX, 240),
            ("gmail-smtp-in.l.google.com", rate, 0, 30),
            ("gmail-smtp-in.l.google.com", rate, 6, 64),
            ("mx-eu.mail.am0.yahoodns.net.", yahoo, 0, 240),
            ("mx-eu.mail.am0.yahoodns.net", connections, 0, 1),
            ("mx00.gmx.net", connections, 3, 8),
            ("mx00.gmx.net", busy, 0, 1),
            ("MX01.mail.icloud.com", generic, 0, 30),
            ("notgmx.net", generic, 0, 1),
        ];
        for (host, reply, before, minutes) in table {
            let (outcome, diagnosis) = said(reply);
            let rest = rest(host, &outcome, &diagnosis, before);
            assert_eq!(rest, MINUTE * u32::try_from(minutes).expect("few"), "{host} {reply} {before}");
        }
    }
}
