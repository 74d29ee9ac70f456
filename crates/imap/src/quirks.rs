//! Servers that do not keep what they promise, or allow little: which capability is not used with whom, how many connections
//! an account has, and why.
//!
//! A server is known by the end of its host name.

/// By what a server is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Its host name is this, or ends in a dot and this.
    Host(&'static str),
}

/// Capabilities that are not used with a server. What makes a row necessary stands beside it.
struct Quirk {
    server: Known,
    without: &'static [&'static str],
}

const QUIRKS: [Quirk; 1] = [
    // iCloud: no ENABLED in answer to ENABLE and malformed VANISHED lines, by which letters would vanish here
    // (Mailspring-Sync #91, MailKit #1871). With CONDSTORE and a look at the UIDs it is in order.
    Quirk { server: Known::Host("mail.me.com"), without: &["QRESYNC"] },
];

/// Connections that an account may have with a server, less what is left to the user's other programs.
///
/// | server | allows an account | told by |
/// |---|---|---|
/// | Gmail | 15 | support.google.com/mail/answer/7126229; refused with `[ALERT] Too many simultaneous connections` (wildduck #35, imapsync #61) |
/// | Yahoo, AOL | as few as 5, no number of its own | support.getmailbird.com, article 16298148976279; beyond, `[LIMIT] … Rate limit hit` and BYE (imapflow #75) |
/// | Exchange | 16, as it is installed | learn.microsoft.com, “Set connection limits for IMAP4” |
/// | Microsoft 365 | 20, and counts those that ended for a while | node-imap #523: “User is authenticated but not connected” |
/// | iCloud, GMX, WEB.DE, Fastmail | no number, neither their own nor a reliable one of others | fastmail.com/help/account/limits.html names every other limit |
/// | Dovecot | 10 from one address, as it is installed | `mail_max_userip_connections`, doc.dovecot.org/settings/core; often raised to 16 or 30 (node-imap #606, #882) |
/// | Stalwart | 16, as it is installed | stalw.art/docs/email/settings/ratelimit |
struct Share {
    server: Known,
    connections: u32,
}

const SHARES: [Share; 10] = [
    Share { server: Known::Host("imap.gmail.com"), connections: 10 },
    Share { server: Known::Host("imap.googlemail.com"), connections: 10 },
    Share { server: Known::Host("mail.yahoo.com"), connections: 3 },
    Share { server: Known::Host("imap.aol.com"), connections: 3 },
    Share { server: Known::Host("office365.com"), connections: 6 },
    Share { server: Known::Host("imap-mail.outlook.com"), connections: 6 },
    // Who says no number may change it without a word: a share that no server is known to refuse.
    Share { server: Known::Host("mail.me.com"), connections: 4 },
    Share { server: Known::Host("imap.gmx.net"), connections: 4 },
    Share { server: Known::Host("imap.gmx.com"), connections: 4 },
    Share { server: Known::Host("imap.web.de"), connections: 4 },
];

/// Any other server: what Dovecot allows from one address, less two.
const ELSEWHERE: u32 = 8;

/// How many connections an account may have with this server at most.
pub fn connections(host: &str) -> u32 {
    SHARES.iter().find(|share| share.server.is(host)).map_or(ELSEWHERE, |share| share.connections)
}

impl Known {
    fn is(self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Self::Host(end) => host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        }
    }
}

/// Capabilities that are not to be used with this server.
pub fn without(host: &str) -> impl Iterator<Item = &'static str> + '_ {
    QUIRKS.iter().filter(move |quirk| quirk.server.is(host)).flat_map(|quirk| quirk.without.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_counts_connections_is_not_given_all_that_it_allows() {
        let table = [
            ("imap.gmail.com", 10),
            ("imap.mail.yahoo.com", 3),
            ("outlook.office365.com", 6),
            ("imap.mail.me.com", 4),
            ("imap.fastmail.com", ELSEWHERE),
        ];
        for (host, most) in table {
            assert_eq!(connections(host), most, "{host}");
        }
        assert_eq!(connections("imap.example.org"), ELSEWHERE);
    }

    #[test]
    fn a_server_is_known_by_the_end_of_its_name_and_no_other_is_taken_for_it() {
        let table = [
            ("imap.mail.me.com", true),
            ("p01-imap.mail.me.com.", true),
            ("MAIL.me.com", true),
            ("hotmail.me.com", false),
            ("mail.me.com.example.org", false),
        ];
        for (host, known) in table {
            assert_eq!(without(host).any(|word| word == "QRESYNC"), known, "{host}");
        }
    }
}
