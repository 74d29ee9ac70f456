//! Made-up words of several languages. The first of each are short and come often.

use super::random::Random;
use std::fmt::Write;

/// Words of a language.
const WORDS: usize = 40_000;

/// What a letter is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As English is: no accents.
    Plain,
    /// As German and French are: some accents.
    Accented,
    /// Cyrillic.
    Cyrillic,
    /// Han: words of one or two signs, with nothing between them.
    Chinese,
    /// Kana and Han.
    Japanese,
    /// Thai: nothing between words.
    Thai,
}

impl Language {
    /// The language of a letter: most are plain.
    pub fn any(random: &mut Random) -> Self {
        match random.below(100) {
            0..74 => Self::Plain,
            74..88 => Self::Accented,
            88..92 => Self::Cyrillic,
            92..95 => Self::Chinese,
            95..98 => Self::Japanese,
            _ => Self::Thai,
        }
    }

    /// What stands between words.
    pub fn space(self) -> &'static str {
        match self {
            Self::Plain | Self::Accented | Self::Cyrillic => " ",
            Self::Chinese | Self::Japanese | Self::Thai => "",
        }
    }

    /// What ends a sentence.
    pub fn stop(self) -> &'static str {
        match self {
            Self::Plain | Self::Accented | Self::Cyrillic => ". ",
            Self::Chinese | Self::Japanese => "。",
            Self::Thai => " ",
        }
    }
}

/// The words of every language.
#[derive(Debug)]
pub struct Vocabulary {
    plain: Vec<String>,
    accented: Vec<String>,
    cyrillic: Vec<String>,
    chinese: Vec<String>,
    japanese: Vec<String>,
    thai: Vec<String>,
}

impl Vocabulary {
    /// The words of this seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::of(seed, 0x70_6f_73_74);
        let random = &mut random;
        Self {
            plain: spelled(
                random,
                &["", "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "th"],
                &["a", "e", "i", "o", "u", "a", "e", "i", "o", "ea"],
                &["", "", "", "n", "r", "s", "t", "l", "d"],
            ),
            accented: spelled(
                random,
                &["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "w", "z", "ch", "ç"],
                &["a", "e", "i", "o", "u", "a", "e", "ä", "ö", "ü", "é", "ei"],
                &["", "", "n", "r", "s", "t", "ß"],
            ),
            cyrillic: spelled(
                random,
                &["б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ч", "ш"],
                &["а", "е", "и", "о", "у", "ы", "я", "ю"],
                &["", "", "л", "н", "р", "т", "й", "сть"],
            ),
            chinese: signs(random, 0x4e00, 3000, 2),
            japanese: japanese(random),
            thai: spelled(
                random,
                &["ก", "ข", "ค", "ง", "จ", "ช", "ด", "ต", "น", "บ", "ป", "พ", "ม", "ย", "ร", "ล", "ว", "ส", "ห", "อ"],
                &["า", "ิ", "ี", "ุ", "ู", "ะ", "ำ", "่า", "้า"],
                &["", "", "น", "ม", "ง", "ก"],
            ),
        }
    }

    /// A word, the more frequent ones more often.
    pub fn word(&self, language: Language, random: &mut Random) -> &str {
        let words = self.of(language);
        &words[random.rank(words.len())]
    }

    fn of(&self, language: Language) -> &[String] {
        match language {
            Language::Plain => &self.plain,
            Language::Accented => &self.accented,
            Language::Cyrillic => &self.cyrillic,
            Language::Chinese => &self.chinese,
            Language::Japanese => &self.japanese,
            Language::Thai => &self.thai,
        }
    }
}

/// Words of syllables: a few short ones, many long ones.
fn spelled(random: &mut Random, onsets: &[&str], vowels: &[&str], codas: &[&str]) -> Vec<String> {
    let mut words = Vec::with_capacity(WORDS);
    let mut seen = std::collections::HashSet::new();
    while words.len() < WORDS {
        let syllables = 1 + usize::from(words.len() > 60) + usize::from(words.len() > 9000 && random.happens(0.7));
        let mut word = String::new();
        for _ in 0..syllables {
            let _ = write!(word, "{}{}{}", random.one(onsets), random.one(vowels), random.one(codas));
        }
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

/// Words of so many signs at most, out of a row of them.
fn signs(random: &mut Random, first: u32, many: usize, longest: usize) -> Vec<String> {
    let word = |_| {
        let length = 1 + random.below(longest);
        (0..length).filter_map(|_| char::from_u32(first + random.rank(many) as u32)).collect()
    };
    (0..WORDS).map(word).collect()
}

fn japanese(random: &mut Random) -> Vec<String> {
    let kana = signs(random, 0x3042, 80, 3);
    let kanji = signs(random, 0x4e00, 2000, 2);
    kana.into_iter().zip(kanji).map(|(kana, kanji)| if random.happens(0.5) { kana } else { kanji + &kana }).collect()
}
