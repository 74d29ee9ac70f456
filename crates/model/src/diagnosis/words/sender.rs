//! Words for what is about our Internet address or the sender's domain. It is never the recipient's fault, and rarely
//! the sender's.

use super::super::verdict::{Shade, Verdict};
use super::{Names, Words, words};

pub(super) fn listed(verdict: &Verdict, names: &Names) -> Words {
    let again = if verdict.temporary { " Postrider also tries again by itself." } else { "" };
    if !names.is_direct() {
        return words(
            format!("{} is on a block list", names.who),
            format!(
                "An Internet address on the way through {} has a bad name with the other side. This is not about you, and \
                 not about {}.",
                names.server,
                names.recipient()
            ),
            format!("Tell whoever runs the smart host, or choose another route.{again}"),
        );
    }
    words(
        format!("{} does not trust our Internet address", names.who),
        format!(
            "{} knows nothing of you or the letter; it refuses the address that this network sends from, because it is on \
             a block list or has a bad name. Often somebody else had the address before. {} is not to blame.",
            names.server_first,
            names.recipient()
        ),
        format!(
            "Choose another route: a smart host sends from an address of its own. Whoever provides this network can \
                 ask for the address to be removed from the list.{again}"
        ),
    )
}

pub(super) fn dynamic(names: &Names) -> Words {
    words(
        format!("{} takes no mail straight from home connections", names.who),
        format!(
            "{} sees that our Internet address is one that providers give to homes and phones, and takes mail only from \
             mail servers. Nothing is wrong with the letter or with {}.",
            names.server_first,
            names.recipient()
        ),
        "Choose another route: a smart host, such as the one of your mail provider.",
    )
}

pub(super) fn nameless(verdict: &Verdict, names: &Names) -> Words {
    let again = if verdict.temporary { " Postrider also tries again by itself." } else { "" };
    words(
        format!("{} wants our Internet address to have a name", names.who),
        format!(
            "{} takes mail only from addresses whose name leads back to them (reverse DNS). Ours has no name, or one that \
             leads elsewhere. It is not about {}.",
            names.server_first,
            names.recipient()
        ),
        format!(
            "Choose another route: a smart host has a name. For this network only its provider can set one.{again}"
        ),
    )
}

pub(super) fn unauthenticated(verdict: &Verdict, names: &Names) -> Words {
    let domain = names.sender_domain();
    match verdict.shade {
        Shade::SenderAddress => words(
            format!("{} does not accept the sender", names.who),
            format!(
                "{} could not confirm that mail can be answered to {domain}, or does not take mail from it.",
                names.server_first
            ),
            if verdict.temporary {
                "Check the From address for a misspelling. Postrider tries again by itself."
            } else {
                "Check the From address for a misspelling, or send from another of your addresses."
            },
        ),
        _ if verdict.temporary => words(
            format!("{} could not check the sender yet", names.who),
            format!(
                "{} wants to confirm that the letter comes from {domain}, and could not do so.",
                names.server_first
            ),
            "There is nothing to do: Postrider tries again by itself. A smart host of your mail provider may be faster.",
        ),
        _ => words(
            format!("{} could not confirm that the letter is from {domain}", names.who),
            format!(
                "Domains publish who may send their mail (SPF) and sign it (DKIM). By the way that this letter went, \
                 neither fits {domain}, so {} takes it for a forgery. It is not about {}.",
                names.server,
                names.recipient()
            ),
            if names.is_direct() {
                "Choose another route: the smart host of your mail provider. Or ask whoever runs the sender's domain to \
                 allow this way."
            } else {
                "Choose the smart host that belongs to the sender's address. Or ask whoever runs the sender's domain to \
                 allow this way."
            },
        ),
    }
}
