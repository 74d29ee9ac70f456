//! People: completed while an address is typed, listed, edited, merged, and carried in and out as vCards.

mod book;
pub mod view;

use crate::Engine;
use crate::error::Error;
use book::{Book, Sources};
use jiff::Timestamp;
use message::vcard;
use model::contact::{ContactCard, Dealings};
use model::{ContactId, EmailAddress};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::StoredContact;
use view::{
    ContactCompleteArgs, ContactExportArgs, ContactImport, ContactImportArgs, ContactListArgs, ContactMergeArgs,
    ContactPage, ContactSaveArgs, ContactSuggestion, ContactView, ContactWho,
};

/// Suggestions that one call gives at most.
const MAX_SUGGESTIONS: u32 = 50;
/// Rows that one call gives at most.
const MAX_ROWS: u32 = 500;
/// Octets of a file of vCards that are read.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// For how long a book is good: mail that comes in changes little of it.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// The book that was last put together.
#[derive(Default)]
pub(crate) struct Contacts {
    book: Mutex<Option<(Instant, Arc<Book>)>>,
}

impl Contacts {
    fn get(&self) -> Option<Arc<Book>> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.as_ref().filter(|(made, _)| made.elapsed() < GOOD_FOR).map(|(_, book)| Arc::clone(book))
    }

    fn set(&self, book: Option<Arc<Book>>) {
        *self.book.lock().unwrap_or_else(PoisonError::into_inner) = book.map(|book| (Instant::now(), book));
    }

    /// It is to be put together afresh.
    pub(crate) fn forget(&self) {
        self.set(None);
    }
}

impl Engine {
    pub(crate) async fn contact_complete(&self, args: ContactCompleteArgs) -> Result<Vec<ContactSuggestion>, Error> {
        let book = self.book().await?;
        let limit = args.limit.min(MAX_SUGGESTIONS) as usize;
        Ok(book.complete(&args.typed, &args.without, limit, Timestamp::now()))
    }

    pub(crate) async fn contact_list(&self, args: ContactListArgs) -> Result<ContactPage, Error> {
        let book = self.book().await?;
        let limit = args.limit.min(MAX_ROWS) as usize;
        let (total, rows) = book.list(&args.query, args.kept, args.offset as usize, limit);
        Ok(ContactPage { total: u32::try_from(total).unwrap_or(u32::MAX), offset: args.offset, rows })
    }

    pub(crate) async fn contact_show(&self, who: ContactWho) -> Result<ContactView, Error> {
        let card = self.card(&who).await?;
        let changed_at = match &who {
            ContactWho::Kept { contact } => self.store().contact(*contact).await?.map(|kept| kept.changed_at),
            ContactWho::Learned { .. } => None,
        };
        let contact = match who {
            ContactWho::Kept { contact } => Some(contact),
            ContactWho::Learned { .. } => None,
        };
        let dealings = self.book().await?.dealings(&card.addresses);
        Ok(ContactView { contact, card, dealings, changed_at })
    }

    pub(crate) async fn contact_save(&self, args: ContactSaveArgs) -> Result<ContactView, Error> {
        let mut card = tidy(args.card)?;
        if let Some(id) = args.contact {
            let before = self.store().contact(id).await?.ok_or_else(|| Error::not_found("such contact"))?;
            if before.card.name != card.name {
                card.extra = vcard::without_name(&card.extra);
            }
        }
        let id = self.store().save_contact(args.contact, card, Vec::new(), Timestamp::now()).await?;
        self.kept(id).await
    }

    pub(crate) async fn contact_merge(&self, args: ContactMergeArgs) -> Result<ContactView, Error> {
        let mut cards = Vec::new();
        for who in &args.who {
            cards.push(self.card(who).await?);
        }
        let ids: Vec<ContactId> = args
            .who
            .iter()
            .filter_map(|who| match who {
                ContactWho::Kept { contact } => Some(*contact),
                ContactWho::Learned { .. } => None,
            })
            .collect();
        let merged = cards.into_iter().reduce(merged);
        let Some(card) = merged.filter(|_| args.who.len() > 1) else {
            return Err(Error::invalid("two people at least make one", "Choose the rows that are the same person."));
        };
        let id = self.store().save_contact(ids.first().copied(), tidy(card)?, ids, Timestamp::now()).await?;
        self.kept(id).await
    }

    pub(crate) async fn contact_remove(&self, who: ContactWho) -> Result<(), Error> {
        match who {
            ContactWho::Kept { contact } => self.store().remove_contact(contact).await?,
            ContactWho::Learned { address } => {
                self.store().set_unwanted(&address, true, Timestamp::now()).await?;
            }
        }
        self.inner.contacts.forget();
        Ok(())
    }

    pub(crate) async fn contact_import(&self, args: ContactImportArgs) -> Result<ContactImport, Error> {
        let path = Path::new(&args.path);
        let failed = |error: std::io::Error| Error::file("read", path, &error);
        if tokio::fs::metadata(path).await.map_err(failed)?.len() > MAX_FILE {
            return Err(Error::invalid(
                format!("{} is too large", path.display()),
                "Split it, and import the parts.",
            ));
        }
        let bytes = tokio::fs::read(path).await.map_err(failed)?;
        let cards = vcard::read(&bytes);
        if cards.is_empty() {
            let hint = "Export the contacts of the other program as vCards (.vcf).";
            return Err(Error::invalid(format!("there is no vCard in {}", path.display()), hint));
        }
        let (import, changes) = brought_in(self.store().contacts().await?, cards);
        self.store().add_contacts(changes, Timestamp::now()).await?;
        self.inner.contacts.forget();
        Ok(import)
    }

    pub(crate) async fn contact_export(&self, args: ContactExportArgs) -> Result<u32, Error> {
        let mut kept = self.store().contacts().await?;
        kept.retain(|contact| args.contacts.is_empty() || args.contacts.contains(&contact.id));
        let cards: Vec<ContactCard> = kept.into_iter().map(|contact| contact.card).collect();
        let path = Path::new(&args.path);
        let written = tokio::fs::write(path, vcard::write(&cards)).await;
        written.map_err(|error| Error::file("written", path, &error))?;
        Ok(u32::try_from(cards.len()).unwrap_or(u32::MAX))
    }

    /// What passed with these addresses.
    pub(crate) async fn dealings_with(&self, addresses: &[String]) -> Result<Vec<Dealings>, Error> {
        Ok(self.book().await?.dealings(addresses))
    }

    async fn kept(&self, id: ContactId) -> Result<ContactView, Error> {
        self.inner.contacts.forget();
        self.contact_show(ContactWho::Kept { contact: id }).await
    }

    async fn card(&self, who: &ContactWho) -> Result<ContactCard, Error> {
        match who {
            ContactWho::Kept { contact } => {
                let kept = self.store().contact(*contact).await?;
                Ok(kept.ok_or_else(|| Error::not_found("such contact"))?.card)
            }
            ContactWho::Learned { address } => {
                let row = self.book().await?.learned(address);
                let row = row.ok_or_else(|| Error::not_found(format!("{address} among the addresses here")))?;
                Ok(ContactCard { name: row.name, addresses: row.addresses, ..ContactCard::default() })
            }
        }
    }

    async fn book(&self) -> Result<Arc<Book>, Error> {
        if let Some(book) = self.inner.contacts.get() {
            return Ok(book);
        }
        let store = self.store();
        let accounts = store.accounts().await?;
        let identities = accounts.iter().flat_map(|account| &account.identities);
        let sources = Sources {
            kept: store.contacts().await?,
            learned: store.correspondents().await?,
            written_to: store.written_to().await?,
            unwanted: store.unwanted_addresses().await?,
            own: identities.map(|identity| identity.address.to_string().to_lowercase()).collect(),
        };
        let book = Arc::new(Book::of(sources));
        self.inner.contacts.set(Some(Arc::clone(&book)));
        Ok(book)
    }
}

/// A card as it is kept: trimmed, with real addresses, each once.
fn tidy(card: ContactCard) -> Result<ContactCard, Error> {
    let mut addresses: Vec<String> = Vec::new();
    for typed in card.addresses.iter().map(|address| address.trim()).filter(|address| !address.is_empty()) {
        let address = EmailAddress::parse(typed)
            .map_err(|error| Error::invalid(error.to_string(), "Write it as name@example.org."))?
            .to_string();
        if !addresses.iter().any(|other| other.eq_ignore_ascii_case(&address)) {
            addresses.push(address);
        }
    }
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tidy = ContactCard {
        name: one_line(&card.name),
        organisation: one_line(&card.organisation),
        note: card.note.trim().to_owned(),
        addresses,
        extra: card.extra,
    };
    if tidy.name.is_empty() && tidy.addresses.is_empty() {
        return Err(Error::invalid("a contact needs a name or an address", "Write at least one of them."));
    }
    Ok(tidy)
}

/// Two cards of one person. What the first says stands; what only the second says is added.
fn merged(first: ContactCard, second: ContactCard) -> ContactCard {
    let either = |first: String, second: String| if first.is_empty() { second } else { first };
    let mut addresses = first.addresses;
    for address in second.addresses {
        if !addresses.iter().any(|other| other.eq_ignore_ascii_case(&address)) {
            addresses.push(address);
        }
    }
    let note = match (first.note.is_empty(), second.note.is_empty() || second.note == first.note) {
        (false, false) => format!("{}\n{}", first.note, second.note),
        (false, true) => first.note,
        (true, _) => second.note,
    };
    ContactCard {
        name: either(first.name, second.name),
        organisation: either(first.organisation, second.organisation),
        note,
        addresses,
        extra: vcard::both(&first.extra, &second.extra),
    }
}

/// What a file of cards changes: a card that shares an address with somebody, or that has no address and whose name is
/// here, completes that contact; any other is somebody new.
fn brought_in(
    kept: Vec<StoredContact>,
    cards: Vec<ContactCard>,
) -> (ContactImport, Vec<(Option<ContactId>, ContactCard)>) {
    let mut people: Vec<(Option<ContactId>, ContactCard, bool)> =
        kept.into_iter().map(|contact| (Some(contact.id), contact.card, false)).collect();
    let mut by_address: HashMap<String, usize> = HashMap::new();
    for (n, (_, card, _)) in people.iter().enumerate() {
        by_address.extend(card.addresses.iter().map(|address| (address.to_lowercase(), n)));
    }
    let mut import = ContactImport::default();
    for mut card in cards {
        let owner = card.addresses.iter().find_map(|address| by_address.get(&address.to_lowercase()).copied());
        let namesake =
            || people.iter().position(|(_, other, _)| card.addresses.is_empty() && other.name == card.name);
        let Some(n) = owner.or_else(namesake) else {
            let n = people.len();
            by_address.extend(card.addresses.iter().map(|address| (address.to_lowercase(), n)));
            people.push((None, card, true));
            import.added += 1;
            continue;
        };
        // Addresses of a third person stay with them.
        card.addresses.retain(|address| by_address.get(&address.to_lowercase()).is_none_or(|owner| *owner == n));
        let Some((_, known, changed)) = people.get_mut(n) else { continue };
        let together = merged(known.clone(), card);
        if together == *known {
            import.unchanged += 1;
            continue;
        }
        by_address.extend(together.addresses.iter().map(|address| (address.to_lowercase(), n)));
        *known = together;
        *changed = true;
        import.completed += 1;
    }
    let changed = people.into_iter().filter(|(_, _, changed)| *changed);
    (import, changed.map(|(id, card, _)| (id, card)).collect())
}

#[cfg(test)]
mod tests;
