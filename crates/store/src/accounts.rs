//! Accounts with their identities and smart hosts.

mod renames;

use crate::columns::{Json, Shown};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{
    Account, AccountId, EmailAddress, Identity, IdentityId, RoutePolicy, RouteRule, Server, SmartHost, SmartHostId,
};
use renames::Renames;
use rusqlite::{Connection, OptionalExtension, Row};
use std::sync::Arc;

/// An account to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The address; it becomes the first identity.
    pub address: EmailAddress,
    /// The name of that identity; empty for none.
    pub name: String,
    /// Where its mail is read; `None` for an account that only sends.
    pub imap: Option<Server>,
    /// Smart hosts, in the order in which they are tried.
    pub smart_hosts: Vec<NewSmartHost>,
    /// Whether it is the account of the practice post office.
    pub practice: bool,
}

/// A smart host to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSmartHost {
    /// The name wished for; a number is added where it is taken.
    pub name: String,
    /// Where it is.
    pub server: Server,
}

impl Store {
    /// Adds an account. Its address must not be here yet.
    pub async fn add_account(&self, account: NewAccount) -> Result<Account> {
        self.write_local(move |tx| {
            let address = account.address.clone();
            if by_address(tx, &address)?.is_some_and(|there| same(&there.address, &address)) {
                return Err(StoreError::Invalid(format!("there is an account {address} already")));
            }
            let sql = "INSERT INTO account (address, practice, imap) VALUES (?1, ?2, ?3)";
            tx.execute(sql, (Shown(&address), account.practice, account.imap.as_ref().map(Json)))?;
            let id = AccountId(tx.last_insert_rowid());
            let identity = Identity {
                id: IdentityId(0),
                address,
                name: account.name,
                signature: String::new(),
                route: RoutePolicy::Auto,
            };
            put_identity(tx, id, 0, &identity)?;
            for (position, host) in account.smart_hosts.into_iter().enumerate() {
                let mut host = SmartHost { id: SmartHostId(0), name: host.name, server: host.server };
                host.name = free_name(tx, &host)?;
                put_smart_host(tx, id, position, &host)?;
            }
            tx.changed(Change::Accounts);
            known(tx, id)
        })
        .await
    }

    /// All accounts, in the order in which they were added.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.all_accounts().await?.to_vec())
    }

    async fn all_accounts(&self) -> Result<Arc<[Account]>> {
        let read = || {
            self.local(|db| {
                let mut query = db.prepare_cached("SELECT id FROM account ORDER BY id")?;
                let ids = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
                ids.into_iter().map(|id| known(db, AccountId(id))).collect()
            })
        };
        self.cache().accounts.get_or((), read).await
    }

    /// One account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        Ok(self.all_accounts().await?.iter().find(|account| account.id == id).cloned())
    }

    /// The account of this address, or with an identity of this address.
    pub async fn account_by_address(&self, address: &EmailAddress) -> Result<Option<Account>> {
        let accounts = self.all_accounts().await?;
        let named = accounts.iter().find(|account| same(&account.address, address));
        let of_identity = |account: &&Account| account.identities.iter().any(|one| same(&one.address, address));
        Ok(named.or_else(|| accounts.iter().find(of_identity)).cloned())
    }

    /// Writes an account as it is given: identities and smart hosts that are missing in it go, and those with the
    /// number 0 are added. Smart hosts may exchange their names; what goes through one goes with it under its new name.
    /// The account as it then is comes back.
    ///
    /// `Invalid` where a name is taken, or a default or a rule names a smart host that is not there; `Busy` where a smart
    /// host would go that a letter in the outbox is to go through.
    pub async fn update_account(&self, account: &Account) -> Result<Account> {
        let account = account.clone();
        self.write_local(move |tx| {
            update(tx, account.clone())?;
            tx.changed(Change::Accounts);
            known(tx, account.id)
        })
        .await
    }

    /// Removes an account with its letters, journal and drafts. What was sent from it stays in the history.
    /// `Busy` while one of its deliveries is open.
    pub async fn remove_account(&self, id: AccountId) -> Result<()> {
        self.drop_account(id).await?;
        self.forget_mail(id).await
    }

    /// The same without its letters, which are still to go ([`Store::forget_mail`]); the next start sees to it otherwise.
    pub async fn drop_account(&self, id: AccountId) -> Result<()> {
        self.write_local(move |tx| {
            let open: bool = tx.query_row(
                "SELECT EXISTS (SELECT 1 FROM outgoing JOIN delivery ON delivery.outgoing = outgoing.id
                 WHERE account = ?1 AND state IN ('held', 'queued', 'sending', 'deferred'))",
                [id.0],
                |row| row.get(0),
            )?;
            if open {
                let why = "letters from this account are still in the outbox; wait for them, or cancel them";
                return Err(StoreError::Busy(why.to_owned()));
            }
            if tx.execute("DELETE FROM account WHERE id = ?1", [id.0])? == 0 {
                return Err(StoreError::NotFound(format!("account {id}")));
            }
            tx.changed(Change::Accounts);
            Ok(())
        })
        .await
    }

    /// The smart host of this name and the account it belongs to.
    pub async fn smart_host(&self, name: &str) -> Result<Option<(AccountId, SmartHost)>> {
        let accounts = self.all_accounts().await?;
        let mut all = accounts.iter().flat_map(|account| account.smart_hosts.iter().map(|host| (account.id, host)));
        Ok(all.find(|(_, host)| host.name.eq_ignore_ascii_case(name)).map(|(account, host)| (account, host.clone())))
    }
}

fn same(one: &EmailAddress, other: &EmailAddress) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
}

fn by_address(db: &Connection, address: &EmailAddress) -> Result<Option<Account>> {
    let sql = "SELECT id FROM (SELECT id, 0 AS rank FROM account WHERE address = ?1
               UNION ALL SELECT account, 1 FROM identity WHERE address = ?1) ORDER BY rank, id LIMIT 1";
    let id = db.prepare_cached(sql)?.query_row([Shown(address)], |row| row.get(0)).optional()?;
    id.map_or(Ok(None), |id| load(db, AccountId(id)))
}

fn known(db: &Connection, id: AccountId) -> Result<Account> {
    load(db, id)?.ok_or_else(|| StoreError::NotFound(format!("account {id}")))
}

fn load(db: &Connection, id: AccountId) -> Result<Option<Account>> {
    let mut query = db.prepare_cached("SELECT address, practice, imap FROM account WHERE id = ?1")?;
    let account = query.query_row([id.0], |row| {
        let imap: Option<Json<Server>> = row.get("imap")?;
        Ok(Account {
            id,
            address: row.get::<_, Shown<_>>("address")?.0,
            imap: imap.map(|server| server.0),
            identities: Vec::new(),
            smart_hosts: Vec::new(),
            rules: Vec::new(),
            practice: row.get("practice")?,
        })
    });
    let Some(mut account) = account.optional()? else { return Ok(None) };
    let mut query = db.prepare_cached("SELECT * FROM identity WHERE account = ?1 ORDER BY position, id")?;
    account.identities = query.query_map([id.0], identity_of)?.collect::<rusqlite::Result<_>>()?;
    let mut query = db.prepare_cached("SELECT * FROM smart_host WHERE account = ?1 ORDER BY position, id")?;
    account.smart_hosts = query.query_map([id.0], smart_host_of)?.collect::<rusqlite::Result<_>>()?;
    let mut query = db.prepare_cached("SELECT domain, route FROM route_rule WHERE account = ?1 ORDER BY position")?;
    account.rules = query.query_map([id.0], rule_of)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(account))
}

fn update(tx: &Tx<'_>, mut account: Account) -> Result<()> {
    let before = known(tx, account.id)?;
    if account.identities.is_empty() {
        return Err(StoreError::Invalid("an account needs at least one identity".to_owned()));
    }
    let sql = "UPDATE account SET address = ?2, practice = ?3, imap = ?4 WHERE id = ?1";
    tx.execute(sql, (account.id.0, Shown(&account.address), account.practice, account.imap.as_ref().map(Json)))?;
    let is_gone = |host: &&SmartHost| !account.smart_hosts.iter().any(|kept| kept.id == host.id);
    let gone: Vec<&SmartHost> = before.smart_hosts.iter().filter(is_gone).collect();
    for host in &gone {
        renames::not_needed(tx, host)?;
    }
    remove_others(tx, "identity", account.id, account.identities.iter().map(|identity| identity.id.0))?;
    remove_others(tx, "smart_host", account.id, account.smart_hosts.iter().map(|host| host.id.0))?;
    put_away_names(tx, account.id)?;
    for (position, host) in account.smart_hosts.iter_mut().enumerate() {
        if host.id.0 != 0 {
            host.name = own_name(tx, host)?;
            put_smart_host(tx, account.id, position, host)?;
        }
    }
    for (position, host) in account.smart_hosts.iter_mut().enumerate().filter(|(_, host)| host.id.0 == 0) {
        host.name = free_name(tx, host)?;
        put_smart_host(tx, account.id, position, host)?;
    }
    let renames = Renames::between(&before.smart_hosts, &account.smart_hosts);
    renames.carry(&mut account, &before);
    renames.follow(tx, account.id)?;
    renames::all_are_there(tx, &account, &gone)?;
    for (position, identity) in account.identities.iter().enumerate() {
        put_identity(tx, account.id, position, identity)?;
    }
    put_rules(tx, account.id, &account.rules)
}

/// Makes room for names that are exchanged: each is unique, and they are written one after the other.
fn put_away_names(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("UPDATE smart_host SET name = char(31) || id WHERE account = ?1", [account.0])?;
    Ok(())
}

fn put_rules(tx: &Tx<'_>, account: AccountId, rules: &[RouteRule]) -> Result<()> {
    tx.execute("DELETE FROM route_rule WHERE account = ?1", [account.0])?;
    let twice = rules
        .iter()
        .enumerate()
        .find(|(at, rule)| rules.iter().take(*at).any(|earlier| earlier.domain.eq_ignore_ascii_case(&rule.domain)));
    if let Some((_, rule)) = twice {
        return Err(StoreError::Invalid(format!("there are two rules for {}", rule.domain)));
    }
    let mut put =
        tx.prepare_cached("INSERT INTO route_rule (account, position, domain, route) VALUES (?1, ?2, ?3, ?4)")?;
    for (position, rule) in rules.iter().enumerate() {
        put.execute((account.0, position as i64, &rule.domain, rule.route.to_string()))?;
    }
    Ok(())
}

fn rule_of(row: &Row<'_>) -> rusqlite::Result<RouteRule> {
    Ok(RouteRule { domain: row.get("domain")?, route: RoutePolicy::from(row.get::<_, String>("route")?) })
}

fn identity_of(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        id: IdentityId(row.get("id")?),
        address: row.get::<_, Shown<_>>("address")?.0,
        name: row.get("name")?,
        signature: row.get("signature")?,
        route: RoutePolicy::from(row.get::<_, String>("route")?),
    })
}

fn smart_host_of(row: &Row<'_>) -> rusqlite::Result<SmartHost> {
    Ok(SmartHost {
        id: SmartHostId(row.get("id")?),
        name: row.get("name")?,
        server: row.get::<_, Json<_>>("server")?.0,
    })
}

fn remove_others(tx: &Tx<'_>, table: &str, account: AccountId, kept: impl Iterator<Item = i64>) -> Result<()> {
    let kept = Json(kept.collect::<Vec<_>>());
    let sql = format!("DELETE FROM {table} WHERE account = ?1 AND id NOT IN (SELECT value FROM json_each(?2))");
    tx.execute(&sql, (account.0, kept))?;
    Ok(())
}

fn put_identity(tx: &Tx<'_>, account: AccountId, position: usize, identity: &Identity) -> Result<()> {
    let sql = "INSERT INTO identity (id, account, position, address, name, signature, route)
               VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (id) DO UPDATE SET position = excluded.position, address = excluded.address,
                   name = excluded.name, signature = excluded.signature, route = excluded.route
               WHERE account = excluded.account";
    tx.execute(
        sql,
        (
            identity.id.0,
            account.0,
            position as i64,
            Shown(&identity.address),
            &identity.name,
            &identity.signature,
            identity.route.to_string(),
        ),
    )?;
    Ok(())
}

fn put_smart_host(tx: &Tx<'_>, account: AccountId, position: usize, host: &SmartHost) -> Result<()> {
    let sql = "INSERT INTO smart_host (id, account, position, name, server) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5)
               ON CONFLICT (id) DO UPDATE SET position = excluded.position, name = excluded.name,
                   server = excluded.server
               WHERE account = excluded.account";
    tx.execute(sql, (host.id.0, account.0, position as i64, &host.name, Json(&host.server)))?;
    Ok(())
}

/// The name that is given to a smart host that had one already: no other is taken in its place.
fn own_name(tx: &Tx<'_>, host: &SmartHost) -> Result<String> {
    let name = host.name.trim();
    if name.is_empty() || is_word_of_a_policy(name) {
        return Err(StoreError::Invalid(format!("a smart host cannot be called “{name}”; choose another name")));
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM smart_host WHERE name = ?1 AND id <> ?2)";
    if tx.prepare_cached(sql)?.query_row((name, host.id.0), |row| row.get(0))? {
        return Err(StoreError::Invalid(format!("there is a smart host “{name}” already; choose another name")));
    }
    Ok(name.to_owned())
}

fn is_word_of_a_policy(name: &str) -> bool {
    ["auto", "direct"].iter().any(|word| word.eq_ignore_ascii_case(name))
}

/// The name wished for, or with the lowest number that makes it the only one of its kind. `auto` and `direct` are
/// words of the route policy.
fn free_name(tx: &Tx<'_>, host: &SmartHost) -> Result<String> {
    let wish = match host.name.trim() {
        "" => host.server.host.as_str(),
        name => name,
    };
    let sql = "SELECT EXISTS (SELECT 1 FROM smart_host WHERE name = ?1 AND id <> ?2)";
    let mut taken = tx.prepare_cached(sql)?;
    for number in 1.. {
        let name = if number == 1 { wish.to_owned() } else { format!("{wish} {number}") };
        if !is_word_of_a_policy(&name) && !taken.query_row((&name, host.id.0), |row| row.get::<_, bool>(0))? {
            return Ok(name);
        }
    }
    Err(StoreError::Invalid(format!("no free name for the smart host {wish}")))
}

#[cfg(test)]
mod tests;
