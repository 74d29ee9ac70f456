//! How far the tokens of a sign-in go: to the servers that were named for them, whatever is done to the account.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use model::{Account, LoginForm, Security, Server, SmartHost, SmartHostId};
use postrider_engine::view::{
    AccountForm, AccountWithPassword, OAuthArgs, OAuthServer, OAuthSignInArgs, ServerForm, SignInId,
};
use postrider_engine::*;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An engine, and an authorization server of one's own that gives everybody a token.
struct Desk {
    engine: Engine,
    token_url: String,
    _home: TempDir,
}

impl Desk {
    async fn open() -> Self {
        prepare_process();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token_url = format!("http://127.0.0.1:{}/token", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                give_token(stream).await;
            }
        });
        let home = TempDir::new().unwrap();
        let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
        let args = SettingSetArgs { key: "secrets.store".to_owned(), value: Some("file".to_owned()) };
        engine.calls().setting_set(args).await.unwrap();
        Self { engine, token_url, _home: home }
    }

    /// Signs in as a browser would, with these hosts named.
    async fn sign_in(&self, hosts: &[&str]) -> SignInId {
        let args = OAuthArgs {
            address: "you@a.test".to_owned(),
            account: None,
            provider: None,
            client_id: None,
            client_secret: None,
            server: Some(OAuthServer {
                client_id: "postrider".to_owned(),
                authorize_url: self.token_url.clone(),
                token_url: self.token_url.clone(),
                device_url: None,
                scopes: vec!["mail".to_owned()],
                hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            }),
        };
        let begun = self.engine.calls().oauth_begin(args).await.unwrap();
        let parameter = |name: &str| {
            let (_, rest) = begun.url.split_once(&format!("{name}=")).unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        let port: u16 =
            parameter("redirect_uri").rsplit_once("%3A").unwrap().1.trim_end_matches("%2F").parse().unwrap();
        let mut browser = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!("GET /?code=abc&state={} HTTP/1.1\r\n\r\n", parameter("state"));
        browser.write_all(request.as_bytes()).await.unwrap();
        let wait = OAuthSignInArgs { sign_in: begun.sign_in, account: None };
        assert!(self.engine.calls().oauth_wait(wait).await.unwrap().lasting);
        begun.sign_in
    }

    async fn add(&self, imap: &str, sign_in: SignInId) -> Result<Account, model::CallError> {
        let server = |host: &str, login| ServerForm { login, ..ServerForm::new(host.to_owned(), 993, Security::Tls) };
        let form = AccountForm {
            address: "you@a.test".to_owned(),
            name: String::new(),
            imap: Some(server(imap, LoginForm::Token)),
            smtp: Some(server("relay.test", LoginForm::Password)),
            user: String::new(),
        };
        let args = AccountWithPassword { form, password: "secret".to_owned(), sign_in: Some(sign_in) };
        self.engine.calls().account_add(args).await
    }
}

async fn give_token(mut stream: TcpStream) {
    let mut request = vec![0; 8192];
    let _ = stream.read(&mut request).await;
    let body = r#"{"access_token":"t1","refresh_token":"r1","token_type":"Bearer","expires_in":3600}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn token_at(host: &str) -> Server {
    let (host, user) = (host.to_owned(), "you@a.test".to_owned());
    Server { host, port: 993, security: Security::Tls, user, login: LoginForm::Token, trusted: None }
}

#[tokio::test]
async fn an_account_is_not_added_where_its_server_was_not_named_for_the_sign_in() {
    let desk = Desk::open().await;
    let sign_in = desk.sign_in(&["imap.a.test"]).await;
    let refused = desk.add("imap.evil.test", sign_in).await.unwrap_err();
    assert_eq!(refused.code, "token-elsewhere");
    assert!(desk.engine.calls().account_list(view::Nothing {}).await.unwrap().is_empty());

    let account = desk.add("imap.a.test", sign_in).await.unwrap();
    let login = account.smart_hosts[0].server.login;
    assert_eq!(login, LoginForm::Password, "the relay was not named, and keeps its password");
}

#[tokio::test]
async fn a_server_that_takes_the_place_of_a_named_one_is_not_shown_the_token() {
    let desk = Desk::open().await;
    let sign_in = desk.sign_in(&["imap.a.test", "smtp.a.test"]).await;
    let account = desk.add("imap.a.test", sign_in).await.unwrap();
    let with_smart_host = |host: &str| {
        let mut wanted = account.clone();
        wanted.smart_hosts.push(SmartHost { id: SmartHostId(0), name: "New".to_owned(), server: token_at(host) });
        wanted
    };
    let imap_elsewhere = Account { imap: Some(token_at("imap.evil.test")), ..account.clone() };
    for wanted in [imap_elsewhere, with_smart_host("smtp.evil.test")] {
        let refused = desk.engine.calls().account_update(wanted).await.unwrap_err();
        assert_eq!(refused.code, "token-elsewhere");
    }
    desk.engine.calls().account_update(with_smart_host("smtp.a.test")).await.unwrap();
}
