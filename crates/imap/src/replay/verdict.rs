//! What becomes of an order in the journal: decided from the order, and from what the server said.
//!
//! | the server | verdict |
//! |---|---|
//! | did it, or there is nothing left to do | done |
//! | is busy, full, or fails (RFC 5530: UNAVAILABLE, INUSE, OVERQUOTA, LIMIT, SERVERBUG …) | later, without end |
//! | refuses for good (CANNOT, NOPERM, BAD), or without a reason | later, and given up after [`MAX_TRIES`] |

use crate::error::Refusal;
use jiff::Timestamp;
use model::{JournalId, LetterId};
use std::collections::HashSet;
use std::time::Duration;
use store::{JournalEntry, JournalOp};

/// Refusals without a promise of betterment, before an order is given up.
pub const MAX_TRIES: u32 = 5;

/// What becomes of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is done; a note where it was not done as ordered.
    Done(Option<String>),
    /// Once more after this time.
    Later(Duration),
    /// Never: what was done here is undone.
    GiveUp,
}

/// What a refusal means for an order that failed so often before.
pub fn after_refusal(refusal: &Refusal, tries: u32) -> Verdict {
    let passing = ["UNAVAILABLE", "INUSE", "OVERQUOTA", "LIMIT", "SERVERBUG", "EXPUNGEISSUED", "CONTACTADMIN"];
    if refusal.has_code(&passing) || tries + 1 < MAX_TRIES {
        return Verdict::Later(pause(tries));
    }
    Verdict::GiveUp
}

/// How long an order waits after it failed so often before: 10 s, doubling up to an hour.
pub fn pause(tries: u32) -> Duration {
    Duration::from_secs(10u64.saturating_mul(1 << tries.min(10)).min(3600))
}

/// The next order to carry out after `done`: the first that is due and depends on none that has to wait. An order
/// depends on an earlier one that concerns the same letter, or a message of the same Message-ID.
pub fn next_due<'a>(
    entries: &'a [JournalEntry],
    now: Timestamp,
    tried: &HashSet<JournalId>,
) -> Option<&'a JournalEntry> {
    let (mut letters, mut messages) = (HashSet::new(), HashSet::new());
    entries.iter().find(|entry| {
        let (concerned, message) = concerns(&entry.op);
        let depends = concerned.iter().any(|letter| letters.contains(letter))
            || message.is_some_and(|message| messages.contains(message));
        let goes = !depends && entry.next_at <= now && !tried.contains(&entry.id);
        if !goes {
            letters.extend(concerned);
            messages.extend(message);
        }
        goes
    })
}

fn concerns(op: &JournalOp) -> (Vec<LetterId>, Option<&str>) {
    match op {
        JournalOp::SetFlags { letters, .. } | JournalOp::Move { letters, .. } | JournalOp::Delete { letters, .. } => {
            (letters.iter().map(|letter| letter.letter).collect(), None)
        }
        JournalOp::Append { message_id, .. } => (Vec::new(), Some(message_id)),
    }
}

/// The day before an order was given, as SEARCH SINCE takes it: what was appended for it is not older. A day is left
/// for clocks and time zones.
pub fn search_from(ordered: Timestamp) -> String {
    let day = ordered.to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = day.checked_sub(jiff::Span::new().days(2)).unwrap_or(day);
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = usize::try_from(day.month() - 1).ok().and_then(|n| MONTHS.get(n)).unwrap_or(&"Jan");
    format!("{}-{month}-{}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::Code;
    use model::{AccountId, Flag, Flags, Role};
    use store::{AppendTo, JournalLetter};

    fn refusal(code: Option<&str>, understood: bool) -> Refusal {
        let code = code.map(|code| Code::Other(code.to_owned()));
        Refusal { host: "h".into(), command: "APPEND".into(), understood, code, text: "no".into() }
    }

    #[test]
    fn a_refusal_is_waited_out_or_given_up_by_its_reason() {
        let secs = |n| Verdict::Later(Duration::from_secs(n));
        let table = [
            (Some("OVERQUOTA"), true, 0, secs(10)),
            (Some("OVERQUOTA"), true, 50, secs(3600)),
            (Some("SERVERBUG"), true, 3, secs(80)),
            (None, true, 0, secs(10)),
            (None, true, 4, Verdict::GiveUp),
            (Some("NOPERM"), true, 4, Verdict::GiveUp),
            (None, false, 3, secs(80)),
            (None, false, 4, Verdict::GiveUp),
        ];
        for (code, understood, tries, expected) in table {
            assert_eq!(after_refusal(&refusal(code, understood), tries), expected, "{code:?} {tries}");
        }
    }

    fn entry(id: i64, op: JournalOp, next_at: i64) -> JournalEntry {
        JournalEntry {
            id: JournalId(id),
            account: AccountId(1),
            op,
            created_at: Timestamp::UNIX_EPOCH,
            tries: 0,
            last_error: None,
            next_at: Timestamp::from_second(next_at).unwrap(),
        }
    }

    fn flag(letter: i64) -> JournalOp {
        let letters = vec![JournalLetter { letter: LetterId(letter), uid: Some(1), message_id: None }];
        JournalOp::SetFlags { mailbox: "INBOX".into(), uid_validity: None, letters, flag: Flag::Seen, on: true }
    }

    fn append(message_id: &str) -> JournalOp {
        let to = AppendTo::Role(Role::Sent);
        JournalOp::Append { to, message_id: message_id.into(), outgoing: None, flags: Flags::default() }
    }

    #[test]
    fn orders_go_in_turn_and_one_that_waits_holds_up_only_what_depends_on_it() {
        let entries = [
            entry(1, flag(7), 100),
            entry(2, append("a@x"), 0),
            entry(3, flag(7), 0),
            entry(4, flag(8), 0),
            entry(5, append("a@x"), 0),
        ];
        let at = |now: i64, tried: &[i64]| {
            let tried = tried.iter().map(|id| JournalId(*id)).collect();
            next_due(&entries, Timestamp::from_second(now).unwrap(), &tried).map(|entry| entry.id.0)
        };
        assert_eq!(at(0, &[]), Some(2));
        assert_eq!(at(0, &[2]), Some(4), "3 waits for 1, and 5 for 2");
        assert_eq!(at(0, &[2, 4]), None);
        assert_eq!(at(100, &[]), Some(1));
    }

    #[test]
    fn what_was_appended_is_looked_for_from_two_days_before_the_order_on() {
        let ordered: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(search_from(ordered), "27-Feb-2026");
    }
}
