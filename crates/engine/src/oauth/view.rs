//! What is asked and told of a sign-in. No token is ever in it.

use crate::error::Error;
use model::{AccountId, OAuthClient};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A sign-in that was begun in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct SignInId(pub u32);

/// A provider whose sign-in is known.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OAuthProviderView {
    /// The word for it.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// Whether it knows this program: by a client of the user's in the settings, or by one that was built in.
    pub has_client: bool,
    /// Whether one can sign in with a code that is typed in elsewhere.
    pub by_code: bool,
    /// Whether the user has to hand the browser's last address over.
    pub by_hand: bool,
    /// Where a client is registered.
    pub register: String,
}

/// With whom to sign in.
#[derive(Deserialize, TS)]
pub struct OAuthArgs {
    /// The address that is shown to the provider.
    pub address: String,
    /// The account that signs in again. Without a provider, it is the one it has.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<AccountId>,
    /// The provider's word.
    #[serde(default)]
    #[ts(optional)]
    pub provider: Option<String>,
    /// The client that the user registered; `None` for the one of the settings, or the built-in one.
    #[serde(default)]
    #[ts(optional)]
    pub client_id: Option<String>,
    /// Its secret, where it has one.
    #[serde(default)]
    #[ts(optional)]
    pub client_secret: Option<String>,
    /// A server of one's own, in the place of a provider.
    #[serde(default)]
    #[ts(optional)]
    pub server: Option<OAuthServer>,
}

/// An authorization server of one's own.
#[derive(Clone, Deserialize, TS)]
pub struct OAuthServer {
    /// The client's identifier there.
    pub client_id: String,
    /// Where the user signs in.
    pub authorize_url: String,
    /// Where tokens are had.
    pub token_url: String,
    /// Where a code for another device is had.
    #[serde(default)]
    #[ts(optional)]
    pub device_url: Option<String>,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The mail servers that are shown its tokens: hosts without a port. No other server ever is.
    #[serde(default)]
    pub hosts: Vec<String>,
}

impl OAuthServer {
    /// What an account keeps of it.
    pub(crate) fn client(&self) -> Result<OAuthClient, Error> {
        let device = self.device_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
        for url in [self.authorize_url.as_str(), self.token_url.as_str()].into_iter().chain(device) {
            safe(url.trim())?;
        }
        if self.client_id.trim().is_empty() {
            return Err(Error::invalid("there is no client ID", "Give the one that the server knows Postrider by."));
        }
        let hosts: Vec<String> =
            self.hosts.iter().map(|named| advisor::host_name(named)).filter(|named| !named.is_empty()).collect();
        if hosts.is_empty() {
            let hint =
                "Name the hosts that read and send the mail of this account, and no others: --token-host HOST.";
            return Err(Error::invalid("no mail server is named that may be shown the tokens", hint));
        }
        let host =
            oauth2::url::Url::parse(self.token_url.trim()).ok().and_then(|url| Some(url.host_str()?.to_owned()));
        Ok(OAuthClient {
            provider: host.unwrap_or_default(),
            client_id: self.client_id.trim().to_owned(),
            scopes: self.scopes.clone(),
            authorize_url: self.authorize_url.trim().to_owned(),
            token_url: self.token_url.trim().to_owned(),
            device_url: device.map(str::to_owned),
            redirect_url: None,
            hosts,
        })
    }
}

/// Tokens and codes travel encrypted, or not at all: but to this computer itself.
fn safe(address: &str) -> Result<(), Error> {
    let url = oauth2::url::Url::parse(address).ok();
    let here = |url: &oauth2::url::Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.is_some_and(|url| url.scheme() == "https" || (url.scheme() == "http" && here(&url)));
    if is_safe {
        return Ok(());
    }
    Err(Error::invalid(format!("“{address}” is no address of a safe server"), "It begins with https://."))
}

/// A sign-in in the browser that was begun.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OAuthBegun {
    /// Its number.
    pub sign_in: SignInId,
    /// What the browser is to show.
    pub url: String,
    /// Whether the user hands over the address at which the browser ends.
    pub by_hand: bool,
}

/// A sign-in by a code that was begun.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OAuthDevice {
    /// Its number.
    pub sign_in: SignInId,
    /// The code.
    pub code: String,
    /// Where it is typed in.
    pub url: String,
    /// How long it is good for, in seconds.
    pub seconds: u32,
}

/// A sign-in.
#[derive(Debug, Deserialize, TS)]
pub struct OAuthSignInArgs {
    /// Which.
    pub sign_in: SignInId,
    /// The account that it is for at once; `None` where the account is added after it.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<AccountId>,
}

/// The address at which the browser ended.
#[derive(Deserialize, TS)]
pub struct OAuthAnswerArgs {
    /// Of which sign-in.
    pub sign_in: SignInId,
    /// The whole address.
    pub address: String,
}

/// A sign-in that is done.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OAuthSignedIn {
    /// Where.
    pub provider: String,
    /// Whether it lasts: without, it holds for an hour or so, and no account can be made of it.
    pub lasting: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_ones_own_has_to_be_a_safe_one() {
        let server = |url: &str| OAuthServer {
            client_id: "postrider".into(),
            authorize_url: url.into(),
            token_url: url.into(),
            device_url: None,
            scopes: vec!["imap".into()],
            hosts: vec![" Mail.a.test. ".into()],
        };
        for (url, safe) in [
            ("https://sso.a.test/token", true),
            ("http://127.0.0.1:8080/token", true),
            ("http://localhost/token", true),
            ("http://[::1]:80/token", true),
            ("http://sso.a.test/token", false),
            ("http://127.0.0.1.a.test/token", false),
            ("ftp://sso.a.test/", false),
            ("sso.a.test", false),
            ("", false),
        ] {
            assert_eq!(server(url).client().is_ok(), safe, "{url}");
        }
        assert_eq!(server("https://sso.a.test/token").client().expect("a client").provider, "sso.a.test");
        assert_eq!(server("https://sso.a.test/token").client().expect("a client").hosts, ["mail.a.test"]);
        assert!(OAuthServer { client_id: " ".into(), ..server("https://sso.a.test/") }.client().is_err());
        assert!(OAuthServer { hosts: vec![" ".into()], ..server("https://sso.a.test/") }.client().is_err());
    }
}
