//! What an SMTP server answers (RFC 5321 §4.2, RFC 3463), read octet by octet from a source that may lie.
//!
//! In: octets, cut anywhere. Out: a [`Reply`], or a [`ReplyError`] after which the connection is of no more use. What
//! comes out does not depend on where the octets were cut, and memory is bounded by [`MAX_REPLY_BYTES`].
//!
//! Read more widely than RFC 5321 §4.2.1 writes, because such servers exist:
//! - A line may end in a bare LF, and a code may stand alone without a space or text.
//! - Codes run from 200 to 599; second digits above 5 (freenet's 457) are taken as they are.
//! - Text that is not UTF-8 and control characters are shown as U+FFFD: a reply cannot steer a terminal.
//! - The codes of a multi-line reply MUST be the same, and a client may decide by any of them. Where they differ, the
//!   last line decides: it is the one that ends the reply.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Lines that one reply may have; RFC 5321 sets no limit, so one is set here.
pub const MAX_REPLY_LINES: usize = 256;
/// Octets that one reply may have, line ends included.
pub const MAX_REPLY_BYTES: usize = 64 * 1024;

/// Characters of a line that is not a reply that are kept for the error.
const SHOWN_OF_GARBAGE: usize = 80;

/// An enhanced status code (RFC 3463): `class.subject.detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct EnhancedCode {
    /// 2, 4 or 5.
    pub class: u8,
    /// What it is about, 0 to 999.
    pub subject: u16,
    /// The condition, 0 to 999.
    pub detail: u16,
}

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The enhanced code of the first line that has one.
    pub enhanced: Option<EnhancedCode>,
    /// The text of each line, without the codes; what was not UTF-8 is shown as U+FFFD.
    pub lines: Vec<String>,
}

/// Why octets are not a reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// A line does not begin with a reply code.
    #[error("not an SMTP reply: “{0}”")]
    NotAReply(String),
    /// More lines or octets than any honest reply has.
    #[error("the reply is longer than {MAX_REPLY_BYTES} octets or {MAX_REPLY_LINES} lines")]
    TooLong,
    /// The octets end before the reply does; only from [`Reply::parse_all`].
    #[error("the reply is not complete")]
    Incomplete,
}

/// Reads replies as their octets come in, one after the other.
///
/// ```
/// # use postrider_model::ReplyParser;
/// let mut parser = ReplyParser::new();
/// assert_eq!(parser.push(b"250-mx.example.org\r\n250 PIPE"), Ok((28, None)));
/// let (consumed, reply) = parser.push(b"LINING\r\n354 Go on\r\n").unwrap();
/// assert_eq!(consumed, 8, "the next reply is left for the next call");
/// assert_eq!(reply.unwrap().lines, ["mx.example.org", "PIPELINING"]);
/// ```
#[derive(Debug, Default)]
pub struct ReplyParser {
    /// The line under way, without its end.
    line: Vec<u8>,
    /// The text of the lines so far.
    lines: Vec<String>,
    enhanced: Option<EnhancedCode>,
    /// Octets of the reply under way.
    octets: usize,
}

/// Whether a line is followed by another of the same reply.
#[derive(PartialEq)]
enum Follows {
    More,
    Nothing,
}

impl ReplyParser {
    /// A parser at the beginning of a reply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes octets up to the end of the reply. Gives back how many it took, and the reply once it is whole; what is
    /// left belongs to the next reply and must be handed in again.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, Option<Reply>), ReplyError> {
        let mut consumed = 0;
        for piece in bytes.split_inclusive(|octet| *octet == b'\n') {
            consumed += piece.len();
            self.octets += piece.len();
            if self.octets > MAX_REPLY_BYTES {
                return Err(ReplyError::TooLong);
            }
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n")
                && let Some(reply) = self.end_line()?
            {
                return Ok((consumed, Some(reply)));
            }
        }
        Ok((consumed, None))
    }

    /// Whether it stands between two replies, with nothing half read.
    pub fn is_idle(&self) -> bool {
        self.octets == 0
    }

    fn end_line(&mut self) -> Result<Option<Reply>, ReplyError> {
        if self.lines.len() == MAX_REPLY_LINES {
            return Err(ReplyError::TooLong);
        }
        let line = std::mem::take(&mut self.line);
        let line = line.trim_ascii_end();
        let (code, follows, text) = read_line(line).ok_or_else(|| ReplyError::NotAReply(excerpt(line)))?;
        let text = readable(text);
        let (enhanced, text) = split_enhanced(code, &text);
        self.enhanced = self.enhanced.or(enhanced);
        self.lines.push(text.to_owned());
        Ok((follows == Follows::Nothing).then(|| self.finish(code)))
    }

    fn finish(&mut self, code: u16) -> Reply {
        let done = std::mem::take(self);
        let enhanced = done.enhanced.filter(|enhanced| u16::from(enhanced.class) == code / 100);
        Reply { code, enhanced, lines: done.lines }
    }
}

impl Reply {
    /// A reply of one line.
    pub fn new(code: u16, enhanced: Option<EnhancedCode>, text: impl Into<String>) -> Self {
        Self { code, enhanced, lines: vec![text.into()] }
    }

    /// Reads octets that are one whole reply and nothing more.
    ///
    /// ```
    /// # use postrider_model::{EnhancedCode, Reply};
    /// let reply = Reply::parse_all(b"550-5.1.1 No such\r\n550 5.1.1 user\r\n").unwrap();
    /// assert_eq!((reply.code, reply.enhanced), (550, Some(EnhancedCode::new(5, 1, 1))));
    /// assert_eq!(reply.text(), "No such user");
    /// ```
    pub fn parse_all(bytes: &[u8]) -> Result<Self, ReplyError> {
        match ReplyParser::new().push(bytes)? {
            (consumed, Some(reply)) if consumed == bytes.len() => Ok(reply),
            (consumed, Some(_)) => Err(ReplyError::NotAReply(excerpt(bytes.get(consumed..).unwrap_or_default()))),
            (_, None) => Err(ReplyError::Incomplete),
        }
    }

    /// 2yz or 3yz: go on.
    pub fn is_positive(&self) -> bool {
        matches!(self.code, 200..400)
    }

    /// 4yz: refused for now, by its code. Whether another try can help is for [`crate::diagnose`] to say.
    pub fn is_temporary(&self) -> bool {
        matches!(self.code, 400..500)
    }

    /// 5yz: refused for good, by its code. Whether another try can help is for [`crate::diagnose`] to say.
    pub fn is_permanent(&self) -> bool {
        matches!(self.code, 500..600)
    }

    /// The text of all lines, joined by one space.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        match self.text().trim() {
            "" => Ok(()),
            text => write!(f, " {text}"),
        }
    }
}

impl EnhancedCode {
    /// A code of these numbers.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }
}

impl std::fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl From<EnhancedCode> for String {
    fn from(code: EnhancedCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for EnhancedCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for EnhancedCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read_enhanced(text).ok_or_else(|| format!("“{text}” is not an enhanced status code"))
    }
}

/// RFC 3463 §2: one digit, then one to three digits twice.
fn read_enhanced(text: &str) -> Option<EnhancedCode> {
    let (class, rest) = text.split_once('.')?;
    let (subject, detail) = rest.split_once('.')?;
    let class = match class {
        "2" => 2,
        "4" => 4,
        "5" => 5,
        _ => return None,
    };
    Some(EnhancedCode { class, subject: up_to_three_digits(subject)?, detail: up_to_three_digits(detail)? })
}

fn up_to_three_digits(text: &str) -> Option<u16> {
    let valid = matches!(text.len(), 1..=3) && text.bytes().all(|octet| octet.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

fn read_line(line: &[u8]) -> Option<(u16, Follows, &[u8])> {
    let (code, rest) = line.split_first_chunk::<3>()?;
    let code = match code {
        [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
            code.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
        }
        _ => return None,
    };
    match rest {
        [] => Some((code, Follows::Nothing, rest)),
        [b' ' | b'\t', text @ ..] => Some((code, Follows::Nothing, text)),
        [b'-', text @ ..] => Some((code, Follows::More, text)),
        _ => None,
    }
}

/// Splits off an enhanced code at the beginning of a line's text (RFC 2034 §4). It counts only where its class is that
/// of the reply code: `550 5.0.0.1 is listed` and `250 5.1.1 …` have none. Cisco's gateways write a `#` before it, and
/// some servers a colon after it.
fn split_enhanced(code: u16, text: &str) -> (Option<EnhancedCode>, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let word = word.strip_prefix('#').unwrap_or(word);
    let word = word.strip_suffix(':').unwrap_or(word);
    match read_enhanced(word) {
        Some(enhanced) if u16::from(enhanced.class) == code / 100 => (Some(enhanced), rest.trim_start()),
        _ => (None, text),
    }
}

fn readable(text: &[u8]) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    String::from_utf8_lossy(text).chars().map(shown).collect()
}

fn excerpt(line: &[u8]) -> String {
    readable(line.trim_ascii()).chars().take(SHOWN_OF_GARBAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(code: u16, enhanced: Option<(u8, u16, u16)>, lines: &[&str]) -> Reply {
        Reply {
            code,
            enhanced: enhanced.map(|(class, subject, detail)| EnhancedCode::new(class, subject, detail)),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    #[test]
    fn replies_as_servers_write_them_are_read() {
        let table: [(&[u8], Reply); 19] = [
            (b"250 OK\r\n", reply(250, None, &["OK"])),
            (b"250 OK\n", reply(250, None, &["OK"])),
            (b"250\r\n", reply(250, None, &[""])),
            (b"250 \r\n", reply(250, None, &[""])),
            (b"250-\r\n250\n", reply(250, None, &["", ""])),
            (b"354 Go\r\r\n", reply(354, None, &["Go"])),
            (b"457 Greylisted\r\n", reply(457, None, &["Greylisted"])),
            (b"250-mx\r\n250-SIZE 1\r\n250 8BITMIME\r\n", reply(250, None, &["mx", "SIZE 1", "8BITMIME"])),
            (b"550 5.1.1 No such user\r\n", reply(550, Some((5, 1, 1)), &["No such user"])),
            (b"550-5.1.1 No\r\n550 5.1.1 user\r\n", reply(550, Some((5, 1, 1)), &["No", "user"])),
            (b"550-Sorry\r\n550 5.7.26 no SPF\r\n", reply(550, Some((5, 7, 26)), &["Sorry", "no SPF"])),
            (b"550 5.1.1\r\n", reply(550, Some((5, 1, 1)), &[""])),
            (b"550 #5.1.0 Address rejected\r\n", reply(550, Some((5, 1, 0)), &["Address rejected"])),
            (b"550 5.1.1: unknown\r\n", reply(550, Some((5, 1, 1)), &["unknown"])),
            // Not an enhanced code: another class, too many parts, not at the beginning.
            (b"250 5.1.1 odd\r\n", reply(250, None, &["5.1.1 odd"])),
            (b"550 5.1.1.7 is listed\r\n", reply(550, None, &["5.1.1.7 is listed"])),
            (b"550 no mailbox (#5.1.1)\r\n", reply(550, None, &["no mailbox (#5.1.1)"])),
            (b"550 Bo\xeete inconnue\x1b[2J\r\n", reply(550, None, &["Bo\u{fffd}te inconnue\u{fffd}[2J"])),
            (b"550 5.1.1 unbekannt: \xc3\xa4\r\n", reply(550, Some((5, 1, 1)), &["unbekannt: ä"])),
        ];
        for (octets, expected) in table {
            assert_eq!(Reply::parse_all(octets), Ok(expected), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn where_the_codes_differ_the_last_line_decides() {
        assert_eq!(
            Reply::parse_all(b"250-2.1.5 Fine\r\n550 Not fine\r\n"),
            Ok(reply(550, None, &["Fine", "Not fine"]))
        );
        assert_eq!(Reply::parse_all(b"550-5.0.0 a\r\n250 b\r\n"), Ok(reply(250, None, &["a", "b"])));
    }

    #[test]
    fn what_is_not_a_reply_is_an_error_that_shows_it() {
        let table: [&[u8]; 9] = [
            b"\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"25\r\n",
            b"2500 OK\r\n",
            b"250_OK\r\n",
            b"150 OK\r\n",
            b"650 OK\r\n",
            b" 250 OK\r\n",
            b"250-mx\r\nSIZE\r\n",
        ];
        for octets in table {
            let error = Reply::parse_all(octets);
            assert!(matches!(error, Err(ReplyError::NotAReply(_))), "{}: {error:?}", octets.escape_ascii());
        }
        assert_eq!(
            Reply::parse_all(b"\x15\x03\x01\r\n"),
            Err(ReplyError::NotAReply("\u{fffd}\u{3}\u{1}".replace(['\u{3}', '\u{1}'], "\u{fffd}")))
        );
        assert_eq!(Reply::parse_all(b"250 OK"), Err(ReplyError::Incomplete));
        assert_eq!(Reply::parse_all(b"250-OK\r\n"), Err(ReplyError::Incomplete));
        assert_eq!(Reply::parse_all(b"250 OK\r\n250 again\r\n"), Err(ReplyError::NotAReply("250 again".to_owned())));
    }

    #[test]
    fn long_replies_are_read_up_to_the_bounds_and_no_further() {
        let lines = |count: usize| [b"250-x\r\n".repeat(count - 1), b"250 x\r\n".to_vec()].concat();
        let octets = |count: usize| [b"250 ".to_vec(), vec![b'x'; count - 6], b"\r\n".to_vec()].concat();
        assert_eq!(Reply::parse_all(&lines(MAX_REPLY_LINES)).map(|reply| reply.lines.len()), Ok(MAX_REPLY_LINES));
        assert_eq!(Reply::parse_all(&lines(MAX_REPLY_LINES + 1)), Err(ReplyError::TooLong));
        assert!(Reply::parse_all(&octets(MAX_REPLY_BYTES)).is_ok());
        assert_eq!(Reply::parse_all(&octets(MAX_REPLY_BYTES + 1)), Err(ReplyError::TooLong));
        assert_eq!(ReplyParser::new().push(&vec![b'2'; MAX_REPLY_BYTES + 1]), Err(ReplyError::TooLong));
    }

    #[test]
    fn one_reply_after_the_other_is_read_by_one_parser() {
        let mut parser = ReplyParser::new();
        let mut rest: &[u8] = b"250-5 a\r\n250 b\r\n550 5.1.1 c\r\n354";
        let mut codes = Vec::new();
        while let Ok((consumed, Some(reply))) = parser.push(rest) {
            assert!(parser.is_idle());
            codes.push((reply.code, reply.lines.len(), reply.enhanced.is_some()));
            rest = &rest[consumed..];
        }
        assert_eq!(codes, [(250, 2, false), (550, 1, true)]);
        assert!(!parser.is_idle());
    }

    #[test]
    fn a_reply_is_shown_in_one_line() {
        assert_eq!(reply(550, Some((5, 1, 1)), &["No such", "user"]).to_string(), "550 5.1.1 No such user");
        assert_eq!(reply(250, None, &[""]).to_string(), "250");
    }

    #[test]
    fn an_enhanced_code_and_its_text_are_one() {
        for text in ["2.0.0", "4.7.650", "5.999.999"] {
            assert_eq!(text.parse::<EnhancedCode>().map(|code| code.to_string()), Ok(text.to_owned()));
        }
        for text in ["3.0.0", "5.1", "5.1.1.1", "5.1000.1", "5..1", "5.+1.1", "", "5.1.x"] {
            assert!(text.parse::<EnhancedCode>().is_err(), "{text}");
        }
    }

    /// All replies in these octets, or the error that ends them, when they come in pieces of the given sizes.
    fn read_all<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Result<Reply, ReplyError>> {
        let mut parser = ReplyParser::new();
        let mut read = Vec::new();
        for mut piece in pieces {
            while !piece.is_empty() {
                match parser.push(piece) {
                    Ok((consumed, reply)) => {
                        read.extend(reply.map(Ok));
                        piece = &piece[consumed..];
                    }
                    Err(error) => {
                        read.push(Err(error));
                        return read;
                    }
                }
            }
        }
        read
    }

    /// Octets that look like replies often enough to reach every branch.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let token = prop_oneof![
            4 => "[245][0-9]{2}[ -]?".prop_map(String::into_bytes),
            2 => "[245]\\.[0-9]{1,4}\\.[0-9]{1,3}[ :]?".prop_map(String::into_bytes),
            3 => "[a-z #]{0,6}".prop_map(String::into_bytes),
            4 => Just(b"\r\n".to_vec()),
            1 => Just(b"\n".to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..6),
        ];
        prop::collection::vec(token, 0..16).prop_map(|tokens| tokens.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_is_read_does_not_depend_on_where_the_octets_are_cut(octets in octets()) {
            let whole = read_all(std::iter::once(octets.as_slice()));
            prop_assert_eq!(&whole, &read_all(octets.chunks(1)));
            for at in 0..=octets.len() {
                let (head, tail) = octets.split_at(at);
                prop_assert_eq!(&whole, &read_all([head, tail].into_iter()));
            }
        }

        #[test]
        fn no_octets_make_it_panic_and_what_is_read_is_well_formed(octets in prop::collection::vec(any::<u8>(), 0..400)) {
            for reply in read_all(std::iter::once(octets.as_slice())).into_iter().flatten() {
                prop_assert!(matches!(reply.code, 200..600));
                prop_assert!(!reply.lines.is_empty());
                prop_assert!(!reply.text().chars().any(char::is_control));
            }
        }
    }
}
