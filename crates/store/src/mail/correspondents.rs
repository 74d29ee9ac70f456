//! Who wrote and who was written to, learned from messages as they come, each counted once whatever mailboxes it lies
//! in. Nothing is learned from junk, and drafts were not sent.

use super::prepare::People;
use crate::Result;
use crate::columns::Time;
use crate::database::Tx;
use jiff::Timestamp;
use model::{AccountId, Address, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Recipients of one message that are learned. Who writes to more writes to a crowd.
const CROWD: usize = 50;

/// What a batch of messages tells of correspondents.
#[derive(Debug, Default)]
pub(super) struct Correspondents {
    /// The addresses of the account's identities, in lower case.
    own: BTreeSet<String>,
    met: BTreeMap<String, Met>,
}

/// What is learned of one address.
#[derive(Debug, Default)]
struct Met {
    name: Option<(Timestamp, String)>,
    sent: Dealings,
    received: Dealings,
}

#[derive(Debug, Default)]
struct Dealings {
    count: u32,
    last: Option<Timestamp>,
}

impl Dealings {
    fn add(&mut self, date: Timestamp) {
        self.count += 1;
        self.last = self.last.max(Some(date));
    }
}

/// Whether anything is learned from what comes into mailboxes of this role.
pub(super) fn teaches(role_code: Option<i64>) -> bool {
    ![Role::Junk, Role::Drafts].into_iter().any(|role| role_code == Some(super::counts::role_code(role)))
}

impl Correspondents {
    /// Of an account whose identities have these addresses.
    pub(super) fn of(own: &[String]) -> Self {
        Self { own: own.iter().map(|address| address.to_lowercase()).collect(), met: BTreeMap::new() }
    }

    /// Learns from a message that was not here.
    pub(super) fn learn(&mut self, people: &People, date: Timestamp) {
        let mine = people.from.iter().any(|from| self.own.contains(&from.address.to_lowercase()));
        if mine {
            for who in people.to.iter().chain(&people.cc).take(CROWD) {
                self.meet(who, date, |met| &mut met.sent);
            }
        } else if let Some(who) = people.from.first() {
            self.meet(who, date, |met| &mut met.received);
        }
    }

    fn meet(&mut self, who: &Address, date: Timestamp, dealings: fn(&mut Met) -> &mut Dealings) {
        let address = who.address.to_lowercase();
        if self.own.contains(&address) || !address.contains('@') {
            return;
        }
        let met = self.met.entry(address).or_default();
        dealings(met).add(date);
        if let Some(name) = who.name.as_ref().filter(|name| !name.trim().is_empty())
            && met.name.as_ref().is_none_or(|(before, _)| *before <= date)
        {
            met.name = Some((date, name.clone()));
        }
    }

    /// Writes down what was learned.
    pub(super) fn write(self, tx: &Tx<'_>, account: AccountId) -> Result<()> {
        let sql = "INSERT INTO correspondent (account, address, name, sent, received, last_sent, last_received)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (account, address) DO UPDATE SET
                       name = CASE WHEN excluded.name IS NULL THEN name
                           WHEN name IS NULL OR ?8 >= max(coalesce(last_sent, ?8), coalesce(last_received, ?8))
                               THEN excluded.name
                           ELSE name END,
                       sent = sent + excluded.sent, received = received + excluded.received,
                       last_sent = coalesce(max(last_sent, excluded.last_sent), last_sent, excluded.last_sent),
                       last_received = coalesce(max(last_received, excluded.last_received), last_received,
                           excluded.last_received)";
        let mut add = tx.prepare_cached(sql)?;
        for (address, met) in self.met {
            let (named_at, name) = met.name.unzip();
            add.execute((
                account.0,
                address,
                name,
                met.sent.count,
                met.received.count,
                met.sent.last.map(Time),
                met.received.last.map(Time),
                named_at.map(Time),
            ))?;
        }
        Ok(())
    }
}
