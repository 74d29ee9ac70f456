//! Which mail hosts are asked whether port 25 is open: pure.
//!
//! Only hosts of the user's own domains and of people who are written to, so that nobody is asked who would not hear from
//! this computer anyway; a few at most, of different owners, since one house says nothing of another and several of one
//! house nothing more. Those that answered are left alone for some minutes ([`super::asked`]).
//!
//! Asked besides, by [`super::network`], are the account's smart host at its port and the customary ones, 192.0.2.1 at port 25
//! (RFC 5737: it belongs to nobody, so who answers stands in between), the name servers, and lists in DNS about our address.
//! The window says all of that before it asks.

use message::authenticity::domains::organisation;

/// Domains that are asked about.
pub(super) const MOST_DOMAINS: usize = 6;
/// Hosts that are asked, in each family.
pub(super) const MOST_HOSTS: usize = 4;

/// The domains to ask about: the user's own first, then those of correspondents, who come with how many letters went there.
pub(super) fn domains(own: &[String], written_to: &[(String, u32)]) -> Vec<String> {
    let mut counted: Vec<(String, u32)> = Vec::new();
    for (domain, sent) in written_to.iter().filter(|(_, sent)| *sent > 0) {
        match counted.iter_mut().find(|(known, _)| known == domain) {
            Some((_, count)) => *count = count.saturating_add(*sent),
            None => counted.push((domain.clone(), *sent)),
        }
    }
    counted.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    let mut all: Vec<String> = Vec::new();
    for domain in own.iter().chain(counted.iter().map(|(domain, _)| domain)) {
        if !domain.is_empty() && !domain.starts_with('[') && !all.contains(domain) {
            all.push(domain.clone());
        }
    }
    all.truncate(MOST_DOMAINS);
    all
}

/// The hosts to ask, from those of each domain in the order of the domains: one of each owner before a second of any.
pub(super) fn hosts(of_domains: &[Vec<String>]) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    let mut owners: Vec<String> = Vec::new();
    for host in of_domains.iter().flatten() {
        let owner = organisation(host);
        if !owners.contains(&owner) {
            owners.push(owner);
            chosen.push(host.clone());
        }
    }
    for host in of_domains.iter().flatten() {
        if !chosen.contains(host) {
            chosen.push(host.clone());
        }
    }
    chosen.truncate(MOST_HOSTS);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn ones_own_domains_come_first_and_then_those_that_are_written_to_most() {
        let written =
            [("b.test", 1), ("c.test", 2), ("b.test", 5), ("never.test", 0), ("[192.0.2.1]", 9), ("own.test", 3)];
        let written: Vec<(String, u32)> =
            written.iter().map(|(domain, sent)| ((*domain).to_owned(), *sent)).collect();
        assert_eq!(domains(&texts(&["own.test"]), &written), ["own.test", "b.test", "c.test"]);
        let many: Vec<(String, u32)> = (0..20).map(|n| (format!("d{n:02}.test"), 20 - n)).collect();
        assert_eq!(domains(&[], &many).len(), MOST_DOMAINS);
    }

    #[test]
    fn hosts_of_different_owners_are_asked_before_several_of_one() {
        let of = |hosts: &[&str]| texts(hosts);
        let asked =
            hosts(&[of(&["mx1.a.test", "mx2.a.test", "mx3.a.test", "mx4.a.test"]), of(&["mx.b.test"]), of(&[])]);
        assert_eq!(asked, ["mx1.a.test", "mx.b.test", "mx2.a.test", "mx3.a.test"]);
        assert!(hosts(&[]).is_empty());
    }
}
