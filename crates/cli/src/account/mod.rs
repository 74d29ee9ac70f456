//! `postrider account`.

pub mod arguments;
mod rule;
mod smart_host;

use crate::output::{Output, table};
use arguments::{AccountCommand, NewAccount, Protection};
use engine::view::{AccountForm, AccountTest, AccountWithPassword, Nothing, ServerForm, ServerTest};
use engine::{AccountArgs, AddressArgs, Engine, PasswordArgs};
use model::{Account, CallError, Secret, Security};
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
        AccountCommand::Password { address, smart_host, password_stdin } => {
            let account = account_of(&address, engine).await?;
            let smart_host = match smart_host {
                Some(name) => Some(smart_host::name_of(&account, &name)?),
                None => None,
            };
            let whose = smart_host.clone().unwrap_or_else(|| account.address.to_string());
            let password = password(&format!("Password for {whose}: "), password_stdin)?;
            let password = password.expose().to_owned();
            engine.calls().account_password(PasswordArgs { account: account.id, smart_host, password }).await?;
            output.print(&json!({ "changed": whose }), || format!("The password for {whose} is kept."))
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

async fn add(new: NewAccount, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let suggested = engine.calls().account_suggest(AddressArgs { address: new.address.clone() }).await?;
    let form = form(&new, suggested)?;
    let password = if form.imap.is_some() || form.smtp.is_some() {
        password(&format!("Password for {}: ", new.address), new.password_stdin)?
    } else {
        Secret::new("")
    };
    if !new.untested {
        let asked = AccountWithPassword { form: form.clone(), password: password.expose().to_owned() };
        passed(engine.calls().account_test(asked).await?)?;
    }
    let asked = AccountWithPassword { form, password: password.expose().to_owned() };
    let account = engine.calls().account_add(asked).await?;
    output.print(&document(&account), || format!("{} is added. Next: postrider sync", account.address))
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
    Ok(Some(ServerForm { host: host.trim_matches(['[', ']']).to_owned(), port, security }))
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
    let refused = |test: ServerTest| CallError::new(&test.code, test.message, test.hint);
    [test.imap, test.smtp].into_iter().flatten().find(|test| !test.ok).map_or(Ok(()), |test| Err(refused(test)))
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
