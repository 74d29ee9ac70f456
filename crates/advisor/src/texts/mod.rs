//! The catalogue: every sentence that a check says to a person, in one place.
//!
//! Written for somebody who does not run servers: what was found, what it means, what mends it, what else can be done. No
//! blame, no abbreviation without its meaning, nothing that was not seen. What a check decided comes in as a value; here it
//! only gets its words. The golden files of `tests/golden` hold all of them as they are read.

pub(crate) mod address;
pub(crate) mod dns;
pub(crate) mod identity;
pub(crate) mod mark;
pub(crate) mod network;
pub(crate) mod outlook;
pub(crate) mod recipient;
pub(crate) mod requests;
pub(crate) mod taught;
pub(crate) mod warnings;

use crate::checks::finding::Check;
use model::Class;

/// Another way out of most troubles of a network.
pub(crate) const USE_SMART_HOST: &str =
    "Send through a smart host: the mail server of your provider passes your letters on, and its address is trusted.";

/// How a domain refused this computer for what it is, for a sentence that begins with the domain.
pub(crate) fn refusal(class: Class) -> &'static str {
    match class {
        Class::SenderDynamicIp => "refused this network's address as a dynamic one",
        Class::SenderNoRdns => "refused this network's address because it has no name",
        Class::SenderBlocklisted => "refused this network's address because it is on a block list",
        Class::SenderUnauthenticated => "asked for proof that this computer may send for you",
        Class::Port25Blocked | Class::HostUnreachable => "could not be reached",
        _ => "refused this computer",
    }
}

/// Why a check matters, in a few sentences.
pub(crate) fn why(check: Check) -> &'static str {
    match check {
        Check::WayOut => {
            "Without a way out nothing can be sent or looked up. Letters wait safely in the outbox until there is one."
        }
        Check::Port25V4 | Check::Port25V6 => {
            "Mail servers all over the world take letters at port 25. To hand a letter over directly, this computer has to \
             reach them there. Many networks allow that to their own mail servers only, since infected computers would \
             use it to send spam."
        }
        Check::Submission => {
            "Ports 465 and 587 are the doors at which your provider's server takes letters from you. They are open in \
             nearly every network, which is why a smart host works where direct sending does not."
        }
        Check::PublicAddress => {
            "Receivers judge a letter by the address that it comes from before they read a word of it. Behind a router, \
             that is not the address that this computer has itself."
        }
        Check::ReverseName => {
            "Mail servers look up the name of the address that talks to them (reverse DNS), and whether that name leads \
             back to it. Real mail servers have one that somebody chose. An address without one looks like an infected \
             computer at home, and many servers refuse it."
        }
        Check::AddressList => {
            "Lists in DNS name addresses that sent spam, and addresses that are not meant to send mail at all, such as \
             those of homes. Most large receivers ask such lists, and refuse what comes from an address on them."
        }
        Check::ResolverTruth => {
            "Some networks answer for names that do not exist, to show advertisements. Letters to a misspelt address \
             would then knock at the wrong door for days instead of coming back at once."
        }
        Check::ResolverProof => {
            "Signed answers (DNSSEC) prove which server a domain wants its mail at, so that nobody can lead a letter \
             astray. Without them letters still go; only that proof is missing."
        }
        Check::ResolverTcp => {
            "Some answers are too long for a single packet and are asked for again over TCP: signed ones, long lists of \
             servers. Where that is blocked, some domains can not be found."
        }
        Check::Clock => {
            "Letters carry the time at which they were written, and certificates and signatures are valid at certain \
             times only. With a wrong clock, connections fail that are in order, and letters look forged or old."
        }
        Check::Vpn => {
            "A VPN sends everything out from another place. Receivers then see the address of the VPN, which often has \
             a poor reputation for mail, and all that is found here is true only while it is on."
        }
        Check::SenderDomain => {
            "If a letter can not be delivered, the notice of that goes to your address. Receivers check that it could \
             arrive, and treat a letter whose sender can not be answered as spam."
        }
        Check::SenderProvider => {
            "Some providers tell the world to trust letters from their addresses only if their own servers sent them. \
             From anywhere else they are refused, or end up among the junk."
        }
        Check::Spf => {
            "With a record in DNS (SPF), a domain says from which addresses its letters come. Receivers compare, and \
             distrust a letter that comes from elsewhere."
        }
        Check::Dkim => {
            "A signature (DKIM) proves that a letter comes from its domain and was not changed on the way, whichever \
             server it came through. Receivers find the key for it in the DNS of the domain."
        }
        Check::Dmarc => {
            "A domain can tell receivers what to do with letters that are not proven to be its own (DMARC). A letter is \
             proven if SPF or DKIM speaks for the very domain in its From line. Large receivers want to see such a record."
        }
        Check::Syntax => "An address that is not written correctly leads nowhere.",
        Check::Spelling => {
            "A wrong letter in a domain sends mail to a stranger, or to nobody. People who catch such letters register \
             the misspelt names of large providers on purpose."
        }
        Check::Domain => "A domain that does not exist can not take mail.",
        Check::Mx => "A domain says in DNS which hosts take its mail (MX), or that it takes none.",
        Check::Addresses => "The hosts of a domain have to have an address to be reached at.",
        Check::MtaSts => {
            "With MTA-STS a domain demands that its mail travels encrypted, to hosts that prove who they are. Postrider \
             follows that."
        }
        Check::Dane => {
            "With DANE a domain publishes, in signed DNS, by what its hosts are to be recognised. Nobody can then take \
             their place."
        }
        Check::Connect => "A letter can only be handed over to a host that can be reached from here.",
        Check::Greeting => {
            "The first words of a mail server say whether it wants to talk to this computer at all. Some refuse here, \
             because of the address that they see."
        }
        Check::Ehlo => {
            "After the greeting a server says what it can do: how large a letter may be, whether addresses may have \
             letters such as ü, whether it encrypts."
        }
        Check::Starttls => {
            "Without encryption, everybody on the way can read a letter. With it, nobody on the way can, and with a \
             certificate that is verified it is also known who is at the other end."
        }
        Check::Greylisting => {
            "Some servers let the first letter of an unknown sender wait for some minutes. Spammers rarely come back; \
             Postrider does, by itself."
        }
        Check::Quit => "A visit that ends politely leaves nothing behind at the other side.",
    }
}
