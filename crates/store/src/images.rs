//! Whose remote images are shown without asking: those in letters from an address, or from any address of a domain.

use crate::columns::Time;
use crate::{Change, Result, Store};
use jiff::Timestamp;

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageReach {
    /// One address.
    Sender,
    /// Every address of a domain.
    Domain,
}

impl ImageReach {
    fn word(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Domain => "domain",
        }
    }
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePermission {
    /// How far it reaches.
    pub reach: ImageReach,
    /// The address or the domain, in lower case.
    pub name: String,
    /// Since when.
    pub granted_at: Timestamp,
}

impl Store {
    /// Every permission, by name.
    pub async fn image_permissions(&self) -> Result<Vec<ImagePermission>> {
        self.local(|db| {
            let sql = "SELECT kind, name, granted_at FROM image_permission ORDER BY name, kind";
            let mut query = db.prepare_cached(sql)?;
            let rows = query.query_map([], |row| {
                let is_domain = row.get_ref(0)?.as_str()? == ImageReach::Domain.word();
                Ok(ImagePermission {
                    reach: if is_domain { ImageReach::Domain } else { ImageReach::Sender },
                    name: row.get(1)?,
                    granted_at: row.get::<_, Time>(2)?.0,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The permission that covers letters from an address, if there is one: its own before that of its domain.
    pub async fn image_permission_for(&self, address: &str) -> Result<Option<ImageReach>> {
        let address = address.to_lowercase();
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT 1 FROM image_permission WHERE kind = ?1 AND name = ?2")?;
            let mut has = |reach: ImageReach, name: &str| query.exists((reach.word(), name));
            if has(ImageReach::Sender, &address)? {
                return Ok(Some(ImageReach::Sender));
            }
            let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
            Ok(has(ImageReach::Domain, domain)?.then_some(ImageReach::Domain))
        })
        .await
    }

    /// Allows the images of an address or a domain from now on.
    pub async fn grant_images(&self, reach: ImageReach, name: &str, now: Timestamp) -> Result<()> {
        let name = name.to_lowercase();
        self.write_local(move |tx| {
            let sql = "INSERT OR IGNORE INTO image_permission (kind, name, granted_at) VALUES (?1, ?2, ?3)";
            tx.prepare_cached(sql)?.execute((reach.word(), name, Time(now)))?;
            tx.changed(Change::Settings);
            Ok(())
        })
        .await
    }

    /// Takes a permission back.
    pub async fn revoke_images(&self, reach: ImageReach, name: &str) -> Result<()> {
        let name = name.to_lowercase();
        self.write_local(move |tx| {
            tx.prepare_cached("DELETE FROM image_permission WHERE kind = ?1 AND name = ?2")?
                .execute((reach.word(), name))?;
            tx.changed(Change::Settings);
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, store};

    #[tokio::test]
    async fn a_permission_covers_what_it_names_until_it_is_taken_back() {
        let (_home, store) = store().await;
        let covered = async |address: &str| store.image_permission_for(address).await.unwrap();
        assert_eq!(covered("anna@example.org").await, None);

        store.grant_images(ImageReach::Sender, "Anna@Example.org", at(1)).await.unwrap();
        store.grant_images(ImageReach::Domain, "club.example", at(2)).await.unwrap();
        store.grant_images(ImageReach::Domain, "CLUB.example", at(3)).await.unwrap();
        assert_eq!(covered("ANNA@example.org").await, Some(ImageReach::Sender));
        assert_eq!(covered("ben@example.org").await, None);
        assert_eq!(covered("jo@club.example").await, Some(ImageReach::Domain));
        assert_eq!(covered("jo@sub.club.example").await, None);

        let all = store.image_permissions().await.unwrap();
        let names: Vec<(&str, Timestamp)> = all.iter().map(|one| (one.name.as_str(), one.granted_at)).collect();
        assert_eq!(names, [("anna@example.org", at(1)), ("club.example", at(2))]);

        store.revoke_images(ImageReach::Domain, "Club.Example").await.unwrap();
        assert_eq!(covered("jo@club.example").await, None);
    }
}
