//! The letters that all rooms share, and what is understood of a letter in words.

use postrider_message::Parsed;
use postrider_message::calendar::CalendarTime;
use postrider_message::html::to_text;
use std::path::{Path, PathBuf};

/// The file `name` among what people read through.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Compares with a golden file, or writes it anew.
pub fn compare(name: &str, found: &str) {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "UPDATE_GOLDEN=1 writes it anew");
}

/// A letter in words; of long texts the first `limit` characters.
pub fn described(name: &str, parsed: &Parsed, limit: usize) -> String {
    let list =
        |addresses: &[model::Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut out = format!("== {name}\n");
    let mut row = |key: &str, value: String| {
        if !value.is_empty() {
            out += &format!("{key}: {value}\n");
        }
    };
    let long = |text: &str| match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{:?} and {} more", &text[..at], text[at..].chars().count()),
        None => format!("{text:?}"),
    };
    row("from", list(&parsed.from));
    row("to", list(&parsed.to));
    row("cc", list(&parsed.cc));
    row("reply-to", list(&parsed.reply_to));
    row("subject", parsed.subject.clone());
    row("date", parsed.date.map(|date| date.to_string()).unwrap_or_default());
    row("message-id", parsed.message_id.clone().unwrap_or_default());
    row("in-reply-to", parsed.in_reply_to.join(" "));
    row("references", parsed.references.join(" "));
    row("list", parsed.list_id.clone().unwrap_or_default());
    if let Some(leave) = &parsed.list_unsubscribe {
        row("leave", format!("{leave:?}"));
    }
    row("automatic", if parsed.automatic { "yes".to_owned() } else { String::new() });
    row("snippet", parsed.snippet.clone());
    for file in &parsed.attachments {
        let id = file.content_id.as_deref().unwrap_or("-");
        let place = if file.inline { "inline" } else { "file" };
        row("part", format!("{} {} {} {} {} {place}", file.part, file.name, file.content_type, file.size, id));
    }
    for letter in &parsed.letters {
        row("letter", format!("{} {:?} from {}", letter.part, letter.subject, list(&letter.from)));
    }
    for event in parsed.invitation.iter().flat_map(|invitation| &invitation.events) {
        let when = event.start.as_ref().map(time).unwrap_or_default();
        row("event", format!("{:?} {when} {:?}, {} attendees", event.summary, event.location, event.attendees.len()));
    }
    row("defects", parsed.defects.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    row("text", parsed.text.as_deref().map(long).unwrap_or_default());
    row("html", parsed.html.as_deref().map(to_text).map(|text| long(&text)).unwrap_or_default());
    out + "\n"
}

fn time(time: &CalendarTime) -> String {
    match time {
        CalendarTime::Day { date } => date.to_string(),
        CalendarTime::Moment { local, zone, .. } => format!("{local} {}", zone.as_deref().unwrap_or("UTC")),
        CalendarTime::Local { local, .. } => local.to_string(),
    }
}
