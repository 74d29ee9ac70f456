//! How an account gets the access tokens that it logs in with (OAuth 2.0, RFC 6749). Tokens and the client's secret are not
//! here; they are in the secret store.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An authorization server, and what this program is to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OAuthClient {
    /// The provider: `google`, `microsoft`, `yahoo`, or the host of a server of one's own.
    pub provider: String,
    /// The identifier that the provider gave this program.
    pub client_id: String,
    /// What is asked for, each a word of the provider's.
    pub scopes: Vec<String>,
    /// Where the user signs in, in a browser.
    pub authorize_url: String,
    /// Where tokens are had.
    pub token_url: String,
    /// Where a code for another device is had (RFC 8628); `None` where there is no such way.
    #[serde(default)]
    pub device_url: Option<String>,
    /// Where the provider sends the browser back to, if it takes no port of this computer: then the user hands the address
    /// over.
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// The hosts that are shown its tokens, as the user named them; those of the three providers are known without.
    #[serde(default)]
    pub hosts: Vec<String>,
}
