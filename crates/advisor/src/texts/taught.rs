//! What mail servers said about this computer.

use super::USE_SMART_HOST;
use crate::checks::finding::Said;
use crate::taught::{SAID_BY_ONE, Told};
use model::{Class, shown_domain};

/// The words for a refusal that the servers of one owner alone gave a reason for.
pub(crate) fn told_by_one(told: &Told) -> Said {
    let host = shown_domain(&told.host);
    let title = match told.class {
        Class::SenderNoRdns => format!("{host} says that your address has no name"),
        Class::SenderDynamicIp => format!("{host} takes your address for one of a home"),
        Class::SenderBlocklisted => format!("{host} found your address on a list"),
        _ => format!("{host} wants proof that letters from {} are yours", shown_domain(&told.sender)),
    };
    Said::warn(
        SAID_BY_ONE,
        title,
        format!(
            "A mail server of {host} refused a letter from here for that reason, and nobody else has said so. It may go by \
             rules of its own, or have looked in vain. With the route Auto, letters to {host} go another way for a day."
        ),
    )
    .fix("There is nothing to do, unless others refuse letters for the same reason.")
}

/// The words for a refusal, as a finding.
pub(crate) fn told(told: &Told) -> Said {
    let host = shown_domain(&told.host);
    let said = match told.class {
        Class::SenderNoRdns => Said::fail(
            "missing",
            format!("{host} says that your address has no name"),
            format!(
                "A mail server of {host} refused a letter from here because the reverse DNS of the address that it came \
                 from is missing, or does not lead back. Others judge by the same rule."
            ),
        )
        .fix("Only whoever gave you the address can set its name: at home that is your Internet provider."),
        Class::SenderDynamicIp => Said::fail(
            "policy",
            format!("{host} takes your address for one of a home"),
            format!(
                "A mail server of {host} refused a letter from here because it came from an address that, by the lists \
                 it goes by, is not meant to send mail itself. Others go by the same lists."
            ),
        ),
        Class::SenderBlocklisted => Said::fail(
            "listed",
            format!("{host} found your address on a list"),
            format!(
                "A mail server of {host} refused a letter from here because the address that it came from is on a list \
                 of senders of spam. Its words say on which. Others go by the same lists."
            ),
        )
        .fix("The page of that list says why the address is on it, and how it comes off."),
        Class::SenderUnauthenticated => Said::fail(
            "told",
            format!("{host} wants proof that letters from {} are yours", shown_domain(&told.sender)),
            format!(
                "A mail server of {host} refused a letter from here because neither its signature (DKIM) nor the record \
                 of the domain (SPF) proved where it came from. Large receivers ask for the same."
            ),
        )
        .fix("Make a key to sign with in the settings under Signing, and put it into the DNS of your domain."),
        _ => Said::fail(
            "dropped",
            "No mail server could be reached",
            "Letters to several domains met no mail server that answered, though this computer is on line. Most likely \
             this network does not let port 25 out.",
        )
        .fix("Ask your provider to open port 25. Many do on request; mobile networks and cafés do not."),
    };
    said.alternative(USE_SMART_HOST)
}
