//! What earlier attempts say that the next one needs to know.

use super::standing::Placed;
use crate::Result;
use crate::columns::Time;
use crate::database::Tx;
use jiff::Timestamp;
use model::{Class, DeliveryId, Route};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Gathered delivery by delivery.
#[derive(Default)]
pub(super) struct Earlier {
    spoken_to: BTreeMap<String, (Timestamp, IpAddr)>,
    greylisted_since: BTreeMap<DeliveryId, Timestamp>,
}

/// As much of a stored attempt as counts here.
#[derive(Deserialize)]
struct Attempt {
    route: Route,
    address: Option<IpAddr>,
    reply: Option<IgnoredAny>,
    diagnosis: Option<Meant>,
}

#[derive(Deserialize)]
struct Meant {
    class: Class,
}

impl Earlier {
    /// Looks at the attempts that were made for this delivery. One that cannot be read says nothing.
    pub(super) fn look(&mut self, tx: &Tx<'_>, placed: &Placed) -> Result<()> {
        let standing = &placed.standing;
        if standing.tries == 0 && standing.diagnosis.is_none() {
            return Ok(());
        }
        let greylisted = standing.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.class == Class::Greylisted);
        let mut query = tx.prepare_cached("SELECT started_at, what FROM attempt WHERE delivery = ?1")?;
        let mut rows = query.query([placed.id.0])?;
        while let Some(row) = rows.next()? {
            let Ok(Time(at)) = row.get(0) else { continue };
            let Ok(attempt) = serde_json::from_str(row.get_ref(1)?.as_str().unwrap_or_default()) else { continue };
            self.note(placed, at, &attempt, greylisted);
        }
        Ok(())
    }

    fn note(&mut self, placed: &Placed, at: Timestamp, attempt: &Attempt, greylisted: bool) {
        let answered = attempt.route == Route::Direct && attempt.reply.is_some();
        if let Some(address) = attempt.address.filter(|_| answered) {
            let last = self.spoken_to.entry(placed.address.domain().to_owned()).or_insert((at, address));
            *last = (*last).max((at, address));
        }
        if greylisted && attempt.diagnosis.as_ref().is_some_and(|meant| meant.class == Class::Greylisted) {
            let first = self.greylisted_since.entry(placed.id).or_insert(at);
            *first = (*first).min(at);
        }
    }

    /// Which address answered last for which domain, and since when which delivery is greylisted.
    pub(super) fn known(self) -> (BTreeMap<String, IpAddr>, BTreeMap<DeliveryId, Timestamp>) {
        let spoken_to = self.spoken_to.into_iter().map(|(domain, (_, address))| (domain, address));
        (spoken_to.collect(), self.greylisted_since)
    }
}
