//! Mail that looks like mail, the same each time: letters by number, each made by itself, so that a million of them need
//! no room.
//!
//! - 12 KB on the average: text alone, text with HTML beside it, and some with files of any bytes.
//! - Words as often as Zipf has them, in several languages, three of them without spaces.
//! - Two letters in five answer another, with its references, its subject and its first words quoted.
//! - Ten years of them, in the order of their numbers; correspondents of whom a few write most.
//!
//! A letter has CRLF at the ends of its lines, and is what a server would hand out.

mod body;
mod random;
mod words;

use body::Body;
use jiff::{SignedDuration, Timestamp};
pub use random::Random;
use std::fmt::Write;
pub use words::{Language, Vocabulary};

/// When the last letter was written, in seconds since 1970: November 2026.
const LAST: i64 = 1_795_000_000;
/// Seconds in which all were written.
const YEARS: i64 = 10 * 365 * 86_400;
/// People who write.
const PEOPLE: usize = 3000;
/// How far back the letter may be that one answers.
const MEMORY: usize = 120;
/// Letters of a thread one under the other, at most.
const DEPTH: usize = 12;
/// Whose mail it is.
pub const OWNER: &str = "anna@bench.example";

/// Mail of a seed.
#[derive(Debug)]
pub struct Mail {
    seed: u64,
    letters: u32,
    scale: f64,
    vocabulary: Vocabulary,
}

impl Mail {
    /// So many letters, of 12 KB on the average.
    pub fn new(seed: u64, letters: u32) -> Self {
        Self { seed, letters, scale: 1.0, vocabulary: Vocabulary::new(seed) }
    }

    /// The same with bodies of this part of their size.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// How many letters there are, numbered from 0.
    pub fn letters(&self) -> u32 {
        self.letters
    }

    /// When a letter came in: the later, the higher its number.
    pub fn date(&self, number: u32) -> Timestamp {
        let step = YEARS as f64 / f64::from(self.letters.max(1));
        let jitter = self.random(number, 1).part() * step;
        let after = f64::from(number) * step + jitter;
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(LAST - YEARS + after as i64)
    }

    /// Its Message-ID, without the angle brackets.
    pub fn message_id(&self, number: u32) -> String {
        let mut random = self.random(number, 2);
        format!("{:016x}.{number}@{}", random.next(), host(&mut random))
    }

    /// The letter that it answers.
    pub fn parent(&self, number: u32) -> Option<u32> {
        let mut random = self.random(number, 3);
        let back = 1 + random.below(MEMORY) as u32;
        random.happens(0.4).then(|| number.checked_sub(back)).flatten()
    }

    /// Its subject.
    pub fn subject(&self, number: u32) -> String {
        match self.ancestors(number).last() {
            Some(root) => format!("Re: {}", self.own_subject(*root)),
            None => self.own_subject(number),
        }
    }

    /// A word that stands in some letters: the lower its rank, the more of them.
    pub fn word(&self, language: Language, random: &mut Random) -> &str {
        self.vocabulary.word(language, random)
    }

    /// The whole letter.
    pub fn letter(&self, number: u32) -> Vec<u8> {
        let mut random = self.random(number, 5);
        let mut letter = self.headers(number, &mut random);
        let quoted = self.parent(number).map(|parent| self.opening(parent));
        let body = Body {
            vocabulary: &self.vocabulary,
            language: self.language(number),
            opening: self.opening(number),
            quoted,
            scale: self.scale,
        };
        body.write(&mut letter, &mut random);
        letter.into_bytes()
    }

    fn random(&self, number: u32, what: u64) -> Random {
        Random::of(self.seed.wrapping_add(what << 48), u64::from(number))
    }

    /// Those that it answers, the nearest first.
    fn ancestors(&self, number: u32) -> Vec<u32> {
        std::iter::successors(self.parent(number), |ancestor| self.parent(*ancestor)).take(DEPTH).collect()
    }

    /// A thread is written in one language.
    fn language(&self, number: u32) -> Language {
        let root = self.ancestors(number).last().copied().unwrap_or(number);
        Language::any(&mut self.random(root, 6))
    }

    fn own_subject(&self, number: u32) -> String {
        let mut random = self.random(number, 4);
        let words = 2 + random.below(7);
        self.sentence(number, words, &mut random)
    }

    /// The first words of its text.
    fn opening(&self, number: u32) -> String {
        let mut random = self.random(number, 7);
        let words = 15 + random.below(40);
        self.sentence(number, words, &mut random)
    }

    fn sentence(&self, number: u32, words: usize, random: &mut Random) -> String {
        let language = self.language(number);
        let words: Vec<&str> = (0..words).map(|_| self.vocabulary.word(language, random)).collect();
        words.join(language.space())
    }

    fn headers(&self, number: u32, random: &mut Random) -> String {
        let writer = if random.happens(0.2) { None } else { Some(self.person(random)) };
        let to = if writer.is_some() { (OWNER.to_owned(), "Anna Rider".to_owned()) } else { self.person(random) };
        let (address, name) = writer.unwrap_or((OWNER.to_owned(), "Anna Rider".to_owned()));
        let date = self.date(number).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let id = self.message_id(number);
        let mut text = String::with_capacity(16 << 10);
        for _ in 0..2 + random.below(3) {
            let (from, by, queue) = (host(random), host(random), random.next());
            let _ = write!(
                text,
                "Received: from mx{}.{from} (mx{}.{from} [192.0.2.{}])\r\n\tby mail.{by} (Postfix) with ESMTPS id {queue:X}\r\n\t\
                 for <{OWNER}>; {date}\r\n",
                random.below(9),
                random.below(9),
                random.below(255),
            );
        }
        if random.happens(0.7) {
            let domain = address.rsplit('@').next().unwrap_or_default();
            let _ = write!(
                text,
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s{};\r\n\
                 \th=from:to:subject:date:message-id; bh={}=;\r\n\tb={}\r\n\t {}\r\n\t {}==\r\n",
                random.below(9),
                body::noise(random, 43),
                body::noise(random, 70),
                body::noise(random, 70),
                body::noise(random, 30),
            );
        }
        let _ = write!(text, "Message-ID: <{id}>\r\nDate: {date}\r\nFrom: {} <{address}>\r\n", encoded(&name));
        let _ = write!(text, "To: {} <{}>\r\n", encoded(&to.1), to.0);
        if random.happens(0.25) {
            let others: Vec<String> = (0..1 + random.below(4))
                .map(|_| {
                    let (address, name) = self.person(random);
                    format!("{} <{address}>", encoded(&name))
                })
                .collect();
            let _ = write!(text, "Cc: {}\r\n", others.join(",\r\n\t"));
        }
        let ancestors = self.ancestors(number);
        if let Some(parent) = ancestors.first() {
            let references: Vec<String> =
                ancestors.iter().rev().map(|id| format!("<{}>", self.message_id(*id))).collect();
            let _ = write!(
                text,
                "In-Reply-To: <{}>\r\nReferences: {}\r\n",
                self.message_id(*parent),
                references.join("\r\n\t")
            );
        }
        if random.happens(0.15) {
            let list = random.below(40);
            let _ = write!(
                text,
                "List-Id: Riders {list} <riders-{list}.lists.example>\r\nList-Unsubscribe: <mailto:leave-{list}@lists.example>\r\nPrecedence: list\r\n"
            );
        }
        let _ = write!(
            text,
            "Subject: {}\r\nMIME-Version: 1.0\r\nX-Mailer: Rider {}.{}\r\n",
            encoded(&self.subject(number)),
            random.below(9),
            random.below(20)
        );
        text
    }

    /// Somebody who writes; a few write most.
    fn person(&self, random: &mut Random) -> (String, String) {
        let rank = random.rank(PEOPLE);
        let mut own = Random::of(self.seed, rank as u64 + (9 << 48));
        let (first, last) =
            (self.vocabulary.word(Language::Plain, &mut own), self.vocabulary.word(Language::Accented, &mut own));
        let address = format!("{first}.{rank}@{}", host(&mut own));
        (address, format!("{} {}", capital(first), capital(last)))
    }
}

fn host(random: &mut Random) -> String {
    format!("{}{}.example", random.one(&["mail", "post", "letters", "office", "coach", "relay"]), random.rank(200))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// As a header has it (RFC 2047), in pieces of whole characters.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut pieces = vec![String::new()];
    for letter in text.chars() {
        match pieces.last_mut() {
            Some(last) if last.len() + letter.len_utf8() <= 42 => last.push(letter),
            _ => pieces.push(letter.to_string()),
        }
    }
    let words: Vec<String> =
        pieces.iter().map(|piece| format!("=?utf-8?B?{}?=", body::base64(piece.as_bytes()))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_letters() {
        let (one, two, other) = (Mail::new(7, 1000), Mail::new(7, 1000), Mail::new(8, 1000));
        assert_eq!(one.letter(77), two.letter(77));
        assert_ne!(one.letter(77), other.letter(77));
    }

    #[test]
    fn letters_have_12_kb_on_the_average_and_lines_that_servers_take() {
        let mail = Mail::new(1, 2000);
        let letters: Vec<Vec<u8>> = (0..2000).map(|number| mail.letter(number)).collect();
        let mean = letters.iter().map(Vec::len).sum::<usize>() / letters.len();
        assert!((11_000..13_000).contains(&mean), "{mean}");
        for letter in &letters {
            let text = String::from_utf8_lossy(letter);
            assert!(text.split("\r\n").all(|line| line.len() < 998 && !line.contains(['\r', '\n'])));
        }
    }

    #[test]
    fn answers_name_what_they_answer_and_dates_ascend() {
        let mail = Mail::new(1, 1000);
        let answers = (0..1000).filter(|number| mail.parent(*number).is_some()).count();
        assert!((300..500).contains(&answers), "{answers}");
        let number = (0..1000).find(|number| mail.parent(*number).is_some()).unwrap();
        let parent = mail.message_id(mail.parent(number).unwrap());
        assert!(String::from_utf8(mail.letter(number)).unwrap().contains(&format!("In-Reply-To: <{parent}>")));
        assert!((1..1000).all(|number| mail.date(number) >= mail.date(number - 1)));
    }
}
