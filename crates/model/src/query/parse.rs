//! Tokens read as a query: whatever they are, something is found.

use super::dates::{Days, aged, days, octets};
use super::scan::{Closed, Follows, Token, What, scan};
use super::{Ending, Place, Problem, ProblemKind, Query, Read, Sought};
use crate::Flag;
use crate::words;
use jiff::Zoned;
use std::ops::Range;

/// Parentheses within parentheses; deeper ones are read as if they were not there.
const DEEPEST: usize = 32;
/// Letters that begin a word which is not typed to its end.
const SHORTEST_BEGINNING: usize = 3;

/// Reads what was typed. `now` says when and where: ages and days are counted from there.
pub fn parse(text: &str, now: &Zoned) -> Read {
    let mut reader = Reader { text, now, tokens: scan(text), at: 0, depth: 0, problems: Vec::new() };
    let mut all = Vec::new();
    while reader.at < reader.tokens.len() {
        all.extend(reader.all_of(Place::Anywhere));
        if let Some(What::Close) = reader.peek() {
            let place = reader.place();
            reader.wrong(place, "There is no “(” for this “)”.", "It is passed over.");
            reader.at += 1;
        }
    }
    reader.problems.sort_by_key(|problem| problem.at);
    Read { query: together(all), problems: reader.problems }
}

/// Everything of these; `None` for nothing.
fn together(mut all: Vec<Query>) -> Option<Query> {
    if all.len() > 1 { Some(Query::All(all)) } else { all.pop() }
}

struct Reader<'a> {
    text: &'a str,
    now: &'a Zoned,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&What> {
        self.tokens.get(self.at).map(|token| &token.what)
    }

    /// Where the present token stands, or the end of the text.
    fn place(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |token| token.place.clone())
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    /// Everything up to the end, or to a parenthesis that closes.
    fn all_of(&mut self, place: Place) -> Option<Query> {
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some(What::Close)) {
            parts.extend(self.either(place));
        }
        together(parts)
    }

    /// `a b OR c d` is a, one of b and c, and d: OR holds closer than a space, as in the search fields people know.
    fn either(&mut self, place: Place) -> Option<Query> {
        let mut parts = Vec::new();
        if self.peek() == Some(&What::Or) {
            let or = self.place();
            self.at += 1;
            self.wrong(or, "Nothing stands before “OR”.", "It is passed over.");
            return None;
        }
        parts.extend(self.one(place));
        while self.peek() == Some(&What::Or) {
            let or = self.place();
            self.at += 1;
            match self.peek() {
                None | Some(What::Close) => self.incomplete(or, "“OR” waits for something after it."),
                Some(What::Or) => (),
                Some(_) => parts.extend(self.one(place)),
            }
        }
        if parts.len() > 1 { Some(Query::Any(parts)) } else { parts.pop() }
    }

    fn one(&mut self, place: Place) -> Option<Query> {
        let token = self.next()?;
        match token.what {
            What::Not => self.not(place, token.place),
            What::Open => self.group(place, token.place),
            What::Key(key, follows) => self.keyed(&key, follows, place, token.place),
            What::Bare(word) => self.bare(&word, place, &token.place),
            What::Quoted(words, closed) => self.quoted(&words, closed, place, token.place),
            What::And | What::Or | What::Close => None,
        }
    }

    fn not(&mut self, place: Place, at: Range<usize>) -> Option<Query> {
        match self.peek() {
            None | Some(What::Or | What::Close) => {
                self.incomplete(at, "“NOT” waits for something after it.");
                None
            }
            Some(_) if self.depth >= DEEPEST => self.flat(place),
            Some(_) => {
                self.depth += 1;
                let excluded = self.one(place);
                self.depth -= 1;
                Some(match excluded? {
                    Query::Not(inner) => *inner,
                    other => Query::Not(Box::new(other)),
                })
            }
        }
    }

    /// Past the deepest level: what follows, as if nothing opened.
    fn flat(&mut self, place: Place) -> Option<Query> {
        while matches!(self.peek(), Some(What::Not | What::Open)) {
            self.at += 1;
        }
        if matches!(self.peek(), Some(What::Bare(_) | What::Quoted(..))) { self.one(place) } else { None }
    }

    fn group(&mut self, place: Place, at: Range<usize>) -> Option<Query> {
        if self.depth >= DEEPEST {
            return self.flat(place);
        }
        self.depth += 1;
        let inner = self.all_of(place);
        self.depth -= 1;
        if self.peek() == Some(&What::Close) {
            self.at += 1;
        } else {
            self.incomplete(at, "This “(” is not closed.");
        }
        inner
    }

    fn bare(&mut self, word: &str, place: Place, at: &Range<usize>) -> Option<Query> {
        let starred = word.ends_with('*');
        let being_typed = at.end == self.text.len();
        let letters = words::words(word).last().map_or(0, |last| last.chars().count());
        let open = starred || being_typed || letters >= SHORTEST_BEGINNING;
        Sought::of(word, place, if open { Ending::Open } else { Ending::Whole }).map(Query::Words)
    }

    fn quoted(&mut self, words: &str, closed: Closed, place: Place, at: Range<usize>) -> Option<Query> {
        let ending = match closed {
            Closed::Yes => Ending::Whole,
            Closed::No => {
                self.incomplete(at, "This quotation mark is not closed.");
                // A space behind a word says that it is whole.
                if words.ends_with(char::is_whitespace) { Ending::Whole } else { Ending::Open }
            }
        };
        Sought::of(words, place, ending).map(Query::Words)
    }

    fn keyed(&mut self, key: &str, follows: Follows, place: Place, at: Range<usize>) -> Option<Query> {
        let Some(known) = Key::named(key) else { return self.unknown(key, follows, place, at) };
        if let Key::Place(inside) = known {
            return self.words_at(inside, follows, key, at);
        }
        if follows == Follows::No {
            self.incomplete(at, &format!("“{key}:” waits for {}.", known.wants()));
            return None;
        }
        let value = self.value()?;
        let whole = at.start..value.place.end;
        let (words, whole) = match known {
            Key::Before | Key::After | Key::On | Key::Until | Key::Newer | Key::Older => self.long_date(value, whole),
            _ => (value.words, whole),
        };
        let read = read_value(known, &words, self.now);
        if read.is_none() {
            let message = format!("“{words}” is not {}.", known.wants());
            if whole.end == self.text.len() {
                self.problem(ProblemKind::Incomplete, whole, &message, known.examples());
            } else {
                self.wrong(whole, &message, known.examples());
            }
        }
        read
    }

    fn words_at(&mut self, place: Place, follows: Follows, key: &str, at: Range<usize>) -> Option<Query> {
        if follows == Follows::No {
            self.incomplete(at, &format!("“{key}:” waits for words."));
            return None;
        }
        match self.peek() {
            Some(What::Key(..)) => {
                // from:re:something: what looks like a key is a word here.
                let inner = self.next()?;
                let text = self.text.get(inner.place).unwrap_or_default().to_owned();
                Sought::of(&text, place, Ending::Whole).map(Query::Words)
            }
            _ => self.one(place),
        }
    }

    /// It may be a word with a colon (`Re:`, `12:30`), so it is looked for as words.
    fn unknown(&mut self, key: &str, follows: Follows, place: Place, at: Range<usize>) -> Option<Query> {
        let own = Sought::of(key, place, Ending::Whole).map(Query::Words);
        if follows == Follows::No {
            return own;
        }
        let hint = match nearest(key) {
            Some(near) => format!("Did you mean “{near}:”? It is looked for as words."),
            None => "It is looked for as words.".to_owned(),
        };
        self.wrong(at, &format!("There is no “{key}:”."), &hint);
        own
    }

    fn value(&mut self) -> Option<Value> {
        let token = self.next()?;
        let words = match token.what {
            What::Bare(words) | What::Quoted(words, _) => words,
            What::Key(..) | What::Or | What::And | What::Not => {
                let rest = self.text.get(token.place.clone()).unwrap_or_default().to_owned();
                match self.peek() {
                    // -7d: the sign says nothing.
                    Some(What::Bare(words)) if token.what == What::Not => {
                        let words = words.clone();
                        let place = token.place.start..self.place().end;
                        self.at += 1;
                        return Some(Value { words, place });
                    }
                    _ => rest,
                }
            }
            What::Open | What::Close => {
                self.at -= 1;
                String::new()
            }
        };
        Some(Value { words, place: token.place })
    }

    /// A date may go on after a space: `before:3 Nov 2026`. As many words as make a date belong to it.
    fn long_date(&mut self, first: Value, whole: Range<usize>) -> (String, Range<usize>) {
        let mut longest = (first.words.clone(), whole.clone(), 0);
        let mut text = first.words;
        for taken in 1..=2 {
            let Some(Token { what: What::Bare(word), place }) = self.tokens.get(self.at + taken - 1) else { break };
            text = format!("{text} {word}");
            if days(&text, self.now).is_some() && belongs(&text) {
                longest = (text.clone(), whole.start..place.end, taken);
            }
        }
        self.at += longest.2;
        (longest.0, longest.1)
    }

    fn wrong(&mut self, place: Range<usize>, message: &str, hint: &str) {
        self.problem(ProblemKind::Wrong, place, message, hint);
    }

    fn incomplete(&mut self, place: Range<usize>, message: &str) {
        self.problem(ProblemKind::Incomplete, place, message, "");
    }

    fn problem(&mut self, kind: ProblemKind, place: Range<usize>, message: &str, hint: &str) {
        let units = |text: Option<&str>| text.map_or(0, |text| text.encode_utf16().count() as u32);
        let at = units(self.text.get(..place.start));
        let length = units(self.text.get(place));
        self.problems.push(Problem { kind, at, length, message: message.to_owned(), hint: hint.to_owned() });
    }
}

/// Whether words apart are one date for sure: a month is named. `on:2025 12` is a year and a word.
fn belongs(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

struct Value {
    words: String,
    place: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Place(Place),
    In,
    Has,
    Is,
    Before,
    After,
    On,
    Until,
    Newer,
    Older,
    Larger,
    Smaller,
}

/// Every name of a key, the first of each being the one that is suggested.
const KEYS: [(&str, Key); 30] = [
    ("from", Key::Place(Place::From)),
    ("to", Key::Place(Place::To)),
    ("cc", Key::Place(Place::Cc)),
    ("subject", Key::Place(Place::Subject)),
    ("body", Key::Place(Place::Body)),
    ("filename", Key::Place(Place::Filename)),
    ("list", Key::Place(Place::List)),
    ("in", Key::In),
    ("has", Key::Has),
    ("is", Key::Is),
    ("before", Key::Before),
    ("after", Key::After),
    ("on", Key::On),
    ("newer", Key::Newer),
    ("older", Key::Older),
    ("larger", Key::Larger),
    ("smaller", Key::Smaller),
    ("sender", Key::Place(Place::From)),
    ("recipient", Key::Place(Place::To)),
    ("text", Key::Place(Place::Body)),
    ("file", Key::Place(Place::Filename)),
    ("attachment", Key::Place(Place::Filename)),
    ("mailbox", Key::In),
    ("folder", Key::In),
    ("since", Key::After),
    ("until", Key::Until),
    ("date", Key::On),
    ("newer_than", Key::Newer),
    ("older_than", Key::Older),
    ("bigger", Key::Larger),
];

impl Key {
    fn named(name: &str) -> Option<Self> {
        KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
    }

    /// What stands after it, in a sentence.
    fn wants(self) -> &'static str {
        match self {
            Self::Place(_) => "words",
            Self::In => "a mailbox",
            Self::Has => "something a letter can have",
            Self::Is => "something a letter can be",
            Self::Before | Self::After | Self::On | Self::Until => "a date",
            Self::Newer | Self::Older => "an age",
            Self::Larger | Self::Smaller => "a size",
        }
    }

    fn examples(self) -> &'static str {
        match self {
            Self::Place(_) => "",
            Self::In => "For example in:inbox or in:\"My folder\".",
            Self::Has => "Write has:attachment.",
            Self::Is => "Write is:unread, is:read, is:flagged, is:answered, is:forwarded or is:draft.",
            Self::Before | Self::After | Self::On | Self::Until => {
                "For example 2026-11-03, 3 Nov 2026, 2026-11, 2026, today or yesterday."
            }
            Self::Newer | Self::Older => "For example 7d, 2w, 3m or 1y: days, weeks, months, years.",
            Self::Larger | Self::Smaller => "For example 500k or 2M.",
        }
    }
}

fn read_value(key: Key, words: &str, now: &Zoned) -> Option<Query> {
    let dated = |from, until| Some(Query::Dated { from, until });
    // An age where a day is asked for, and the other way round, is understood as well.
    let begin = |days: Days| days.begin(now);
    let start = || days(words, now).and_then(begin).or_else(|| aged(words, now));
    match key {
        Key::Place(_) => None,
        Key::In => (!words::fold(words).trim().is_empty()).then(|| Query::In(words.trim().to_owned())),
        Key::Has => matches!(words.to_lowercase().as_str(), "attachment" | "attachments" | "file" | "files")
            .then_some(Query::HasAttachment),
        Key::Is => flag(&words.to_lowercase()),
        Key::Before => dated(None, Some(start()?)),
        Key::After => dated(Some(start()?), None),
        Key::On => {
            let meant = days(words, now)?;
            dated(Some(meant.begin(now)?), Some(meant.end(now)?))
        }
        Key::Until => dated(None, Some(days(words, now)?.end(now)?)),
        Key::Newer => dated(Some(aged(words, now).or_else(|| days(words, now).and_then(begin))?), None),
        Key::Older => dated(None, Some(aged(words, now).or_else(|| days(words, now).and_then(begin))?)),
        Key::Larger => Some(Query::Sized { least: octets(words)?, most: u64::MAX }),
        Key::Smaller => Some(Query::Sized { least: 0, most: octets(words)? }),
    }
}

fn flag(word: &str) -> Option<Query> {
    let (flag, on) = match word {
        "unread" | "unseen" | "new" => (Flag::Seen, false),
        "read" | "seen" => (Flag::Seen, true),
        "flagged" | "starred" => (Flag::Flagged, true),
        "unflagged" | "unstarred" => (Flag::Flagged, false),
        "answered" | "replied" => (Flag::Answered, true),
        "unanswered" | "unreplied" => (Flag::Answered, false),
        "forwarded" => (Flag::Forwarded, true),
        "draft" => (Flag::Draft, true),
        _ => return None,
    };
    Some(Query::Is { flag, on })
}

/// The key that was probably meant: one slip of the finger away.
fn nearest(typed: &str) -> Option<&'static str> {
    let near = |name: &&&str| typed.len() > 1 && slips(typed.as_bytes(), name.as_bytes()) <= 1 + typed.len() / 6;
    KEYS.iter().map(|(name, _)| name).find(near).copied()
}

/// Letters that are too many, missing, wrong or in the other order (optimal string alignment).
fn slips(a: &[u8], b: &[u8]) -> usize {
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            let swap = if swapped { at(&before, j - 1) + 1 } else { usize::MAX / 2 };
            let change = at(&last, j) + usize::from(letter != other);
            row.push(change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1).min(swap));
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}
