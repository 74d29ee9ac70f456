//! The text cut into tokens.

use std::ops::Range;

/// One token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) place: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Open,
    Close,
    Or,
    And,
    /// `-` before something, or NOT.
    Not,
    /// `key:`, in lower case, with whether anything follows without a space.
    Key(String, Follows),
    /// Words without quotation marks.
    Bare(String),
    /// Words in quotation marks.
    Quoted(String, Closed),
}

/// Whether a value stands right after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    Yes,
    No,
}

/// Whether quotation marks are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    Yes,
    No,
}

const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

/// Keys are no longer than this; `Subject-matter:of-course` is a word.
const LONGEST_KEY: usize = 14;

/// Cuts a text into tokens.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (length, what) = next(rest);
        if let Some(what) = what {
            tokens.push(Token { what, place: at..at + length });
        }
        at += length;
    }
    tokens
}

fn next(rest: &str) -> (usize, Option<What>) {
    let mut letters = rest.chars();
    let Some(first) = letters.next() else { return (0, None) };
    let length = first.len_utf8();
    match first {
        _ if first.is_whitespace() => (length, None),
        '(' => (length, Some(What::Open)),
        ')' => (length, Some(What::Close)),
        '|' => (length, Some(What::Or)),
        '-' | '−' | '!' if letters.next().is_some_and(|next| !next.is_whitespace() && next != '-') => {
            (length, Some(What::Not))
        }
        _ if QUOTES.contains(&first) => quoted(rest, length),
        _ => bare(rest),
    }
}

fn quoted(rest: &str, begin: usize) -> (usize, Option<What>) {
    let inner = rest.get(begin..).unwrap_or_default();
    match inner.char_indices().find(|(_, letter)| QUOTES.contains(letter)) {
        Some((end, mark)) => {
            let words = inner.get(..end).unwrap_or_default().to_owned();
            (begin + end + mark.len_utf8(), Some(What::Quoted(words, Closed::Yes)))
        }
        None => (rest.len(), Some(What::Quoted(inner.to_owned(), Closed::No))),
    }
}

fn bare(rest: &str) -> (usize, Option<What>) {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '|') || QUOTES.contains(&letter);
    let length = rest.find(ends).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default();
    if let Some(colon) = word.find(':')
        && let Some(key) = word.get(..colon).filter(|key| is_key(key))
        && !word.get(colon..).is_some_and(|after| after.starts_with("://"))
    {
        let after = rest.get(colon + 1..).and_then(|after| after.chars().next());
        let follows =
            if after.is_some_and(|next| !next.is_whitespace() && next != ')') { Follows::Yes } else { Follows::No };
        return (colon + 1, Some(What::Key(key.to_ascii_lowercase(), follows)));
    }
    let what = match word {
        "OR" => What::Or,
        "AND" => What::And,
        "NOT" => What::Not,
        word => What::Bare(word.to_owned()),
    };
    (length, Some(what))
}

fn is_key(text: &str) -> bool {
    let named = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '-';
    !text.is_empty() && text.len() <= LONGEST_KEY && text.chars().all(named)
}
