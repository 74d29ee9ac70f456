//! What was learned of destinations, by domain. It is advice for the next attempt, and can be forgotten at any time.

use crate::columns::Json;
use crate::{Result, Store};
use jiff::Timestamp;
use model::Class;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

/// What is known of one destination. New fields need a default, so that what was stored before can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    /// Seconds from the first greylisted attempt to the one that passed.
    pub greylist_seconds: Option<u64>,
    /// Whether it ever offered TLS.
    pub tls_offered: bool,
    /// The largest message it says to take (SIZE), in octets.
    pub size_limit: Option<u64>,
    /// How it last refused us for what we are (our address, our name, our proof), not for the letter or the recipient.
    pub refused_us: Option<Class>,
    /// When it was first contacted.
    pub first_seen: Option<Timestamp>,
    /// When it last took a message.
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    pub last_failure: Option<Timestamp>,
}

impl Store {
    /// What is known of a domain; the default of what is not.
    pub async fn learned(&self, domain: &str) -> Result<Learned> {
        let domain = domain.to_ascii_lowercase();
        let wanted = domain.clone();
        self.cache().learned.get_or(domain, || self.local(move |db| read(db, &wanted))).await
    }

    /// Changes what is known of a domain.
    pub async fn learn(&self, domain: &str, change: impl FnOnce(&mut Learned) + Send + 'static) -> Result<()> {
        let domain = domain.to_ascii_lowercase();
        self.write_local(move |tx| {
            let mut learned = read(tx, &domain)?;
            change(&mut learned);
            let sql = "INSERT INTO learned VALUES (?1, ?2) ON CONFLICT (domain) DO UPDATE SET what = excluded.what";
            tx.prepare_cached(sql)?.execute((&domain, Json(learned)))?;
            tx.learned(&domain);
            Ok(())
        })
        .await
    }
}

/// Advice that can not be read is no advice; it is not worth an error.
fn read(db: &Connection, domain: &str) -> Result<Learned> {
    let mut query = db.prepare_cached("SELECT what FROM learned WHERE domain = ?1")?;
    let text: Option<String> = query.query_row([domain], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
