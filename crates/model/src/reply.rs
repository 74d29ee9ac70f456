//! What an SMTP server answers (RFC 5321 §4.2, RFC 3463), read octet by octet from a source that may lie.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Lines that one reply may have; RFC 5321 sets no limit, so one is set here.
pub const MAX_REPLY_LINES: usize = 256;
/// Octets that one reply may have, line ends included.
pub const MAX_REPLY_BYTES: usize = 64 * 1024;

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
}

/// Reads a reply as its octets come in.
#[derive(Debug, Default)]
pub struct ReplyParser {}

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
        let mut parts = text.splitn(3, '.').map(str::parse::<u16>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(class @ (2 | 4 | 5))), Some(Ok(subject)), Some(Ok(detail)))
                if subject < 1000 && detail < 1000 =>
            {
                Ok(Self { class: class as u8, subject, detail })
            }
            _ => Err(format!("“{text}” is not an enhanced status code")),
        }
    }
}
