//! What becomes of an order in the journal: decided from the order, and from what the server said.
//!
//! | the server | verdict |
//! |---|---|
//! | did it, or there is nothing left to do | done |
//! | is busy, full, or fails (RFC 5530: UNAVAILABLE, INUSE, OVERQUOTA, LIMIT, SERVERBUG …) | later, without end |
//! | takes no letter of this size (RFC 4469 §4.2: TOOBIG) | given up: it will not be smaller |
//! | is at a limit with a letter that is put in (LIMIT, which may mean its size) | later, and given up after [`MAX_TRIES`] |
//! | refuses for good (CANNOT, NOPERM, BAD), or without a reason | later, and given up after [`MAX_TRIES`] |
//! | refuses to make, rename or delete a mailbox, and does not say that this will pass | given up: somebody waits to see it |

use crate::error::Refusal;
use jiff::Timestamp;
use std::time::Duration;
use store::{AppendTo, JournalOp};

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
pub fn after_refusal(refusal: &Refusal, op: &JournalOp, tries: u32) -> Verdict {
    let passing = ["UNAVAILABLE", "INUSE", "OVERQUOTA", "SERVERBUG", "EXPUNGEISSUED", "CONTACTADMIN"];
    let brings = brings_a_letter(op);
    let passes = refusal.has_code(&passing) || (!brings && refusal.has_code(&["LIMIT"]));
    let tries_left = tries + 1 < MAX_TRIES && !op.is_about_mailboxes() && !refusal.has_code(&["TOOBIG"]);
    if passes || tries_left {
        return Verdict::Later(pause(tries));
    }
    Verdict::GiveUp
}

/// That an order could not be carried out, in words.
pub fn failed(op: &JournalOp) -> String {
    let say = |what: &str, mailbox: &str, how: &str| format!("{what} “{mailbox}” could not be {how}");
    match op {
        JournalOp::SetFlags { mailbox, .. } => say("Letters in", mailbox, "marked"),
        JournalOp::Move { target, .. } => format!("Letters could not be moved to “{target}”"),
        JournalOp::Copy { target, .. } => format!("Letters could not be copied to “{target}”"),
        JournalOp::Unlabel { label, .. } => say("The label", label, "taken off"),
        JournalOp::Delete { mailbox, .. } => say("Letters in", mailbox, "deleted"),
        JournalOp::Empty { mailbox, .. } => say("The mailbox", mailbox, "emptied"),
        JournalOp::Append { to: AppendTo::Path(path), .. } => format!("A letter could not be put into “{path}”"),
        JournalOp::Append { to: AppendTo::Role(role), .. } => {
            format!("A letter could not be put into the mailbox for {}", role.word())
        }
        JournalOp::Import { path, .. } => format!("A letter could not be brought into “{path}”"),
        JournalOp::Draft { message_id: Some(_), .. } => "A draft could not be saved on the server".to_owned(),
        JournalOp::Draft { message_id: None, .. } => "A draft could not be removed from the server".to_owned(),
        JournalOp::CreateMailbox { path } => say("The mailbox", path, "made"),
        JournalOp::RenameMailbox { from, to } => format!("The mailbox “{from}” could not be renamed to “{to}”"),
        JournalOp::RemoveMailbox { path, .. } => say("The mailbox", path, "deleted"),
        JournalOp::SubscribeMailbox { path, .. } => format!("The subscription of “{path}” could not be changed"),
        JournalOp::Withdraw { .. } => "An order could not be withdrawn".to_owned(),
    }
}

/// Whether an order brings a letter to the server, with all its octets.
pub fn brings_a_letter(op: &JournalOp) -> bool {
    matches!(op, JournalOp::Append { .. } | JournalOp::Import { .. } | JournalOp::Draft { message_id: Some(_), .. })
}

/// Whether something shows here that has to go when the order is given up.
pub fn is_undone_here(op: &JournalOp) -> bool {
    use JournalOp::{Append, Draft, Import, Withdraw};
    !matches!(op, Append { .. } | Draft { .. } | Import { .. } | Withdraw { .. })
}

/// How long an order waits after it failed so often before: 10 s, doubling up to an hour.
pub fn pause(tries: u32) -> Duration {
    Duration::from_secs(10u64.saturating_mul(1 << tries.min(10)).min(3600))
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
    use model::Flags;

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
        let marks = JournalOp::Delete { mailbox: "INBOX".into(), uid_validity: None, letters: Vec::new() };
        for (code, understood, tries, expected) in table {
            assert_eq!(after_refusal(&refusal(code, understood), &marks, tries), expected, "{code:?} {tries}");
        }
        let make = JournalOp::CreateMailbox { path: "A".into() };
        assert_eq!(after_refusal(&refusal(Some("CANNOT"), true), &make, 0), Verdict::GiveUp);
        assert_eq!(after_refusal(&refusal(Some("LIMIT"), true), &make, 7), secs(1280));
        let import = JournalOp::Import {
            path: "A".into(),
            message_id: String::new(),
            size: 30_000_000,
            flags: Flags::default(),
            received: None,
        };
        assert_eq!(after_refusal(&refusal(Some("TOOBIG"), true), &import, 0), Verdict::GiveUp);
        assert_eq!(after_refusal(&refusal(Some("LIMIT"), true), &import, 3), secs(80));
        assert_eq!(after_refusal(&refusal(Some("LIMIT"), true), &import, 4), Verdict::GiveUp);
        assert_eq!(after_refusal(&refusal(Some("OVERQUOTA"), true), &import, 9), secs(3600));
    }

    #[test]
    fn what_was_appended_is_looked_for_from_two_days_before_the_order_on() {
        let ordered: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(search_from(ordered), "27-Feb-2026");
    }
}
