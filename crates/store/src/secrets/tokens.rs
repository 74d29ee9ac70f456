//! What a login is made with: the secret that is kept for it, or an access token that is made when it is needed.
//!
//! Tokens come from whoever keeps the store's [`AccessTokens`]; `imap` and `outbound` ask here, and nowhere else.

use super::{Secrets, SecretsError};
use model::{LoginForm, Secret};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What becomes of a question for a token.
pub type TokenAnswer<'a> = Pin<Box<dyn Future<Output = Result<Option<Secret>, SecretsError>> + Send + 'a>>;

/// Makes access tokens (OAuth 2.0).
pub trait AccessTokens: Send + Sync {
    /// A token for the login whose secret stands under this key ([`super::imap_key`], [`super::smart_host_key`]); `None` where
    /// its account has no way to get one. `refused` is one that a server did not take: it is not given again.
    fn token<'a>(&'a self, key: &'a str, refused: Option<&'a Secret>) -> TokenAnswer<'a>;
}

impl Secrets {
    /// The same store, with tokens made by this.
    #[must_use]
    pub fn with_tokens(self, tokens: Arc<dyn AccessTokens>) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    /// What to log in with: for a token, one that is kept under the key or else one that is made now.
    pub async fn login(&self, key: &str, form: LoginForm) -> Result<Option<Secret>, SecretsError> {
        match (self.get(key).await?, form, &self.tokens) {
            (None, LoginForm::Token, Some(tokens)) => tokens.token(key, None).await,
            (kept, ..) => Ok(kept),
        }
    }

    /// Another token than the one that was refused; `None` where there is none but that, and for passwords.
    pub async fn login_again(
        &self,
        key: &str,
        form: LoginForm,
        refused: &Secret,
    ) -> Result<Option<Secret>, SecretsError> {
        match (form, &self.tokens) {
            (LoginForm::Token, Some(tokens)) if self.get(key).await?.is_none() => {
                let other = tokens.token(key, Some(refused)).await?;
                Ok(other.filter(|other| other != refused))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes `first`, and after a refusal `second`.
    struct Two;

    impl AccessTokens for Two {
        fn token<'a>(&'a self, key: &'a str, refused: Option<&'a Secret>) -> TokenAnswer<'a> {
            let made = if refused.is_some() { "second" } else { "first" };
            Box::pin(async move { Ok((key == "imap/you@a.test").then(|| Secret::new(made))) })
        }
    }

    #[tokio::test]
    async fn a_token_is_made_where_none_is_kept_and_once_more_after_a_refusal() {
        let secrets = Secrets::in_memory().with_tokens(Arc::new(Two));
        let (key, token) = ("imap/you@a.test", LoginForm::Token);
        let made = secrets.login(key, token).await.unwrap().unwrap();
        assert_eq!(made.expose(), "first");
        assert_eq!(secrets.login_again(key, token, &made).await.unwrap(), Some(Secret::new("second")));
        assert_eq!(secrets.login_again(key, token, &Secret::new("second")).await.unwrap(), None);
        assert_eq!(secrets.login(key, LoginForm::Password).await.unwrap(), None);
        assert_eq!(secrets.login("smtp/other", token).await.unwrap(), None);
        secrets.set(key, &Secret::new("kept")).await.unwrap();
        assert_eq!(secrets.login(key, token).await.unwrap(), Some(Secret::new("kept")));
        assert_eq!(secrets.login_again(key, token, &Secret::new("kept")).await.unwrap(), None);
    }
}
