//! What is said of a domain and its mail hosts.

use super::USE_SMART_HOST;
use crate::checks::finding::Said;
use crate::checks::identity::TakesMail;
use crate::checks::recipient::{
    self, DaneSeen, Needs, Offers, Required, StsKept, StsKeptBecause, StsRule, StsSeen, Taught, TlsSeen,
};

pub(crate) fn syntax(address: &str, problem: Option<&str>) -> Said {
    match problem {
        None => Said::pass("valid", format!("{address} is written correctly"), "It has the form of an address."),
        Some(problem) => Said::fail("invalid", format!("“{address}” is not an address"), format!("{problem}."))
            .fix("Write it as name@example.org."),
    }
}

pub(crate) fn spelling(domain: &str, meant: Option<&str>) -> Said {
    match meant {
        None => Said::pass("known", format!("{domain} looks as it should"), "It is not much like a domain that is better known."),
        Some(meant) => Said::warn(
            "misspelt",
            format!("Did you mean {meant}?"),
            format!("{domain} is much like {meant}, which is better known here. If that was meant, letters to {domain} do not reach it."),
        )
        .fix(format!("If you meant {meant}, correct the address. If not, nothing needs to be done.")),
    }
}

pub(crate) fn domain(domain: &str, takes: &TakesMail) -> Said {
    match takes {
        TakesMail::NoSuchDomain => Said::fail(
            "no-such-domain",
            format!("{domain} does not exist"),
            "There is no such domain in DNS, so nobody can get mail there.",
        )
        .fix("Check how it is written, or ask the recipient for the right address."),
        TakesMail::NotAnswered => Said::unknown(
            "not-answered",
            format!("{domain} could not be looked up"),
            "Its name servers gave no answer in time. A letter would wait and be tried again by itself.",
        )
        .fix("Try again in a few minutes."),
        _ => Said::pass("exists", format!("{domain} exists"), "There is such a domain in DNS."),
    }
}

pub(crate) fn mx(domain: &str, takes: &TakesMail) -> Said {
    match takes {
        TakesMail::Hosts(hosts) => {
            let count = match hosts.len() {
                1 => "One host takes".to_owned(),
                count => format!("{count} hosts take"),
            };
            Said::pass("hosts", format!("{count} mail for {domain}"), format!("Asked first is {}.", first(hosts)))
        }
        TakesMail::Implicit => Said::warn(
            "implicit",
            format!("{domain} has no MX record"),
            "Letters go to the domain's own address, as they did in the early days. Often nobody takes mail there.",
        ),
        TakesMail::Nowhere => Said::fail(
            "nowhere",
            format!("Nobody takes mail for {domain}"),
            "The domain exists, but has neither a mail server nor an address.",
        )
        .fix("Check how it is written, or ask the recipient for the right address."),
        TakesMail::Null => Said::fail(
            "null-mx",
            format!("{domain} takes no mail"),
            "The domain says so itself (a null MX record). A letter would be refused at once, on every way.",
        )
        .fix("Check how it is written, or ask the recipient for another address."),
        TakesMail::NoSuchDomain => {
            Said::unknown("no-such-domain", "No hosts to look for", "The domain does not exist, so it has no hosts.")
        }
        TakesMail::NotAnswered => Said::unknown(
            "not-answered",
            format!("The hosts of {domain} are not known"),
            "The name servers gave no answer in time.",
        )
        .fix("Try again in a few minutes."),
    }
}

fn first(hosts: &[String]) -> &str {
    hosts.first().map(String::as_str).unwrap_or_default()
}

pub(crate) fn addresses(with_address: usize, hosts: usize, unanswered: bool) -> Said {
    match (with_address, hosts) {
        (0, _) if unanswered => Said::unknown(
            "not-answered",
            "The addresses of the hosts are not known",
            "The name servers gave no answer in time. A letter would wait and be tried again by itself.",
        )
        .fix("Try again in a few minutes."),
        (0, _) => Said::fail(
            "none",
            "None of the hosts has an address",
            "The domain names hosts that do not exist. Only whoever runs it can mend that.",
        )
        .fix("Tell the recipient, on another way than by mail."),
        (some, all) if some < all => Said::warn(
            "some",
            "Some of the hosts have no address",
            "Letters go to the others. Whoever runs the domain has forgotten an entry, which does no harm yet.",
        ),
        _ => Said::pass("all", "The hosts have addresses", "Each of them can be looked for."),
    }
}

pub(crate) fn mta_sts(domain: &str, seen: &StsSeen) -> Said {
    let said = rule(domain, seen);
    match seen {
        StsSeen::Policy { kept: Some(kept), .. } if kept.because != StsKeptBecause::Current => as_kept(said, kept),
        _ => said,
    }
}

/// Of a policy that counts although DNS, or the domain's web server, does not bear it out now.
fn as_kept(said: Said, kept: &StsKept) -> Said {
    let until = kept.until.strftime("%-d %B %Y");
    let because = match kept.because {
        StsKeptBecause::Current => return said,
        StsKeptBecause::NotAnnounced => "DNS announces no rule any more",
        StsKeptBecause::NotAnswered => "Whether DNS announces the rule still could not be looked up",
        StsKeptBecause::NotFetched(_) => "DNS announces a new rule, which could not be fetched",
    };
    let found = if said.found == "enforce" { "kept" } else { said.found };
    let cause = format!(
        "{} {because}. The one that was fetched for an earlier letter counts until {until}: otherwise whoever can hide the \
         announcement could take the encryption away as well.",
        said.cause
    );
    Said { found, cause, ..said }
}

fn rule(domain: &str, seen: &StsSeen) -> Said {
    match seen {
        StsSeen::None => Said::unknown(
            "none",
            format!("{domain} has no rule for encryption (MTA-STS)"),
            "Letters are encrypted where its hosts offer that, and nothing forces anybody to.",
        ),
        StsSeen::Failed(_) => Said::warn(
            "failed",
            format!("The MTA-STS policy of {domain} could not be fetched"),
            "The domain announces a rule for encryption, and the web server that has it did not give it out. Until then letters \
             go as if there were none.",
        ),
        StsSeen::NotAnswered => Said::unknown(
            "not-answered",
            format!("Whether {domain} has a rule for encryption could not be looked up (MTA-STS)"),
            "The name servers gave no answer in time. A rule that was met before is still followed.",
        )
        .fix("Try again in a few minutes."),
        StsSeen::Policy { mode: StsRule::Enforce, not_named, .. } if not_named.is_empty() => Said::pass(
            "enforce",
            format!("{domain} demands encryption (MTA-STS)"),
            "Postrider hands letters over only to hosts that prove who they are.",
        ),
        StsSeen::Policy { mode: StsRule::Enforce, named: 0, .. } => Said::fail(
            "no-host-named",
            format!("{domain} demands encryption, and names none of its hosts (MTA-STS)"),
            "Its policy names other hosts than DNS does, and letters may go only to those that both name. Either its entries do not \
             agree, or somebody leads mail astray. Letters wait here meanwhile.",
        )
        .fix("Tell the recipient, on another way than by mail: only whoever runs the domain can mend that."),
        StsSeen::Policy { mode: StsRule::Enforce, not_named, .. } => Said::warn(
            "host-not-named",
            format!("{domain} demands encryption, and does not name all its hosts (MTA-STS)"),
            format!("Letters do not go to {}, only to the hosts that its policy names.", not_named.join(", ")),
        ),
        StsSeen::Policy { mode: StsRule::Testing, .. } => Said::pass(
            "not-enforced",
            format!("{domain} tries a rule for encryption (MTA-STS)"),
            "Nothing is refused because of it yet.",
        ),
        StsSeen::Policy { mode: StsRule::None, .. } => Said::unknown(
            "withdrawn",
            format!("{domain} has withdrawn its rule for encryption (MTA-STS)"),
            "Letters are encrypted where its hosts offer that, and nothing forces anybody to.",
        ),
        StsSeen::NotTried => {
            Said::unknown("not-tried", "MTA-STS was not looked for", "In this world no domain has such a policy.")
        }
    }
}

pub(crate) fn dane(host: &str, seen: DaneSeen) -> Said {
    match seen {
        DaneSeen::Records(_) => Said::pass(
            "records",
            format!("{host} is proven by DNS (DANE)"),
            "Signed DNS says by what it is recognised. Postrider hands letters over only if it is that.",
        ),
        DaneSeen::Unusable => Said::unknown(
            "unusable",
            format!("The records of {host} are of no use for mail (DANE)"),
            "They are of kinds that do not count between mail servers; letters are encrypted all the same.",
        ),
        DaneSeen::None => Said::unknown(
            "none",
            format!("{host} is not proven by DNS (DANE)"),
            "Its names are signed, but there are no records to recognise it by. That is usual.",
        ),
        DaneSeen::NotSigned => Said::unknown(
            "not-signed",
            format!("{host} is not proven by DNS (DANE)"),
            "The domain, or the host, is not signed. That is usual.",
        ),
        DaneSeen::Bogus => Said::warn(
            "bogus",
            format!("What DNS says about {host} does not agree with its signatures"),
            "Either the zone is broken, or somebody changes its answers, or the clock here is wrong. As it may be a false alarm, \
             letters go on without this proof.",
        ),
        DaneSeen::BogusWaits => Said::fail(
            "bogus-waits",
            format!("What DNS says about {host} does not agree with its signatures"),
            "Either the zone is broken, or somebody changes its answers, or the clock here is wrong. Your settings demand that \
             answers agree (outbound.dane is strict), so letters do not go there: they wait until it is so.",
        )
        .fix("Try from another network. If it stays so, tell the recipient on another way than by mail."),
        DaneSeen::NotAnswered => Said::unknown(
            "not-answered",
            format!("The proof of {host} could not be looked up (DANE)"),
            "The name servers gave no answer in time.",
        ),
        DaneSeen::NotAnsweredWaits => Said::warn(
            "not-answered-waits",
            format!("The proof of {host} could not be looked up (DANE)"),
            "The name servers gave no answer in time. Your settings demand one (outbound.dane is strict), so letters wait for it.",
        )
        .fix("Try again in a few minutes."),
        DaneSeen::Off => Said::unknown(
            "off",
            "DANE is switched off",
            "By your settings (outbound.dane is off) nobody looks whether DNS says by what hosts are recognised.",
        ),
        DaneSeen::NotTried => {
            Said::unknown("not-tried", "DANE was not looked for", "In this world no name is signed.")
        }
    }
}

pub(crate) fn connect(host: &str, is_made: bool) -> Said {
    if is_made {
        return Said::pass(
            "connected",
            format!("{host} can be reached"),
            "It took the connection at the port for mail.",
        );
    }
    Said::fail(
        "not-connected",
        format!("{host} can not be reached from here"),
        "None of its addresses took a connection. If other hosts can be reached, this one is down and letters wait for it. If \
         none can, this network blocks port 25.",
    )
    .fix("See what the check of this network says about port 25.")
    .alternative(USE_SMART_HOST)
}

pub(crate) fn greeting(host: &str, said: &recipient::Said) -> Said {
    match said {
        recipient::Said::Reply(reply) if reply.code < 400 => {
            Said::pass("welcome", format!("{host} greets"), "It is ready to talk to this computer.")
        }
        recipient::Said::Reply(reply) if reply.code < 500 => Said::warn(
            "later",
            format!("{host} does not want to talk now"),
            "It greets with a temporary refusal. A letter would be tried again by itself.",
        ),
        recipient::Said::Reply(_) => Said::fail(
            "refused",
            format!("{host} refuses to talk to this computer"),
            "A refusal before anything was said is about the address that it sees, not about any letter.",
        )
        .fix("See what the check of this network says about the name of your address and about lists.")
        .alternative(USE_SMART_HOST),
        recipient::Said::Nothing(_) => Said::fail(
            "silent",
            format!("{host} took the connection and said nothing"),
            "Either it is overloaded, or it lets unknown visitors wait on purpose, or something on the way answers in its place.",
        )
        .fix("Try again in a few minutes.")
        .alternative(USE_SMART_HOST),
    }
}

pub(crate) fn ehlo(
    host: &str,
    said: &recipient::Said,
    helo: Option<&recipient::Said>,
    offers: Offers,
    needs: Needs,
) -> Said {
    match said {
        recipient::Said::Reply(reply) if reply.is_temporary() => Said::warn(
            "later",
            format!("{host} does not want to talk now"),
            "It answered our name with a temporary refusal. A letter would be tried again by itself.",
        ),
        recipient::Said::Reply(_) if matches!(helo, Some(recipient::Said::Reply(reply)) if reply.code / 100 == 2) => {
            plainly(host, needs)
        }
        recipient::Said::Reply(reply) if reply.is_permanent() => Said::fail(
            "refused",
            format!("{host} does not accept how this computer names itself"),
            "It refused at EHLO, where a mail server says its name. Often it expects a name that leads back to the address.",
        )
        .fix("See what the check of this network says about the name of your address. The name can be set with net.helo.")
        .alternative(USE_SMART_HOST),
        recipient::Said::Nothing(_) => {
            Said::fail("silent", format!("{host} broke off"), "It greeted and then gave no answer to EHLO.")
                .fix("Try again in a few minutes.")
        }
        recipient::Said::Reply(_) => offered(host, offers, needs),
    }
}

/// Of a host that knows HELO alone: it offers nothing.
fn plainly(host: &str, needs: Needs) -> Said {
    match offered(host, Offers::default(), needs) {
        said if said.found == "ready" => Said::pass(
            "ready-plain",
            format!("{host} is ready for a letter"),
            "It knows only the oldest form of a greeting (HELO), without any extension. That is enough for a letter, and not \
             for encryption.",
        ),
        said => said,
    }
}

fn offered(host: &str, offers: Offers, needs: Needs) -> Said {
    if let (Some(limit), Some(size)) = (offers.size, needs.size)
        && size > limit
    {
        return Said::fail(
            "too-large",
            format!("{host} takes letters of up to {}", shown_size(limit)),
            format!("This one has {}, with its attachments as they travel.", shown_size(size)),
        )
        .fix("Make the attachments smaller, or put them where the recipient can fetch them.");
    }
    if needs.smtp_utf8 && !offers.smtp_utf8 {
        return Said::fail(
            "no-utf8",
            format!("{host} does not take addresses with such letters"),
            "The part before the @ has letters beyond a to z, which a host has to support (SMTPUTF8). This one does not.",
        )
        .fix("Ask the recipient for an address in plain letters; most who have such an address have another one.");
    }
    let size = offers.size.map(|limit| format!("letters of up to {}", shown_size(limit)));
    let utf8 = offers.smtp_utf8.then(|| "addresses in all scripts".to_owned());
    let eight = offers.eight_bit_mime.then(|| "8-bit text".to_owned());
    let all: Vec<String> = [size, utf8, eight].into_iter().flatten().collect();
    let cause = if all.is_empty() {
        "It offers nothing beyond the basics, which is enough.".to_owned()
    } else {
        format!("It takes {}.", all.join(", "))
    };
    Said::pass("ready", format!("{host} is ready for a letter"), cause)
}

/// Octets as people say them.
fn shown_size(octets: u64) -> String {
    match octets {
        0..10_000 => format!("{octets} octets"),
        10_000..1_000_000 => format!("{} kB", octets / 1000),
        _ => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
    }
}

pub(crate) fn starttls(host: &str, tls: &TlsSeen, required: Required) -> Said {
    if !required.is_met(tls) {
        return not_as_required(host, tls, required);
    }
    match tls {
        TlsSeen::Verified { version, .. } => Said::pass(
            "verified",
            format!("{host} encrypts, and proves who it is"),
            format!("Nobody on the way can read the letter ({version})."),
        ),
        TlsSeen::Unverified { version, because } => Said::warn(
            "unverified",
            format!("{host} encrypts, and does not prove who it is"),
            format!(
                "Nobody who only listens can read the letter ({version}). Whether it is the right host at the other end is not \
                 certain: {because}. That is usual between mail servers."
            ),
        ),
        TlsSeen::NotOffered => Said::warn(
            "not-offered",
            format!("{host} does not encrypt"),
            "Everybody on the way can read the letter. The host offers nothing else.",
        )
        .alternative("For what nobody else should read, choose another way than mail to this domain."),
        TlsSeen::Failed(why) => Said::warn(
            "failed",
            format!("{host} offers encryption that does not work"),
            format!("The attempt failed: {why}. Unless its domain forbids that, letters go without encryption then."),
        ),
    }
}

fn not_as_required(host: &str, tls: &TlsSeen, required: Required) -> Said {
    let by = match required {
        Required::AsBefore => {
            "It encrypted before, and by your settings no letter goes to it without (outbound.downgrade is refuse)."
        }
        Required::ByPolicy => "The domain demands that its hosts encrypt and prove who they are (MTA-STS).",
        _ => "Signed DNS says by what this host is to be recognised when it encrypts (DANE).",
    };
    let then = "Letters are not handed over to it: they wait, or go to another host of the domain.";
    let said = match tls {
        TlsSeen::NotOffered => Said::fail(
            "required-not-offered",
            format!("{host} does not encrypt, though it has to"),
            format!("{by} It offers no encryption, or something on the way takes the offer out. {then}"),
        ),
        TlsSeen::Failed(why) => Said::fail(
            "required-failed",
            format!("{host} does not encrypt as it has to"),
            format!("{by} That did not come about: {why}. {then}"),
        ),
        TlsSeen::Unverified { because, .. } => Said::fail(
            "required-unverified",
            format!("{host} does not prove who it is, though it has to"),
            format!("{by} It did not: {because}. {then}"),
        ),
        // Nothing asks for more than that.
        TlsSeen::Verified { .. } => starttls(host, tls, Required::Nothing),
    };
    said.fix("Try from another network. If it stays so, tell the recipient on another way than by mail.")
}

pub(crate) fn quit(host: &str, answered: bool) -> Said {
    if answered {
        Said::pass("answered", format!("{host} took leave"), "The visit ended as it should; nothing was sent.")
    } else {
        Said::unknown(
            "silent",
            format!("{host} went without a word"),
            "It did not answer the farewell. That does no harm.",
        )
    }
}

pub(crate) fn greylisting(domain: &str, taught: &Taught) -> Said {
    if let Some(class) = taught.refused_us {
        return Said::warn(
            "refused-before",
            format!("{domain} refused this computer lately"),
            format!(
                "A letter that went there directly was turned away for what this computer is, not for what it said ({}). \
                 Another sender would not have had that trouble.",
                class.word(),
            ),
        )
        .alternative(USE_SMART_HOST);
    }
    match taught.greylisted_for {
        Some(wait) => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let minutes = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
            Said::warn(
                "greylists",
                format!("{domain} lets new senders wait"),
                format!(
                    "An earlier letter was let in after about {minutes} (greylisting). Nothing is wrong then: the letter waits \
                     here and goes by itself."
                ),
            )
            .alternative("If it is urgent, send through a smart host, which is usually known there already.")
        }
        None if taught.has_taken => Said::pass(
            "none-known",
            format!("{domain} takes letters without a wait"),
            "Earlier letters were taken at once.",
        ),
        None => Said::unknown(
            "not-known",
            format!("Whether {domain} lets new senders wait is not known"),
            "Nothing was sent there directly yet. If it does, the first letter takes some minutes and goes by itself.",
        ),
    }
}
