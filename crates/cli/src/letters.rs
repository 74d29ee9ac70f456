//! `postrider mailboxes`, `list` and `show`.

use crate::arguments::Form;
use crate::output::{Output, table};
use engine::Engine;
use model::{CallError, Flag, LetterId, Mailbox, MailboxId};
use serde_json::{Value, json};
use std::collections::HashMap;
use store::LetterRow;

pub async fn mailboxes(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let all = engine.mailboxes(None).await?;
    let cells = |mailbox: &Mailbox| {
        let role = mailbox.role.map_or("", |role| role.word());
        vec![
            mailbox.id.to_string(),
            mailbox.path.clone(),
            role.to_owned(),
            format!("{} unread", mailbox.unread),
            mailbox.total.to_string(),
        ]
    };
    output.print(&all, || match all.as_slice() {
        [] => "There are no mailboxes yet. Next: postrider sync".to_owned(),
        all => table(&all.iter().map(cells).collect::<Vec<_>>()),
    })
}

pub async fn list(name: &str, limit: u32, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let all = engine.mailboxes(None).await?;
    let named: Vec<&Mailbox> = all.iter().filter(|mailbox| is_called(mailbox, name)).collect();
    if named.is_empty() {
        return Err(no_mailbox(name));
    }
    let mut rows = Vec::new();
    for mailbox in &named {
        rows.extend(engine.letters_in(mailbox.id, limit).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.date));
    rows.truncate(limit as usize);
    print_rows(&rows, &all, output)
}

/// That no mailbox has this name.
pub fn no_mailbox(name: &str) -> CallError {
    let message = format!("there is no mailbox “{name}”");
    CallError::new("no-mailbox", message, "postrider mailboxes lists them; postrider sync fetches them.")
}

/// Path first, then role, then number: INBOX is INBOX in every account.
pub fn is_called(mailbox: &Mailbox, name: &str) -> bool {
    let inbox = name.eq_ignore_ascii_case("inbox") && mailbox.path.eq_ignore_ascii_case("inbox");
    inbox
        || mailbox.path == name
        || mailbox.role.is_some_and(|role| role.word() == name.to_ascii_lowercase())
        || name.parse() == Ok(mailbox.id)
}

pub fn print_rows(rows: &[LetterRow], mailboxes: &[Mailbox], output: &Output) -> Result<(), CallError> {
    let paths: HashMap<MailboxId, &str> =
        mailboxes.iter().map(|mailbox| (mailbox.id, mailbox.path.as_str())).collect();
    let documents: Vec<Value> = rows.iter().map(|row| document(row, paths.get(&row.mailbox).copied())).collect();
    output.print(&documents, || match rows {
        [] => "No letters.".to_owned(),
        rows => table(&rows.iter().map(cells).collect::<Vec<_>>()),
    })
}

fn document(row: &LetterRow, mailbox: Option<&str>) -> Value {
    json!({
        "id": row.id,
        "mailbox": mailbox,
        "from": row.from,
        "to": row.to,
        "subject": row.subject,
        "date": row.date,
        "unread": !row.flags.has(Flag::Seen),
        "flagged": row.flags.has(Flag::Flagged),
        "attachments": row.attachments,
        "snippet": row.snippet,
        "thread_id": row.thread,
    })
}

fn cells(row: &LetterRow) -> Vec<String> {
    let sender = row.from.first().map(|from| from.name.clone().unwrap_or_else(|| from.address.clone()));
    let mark = if row.flags.has(Flag::Seen) { " " } else { "•" };
    let date = row.date.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    let sender = sender.unwrap_or_default().chars().take(28).collect();
    vec![row.id.to_string(), mark.to_owned(), date, sender, row.subject.clone()]
}

pub async fn show(id: LetterId, form: &Form, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let raw = engine.raw_letter(id).await?;
    if form.raw {
        return output.write(&raw);
    }
    if form.html {
        return output.write(&engine.document(&id.to_string(), "").await?.body);
    }
    let parsed = message::parse(&raw);
    let text =
        parsed.text.clone().unwrap_or_else(|| parsed.html.as_deref().map(message::html::to_text).unwrap_or_default());
    if form.text {
        return output.write(text.as_bytes());
    }
    let whole = json!({
        "id": id,
        "from": parsed.from,
        "to": parsed.to,
        "cc": parsed.cc,
        "reply_to": parsed.reply_to,
        "subject": parsed.subject,
        "date": parsed.date,
        "message_id": parsed.message_id,
        "text": text,
        "attachments": parsed.attachments,
    });
    let list =
        |addresses: &[model::Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    output.print(&whole, || {
        let date = parsed.date.map(|date| date.to_string()).unwrap_or_default();
        let files: String =
            parsed.attachments.iter().map(|part| format!("\n[{} · {} bytes]", part.name, part.size)).collect();
        format!(
            "From:    {}\nTo:      {}\nDate:    {date}\nSubject: {}\n\n{text}{files}",
            list(&parsed.from),
            list(&parsed.to),
            parsed.subject,
        )
    })
}
