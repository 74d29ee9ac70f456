//! The providers whose sign-in is known here: where it is, and what is asked for.
//!
//! None of them knows this program by itself: a client has to be registered with each, by whoever builds it or by the
//! user. Endpoints and scopes are from the providers' own pages, as of autumn 2026.

use model::OAuthClient;

/// A provider with a sign-in in a browser.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KnownProvider {
    /// The word for it, as in `--oauth`, in the settings and in `OAuthClient::provider`.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    authorize_url: &'static str,
    token_url: &'static str,
    device_url: Option<&'static str>,
    scopes: &'static [&'static str],
    /// Where the browser is sent back to. Microsoft takes any port of `localhost` alone, Yahoo none at all.
    pub redirect: Redirect,
    /// The page on which a client is registered.
    pub register: &'static str,
    /// The client that was given when this program was built.
    built_in: Option<&'static str>,
    built_in_secret: Option<&'static str>,
}

/// How the browser's answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// To a port of this address of our own computer.
    Loopback(&'static str),
    /// To an address where nobody is: the user hands it over.
    ByHand(&'static str),
}

/// All of them.
pub(crate) const PROVIDERS: [KnownProvider; 3] = [
    KnownProvider {
        word: "google",
        name: "Google",
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        // Google's gives no access to mail.
        device_url: None,
        scopes: &["https://mail.google.com/"],
        redirect: Redirect::Loopback("127.0.0.1"),
        register: "https://console.cloud.google.com/apis/credentials",
        built_in: option_env!("POSTRIDER_GOOGLE_CLIENT_ID"),
        built_in_secret: option_env!("POSTRIDER_GOOGLE_CLIENT_SECRET"),
    },
    KnownProvider {
        word: "microsoft",
        name: "Microsoft",
        authorize_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        device_url: Some("https://login.microsoftonline.com/common/oauth2/v2.0/devicecode"),
        scopes: &[
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ],
        redirect: Redirect::Loopback("localhost"),
        register: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        built_in: option_env!("POSTRIDER_MICROSOFT_CLIENT_ID"),
        built_in_secret: None,
    },
    KnownProvider {
        word: "yahoo",
        name: "Yahoo",
        authorize_url: "https://api.login.yahoo.com/oauth2/request_auth",
        token_url: "https://api.login.yahoo.com/oauth2/get_token",
        device_url: None,
        scopes: &["mail-w"],
        redirect: Redirect::ByHand("https://localhost"),
        register: "https://developer.yahoo.com/apps/",
        built_in: option_env!("POSTRIDER_YAHOO_CLIENT_ID"),
        built_in_secret: option_env!("POSTRIDER_YAHOO_CLIENT_SECRET"),
    },
];

/// The provider of a word.
pub(crate) fn known(word: &str) -> Option<&'static KnownProvider> {
    PROVIDERS.iter().find(|provider| provider.word.eq_ignore_ascii_case(word.trim()))
}

impl KnownProvider {
    /// The setting that holds the user's own client.
    pub fn setting(&self) -> String {
        format!("oauth.{}.client_id", self.word)
    }

    /// The client that is used where the user names none, with its secret.
    pub fn built_in(&self) -> Option<(&'static str, Option<&'static str>)> {
        let id = self.built_in.filter(|id| !id.is_empty())?;
        Some((id, self.built_in_secret.filter(|secret| !secret.is_empty())))
    }

    /// Whether there is a way by a code that is typed in elsewhere.
    pub fn has_device_flow(&self) -> bool {
        self.device_url.is_some()
    }

    /// What an account keeps of it.
    pub fn client(&self, client_id: &str) -> OAuthClient {
        OAuthClient {
            provider: self.word.to_owned(),
            client_id: client_id.to_owned(),
            scopes: self.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            authorize_url: self.authorize_url.to_owned(),
            token_url: self.token_url.to_owned(),
            device_url: self.device_url.map(str::to_owned),
            redirect_url: match self.redirect {
                Redirect::Loopback(_) => None,
                Redirect::ByHand(url) => Some(url.to_owned()),
            },
            hosts: Vec::new(),
        }
    }
}

/// The name of a provider as a person reads it.
pub(crate) fn name_of(client: &OAuthClient) -> String {
    known(&client.provider).map_or_else(|| client.provider.clone(), |provider| provider.name.to_owned())
}

/// The host to which the browser comes back on this computer.
pub(crate) fn loopback_host(client: &OAuthClient) -> &'static str {
    match known(&client.provider).map(|provider| provider.redirect) {
        Some(Redirect::Loopback(host)) => host,
        _ => "127.0.0.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_asked_over_https_and_known_by_one_word() {
        for provider in &PROVIDERS {
            let client = provider.client("id");
            for url in [Some(&client.authorize_url), Some(&client.token_url), client.device_url.as_ref()] {
                assert!(url.is_none_or(|url| url.starts_with("https://")), "{url:?}");
            }
            assert!(provider.register.starts_with("https://") && !client.scopes.is_empty());
            assert_eq!(known(provider.word), Some(provider));
            assert_eq!(name_of(&client), provider.name);
            assert_eq!(provider.has_device_flow(), client.device_url.is_some());
        }
        assert_eq!(known(" Google "), known("google"));
        assert_eq!(known("sso.a.test"), None);
    }
}
