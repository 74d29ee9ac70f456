//! What a domain's SRV records say: RFC 6186, and `_submissions` of RFC 8314.

use super::{Found, FoundServer, Origin, is_host};
use crate::providers::Place;
use model::{LoginForm, Security};

/// The names to ask for, each followed by `._tcp.DOMAIN`, with what each means: encrypted from the first octet comes first.
pub const SERVICE_NAMES: [(&str, Security); 4] = [
    ("_imaps", Security::Tls),
    ("_imap", Security::Starttls),
    ("_submissions", Security::Tls),
    ("_submission", Security::Starttls),
];

/// What the answers say, in the order of [`SERVICE_NAMES`], each as hosts and ports in the order in which to try them. The
/// login name is the whole address (RFC 6186 §4).
pub fn from_services(answers: [Vec<(String, u16)>; 4], address: &str) -> Found {
    let servers = |services: Vec<(String, u16)>, security: Security| {
        let known = services.into_iter().filter(|(host, port)| is_host(host) && *port != 0);
        known.map(move |(host, port)| FoundServer {
            place: Place { host, port, security },
            user: address.to_owned(),
            logins: vec![LoginForm::Password],
        })
    };
    let [imaps, imap, submissions, submission] = answers;
    let [_, (_, starttls), (_, tls), _] = SERVICE_NAMES;
    Found {
        origin: Origin::Services,
        name: None,
        imap: servers(imaps, tls).chain(servers(imap, starttls)).collect(),
        smtp: servers(submissions, tls).chain(servers(submission, starttls)).collect(),
        page: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_from_the_first_octet_comes_first_and_what_leads_nowhere_not_at_all() {
        let host = |name: &str, port| (name.to_owned(), port);
        let found = from_services(
            [
                vec![host("imaps.a.test", 993), host("", 0)],
                vec![host("imap.a.test", 143)],
                vec![],
                vec![host("smtp.a.test", 587), host("not a host", 587)],
            ],
            "you@a.test",
        );
        let places = |servers: &[FoundServer]| -> Vec<_> {
            servers
                .iter()
                .map(|server| (server.place.host.clone(), server.place.port, server.place.security))
                .collect()
        };
        assert_eq!(
            places(&found.imap),
            [("imaps.a.test".into(), 993, Security::Tls), ("imap.a.test".into(), 143, Security::Starttls)]
        );
        assert_eq!(places(&found.smtp), [("smtp.a.test".into(), 587, Security::Starttls)]);
        assert!(found.imap.iter().all(|server| server.user == "you@a.test"));
        assert!(!from_services([vec![], vec![], vec![], vec![]], "you@a.test").is_of_use());
    }
}
