//! Words for what is on this side: the login, this network, this computer. No try is used up by these.

use super::super::verdict::{Shade, Verdict};
use super::{AGAIN, Names, Words, detail, words};

pub(super) fn login(verdict: &Verdict, names: &Names) -> Words {
    let who = &names.who;
    let server = &names.server_first;
    let safe = "The letter waits here and is safe.";
    match verdict.shade {
        Shade::NoPassword => words(
            format!("The password for {} is missing", who.replacen("The ", "the ", 1)),
            format!("No password for it is stored on this computer. {safe}"),
            "Enter the password in the settings of the account. The letter then goes by itself.",
        ),
        Shade::SignInAgain => words(
            format!("You have to sign in again for {}", who.replacen("The ", "the ", 1)),
            format!("The sign-in in your browser no longer holds: it ran out, or was taken back. {safe}"),
            "Sign in again in the settings of the account. The letter then goes by itself.",
        ),
        Shade::NoMechanism => words(
            format!("{who} offers no safe way to log in"),
            format!("{server} wants a login, but none that Postrider may use on this connection. {safe}"),
            "Check security and port in the settings of the smart host, or ask your provider how to log in.",
        ),
        Shade::LoginWanted => words(
            format!("{who} wants a login"),
            format!("{server} passes letters on only for people it knows, and did not know us. {safe}"),
            "Check that the smart host has a user name and a password in the settings of the account. The letter then goes \
             by itself.",
        ),
        Shade::AppPassword => words(
            format!("{who} wants another kind of password"),
            format!("{server} no longer takes the ordinary password from mail programs. {safe}"),
            "Make an app password on your provider's web site and enter it in the settings of the account. The letter then \
             goes by itself.",
        ),
        Shade::LoginUnavailable => words(
            format!("{who} cannot check passwords at present"),
            format!("{server} has trouble of its own. Your password is not refused."),
            AGAIN,
        ),
        Shade::NotYourAddress => words(
            format!("{who} does not let you send from this address"),
            format!("{server} accepted your login, but it may not send as this From address. {safe}"),
            "Send from the address that belongs to the login, or choose the smart host that belongs to this address.",
        ),
        _ => words(
            format!("{who} did not accept the login"),
            format!("{server} refused the user name or the password. {safe}"),
            "Check the user name and enter the password again in the settings of the account. The letter then goes by \
             itself.",
        ),
    }
}

pub(super) fn port_25(names: &Names) -> Words {
    words(
        "This network does not let mail out directly",
        format!(
            "No mail server answers from here, not only {}: most home, mobile and guest networks close the way that mail \
             servers use (port 25). It is not about {}.",
            names.server,
            names.recipient()
        ),
        "Choose another route: a smart host is reached in another way. Or join another network; the letter then goes by \
         itself.",
    )
}

pub(super) fn offline(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::CaptivePortal => words(
            "This network wants you to log in first",
            format!(
                "It has a login page, as in hotels and trains, and lets nothing else through until you are logged in. The \
                 letter to {} waits here.",
                names.recipient()
            ),
            "Open a browser and log in to the network; the letter then goes by itself.",
        ),
        _ => words(
            "This computer is offline",
            format!("There is no network at present. The letter to {} waits here.", names.recipient()),
            "There is nothing to do: the letter goes by itself as soon as there is a network.",
        ),
    }
}

pub(super) fn dns(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::NoResolver => words(
            "This network cannot look up names",
            format!(
                "The way to {} could not be looked up, because no name server answers from here. On a network with a \
                 sign-in page that is so until you sign in.",
                names.domain()
            ),
            "Look whether other things on this network work. The letter goes by itself when they do.",
        ),
        _ if verdict.code.is_some() => words(
            format!("{} could not look up a name", names.who),
            format!(
                "{} needs an answer from other servers to take this letter, and got none.{}",
                names.server_first,
                detail(verdict)
            ),
            AGAIN,
        ),
        _ => {
            let domain = if verdict.detail.is_empty() { names.domain() } else { &verdict.detail };
            words(
                format!("The name servers of {domain} do not answer"),
                format!("Where mail for {} goes could not be found out. This usually passes.", names.domain()),
                AGAIN,
            )
        }
    }
}
