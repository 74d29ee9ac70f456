//! What a server wants its users to see (the response code ALERT, RFC 9051 §7.1): a full mailbox, a day on which it will not
//! be there.
//!
//! Each text is told once a day, on whichever connection it comes: servers repeat theirs at every login. It is the
//! server's, so it is made one short line without anything that could act, and a server that always has another one is
//! heard a few times a day only. What a server says while it refuses a login is told as that refusal.

use crate::event::SyncEvent;
use crate::sync::Signals;
use jiff::{SignedDuration, Timestamp};
use model::AccountId;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::{self, error::TrySendError};

/// How long a text that was told is not told again.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// Texts that are told in that time.
const MOST: usize = 10;
/// Characters of a text.
const LONGEST: usize = 300;

/// The texts that were told, and when.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    told: BTreeMap<String, Timestamp>,
}

impl Alerts {
    /// Whether this text is to be told now; it then counts as told.
    pub fn is_due(&mut self, text: &str, now: Timestamp) -> bool {
        self.told.retain(|_, at| now.duration_since(*at) < A_DAY);
        let is_due = !self.told.contains_key(text) && self.told.len() < MOST;
        if is_due {
            self.told.insert(text.to_owned(), now);
        }
        is_due
    }

    /// What was told within the last day.
    pub fn told(&self) -> Vec<String> {
        self.told.keys().cloned().collect()
    }
}

/// One line of the server's words; `None` where there is nothing to read.
pub(crate) fn readable(text: &str) -> Option<String> {
    // Also what turns the direction of all that follows, in the middle of a sentence of ours.
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let words = text.split(|c: char| c.is_whitespace() || acts(c)).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let short = match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    };
    Some(short).filter(|text| !text.is_empty())
}

/// Tells the alerts of the sessions of one account.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    pub account: AccountId,
    pub signals: Arc<Signals>,
    pub events: mpsc::Sender<SyncEvent>,
}

impl Teller {
    /// Tells what this server says, unless it was told today.
    pub fn tell(&self, host: &str, text: &str) {
        let Some(text) = readable(text) else { return };
        let text = format!("The server {host} says: “{text}”");
        if !self.signals.is_alert_due(&text, Timestamp::now()) {
            return;
        }
        let event = SyncEvent::Note { account: self.account, text };
        if let Err(TrySendError::Full(event)) = self.events.try_send(event) {
            let events = self.events.clone();
            tokio::spawn(async move {
                let _ = events.send(event).await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_due_once_a_day_and_only_so_many_are() {
        let mut alerts = Alerts::default();
        let hour = |n| Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(n)).unwrap();
        let table =
            [("full", 0, true), ("full", 1, false), ("down", 2, true), ("full", 23, false), ("full", 24, true)];
        for (text, at, expected) in table {
            assert_eq!(alerts.is_due(text, hour(at)), expected, "{text} at {at}");
        }
        let due = (0..100).filter(|n| alerts.is_due(&n.to_string(), hour(25))).count();
        assert_eq!(due, MOST - 2, "“down” and “full” were told within the day");
        assert!(alerts.is_due("new", hour(50)));
    }

    #[test]
    fn a_text_becomes_one_short_line_that_does_nothing() {
        let long = "mailbox ".repeat(1000);
        let table = [
            ("Mailbox is at 98% of quota", Some("Mailbox is at 98% of quota")),
            ("a\tb\r\n c\u{1b}[2Jd\u{7}", Some("a b c [2Jd")),
            ("abc \u{202e}fdp.exe\u{2069}", Some("abc fdp.exe")),
            ("Postfach voll: räumen", Some("Postfach voll: räumen")),
            (" \u{0} ", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(readable(text).as_deref(), expected, "{text:?}");
        }
        let short = readable(&long).unwrap();
        assert!(short.chars().count() <= LONGEST + 1 && short.ends_with('…'), "{short}");
    }
}
