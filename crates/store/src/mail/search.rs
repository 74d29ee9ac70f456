//! Which letters a query finds.
//!
//! Words, dates and sizes are sets of documents, and joining them takes microseconds. What can change every moment (in
//! which mailbox a letter lies, which flags it has) is asked of the letters themselves, newest first, until there are
//! enough; where few letters are unread, flagged or in the mailbox, they are a set as well.
//!
//! A message is found once, in the mailbox that fits the query; of several, not in the trash or the junk.

use super::LetterRow;
use super::gathered::GatheredCache;
use super::index::{Column, Field, Fields, Index, Set};
use super::read::{LETTERS, ROW, letter_row};
use crate::cache::Cache;
use crate::{Result, Store};
use jiff::Timestamp;
use model::query::{Ending, PieceKind, Place, Query, Sought};
use model::{ContentId, Flag, Flags, LetterId, MailboxId, Role, words};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;
use ts_rs::TS;

/// In which order letters are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SearchOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Words in the subject and the names before words in the text, whole words before beginnings; newest first among
    /// equals.
    Relevance,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The first letters.
    pub rows: Vec<LetterRow>,
    /// How many there are in all; `None` where finding out would mean looking at each.
    pub total: Option<u32>,
    /// Whether there are more than `rows`.
    pub more: bool,
}

/// Letters that are asked one by one before the sets that they are asked for are gathered instead.
const ASKED: usize = 1000;
/// Letters of a set that are gathered at once rather than asked one by one.
const FEW: usize = 5000;

impl Store {
    /// Finds letters: at most `limit`, after the first `offset`.
    pub async fn search(&self, query: &Query, order: SearchOrder, offset: u32, limit: u32) -> Result<Hits> {
        let (query, store) = (query.clone(), self.clone());
        let epoch = self.cache().gathered.epoch();
        self.mail(move |db| {
            let search = Search::prepare(db, store.cache(), epoch, &query)?;
            search.run(order, offset as usize, limit as usize)
        })
        .await
    }

    /// The names in a query that are no mailbox here.
    pub async fn unknown_mailboxes(&self, query: &Query) -> Result<Vec<String>> {
        let names: Vec<String> = query.mailboxes().into_iter().map(str::to_owned).collect();
        if names.is_empty() {
            return Ok(names);
        }
        self.mail(move |db| {
            let mailboxes = Mailboxes::read(db)?;
            Ok(names.into_iter().filter(|name| mailboxes.named(name) == Placed::In(Vec::new())).collect())
        })
        .await
    }
}

#[cfg(test)]
impl Store {
    /// What somebody who types this finds, newest first.
    pub(crate) async fn find(&self, typed: &str, limit: u32) -> Result<Vec<LetterRow>> {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
        match model::query::parse(typed, &now).query {
            Some(query) => Ok(self.search(&query, SearchOrder::Newest, 0, limit).await?.rows),
            None => Ok(Vec::new()),
        }
    }
}

/// A query with its words looked up.
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// Documents, known for sure.
    Docs(Set),
    /// What is asked of letters, how many have it where that is known, and the documents that may, where they are
    /// gathered.
    Letters(Placed, Option<u64>, Option<Arc<Set>>),
}

/// Something that a letter has in its mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Placed {
    In(Vec<MailboxId>),
    Anywhere,
    Is(Flag, bool),
}

/// Whether a set may hold too much, or may lack something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Everything that may fit.
    Upper,
    /// Only what fits for sure.
    Lower,
}

/// A letter, as far as it decides.
struct Letter {
    id: LetterId,
    mailbox: MailboxId,
    flags: Flags,
    role: Option<i64>,
}

struct Search<'a> {
    db: &'a Connection,
    index: Index<'a>,
    /// Where sets are kept that are gathered, and when this search began.
    gathered: (&'a GatheredCache, u64),
    all: Set,
    dates: Column,
    node: Node,
    words: Vec<Sought>,
}

impl<'a> Search<'a> {
    fn prepare(db: &'a Connection, cache: &'a Cache, epoch: u64, query: &Query) -> Result<Self> {
        let index = Index::open(db, &cache.facts)?;
        let dates = index.dates()?;
        let all = index.all(&dates)?;
        let mailboxes = Mailboxes::read(db)?;
        let words = query.sought().into_iter().cloned().collect();
        let gathered = (&cache.gathered, epoch);
        let mut search = Self { db, index, gathered, all, dates, node: Node::All(Vec::new()), words };
        search.node = search.node_of(query, &mailboxes)?;
        Ok(search)
    }

    fn node_of(&self, query: &Query, mailboxes: &Mailboxes) -> Result<Node> {
        let all = |parts: &[Query]| parts.iter().map(|part| self.node_of(part, mailboxes)).collect::<Result<_>>();
        Ok(match query {
            Query::All(parts) => Node::All(all(parts)?),
            Query::Any(parts) => Node::Any(all(parts)?),
            Query::Not(part) => Node::Not(Box::new(self.node_of(part, mailboxes)?)),
            Query::Words(sought) => Node::Docs(self.sought(sought, sought.ending, fields(sought.place))?),
            Query::HasAttachment => Node::Docs(self.index.with_attachment()?),
            Query::Dated { from, until } => Node::Docs(self.dated(*from, *until)),
            Query::Sized { least, most } => Node::Docs(self.sized(*least, *most)?),
            Query::In(name) => self.letters(mailboxes.named(name), mailboxes)?,
            Query::Is { flag, on } => self.letters(Placed::Is(*flag, *on), mailboxes)?,
        })
    }

    fn letters(&self, placed: Placed, mailboxes: &Mailboxes) -> Result<Node> {
        let count = mailboxes.count(&placed);
        let few = count.is_none_or(|count| count <= FEW as u64);
        let gathered = self.gather(&placed, if few { FEW } else { 0 })?;
        Ok(Node::Letters(placed, count, gathered))
    }

    /// Documents with these words side by side.
    fn sought(&self, sought: &Sought, ending: Ending, fields: Fields) -> Result<Set> {
        let mut found: Option<Set> = None;
        let mut before: Option<&str> = None;
        let last = sought.pieces.len().saturating_sub(1);
        for (at, piece) in sought.pieces.iter().enumerate() {
            let ending = match piece.kind {
                PieceKind::Word if at == last => ending,
                PieceKind::Word | PieceKind::Pair => Ending::Whole,
                PieceKind::Sign => Ending::Open,
            };
            let mut these = self.index.word(&piece.word, ending, fields)?;
            if let (Some(before), Ending::Whole, PieceKind::Word) = (before, ending, piece.kind) {
                these.and(&self.index.neighbours(before, &piece.word, fields)?);
            }
            match &mut found {
                Some(found) => found.and(&these),
                None => found = Some(these),
            }
            before = (piece.kind == PieceKind::Word).then_some(piece.word.as_str());
        }
        Ok(found.unwrap_or_else(|| self.index.none()))
    }

    fn dated(&self, from: Option<Timestamp>, until: Option<Timestamp>) -> Set {
        let from = from.map_or(i64::MIN, Timestamp::as_second);
        let until = until.map_or(i64::MAX, Timestamp::as_second);
        self.dates.where_each(self.index.none(), |date| (from..until).contains(&i64::from(date)))
    }

    fn sized(&self, least: u64, most: u64) -> Result<Set> {
        Ok(self.index.sizes()?.where_each(self.index.none(), |size| (least..=most).contains(&u64::from(size))))
    }

    /// The documents with a letter that has this; `None` where there are more letters than `most`, and they were not
    /// gathered before.
    fn gather(&self, placed: &Placed, most: usize) -> Result<Option<Arc<Set>>> {
        let mut set = self.index.none();
        let condition = match placed {
            Placed::Anywhere => return Ok(Some(Arc::new(self.all.clone()))),
            Placed::In(mailboxes) => {
                let list: Vec<String> = mailboxes.iter().map(ToString::to_string).collect();
                format!("mailbox IN ({}) AND hidden = 0", list.join(","))
            }
            // These have indices, which are named by the same words.
            Placed::Is(Flag::Seen, false) => "flags & 1 = 0 AND hidden = 0".to_owned(),
            Placed::Is(flag @ (Flag::Flagged | Flag::Answered), true) => {
                let bit = Flags::default().with(*flag, true).0;
                format!("flags & {bit} = {bit} AND hidden = 0")
            }
            Placed::Is(flag, on) => {
                let bit = Flags::default().with(*flag, true).0;
                format!("flags & {bit} = {} AND hidden = 0", if *on { bit } else { 0 })
            }
        };
        let (cache, epoch) = self.gathered;
        if let Some(kept) = cache.get(&condition, self.index.end()) {
            return Ok(Some(kept));
        }
        if most == 0 || (most < usize::MAX && !has_index(placed)) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT doc FROM letter CROSS JOIN word_doc ON word_doc.content = letter.content WHERE {condition}"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let mut rows = query.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            if seen > most {
                return Ok(None);
            }
            set.add(row.get(0)?);
        }
        let set = Arc::new(set);
        cache.keep(epoch, condition, self.index.end(), Arc::clone(&set));
        Ok(Some(set))
    }

    fn run(mut self, order: SearchOrder, offset: usize, limit: usize) -> Result<Hits> {
        let mut found = Found { rows: Vec::new(), skipped: 0, asked: 0, done: HashSet::new() };
        let wanted = offset.saturating_add(limit);
        let mut may = self.bound(&self.node, Bound::Upper);
        may.and(&self.all);
        let tiers = match order {
            SearchOrder::Newest => vec![may.clone()],
            SearchOrder::Relevance => self.tiers(&may)?,
        };
        let asks = asks(&self.node);
        let total = (!asks).then(|| may.len() as u32);
        let mut ask_up_to = if asks { ASKED } else { usize::MAX };
        let mut complete = true;
        'tiers: for mut tier in tiers {
            let mut walk = Walk::new(&self.dates, &tier);
            while let Some(doc) = walk.next() {
                if found.rows.len() + found.skipped >= wanted {
                    complete = false;
                    break 'tiers;
                }
                if found.asked >= ask_up_to {
                    // Too many do not fit: what the fewest have is gathered, and only those are asked.
                    ask_up_to = if self.gather_fewest()? { ask_up_to.saturating_mul(2) } else { usize::MAX };
                    may = self.bound(&self.node, Bound::Upper);
                    tier.and(&may);
                    walk = Walk::new(&self.dates, &tier);
                    continue;
                }
                self.take(doc, offset, &mut found)?;
            }
        }
        let seen = (found.rows.len() + found.skipped) as u32;
        let total = if complete { Some(seen) } else { total };
        Ok(Hits { rows: found.rows, total, more: !complete })
    }

    /// Looks at one document, and takes it where one of its letters fits.
    fn take(&self, doc: u32, offset: usize, found: &mut Found) -> Result<()> {
        if !found.done.insert(doc) {
            return Ok(());
        }
        found.asked += 1;
        let Some(content) = self.index.content(doc)? else { return Ok(()) };
        let Some(letter) = self.letter_of(doc, content)? else { return Ok(()) };
        if found.skipped < offset {
            found.skipped += 1;
            return Ok(());
        }
        let sql = format!("SELECT {ROW} FROM {LETTERS} WHERE letter.id = ?1");
        found.rows.extend(self.db.prepare_cached(&sql)?.query_row([letter.0], letter_row).optional()?);
        Ok(())
    }

    /// The letter of a message that fits; not one in the trash or the junk where there is another.
    fn letter_of(&self, doc: u32, content: ContentId) -> Result<Option<LetterId>> {
        let sql = "SELECT id, mailbox, flags, role FROM letter WHERE content = ?1 AND hidden = 0 ORDER BY id";
        let mut query = self.db.prepare_cached(sql)?;
        let letters = query.query_map([content.0], |row| {
            let (id, mailbox) = (LetterId(row.get(0)?), MailboxId(row.get(1)?));
            Ok(Letter { id, mailbox, flags: Flags(row.get(2)?), role: row.get(3)? })
        })?;
        let mut best: Option<Letter> = None;
        for letter in letters {
            let letter = letter?;
            if fits(&self.node, doc, &letter) && best.as_ref().is_none_or(|best| best.is_aside()) {
                best = Some(letter);
            }
        }
        Ok(best.map(|letter| letter.id))
    }

    /// The documents that a part of the query finds, as far as is known without asking letters.
    fn bound(&self, node: &Node, bound: Bound) -> Set {
        match node {
            Node::All(parts) => {
                let mut set = self.all.clone();
                parts.iter().for_each(|part| set.and(&self.bound(part, bound)));
                set
            }
            Node::Any(parts) => {
                let mut set = self.index.none();
                parts.iter().for_each(|part| set.or(&self.bound(part, bound)));
                set
            }
            Node::Not(part) => {
                let other = if bound == Bound::Upper { Bound::Lower } else { Bound::Upper };
                let mut set = self.all.clone();
                set.minus(&self.bound(part, other));
                set
            }
            Node::Docs(set) => set.clone(),
            Node::Letters(_, _, Some(set)) if bound == Bound::Upper => Set::clone(set),
            Node::Letters(..) if bound == Bound::Upper => self.all.clone(),
            // A letter elsewhere may be otherwise.
            Node::Letters(..) => self.index.none(),
        }
    }

    /// Gathers the documents of what the fewest letters have, of all that is not gathered yet. Tells whether there was
    /// something.
    fn gather_fewest(&mut self) -> Result<bool> {
        let mut node = std::mem::replace(&mut self.node, Node::All(Vec::new()));
        let mut open = Vec::new();
        open_parts(&mut node, &mut open);
        let gathered = match open.into_iter().min_by_key(|(count, ..)| *count) {
            Some((_, placed, set)) => self.gather(placed, usize::MAX).map(|docs| {
                *set = docs;
                true
            }),
            None => Ok(false),
        };
        self.node = node;
        gathered
    }

    /// The documents in groups, the most relevant first.
    fn tiers(&self, may: &Set) -> Result<Vec<Set>> {
        let ways = [(Ending::Whole, Fields::HEAD), (Ending::Open, Fields::HEAD), (Ending::Whole, Fields::ALL)];
        let mut left = may.clone();
        let mut tiers = Vec::new();
        for (ending, within) in ways {
            let mut tier = left.clone();
            for sought in &self.words {
                let ending = if sought.ending == Ending::Whole { Ending::Whole } else { ending };
                tier.and(&self.sought(sought, ending, fields(sought.place).and(within))?);
            }
            left.minus(&tier);
            tiers.push(tier);
        }
        tiers.push(left);
        Ok(tiers)
    }
}

/// What was found so far.
struct Found {
    rows: Vec<LetterRow>,
    skipped: usize,
    asked: usize,
    done: HashSet<u32>,
}

impl Letter {
    fn is_aside(&self) -> bool {
        self.role == Some(5) || self.role == Some(6)
    }
}

fn fields(place: Place) -> Fields {
    match place {
        Place::Anywhere => Fields::ALL,
        Place::Subject => Fields::of(&[Field::Subject]),
        Place::From => Fields::of(&[Field::Sender]),
        Place::To => Fields::of(&[Field::Recipients, Field::Cc]),
        Place::Cc => Fields::of(&[Field::Cc]),
        Place::Body => Fields::of(&[Field::Body]),
        Place::Filename => Fields::of(&[Field::Names]),
        Place::List => Fields::of(&[Field::List]),
    }
}

/// What is asked of letters and was not gathered, with how many letters have it; many, where that is not known.
fn open_parts<'a>(node: &'a mut Node, open: &mut Vec<(u64, &'a Placed, &'a mut Option<Arc<Set>>)>) {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter_mut().for_each(|part| open_parts(part, open)),
        Node::Not(part) => open_parts(part, open),
        Node::Letters(placed, count, set @ None) => open.push((count.unwrap_or(u64::MAX), placed, set)),
        Node::Letters(..) | Node::Docs(_) => (),
    }
}

/// Whether those letters are found without looking at each.
fn has_index(placed: &Placed) -> bool {
    match placed {
        Placed::In(_) | Placed::Anywhere => true,
        Placed::Is(Flag::Seen, on) => !on,
        Placed::Is(Flag::Flagged | Flag::Answered, on) => *on,
        Placed::Is(..) => false,
    }
}

/// Whether anything is asked of letters.
fn asks(node: &Node) -> bool {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().any(asks),
        Node::Not(part) => asks(part),
        Node::Docs(_) => false,
        Node::Letters(..) => true,
    }
}

/// Whether a letter is found.
fn fits(node: &Node, doc: u32, letter: &Letter) -> bool {
    match node {
        Node::All(parts) => parts.iter().all(|part| fits(part, doc, letter)),
        Node::Any(parts) => parts.iter().any(|part| fits(part, doc, letter)),
        Node::Not(part) => !fits(part, doc, letter),
        Node::Docs(set) => set.has(doc),
        Node::Letters(Placed::In(mailboxes), ..) => mailboxes.contains(&letter.mailbox),
        Node::Letters(Placed::Anywhere, ..) => true,
        Node::Letters(Placed::Is(flag, on), ..) => letter.flags.has(*flag) == *on,
    }
}

/// Documents, newest first, some at a time: the newest of a million are told without sorting the others.
struct Walk<'a> {
    dates: &'a Column,
    docs: &'a Set,
    /// Dates from here on were handed out.
    until: u64,
    ready: Vec<(u32, u32)>,
    spans: Vec<u32>,
}

/// Seconds of a span of dates, as a power of two: some 18 hours.
const SPAN: u32 = 16;
/// Documents that are sorted at a time, at least.
const AT_A_TIME: u32 = 400;

impl<'a> Walk<'a> {
    fn new(dates: &'a Column, docs: &'a Set) -> Self {
        let mut spans = vec![0; 1 << (32 - SPAN)];
        for doc in docs.iter() {
            let date = dates.get(doc);
            if let Some(count) = spans.get_mut((date >> SPAN) as usize) {
                *count += 1;
            }
        }
        Self { dates, docs, until: u64::from(u32::MAX) + 1, ready: Vec::new(), spans }
    }

    fn next(&mut self) -> Option<u32> {
        if self.ready.is_empty() {
            self.more();
        }
        self.ready.pop().map(|(_, doc)| doc)
    }

    /// Sorts the documents of the next spans, as many as are at least some hundred.
    fn more(&mut self) {
        let mut count = 0;
        let end = self.until;
        while count < AT_A_TIME * (1 + u32::from(end <= u64::from(u32::MAX)) * 9) && self.until > 0 {
            self.until -= 1 << SPAN;
            count += self.spans.get((self.until >> SPAN) as usize).copied().unwrap_or(0);
        }
        if count == 0 {
            return;
        }
        for doc in self.docs.iter() {
            let date = self.dates.get(doc);
            if (self.until..end).contains(&u64::from(date)) {
                self.ready.push((date, doc));
            }
        }
        self.ready.sort_unstable();
    }
}

/// The mailboxes that there are.
struct Mailboxes(Vec<Known>);

struct Known {
    id: MailboxId,
    path: String,
    name: String,
    role: Option<Role>,
    total: u64,
    unread: u64,
}

impl Mailboxes {
    fn read(db: &Connection) -> Result<Self> {
        let mut query = db.prepare_cached("SELECT id, path, name, role, total, unread FROM mailbox")?;
        let all = query.query_map([], |row| {
            let role: Option<String> = row.get(3)?;
            Ok(Known {
                id: MailboxId(row.get(0)?),
                path: row.get(1)?,
                name: row.get(2)?,
                role: role.as_deref().and_then(Role::from_word),
                total: row.get::<_, i64>(4)?.unsigned_abs(),
                unread: row.get::<_, i64>(5)?.unsigned_abs(),
            })
        })?;
        Ok(Self(all.collect::<rusqlite::Result<_>>()?))
    }

    /// Those of this role, path or name; while none is called so, those whose name begins so.
    fn named(&self, name: &str) -> Placed {
        let sought = words::fold(name);
        if matches!(sought.as_str(), "anywhere" | "all" | "everywhere") {
            return Placed::Anywhere;
        }
        let exact = |known: &Known| {
            known.role.is_some_and(|role| role.word() == sought)
                || words::fold(&known.path) == sought
                || words::fold(&known.name) == sought
        };
        let begins = |known: &Known| {
            words::fold(&known.name).starts_with(&sought)
                || known.role.is_some_and(|role| role.word().starts_with(&sought))
        };
        let those = |fits: &dyn Fn(&Known) -> bool| -> Vec<MailboxId> {
            self.0.iter().filter(|known| fits(known)).map(|known| known.id).collect()
        };
        let called = those(&exact);
        Placed::In(if called.is_empty() { those(&begins) } else { called })
    }

    /// How many letters have this, where that is known.
    fn count(&self, placed: &Placed) -> Option<u64> {
        match placed {
            Placed::In(ids) => {
                Some(self.0.iter().filter(|known| ids.contains(&known.id)).map(|known| known.total).sum())
            }
            Placed::Is(Flag::Seen, false) => Some(self.0.iter().map(|known| known.unread).sum()),
            Placed::Anywhere | Placed::Is(..) => None,
        }
    }
}
