//! Which servers are shown the tokens of a sign-in.
//!
//! A token opens the whole mailbox to whoever holds it, and says nothing of where it may be used. So it goes to servers
//! that were named by somebody who knows, never to one that DNS or a page named:
//!
//! | the sign-in is at | its tokens go to |
//! |---|---|
//! | a provider that is known | that provider's own hosts, as they stand here |
//! | a server of one's own | the hosts that the user named with it, and no others |

use crate::providers::{hosts_of_sign_in, is_sign_in};
use model::OAuthClient;

/// Whether this host may be shown tokens of this client. Ports do not matter, nor do case and a trailing dot.
pub fn token_may_go_to(client: &OAuthClient, host: &str) -> bool {
    let host = host_name(host);
    !host.is_empty() && token_hosts(client).contains(&host)
}

/// The hosts that are shown tokens of this client.
pub fn token_hosts(client: &OAuthClient) -> Vec<String> {
    if is_sign_in(&client.provider) {
        return hosts_of_sign_in(&client.provider).map(str::to_owned).collect();
    }
    client.hosts.iter().map(|named| host_name(named)).collect()
}

/// A host in the form in which hosts are compared: in lower case, without a trailing dot or brackets.
pub fn host_name(text: &str) -> String {
    text.trim().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(provider: &str, hosts: &[&str]) -> OAuthClient {
        OAuthClient {
            provider: provider.to_owned(),
            client_id: "postrider".to_owned(),
            scopes: Vec::new(),
            authorize_url: String::new(),
            token_url: String::new(),
            device_url: None,
            redirect_url: None,
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        }
    }

    #[test]
    fn tokens_of_a_known_provider_go_to_its_own_hosts_alone() {
        for (provider, host, expected) in [
            ("google", "imap.gmail.com", true),
            ("google", "SMTP.gmail.com.", true),
            ("google", "imap.googlemail.com", true),
            ("google", "imap.gmail.com.evil.test", false),
            ("google", "evil.gmail.com", false),
            ("google", "outlook.office365.com", false),
            ("google", "127.0.0.1", false),
            ("google", "", false),
            ("microsoft", "outlook.office365.com", true),
            ("microsoft", "smtp.office365.com", true),
            ("microsoft", "smtp-mail.outlook.com", true),
            ("microsoft", "mail.protection.outlook.com", false),
            ("yahoo", "imap.mail.yahoo.com", true),
            ("yahoo", "smtp.mail.yahoo.com", true),
            ("yahoo", "imap.aol.com", false),
        ] {
            assert_eq!(token_may_go_to(&client(provider, &[]), host), expected, "{provider} {host}");
        }
        assert!(!token_may_go_to(&client("google", &["evil.test"]), "evil.test"), "its hosts are known, not named");
    }

    #[test]
    fn tokens_of_a_server_of_ones_own_go_where_the_user_said() {
        let named = client("sso.a.test", &["Mail.a.test.", "127.0.0.1", "[::1]"]);
        for (host, expected) in [
            ("mail.a.test", true),
            ("MAIL.A.TEST", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("imap.a.test", false),
            ("sso.a.test", false),
            ("imap.gmail.com", false),
        ] {
            assert_eq!(token_may_go_to(&named, host), expected, "{host}");
        }
        assert!(!token_may_go_to(&client("sso.a.test", &[]), "sso.a.test"), "nobody was named");
    }
}
