//! What is said of lists in DNS, and of the name servers.

use super::USE_SMART_HOST;
use crate::BLOCK_LIST;
use crate::checks::finding::Said;
use crate::checks::lists::{ListError, ListSeen, Listed, Reason};
use crate::checks::resolver::{Missing, Provable};

pub(crate) fn address_list(seen: &ListSeen, listed: &Listed) -> Said {
    let ip = seen.ip;
    let who = if seen.list == BLOCK_LIST { "Spamhaus" } else { seen.list.as_str() };
    match listed {
        Listed::Absent => Said::pass(
            "absent",
            format!("{ip} is not on the list of {who}"),
            "Nothing bad is known of the address there.",
        ),
        Listed::Policy { by_provider } => {
            let author = if *by_provider { "Your provider itself" } else { "The keeper of the list" };
            Said::warn(
                "policy",
                format!("{ip} is listed as one that should not send mail itself"),
                format!(
                    "{author} has put it on the policy list (PBL) of Spamhaus, as is usual for the connections of homes and \
                     phones. It does not mean that you did anything wrong. Most large receivers refuse direct mail from such \
                     addresses."
                ),
            )
            .fix(
                "With a fixed address you can have it taken off yourself, at https://check.spamhaus.org/; with one that changes \
                 that does not help, as the next one is listed too.",
            )
            .alternative(USE_SMART_HOST)
        }
        Listed::For(reasons) => Said::fail(
            "listed",
            format!("{ip} is on the list of {who}"),
            format!(
                "{} Most large receivers refuse what comes from there. If the address was given to you recently, it may \
                 have been somebody else.",
                reasons.iter().map(|reason| reason_text(*reason)).collect::<Vec<_>>().join(" "),
            ),
        )
        .fix(match seen.list.as_str() {
            BLOCK_LIST => {
                "Look the address up at https://check.spamhaus.org/: it says why it is there, and how it comes off. Check the \
                 computers in your network for infections first."
                    .to_owned()
            }
            list => format!("Look the address up on the pages of {list}, which say why it is there and when it comes off."),
        })
        .alternative(USE_SMART_HOST),
        Listed::Error(error) => Said::unknown(
            "list-error",
            format!("{who} did not answer"),
            format!("{} That says nothing about your address.", error_text(*error)),
        )
        .fix("Nothing needs to be done. With name servers of your own provider the list can usually be asked."),
        Listed::MadeUp(answer) => Said::unknown(
            "made-up",
            format!("What was answered for {who} is not its answer"),
            format!(
                "{answer} is nothing that a list answers: the name servers of this network make it up. That says nothing about \
                 your address."
            ),
        ),
        Listed::NoAnswer => Said::unknown(
            "no-answer",
            format!("{who} could not be asked"),
            "There was no answer in time. That says nothing about your address.",
        )
        .fix("Try again in a few minutes."),
    }
}

fn reason_text(reason: Reason) -> &'static str {
    match reason {
        Reason::Spam => "Spam was seen to come from this address.",
        Reason::Infected => "A computer behind this address is, or was, infected and used by others.",
        Reason::Hijacked => "The address belongs to a network that is known to be used by criminals.",
    }
}

fn error_text(error: ListError) -> &'static str {
    match error {
        ListError::PublicResolver => {
            "The list does not answer questions that come through public name servers, as yours did."
        }
        ListError::TooMany => "Too many questions came from the name servers that you use.",
        ListError::Misspelt | ListError::Other => "The list answered with an error.",
    }
}

pub(crate) fn resolver_truth(missing: &Missing) -> Said {
    match missing {
        Missing::Nowhere => Said::pass(
            "true",
            "Names that do not exist stay so",
            "The name servers of this network say when there is no such name.",
        ),
        Missing::Leads(_) => Said::warn(
            "rewritten",
            "The name servers of this network make answers up",
            "A name that surely does not exist was given an address. Letters to misspelt domains may wait for days instead of \
             coming back at once, and what lists say can not be trusted.",
        )
        .fix("Switch that off in the customer pages of your provider, or set other name servers (net.dns, or in the router)."),
        Missing::NoAnswer => Said::unknown(
            "no-answer",
            "The name servers of this network do not answer",
            "A question about a name that does not exist got no answer in time.",
        )
        .fix("Try again. If it stays so, restart the router, or set other name servers (net.dns)."),
    }
}

pub(crate) fn resolver_proof(provable: Provable, are_silent: bool) -> Said {
    match provable {
        Provable::No if are_silent => Said::unknown(
            "no-answer",
            "Whether signed answers can be proven is not known (DNSSEC)",
            "The name servers of this network do not answer at all, so there was nothing to prove.",
        ),
        Provable::Yes => Said::pass(
            "proven",
            "Signed answers can be proven (DNSSEC)",
            "Signatures arrive through the name servers of this network, and Postrider checks them itself.",
        ),
        Provable::No => Said::warn(
            "unproven",
            "Signed answers can not be proven here (DNSSEC)",
            "The name servers of this network leave signatures out, or the clock is wrong. Letters go as before; the proof \
             that DANE gives is missing.",
        )
        .fix("Update the router, or set name servers that pass DNSSEC on (net.dns)."),
        Provable::NotTried => Said::unknown("not-tried", "DNSSEC was not tried", "In this world nothing is signed."),
    }
}

pub(crate) fn resolver_tcp(answered: Option<bool>, are_silent: bool) -> Said {
    match answered {
        Some(false) if are_silent => Said::unknown(
            "no-answer",
            "Whether long answers arrive is not known (TCP)",
            "The name servers of this network do not answer at all, over TCP or otherwise.",
        ),
        Some(true) => Said::pass("answered", "Long answers arrive (TCP)", "The name servers answer over TCP as well."),
        Some(false) => Said::warn(
            "blocked",
            "Long answers do not arrive (TCP)",
            "The name servers do not answer over TCP, or a firewall blocks that. Domains with long records can not be found.",
        )
        .fix("Allow TCP to port 53 in the router or firewall, or set other name servers (net.dns)."),
        None => Said::unknown("not-tried", "DNS over TCP was not tried", "Nobody was asked."),
    }
}
