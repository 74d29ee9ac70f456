//! Access tokens for accounts that log in with them: kept while they hold, made anew before they run out and after a
//! refusal, one question at a time for each account.
//!
//! The refresh token is on the disk before the token that came with it is used: a provider may take the former one back
//! at once. Another process may have done the same, so a refusal counts only where nothing newer is kept. What a new
//! sign-in brought is never replaced by what came of the one before it, however long that was on its way.
//!
//! No token is made for a server that it may not go to ([`super::reach`]), however that got into the account.

use super::grant::{Access, GrantError, Granted, Kept, refresh};
use crate::worlds::Worlds;
use jiff::Timestamp;
use model::{Account, AccountId, OAuthClient, Secret, Server};
use net::Net;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use store::{AccessTokens, Secrets, SecretsError, Store, TokenAnswer, imap_key, oauth_key, smart_host_key};

/// The token of an account. Whoever makes it anew holds the lock, and the others wait for what comes of it.
type Slot = Arc<tokio::sync::Mutex<Option<Access>>>;

pub(crate) struct Tokens {
    store: Store,
    worlds: OnceLock<Weak<Worlds>>,
    slots: Mutex<HashMap<AccountId, Slot>>,
    /// Held while what is kept is compared and written, and never while a provider is asked.
    writing: tokio::sync::Mutex<()>,
}

impl Tokens {
    pub fn new(store: Store) -> Self {
        Self { store, worlds: OnceLock::new(), slots: Mutex::default(), writing: tokio::sync::Mutex::default() }
    }

    /// The network and the secrets to make them with.
    pub fn live_in(&self, worlds: &Arc<Worlds>) {
        // Nobody sets it twice.
        let _ = self.worlds.set(Arc::downgrade(worlds));
    }

    /// A token that was just given for this account.
    pub(super) async fn begin(&self, account: AccountId, access: Option<Access>) {
        *self.slot(account).lock().await = access;
    }

    /// Keeps what a new sign-in is renewed with.
    pub(super) async fn put(&self, secrets: &Secrets, key: &str, kept: &Kept) -> Result<(), SecretsError> {
        let _writing = self.writing.lock().await;
        secrets.set(key, &kept.secret()).await
    }

    /// Keeps the refresh token that came for `before`, where it is another one and `before` is still what is kept.
    async fn keep(&self, secrets: &Secrets, key: &str, before: &Kept, granted: &Granted) -> Result<(), SecretsError> {
        let Some(token) = granted.refresh.as_ref().filter(|token| token.expose() != before.refresh_token) else {
            return Ok(());
        };
        let kept = Kept { refresh_token: token.expose().to_owned(), client_secret: before.client_secret.clone() };
        let _writing = self.writing.lock().await;
        let now = secrets.get(key).await?.and_then(|secret| Kept::read(&secret));
        if now.as_ref() != Some(before) {
            tracing::info!(key, "somebody signed in again meanwhile");
            return Ok(());
        }
        secrets.set(key, &kept.secret()).await
    }

    async fn renewed(
        &self,
        net: &Net,
        secrets: &Secrets,
        account: &Account,
        client: &OAuthClient,
    ) -> Result<Access, SecretsError> {
        let key = oauth_key(&account.address);
        let mut kept = kept(secrets, &key).await?;
        loop {
            match refresh(net, client, &kept).await {
                Ok(granted) => {
                    self.keep(secrets, &key, &kept, &granted).await?;
                    return Ok(granted.access);
                }
                Err(GrantError::Failed(why)) => return Err(SecretsError::NoToken(why)),
                Err(GrantError::Refused(why)) => {
                    let now = self::kept(secrets, &key).await?;
                    if now == kept {
                        return Err(SecretsError::SignInAgain(why));
                    }
                    kept = now;
                }
            }
        }
    }

    fn slot(&self, account: AccountId) -> Slot {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_default().clone()
    }

    async fn make(&self, key: &str, refused: Option<&Secret>) -> Result<Option<Secret>, SecretsError> {
        let failed = |error: store::StoreError| SecretsError::Failed(error.to_string());
        let Some(account) =
            self.store.accounts().await.map_err(failed)?.into_iter().find(|one| server_of(one, key).is_some())
        else {
            return Ok(None);
        };
        let Some(client) = self.store.oauth(account.id).await.map_err(failed)? else { return Ok(None) };
        let server = server_of(&account, key);
        if !server.is_some_and(|server| advisor::token_may_go_to(&client, &server.host)) {
            tracing::warn!(account = %account.address, "a server that is none of the provider's wants its token");
            return Ok(None);
        }
        let slot = self.slot(account.id);
        let mut slot = slot.lock().await;
        let held = slot.as_ref().filter(|access| access.holds(Timestamp::now()) && Some(&access.token) != refused);
        if let Some(held) = held {
            return Ok(Some(held.token.clone()));
        }
        let Some(worlds) = self.worlds.get().and_then(Weak::upgrade) else { return Ok(None) };
        let (net, secrets) = (worlds.net(Some(account.id)), worlds.secrets(Some(account.id)));
        let access = self.renewed(&net, &secrets, &account, &client).await?;
        let token = access.token.clone();
        *slot = Some(access);
        Ok(Some(token))
    }
}

impl AccessTokens for Tokens {
    fn token<'a>(&'a self, key: &'a str, refused: Option<&'a Secret>) -> TokenAnswer<'a> {
        Box::pin(self.make(key, refused))
    }
}

/// The server of this account whose login stands under this key.
fn server_of<'a>(account: &'a Account, key: &str) -> Option<&'a Server> {
    if imap_key(&account.address) == key {
        return account.imap.as_ref();
    }
    account.smart_hosts.iter().find(|host| smart_host_key(&host.name) == key).map(|host| &host.server)
}

async fn kept(secrets: &Secrets, key: &str) -> Result<Kept, SecretsError> {
    let kept = secrets.get(key).await?.and_then(|secret| Kept::read(&secret));
    kept.ok_or_else(|| SecretsError::SignInAgain("no sign-in is stored on this computer".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use model::{EmailAddress, LoginForm, Security};
    use store::{NewAccount, NewSmartHost};

    fn server(host: &str) -> Server {
        let (host, user) = (host.to_owned(), "you@a.test".to_owned());
        Server { host, port: 993, security: Security::Tls, user, login: LoginForm::Token, trusted: None }
    }

    fn grant(refresh: &str) -> Granted {
        let access = Access { token: Secret::new("token"), expires_at: Timestamp::UNIX_EPOCH };
        Granted { access, refresh: Some(Secret::new(refresh)) }
    }

    #[tokio::test]
    async fn a_renewal_under_way_does_not_replace_what_a_new_sign_in_brought() {
        let home = tempfile::tempdir().unwrap();
        let tokens = Tokens::new(Store::open(home.path()).await.unwrap());
        let (secrets, key) = (Secrets::in_memory(), "oauth/you@a.test");
        let signed_in = |token: &str| Kept { refresh_token: token.to_owned(), client_secret: None };

        let first = signed_in("first");
        tokens.put(&secrets, key, &first).await.unwrap();
        tokens.keep(&secrets, key, &first, &grant("first, renewed")).await.unwrap();
        let renewed = kept(&secrets, key).await.unwrap();
        assert_eq!(renewed.refresh_token, "first, renewed", "the provider may have taken the first one back");

        // The provider is asked with the renewed one; before it answers, somebody signs in again.
        tokens.put(&secrets, key, &signed_in("second")).await.unwrap();
        tokens.keep(&secrets, key, &renewed, &grant("first, renewed twice")).await.unwrap();
        assert_eq!(kept(&secrets, key).await.unwrap().refresh_token, "second");

        // Nor does it come back where the account has none any more.
        secrets.delete(key).await.unwrap();
        tokens.keep(&secrets, key, &renewed, &grant("first, renewed twice")).await.unwrap();
        assert!(secrets.get(key).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_token_that_is_at_hand_is_not_given_for_a_server_that_is_none_of_the_providers() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        let smart_host = |host: &str| NewSmartHost { name: host.to_owned(), server: server(host) };
        let account = NewAccount {
            address: EmailAddress::parse("you@a.test").unwrap(),
            name: String::new(),
            imap: Some(server("imap.gmail.com")),
            smart_hosts: vec![smart_host("smtp.gmail.com"), smart_host("smtp.evil.test")],
            practice: false,
        };
        let account = store.add_account(account).await.unwrap();
        let google = super::super::providers::known("google").unwrap().client("id");
        store.set_oauth(account.id, Some(&google)).await.unwrap();
        let tokens = Tokens::new(store.clone());
        let token = Secret::new("token");
        let expires_at = Timestamp::now().checked_add(SignedDuration::from_hours(1)).unwrap();
        tokens.begin(account.id, Some(Access { token: token.clone(), expires_at })).await;

        assert_eq!(tokens.make("imap/you@a.test", None).await, Ok(Some(token.clone())));
        assert_eq!(tokens.make("smtp/smtp.gmail.com", None).await, Ok(Some(token)));
        assert_eq!(tokens.make("smtp/smtp.evil.test", None).await, Ok(None));
        let elsewhere = Account { imap: Some(server("imap.evil.test")), ..account };
        store.update_account(&elsewhere).await.unwrap();
        assert_eq!(tokens.make("imap/you@a.test", None).await, Ok(None));
    }
}
