//! Routes call smart hosts by their names. When a smart host gets another name, whatever goes through it goes with it, in
//! the same transaction: letters in the queue, drafts, rules and defaults, of every account. What attempts say of their
//! route is history and stays.

use crate::columns::Json;
use crate::database::Tx;
use crate::{Result, StoreError};
use model::{Account, RoutePolicy, SmartHost};
use std::collections::BTreeMap;

/// Former names and those in their place. Names are compared without regard to case, as the table does.
#[derive(Debug, Default)]
pub(super) struct Renames(BTreeMap<String, String>);

impl Renames {
    /// The names that an account's smart hosts had `before` and have no more.
    pub(super) fn between(before: &[SmartHost], after: &[SmartHost]) -> Self {
        let renamed = after.iter().filter_map(|host| {
            let former = before.iter().find(|former| former.id == host.id && former.name != host.name)?;
            Some((former.name.to_lowercase(), host.name.clone()))
        });
        Self(renamed.collect())
    }

    /// What is written in an update as it was stored still means the host that it meant, whatever that is called now;
    /// what is written anew means the names as they are now.
    pub(super) fn carry(&self, account: &mut Account, before: &Account) {
        for identity in &mut account.identities {
            let former = before.identities.iter().find(|former| former.id == identity.id);
            self.carry_one(&mut identity.route, former.map(|former| &former.route));
        }
        for rule in &mut account.rules {
            let former = before.rules.iter().find(|former| former.domain == rule.domain);
            self.carry_one(&mut rule.route, former.map(|former| &former.route));
        }
    }

    fn carry_one(&self, route: &mut RoutePolicy, former: Option<&RoutePolicy>) {
        if former == Some(route)
            && let RoutePolicy::SmartHost(name) = route
            && let Some(now) = self.0.get(&name.to_lowercase())
        {
            *name = now.clone();
        }
    }

    /// Everything else that goes by these names. The account itself is written by whoever has it.
    pub(super) fn follow(&self, tx: &Tx<'_>, account: model::AccountId) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let now = "(SELECT value FROM json_each(?1) WHERE key = lower(route))";
        for table in ["outgoing", "delivery"] {
            let sql =
                format!("UPDATE {table} SET route = {now} WHERE lower(route) IN (SELECT key FROM json_each(?1))");
            tx.execute(&sql, [Json(&self.0)])?;
        }
        for table in ["identity", "route_rule"] {
            let sql = format!(
                "UPDATE {table} SET route = {now}
                 WHERE account <> ?2 AND lower(route) IN (SELECT key FROM json_each(?1))"
            );
            tx.execute(&sql, (Json(&self.0), account.0))?;
        }
        tx.execute(
            "UPDATE draft SET body = json_set(body, '$.route',
                 (SELECT value FROM json_each(?1) WHERE key = lower(body ->> '$.route')))
             WHERE lower(body ->> '$.route') IN (SELECT key FROM json_each(?1))",
            [Json(&self.0)],
        )?;
        Ok(())
    }
}

/// A smart host that goes must be needed by nobody: a letter that was to go through it would never leave.
pub(super) fn not_needed(tx: &Tx<'_>, host: &SmartHost) -> Result<()> {
    let name = &host.name;
    let waits: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM delivery JOIN outgoing ON outgoing.id = delivery.outgoing
         WHERE state IN ('held', 'queued', 'sending', 'deferred')
             AND coalesce(delivery.route, outgoing.route) = ?1 COLLATE NOCASE)",
        [name],
        |row| row.get(0),
    )?;
    if waits {
        return Err(StoreError::Busy(format!(
            "letters in the outbox are to go through {name}; give them another route, or cancel them"
        )));
    }
    Ok(())
}

/// Every rule and default of the account, and every one of another account that went through a host that is `gone`,
/// names a smart host that there is.
pub(super) fn all_are_there(tx: &Tx<'_>, account: &Account, gone: &[&SmartHost]) -> Result<()> {
    let defaults =
        account.identities.iter().map(|identity| (format!("the default of {}", identity.address), &identity.route));
    let rules = account.rules.iter().map(|rule| (format!("the rule for {}", rule.domain), &rule.route));
    let mut there = tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM smart_host WHERE name = ?1)")?;
    for (what, route) in defaults.chain(rules) {
        if let RoutePolicy::SmartHost(name) = route
            && !there.query_row([name], |row| row.get::<_, bool>(0))?
        {
            let is_gone = gone.iter().any(|host| host.name.eq_ignore_ascii_case(name));
            return Err(StoreError::Invalid(match is_gone {
                true => format!("{what} goes through {name}; change that first"),
                false => format!("{what} would go through “{name}”, and there is no such smart host"),
            }));
        }
    }
    let elsewhere =
        "SELECT 'the default of ' || address FROM identity WHERE route = ?1 COLLATE NOCASE AND account <> ?2
         UNION ALL SELECT 'the rule for ' || domain FROM route_rule
         WHERE route = ?1 COLLATE NOCASE AND account <> ?2 LIMIT 1";
    let mut elsewhere = tx.prepare_cached(elsewhere)?;
    for host in gone {
        let mut found = elsewhere.query((&host.name, account.id.0))?;
        if let Some(row) = found.next()? {
            let what: String = row.get(0)?;
            let message = format!("{what}, of another account, goes through {}; change that first", host.name);
            return Err(StoreError::Busy(message));
        }
    }
    Ok(())
}
