//! `postrider account oauth`: signing in at a provider, in the browser or by a code.
//!
//! No secret is ever an argument, as every user of this computer can read those: the client's is read from a file.

use super::account_of;
use super::arguments::{OAuthCommand, SignIn};
use crate::output::Output;
use engine::Engine;
use engine::view::{Nothing, OAuthAnswerArgs, OAuthArgs, OAuthServer, OAuthSignInArgs, SignInId};
use model::{AccountId, CallError};
use serde_json::json;
use std::io::BufRead;

pub async fn run(command: OAuthCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        OAuthCommand::SignIn { address, with } => {
            let account = account_of(&address, engine).await?;
            let id = begin(&address, Some(account.id), &with, engine).await?;
            let args = OAuthSignInArgs { sign_in: id, account: Some(account.id) };
            let done = engine.calls().oauth_wait(args).await?;
            output.print(&json!({ "signed_in": account.address, "provider": done.provider }), || {
                format!("{} is signed in at {}.", account.address, done.provider)
            })
        }
        OAuthCommand::Providers => {
            let providers = engine.calls().oauth_providers(Nothing {}).await?;
            output.print(&providers, || {
                let line = |one: &engine::view::OAuthProviderView| {
                    let client = if one.has_client { "has a client ID" } else { "needs a client ID" };
                    format!("{}  {}, {client}: {}", one.provider, one.name, one.register)
                };
                providers.iter().map(line).collect::<Vec<_>>().join("\n")
            })
        }
    }
}

/// Begins a sign-in and says on standard error what to do; it is waited for by whoever has its number.
pub async fn begin(
    address: &str,
    account: Option<AccountId>,
    with: &SignIn,
    engine: &Engine,
) -> Result<SignInId, CallError> {
    let args = args_of(address, account, with)?;
    if with.device {
        let begun = engine.calls().oauth_device(args).await?;
        eprintln!("Open {} in any browser and type in the code {}", begun.url, begun.code);
        return Ok(begun.sign_in);
    }
    let begun = engine.calls().oauth_begin(args).await?;
    eprintln!("Open this address in your browser and sign in:\n{}", begun.url);
    if begun.by_hand {
        eprintln!("The browser ends at a page that does not load. Paste its address here:");
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| CallError::new("file", format!("the address could not be read: {error}"), ""))?;
        engine.calls().oauth_answer(OAuthAnswerArgs { sign_in: begun.sign_in, address: line }).await?;
    }
    Ok(begun.sign_in)
}

fn args_of(address: &str, account: Option<AccountId>, with: &SignIn) -> Result<OAuthArgs, CallError> {
    let secret = match &with.client_secret_file {
        None => None,
        Some(path) => {
            let failed = |error| {
                CallError::new("file", format!("{} could not be read: {error}", path.display()), "Name another file.")
            };
            Some(std::fs::read_to_string(path).map_err(failed)?.trim().to_owned())
        }
    };
    let server = match (&with.authorize_url, &with.token_url) {
        (None, None) => None,
        (authorize, Some(token)) => Some(OAuthServer {
            client_id: with.client_id.clone().unwrap_or_default(),
            authorize_url: authorize.clone().unwrap_or_else(|| token.clone()),
            token_url: token.clone(),
            device_url: with.device_url.clone(),
            scopes: with.scope.clone(),
            hosts: with.token_host.clone(),
        }),
        (Some(_), None) => {
            return Err(CallError::new("invalid", "a server of your own needs --token-url", "Give both addresses."));
        }
    };
    Ok(OAuthArgs {
        address: address.to_owned(),
        account,
        provider: with.oauth.clone(),
        client_id: with.client_id.clone(),
        client_secret: secret,
        server,
    })
}
