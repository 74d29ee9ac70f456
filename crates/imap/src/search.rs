//! A query as a server understands it (RFC 9051 §6.4.4): decided purely.
//!
//! A server finds text by substrings and knows days, not moments, so what is asked for is a little more than what was
//! meant, never less: a day is added on either side of a date, and what no server can be asked for is left out.
//!
//! | query | key |
//! |---|---|
//! | words anywhere, in the subject, sender, text | `TEXT`, `SUBJECT`, `FROM`, `BODY`; each word by itself, as it was typed, or without its accents |
//! | `to:` | `OR TO … CC …` |
//! | `list:` | `HEADER List-Id` |
//! | `filename:` | `TEXT`: servers do not search names alone |
//! | `is:` | `SEEN`, `UNFLAGGED`, `KEYWORD $Forwarded` … |
//! | dates, sizes | `SENTSINCE`, `SENTBEFORE`, `LARGER`, `SMALLER` |
//! | `in:`, `has:` | nothing: whoever asks chooses the mailbox, and a server does not count attachments |

use crate::wire::command::Command;
use jiff::Timestamp;
use model::Flag;
use model::query::{Place, Query, Sought, fold};

/// One search key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Words of the protocol.
    Plain(String),
    /// Words of the protocol, then a string.
    Text(&'static str, String),
    /// Both of two.
    Or(Box<Key>, Box<Key>),
    /// The opposite.
    Not(Box<Key>),
    /// All of these; never empty.
    All(Vec<Key>),
}

/// What to ask for; `None` where the query has nothing that a server can be asked for.
pub fn key(query: &Query) -> Option<Key> {
    match query {
        Query::All(parts) => all(parts.iter().filter_map(key).collect()),
        // One part that cannot be asked for may be the one that finds it.
        Query::Any(parts) => parts.iter().map(key).collect::<Option<Vec<_>>>().and_then(any),
        Query::Not(part) => exact(part).map(|key| Key::Not(Box::new(key))),
        Query::Words(sought) => words(sought),
        Query::In(_) | Query::HasAttachment => None,
        Query::Is { flag, on } => Some(Key::Plain(flag_key(*flag, *on))),
        Query::Dated { from, until } => all([
            from.and_then(|from| day(from, -1)).map(|day| Key::Plain(format!("SENTSINCE {day}"))),
            until.and_then(|until| day(until, 2)).map(|day| Key::Plain(format!("SENTBEFORE {day}"))),
        ]
        .into_iter()
        .flatten()
        .collect()),
        Query::Sized { least, most } => all([
            (*least > 0).then(|| Key::Plain(format!("LARGER {}", bounded(least - 1)))),
            (*most < u64::from(u32::MAX)).then(|| Key::Plain(format!("SMALLER {}", bounded(most + 1)))),
        ]
        .into_iter()
        .flatten()
        .collect()),
    }
}

/// A key that finds no more than is meant: what is excluded must not take along what only looks like it.
fn exact(query: &Query) -> Option<Key> {
    match query {
        Query::Is { .. } | Query::Sized { .. } => key(query),
        _ => None,
    }
}

/// Numbers in search keys have 32 bits.
fn bounded(octets: u64) -> u64 {
    octets.min(u64::from(u32::MAX))
}

fn all(mut keys: Vec<Key>) -> Option<Key> {
    match keys.len() {
        0 | 1 => keys.pop(),
        _ => Some(Key::All(keys)),
    }
}

fn any(keys: Vec<Key>) -> Option<Key> {
    keys.into_iter().reduce(|one, other| Key::Or(Box::new(one), Box::new(other)))
}

fn words(sought: &Sought) -> Option<Key> {
    let spelt = |word: &String| any(spellings(word).into_iter().map(|text| placed(sought.place, text)).collect());
    all(sought.typed.iter().filter_map(spelt).collect())
}

/// A word as it was typed, and as it is looked for here where that is spelt otherwise: some servers take é for e,
/// most do not.
fn spellings(word: &str) -> Vec<String> {
    let folded = fold(word);
    let is_same = word.to_lowercase() == folded;
    std::iter::once(word.to_owned()).chain((!is_same).then_some(folded)).collect()
}

fn placed(place: Place, text: String) -> Key {
    match place {
        Place::Anywhere | Place::Filename => Key::Text("TEXT", text),
        Place::Subject => Key::Text("SUBJECT", text),
        Place::From => Key::Text("FROM", text),
        Place::To => Key::Or(Box::new(Key::Text("TO", text.clone())), Box::new(Key::Text("CC", text))),
        Place::Cc => Key::Text("CC", text),
        Place::Body => Key::Text("BODY", text),
        Place::List => Key::Text("HEADER List-Id", text),
    }
}

fn flag_key(flag: Flag, on: bool) -> String {
    let name = flag.imap();
    match name.strip_prefix('\\') {
        Some(system) if on => system.to_ascii_uppercase(),
        Some(system) => format!("UN{}", system.to_ascii_uppercase()),
        None if on => format!("KEYWORD {name}"),
        None => format!("UNKEYWORD {name}"),
    }
}

/// The day of a moment and so many later, as IMAP writes it: a Date has a time zone that nobody knows.
pub fn day(at: Timestamp, later: i64) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date().checked_add(jiff::Span::new().days(later)).ok()?;
    let month = usize::try_from(day.month() - 1).ok().and_then(|n| MONTHS.get(n))?;
    Some(format!("{}-{month}-{:04}", day.day(), day.year()))
}

impl Key {
    /// Whether a string in it is more than ASCII, so that the charset has to be named.
    pub fn needs_charset(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(_, text) => !text.is_ascii(),
            Self::Or(one, other) => one.needs_charset() || other.needs_charset(),
            Self::Not(key) => key.needs_charset(),
            Self::All(keys) => keys.iter().any(Self::needs_charset),
        }
    }

    /// Adds it to a command.
    pub fn write(&self, command: Command) -> Command {
        match self {
            Self::Plain(words) => command.word(words),
            Self::Text(word, text) => command.word(word).string(text),
            Self::Or(one, other) => other.write_in_one(one.write_in_one(command.word("OR"))),
            Self::Not(key) => key.write_in_one(command.word("NOT")),
            Self::All(keys) => keys.iter().fold(command, |command, key| key.write(command)),
        }
    }

    fn write_in_one(&self, command: Command) -> Command {
        match self {
            // Parentheses stand against what they hold; a key that is always true takes the place before the first.
            Self::All(keys) => keys.iter().fold(command.word("(ALL"), |command, key| key.write(command)).close(),
            key => key.write(command),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::query::parse;

    fn asked(text: &str) -> Option<String> {
        let now = "2026-03-10T12:00:00Z".parse::<Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        let query = parse(text, &now).query?;
        key(&query).map(|key| format!("{:?}", key.write(Command::new("X"))))
    }

    #[test]
    fn a_query_becomes_keys_that_find_no_less_than_was_meant() {
        let table = [
            ("invoice", Some("X TEXT \"invoice\"")),
            ("from:anna subject:tea", Some("X FROM \"anna\" SUBJECT \"tea\"")),
            ("to:anna", Some("X OR TO \"anna\" CC \"anna\"")),
            ("a1 OR b2", Some("X OR TEXT \"a1\" TEXT \"b2\"")),
            ("(a1 b2) OR c3", Some("X OR (ALL TEXT \"a1\" TEXT \"b2\") TEXT \"c3\"")),
            ("is:unread", Some("X UNSEEN")),
            ("tea -is:read", Some("X TEXT \"tea\" NOT SEEN")),
            ("tea -milk", Some("X TEXT \"tea\"")),
            ("tea OR has:attachment", None),
            ("on:2026-02-01", Some("X SENTSINCE 31-Jan-2026 SENTBEFORE 4-Feb-2026")),
            ("larger:10k", Some("X LARGER 9999")),
            ("東京駅", Some("X TEXT {9}")),
            ("Müller", Some("X OR TEXT {7} TEXT \"muller\"")),
            ("in:inbox", None),
        ];
        for (text, expected) in table {
            assert_eq!(asked(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn words_are_asked_for_as_they_were_typed_and_without_their_accents() {
        let table: [(&str, &[&str]); 8] = [
            ("Müller", &["Müller", "muller"]),
            ("Mu\u{308}ller", &["Müller", "muller"]),
            ("straße", &["straße", "strasse"]),
            ("Ångström", &["Ångström", "angstrom"]),
            ("Invoice", &["Invoice"]),
            ("ОДЕССА", &["ОДЕССА"]),
            ("\"東京駅 前\"", &["東京駅", "前"]),
            ("don't", &["don", "t"]),
        ];
        for (typed, expected) in table {
            let query = parse(typed, &jiff::Zoned::now()).query.unwrap();
            assert_eq!(texts(&key(&query).unwrap()), expected, "{typed}");
        }
    }

    fn texts(key: &Key) -> Vec<&str> {
        match key {
            Key::Plain(_) => Vec::new(),
            Key::Text(_, text) => vec![text],
            Key::Or(one, other) => [texts(one), texts(other)].concat(),
            Key::Not(key) => texts(key),
            Key::All(keys) => keys.iter().flat_map(texts).collect(),
        }
    }
}
