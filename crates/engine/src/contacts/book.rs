//! Everybody who is known, put together from those whom the user keeps and those who were learned. Pure.

use super::view::{ContactRow, ContactSuggestion};
use jiff::Timestamp;
use model::ContactId;
use model::contact::{Dealings, Findable};
use model::words::words;
use std::collections::{HashMap, HashSet};
use store::{Correspondent, StoredContact};

/// An address of somebody.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    address: String,
    dealings: Dealings,
    found_by: Findable,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq)]
struct Person {
    contact: Option<ContactId>,
    name: String,
    organisation: String,
    addresses: Vec<Known>,
}

/// Everybody.
#[derive(Debug, Default)]
pub(super) struct Book {
    people: Vec<Person>,
}

/// What a book is made of.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub kept: Vec<StoredContact>,
    /// From letters that are here.
    pub learned: Vec<Correspondent>,
    /// From letters that were sent from here; their copies may be among the former.
    pub written_to: Vec<Correspondent>,
    /// Not to be offered, in small letters.
    pub unwanted: Vec<String>,
    /// The user's own addresses, in small letters.
    pub own: Vec<String>,
}

impl Book {
    pub(super) fn of(sources: Sources) -> Self {
        let mut learned = joined(sources.learned, sources.written_to);
        let mut people: Vec<Person> = Vec::new();
        for StoredContact { id, card, .. } in sources.kept {
            let known = |address: &String| Known {
                address: address.clone(),
                dealings: learned.remove(&address.to_lowercase()).map(|found| found.dealings).unwrap_or_default(),
                found_by: Findable::of(&card.name, address),
            };
            let addresses = card.addresses.iter().map(known).collect();
            people.push(Person { contact: Some(id), name: card.name, organisation: card.organisation, addresses });
        }
        let passed_over: HashSet<String> = sources.unwanted.into_iter().chain(sources.own).collect();
        for (key, found) in learned {
            let written_to = found.dealings.sent > 0;
            if passed_over.contains(&key) || !found.address.contains('@') || (!written_to && is_machine(&key)) {
                continue;
            }
            let found_by = Findable::of(&found.name, &found.address);
            let known = Known { found_by, address: found.address, dealings: found.dealings };
            people.push(Person {
                contact: None,
                name: found.name,
                organisation: String::new(),
                addresses: vec![known],
            });
        }
        people.sort_by_cached_key(sorted_by);
        Self { people }
    }

    /// Who is meant by what was typed, the likeliest first: whoever fits better; of those, whoever more passes with.
    pub(super) fn complete(
        &self,
        typed: &str,
        without: &[String],
        limit: usize,
        now: Timestamp,
    ) -> Vec<ContactSuggestion> {
        let typed = words(typed);
        let without: HashSet<String> = without.iter().map(|address| address.to_lowercase()).collect();
        let mut found: Vec<(u8, f64, &Person, &Known)> = Vec::new();
        for person in &self.people {
            for (position, known) in person.addresses.iter().enumerate() {
                if without.contains(&known.address.to_lowercase()) {
                    continue;
                }
                let fit = if typed.is_empty() { Some(0) } else { known.found_by.fit(&typed) };
                let Some(fit) = fit else { continue };
                let preferred = if position == 0 { 0.01 } else { 0.0 };
                let kept = if person.contact.is_some() { 0.5 } else { 0.0 };
                found.push((fit, known.dealings.weight(now) + preferred + kept, person, known));
            }
        }
        found.sort_by(|(fit, weight, _, known), (other_fit, other_weight, _, other)| {
            fit.cmp(other_fit).then(other_weight.total_cmp(weight)).then_with(|| known.address.cmp(&other.address))
        });
        let suggestion = |(_, _, person, known): (u8, f64, &Person, &Known)| ContactSuggestion {
            name: person.name.clone(),
            address: known.address.clone(),
            kept: person.contact.is_some(),
        };
        found.into_iter().take(limit).map(suggestion).collect()
    }

    /// How many fit, and a window of them, by name.
    pub(super) fn list(&self, query: &str, kept: bool, offset: usize, limit: usize) -> (usize, Vec<ContactRow>) {
        let typed = words(query);
        let named = |person: &Person| {
            let known = person.addresses.iter().any(|known| known.found_by.fit(&typed).is_some());
            known || Findable::of(&format!("{} {}", person.name, person.organisation), "").fit(&typed).is_some()
        };
        let fits = |person: &&Person| {
            let wanted = !kept || person.contact.is_some();
            wanted && (typed.is_empty() || named(person))
        };
        let found: Vec<&Person> = self.people.iter().filter(fits).collect();
        (found.len(), found.into_iter().skip(offset).take(limit).map(row).collect())
    }

    /// What is known of an address that was learned.
    pub(super) fn learned(&self, address: &str) -> Option<ContactRow> {
        let is_it = |known: &Known| known.address.eq_ignore_ascii_case(address);
        self.people.iter().find(|person| person.contact.is_none() && person.addresses.iter().any(is_it)).map(row)
    }

    /// What passed with these addresses.
    pub(super) fn dealings(&self, addresses: &[String]) -> Vec<Dealings> {
        let all = self.people.iter().flat_map(|person| &person.addresses);
        let known: HashMap<String, Dealings> =
            all.map(|known| (known.address.to_lowercase(), known.dealings)).collect();
        addresses.iter().map(|address| known.get(&address.to_lowercase()).copied().unwrap_or_default()).collect()
    }
}

fn row(person: &Person) -> ContactRow {
    ContactRow {
        contact: person.contact,
        name: person.name.clone(),
        organisation: person.organisation.clone(),
        addresses: person.addresses.iter().map(|known| known.address.clone()).collect(),
        dealings: person.addresses.iter().fold(Dealings::default(), |sum, known| sum.and(known.dealings)),
    }
}

/// One entry for an address. What was sent from here and has its copy in Sent counts once: the larger number.
fn joined(learned: Vec<Correspondent>, written_to: Vec<Correspondent>) -> HashMap<String, Correspondent> {
    let mut by_address: HashMap<String, Correspondent> = HashMap::new();
    for found in learned {
        let key = found.address.to_lowercase();
        match by_address.get_mut(&key) {
            Some(known) => {
                known.dealings = known.dealings.and(found.dealings);
                if known.name.is_empty() {
                    known.name = found.name;
                }
            }
            None => drop(by_address.insert(key, found)),
        }
    }
    for found in written_to {
        let known = by_address
            .entry(found.address.to_lowercase())
            .or_insert_with(|| Correspondent { dealings: Dealings::default(), ..found.clone() });
        known.dealings.sent = known.dealings.sent.max(found.dealings.sent);
        known.dealings.last_sent = known.dealings.last_sent.max(found.dealings.last_sent);
        if known.name.is_empty() {
            known.name = found.name;
        }
    }
    by_address
}

/// Those with a name come first, by it.
fn sorted_by(person: &Person) -> (bool, String, String) {
    let address = person.addresses.first().map(|known| known.address.to_lowercase()).unwrap_or_default();
    (person.name.is_empty(), words(&person.name).join(" "), address)
}

/// Addresses that nobody reads.
fn is_machine(address: &str) -> bool {
    let local: String =
        address.split('@').next().unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect();
    let whole = ["mailerdaemon", "postmaster", "bounce", "bounces"];
    let part = ["noreply", "donotreply", "nichtantworten", "nepasrepondre", "notreply"];
    whole.contains(&local.as_str()) || part.iter().any(|part| local.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::contact::ContactCard;

    fn now() -> Timestamp {
        Timestamp::from_second(1_760_000_000).unwrap()
    }

    fn learned(name: &str, address: &str, sent: u32, received: u32) -> Correspondent {
        let last = now() - jiff::SignedDuration::from_hours(24);
        let dealings = Dealings {
            sent,
            received,
            last_sent: (sent > 0).then_some(last),
            last_received: (received > 0).then_some(last),
        };
        Correspondent { address: address.into(), name: name.into(), dealings }
    }

    fn kept(id: i64, name: &str, addresses: &[&str]) -> StoredContact {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        let card = ContactCard { name: name.into(), addresses, ..ContactCard::default() };
        StoredContact { id: ContactId(id), card, changed_at: now() }
    }

    fn book() -> Book {
        Book::of(Sources {
            kept: vec![kept(1, "Anna Berg", &["anna@work.example", "anna@home.example"])],
            learned: vec![
                learned("Anna B.", "Anna@home.example", 9, 9),
                learned("Annika", "annika@example.org", 2, 40),
                learned("", "no-reply@shop.example", 0, 200),
                learned("Support", "noreply@answered.example", 1, 3),
                learned("Gone", "gone@example.org", 5, 5),
                learned("Me", "me@example.org", 70, 70),
                learned("Broken", "nobody", 0, 1),
            ],
            written_to: vec![learned("", "annika@example.org", 3, 0), learned("Zoe", "zoe@example.org", 1, 0)],
            unwanted: vec!["gone@example.org".into()],
            own: vec!["me@example.org".into()],
        })
    }

    fn addresses(suggestions: &[ContactSuggestion]) -> Vec<&str> {
        suggestions.iter().map(|suggestion| suggestion.address.as_str()).collect()
    }

    #[test]
    fn the_likeliest_comes_first_and_machines_never() {
        let book = book();
        let complete = |typed: &str, without: &[&str]| {
            let without: Vec<String> = without.iter().map(|address| (*address).to_owned()).collect();
            book.complete(typed, &without, 10, now())
        };
        let found = complete("ann", &[]);
        assert_eq!(addresses(&found), ["anna@home.example", "annika@example.org", "anna@work.example"]);
        assert_eq!((found[0].name.as_str(), found[0].kept), ("Anna Berg", true), "the name that the user gave");
        assert_eq!(addresses(&complete("ann", &["ANNA@home.example"])), ["annika@example.org", "anna@work.example"]);
        assert_eq!(addresses(&complete("shop", &[])), [""; 0]);
        assert_eq!(addresses(&complete("noreply", &[])), ["noreply@answered.example"], "once written to");
        assert_eq!(addresses(&complete("zo", &[])), ["zoe@example.org"]);
        for nobody in ["gone", "me@", "nobody"] {
            assert_eq!(addresses(&complete(nobody, &[])), [""; 0], "{nobody}");
        }
        assert_eq!(complete("", &[]).len(), 5);
    }

    #[test]
    fn people_are_listed_by_name_each_once() {
        let book = book();
        let names = |query: &str, kept: bool| {
            let (total, rows) = book.list(query, kept, 0, 10);
            assert_eq!(total, rows.len());
            rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(names("", false), ["Anna Berg", "Annika", "Support", "Zoe"]);
        assert_eq!(names("", true), ["Anna Berg"]);
        assert_eq!(names("home", false), ["Anna Berg"]);
        let (total, rows) = book.list("", false, 1, 1);
        assert_eq!((total, rows.len(), rows[0].name.as_str()), (4, 1, "Annika"));
        assert_eq!(rows[0].dealings.sent, 3, "the larger number, since copies lie in Sent");
        assert_eq!(book.dealings(&["ANNA@HOME.example".into(), "x@y".into()])[0].sent, 9);
    }
}
