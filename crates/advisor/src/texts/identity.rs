//! What is said of an identity.

use super::USE_SMART_HOST;
use crate::checks::finding::{Said, Status};
use crate::checks::identity::{DkimKeySeen, Dmarc, Doubt, KeyShown, Keys, Proof, SpfSeen, TakesMail, Way};
use crate::dmarc::Policy;
use crate::provider_of;
use crate::spf::{Problem, SpfResult};
use std::net::IpAddr;

pub(crate) fn sender_domain(domain: &str, takes: &TakesMail) -> Said {
    const FIX: &str = "Set an MX record that names the server where the domain's mailboxes are, or send from an address that \
                       can receive.";
    match takes {
        TakesMail::Hosts(_) => {
            Said::pass("receives", format!("{domain} can receive"), "Answers and notices of failure can come back.")
        }
        TakesMail::Implicit => Said::warn(
            "no-mx",
            format!("{domain} has no MX record"),
            "Mail for it goes to the domain's own address, if anybody takes it there. Some receivers distrust a sender \
             without an MX record.",
        )
        .fix(FIX),
        TakesMail::Nowhere => Said::fail(
            "nowhere",
            format!("{domain} can not receive"),
            "The domain has neither a mail server nor an address. Nobody can answer, and most receivers refuse its letters.",
        )
        .fix(FIX),
        TakesMail::Null => Said::fail(
            "null-mx",
            format!("{domain} says that it takes no mail"),
            "The domain has a null MX record: it takes no mail, and by the same rule should send none. Receivers refuse it.",
        )
        .fix(FIX),
        TakesMail::NoSuchDomain => Said::fail(
            "no-such-domain",
            format!("{domain} does not exist"),
            "There is no such domain in DNS. Nearly every receiver refuses letters from it.",
        )
        .fix("Check how the address of this identity is written, and whether the domain is still paid for."),
        TakesMail::NotAnswered => Said::unknown(
            "not-answered",
            format!("{domain} could not be looked up"),
            "Its name servers gave no answer in time. Receivers who meet the same put letters off.",
        )
        .fix("Try again in a few minutes."),
    }
}

pub(crate) fn sender_provider(domain: &str, only_its_own: Option<&str>) -> Said {
    match only_its_own {
        Some(provider) => Said::fail(
            "only-its-own",
            format!("Letters from {domain} are expected from the servers of {provider} alone"),
            format!(
                "Nothing proves a letter from {domain} that another server sent, and only {provider} could change that. Mail \
                 servers know it, and refuse such a letter or file it as junk. That is why direct sending is not offered for \
                 this address."
            ),
        )
        .fix(format!("Send through {provider}: set its server up as a smart host of this account, if it is not yet one."))
        .alternative("Or send from an address at a domain of your own."),
        None => Said::pass(
            "free",
            format!("{domain} leaves it to you how letters are sent"),
            "It does not belong to a provider that is known to send all letters from its addresses itself.",
        ),
    }
}

/// Only its provider can change the DNS of a provider's domain: advice to do so gives way to the provider's own server.
fn at_provider(domain: &str, said: Said) -> Said {
    let Some(provider) = provider_of(domain).filter(|_| !matches!(said.status, Status::Pass | Status::Unknown))
    else {
        return said;
    };
    let fix = format!(
        "Send through {}: the records of {domain} are in its hands, and its server sends and signs as they say.",
        provider.name
    );
    Said { fix: Some(fix), alternative: None, copy: Vec::new(), ..said }
}

pub(crate) fn spf(seen: &SpfSeen) -> Said {
    at_provider(&seen.domain, by_way(seen))
}

fn by_way(seen: &SpfSeen) -> Said {
    let evaluation = &seen.evaluation.value;
    match (evaluation.result, &seen.way) {
        (SpfResult::TempError, _) => Said::unknown(
            "not-answered",
            format!("The SPF record of {} could not be followed now", seen.domain),
            "Some name server gave no answer in time. Receivers who meet the same put letters off.",
        )
        .fix("Try again in a few minutes."),
        (SpfResult::PermError, _) => broken(seen),
        (_, Way::Direct(ip)) => direct(seen, *ip),
        (_, Way::SmartHost { host, ip }) => by_smart_host(seen, host, *ip),
    }
}

/// Of a record for which no address is known that it should name; `None` where nobody answered.
pub(crate) fn spf_record(domain: &str, there: Option<bool>) -> Said {
    const WHICH: &str = "Check this network: that shows which address others see, and whether the record names it.";
    let said = match there {
        None => Said::unknown(
            "not-answered",
            format!("The SPF record of {domain} could not be looked up"),
            "Its name servers gave no answer in time.",
        )
        .fix("Try again in a few minutes."),
        Some(true) => Said::unknown(
            "address-not-known",
            format!("{domain} has an SPF record"),
            "Whether it lets letters from here pass is not known, because it is not known which address others see.",
        )
        .fix(WHICH),
        Some(false) => Said::warn(
            "none",
            format!("{domain} has no SPF record"),
            "Receivers can not tell which servers may send for the domain. Large ones want a record, and trust letters less \
             without.",
        )
        .fix(format!("Add a record. This one names the mail servers of the domain. {WHICH}"))
        .copy(format!("TXT record for {domain}"), "v=spf1 mx ~all"),
    };
    at_provider(domain, said)
}

fn broken(seen: &SpfSeen) -> Said {
    let problem = seen.evaluation.value.problem.as_ref().map(Problem::to_string).unwrap_or_default();
    let too_many = matches!(seen.evaluation.value.problem, Some(Problem::TooManyLookups | Problem::TooManyVoid));
    let fix = if too_many {
        "Take out services that you no longer use, and name addresses (ip4:, ip6:) in place of names where they do not change."
    } else {
        "Correct the record in the DNS of your domain."
    };
    let found = if too_many { "too-many-lookups" } else { "broken" };
    Said::fail(
        found,
        format!("The SPF record of {} can not be followed", seen.domain),
        format!("What is wrong: {problem}. Receivers stop at that, so the record proves nothing for anybody."),
    )
    .fix(fix)
}

fn direct(seen: &SpfSeen, ip: IpAddr) -> Said {
    let domain = &seen.domain;
    let said = match seen.evaluation.value.result {
        SpfResult::Pass => {
            return Said::pass(
                "pass",
                format!("{domain} lets {ip} send for it"),
                "Letters that go directly from here come from where the domain says (SPF).",
            );
        }
        SpfResult::Fail => Said::fail(
            "fail",
            format!("{domain} says that {ip} may not send for it"),
            "Its SPF record names other servers and forbids the rest. Receivers refuse letters that go directly from here, or \
             file them as junk, unless a signature speaks for them.",
        ),
        SpfResult::SoftFail => Said::warn(
            "softfail",
            format!("{domain} does not know {ip}"),
            "Its SPF record names other servers and asks receivers to be wary of the rest. Without a signature, letters that \
             go directly from here may end up among the junk.",
        ),
        SpfResult::Neutral => Said::warn(
            "neutral",
            format!("{domain} says nothing about {ip}"),
            "Its SPF record names other servers and leaves the rest open. That proves nothing for letters that go directly \
             from here.",
        ),
        _ => Said::warn(
            "none",
            format!("{domain} has no SPF record"),
            "Receivers can not tell which servers may send for the domain. Large ones want a record, and trust letters less \
             without.",
        ),
    };
    let said = said
        .alternative("A signature (DKIM) proves your letters from any address, and is the better way for a laptop.");
    if seen.shared {
        return said.fix(
            "Send without the VPN, or ask your provider for an address of your own, before you add an address to the record: \
             others send from this one too, and their letters would pass for yours.",
        );
    }
    said.fix("Add this address to the record, if it stays the same for long; one that changes daily does not belong there.")
        .copy(format!("TXT record for {domain}"), with_address(seen.evaluation.value.record.as_deref(), ip))
}

fn by_smart_host(seen: &SpfSeen, host: &str, ip: IpAddr) -> Said {
    let domain = &seen.domain;
    let result = seen.evaluation.value.result;
    if result == SpfResult::Pass {
        return Said::pass(
            "pass",
            format!("{domain} lets {host} send for it"),
            "Letters that go through this smart host come from where the domain says (SPF).",
        );
    }
    if result == SpfResult::None {
        return Said::warn(
            "none",
            format!("{domain} has no SPF record"),
            format!("Receivers can not tell whether {host} may send for the domain. Large ones want a record, and trust letters less without."),
        )
        .fix(format!("Look in the help pages of {host} for the SPF record that it wants, and add it to the DNS of {domain}."));
    }
    Said::warn(
        "not-named",
        format!("{domain} does not seem to know {host}"),
        format!(
            "Its SPF record does not name {ip}, where {host} takes letters. Many providers send from other addresses than that, \
             so this need not mean anything: their own pages say which “include:” belongs in the record."
        ),
    )
    .fix(format!("Look in the help pages of {host} for its SPF record, and add it to that of {domain}."))
    .alternative("A signature (DKIM) proves your letters whichever way they go.")
}

/// The record with the address put in; one that is not there yet begins with it.
fn with_address(record: Option<&str>, ip: IpAddr) -> String {
    let term = if ip.is_ipv4() { format!("ip4:{ip}") } else { format!("ip6:{ip}") };
    match record.and_then(|record| record.split_once(' ')) {
        Some((version, rest)) => format!("{version} {term} {}", rest.trim_start()),
        None => format!("v=spf1 mx {term} ~all"),
    }
}

pub(crate) fn dkim(domain: &str, keys: &Keys<'_>) -> Said {
    at_provider(domain, by_keys(domain, keys))
}

fn by_keys(domain: &str, keys: &Keys<'_>) -> Said {
    match keys {
        Keys::Right => Said::pass(
            "right",
            format!("Letters from {domain} are signed, and the key is in DNS"),
            "Receivers can prove that they are yours, whichever way they go.",
        ),
        Keys::None => Said::warn(
            "no-key",
            format!("Letters from {domain} are not signed here"),
            "Postrider has no key for this domain. Letters that go directly are proven by nothing but the address they come \
             from.",
        )
        .fix("Make a key in the settings of this identity, and put the record that is shown there into the DNS of your domain.")
        .alternative("A smart host of your provider usually signs by itself."),
        Keys::OnlyEd25519(rsa) => only_ed25519(domain, *rsa),
        Keys::Wrong(shown, key) => wrong_key(domain, *shown).copy(format!("TXT record for {}", key.name), &key.record),
        Keys::NotAnswered => Said::unknown(
            "not-answered",
            format!("The keys of {domain} could not be looked up"),
            "Its name servers gave no answer in time.",
        )
        .fix("Try again in a few minutes."),
    }
}

fn only_ed25519(domain: &str, rsa: Option<&DkimKeySeen>) -> Said {
    let said = Said::warn(
        "only-ed25519",
        format!("DNS shows only the new kind of key for {domain}"),
        "Letters are signed with two kinds of keys: Ed25519, which is short and new, and RSA, which every receiver knows. DNS \
         shows the first one alone. Gmail, Outlook and Yahoo do not understand it, so to them your letters are as good as \
         unsigned.",
    );
    const WHOLE: &str = "It is long, and has to be kept whole: if your provider's page cuts it off, look there for how to enter \
                         long TXT records.";
    match rsa {
        Some(key) => said
            .fix(match key.shown.value {
                Some(KeyShown::Missing) => format!("Add this record too, beside the one that is there. {WHOLE}"),
                _ => format!("What stands under the name of the RSA key is not right. Put this record in its place. {WHOLE}"),
            })
            .copy(format!("TXT record for {}", key.name), &key.record),
        None => said.fix(
            "Make a key in the settings under Signing: that makes the missing one, with the record to put into the DNS of your \
             domain.",
        ),
    }
}

fn wrong_key(domain: &str, shown: KeyShown) -> Said {
    match shown {
        KeyShown::Missing | KeyShown::Same => Said::warn(
            "missing",
            format!("The key of {domain} is not in DNS yet"),
            "The key is made, and letters are signed with it as soon as receivers can find it. It may also have been added \
             a moment ago: that takes up to a few hours to be seen.",
        )
        .fix("Add this record to the DNS of your domain."),
        KeyShown::Different => Said::fail(
            "different",
            format!("DNS shows another key for {domain}"),
            "Under the name of your key there is one that is not yours. Receivers would take your signature for a forgery, \
             so nothing is signed with it.",
        )
        .fix("Put this record in its place. Was it cut off when it was pasted? Long records have to be kept whole."),
        KeyShown::Several => Said::fail(
            "several",
            format!("DNS shows several keys for {domain} under one name"),
            "Receivers take any of the records that stand there, and with the wrong one your signature is a forgery. So \
             nothing is signed with the key.",
        )
        .fix("Delete all records under that name but this one. A provider's page may add one each time that you save it."),
        KeyShown::Forbidden => Said::fail(
            "forbidden",
            format!("The record of the key of {domain} forbids it for mail"),
            "The key is yours, but its record allows it for other things only (the tags “s=” or “h=”). Receivers do not \
             believe such a signature, so nothing is signed with it.",
        )
        .fix("Put this record in its place."),
        KeyShown::Revoked => Said::warn(
            "revoked",
            format!("The key of {domain} was taken back in DNS"),
            "Its record is there, and holds no key any more (“p=” is empty): that is how a key is declared void. Nothing is \
             signed with it.",
        )
        .fix("If that was on purpose, make a new key in the settings of this identity. If not, put this record in its place."),
    }
}

pub(crate) fn dmarc(domain: &str, dmarc: &Dmarc) -> Said {
    at_provider(domain, by_policy(domain, dmarc))
}

fn by_policy(domain: &str, dmarc: &Dmarc) -> Said {
    let suggestion = |said: Said| {
        said.copy(
            format!("TXT record for _dmarc.{domain}"),
            format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}"),
        )
    };
    match dmarc {
        Dmarc::NotAnswered => Said::unknown(
            "not-answered",
            format!("The policy of {domain} could not be looked up"),
            "Its name servers gave no answer in time.",
        )
        .fix("Try again in a few minutes."),
        Dmarc::Missing { proof } => suggestion(
            Said::warn(
                "missing",
                format!("{domain} has no DMARC record"),
                match proof {
                    Proof::Yes => {
                        "Your letters are proven, but the domain does not say what receivers should do with forged ones. \
                         Gmail, Yahoo and Microsoft expect a record of domains that send much."
                    }
                    Proof::No => {
                        "The domain does not say what receivers should do with letters that are not proven, and yours are \
                         not. Receivers decide by themselves; large ones are strict."
                    }
                    Proof::NotKnown => {
                        "The domain does not say what receivers should do with letters that are not proven. Gmail, Yahoo and \
                         Microsoft expect a record of domains that send much."
                    }
                },
            )
            .fix("Add this record. It asks nothing of receivers but reports, which show who sends in your name."),
        ),
        Dmarc::Several { domain } => Said::warn(
            "several",
            format!("{domain} has several DMARC records"),
            "Receivers can not tell which of them counts, so they act as if there were none.",
        )
        .fix(format!("Delete all but one of the TXT records under _dmarc.{domain} that begin with “v=DMARC1”.")),
        Dmarc::Broken { record } => suggestion(
            Said::warn(
                "broken",
                format!("The DMARC record of {domain} can not be read"),
                format!("“{record}” does not say what receivers should do, so they act as if there were none."),
            )
            .fix("Replace it by one that can be read."),
        ),
        Dmarc::Proven { policy } => Said::pass(
            "proven",
            format!("Letters from {domain} are proven"),
            format!("A signature or SPF speaks for the domain on every way that was looked at; its policy is “{}”.", policy.word()),
        ),
        Dmarc::NotKnown { policy, doubts } => not_known(domain, *policy, doubts),
        Dmarc::NotProven { policy, ways } => {
            let ways = if ways.is_empty() { String::new() } else { format!(" when they go {}", ways.join(" and ")) };
            let (said, then): (fn(_, _, _) -> Said, &str) = match policy {
                Policy::None => (Said::warn, "The domain asks for nothing to be done, but receivers trust such letters less."),
                Policy::Quarantine => (Said::fail, "The domain asks receivers to file such letters as junk, and they do."),
                Policy::Reject => (Said::fail, "The domain asks receivers to refuse such letters, and they do."),
            };
            let found = match policy {
                Policy::None => "not-proven",
                Policy::Quarantine => "not-proven-quarantine",
                Policy::Reject => "not-proven-reject",
            };
            said(
                found,
                format!("Letters from {domain} are not proven{ways}"),
                format!("Neither a signature nor SPF speaks for the domain then. {then}"),
            )
            .fix("Sign your letters: make a DKIM key in the settings of this identity and put its record into the DNS of the domain.")
            .alternative(USE_SMART_HOST)
        }
    }
}

fn not_known(domain: &str, policy: Policy, doubts: &[Doubt]) -> Said {
    let mut reasons: Vec<String> = doubts.iter().map(doubt).collect();
    reasons.push(format!("The policy of the domain is “{}”.", policy.word()));
    let said = Said::unknown(
        "not-known",
        format!("It is not known whether letters from {domain} are proven"),
        reasons.join(" "),
    );
    if doubts.iter().any(|doubt| matches!(doubt, Doubt::Keys | Doubt::Spf)) {
        return said.fix("Try again in a few minutes.");
    }
    if let Some(provider) = provider_of(domain) {
        return said.fix(format!("Send through {}, whose server signs letters from {domain}.", provider.name));
    }
    said.fix("Sign your letters with a DKIM key of this identity: that proves them whichever way they go.")
}

fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Keys => "The keys of the domain could not be looked up.".to_owned(),
        Doubt::Address => {
            "The address that others see is not known, so it can not be said whether SPF speaks for letters that go directly. \
             The check of this network tells it where a server says it."
                .to_owned()
        }
        Doubt::Spf => "The SPF record of the domain could not be followed now.".to_owned(),
        Doubt::SmartHost(host) => format!(
            "The SPF record of the domain does not name the address of {host}. That server may send from another one, and usually signs \
             letters itself."
        ),
    }
}
