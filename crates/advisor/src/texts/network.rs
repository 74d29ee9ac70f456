//! What is said of this network.

use super::{USE_SMART_HOST, requests};
use crate::checks::finding::{Said, Status};
use crate::checks::network::{IpFamily, Met, Port25, Sign, Submission, WayOut};
use crate::checks::reverse_name::{Named, WantedName};
use jiff::SignedDuration;
use std::net::IpAddr;

pub(crate) fn way_out(way: WayOut) -> Said {
    match way {
        WayOut::Open => Said::pass("open", "This computer is on line", "There is a network, and it lets this computer out."),
        WayOut::NoNetwork => Said::fail(
            "no-network",
            "This computer is not on line",
            "No cable, Wi-Fi or mobile connection is up. Nothing can be found out about this network until one is.",
        )
        .fix("Connect to a network. What waits in the outbox then goes by itself."),
        WayOut::Portal => Said::fail(
            "portal",
            "This network wants you to log in first",
            "Every page leads to a login page of the network, as in hotels and trains. Until somebody has logged in there, \
             mail goes nowhere.",
        )
        .fix("Open a page in your browser and log in or accept the terms. Postrider notices, and sends what waits."),
    }
}

pub(crate) fn port_25(family: IpFamily, port: &Port25) -> Said {
    let name = family.name();
    match port {
        Port25::Open { host, refusal: None } => Said::pass(
            "open",
            format!("Port 25 is open ({name})"),
            format!("{host} answered at port 25, so letters can be handed over to mail servers directly."),
        ),
        Port25::Open { refusal: Some((host, words)), .. } => Said::warn(
            "open-refused",
            format!("Port 25 is open, but {host} does not want to talk to this address ({name})"),
            format!(
                "The network lets mail through. {host} greeted with a refusal all the same: “{words}”. Such a refusal is \
                 about the address that you are seen with, not about your letters."
            ),
        )
        .fix("See what is said here about the name of your address and about lists: one of them is usually the reason.")
        .alternative(USE_SMART_HOST),
        Port25::Dropped(met) => hedged(Said::fail(
            "dropped",
            format!("Port 25 is blocked on this network ({name})"),
            format!(
                "{} gave no answer at all at port 25. That is what it looks like when the network throws such connections \
                 away without a word, as most networks at home, on the move and in hotels do.{}",
                servers(*met),
                only_one(*met),
            ),
        )
        .fix(
            "Ask whoever runs this network, usually your Internet provider, to open outgoing port 25. Some have a switch \
             for it in their customer pages; many do it for business connections only.",
        )
        .alternative(USE_SMART_HOST)
        .copy("Request to your provider", requests::port_25(name)), *met, name),
        Port25::Refused(met) => hedged(Said::fail(
            "refused",
            format!("Port 25 is closed on this network ({name})"),
            format!(
                "{} turned the connection to port 25 away at once, or so it seemed. Mail servers do not do that: it is a \
                 firewall on the way that answers in their name.{}",
                servers(*met),
                only_one(*met),
            ),
        )
        .fix(
            "If this is your own router or firewall, or one at work, allow outgoing TCP connections to port 25 there. \
             Otherwise ask whoever runs this network.",
        )
        .alternative(USE_SMART_HOST)
        .copy("Request to whoever runs the network", requests::port_25(name)), *met, name),
        Port25::Held(met) => hedged(Said::fail(
            "held",
            format!("Port 25 is held up on this network ({name})"),
            format!(
                "{} took the connection to port 25 and then said nothing that a mail server says. A mail server speaks \
                 first, so something on the way took the connection in its place.{}",
                servers(*met),
                only_one(*met),
            ),
        )
        .fix("Ask whoever runs this network whether a filter or a virus scanner looks into mail, and to let port 25 pass it.")
        .alternative(USE_SMART_HOST), *met, name),
        Port25::Intercepted(sign) => intercepted(name, sign),
        Port25::NoFamily => Said::unknown(
            "no-family",
            format!("This network has no {name}"),
            format!("There is no way out over {name}, so there is nothing to test. That is no fault as long as the other kind works."),
        ),
        Port25::NobodyAsked => Said::unknown(
            "nobody-asked",
            format!("Port 25 was not tried ({name})"),
            format!(
                "Only mail servers of your own domains and of people you write to are asked, and none of them has an \
                 {name} address. Nobody else is bothered."
            ),
        ),
        Port25::NobodyFound => Said::unknown(
            "nobody-found",
            format!("Port 25 was not tried ({name})"),
            "The name servers of this network did not say where any mail server is, so there was nobody to ask.",
        )
        .fix("See what is said here about the name servers."),
        Port25::NotInTime => Said::unknown(
            "not-in-time",
            format!("It is not known whether port 25 is open ({name})"),
            "No mail server that was asked had come to an end before the check did. That says nothing against the network.",
        )
        .fix("Try again in a few minutes."),
        Port25::Local(why) => Said::fail(
            "local",
            format!("This computer itself does not let mail out ({name})"),
            format!("The connection failed before it left this computer: {why}."),
        )
        .fix("Look at the firewall of this computer and at the settings net.source_ip and net.smtp_port.")
        .alternative(USE_SMART_HOST),
    }
}

fn servers(met: Met) -> String {
    match (met.by, met.of) {
        (_, 1) => "The one mail server that was asked".to_owned(),
        (2, 2) => "Both mail servers that were asked".to_owned(),
        (by, of) if by == of => format!("All {of} mail servers that were asked"),
        (by, of) => format!("{by} of the {of} mail servers that were asked"),
    }
}

fn only_one(met: Met) -> &'static str {
    match met {
        Met { of: 1, .. } => " It may also be that this one is down.",
        Met { of_one_owner: true, .. } => " It may also be their own trouble, since all belong to one owner.",
        _ => "",
    }
}

/// What the hosts of a single owner met says little of the network.
fn hedged(said: Said, met: Met, family: &str) -> Said {
    if !met.of_one_owner {
        return said;
    }
    Said { status: Status::Warn, title: format!("Port 25 seems to be closed on this network ({family})"), ..said }
}

fn intercepted(family: &str, sign: &Sign) -> Said {
    let seen = match sign {
        Sign::NobodyAnswers => {
            "A connection to an address that belongs to nobody was accepted. So it is this network that answers at port 25, \
             in the place of every mail server."
                .to_owned()
        }
        Sign::CrossedOut(line) => format!(
            "Something on the way writes over what mail servers say (“{line}”), usually a firewall that means to protect \
             them. It takes away the offer to encrypt as well."
        ),
        Sign::OneNameForAll { name, hosts } => format!(
            "{} belong to different owners and both greeted as {name}. So it is not they who answered, but something on \
             the way.",
            hosts.join(" and "),
        ),
        Sign::NoEncryption(host) => format!(
            "{host} has offered encryption before, and from here it does not. Either it was changed, or something on the \
             way takes the offer out."
        ),
    };
    Said::fail(
        "intercepted",
        format!("Mail is intercepted on this network ({family})"),
        format!("{seen} Whoever does that can read letters that are sent directly, and decides what becomes of them."),
    )
    .fix("Ask whoever runs this network to let port 25 through untouched. In a network that is not yours, do not send directly.")
    .alternative(USE_SMART_HOST)
}

pub(crate) fn no_smart_host() -> Said {
    Said::warn(
        "no-smart-host",
        "No smart host is set up",
        "There is no server that could pass letters on where direct sending is not possible. Letters then wait, or go \
         directly with little hope.",
    )
    .fix("Add the outgoing server of your provider in the settings of the account. Postrider usually finds it by itself.")
}

pub(crate) fn submission(host: &str, port: u16, seen: Submission) -> Said {
    match seen {
        Submission::NoAddress => Said::fail(
            "no-such-host",
            format!("{host} was not found"),
            "The name of this smart host leads to no address, so nothing can go through it.",
        )
        .fix("Check how the name of the server is written in the settings of the account."),
        Submission::NotAnswered => Said::unknown(
            "not-answered",
            format!("{host} could not be looked up"),
            "The name servers gave no answer in time, so it is not known whether this smart host can be reached.",
        )
        .fix("Try again in a few minutes."),
        Submission::NotInTime => Said::unknown(
            "not-in-time",
            format!("It is not known whether {host} can be reached"),
            "It had not come to an end when the check did. That says nothing against it.",
        )
        .fix("Try again in a few minutes."),
        Submission::OtherFamily => Said::fail(
            "no-way",
            format!("{host} can not be reached from this network"),
            "The smart host has addresses of one kind only (IPv4 or IPv6), and this network has the other kind.",
        )
        .fix("Try from another network. Letters wait until there is a way."),
        Submission::Closed => Said::fail(
            "closed",
            format!("{host} can not be reached"),
            format!("It did not answer at port {port}. Either that server is down, or this network blocks it."),
        )
        .fix("Check the name of the server in the settings, and try from another network. Letters wait until it answers."),
        Submission::OtherPort(other) => Said::warn(
            "other-port",
            format!("{host} does not answer at port {port}"),
            format!("That port is set up and closed from here; port {other} of the same server answered."),
        )
        .fix(format!("Set port {other} in the settings of the account, with {}.", protection(other))),
        Submission::Open => Said::pass(
            "open",
            format!("{host} can be reached"),
            format!("It answers at port {port}, so letters can go through it from here."),
        ),
    }
}

/// What protects a customary port (RFC 8314 §3.3).
fn protection(port: u16) -> &'static str {
    if port == 465 { "TLS from the beginning" } else { "STARTTLS" }
}

pub(crate) fn vpn(interface: Option<&str>, is_tunnel: bool) -> Said {
    match interface {
        Some(name) if is_tunnel => Said::warn(
            "tunnel",
            format!("A VPN is on ({name})"),
            "Everything goes out through it, so receivers see the address of the VPN. All that is found here holds only \
             while it is on.",
        )
        .fix("If direct sending is in trouble here, try again with the VPN off.")
        .alternative(USE_SMART_HOST),
        Some(name) => Said::pass("none", "No VPN is in the way", format!("Connections leave through {name}, which is not one of a VPN.")),
        None => Said::unknown(
            "not-known",
            "It is not known whether a VPN is on",
            "The operating system does not say through what connections leave.",
        ),
    }
}

/// A clock may be off by this much.
const TOLERABLE: SignedDuration = SignedDuration::from_secs(60);
/// By more than this, certificates are taken for invalid and letters for forged.
const HARMFUL: SignedDuration = SignedDuration::from_mins(10);

pub(crate) fn clock(ahead: Option<SignedDuration>, told: usize) -> Said {
    let Some(ahead) = ahead else {
        return Said::unknown(
            "not-known",
            "The clock could not be compared",
            match told {
                0 => "None of the servers that were asked says what time it is there.",
                1 => "One server alone says another time than this computer, and its own clock may be wrong.",
                _ => "The servers that were asked do not agree on the time.",
            },
        );
    };
    let off = ahead.abs();
    if off <= TOLERABLE {
        return Said::pass("right", "The clock is right", "It agrees with the servers that were asked.");
    }
    let direction = if ahead.is_negative() { "behind" } else { "ahead" };
    let title = format!("The clock of this computer is {} {direction}", shown(off));
    let fix = "Let this computer set its clock by the network: that is a switch in the settings for date and time.";
    if off <= HARMFUL {
        Said::warn("off", title, "Letters carry a wrong time, and look out of order to those who get them.").fix(fix)
    } else {
        let cause = "Letters carry a wrong time, by which receivers know spam; certificates and signatures seem not yet valid, \
                     or expired.";
        Said::fail("far-off", title, cause).fix(fix)
    }
}

/// A length of time in words, in the unit that fits.
fn shown(time: SignedDuration) -> String {
    let (count, unit) = match time.as_secs() {
        seconds @ ..120 => (seconds, "seconds"),
        seconds @ ..7200 => (seconds / 60, "minutes"),
        seconds @ ..172_800 => (seconds / 3600, "hours"),
        seconds => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

pub(crate) fn reverse_name(ip: IpAddr, named: &Named, wanted: Option<&WantedName>) -> Said {
    const WHO: &str = "Only whoever gave you the address can set its name: at home that is your Internet provider, for a rented \
                       server there is usually a field for it in the hosting panel (“reverse DNS” or “PTR”).";
    let with_requests = |said: Said| {
        let said = said.alternative(USE_SMART_HOST);
        let Some(wanted) = wanted else { return said };
        let copies = requests::reverse_name(ip, wanted).into_iter();
        copies.fold(said, |said, one| said.copy(one.label, one.text))
    };
    // Which name is asked for, and why that one.
    let who = match wanted {
        Some(WantedName { name, leads_here: true }) => format!("{WHO} {name} suits: it leads to {ip} already."),
        Some(WantedName { name, leads_here: false }) => {
            format!(
                "{WHO} {name} suits: it leads nowhere yet. Let it lead to {ip} first, with the record for your domain."
            )
        }
        None => WHO.to_owned(),
    };
    match named {
        Named::Confirmed(name) => Said::pass(
            "confirmed",
            format!("{ip} is called {name}"),
            "The name leads back to the address and looks like one that somebody chose, as that of a mail server should.",
        ),
        Named::Missing => with_requests(
            Said::fail(
                "missing",
                format!("{ip} has no name"),
                "Nobody has set reverse DNS for this address. Gmail, GMX, Yahoo and many others refuse mail from such an \
                 address, whatever is in the letter.",
            )
            .fix(who),
        ),
        Named::Unconfirmed { name, leads_to } => {
            let leads = match leads_to.as_slice() {
                [] => "leads nowhere".to_owned(),
                ips => format!("leads to {}", ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")),
            };
            with_requests(
                Said::fail(
                    "unconfirmed",
                    format!("The name of {ip} does not lead back to it"),
                    format!(
                        "The address is called {name}, but {name} {leads}. Anybody can give an address any name; only one \
                         that leads back proves anything, so servers that look take it for none."
                    ),
                )
                .fix(format!("If {name} is yours, let it lead to {ip} in your domain's DNS. If it is not, another name has to be set. {who}")),
            )
        }
        Named::Generic(name) => with_requests(
            Said::warn(
                "generic",
                format!("{ip} is called {name}, like one of thousands"),
                "The name was made by counting, as providers do for the connections of homes. It leads back, but many \
                 servers take such names for a sign of an infected computer: expect refusals, and letters among the junk.",
            )
            .fix(who),
        ),
        Named::NotAnswered => Said::unknown(
            "not-answered",
            format!("The name of {ip} could not be looked up"),
            "The name servers gave no answer in time. Receivers may have the same trouble, and then often put a letter off.",
        )
        .fix("Try again in a few minutes."),
    }
}
