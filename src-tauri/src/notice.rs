//! Desktop notifications: for a refusal, a long delay and new mail, and only while the user looks elsewhere.

use crate::{bridge, platform, window};
use engine::Event;
use engine::view::LetterRow;
use model::{LetterId, OutgoingId};
use serde::Serialize;
use tauri::AppHandle;

/// How many senders of new mail are named.
const NAMED: usize = 3;

/// What is said, and what a click on it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The first line.
    pub title: String,
    /// The rest; plain text.
    pub body: String,
    /// What a click shows; `None` only brings the window forward.
    pub target: Option<Target>,
}

/// What the window shows when a notification is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The timeline of an outgoing.
    Outgoing(OutgoingId),
    /// A letter.
    Letter(LetterId),
}

/// The payload of the events `open-outgoing` and `open-letter`.
#[derive(Clone, Copy, Debug, Serialize)]
struct Shown<Id> {
    id: Id,
}

/// Notifies of this event if it deserves that and nobody is looking.
pub fn consider(app: &AppHandle, event: &Event) {
    if let Some(notice) = words(event)
        && !window::has_focus(app)
    {
        platform::notify(app, notice);
    }
}

/// The user clicked a notification.
pub fn clicked(app: &AppHandle, notice: &Notice) {
    window::show(app);
    match notice.target {
        Some(Target::Outgoing(id)) => bridge::emit(app, "open-outgoing", Shown { id }),
        Some(Target::Letter(id)) => bridge::emit(app, "open-letter", Shown { id }),
        None => (),
    }
}

/// What is said of an event; most deserve nothing.
fn words(event: &Event) -> Option<Notice> {
    match event {
        Event::Refused { id, address, subject, title, .. } => Some(Notice {
            title: format!("Not delivered to {address}"),
            body: join(&[title, subject]),
            target: Some(Target::Outgoing(*id)),
        }),
        Event::Delayed { id, address, subject, title, .. } => Some(Notice {
            title: format!("Not delivered to {address} yet"),
            body: join(&[title, subject, "Postrider goes on trying."]),
            target: Some(Target::Outgoing(*id)),
        }),
        Event::NewMail { rows } => new_mail(rows),
        _ => None,
    }
}

fn new_mail(rows: &[LetterRow]) -> Option<Notice> {
    match rows {
        [] => None,
        [row] => Some(Notice {
            title: sender(row),
            body: join(&[&row.subject, &row.snippet]),
            target: row.letter.map(Target::Letter),
        }),
        rows => {
            let mut names: Vec<String> = Vec::new();
            for name in rows.iter().map(sender) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let more = if names.len() > NAMED { " and others" } else { "" };
            names.truncate(NAMED);
            Some(Notice {
                title: format!("{} new letters", rows.len()),
                body: format!("{}{more}", names.join(", ")),
                target: None,
            })
        }
    }
}

fn sender(row: &LetterRow) -> String {
    match row.from.first() {
        Some(address) => address.name.clone().unwrap_or_else(|| address.address.clone()),
        None => "Unknown sender".to_owned(),
    }
}

fn join(lines: &[&str]) -> String {
    lines.iter().copied().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Address, DeliveryId};

    fn letter(id: i64, name: Option<&str>, address: &str) -> LetterRow {
        let row = serde_json::json!({
            "letter": id, "outgoing": null, "mailbox": 1, "from": [], "to": [], "subject": "Tea", "snippet": "At four?",
            "date": "2026-11-03T14:32:00Z", "unread": true, "flagged": false, "answered": false, "forwarded": false,
            "attachments": 0, "mark": null,
        });
        let row: LetterRow = serde_json::from_value(row).unwrap();
        LetterRow { from: vec![Address::new(name.map(str::to_owned), address)], ..row }
    }

    #[test]
    fn a_refusal_names_the_recipient_and_leads_to_the_timeline() {
        let event = Event::Refused {
            id: OutgoingId(7),
            delivery: DeliveryId(9),
            address: "ana@nobody.test".to_owned(),
            subject: "Tea".to_owned(),
            title: "There is no such mailbox".to_owned(),
        };
        let notice = words(&event).unwrap();
        assert_eq!(notice.title, "Not delivered to ana@nobody.test");
        assert_eq!(notice.body, "There is no such mailbox\nTea");
        assert_eq!(notice.target, Some(Target::Outgoing(OutgoingId(7))));
    }

    #[test]
    fn a_long_delay_says_that_it_is_tried_further() {
        let event = Event::Delayed {
            id: OutgoingId(7),
            delivery: DeliveryId(9),
            address: "ana@full.test".to_owned(),
            subject: "Tea".to_owned(),
            title: "The mailbox is full".to_owned(),
        };
        let notice = words(&event).unwrap();
        assert_eq!(notice.title, "Not delivered to ana@full.test yet");
        assert_eq!(notice.body, "The mailbox is full\nTea\nPostrider goes on trying.");
        assert_eq!(notice.target, Some(Target::Outgoing(OutgoingId(7))));
    }

    #[test]
    fn one_new_letter_is_shown_and_leads_to_itself() {
        let notice = words(&Event::NewMail { rows: vec![letter(4, Some("Anna"), "anna@example.org")] }).unwrap();
        assert_eq!((notice.title.as_str(), notice.body.as_str()), ("Anna", "Tea\nAt four?"));
        assert_eq!(notice.target, Some(Target::Letter(LetterId(4))));
    }

    #[test]
    fn many_new_letters_are_counted_and_each_sender_is_named_once() {
        let senders = ["Anna", "Anna", "Ben", "Cleo", "Dora"];
        let rows = senders.iter().map(|name| letter(1, Some(name), "x@example.org")).collect();
        let notice = words(&Event::NewMail { rows }).unwrap();
        assert_eq!((notice.title.as_str(), notice.body.as_str()), ("5 new letters", "Anna, Ben, Cleo and others"));
        assert_eq!(notice.target, None);
    }

    #[test]
    fn a_sender_without_a_name_is_shown_by_address() {
        let notice = words(&Event::NewMail { rows: vec![letter(1, None, "x@example.org")] }).unwrap();
        assert_eq!(notice.title, "x@example.org");
    }

    #[test]
    fn other_events_are_silent() {
        for event in [Event::Accounts, Event::Drafts, Event::NewMail { rows: Vec::new() }] {
            assert_eq!(words(&event), None);
        }
    }
}
