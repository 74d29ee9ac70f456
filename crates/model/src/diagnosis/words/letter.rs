//! Words for what is about the recipient or the letter.

use super::super::Class;
use super::super::verdict::{Shade, Verdict};
use super::{AGAIN, Names, Words, words};

pub(super) fn mailbox_full(verdict: &Verdict, names: &Names) -> Words {
    words(
        format!("The mailbox of {} is full", names.recipient()),
        format!("{} has no room for more letters to this address. The address itself is right.", names.server_first),
        if verdict.temporary {
            "Postrider tries again by itself. If it is urgent, tell the recipient in another way."
        } else {
            "Tell the recipient in another way. Send again when there is room."
        },
    )
}

pub(super) fn no_such_recipient(verdict: &Verdict, names: &Names) -> Words {
    match (verdict.shade, verdict.temporary) {
        (Shade::Inactive, _) => words(
            format!("The mailbox of {} is closed", names.recipient()),
            format!(
                "{} knows the address, but its mailbox was switched off or has not been used for long.",
                names.server_first
            ),
            if verdict.temporary {
                "Postrider tries again by itself. Ask the recipient in another way for a current address."
            } else {
                "Ask the recipient in another way for a current address."
            },
        ),
        (_, true) => words(
            format!("{} does not find {} at present", names.who, names.recipient()),
            format!(
                "{} could not confirm the address. It may be misspelt, or the server may be busy.",
                names.server_first
            ),
            "Check the address. Postrider tries again by itself.",
        ),
        (_, false) => words(
            format!("{} did not find {}", names.who, names.recipient()),
            format!(
                "{} knows no mailbox of this name. The address may be misspelt, or no longer exist.",
                names.server_first
            ),
            "Check the address, then edit and send again.",
        ),
    }
}

pub(super) fn no_such_domain(verdict: &Verdict, names: &Names) -> Words {
    let domain = names.domain();
    let advice = "Check the part after the @, then edit and send again.";
    match (verdict.class, verdict.shade) {
        (Class::NullMx, _) => words(
            format!("{domain} takes no mail"),
            format!(
                "{domain} says of itself that it takes no mail at all, so {} cannot be reached.",
                names.recipient()
            ),
            advice,
        ),
        (_, Shade::NoMailServer) => words(
            format!("{domain} has no mail server"),
            format!("The name {domain} exists, but there is no server that takes its mail."),
            advice,
        ),
        _ => words(
            format!("There is no domain {domain}"),
            format!("The Internet knows no name {domain}. The part of the address after the @ may be misspelt."),
            advice,
        ),
    }
}

pub(super) fn too_large(verdict: &Verdict, names: &Names) -> Words {
    let sizes = if verdict.detail.is_empty() { String::new() } else { format!(" {}.", verdict.detail) };
    words(
        format!("The letter is too large for {}", title_name(names)),
        format!("{} does not take letters of this size.{sizes}", names.server_first),
        "Make the attachments smaller, or send a link to them instead. Then edit and send again.",
    )
}

/// A smart host's name begins with an article, which is small within a title.
fn title_name(names: &Names) -> String {
    names.who.replacen("The ", "the ", 1)
}

pub(super) fn content(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        _ if verdict.temporary => words(
            format!("{} put the letter off", names.who),
            format!("{} wants to look at what the letter holds before it takes it.", names.server_first),
            AGAIN,
        ),
        Shade::Attachment => words(
            format!("{} refused an attachment", names.who),
            format!("{} takes no attachments of this kind, or found something dangerous in one.", names.server_first),
            "Send the file in another form, or a link to it. Then edit and send again.",
        ),
        Shade::Form => words(
            format!("{} refused the form of the letter", names.who),
            format!(
                "{} found something in how the letter is put together that it does not take.",
                names.server_first
            ),
            "Edit and send again, without attachments or as plain text if need be.",
        ),
        _ => words(
            format!("{} took the letter for junk", names.who),
            format!(
                "{} would have taken mail for {}, but not this letter. A link, an attachment or some words in it look like \
                 junk mail to its filter.",
                names.server_first,
                names.recipient()
            ),
            "Edit the letter, for example leave out links, and send again. Or ask the recipient in another way to expect \
             it.",
        ),
    }
}

pub(super) fn policy(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::MembersOnly => words(
            format!("{} takes mail from certain senders only", names.recipient()),
            format!("{} lets only members, colleagues or known senders write to this address.", names.server_first),
            "Ask the recipient in another way to let mail from you in. Then send again.",
        ),
        _ if verdict.temporary => words(
            format!("{} does not take the letter at present", names.who),
            format!("A rule of {} stands in the way. Its words may say which.", names.server),
            AGAIN,
        ),
        _ => words(
            format!("A rule of {} refused the letter", title_name(names)),
            format!(
                "{} does not take this letter to {}. Its words may say which rule it is.",
                names.server_first,
                names.recipient()
            ),
            "Tell the recipient in another way: they, or whoever runs their mail, can let mail from you in.",
        ),
    }
}

pub(super) fn suppressed(names: &Names) -> Words {
    words(
        format!("{} was not tried", names.recipient()),
        "The service that sends for you keeps a list of addresses that refused mail before, and sends nothing to them. \
         This address is on it.",
        "Check the address. If it is right, take it off that list, or choose another route.",
    )
}

pub(super) fn expired(names: &Names) -> Words {
    words(
        format!("The letter to {} was given up", names.recipient()),
        format!("Postrider tried for as long as it is set to, but {} did not take the letter.", names.domain()),
        "Tell the recipient in another way. You can choose another route and send again.",
    )
}
