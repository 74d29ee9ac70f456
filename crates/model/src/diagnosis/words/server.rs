//! Words for what the server at the other end does: it lets us wait, is out of reach, or has trouble of its own.

use super::super::verdict::{Shade, Verdict};
use super::{AGAIN, Names, Words, detail, words};

pub(super) fn greylisted(names: &Names) -> Words {
    words(
        format!("{} asks us to come back", names.who),
        format!(
            "Nothing is wrong. {} lets first-time senders wait a little, because senders of junk mail rarely come back.",
            names.server_first
        ),
        "There is nothing to do: Postrider comes back by itself, and later letters usually go through at once.",
    )
}

pub(super) fn throttled(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::BusyRecipient => words(
            format!("{} is getting much mail at present", names.recipient()),
            format!("{} lets mail for this mailbox wait until there is less of it.", names.server_first),
            AGAIN,
        ),
        Shade::TooManyRecipients => words(
            format!("{} takes fewer recipients at a time", names.who),
            format!("{} took some recipients of this letter and asks for the others separately.", names.server_first),
            if verdict.temporary { AGAIN } else { "Send the letter to fewer recipients at a time." },
        ),
        Shade::SendingLimit => words(
            "The sending limit of your account is reached",
            format!("{} lets each account send only so many letters within a time.", names.server_first),
            if verdict.temporary {
                "There is nothing to do: Postrider tries again by itself. If it happens often, ask your provider about \
                 the limit."
            } else {
                "Send again later, or choose another route. Your provider can say how high the limit is."
            },
        ),
        _ if !verdict.temporary => words(
            format!("{} takes no mail from our address", names.who),
            format!(
                "{} has put off all mail from our Internet address, and says that it will not change its mind. This is \
                 not about {}.",
                names.server_first,
                names.recipient()
            ),
            "Choose another route: a smart host sends from an address of its own.",
        ),
        _ if verdict.about_us => words(
            format!("{} takes our mail slowly", names.who),
            format!(
                "{} does not know our Internet address well enough yet, or had too much mail from it or its neighbours.",
                names.server_first
            ),
            "There is nothing to do: Postrider tries again by itself, more slowly. A smart host may be faster.",
        ),
        _ => words(
            format!("{} asks us to slow down", names.who),
            format!("{} takes only so much mail at a time. It will take the letter later.", names.server_first),
            AGAIN,
        ),
    }
}

pub(super) fn unreachable(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::NoSuchHost => words(
            format!("{} was not found", names.who),
            format!("There is no host of the name {} on the Internet.", verdict.detail),
            "Check the host name in the settings of the smart host. Postrider tries again by itself.",
        ),
        _ if names.is_direct() => words(
            format!("{} does not answer", names.who),
            format!(
                "No connection could be made to {}. It may be switched off, overloaded, or cut off for a while.",
                names.server
            ),
            if verdict.temporary {
                "There is nothing to do: Postrider tries again by itself. If other letters do not get out either, look \
                 at this computer's network."
            } else {
                "Tell the recipient in another way, and send again later."
            },
        ),
        _ => words(
            format!("{} does not answer", names.who),
            format!("No connection could be made to {}.", names.server),
            "Postrider tries again by itself. If it stays so, check host and port in the settings of the smart host, or \
             ask your provider.",
        ),
    }
}

pub(super) fn misconfigured(verdict: &Verdict, names: &Names) -> Words {
    let domain = names.domain();
    let advice = match (verdict.temporary, names.is_direct()) {
        (true, true) => "Postrider tries again by itself. If it is urgent, tell the recipient in another way.",
        (true, false) => "Postrider tries again by itself. If it stays so, ask your provider.",
        (false, true) => {
            "Tell the recipient in another way; whoever runs that server has to mend it. Then send again."
        }
        (false, false) => "Ask whoever runs the smart host, or choose another route.",
    };
    match verdict.shade {
        Shade::ServerTrouble => words(
            format!("{} has trouble of its own", names.whose_server),
            format!("{} cannot take mail at present. It is not about your letter.", names.server_first),
            advice,
        ),
        Shade::BlockListQuery => words(
            format!("{} is set up wrongly", names.whose_server),
            format!(
                "{} asks a block list in a way that the list does not allow, and takes its complaint for a listing. Our \
                 address is not listed, and nothing is wrong with the letter or with {}.",
                names.server_first,
                names.recipient()
            ),
            advice,
        ),
        Shade::RelayDenied => words(
            format!("{domain} names a server that does not take its mail"),
            format!(
                "{} is named as the mail server of {domain}, but says that it is not. Often the domain has just moved, or \
                 the part after the @ is misspelt.",
                names.server_first
            ),
            "Check the address. If it is right, tell the recipient in another way, and send again in a day or two.",
        ),
        Shade::MailLoop => words(
            format!("Mail to {domain} goes round in circles"),
            format!("The servers of {domain} hand the letter back to where it came from, so it would never arrive."),
            advice,
        ),
        Shade::BrokenMx => words(
            format!("{domain} names a mail server that does not exist"),
            format!("Mail for {domain} is to go to {}, but there is no such host.", verdict.detail),
            advice,
        ),
        _ => words(
            format!("{} is set up wrongly", names.whose_server),
            format!("{} could not take the letter because of a fault in its own settings.", names.server_first),
            advice,
        ),
    }
}

pub(super) fn protocol(verdict: &Verdict, names: &Names) -> Words {
    let host = names.host();
    let twice = "Postrider tries again by itself, as a letter that comes twice is better than one that never comes.";
    match verdict.shade {
        Shade::Closed => words(
            format!("{} closed the connection", names.who),
            format!("{} hung up without saying why.", names.server_first),
            AGAIN,
        ),
        Shade::ClosedAfterContent => words(
            format!("{} did not say whether it took the letter", names.who),
            format!(
                "The connection to {host} broke while the letter was being handed over. It may have arrived, and may \
                 not."
            ),
            twice,
        ),
        Shade::Silent => words(
            format!("{} fell silent", names.who),
            format!("{} accepted the connection, but then said nothing for {}.", names.server_first, verdict.detail),
            AGAIN,
        ),
        Shade::MissingExtension => words(
            format!("{} cannot carry this letter", names.who),
            match verdict.detail.as_str() {
                "SMTPUTF8" => {
                    format!(
                        "{} does not take addresses with letters outside the English alphabet.",
                        names.server_first
                    )
                }
                "8BITMIME" => format!("{} takes only plain English characters.", names.server_first),
                keyword => format!("The letter needs {keyword}, which {} does not offer.", names.server),
            },
            "Use another address of the recipient or of yours, or choose another route.",
        ),
        Shade::Interrupted => words(
            "Postrider was closed during the attempt",
            format!("The letter to {} was not handed over yet.", names.recipient()),
            AGAIN,
        ),
        Shade::InterruptedAfterContent => words(
            "Postrider was closed during the attempt",
            format!("The letter was being handed over to {host}. It may have arrived, and may not."),
            twice,
        ),
        _ => words(
            format!("{} and Postrider did not understand each other", names.who),
            format!(
                "{} answered something that mail servers should not answer here.{}",
                names.server_first,
                detail(verdict)
            ),
            if verdict.temporary { AGAIN } else { "Choose another route, or tell the recipient in another way." },
        ),
    }
}

pub(super) fn unknown(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::LocalTrouble => words(
            "This computer could not go on",
            format!("The letter to {} is safe, but was not sent: {}.", names.recipient(), verdict.detail),
            "See whether the disk is full or damaged. Postrider tries again by itself.",
        ),
        Shade::NoSuchSmartHost => words(
            format!("There is no smart host “{}”", verdict.detail),
            "The letter was to go by a route that is no longer set up here.",
            "Choose another route for the letter. It waits here.",
        ),
        _ if verdict.temporary => words(
            format!("{} did not take the letter yet", names.who),
            format!("{} put the letter to {} off. Its words may say why.", names.server_first, names.recipient()),
            AGAIN,
        ),
        _ => words(
            format!("{} refused the letter", names.who),
            format!("{} refused the letter to {}. Its words may say why.", names.server_first, names.recipient()),
            "Read what the server said. Choose another route, or tell the recipient in another way.",
        ),
    }
}
