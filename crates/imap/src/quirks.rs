//! Servers that do not keep what they promise: which capability is not used with whom, and why.
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

/// Capabilities that are not to be used with this server.
pub fn without(host: &str) -> impl Iterator<Item = &'static str> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_it = move |known: Known| match known {
        Known::Host(end) => host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
    };
    QUIRKS.iter().filter(move |quirk| is_it(quirk.server)).flat_map(|quirk| quirk.without.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

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
