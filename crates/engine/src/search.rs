//! Searching: what is typed is read (`model::query`), looked up here (`store`), and shown with its hits marked; or it is
//! asked of the servers, for mail that is not here. And searches that are kept.

mod servers;

use crate::Engine;
use crate::error::Error;
use crate::frame::{aside, percent_decoded};
use crate::view::{Document, LetterRow, Nothing};
use jiff::Zoned;
use model::query::{Marker, Place, Problem, ProblemKind, Query, Read, parse};
use model::{CallError, LetterId, SavedSearchId};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use store::{SavedSearch, SearchOrder};
use ts_rs::TS;

/// Rows that one call gives at most.
const MAX_ROWS: u32 = 500;
/// Letters whose text one call looks through at most.
const MAX_SNIPPETS: usize = 100;
/// Octets of a text that are looked through for a snippet.
const SNIPPET_TEXT: usize = 200_000;
/// Letters of text around the first hit.
const BEFORE_HIT: usize = 40;
const SNIPPET: usize = 200;
/// Hits of a query with words side by side that are read through, to be sure.
const READ_THROUGH: usize = 40;

/// What to look for.
#[derive(Debug, Default, Deserialize, TS)]
pub struct SearchArgs {
    /// As typed.
    pub query: String,
    /// In which order.
    #[serde(default)]
    #[ts(optional, as = "Option<_>")]
    pub order: SearchOrder,
    /// How many to pass over.
    #[serde(default)]
    #[ts(optional, as = "Option<_>")]
    pub offset: u32,
    /// How many rows, at most 500.
    pub limit: u32,
}

/// What was found.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SearchPage {
    /// The letters.
    pub rows: Vec<LetterRow>,
    /// What of each row is to be marked, in the same order.
    pub marks: Vec<RowMarks>,
    /// How many there are in all; `None` where nobody counted.
    pub total: Option<u32>,
    /// Whether there are more than these.
    pub more: bool,
    /// What is wrong with the query.
    pub problems: Vec<Problem>,
}

/// Part of a text, in UTF-16 units: from the first up to the second.
pub type Span = (u32, u32);

/// What is to be marked in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct RowMarks {
    /// In the subject.
    pub subject: Vec<Span>,
    /// In the name, or the address where there is none, of each sender.
    pub from: Vec<Vec<Span>>,
    /// The same of each recipient.
    pub to: Vec<Vec<Span>>,
}

/// What to ask the servers for.
#[derive(Debug, Deserialize, TS)]
pub struct ServerSearchArgs {
    /// As typed.
    pub query: String,
}

/// Letters to show the hits of.
#[derive(Debug, Deserialize, TS)]
pub struct SnippetArgs {
    /// As typed.
    pub query: String,
    /// Which letters; at most a hundred are answered.
    pub letters: Vec<LetterId>,
}

/// The text around the first hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SearchSnippet {
    /// Of which letter.
    pub letter: LetterId,
    /// The text, on one line.
    pub text: String,
    /// What is to be marked in it.
    pub marks: Vec<Span>,
}

/// A search to keep.
#[derive(Debug, Deserialize, TS)]
pub struct SearchSaveArgs {
    /// How to call it; one of this name is replaced.
    pub name: String,
    /// What was typed.
    pub query: String,
}

/// A search that is kept.
#[derive(Debug, Deserialize, TS)]
pub struct SavedSearchArgs {
    /// Which.
    pub search: SavedSearchId,
}

/// A search and its new name.
#[derive(Debug, Deserialize, TS)]
pub struct SearchRenameArgs {
    /// Which.
    pub search: SavedSearchId,
    /// How to call it.
    pub name: String,
}

/// A search and its new place.
#[derive(Debug, Deserialize, TS)]
pub struct SearchMoveArgs {
    /// Which.
    pub search: SavedSearchId,
    /// Its place among the others, counted from 0.
    pub to: u32,
}

impl Engine {
    pub(crate) async fn letter_search(&self, args: SearchArgs) -> Result<SearchPage, Error> {
        let (hits, query, problems) =
            self.find(&args.query, args.order, args.offset, args.limit.min(MAX_ROWS)).await?;
        let rows = self.with_marks(hits.rows).await?;
        let marker = query.as_ref().map(Marker::of).unwrap_or_default();
        let marks = rows.iter().map(|row| row_marks(row, &marker)).collect();
        Ok(SearchPage { rows, marks, total: hits.total, more: hits.more, problems })
    }

    /// What a query finds here, for the command line, with what is wrong with it.
    pub async fn search(&self, args: &SearchArgs) -> Result<(Vec<store::LetterRow>, Vec<Problem>), CallError> {
        let (hits, _, problems) = self.find(&args.query, args.order, args.offset, args.limit).await?;
        Ok((hits.rows, problems))
    }

    pub(crate) async fn letter_search_server(&self, args: ServerSearchArgs) -> Result<SearchPage, Error> {
        let asked = self.find_on_servers(&args.query).await?;
        let rows = self.with_marks(asked.rows).await?;
        let marker = asked.query.as_ref().map(Marker::of).unwrap_or_default();
        let marks = rows.iter().map(|row| row_marks(row, &marker)).collect();
        let total = (!asked.more).then_some(rows.len() as u32);
        Ok(SearchPage { total, rows, marks, more: asked.more, problems: asked.problems })
    }

    /// What the servers find, fetched here first, and what is found here, for the command line. A server that cannot be
    /// asked is a problem; where none can be asked, that is an error.
    pub async fn search_servers(&self, typed: &str) -> Result<(Vec<store::LetterRow>, Vec<Problem>), CallError> {
        let asked = self.find_on_servers(typed).await?;
        asked.in_vain.map_or(Ok((asked.rows, asked.problems)), Err)
    }

    async fn find(
        &self,
        typed: &str,
        order: SearchOrder,
        offset: u32,
        limit: u32,
    ) -> Result<(store::Hits, Option<Query>, Vec<Problem>), Error> {
        let Read { query, mut problems } = parse(typed, &Zoned::now());
        let Some(query) = query else { return Ok((store::Hits::default(), None, problems)) };
        for name in self.store().unknown_mailboxes(&query).await? {
            problems.push(no_such_mailbox(typed, &name));
        }
        let mut hits = self.store().search(&query, order, offset, limit).await?;
        // Only where everything is on the first page: the places of what comes after it must stay what they are.
        if let Some(phrases) = phrases(&query)
            && offset == 0
            && !hits.more
            && hits.rows.len() <= READ_THROUGH
        {
            self.read_through(&phrases, &mut hits).await?;
        }
        Ok((hits, Some(query), problems))
    }

    /// Takes out letters that have the words, but not side by side: the index tells neighbours by a hash.
    async fn read_through(&self, phrases: &[Marker], hits: &mut store::Hits) -> Result<(), Error> {
        let looked_at = hits.rows.len();
        let mut kept = Vec::with_capacity(looked_at);
        for row in std::mem::take(&mut hits.rows) {
            let head = head_of(&row);
            let phrases: Vec<Marker> =
                phrases.iter().filter(|phrase| phrase.places(&head).is_empty()).cloned().collect();
            let raw = if phrases.is_empty() { None } else { self.store().raw(row.id).await? };
            let fits = match raw {
                Some(raw) => aside(move || has_all(&raw, &phrases)).await?,
                None => true,
            };
            if fits {
                kept.push(row);
            }
        }
        let out = (looked_at - kept.len()) as u32;
        hits.total = hits.total.map(|total| total.saturating_sub(out));
        hits.rows = kept;
        Ok(())
    }

    pub(crate) async fn search_snippets(&self, args: SnippetArgs) -> Result<Vec<SearchSnippet>, Error> {
        let query = parse(&args.query, &Zoned::now()).query;
        let marker = query.as_ref().map(Marker::of).unwrap_or_default().within(&[Place::Body]);
        let mut snippets = Vec::new();
        if marker.is_empty() {
            return Ok(snippets);
        }
        for letter in args.letters.into_iter().take(MAX_SNIPPETS) {
            let Some(raw) = self.store().raw(letter).await? else { continue };
            let marker = marker.clone();
            let found = aside(move || snippet(&message::parse(&raw).search_text, &marker)).await?;
            snippets.extend(found.map(|(text, marks)| SearchSnippet { letter, text, marks }));
        }
        Ok(snippets)
    }

    pub(crate) async fn search_saved_list(&self, _: Nothing) -> Result<Vec<SavedSearch>, Error> {
        Ok(self.store().saved_searches().await?)
    }

    pub(crate) async fn search_save(&self, args: SearchSaveArgs) -> Result<SavedSearch, Error> {
        Ok(self.store().save_search(&args.name, &args.query).await?)
    }

    pub(crate) async fn search_rename(&self, args: SearchRenameArgs) -> Result<(), Error> {
        Ok(self.store().rename_search(args.search, &args.name).await?)
    }

    pub(crate) async fn search_remove(&self, args: SavedSearchArgs) -> Result<(), Error> {
        Ok(self.store().remove_search(args.search).await?)
    }

    pub(crate) async fn search_move(&self, args: SearchMoveArgs) -> Result<(), Error> {
        Ok(self.store().move_search(args.search, args.to).await?)
    }
}

/// A document with the hits of the query in its address marked.
pub(crate) fn with_hits(mut document: Document, address: &str) -> Document {
    let wanted = address.split('&').find_map(|pair| pair.strip_prefix("find="));
    let query = wanted.and_then(|typed| parse(&percent_decoded(typed), &Zoned::now()).query);
    if let Some(query) = query
        && document.content_type.starts_with("text/html")
    {
        let marker = Marker::of(&query).within(&[Place::Body]);
        let marked = message::html::highlight(&String::from_utf8_lossy(&document.body), &marker);
        document.body = marked.into_bytes();
    }
    document
}

/// What has to stand side by side in every hit; `None` where nothing has to, or where something else would do as well.
fn phrases(query: &Query) -> Option<Vec<Marker>> {
    let parts = match query {
        Query::All(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    let phrases: Vec<Marker> = parts
        .iter()
        .filter(|part| matches!(part, Query::Words(sought) if sought.pieces.len() > 1))
        .map(Marker::of)
        .collect();
    (!phrases.is_empty()).then_some(phrases)
}

/// What stands above a letter, each part on a line.
fn head_of(row: &store::LetterRow) -> String {
    let people = row.from.iter().chain(&row.to);
    let named = people.map(|who| format!("{}\n{}", who.name.as_deref().unwrap_or_default(), who.address));
    std::iter::once(row.subject.clone()).chain(named).collect::<Vec<_>>().join("\n")
}

fn has_all(raw: &[u8], phrases: &[Marker]) -> bool {
    let rest = rest_of(&message::parse(raw));
    phrases.iter().all(|phrase| !phrase.places(&rest).is_empty())
}

fn rest_of(parsed: &message::Parsed) -> String {
    let cc = parsed.cc.iter().map(|who| format!("{}\n{}", who.name.as_deref().unwrap_or_default(), who.address));
    let names = parsed.attachments.iter().map(|part| part.name.clone());
    std::iter::once(parsed.search_text.clone()).chain(cc).chain(names).collect::<Vec<_>>().join("\n")
}

fn no_such_mailbox(typed: &str, name: &str) -> Problem {
    let begin = typed.find(name).unwrap_or(0);
    let at = typed.get(..begin).map_or(0, |before| before.encode_utf16().count() as u32);
    let ends = begin + name.len() >= typed.trim_end_matches(['"', '”']).len();
    Problem {
        kind: if ends { ProblemKind::Incomplete } else { ProblemKind::Wrong },
        at,
        length: name.encode_utf16().count() as u32,
        message: format!("There is no mailbox “{name}”."),
        hint: "For example in:inbox, in:sent, in:archive, or the name of a mailbox.".to_owned(),
    }
}

fn row_marks(row: &LetterRow, marker: &Marker) -> RowMarks {
    let named = |people: &[model::Address], marker: &Marker| -> Vec<Vec<Span>> {
        let shown = |who: &model::Address| spans(who.name.as_deref().unwrap_or(&who.address), marker);
        people.iter().map(shown).collect()
    };
    RowMarks {
        subject: spans(&row.subject, &marker.within(&[Place::Subject])),
        from: named(&row.from, &marker.within(&[Place::From])),
        to: named(&row.to, &marker.within(&[Place::To, Place::Cc])),
    }
}

fn spans(text: &str, marker: &Marker) -> Vec<Span> {
    as_spans(text, &marker.places(text))
}

/// Octets become UTF-16 units.
fn as_spans(text: &str, places: &[Range<usize>]) -> Vec<Span> {
    let units = |range: Range<usize>| text.get(range).map_or(0, |part| part.encode_utf16().count() as u32);
    let (mut at, mut end) = (0, 0);
    let mut spans = Vec::with_capacity(places.len());
    for place in places {
        at += units(end..place.start);
        let length = units(place.clone());
        spans.push((at, at + length));
        at += length;
        end = place.end;
    }
    spans
}

/// The text around the first hit, on one line; `None` where there is no hit.
fn snippet(text: &str, marker: &Marker) -> Option<(String, Vec<Span>)> {
    let text = text.get(..text.floor_char_boundary(SNIPPET_TEXT)).unwrap_or_default();
    let first = marker.places(text).into_iter().next()?.start;
    let before = text.get(..first).unwrap_or_default();
    let begin = before.char_indices().rev().nth(BEFORE_HIT).map_or(0, |(at, _)| at);
    // From a word on, not from the middle of one.
    let begin = if begin == 0 {
        0
    } else {
        before.get(begin..).and_then(|part| part.find(char::is_whitespace)).map_or(begin, |space| begin + space)
    };
    let around: String = text.get(begin..).unwrap_or_default().chars().take(SNIPPET * 2).collect();
    let line = around.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(SNIPPET).collect();
    let shown = if begin > 0 { format!("… {line}") } else { line };
    let marks = spans(&shown, marker);
    Some((shown, marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(typed: &str) -> Marker {
        Marker::of(&parse(typed, &Zoned::now()).query.expect("a query"))
    }

    #[test]
    fn marks_are_counted_as_text_fields_count() {
        let text = "🐝 Bees, é bees";
        assert_eq!(spans(text, &marker("bees")), [(3, 7), (11, 15)]);
    }

    #[test]
    fn a_snippet_begins_shortly_before_the_first_hit() {
        let text = format!("{} the old bridge\nacross   the river {}", "word ".repeat(100), "more ".repeat(100));
        let (shown, marks) = snippet(&text, &marker("\"across the river\"")).expect("a hit");
        assert!(shown.starts_with("… word") && shown.contains("bridge across the river more"), "{shown}");
        let (begin, end) = marks.first().copied().expect("a mark");
        let marked: String = shown.chars().skip(begin as usize).take((end - begin) as usize).collect();
        assert_eq!(marked, "across the river");
        assert_eq!(snippet(&text, &marker("nothing")), None);
        let (shown, _) = snippet("Bees at once", &marker("bees")).expect("a hit");
        assert_eq!(shown, "Bees at once");
    }

    #[test]
    fn a_mailbox_that_is_not_here_is_pointed_at() {
        let problem = no_such_mailbox("ü in:nowhere x", "nowhere");
        assert_eq!((problem.kind, problem.at, problem.length), (ProblemKind::Wrong, 5, 7));
        assert_eq!(no_such_mailbox("in:nowh", "nowh").kind, ProblemKind::Incomplete);
    }

    #[test]
    fn only_what_every_hit_has_to_have_is_read_through() {
        let of =
            |typed: &str| phrases(&parse(typed, &Zoned::now()).query.expect("a query")).map_or(0, |all| all.len());
        assert_eq!(of("bees"), 0);
        assert_eq!(of("\"old bees\" honey anna@example.org"), 2);
        assert_eq!(of("\"old bees\" OR honey"), 0);
        assert_eq!(of("-\"old bees\" honey"), 0);
    }
}
