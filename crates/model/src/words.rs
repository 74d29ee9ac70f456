//! Words as they are looked for: cut out of a text, without case, accents and forms of width (the compatibility
//! decomposition of Unicode, UAX #15, without its marks).
//!
//! | in the text | what becomes of it |
//! |---|---|
//! | letters and digits that stand together | one word, at most [`LONGEST`] octets of it |
//! | `é` `Å` `ﬁ` `Ｗ` `ß` `ø` `ς` | `e` `a` `fi` `w` `ss` `o` `σ` |
//! | scripts without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) | every two signs that stand together, and the last one alone, so that what begins with a sign finds it anywhere |
//! | everything else | nothing |
//!
//! What is indexed, what is typed and what is highlighted go through the same cutting.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Octets of a word that count.
pub const LONGEST: usize = 40;

/// Something that was cut out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The folded word, or one or two signs.
    pub word: &'a str,
    /// Where it stands in the text, in octets.
    pub place: Range<usize>,
    /// What it is.
    pub kind: CutKind,
}

/// A word, or signs of a script without spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutKind {
    /// A word.
    Word,
    /// Two signs that stand together.
    Pair,
    /// The last sign of several that stand together, or one alone.
    Last,
}

/// Cuts a text, and hands out what there is in it, in its order.
///
/// ```
/// let mut words = Vec::new();
/// postrider_model::words::cut("Crème brûlée — 東京タワー", |cut| words.push(cut.word.to_owned()));
/// assert_eq!(words, ["creme", "brulee", "東京", "京タ", "タワ", "ワー", "ー"]);
/// ```
pub fn cut(text: &str, take: impl FnMut(Cut<'_>)) {
    let mut cutter = Cutter { word: String::new(), start: 0, end: 0, sign: None, pair: String::new(), take };
    for (at, letter) in text.char_indices() {
        cutter.letter(at, letter);
    }
    cutter.finish();
}

/// The words of a text, folded.
pub fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    cut(text, |cut| all.push(cut.word.to_owned()));
    all
}

/// The text without case, accents and forms of width; nothing is cut out.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|letter| push_folded(&mut folded, letter));
    composed(folded)
}

struct Cutter<F> {
    word: String,
    start: usize,
    end: usize,
    /// The sign before, folded, with its place.
    sign: Option<(char, Range<usize>)>,
    pair: String,
    take: F,
}

impl<F: FnMut(Cut<'_>)> Cutter<F> {
    fn letter(&mut self, at: usize, letter: char) {
        if letter.is_ascii() {
            if letter.is_ascii_alphanumeric() {
                self.end_signs();
                self.begin(at);
                self.word.push(letter.to_ascii_lowercase());
                self.end = at + 1;
            } else {
                self.finish();
            }
            return;
        }
        let end = at + letter.len_utf8();
        match class(letter) {
            Class::Sign => {
                self.end_word();
                self.add_sign(letter, at..end);
            }
            Class::Word => {
                self.end_signs();
                self.begin(at);
                push_folded(&mut self.word, letter);
                self.end = end;
            }
            Class::Mark if !self.word.is_empty() => self.end = end,
            Class::Mark if self.sign.is_some() => (),
            Class::Mark | Class::Other => self.finish(),
        }
    }

    fn begin(&mut self, at: usize) {
        if self.word.is_empty() {
            self.start = at;
        }
    }

    fn add_sign(&mut self, letter: char, place: Range<usize>) {
        let folded = std::iter::once(letter).nfkc().next().unwrap_or(letter);
        if let Some((before, start)) = self.sign.replace((folded, place.clone())) {
            self.pair.clear();
            self.pair.extend([before, folded]);
            (self.take)(Cut { word: &self.pair, place: start.start..place.end, kind: CutKind::Pair });
        }
    }

    fn finish(&mut self) {
        self.end_word();
        self.end_signs();
    }

    fn end_signs(&mut self) {
        if let Some((last, place)) = self.sign.take() {
            let mut sign = [0; 4];
            (self.take)(Cut { word: last.encode_utf8(&mut sign), place, kind: CutKind::Last });
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        self.word = composed(std::mem::take(&mut self.word));
        shorten(&mut self.word);
        (self.take)(Cut { word: &self.word, place: self.start..self.end, kind: CutKind::Word });
        self.word.clear();
    }
}

fn shorten(word: &mut String) {
    if word.len() > LONGEST {
        word.truncate(word.floor_char_boundary(LONGEST));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Part of a word.
    Word,
    /// Of a script without spaces.
    Sign,
    /// Neither ends a word nor counts.
    Mark,
    Other,
}

fn class(letter: char) -> Class {
    if is_ignored(letter) {
        Class::Mark
    } else if is_sign(letter) {
        Class::Sign
    } else if letter.is_alphanumeric() || canonical_combining_class(letter) != 0 {
        Class::Word
    } else {
        Class::Other
    }
}

/// Accents of Latin, Greek and Cyrillic, the points of Hebrew and Arabic, and what is not seen.
fn is_ignored(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{3099}'..='\u{309a}')
}

/// Scripts that are written without spaces between their words.
fn is_sign(letter: char) -> bool {
    matches!(letter,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e5b}' | '\u{e80}'..='\u{eff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

fn push_folded(word: &mut String, letter: char) {
    if letter.is_ascii() {
        word.push(letter.to_ascii_lowercase());
        return;
    }
    if is_sign(letter) || is_hangul(letter) {
        word.extend(std::iter::once(letter).nfkc());
        return;
    }
    for part in std::iter::once(letter).nfkd().filter(|part| !is_ignored(*part)) {
        for lower in part.to_lowercase().filter(|lower| !is_ignored(*lower)) {
            match lower {
                'ß' => word.push_str("ss"),
                'æ' => word.push_str("ae"),
                'œ' => word.push_str("oe"),
                'þ' => word.push_str("th"),
                'ø' => word.push('o'),
                'đ' | 'ð' => word.push('d'),
                'ł' => word.push('l'),
                'ħ' => word.push('h'),
                'ı' => word.push('i'),
                'ς' => word.push('σ'),
                other => word.push(other),
            }
        }
    }
}

/// Whole syllables of Korean stay whole: their parts are letters, not accents.
fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{ac00}'..='\u{d7a3}')
}

/// Korean that came in its parts is put together.
fn composed(word: String) -> String {
    let has_parts = |word: &str| word.chars().any(|letter| matches!(letter, '\u{1100}'..='\u{11ff}'));
    if word.is_ascii() || !has_parts(&word) { word } else { word.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_into_words_as_they_are_looked_for() {
        let table: [(&str, &[&str]); 18] = [
            ("", &[]),
            ("  *\"-: ", &[]),
            ("Grüße an Anna", &["grusse", "an", "anna"]),
            ("anna.berg@example.org", &["anna", "berg", "example", "org"]),
            ("don't re-read", &["don", "t", "re", "read"]),
            ("ÅNGSTRÖM", &["angstrom"]),
            ("A\u{30a}ngstro\u{308}m", &["angstrom"]),
            ("ﬁne Ｗｉｄｅ ²", &["fine", "wide", "2"]),
            ("Ærø Łódź Đặng", &["aero", "lodz", "dang"]),
            ("ΟΔΟΣ οδος", &["οδοσ", "οδοσ"]),
            ("ЁЛКА ёлка", &["елка", "елка"]),
            ("שָׁלוֹם", &["שלום"]),
            ("مُحَمَّد", &["محمد"]),
            ("한국어 메일", &["한국어", "메일"]),
            ("\u{1112}\u{1161}\u{11ab}", &["한"]),
            ("日本語", &["日本", "本語", "語"]),
            ("東京2020年", &["東京", "京", "2020", "年"]),
            ("so\u{ad}ft", &["soft"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn thai_is_found_by_any_two_of_its_signs() {
        let all = words("ขอบคุณ");
        assert_eq!(all.first().map(String::as_str), Some("ขอ"));
        assert_eq!(all.len(), "ขอบคุณ".chars().count());
    }

    #[test]
    fn a_word_without_an_end_is_cut_at_a_letter() {
        let long = words(&"ж".repeat(500));
        assert_eq!(long, ["ж".repeat(LONGEST / 2)]);
    }

    proptest! {
        #[test]
        fn places_are_in_the_text_in_order_and_words_stay_as_they_are(text in "\\PC{0,60}") {
            let mut end_of_last = 0;
            cut(&text, |found| {
                assert!(text.get(found.place.clone()).is_some_and(|part| !part.is_empty()));
                assert!(found.place.end >= end_of_last && !found.word.is_empty() && found.word.len() <= LONGEST);
                end_of_last = found.place.end;
                if found.kind == CutKind::Word {
                    assert_eq!(fold(found.word), found.word);
                }
            });
        }
    }
}
