//! What mail servers said about this computer.

use super::golden;
use jiff::Timestamp;
use model::Class;
use postrider_advisor::taught::{About, Told, taught};

#[test]
fn refusals_for_what_this_computer_is() {
    let at: Timestamp = "2026-11-22T14:32:00Z".parse().unwrap();
    let told = |class, reply: &str| Told {
        class,
        host: if class == Class::Port25Blocked { String::new() } else { "example.net".into() },
        sender: if class == Class::SenderUnauthenticated { "example.org".into() } else { String::new() },
        reply: reply.into(),
        at,
    };
    let of = |told: Told, by_two: bool| {
        let about =
            if told.class == Class::SenderUnauthenticated { About::Domain("example.org") } else { About::Network };
        let other = Told { host: "example.com".into(), ..told.clone() };
        let all: Vec<Told> = std::iter::once(told)
            .chain(by_two.then_some(other).filter(|other| other.class != Class::Port25Blocked))
            .collect();
        taught(Vec::new(), about, None, &all, at)
    };
    let findings = [
        told(Class::Port25Blocked, ""),
        told(Class::SenderNoRdns, "550 5.7.25 The IP address sending this message does not have a PTR record"),
        told(Class::SenderDynamicIp, "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org (PBL)"),
        told(Class::SenderBlocklisted, "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org (SBL)"),
        told(
            Class::SenderUnauthenticated,
            "550 5.7.26 This mail has been blocked because the sender is unauthenticated",
        ),
    ];
    let by_two = findings.iter().cloned().flat_map(|told| of(told, true));
    let by_one = findings.iter().skip(1).cloned().flat_map(|told| of(told, false));
    let mut all: Vec<_> = by_two.chain(by_one).collect();
    all.sort_by_key(|finding| finding.check);
    golden("taught", &all);
}
