//! Tokens: had for a code, made anew, and the words of providers that give none.

use super::providers;
use jiff::{SignedDuration, Timestamp};
use model::{OAuthClient, Secret};
use net::{HttpError, HttpRequest, Net};
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::http::{self, Response};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer of a provider, in octets.
const LARGEST: usize = 256 * 1024;
/// How long before its end a token counts as run out.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// How long a token is believed to hold where nobody says so.
const UNSAID: Duration = Duration::from_secs(300);

/// What an account signs in again with, as it stands in the secret store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The refresh token.
    pub refresh_token: String,
    /// The client's secret, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl Kept {
    pub fn read(secret: &Secret) -> Option<Self> {
        serde_json::from_str(secret.expose()).ok()
    }

    pub fn secret(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }
}

/// A token to log in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub token: Secret,
    pub expires_at: Timestamp,
}

impl Access {
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) > MARGIN
    }
}

/// What a provider gave: a token, and mostly something to get the next one with.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub access: Access,
    pub refresh: Option<Secret>,
}

/// Why a provider gave no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GrantError {
    /// It said no. Its own words.
    #[error("{0}")]
    Refused(String),
    /// It could not be asked, or its answer was none.
    #[error("{0}")]
    Failed(String),
}

/// The door of the library to the network.
struct Door<'n>(&'n Net);

type Answered<'c> = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, HttpError>> + Send + 'c>>;

impl<'c> AsyncHttpClient<'c> for Door<'_> {
    type Error = HttpError;
    type Future = Answered<'c>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let request = HttpRequest {
            headers: headers.collect(),
            body: Some(request.body().clone()),
            ..HttpRequest::get(request.uri().to_string(), LARGEST, PATIENCE)
        };
        Box::pin(async move {
            let answer = self.0.http(request).await?;
            let mut built = Response::builder().status(answer.status);
            if let Some(kind) = answer.content_type {
                built = built.header(http::header::CONTENT_TYPE, kind);
            }
            built.body(answer.body).map_err(|error| HttpError::Http(error.to_string()))
        })
    }
}

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// A question that was put to the user in a browser, and what proves later that it was ours.
pub(super) struct Question {
    pub url: String,
    pub state: String,
    verifier: PkceCodeVerifier,
    redirect: String,
}

/// The client as the library knows it.
fn client(client: &OAuthClient, secret: Option<&str>) -> Result<Client, GrantError> {
    let wrong = |what: &str| GrantError::Failed(format!("“{what}” is no address on the web"));
    let authorize = AuthUrl::new(client.authorize_url.clone()).map_err(|_| wrong(&client.authorize_url))?;
    let token = TokenUrl::new(client.token_url.clone()).map_err(|_| wrong(&client.token_url))?;
    let mut made =
        BasicClient::new(ClientId::new(client.client_id.clone())).set_auth_uri(authorize).set_token_uri(token);
    // Yahoo wants the secret in a header, the others take it in the body (RFC 6749 §2.3.1).
    if client.provider != "yahoo" {
        made = made.set_auth_type(AuthType::RequestBody);
    }
    if let Some(secret) = secret {
        made = made.set_client_secret(ClientSecret::new(secret.to_owned()));
    }
    Ok(made)
}

/// Makes the question for the browser, with PKCE (RFC 7636).
pub(super) fn question(of: &OAuthClient, redirect: &str, hint: &str) -> Result<Question, GrantError> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let to = RedirectUrl::new(redirect.to_owned()).map_err(|error| GrantError::Failed(error.to_string()))?;
    let client = client(of, None)?.set_redirect_uri(to);
    let mut request = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(of.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge)
        .add_extra_param("login_hint", hint);
    if of.provider == "google" {
        // Without these it gives nothing to sign in again with, after the first time.
        request = request.add_extra_param("access_type", "offline").add_extra_param("prompt", "consent");
    }
    let (url, state) = request.url();
    Ok(Question { url: url.to_string(), state: state.into_secret(), verifier, redirect: redirect.to_owned() })
}

/// Has tokens for the code that the browser brought.
pub(super) async fn exchange(
    net: &Net,
    of: &OAuthClient,
    secret: Option<&str>,
    question: Question,
    code: String,
) -> Result<Granted, GrantError> {
    let to = RedirectUrl::new(question.redirect).map_err(|error| GrantError::Failed(error.to_string()))?;
    let client = client(of, secret)?.set_redirect_uri(to);
    let asked = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(question.verifier);
    asked.request_async(&Door(net)).await.map(|tokens| granted(&tokens)).map_err(|error| trouble(of, error))
}

/// Has a code for another device (RFC 8628 §3.1).
pub(super) async fn device_code(
    net: &Net,
    of: &OAuthClient,
    secret: Option<&str>,
) -> Result<StandardDeviceAuthorizationResponse, GrantError> {
    let none = || GrantError::Failed(format!("{} has no sign-in by a code", providers::name_of(of)));
    let url = DeviceAuthorizationUrl::new(of.device_url.clone().ok_or_else(none)?);
    let client =
        client(of, secret)?.set_device_authorization_url(url.map_err(|error| GrantError::Failed(error.to_string()))?);
    let asked = client.exchange_device_code().add_scopes(of.scopes.iter().cloned().map(Scope::new));
    asked.request_async(&Door(net)).await.map_err(|error| trouble(of, error))
}

/// Waits until the user has typed the code in, as often asking as the provider likes (RFC 8628 §3.4).
pub(super) async fn wait_for_device(
    net: &Net,
    of: &OAuthClient,
    secret: Option<&str>,
    code: &StandardDeviceAuthorizationResponse,
) -> Result<Granted, GrantError> {
    let client = client(of, secret)?;
    let asked = client.exchange_device_access_token(code).request_async(&Door(net), tokio::time::sleep, None).await;
    match asked {
        Ok(tokens) => Ok(granted(&tokens)),
        Err(RequestTokenError::ServerResponse(said)) => {
            let error = said.error().to_string();
            Err(GrantError::Refused(super::redirect::why(&error, said.error_description().map(String::as_str))))
        }
        Err(error) => Err(GrantError::Failed(plain(&error))),
    }
}

/// Has another token for what is kept.
pub(super) async fn refresh(net: &Net, of: &OAuthClient, kept: &Kept) -> Result<Granted, GrantError> {
    let client = client(of, kept.client_secret.as_deref())?;
    let token = RefreshToken::new(kept.refresh_token.clone());
    let asked = client.exchange_refresh_token(&token).request_async(&Door(net)).await;
    asked.map(|tokens| granted(&tokens)).map_err(|error| trouble(of, error))
}

fn granted(tokens: &BasicTokenResponse) -> Granted {
    let holds =
        SignedDuration::try_from(tokens.expires_in().unwrap_or(UNSAID)).unwrap_or(SignedDuration::from_secs(300));
    let now = Timestamp::now();
    let expires_at = now.checked_add(holds).unwrap_or(now);
    Granted {
        access: Access { token: Secret::new(tokens.access_token().secret().as_str()), expires_at },
        refresh: tokens.refresh_token().map(|token| Secret::new(token.secret().as_str())),
    }
}

/// A refusal in the provider's words; everything else may pass.
fn trouble(of: &OAuthClient, error: RequestTokenError<HttpError, BasicErrorResponse>) -> GrantError {
    let name = providers::name_of(of);
    match error {
        RequestTokenError::ServerResponse(said) => {
            let error = said.error().to_string();
            let words = super::redirect::why(&error, said.error_description().map(String::as_str));
            GrantError::Refused(format!("{name} said: {words}"))
        }
        RequestTokenError::Request(error) => GrantError::Failed(format!("{name} could not be asked: {error}")),
        // The answer itself may hold tokens.
        RequestTokenError::Parse(..) => GrantError::Failed(format!("{name} gave an answer that is none")),
        RequestTokenError::Other(what) => GrantError::Failed(format!("{name}: {what}")),
    }
}

fn plain<E: std::error::Error>(error: &E) -> String {
    error.to_string()
}
