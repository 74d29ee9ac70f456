//! What is worked out of letters before the writer gets them: it is the one thread that everybody waits for, and folding
//! words and compressing are most of the work.

use super::compress::{Kept, Press};
use super::index::{self, IndexEntry};
use super::names::Names;
use super::topics::Topic;
use super::{LetterSummary, NewLetter};
use jiff::Timestamp;
use model::{Address, Flags};
use serde::{Deserialize, Serialize};

/// A letter, ready to be put in.
pub(super) struct Prepared {
    pub(super) uid: u32,
    pub(super) flags: Flags,
    pub(super) internal_date: Timestamp,
    pub(super) size: i64,
    pub(super) email_id: Option<String>,
    pub(super) date: Timestamp,
    pub(super) text: Described,
    pub(super) raw: Option<Kept>,
}

/// What is listed and indexed of a letter, as it is stored.
pub(super) struct Described {
    pub(super) message_id: Option<String>,
    pub(super) names: Names,
    pub(super) topic: Option<Topic>,
    pub(super) subject: String,
    pub(super) snippet: String,
    pub(super) attachments: u32,
    pub(super) list_id: Option<String>,
    pub(super) people: People,
    pub(super) people_json: String,
    pub(super) ancestors_json: String,
    pub(super) entry: IndexEntry,
}

/// Who is named in a letter; a column of JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct People {
    pub(super) from: Vec<Address>,
    pub(super) to: Vec<Address>,
    pub(super) cc: Vec<Address>,
    pub(super) reply_to: Vec<Address>,
}

/// What a letter answers; a column of JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Ancestors {
    pub(super) in_reply_to: Vec<String>,
    pub(super) references: Vec<String>,
}

/// Makes a batch ready.
pub(super) fn prepared(letters: Vec<NewLetter>) -> Vec<Prepared> {
    let mut press = Press::new();
    letters.into_iter().map(|letter| prepare(letter, &mut press)).collect()
}

fn prepare(letter: NewLetter, press: &mut Press) -> Prepared {
    let NewLetter { uid, flags, internal_date, size, email_id, summary, raw } = letter;
    Prepared {
        uid,
        flags,
        internal_date,
        size: size.cast_signed(),
        email_id,
        date: summary.date.unwrap_or(internal_date),
        text: described(summary),
        raw: raw.map(|raw| press.press(raw)),
    }
}

/// What is stored of a summary.
pub(super) fn described(summary: LetterSummary) -> Described {
    let entry = index::prepare(&summary);
    let names = Names::of(&summary);
    let topic = Topic::of(&summary);
    let LetterSummary { in_reply_to, references, from, to, cc, reply_to, .. } = summary;
    let people = People { from, to, cc, reply_to };
    Described {
        message_id: summary.message_id,
        names,
        topic,
        people_json: json(&people),
        people,
        ancestors_json: json(&Ancestors { in_reply_to, references }),
        subject: summary.subject,
        snippet: summary.snippet,
        attachments: summary.attachments,
        list_id: summary.list_id,
        entry,
    }
}

/// Strings and lists of them always have a JSON.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
