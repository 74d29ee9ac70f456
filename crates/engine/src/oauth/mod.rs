//! Signing in at a provider (OAuth 2.0): in the user's browser with PKCE and an answer to this computer (RFC 6749, RFC
//! 7636, RFC 8252), or by a code that is typed in on another device (RFC 8628).
//!
//! A sign-in is begun, waited for, and then either belongs to an account at once or is kept here until the account is
//! added with its number. It ends by itself after ten minutes. No token leaves the engine but to servers and the secret
//! store.

mod grant;
mod providers;
mod reach;
mod redirect;
mod tokens;
pub mod view;

pub(crate) use reach::refuse_elsewhere;
pub(crate) use tokens::Tokens;

use crate::Engine;
use crate::error::Error;
use crate::view::Nothing;
use grant::{Access, GrantError, Granted, Kept, Question};
use model::{Account, CallError, OAuthClient, Secret};
use redirect::{Answer, Listeners};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{imap_key, oauth_key};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use view::{
    OAuthAnswerArgs, OAuthArgs, OAuthBegun, OAuthDevice, OAuthProviderView, OAuthSignInArgs, OAuthSignedIn, SignInId,
};

/// How long a sign-in is waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// Sign-ins under way, or done and not used yet.
const MOST: usize = 16;

/// The sign-ins of this process.
#[derive(Default)]
pub(crate) struct SignIns {
    all: Mutex<(u32, HashMap<SignInId, SignIn>)>,
}

/// One sign-in.
struct SignIn {
    client: OAuthClient,
    client_secret: Option<String>,
    /// The addresses that the user hands over.
    by_hand: mpsc::Sender<String>,
    outcome: watch::Receiver<Option<Result<Granted, GrantError>>>,
    task: AbortHandle,
}

impl Drop for SignIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a sign-in gave, with which an account can be added.
#[derive(Clone)]
pub(crate) struct SignedIn {
    client: OAuthClient,
    client_secret: Option<String>,
    granted: Granted,
}

impl SignedIn {
    /// What to log in with now.
    pub fn token(&self) -> &Secret {
        &self.granted.access.token
    }

    /// By whom it was given, and for which servers.
    pub fn client(&self) -> &OAuthClient {
        &self.client
    }

    fn access(&self) -> Access {
        self.granted.access.clone()
    }
}

impl SignIns {
    fn with<T>(&self, act: impl FnOnce(&mut u32, &mut HashMap<SignInId, SignIn>) -> T) -> T {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, sign_ins) = &mut *all;
        act(last, sign_ins)
    }

    fn put(&self, sign_in: SignIn) -> SignInId {
        self.with(|last, all| {
            *last += 1;
            let oldest = all.keys().copied().min_by_key(|id| id.0).filter(|_| all.len() >= MOST);
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
            all.insert(SignInId(*last), sign_in);
            SignInId(*last)
        })
    }

    /// What a sign-in that is done gave.
    pub fn signed_in(&self, id: SignInId) -> Result<SignedIn, Error> {
        let found = self.with(|_, all| {
            let sign_in = all.get(&id)?;
            let Some(Ok(granted)) = sign_in.outcome.borrow().clone() else { return None };
            let (client, client_secret) = (sign_in.client.clone(), sign_in.client_secret.clone());
            Some(SignedIn { client, client_secret, granted })
        });
        found.ok_or_else(|| Error::invalid("the sign-in is not done, or was used already", "Sign in again."))
    }

    pub fn forget(&self, id: SignInId) {
        self.with(|_, all| all.remove(&id));
    }
}

impl Engine {
    pub(crate) async fn oauth_providers(&self, _: Nothing) -> Result<Vec<OAuthProviderView>, Error> {
        let mut views = Vec::new();
        for provider in &providers::PROVIDERS {
            let own = self.store().setting(&provider.setting()).await?;
            views.push(OAuthProviderView {
                provider: provider.word.to_owned(),
                name: provider.name.to_owned(),
                has_client: own.is_some() || provider.built_in().is_some(),
                by_code: provider.has_device_flow(),
                by_hand: matches!(provider.redirect, providers::Redirect::ByHand(_)),
                register: provider.register.to_owned(),
            });
        }
        Ok(views)
    }

    pub(crate) async fn oauth_begin(&self, args: OAuthArgs) -> Result<OAuthBegun, Error> {
        let net = self.inner.worlds.usable_net(args.account)?;
        let (client, secret) = self.client_for(&args).await?;
        let (listeners, back) = match &client.redirect_url {
            Some(url) => (None, url.clone()),
            None => {
                let listeners = Listeners::open().await.map_err(no_port)?;
                let back = format!("http://{}:{}/", providers::loopback_host(&client), listeners.port());
                (Some(listeners), back)
            }
        };
        let question = grant::question(&client, &back, &args.address).map_err(refused)?;
        let url = question.url.clone();
        let by_hand = listeners.is_none();
        let (give, handed) = mpsc::channel(1);
        let id = self.sign_in(client.clone(), secret.clone(), give, async move {
            let code = answer(listeners, handed, &question).await?;
            grant::exchange(&net, &client, secret.as_deref(), question, code).await
        });
        Ok(OAuthBegun { sign_in: id, url, by_hand })
    }

    pub(crate) async fn oauth_device(&self, args: OAuthArgs) -> Result<OAuthDevice, Error> {
        let net = self.inner.worlds.usable_net(args.account)?;
        let (client, secret) = self.client_for(&args).await?;
        let code = grant::device_code(&net, &client, secret.as_deref()).await.map_err(refused)?;
        let shown = (code.user_code().secret().to_owned(), code.verification_uri().to_string());
        let seconds = u32::try_from(code.expires_in().as_secs()).unwrap_or(u32::MAX);
        let (give, _) = mpsc::channel(1);
        let id = self.sign_in(client.clone(), secret.clone(), give, async move {
            grant::wait_for_device(&net, &client, secret.as_deref(), &code).await
        });
        Ok(OAuthDevice { sign_in: id, code: shown.0, url: shown.1, seconds })
    }

    /// Lets a sign-in go on beside everything else.
    fn sign_in(
        &self,
        client: OAuthClient,
        client_secret: Option<String>,
        by_hand: mpsc::Sender<String>,
        granting: impl Future<Output = Result<Granted, GrantError>> + Send + 'static,
    ) -> SignInId {
        let (tell, outcome) = watch::channel(None);
        let task = tokio::spawn(async move {
            let granted = tokio::time::timeout(PATIENCE, granting).await;
            let late = || Err(GrantError::Failed("nobody signed in within ten minutes".to_owned()));
            let _ = tell.send(Some(granted.unwrap_or_else(|_| late())));
        });
        let task = task.abort_handle();
        self.inner.sign_ins.put(SignIn { client, client_secret, by_hand, outcome, task })
    }

    pub(crate) async fn oauth_answer(&self, args: OAuthAnswerArgs) -> Result<(), Error> {
        let to = self.inner.sign_ins.with(|_, all| all.get(&args.sign_in).map(|one| one.by_hand.clone()));
        let to = to.ok_or_else(|| Error::not_found("such sign-in"))?;
        to.send(args.address).await.map_err(|_| Error::not_found("sign-in that waits for this"))
    }

    pub(crate) async fn oauth_cancel(&self, args: OAuthSignInArgs) -> Result<(), Error> {
        self.inner.sign_ins.forget(args.sign_in);
        Ok(())
    }

    pub(crate) async fn oauth_wait(&self, args: OAuthSignInArgs) -> Result<OAuthSignedIn, Error> {
        let outcome = self.inner.sign_ins.with(|_, all| all.get(&args.sign_in).map(|one| one.outcome.clone()));
        let mut outcome = outcome.ok_or_else(|| Error::not_found("such sign-in"))?;
        let ended = outcome.wait_for(Option::is_some).await.map(|outcome| outcome.clone()).ok().flatten();
        match ended {
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                self.inner.sign_ins.forget(args.sign_in);
                return Err(refused(error));
            }
            None => return Err(CallError::new("cancelled", "the sign-in was broken off", "").into()),
        }
        let signed_in = self.inner.sign_ins.signed_in(args.sign_in)?;
        let provider = providers::name_of(&signed_in.client);
        let lasting = signed_in.granted.refresh.is_some();
        if let Some(account) = args.account {
            let account = self.require_account(account).await?;
            self.inner.sign_ins.forget(args.sign_in);
            self.use_sign_in(&account, signed_in).await?;
            self.begin_sync(&account).await;
            self.retry_after_login(&account).await?;
        }
        Ok(OAuthSignedIn { provider, lasting })
    }

    /// Gives an account what a sign-in brought, in the place of its password.
    pub(crate) async fn use_sign_in(&self, account: &Account, signed_in: SignedIn) -> Result<(), Error> {
        let refresh = signed_in.granted.refresh.as_ref().ok_or_else(|| {
            let name = providers::name_of(&signed_in.client);
            Error::invalid(
                format!("{name} gave access for a short time only, and nothing to renew it with"),
                "Take this program's access back in your account there, and sign in again.",
            )
        })?;
        let wanted = reach::with_tokens(account, &signed_in.client)?;
        let secrets = self.inner.worlds.secrets(Some(account.id));
        let client_secret = signed_in.client_secret.clone();
        let kept = Kept { refresh_token: refresh.expose().to_owned(), client_secret };
        self.inner.tokens.put(&secrets, &oauth_key(&account.address), &kept).await?;
        self.store().set_oauth(account.id, Some(&signed_in.client)).await?;
        self.inner.tokens.begin(account.id, Some(signed_in.access())).await;
        // A password in its place would be shown to the server first.
        secrets.delete(&imap_key(&account.address)).await?;
        let account = if wanted == *account { wanted } else { self.store().update_account(&wanted).await? };
        for host in reach::own_with_tokens(&account, &signed_in.client) {
            secrets.delete(&store::smart_host_key(&host.name)).await?;
        }
        Ok(())
    }

    /// An error for a changed account of which a server wants a token that it may not have. A token that was typed in for a
    /// server is the user's to give.
    pub(crate) async fn refuse_tokens_elsewhere(&self, account: &Account) -> Result<(), Error> {
        let Some(client) = self.store().oauth(account.id).await? else { return Ok(()) };
        let secrets = self.inner.worlds.secrets(Some(account.id));
        let imap = account.imap.iter().map(|server| (imap_key(&account.address), server));
        let smart_hosts = account.smart_hosts.iter().map(|host| (store::smart_host_key(&host.name), &host.server));
        for (key, server) in imap.chain(smart_hosts) {
            if let Err(refused) = refuse_elsewhere(&client, server)
                && secrets.get(&key).await?.is_none()
            {
                return Err(refused.into());
            }
        }
        Ok(())
    }

    /// The client that is to be used, with its secret. An account that could do nothing with its tokens is told so before
    /// anybody signs in.
    async fn client_for(&self, args: &OAuthArgs) -> Result<(OAuthClient, Option<String>), Error> {
        let (client, secret) = self.client_of(args).await?;
        if let Some(account) = args.account {
            reach::with_tokens(&self.require_account(account).await?, &client)?;
        }
        Ok((client, secret))
    }

    /// The client that is to be used, with its secret: given, set, known from the account, or built in.
    async fn client_of(&self, args: &OAuthArgs) -> Result<(OAuthClient, Option<String>), Error> {
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let secret = given(&args.client_secret);
        if let Some(custom) = &args.server {
            return Ok((custom.client()?, secret));
        }
        if let (Some(account), None) = (args.account, given(&args.provider)) {
            let account = self.require_account(account).await?;
            let kept = self.store().oauth(account.id).await?.ok_or_else(|| {
                let hint = "Name the provider: google, microsoft or yahoo.";
                Error::invalid(format!("{} logs in with a password", account.address), hint)
            })?;
            let secrets = self.inner.worlds.secrets(Some(account.id));
            let before = secrets.get(&oauth_key(&account.address)).await?.and_then(|secret| Kept::read(&secret));
            return Ok((kept, secret.or_else(|| before.and_then(|kept| kept.client_secret))));
        }
        let word = given(&args.provider).unwrap_or_default();
        let provider = providers::known(&word).ok_or_else(|| {
            let hint = "These are known: google, microsoft, yahoo. For a server of your own, give its addresses.";
            Error::invalid(format!("“{word}” is no provider with a sign-in that is known here"), hint)
        })?;
        let own = match given(&args.client_id) {
            Some(id) => Some(id),
            None => self.store().setting(&provider.setting()).await?,
        };
        match (own, provider.built_in()) {
            (Some(id), _) => Ok((provider.client(&id), secret)),
            (None, Some((id, built_in))) => {
                Ok((provider.client(id), secret.or_else(|| built_in.map(str::to_owned))))
            }
            (None, None) => Err(CallError::new(
                "no-client",
                format!("{} does not know Postrider yet: there is no client ID for it", provider.name),
                format!(
                    "Register a client for a desktop program at {}, and give its ID here or with postrider config set {}.",
                    provider.register,
                    provider.setting()
                ),
            )
            .into()),
        }
    }
}

fn no_port(error: std::io::Error) -> Error {
    let message = format!("no port could be opened on this computer for the browser's answer ({error})");
    CallError::new("no-port", message, "Look whether a firewall forbids connections of this computer to itself.")
        .into()
}

/// The code that the browser brings, or that the user hands over.
async fn answer(
    listeners: Option<Listeners>,
    mut by_hand: mpsc::Receiver<String>,
    question: &Question,
) -> Result<String, GrantError> {
    let brought = async {
        match listeners {
            Some(listeners) => redirect::wait(listeners, &question.state).await,
            None => std::future::pending().await,
        }
    };
    let handed = async {
        loop {
            match by_hand.recv().await.map(|address| redirect::read_answer(&address, &question.state)) {
                Some(Answer::NotOurs) => {}
                Some(answer) => return answer,
                None => std::future::pending().await,
            }
        }
    };
    let answer = tokio::select! {
        answer = brought => answer,
        answer = handed => answer,
    };
    match answer {
        Answer::Code(code) => Ok(code),
        Answer::Refused(why) => Err(GrantError::Refused(format!("the sign-in was refused: {why}"))),
        Answer::NotOurs => Err(GrantError::Failed("the browser's answer belongs to another sign-in".to_owned())),
    }
}

fn refused(error: GrantError) -> Error {
    let (code, hint) = match &error {
        GrantError::Refused(_) => {
            ("sign-in-refused", "Sign in again, and agree that Postrider may read and send your mail.")
        }
        GrantError::Failed(_) => ("sign-in-failed", "Check the network and the client ID, and try again."),
    };
    CallError::new(code, error.to_string(), hint).into()
}

/// Shared by everything that makes secrets of this home.
pub(crate) fn shared(store: &store::Store) -> Arc<Tokens> {
    Arc::new(Tokens::new(store.clone()))
}
