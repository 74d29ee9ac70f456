//! Where in a text the words of a query stand, for whoever marks them.

use super::{Ending, Piece, PieceKind, Place, Query, Sought};
use crate::words::{self, CutKind};
use std::ops::Range;

/// The words that a query asks for, ready to be found in texts.
#[derive(Clone, Debug, Default)]
pub struct Marker(Vec<Sought>);

/// A piece of a text.
struct Found {
    word: String,
    place: Range<usize>,
    kind: CutKind,
}

impl Marker {
    /// Of everything that is asked for and not excluded.
    pub fn of(query: &Query) -> Self {
        Self(query.sought().into_iter().cloned().collect())
    }

    /// Whether there is nothing to mark.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words as they are looked for in these places and anywhere.
    #[must_use]
    pub fn within(&self, places: &[Place]) -> Self {
        let wanted = |sought: &&Sought| sought.place == Place::Anywhere || places.contains(&sought.place);
        Self(self.0.iter().filter(wanted).cloned().collect())
    }

    /// Where the words stand in a text, in octets: in order, apart from each other, at letters' bounds.
    ///
    /// ```
    /// # use postrider_model::query::{Ending, Marker, Place, Query, Sought};
    /// let query = Query::Words(Sought::of("creme", Place::Anywhere, Ending::Open).unwrap());
    /// assert_eq!(Marker::of(&query).places("Une Crème brûlée"), [4..10]);
    /// ```
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut pieces = Vec::new();
        words::cut(text, |cut| {
            pieces.push(Found { word: cut.word.to_owned(), place: cut.place, kind: cut.kind });
        });
        let mut places: Vec<Range<usize>> = Vec::new();
        for at in 0..pieces.len() {
            let rest = pieces.get(at..).unwrap_or_default();
            places.extend(self.0.iter().filter_map(|sought| standing(sought, rest, text)));
        }
        joined(places)
    }
}

/// Where the words stand, if the text goes on with them.
fn standing(sought: &Sought, text: &[Found], whole: &str) -> Option<Range<usize>> {
    let mut found = text.iter();
    let last = sought.pieces.len().checked_sub(1)?;
    let mut place: Option<Range<usize>> = None;
    for (at, piece) in sought.pieces.iter().enumerate() {
        let ending = if at == last { sought.ending } else { Ending::Whole };
        let next = found.next()?;
        let here = fits(piece, ending, next, whole)?;
        place = Some(place.map_or(here.clone(), |place| place.start..here.end));
    }
    place
}

fn fits(piece: &Piece, ending: Ending, found: &Found, whole: &str) -> Option<Range<usize>> {
    let is_whole = found.word == piece.word;
    let fits = match piece.kind {
        PieceKind::Word => {
            found.kind == CutKind::Word
                && (is_whole || (ending == Ending::Open && found.word.starts_with(&piece.word)))
        }
        PieceKind::Pair => found.kind == CutKind::Pair && is_whole,
        PieceKind::Sign => found.kind != CutKind::Word && found.word.starts_with(&piece.word),
    };
    if piece.kind == PieceKind::Sign && found.kind == CutKind::Pair {
        let first = whole.get(found.place.clone())?.chars().next()?.len_utf8();
        return fits.then(|| found.place.start..found.place.start + first);
    }
    fits.then(|| found.place.clone())
}

fn joined(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| (place.start, place.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match joined.last_mut().filter(|last| last.end >= place.start) {
            Some(last) => last.end = last.end.max(place.end),
            None => joined.push(place),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use proptest::prelude::*;

    fn marked(typed: &str, text: &str) -> String {
        let now = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
        let marker = parse(typed, &now).query.map(|query| Marker::of(&query)).unwrap_or_default();
        let mut shown = String::new();
        let mut end = 0;
        for place in marker.places(text) {
            shown += &format!("{}[{}]", &text[end..place.start], &text[place.clone()]);
            end = place.end;
        }
        shown + &text[end..]
    }

    #[test]
    fn what_was_looked_for_is_marked() {
        let table = [
            ("bees", "Of bees and Bees.", "Of [bees] and [Bees]."),
            ("bee", "Of bees, a bee-hive", "Of [bees], a [bee]-hive"),
            ("\"bee\"", "Of bees, a bee", "Of bees, a [bee]"),
            ("\"thank you\"", "you thank you thank", "you [thank you] thank"),
            ("anna@example.org ", "Anna <anna@example.org>", "Anna <[anna@example.org]>"),
            ("creme OR -tea", "Crème, tea", "[Crème], tea"),
            ("-tea", "Crème, tea", "Crème, tea"),
            ("日本", "今日の日本語と日本", "今日の[日本]語と[日本]"),
            ("語", "日本語と語る", "日本[語]と[語]る"),
            ("is:unread", "is unread", "is unread"),
            ("", "text", "text"),
        ];
        for (typed, text, expected) in table {
            assert_eq!(marked(typed, text), expected, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn marks_are_parts_of_the_text(typed in "\\PC{0,12}", text in "\\PC{0,60}") {
            marked(&typed, &text);
        }
    }
}
