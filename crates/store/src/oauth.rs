//! From whom accounts get their access tokens (OAuth 2.0). The tokens themselves are among the secrets.

use crate::columns::Json;
use crate::{Change, Result, Store};
use model::{AccountId, OAuthClient};
use rusqlite::OptionalExtension;

impl Store {
    /// From whom an account gets its tokens; `None` where it logs in with a password.
    pub async fn oauth(&self, account: AccountId) -> Result<Option<OAuthClient>> {
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT what FROM oauth WHERE account = ?1")?;
            Ok(query.query_row([account.0], |row| Ok(row.get::<_, Json<_>>(0)?.0)).optional()?)
        })
        .await
    }

    /// Notes from whom an account gets its tokens from now on; with `None`, that it has a password.
    pub async fn set_oauth(&self, account: AccountId, client: Option<&OAuthClient>) -> Result<()> {
        let client = client.cloned();
        self.write_local(move |tx| {
            match client {
                Some(client) => {
                    tx.execute(
                        "INSERT OR REPLACE INTO oauth (account, what) VALUES (?1, ?2)",
                        (account.0, Json(&client)),
                    )?;
                }
                None => {
                    tx.execute("DELETE FROM oauth WHERE account = ?1", [account.0])?;
                }
            }
            tx.changed(Change::Accounts);
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_account_gets_its_tokens_where_it_was_last_said() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(testing::account_of("you@a.test", &[])).await.unwrap();
        assert_eq!(store.oauth(account.id).await.unwrap(), None);
        let mut client = OAuthClient {
            provider: "sso.a.test".into(),
            client_id: "postrider".into(),
            scopes: vec!["imap".into()],
            authorize_url: "https://sso.a.test/authorize".into(),
            token_url: "https://sso.a.test/token".into(),
            device_url: None,
            redirect_url: None,
            hosts: vec!["imap.a.test".into()],
        };
        store.set_oauth(account.id, Some(&client)).await.unwrap();
        client.client_id = "another".into();
        store.set_oauth(account.id, Some(&client)).await.unwrap();
        assert_eq!(store.oauth(account.id).await.unwrap(), Some(client));
        store.set_oauth(account.id, None).await.unwrap();
        assert_eq!(store.oauth(account.id).await.unwrap(), None);
    }
}
