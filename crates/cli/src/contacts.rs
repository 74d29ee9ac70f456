//! `postrider contacts`: the people one writes to, and their vCards.

use crate::arguments::ContactsCommand;
use crate::output::{Output, table};
use engine::view::{
    ContactExportArgs, ContactImportArgs, ContactListArgs, ContactMergeArgs, ContactRow, ContactSaveArgs, ContactWho,
};
use engine::{Calls, Engine};
use model::contact::ContactCard;
use model::{Address, CallError, ContactId};
use std::path::Path;

pub async fn run(command: ContactsCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    match command {
        ContactsCommand::List { query, kept, limit } => {
            let page = calls.contact_list(ContactListArgs { query: query.join(" "), kept, offset: 0, limit }).await?;
            output.print(&page.rows, || listed(&page.rows))
        }
        ContactsCommand::Add { people } => {
            let mut kept = Vec::new();
            for card in cards(&people)? {
                kept.push(calls.contact_save(ContactSaveArgs { contact: None, card }).await?);
            }
            output.print(&kept, || kept.iter().map(|view| format!("{} is kept.\n", called(&view.card))).collect())
        }
        ContactsCommand::Merge { who } => {
            let mut meant = Vec::new();
            for who in &who {
                meant.push(found(calls, who).await?);
            }
            let view = calls.contact_merge(ContactMergeArgs { who: meant }).await?;
            output.print(&view, || format!("They are one now: {}.", called(&view.card)))
        }
        ContactsCommand::Remove { who } => {
            calls.contact_remove(found(calls, &who).await?).await?;
            output.print(&(), || format!("{who} is not offered any more."))
        }
        ContactsCommand::Import { file } => {
            let import = calls.contact_import(ContactImportArgs { path: absolute(&file)? }).await?;
            output.print(&import, || {
                let model = (import.added, import.completed, import.unchanged);
                format!("{} new, {} completed, {} known already.", model.0, model.1, model.2)
            })
        }
        ContactsCommand::Export { file } => {
            let args = ContactExportArgs { path: absolute(&file)?, contacts: Vec::new() };
            let count = calls.contact_export(args).await?;
            output.print(&count, || format!("{count} written to {}.", file.display()))
        }
    }
}

/// A person as `Anna Example <anna@example.org>` or by the address alone.
fn cards(people: &[String]) -> Result<Vec<ContactCard>, CallError> {
    let parsed = Address::parse_list(&people.join(", "));
    let addresses = parsed.map_err(|error| {
        CallError::new("invalid", error.to_string(), "Write it as \"Anna Example <anna@example.org>\".")
    })?;
    let card = |address: Address| ContactCard {
        name: address.name.unwrap_or_default(),
        addresses: vec![address.address],
        ..ContactCard::default()
    };
    Ok(addresses.into_iter().map(card).collect())
}

/// A number as listed, or an address.
async fn found(calls: Calls<'_>, who: &str) -> Result<ContactWho, CallError> {
    if let Ok(number) = who.parse() {
        return Ok(ContactWho::Kept { contact: ContactId(number) });
    }
    let args = ContactListArgs { query: who.to_owned(), kept: false, offset: 0, limit: 50 };
    let rows = calls.contact_list(args).await?.rows;
    let is_it = |row: &&ContactRow| row.addresses.iter().any(|address| address.eq_ignore_ascii_case(who));
    let Some(row) = rows.iter().find(is_it) else {
        let hint = "See postrider contacts list.";
        return Err(CallError::new("not-found", format!("there is no contact {who}"), hint));
    };
    Ok(match row.contact {
        Some(contact) => ContactWho::Kept { contact },
        None => ContactWho::Learned { address: who.to_owned() },
    })
}

fn absolute(file: &Path) -> Result<String, CallError> {
    let path = std::path::absolute(file).map_err(|error| {
        CallError::new("file", format!("{}: {error}", file.display()), "Give the path of a file.")
    })?;
    Ok(path.to_string_lossy().into_owned())
}

fn called(card: &ContactCard) -> &str {
    if card.name.is_empty() { card.addresses.first().map_or("", String::as_str) } else { &card.name }
}

fn listed(rows: &[ContactRow]) -> String {
    if rows.is_empty() {
        return "Nobody.\n".to_owned();
    }
    let heads = ["id", "name", "addresses", "sent", "received"].map(str::to_owned).to_vec();
    table(&std::iter::once(heads).chain(rows.iter().map(row)).collect::<Vec<_>>())
}

fn row(row: &ContactRow) -> Vec<String> {
    vec![
        row.contact.map_or_else(|| "-".to_owned(), |id| id.to_string()),
        row.name.clone(),
        row.addresses.join(", "),
        row.dealings.sent.to_string(),
        row.dealings.received.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_written_as_in_a_letter() {
        let read = cards(&["Anna Example <anna@example.org>".into(), "bo@example.net, cid@example.net".into()]);
        let read: Vec<_> = read.unwrap().into_iter().map(|card| (card.name, card.addresses)).collect();
        assert_eq!(read[0], ("Anna Example".to_owned(), vec!["anna@example.org".to_owned()]));
        assert_eq!(read.len(), 3);
        assert!(cards(&["nobody".into()]).is_err());
    }
}
