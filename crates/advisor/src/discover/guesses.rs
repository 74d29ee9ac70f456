//! Customary names of servers. Nothing of this is believed before it has answered and proven its name.

use super::customary;
use crate::providers::Place;

const IMAP: [(&str, u16); 6] = [("imap.", 993), ("mail.", 993), ("imap.", 143), ("mail.", 143), ("", 993), ("", 143)];
const SMTP: [(&str, u16); 6] = [("smtp.", 465), ("mail.", 465), ("smtp.", 587), ("mail.", 587), ("", 465), ("", 587)];

/// Where servers of a domain may be: IMAP and submission, the most customary first.
pub fn guesses(domain: &str) -> (Vec<Place>, Vec<Place>) {
    let places = |names: [(&str, u16); 6]| {
        let place = |(front, port): (&str, u16)| {
            Some(Place { host: format!("{front}{domain}"), port, security: customary(port)? })
        };
        names.into_iter().filter_map(place).collect()
    };
    (places(IMAP), places(SMTP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Security;

    #[test]
    fn encryption_from_the_first_octet_is_tried_before_an_upgrade_at_the_same_name() {
        let (imap, smtp) = guesses("a.test");
        assert_eq!(imap.len(), 6);
        assert_eq!(imap.first(), Some(&Place { host: "imap.a.test".into(), port: 993, security: Security::Tls }));
        assert_eq!(smtp.last(), Some(&Place { host: "a.test".into(), port: 587, security: Security::Starttls }));
        for places in [imap, smtp] {
            for (at, place) in places.iter().enumerate().filter(|(_, place)| place.security == Security::Starttls) {
                let earlier = places.iter().take(at);
                assert!(earlier.into_iter().any(|one| one.host == place.host && one.security == Security::Tls));
            }
        }
    }
}
