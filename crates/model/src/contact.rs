//! People: what is kept of them, and who is offered first while an address is typed.

use crate::words::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is kept of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactCard {
    /// The name that is shown; empty where only addresses are known.
    pub name: String,
    /// Where they work; empty for none.
    pub organisation: String,
    /// What the user noted; empty for nothing.
    pub note: String,
    /// Their addresses, the one to write to first.
    pub addresses: Vec<String>,
    /// What else their vCard says (telephone numbers, birthdays …), as lines of one; kept for export.
    pub extra: String,
}

/// What passed between the user and an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Dealings {
    /// Letters that went there.
    pub sent: u32,
    /// Letters that came from there.
    pub received: u32,
    /// When the last one went.
    #[ts(type = "string | null")]
    pub last_sent: Option<Timestamp>,
    /// When the last one came.
    #[ts(type = "string | null")]
    pub last_received: Option<Timestamp>,
}

impl Dealings {
    /// When there was last anything between the two.
    pub fn last(&self) -> Option<Timestamp> {
        self.last_sent.max(self.last_received)
    }

    /// Both together, as of one person with two addresses.
    pub fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent.saturating_add(other.sent),
            received: self.received.saturating_add(other.received),
            last_sent: self.last_sent.max(other.last_sent),
            last_received: self.last_received.max(other.last_received),
        }
    }

    /// How likely they are meant: by how often and how lately they were written to, and, much less, wrote. What passed
    /// counts half after 90 days; that an address was ever written to outweighs any number of letters from it, since
    /// most of what comes in comes from machines.
    pub fn weight(&self, now: Timestamp) -> f64 {
        let part = |count: u32, last: Option<Timestamp>| {
            let Some(last) = last else { return 0.0 };
            let days = now.duration_since(last).as_secs_f64().max(0.0) / 86_400.0;
            f64::from(count).ln_1p() * 0.5_f64.powf(days / 90.0)
        };
        let written_to = if self.sent > 0 { 1.0 } else { 0.0 };
        written_to + 4.0 * part(self.sent, self.last_sent) + 0.25 * part(self.received, self.last_received).min(4.0)
    }
}

/// The words by which somebody is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findable {
    name: Vec<String>,
    local: Vec<String>,
    domain: Vec<String>,
}

impl Findable {
    /// By a name and an address; either may be empty.
    pub fn of(name: &str, address: &str) -> Self {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        Self { name: words(name), local: words(local), domain: words(domain) }
    }

    /// How well what was typed fits, word by word: smaller is better. `None` where it does not.
    ///
    /// Every word typed must begin a word of the name or of the address. Best is the beginning of the name or address
    /// as a whole, then beginnings of words in them, then of the domain.
    pub fn fit(&self, typed: &[String]) -> Option<u8> {
        let address = || self.local.iter().chain(&self.domain);
        if begins(self.name.iter(), typed) || begins(address(), typed) {
            return Some(0);
        }
        let near = |word: &str| self.name.iter().chain(&self.local).any(|other| other.starts_with(word));
        let far = |word: &str| self.domain.iter().any(|other| other.starts_with(word));
        if typed.iter().all(|word| near(word)) {
            return Some(1);
        }
        typed.iter().all(|word| near(word) || far(word)).then_some(2)
    }
}

/// Whether the words are those that were typed, of the last of which only the beginning may have been.
fn begins<'a>(mut words: impl Iterator<Item = &'a String>, typed: &[String]) -> bool {
    let Some((last, first)) = typed.split_last() else { return false };
    first.iter().all(|word| words.next() == Some(word)) && words.next().is_some_and(|word| word.starts_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + day * 86_400).unwrap()
    }

    fn dealings(sent: u32, last_sent: i64, received: u32, last_received: i64) -> Dealings {
        Dealings {
            sent,
            received,
            last_sent: (sent > 0).then(|| at(last_sent)),
            last_received: (received > 0).then(|| at(last_received)),
        }
    }

    #[test]
    fn whoever_is_written_to_often_and_lately_comes_first() {
        let ranked = [
            ("often and lately", dealings(40, 999, 60, 999)),
            ("a few times this week", dealings(3, 996, 1, 990)),
            ("often a year ago", dealings(40, 640, 60, 640)),
            ("once, long ago", dealings(1, 0, 0, 0)),
            ("a newsletter every day", dealings(0, 0, 900, 1000)),
            ("wrote once, long ago", dealings(0, 0, 1, 100)),
            ("never", dealings(0, 0, 0, 0)),
        ];
        for pair in ranked.windows(2) {
            let [(better, high), (worse, low)] = pair else { unreachable!() };
            assert!(high.weight(at(1000)) > low.weight(at(1000)), "{better} before {worse}");
        }
        assert!(dealings(3, 2000, 0, 0).weight(at(1000)).is_finite(), "a clock that was set back");
    }

    #[test]
    fn what_is_typed_fits_beginnings_of_words() {
        let table = [
            ("anna.o@example.org", "Ostrøm", "anna.o@example.org", Some(0)),
            ("ostrom", "Anna Ostrøm", "x@example.org", Some(1)),
            ("anna", "Anna Ostrøm", "ao@example.org", Some(0)),
            ("anna o", "Anna Ostrøm", "ao@example.org", Some(0)),
            ("ANNA.O@", "", "anna.o@example.org", Some(0)),
            ("ost", "Anna Ostrøm", "ao@example.org", Some(1)),
            ("ostrom an", "Anna Oström", "ao@example.org", Some(1)),
            ("o anna", "Anna Ostrøm", "x@example.org", Some(1)),
            ("example", "Anna", "anna@example.org", Some(2)),
            ("anna example", "Anna", "anna@mail.example.org", Some(2)),
            ("org", "Anna", "anna@example.org", Some(2)),
            ("strom", "Anna Ostrom", "ao@example.org", None),
            ("anna peter", "Anna", "anna@example.org", None),
            ("мар", "Мария Петрова", "m@example.ru", Some(0)),
            ("strasse", "Jan Straße", "j@example.de", Some(1)),
            ("田", "田中 太郎", "t@example.jp", Some(0)),
            ("petra", "Anna", "anna@example.org", None),
        ];
        for (typed, name, address, expected) in table {
            assert_eq!(Findable::of(name, address).fit(&words(typed)), expected, "{typed:?} {name:?} {address}");
        }
    }

    #[test]
    fn two_addresses_of_one_person_count_together() {
        let both = dealings(1, 5, 2, 9).and(dealings(3, 7, 0, 0));
        assert_eq!(both, dealings(4, 7, 2, 9));
        assert_eq!(both.last(), Some(at(9)));
    }
}
