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
struct Share {
    server: Known,
    connections: u32,
}

const SHARES: [Share; 10] = [
    // Gmail: 15 at a time for an account (“Too many simultaneous connections”, support.google.com/mail/answer/7126229).
    Share { server: Known::Host("imap.gmail.com"), connections: 10 },
    Share { server: Known::Host("imap.googlemail.com"), connections: 10 },
    // Yahoo and AOL, which are one: 5, and who goes beyond is shut out for a while ([LIMIT], [UNAVAILABLE]).
    Share { server: Known::Host("mail.yahoo.com"), connections: 3 },
    Share { server: Known::Host("imap.aol.com"), connections: 3 },
    // Microsoft: 16 and less for a mailbox at times, then “User is authenticated but not connected”.
    Share { server: Known::Host("office365.com"), connections: 6 },
    Share { server: Known::Host("imap-mail.outlook.com"), connections: 6 },
    // iCloud says no number; from about ten on it closes connections without a word.
    Share { server: Known::Host("mail.me.com"), connections: 5 },
    // GMX and WEB.DE share their servers and refuse the login from about ten on.
    Share { server: Known::Host("imap.gmx.net"), connections: 5 },
    Share { server: Known::Host("imap.gmx.com"), connections: 5 },
    Share { server: Known::Host("imap.web.de"), connections: 5 },
];

/// Dovecot as it is installed allows a user ten from one address (`mail_max_userip_connections`).
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
        let table = [("imap.gmail.com", 10), ("imap.mail.yahoo.com", 3), ("outlook.office365.com", 6)];
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
