//! How far tokens reach: to the hosts of [`advisor::token_may_go_to`] and to no others, whatever an account says.
//!
//! The rule is asked wherever a server gets its login: when an account is tried, added or changed, when it signs in
//! later, and once more when a token is made for a server.

use super::providers;
use advisor::{token_hosts, token_may_go_to};
use model::{Account, CallError, LoginForm, OAuthClient, Server, SmartHost};

/// An error for a server that wants a token and may have none of this client's.
pub(crate) fn refuse_elsewhere(client: &OAuthClient, server: &Server) -> Result<(), CallError> {
    if server.login == LoginForm::Password || token_may_go_to(client, &server.host) {
        return Ok(());
    }
    let name = providers::name_of(client);
    let message = format!("{} is not shown the sign-in at {name}: it is none of its servers", server.host);
    let hint = match token_hosts(client).as_slice() {
        [] => "Sign in with the hosts named that may have it, or use a password for this server.".to_owned(),
        hosts => format!("Its servers are {}. For another one, use a password.", hosts.join(", ")),
    };
    Err(CallError::new("token-elsewhere", message, hint))
}

/// The account as it is after a sign-in: with tokens where it had its own login name, as far as they reach. An account
/// that reads its mail where they do not reach has no use for them.
pub(super) fn with_tokens(account: &Account, client: &OAuthClient) -> Result<Account, CallError> {
    let mut wanted = account.clone();
    if let Some(imap) = &mut wanted.imap {
        imap.login = LoginForm::Token;
        refuse_elsewhere(client, imap)?;
    }
    let user = wanted.imap.as_ref().map(|imap| imap.user.clone());
    for host in &mut wanted.smart_hosts {
        if logs_in_as(&host.server, user.as_deref()) && token_may_go_to(client, &host.server.host) {
            host.server.login = LoginForm::Token;
        }
    }
    Ok(wanted)
}

/// The smart hosts that tokens are made for from now on, in the place of what was kept for them.
pub(super) fn own_with_tokens<'a>(account: &'a Account, client: &OAuthClient) -> impl Iterator<Item = &'a SmartHost> {
    let user = account.imap.as_ref().map(|imap| imap.user.as_str());
    let with_tokens = account.smart_hosts.iter().filter(|host| host.server.login == LoginForm::Token);
    with_tokens.filter(move |host| logs_in_as(&host.server, user) && token_may_go_to(client, &host.server.host))
}

/// Whether a smart host is the account's own: it has the login name of its IMAP server.
fn logs_in_as(server: &Server, user: Option<&str>) -> bool {
    !server.user.is_empty() && user.is_none_or(|user| user == server.user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AccountId, EmailAddress, Security, SmartHostId};

    fn server(host: &str, user: &str) -> Server {
        let (host, user) = (host.to_owned(), user.to_owned());
        Server { host, port: 993, security: Security::Tls, user, login: LoginForm::Password, trusted: None }
    }

    fn account(imap: Option<&str>, smart_hosts: &[(&str, &str)]) -> Account {
        let smart_host = |(host, user): &(&str, &str)| SmartHost {
            id: SmartHostId(1),
            name: (*host).to_owned(),
            server: server(host, user),
        };
        Account {
            id: AccountId(1),
            address: EmailAddress::parse("you@a.test").expect("an address"),
            imap: imap.map(|host| server(host, "you@a.test")),
            identities: Vec::new(),
            smart_hosts: smart_hosts.iter().map(smart_host).collect(),
            rules: Vec::new(),
            practice: false,
        }
    }

    fn google() -> OAuthClient {
        providers::known("google").expect("a provider").client("id")
    }

    #[test]
    fn a_sign_in_switches_the_hosts_of_its_provider_and_leaves_the_others_their_passwords() {
        let hosts = [
            ("smtp.gmail.com", "you@a.test"),
            ("relay.example.org", "you@a.test"),
            ("smtp-relay.gmail.com", "another@a.test"),
            ("smtp.gmail.com.evil.test", "you@a.test"),
        ];
        let google = google();
        let after = with_tokens(&account(Some("imap.gmail.com"), &hosts), &google).expect("an account");
        let logins: Vec<LoginForm> = after.smart_hosts.iter().map(|host| host.server.login).collect();
        use LoginForm::{Password, Token};
        assert_eq!(logins, [Token, Password, Password, Password]);
        assert_eq!(after.imap.as_ref().map(|imap| imap.login), Some(Token));
        let own: Vec<&str> = own_with_tokens(&after, &google).map(|host| host.name.as_str()).collect();
        assert_eq!(own, ["smtp.gmail.com"], "only its password is forgotten");
    }

    #[test]
    fn an_account_whose_server_only_dns_named_is_not_signed_in() {
        let error = with_tokens(&account(Some("imap.evil.test"), &[]), &google()).expect_err("a refusal");
        assert_eq!(error.code, "token-elsewhere");
        assert!(error.message.contains("imap.evil.test") && error.hint.contains("imap.gmail.com"), "{error:?}");
        assert!(with_tokens(&account(None, &[("smtp.gmail.com", "you@a.test")]), &google()).is_ok());
    }

    #[test]
    fn a_password_may_go_to_any_server_and_a_token_to_those_that_were_named() {
        let mut own = google();
        (own.provider, own.hosts) = ("127.0.0.1".to_owned(), vec!["127.0.0.1".to_owned()]);
        let token = |host: &str| Server { login: LoginForm::Token, ..server(host, "you@a.test") };
        assert!(refuse_elsewhere(&own, &server("mail.test", "you@a.test")).is_ok());
        assert!(refuse_elsewhere(&own, &token("127.0.0.1")).is_ok());
        assert!(refuse_elsewhere(&own, &token("mail.test")).is_err());
        own.hosts.clear();
        let error = refuse_elsewhere(&own, &token("127.0.0.1")).expect_err("a refusal");
        assert!(error.hint.starts_with("Sign in with the hosts named"), "{error:?}");
    }
}
