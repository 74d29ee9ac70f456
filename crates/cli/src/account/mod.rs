//! `postrider account`.

pub mod arguments;
mod discover;
mod hearsay;
mod oauth;
mod rule;
mod smart_host;

use crate::output::{Output, table};
use arguments::{AccountCommand, NewAccount, Protection};
use engine::view::{
    AccountForm, AccountTest, AccountWithPassword, Nothing, OAuthSignInArgs, ServerForm, ServerTest, TrustArgs,
};
use engine::{AccountArgs, AddressArgs, Engine, PasswordArgs};
use model::{Account, CallError, LoginForm, Secret, Security};
use serde_json::json;
use std::io::{BufRead, IsTerminal};

pub async fn run(command: AccountCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        AccountCommand::Add(new) => add(*new, engine, output).await,
        AccountCommand::List => {
            let accounts = engine.calls().account_list(Nothing {}).await?;
            let shown: Vec<_> = accounts.iter().map(document).collect();
            output.print(&shown, || match accounts.as_slice() {
                [] => "There is no account yet. Next: postrider account add".to_owned(),
                accounts => table(&accounts.iter().map(cells).collect::<Vec<_>>()),
            })
        }
        AccountCommand::Remove { address } => {
            let account = account_of(&address, engine).await?;
            engine.calls().account_remove(AccountArgs { account: account.id }).await?;
            output.print(&json!({ "removed": account.address }), || format!("{} is removed.", account.address))
        }
        AccountCommand::Password { address, smart_host, password_stdin, untested } => {
            let account = account_of(&address, engine).await?;
            let smart_host = match smart_host {
                Some(name) => Some(smart_host::name_of(&account, &name)?),
                None => None,
            };
            let whose = smart_host.clone().unwrap_or_else(|| account.address.to_string());
            let password = password(&format!("Password for {whose}: "), password_stdin)?;
            let password = password.expose().to_owned();
            engine
                .calls()
                .account_password(PasswordArgs {
                    account: account.id,
                    smart_host,
                    password,
                    untested: Some(untested),
                })
                .await?;
            output.print(&json!({ "changed": whose }), || format!("The password for {whose} is kept."))
        }
        AccountCommand::Discover { address, ask_mozilla } => {
            discover::run(address, ask_mozilla, engine, output).await
        }
        AccountCommand::OAuth { command } => oauth::run(command, engine, output).await,
        AccountCommand::Trust { address, sha256, smart_host } => {
            let account = account_of(&address, engine).await?;
            let sha256 = Some(sha256).filter(|text| text != "none");
            let args = TrustArgs { account: account.id, smart_host, sha256 };
            let account = engine.calls().account_trust(args).await?;
            output.print(&document(&account), || format!("{} is changed.", account.address))
        }
        AccountCommand::Default { address, route } => rule::default(&address, route, engine, output).await,
        AccountCommand::SmartHost { command } => smart_host::run(command, engine, output).await,
        AccountCommand::Rule { command } => rule::run(command, engine, output).await,
    }
}

/// The account of this address, or with an identity of this address.
async fn account_of(address: &str, engine: &Engine) -> Result<Account, CallError> {
    let accounts = engine.calls().account_list(Nothing {}).await?;
    let is = |one: &model::EmailAddress| one.to_string().eq_ignore_ascii_case(address);
    let found = accounts.iter().find(|account| is(&account.address));
    let by_identity = || accounts.iter().find(|account| account.identities.iter().any(|one| is(&one.address)));
    found.or_else(by_identity).cloned().ok_or_else(|| {
        CallError::new("no-account", format!("there is no account {address}"), "postrider account list shows them.")
    })
}

async fn add(mut new: NewAccount, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let suggested = suggestion(&new, engine).await?;
    let mut form = form(&new, suggested)?;
    if new.sign_in.token_host.is_empty() {
        new.sign_in.token_host = named_hosts(&new, &form);
    }
    let signs_in = new.sign_in.is_wanted();
    if signs_in {
        for server in form.imap.iter_mut().chain(&mut form.smtp) {
            server.login = LoginForm::Token;
        }
    }
    let has_server = form.imap.is_some() || form.smtp.is_some();
    let password = if has_server && !signs_in {
        password(&format!("Password for {}: ", new.address), new.password_stdin)?
    } else {
        Secret::new("")
    };
    let sign_in = if signs_in {
        let id = oauth::begin(&new.address, None, &new.sign_in, engine).await?;
        engine.calls().oauth_wait(OAuthSignInArgs { sign_in: id, account: None }).await?;
        Some(id)
    } else {
        None
    };
    let asked = |form: AccountForm| AccountWithPassword { form, password: password.expose().to_owned(), sign_in };
    if !new.untested {
        let mut test = engine.calls().account_test(asked(form.clone())).await?;
        if trust_what_was_named(&new.trust, &mut form, &test) {
            test = engine.calls().account_test(asked(form.clone())).await?;
        }
        passed(test)?;
    }
    let account = engine.calls().account_add(asked(form)).await?;
    output.print(&document(&account), || format!("{} is added. Next: postrider sync", account.address))
}

/// Where no server is named, they are looked for; guesses that do not answer are none.
async fn suggestion(new: &NewAccount, engine: &Engine) -> Result<AccountForm, CallError> {
    let suggested = engine.calls().account_suggest(AddressArgs { address: new.address.clone() }).await?;
    if new.imap.is_some() || new.smtp.is_some() {
        return Ok(suggested);
    }
    let mut found = discover::find(new.address.clone(), new.ask_mozilla, engine).await?.found;
    let signs_in = new.sign_in.is_wanted();
    if signs_in {
        // Tokens of a provider go to its own servers alone, whatever else is more believable.
        found.sort_by_key(|one| !matches!(one.origin.as_str(), "provider" | "mail-hosts"));
    }
    let (mut imap, mut smtp) = (None, None);
    for one in found {
        imap = imap.or(one.imap);
        smtp = smtp.or(one.smtp);
    }
    if !signs_in {
        hearsay::accept(&new.address, imap.iter().chain(&smtp), &new.accept_host)?;
    }
    let (imap, smtp) = (imap.map(|found| found.server), smtp.map(|found| found.server));
    if imap.is_none() && smtp.is_none() {
        let hint = "Name them: --imap HOST:PORT --smtp HOST:PORT; postrider account discover says what was asked.";
        return Err(CallError::new("no-servers", format!("no servers were found for {}", new.address), hint));
    }
    Ok(AccountForm { imap, smtp, ..suggested })
}

/// Trusts the certificates whose fingerprints the user named, at the servers that show them. Whether there are any.
fn trust_what_was_named(named: &[String], form: &mut AccountForm, test: &AccountTest) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_ascii_hexdigit()).collect::<String>().to_ascii_lowercase();
    let mut any = false;
    for (server, test) in [(&mut form.imap, &test.imap), (&mut form.smtp, &test.smtp)] {
        let shown = test.as_ref().and_then(|test| test.certificate.as_ref());
        if let (Some(server), Some(shown)) = (server, shown)
            && named.iter().any(|named| plain(named) == shown.sha256)
        {
            server.trusted = Some(shown.sha256.clone());
            any = true;
        }
    }
    any
}

/// What is given counts; what is not is suggested, but a smart host is never guessed beside a given IMAP server.
fn form(new: &NewAccount, suggested: AccountForm) -> Result<AccountForm, CallError> {
    let imap =
        match new.imap.as_deref() {
            Some(text) => server_form(text, new.imap_security, 993, |port| {
                if port == 143 { Security::Starttls } else { Security::Tls }
            })?,
            None if new.smtp.is_some() => None,
            None => suggested.imap,
        };
    let smtp = match new.smtp.as_deref() {
        Some(text) => server_form(text, new.smtp_security, 587, customary_submission)?,
        None if new.imap.is_some() => None,
        None => suggested.smtp,
    };
    Ok(AccountForm {
        address: suggested.address,
        name: new.name.clone().unwrap_or_default(),
        imap,
        smtp,
        user: new.user.clone().unwrap_or_default(),
    })
}

/// The servers that the user named: those that were found are nobody's word.
fn named_hosts(new: &NewAccount, form: &AccountForm) -> Vec<String> {
    let imap = form.imap.iter().filter(|_| new.imap.is_some());
    let smtp = form.smtp.iter().filter(|_| new.smtp.is_some());
    imap.chain(smtp).map(|server| server.host.clone()).collect()
}

fn customary_submission(port: u16) -> Security {
    if port == 465 { Security::Tls } else { Security::Starttls }
}

fn server_form(
    text: &str,
    protection: Option<Protection>,
    default_port: u16,
    customary: impl Fn(u16) -> Security,
) -> Result<Option<ServerForm>, CallError> {
    if text == "none" {
        return Ok(None);
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (!host.contains(':') || host.ends_with(']')) => {
            let wrong = |_| CallError::new("invalid", format!("“{port}” is not a port"), "Write it as HOST:PORT.");
            (host, port.parse().map_err(wrong)?)
        }
        _ => (text, default_port),
    };
    let security = protection.map_or_else(|| customary(port), Security::from);
    Ok(Some(ServerForm::new(host.trim_matches(['[', ']']), port, security)))
}

/// The first line of standard input where that was asked for, else what is typed.
fn password(prompt: &str, from_stdin: bool) -> Result<Secret, CallError> {
    let failed =
        |error: std::io::Error| CallError::new("file", format!("the password could not be read: {error}"), "");
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
        return given(line.trim_end_matches(['\r', '\n']));
    }
    if !std::io::stdin().is_terminal() {
        return given("");
    }
    given(&rpassword::prompt_password(prompt).map_err(failed)?)
}

/// An empty password is none: it would take the place of one that works.
fn given(password: &str) -> Result<Secret, CallError> {
    let hint = "Give it on standard input with --password-stdin.";
    let none = || CallError::new("invalid", "no password was given", hint);
    Some(password).filter(|password| !password.is_empty()).map(Secret::new).ok_or_else(none)
}

impl From<Protection> for Security {
    fn from(protection: Protection) -> Self {
        match protection {
            Protection::Tls => Self::Tls,
            Protection::Starttls => Self::Starttls,
            Protection::None => Self::None,
        }
    }
}

fn passed(test: AccountTest) -> Result<(), CallError> {
    let failed = [test.imap, test.smtp].into_iter().flatten().find(|test| !test.ok);
    failed.map_or(Ok(()), |test| Err(refused(test)))
}

/// A refused certificate is shown with everything by which it can be known again.
fn refused(test: ServerTest) -> CallError {
    let Some(shown) = test.certificate else { return CallError::new(&test.code, test.message, test.hint) };
    let day =
        |time: Option<jiff::Timestamp>| time.map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let hint = format!(
        "The server shows a certificate for {}, signed by {}, valid from {} to {}, with the SHA-256 {sha256}. If its owner \
         confirms that this is its own, trust it with --trust {sha256}",
        shown.names.join(", "),
        if shown.self_signed { "itself" } else { shown.issuer.as_str() },
        day(shown.not_before),
        day(shown.not_after),
        sha256 = shown.sha256,
    );
    CallError::new(&test.code, test.message, hint)
}

fn document(account: &Account) -> serde_json::Value {
    json!({
        "id": account.id,
        "address": account.address,
        "imap": account.imap,
        "identities": account.identities,
        "smart_hosts": account.smart_hosts,
        "rules": account.rules,
        "practice": account.practice,
    })
}

fn cells(account: &Account) -> Vec<String> {
    let imap = account.imap.as_ref().map_or("no IMAP".to_owned(), |imap| format!("imap {}:{}", imap.host, imap.port));
    let smart_hosts: Vec<&str> = account.smart_hosts.iter().map(|smart_host| smart_host.name.as_str()).collect();
    let smart_hosts = if smart_hosts.is_empty() { "direct only".to_owned() } else { smart_hosts.join(", ") };
    vec![account.address.to_string(), imap, smart_hosts]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_with_the_customary_protection() {
        let customary = |port| if port == 143 { Security::Starttls } else { Security::Tls };
        let read = |text| {
            let server = server_form(text, None, 993, customary).expect(text).expect(text);
            (server.host, server.port, server.security)
        };
        assert_eq!(read("imap.example.org:143"), ("imap.example.org".into(), 143, Security::Starttls));
        assert_eq!(read("imap.example.org"), ("imap.example.org".into(), 993, Security::Tls));
        assert_eq!(read("[::1]:143"), ("::1".into(), 143, Security::Starttls));
        assert!(server_form("none", None, 993, customary).expect("none").is_none());
        assert!(server_form("host:port", None, 993, customary).is_err());
    }
}
