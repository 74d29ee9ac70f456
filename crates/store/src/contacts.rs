//! People: those whom the user keeps, and which of the learned addresses are not to be offered. Who is learned from
//! letters is read from `mail.db`, and forgotten and learned again with it.

use crate::columns::{Json, Time};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use jiff::Timestamp;
use model::contact::{ContactCard, Dealings};
use model::{Address, ContactId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// A person whom the user keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContact {
    /// Their number.
    pub id: ContactId,
    /// What is kept of them.
    pub card: ContactCard,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// An address that was written to, or that wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent {
    /// The address as it was last written.
    pub address: String,
    /// The name that it was last seen with; empty for none.
    pub name: String,
    /// What passed.
    pub dealings: Dealings,
}

/// Letters sent from here that are looked at for their recipients.
const SENT_LATELY: u32 = 2000;

impl Store {
    /// Everybody whom the user keeps, by number.
    pub async fn contacts(&self) -> Result<Vec<StoredContact>> {
        self.local(|db| {
            let mut addresses: HashMap<i64, Vec<String>> = HashMap::new();
            let mut query =
                db.prepare_cached("SELECT contact, address FROM contact_address ORDER BY contact, position")?;
            for row in query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (contact, address) = row?;
                addresses.entry(contact).or_default().push(address);
            }
            let mut query = db.prepare_cached("SELECT * FROM contact ORDER BY id")?;
            let rows = query.query_map([], |row| {
                let id: i64 = row.get("id")?;
                let addresses = addresses.remove(&id).unwrap_or_default();
                contact_of(row, addresses)
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// One of them.
    pub async fn contact(&self, id: ContactId) -> Result<Option<StoredContact>> {
        self.local(move |db| {
            let mut query =
                db.prepare_cached("SELECT address FROM contact_address WHERE contact = ?1 ORDER BY position")?;
            let addresses = query.query_map([id.0], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            let mut query = db.prepare_cached("SELECT * FROM contact WHERE id = ?1")?;
            Ok(query.query_row([id.0], |row| contact_of(row, addresses)).optional()?)
        })
        .await
    }

    /// Keeps a person: a new one, or what is known of one changed. `instead_of` go at the same moment, so that merging
    /// loses nobody. An address that belongs to somebody else is an error; nothing was kept then.
    pub async fn save_contact(
        &self,
        id: Option<ContactId>,
        card: ContactCard,
        instead_of: Vec<ContactId>,
        now: Timestamp,
    ) -> Result<ContactId> {
        self.write_local(move |tx| {
            for other in instead_of.iter().filter(|other| Some(**other) != id) {
                tx.prepare_cached("DELETE FROM contact WHERE id = ?1")?.execute([other.0])?;
            }
            let id = put(tx, id, &card, now)?;
            tx.changed(Change::Contacts);
            Ok(id)
        })
        .await
    }

    /// Keeps many at once, as they come from a file: all of them, or none.
    pub async fn add_contacts(&self, cards: Vec<(Option<ContactId>, ContactCard)>, now: Timestamp) -> Result<()> {
        self.write_local(move |tx| {
            for (id, card) in &cards {
                put(tx, *id, card, now)?;
            }
            tx.changed(Change::Contacts);
            Ok(())
        })
        .await
    }

    /// Keeps a person no longer.
    pub async fn remove_contact(&self, id: ContactId) -> Result<()> {
        self.write_local(move |tx| {
            if tx.prepare_cached("DELETE FROM contact WHERE id = ?1")?.execute([id.0])? == 0 {
                return Err(missing(id));
            }
            tx.changed(Change::Contacts);
            Ok(())
        })
        .await
    }

    /// Learned addresses that are not to be offered, in small letters.
    pub async fn unwanted_addresses(&self) -> Result<Vec<String>> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT lower(address) FROM unwanted_address")?;
            Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Notes that a learned address is not to be offered, or may be again.
    pub async fn set_unwanted(&self, address: &str, unwanted: bool, now: Timestamp) -> Result<()> {
        let address = address.to_owned();
        self.write_local(move |tx| {
            if unwanted {
                let sql = "INSERT OR IGNORE INTO unwanted_address (address, since) VALUES (?1, ?2)";
                tx.prepare_cached(sql)?.execute((&address, Time(now)))?;
            } else {
                tx.prepare_cached("DELETE FROM unwanted_address WHERE address = ?1")?.execute([&address])?;
            }
            tx.changed(Change::Contacts);
            Ok(())
        })
        .await
    }

    /// Everybody who is named in letters that are here, once for each account.
    pub async fn correspondents(&self) -> Result<Vec<Correspondent>> {
        self.mail(|db| {
            let sql = "SELECT address, name, sent, received, last_sent, last_received FROM correspondent";
            let mut query = db.prepare_cached(sql)?;
            let rows = query.query_map([], |row| {
                Ok(Correspondent {
                    address: row.get("address")?,
                    name: row.get::<_, Option<String>>("name")?.unwrap_or_default(),
                    dealings: Dealings {
                        sent: row.get("sent")?,
                        received: row.get("received")?,
                        last_sent: row.get::<_, Option<Time>>("last_sent")?.map(|time| time.0),
                        last_received: row.get::<_, Option<Time>>("last_received")?.map(|time| time.0),
                    },
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Who was written to from here lately, whether or not a copy lies in Sent.
    pub async fn written_to(&self) -> Result<Vec<Correspondent>> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT people, created_at FROM outgoing ORDER BY id DESC LIMIT ?1")?;
            let rows = query.query_map([SENT_LATELY], |row| {
                let Json(people): Json<Recipients> = row.get(0)?;
                Ok((people.to, row.get::<_, Time>(1)?.0))
            })?;
            let mut found: HashMap<String, Correspondent> = HashMap::new();
            for row in rows {
                let (to, at) = row?;
                for address in to {
                    let entry = found.entry(address.address.to_lowercase()).or_insert_with(|| Correspondent {
                        address: address.address.clone(),
                        name: String::new(),
                        dealings: Dealings::default(),
                    });
                    entry.dealings.sent += 1;
                    entry.dealings.last_sent = entry.dealings.last_sent.max(Some(at));
                    if entry.name.is_empty() {
                        entry.name = address.name.unwrap_or_default();
                    }
                }
            }
            Ok(found.into_values().collect())
        })
        .await
    }
}

/// What of an outgoing's people matters here.
#[derive(serde::Serialize, serde::Deserialize)]
struct Recipients {
    to: Vec<Address>,
}

fn contact_of(row: &rusqlite::Row<'_>, addresses: Vec<String>) -> rusqlite::Result<StoredContact> {
    Ok(StoredContact {
        id: ContactId(row.get("id")?),
        card: ContactCard {
            name: row.get("name")?,
            organisation: row.get("organisation")?,
            note: row.get("note")?,
            addresses,
            extra: row.get("extra")?,
        },
        changed_at: row.get::<_, Time>("changed_at")?.0,
    })
}

fn put(tx: &Tx<'_>, id: Option<ContactId>, card: &ContactCard, now: Timestamp) -> Result<ContactId> {
    let fields = (&card.name, &card.organisation, &card.note, &card.extra, Time(now));
    let id = match id {
        Some(id) => {
            let sql = "UPDATE contact SET name = ?1, organisation = ?2, note = ?3, extra = ?4, changed_at = ?5
                       WHERE id = ?6";
            let (name, organisation, note, extra, now) = fields;
            if tx.prepare_cached(sql)?.execute((name, organisation, note, extra, now, id.0))? == 0 {
                return Err(missing(id));
            }
            tx.prepare_cached("DELETE FROM contact_address WHERE contact = ?1")?.execute([id.0])?;
            id
        }
        None => {
            let sql = "INSERT INTO contact (name, organisation, note, extra, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.prepare_cached(sql)?.execute(fields)?;
            ContactId(tx.last_insert_rowid())
        }
    };
    for (position, address) in (0_i64..).zip(&card.addresses) {
        if let Some(owner) = owner_of(tx, address)?.filter(|owner| owner.0 != id) {
            let what = format!("{address} belongs to {} already; merge the two, or remove it there first", owner.1);
            return Err(StoreError::Invalid(what));
        }
        let sql = "INSERT OR IGNORE INTO contact_address (address, contact, position) VALUES (?1, ?2, ?3)";
        tx.prepare_cached(sql)?.execute((address, id.0, position))?;
    }
    Ok(id)
}

/// Whose address it is, with the name to call them by.
fn owner_of(db: &Connection, address: &str) -> Result<Option<(ContactId, String)>> {
    let sql = "SELECT contact FROM contact_address WHERE address = ?1";
    let owner: Option<i64> = db.prepare_cached(sql)?.query_row([address], |row| row.get(0)).optional()?;
    let Some(owner) = owner else { return Ok(None) };
    let name: String =
        db.prepare_cached("SELECT name FROM contact WHERE id = ?1")?.query_row([owner], |row| row.get(0))?;
    let called = if name.is_empty() { "another contact".to_owned() } else { name };
    Ok(Some((ContactId(owner), called)))
}

fn missing(id: ContactId) -> StoreError {
    StoreError::NotFound(format!("contact {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn card(name: &str, addresses: &[&str]) -> ContactCard {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        ContactCard { name: name.into(), addresses, ..ContactCard::default() }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_760_000_000).unwrap()
    }

    #[tokio::test]
    async fn people_are_kept_changed_and_removed() {
        let (_home, store) = testing::store().await;
        let bo =
            store.save_contact(None, card("Bo", &["bo@a.example", "bo@b.example"]), vec![], now()).await.unwrap();
        let changed = ContactCard { organisation: "Firm".into(), ..card("Bo Møller", &["bo@b.example"]) };
        assert_eq!(store.save_contact(Some(bo), changed.clone(), vec![], now()).await.unwrap(), bo);
        assert_eq!(store.contact(bo).await.unwrap().unwrap().card, changed);
        assert_eq!(store.contacts().await.unwrap().len(), 1);
        store.remove_contact(bo).await.unwrap();
        assert!(store.contact(bo).await.unwrap().is_none());
        assert!(matches!(store.remove_contact(bo).await, Err(StoreError::NotFound(_))));
        assert!(matches!(store.save_contact(Some(bo), changed, vec![], now()).await, Err(StoreError::NotFound(_))));
    }

    #[tokio::test]
    async fn an_address_belongs_to_one_person() {
        let (_home, store) = testing::store().await;
        let bo = store.save_contact(None, card("Bo", &["bo@a.example"]), vec![], now()).await.unwrap();
        let ida = store.save_contact(None, card("Ida", &["ida@a.example"]), vec![], now()).await.unwrap();
        let taken = store.save_contact(Some(ida), card("Ida B.", &["BO@a.example"]), vec![], now()).await;
        assert!(taken.unwrap_err().to_string().contains("belongs to Bo"));
        assert_eq!(
            store.contact(ida).await.unwrap().unwrap().card,
            card("Ida", &["ida@a.example"]),
            "nothing was kept"
        );
        let both = card("Bo", &["bo@a.example", "ida@a.example"]);
        store.save_contact(Some(bo), both.clone(), vec![ida, bo], now()).await.unwrap();
        let left = store.contacts().await.unwrap();
        assert_eq!(left.iter().map(|contact| (contact.id, &contact.card)).collect::<Vec<_>>(), [(bo, &both)]);
    }

    #[tokio::test]
    async fn an_address_that_is_not_wanted_may_be_wanted_again() {
        let (_home, store) = testing::store().await;
        store.set_unwanted("News@Shop.example", true, now()).await.unwrap();
        store.set_unwanted("news@shop.example", true, now()).await.unwrap();
        assert_eq!(store.unwanted_addresses().await.unwrap(), ["news@shop.example"]);
        store.set_unwanted("NEWS@shop.example", false, now()).await.unwrap();
        assert!(store.unwanted_addresses().await.unwrap().is_empty());
    }
}
