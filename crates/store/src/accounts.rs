//! Accounts with their identities and smart hosts.

use crate::columns::{Json, Shown};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{
    Account, AccountId, EmailAddress, Identity, IdentityId, RoutePolicy, RouteRule, Server, SmartHost, SmartHostId,
};
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
                let host = SmartHost { id: SmartHostId(0), name: host.name, server: host.server };
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
    /// number 0 are added. The account as it then is comes back.
    pub async fn update_account(&self, account: &Account) -> Result<Account> {
        let account = account.clone();
        self.write_local(move |tx| {
            if account.identities.is_empty() {
                return Err(StoreError::Invalid("an account needs at least one identity".to_owned()));
            }
            let sql = "UPDATE account SET address = ?2, practice = ?3, imap = ?4 WHERE id = ?1";
            let imap = account.imap.as_ref().map(Json);
            if tx.execute(sql, (account.id.0, Shown(&account.address), account.practice, imap))? == 0 {
                return Err(StoreError::NotFound(format!("account {}", account.id)));
            }
            let identities = account.identities.iter().map(|identity| identity.id.0);
            remove_others(tx, "identity", account.id, identities)?;
            let smart_hosts = account.smart_hosts.iter().map(|host| host.id.0);
            remove_others(tx, "smart_host", account.id, smart_hosts)?;
            for (position, identity) in account.identities.iter().enumerate() {
                put_identity(tx, account.id, position, identity)?;
            }
            for (position, host) in account.smart_hosts.iter().enumerate() {
                put_smart_host(tx, account.id, position, host)?;
            }
            put_rules(tx, account.id, &account.rules)?;
            tx.changed(Change::Accounts);
            known(tx, account.id)
        })
        .await
    }

    /// Removes an account with its letters, journal and drafts. What was sent from it stays in the history.
    /// `Busy` while one of its deliveries is open.
    pub async fn remove_account(&self, id: AccountId) -> Result<()> {
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
        .await?;
        self.forget_mail(id).await
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

fn put_rules(tx: &Tx<'_>, account: AccountId, rules: &[RouteRule]) -> Result<()> {
    tx.execute("DELETE FROM route_rule WHERE account = ?1", [account.0])?;
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
    let name = free_name(tx, host)?;
    let sql = "INSERT INTO smart_host (id, account, position, name, server) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5)
               ON CONFLICT (id) DO UPDATE SET position = excluded.position, name = excluded.name,
                   server = excluded.server
               WHERE account = excluded.account";
    tx.execute(sql, (host.id.0, account.0, position as i64, name, Json(&host.server)))?;
    Ok(())
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
        let reserved = ["auto", "direct"].iter().any(|word| word.eq_ignore_ascii_case(&name));
        if !reserved && !taken.query_row((&name, host.id.0), |row| row.get::<_, bool>(0))? {
            return Ok(name);
        }
    }
    Err(StoreError::Invalid(format!("no free name for the smart host {wish}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, account_of, server};

    #[tokio::test]
    async fn an_account_comes_back_as_it_was_added() {
        let (_home, store) = testing::store().await;
        let added = store.add_account(account_of("anna@example.org", &["relay"])).await.unwrap();
        assert_eq!(added.identities[0].address, added.address);
        assert_eq!(added.smart_hosts[0].name, "relay");
        assert_eq!(store.accounts().await.unwrap(), vec![added.clone()]);
        let (owner, host) = store.smart_host("relay").await.unwrap().unwrap();
        assert_eq!((owner, host), (added.id, added.smart_hosts[0].clone()));
        let found = store.account_by_address(&"Anna@EXAMPLE.org".parse().unwrap()).await.unwrap();
        assert_eq!(found, Some(added));
    }

    #[tokio::test]
    async fn an_address_is_added_once() {
        let (_home, store) = testing::store().await;
        store.add_account(account_of("anna@example.org", &[])).await.unwrap();
        let again = store.add_account(account_of("anna@example.org", &[])).await;
        assert!(matches!(again, Err(StoreError::Invalid(_))));
    }

    #[tokio::test]
    async fn names_of_smart_hosts_are_made_unique_and_never_words_of_a_policy() {
        let (_home, store) = testing::store().await;
        let one =
            store.add_account(account_of("a@example.org", &["relay", "relay", "direct", "Auto"])).await.unwrap();
        let names: Vec<_> = one.smart_hosts.iter().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["relay", "relay 2", "direct 2", "Auto 2"]);
        let two = store.add_account(account_of("b@example.org", &["relay", ""])).await.unwrap();
        let names: Vec<_> = two.smart_hosts.iter().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["relay 3", "mail.example.org"]);
    }

    #[tokio::test]
    async fn an_update_writes_what_it_is_given_and_keeps_the_numbers() {
        let (_home, store) = testing::store().await;
        let mut account = store.add_account(account_of("a@example.org", &["one", "two"])).await.unwrap();
        let kept = account.smart_hosts[1].clone();
        account.smart_hosts = vec![
            kept.clone(),
            SmartHost { id: SmartHostId(0), name: "three".into(), server: server("smtp.example.net", 465) },
        ];
        account.identities[0].signature = "Anna".into();
        let updated = store.update_account(&account).await.unwrap();
        assert_eq!(updated.smart_hosts[0], kept);
        assert_eq!(updated.smart_hosts[1].name, "three");
        assert_eq!(updated.identities, account.identities);
        assert!(store.smart_host("one").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_account_without_identity_is_refused() {
        let (_home, store) = testing::store().await;
        let mut account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
        account.identities.clear();
        assert!(matches!(store.update_account(&account).await, Err(StoreError::Invalid(_))));
    }

    #[tokio::test]
    async fn settings_are_set_read_and_taken_back() {
        let (_home, store) = testing::store().await;
        store.set_setting("net.helo", Some("a.example")).await.unwrap();
        store.set_setting("net.helo", Some("b.example")).await.unwrap();
        assert_eq!(store.setting("net.helo").await.unwrap().as_deref(), Some("b.example"));
        assert_eq!(store.settings().await.unwrap(), vec![("net.helo".into(), "b.example".into())]);
        store.set_setting("net.helo", None).await.unwrap();
        assert_eq!(store.setting("net.helo").await.unwrap(), None);
    }
}
