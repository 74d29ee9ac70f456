//! What is said of the address that others see.

use super::USE_SMART_HOST;
use crate::checks::address::{Learned, LearnedFrom, LikelySign, Outside, Shared, Translator};
use crate::checks::finding::Said;
use crate::checks::network::IpFamily;
use std::net::IpAddr;

pub(crate) fn public_address(family: IpFamily, outside: &Outside) -> Said {
    let name = family.name();
    match outside {
        Outside::None => Said::unknown(
            "none",
            format!("No {name} address"),
            format!("This computer has no {name} address that leads out, so nobody sees one."),
        ),
        Outside::Here => Said::pass(
            "here",
            "Mail stays on this computer",
            "The mail servers of this world are on this computer, as in the practice post office, so nobody outside sees it.",
        ),
        Outside::Own(outside) => Said::pass("own", seen_as(outside.ip), own(outside)),
        Outside::Translated { local, outside, by, other } => {
            let other = other.as_ref().map(|other| also_seen(other, outside.ip)).unwrap_or_default();
            Said::pass("translated", seen_as(outside.ip), format!("{}{other}", translated(*local, outside, *by)))
        }
        Outside::Carrier { shared, outside } => carrier(name, *shared, outside.as_ref()),
        Outside::LikelyCarrier(sign) => likely_carrier(name, sign),
        Outside::Elsewhere { local, outside } => Said::warn(
            "elsewhere",
            format!("Others see {}, not {local}", outside.ip),
            format!(
                "This computer has a public address, {local}, and {} sees another. A VPN or a relay passes connections on.",
                who(outside)
            ),
        )
        .fix("If you want to send directly, let mail go past the VPN, or switch it off while you send."),
        Outside::NotKnown { local, by } => not_known(name, *local, *by),
    }
}

fn seen_as(ip: IpAddr) -> String {
    format!("Others see this computer as {ip}")
}

fn own(outside: &Learned) -> String {
    let learned = match outside.from {
        LearnedFrom::Interface => "One of its interfaces has it.".to_owned(),
        _ => format!("One of its interfaces has it, and {} saw it.", who(outside)),
    };
    format!(
        "This computer has an address of its own on the Internet, and nothing translates it on the way. {learned}"
    )
}

fn translated(local: IpAddr, outside: &Learned, by: Translator) -> String {
    let (ip, learned) = (outside.ip, learned(outside));
    match by {
        Translator::Vpn => format!(
            "A VPN takes along what leaves this computer ({local}) and gives it another address. What counts for receivers \
             is that of the VPN, {ip}, {learned}."
        ),
        Translator::Router => format!(
            "A router stands between this computer ({local}) and the Internet and gives everybody behind it one address \
             (NAT). That is usual at home and does no harm. What counts for receivers is {ip}, {learned}."
        ),
    }
}

/// How an address was learned, to be said behind it.
fn learned(learned: &Learned) -> String {
    match &learned.from {
        LearnedFrom::Interface => "which an interface of this computer has".to_owned(),
        LearnedFrom::MailHost(_) | LearnedFrom::SmartHost(_) => format!("which {} saw", who(learned)),
        LearnedFrom::Stun(server) => format!("which {server} saw, the STUN server that you named"),
        LearnedFrom::Router(protocol) => {
            format!("as your router says when it is asked ({}); nobody outside has confirmed it", protocol.name())
        }
    }
}

fn also_seen(other: &Learned, outside: IpAddr) -> String {
    let ip = other.ip;
    match &other.from {
        LearnedFrom::Stun(server) => format!(
            " The STUN server {server} sees {ip} instead: not everything leaves this network by one way. For letters, \
             {outside} counts, which a mail server saw."
        ),
        _ => format!(
            " Not everybody sees that one: {} sees {ip}, so there is more than one way out of here.",
            who(other)
        ),
    }
}

fn who(learned: &Learned) -> String {
    match &learned.from {
        LearnedFrom::Interface => "an interface of this computer".to_owned(),
        LearnedFrom::MailHost(host) => host.clone(),
        LearnedFrom::SmartHost(host) => format!("your smart host {host}"),
        LearnedFrom::Stun(server) => format!("the STUN server {server}"),
        LearnedFrom::Router(_) => "your router".to_owned(),
    }
}

fn carrier(name: &str, shared: Shared, outside: Option<&Learned>) -> Said {
    let (who, ip) = match shared {
        Shared::Here(ip) => ("this computer has", ip),
        Shared::AtRouter(ip) => ("your router has on its outer side", ip),
    };
    let said = Said::warn(
        "carrier",
        format!("You share your {name} address with other customers"),
        format!(
            "Your provider puts many customers behind one address (carrier-grade NAT){}. What any of them does counts for \
             all, and no name of your own can be given to it. It shows in the address that {who}, {ip}: such addresses \
             are kept for providers who do that.",
            outside.map(|outside| format!(", here {}, {}", outside.ip, learned(outside))).unwrap_or_default(),
        ),
    );
    let said =
        said.fix("Ask your provider for an address of your own; some give one for the asking, some for a fee.");
    ask_for_an_own(said, "my connection shares")
}

fn likely_carrier(name: &str, sign: &LikelySign) -> Said {
    let seen = match sign {
        LikelySign::Private { router, .. } => {
            format!("Your router has {router} on its outer side, which is an address of a private network")
        }
        LikelySign::Differs { router, outside } => {
            format!(
                "Your router says that it has {router} on its outer side, and {} sees {}",
                who(outside),
                outside.ip
            )
        }
        LikelySign::NoAddress { outside } => {
            format!("Your router says that it has no public address, and yet {} sees {}", who(outside), outside.ip)
        }
    };
    let or_wrong = if matches!(sign, LikelySign::Differs { .. }) { ", or what yours says is wrong" } else { "" };
    let counts = match sign {
        LikelySign::Private { outside: Some(outside), .. } => {
            format!(" What counts for receivers is {}, {}.", outside.ip, learned(outside))
        }
        _ => String::new(),
    };
    let said = Said::warn(
        "likely-carrier",
        format!("You probably share your {name} address with others"),
        format!(
            "{seen}. So another router stands between yours and the Internet{or_wrong}. Mostly such a one is your \
             provider's and serves many customers with one address (carrier-grade NAT); then what any of them does counts \
             for all, and no name of your own can be given to it.{counts}"
        ),
    );
    let said = said.fix(
        "Look whether there is a second router of your own, such as the provider's box in front of yours: then nobody \
         shares with you, and nothing need be done. If there is none, ask your provider for an address of your own.",
    );
    ask_for_an_own(said, "it looks as if my connection shares")
}

fn ask_for_an_own(said: Said, it_shares: &str) -> Said {
    let request = format!(
        "Dear support team,\n{it_shares} its IPv4 address with other customers (CGNAT). Please give me a public, preferably \
         fixed, address of my own, or tell me which tariff includes one.\nThank you."
    );
    said.alternative(USE_SMART_HOST).copy("Request to your provider", request)
}

fn not_known(name: &str, local: IpAddr, by: Translator) -> Said {
    let translator = match by {
        Translator::Router => "router",
        Translator::Vpn => "VPN",
    };
    Said::unknown(
        "not-known",
        format!("The {name} address that others see is not known"),
        format!(
            "A {translator} translates the address of this computer ({local}) on the way, and nobody who was asked has said \
             what becomes of it. Without that address nothing can be said of its name or of lists."
        ),
    )
    .fix("Set up a smart host, or write to somebody whose server says it: then it is learned. Or let the check ask a server made for that.")
    .alternative(USE_SMART_HOST)
}
