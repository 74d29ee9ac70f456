//! `postrider account smart-host`.

use super::arguments::{NewSmartHost, SmartHostCommand};
use super::{account_of, customary_submission, password, server_form};
use crate::output::{Output, table};
use engine::view::{Nothing, PresetUser, ServerTest, SmartHostPreset};
use engine::{Engine, SmartHostAddArgs, SmartHostTestArgs};
use model::{Account, CallError, LoginForm, Server, SmartHost};
use serde_json::{Value, json};

pub async fn run(command: SmartHostCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        SmartHostCommand::Add(new) => add(*new, engine, output).await,
        SmartHostCommand::List { address } => print(&account_of(&address, engine).await?, output),
        SmartHostCommand::Presets => presets(engine, output).await,
        SmartHostCommand::Move { address, name, place } => {
            change(&address, engine, output, |account| {
                let host = account.smart_hosts.remove(place_of(account, &name)?);
                let before = (place.get() - 1).min(account.smart_hosts.len());
                account.smart_hosts.insert(before, host);
                Ok(())
            })
            .await
        }
        SmartHostCommand::Rename { address, name, to } => {
            change(&address, engine, output, |account| {
                find(account, &name)?.name = to;
                Ok(())
            })
            .await
        }
        SmartHostCommand::Remove { address, name } => {
            change(&address, engine, output, |account| {
                account.smart_hosts.remove(place_of(account, &name)?);
                Ok(())
            })
            .await
        }
        SmartHostCommand::Test { address, name } => {
            let mut account = account_of(&address, engine).await?;
            let (id, SmartHost { name, server, .. }) = (account.id, find(&mut account, &name)?.clone());
            let args = SmartHostTestArgs { account: Some(id), smart_host: Some(name), server, secret: None };
            let test = passed(engine.calls().smart_host_test(args).await?)?;
            output.print(&test, || test.message.clone())
        }
    }
}

async fn add(new: NewSmartHost, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let account = account_of(&new.address, engine).await?;
    let presets = engine.calls().smart_host_presets(Nothing {}).await?;
    let preset = presets.into_iter().find(|preset| preset.name.eq_ignore_ascii_case(new.server.trim()));
    let server = server(&new, preset.as_ref(), &account)?;
    let name = new.name.clone().or(preset.map(|preset| preset.name)).unwrap_or_default();
    let secret = match server.user.as_str() {
        "" => None,
        user => {
            let what = if server.login == LoginForm::Token { "Token" } else { "Password" };
            Some(password(&format!("{what} for {user} at {}: ", server.host), new.password_stdin)?)
        }
    };
    let secret = secret.map(|secret| secret.expose().to_owned());
    if !new.untested {
        let args = SmartHostTestArgs {
            account: Some(account.id),
            smart_host: None,
            server: server.clone(),
            secret: secret.clone(),
        };
        passed(engine.calls().smart_host_test(args).await?)?;
    }
    let account =
        engine.calls().smart_host_add(SmartHostAddArgs { account: account.id, name, server, secret }).await?;
    print(&account, output)
}

fn server(new: &NewSmartHost, preset: Option<&SmartHostPreset>, account: &Account) -> Result<Server, CallError> {
    let address = account.address.to_string();
    let (host, port, security) = match preset {
        Some(preset) if preset.host.is_empty() => {
            let message = format!("{} runs under a name of its own", preset.name);
            return Err(CallError::new("invalid", message, format!("Name the server as HOST:{}.", preset.port)));
        }
        Some(preset) => (preset.host.clone(), preset.port, new.security.map_or(preset.security, Into::into)),
        None => {
            let form = server_form(&new.server, new.security, 587, customary_submission)?;
            let none = || CallError::new("invalid", "“none” is not a server", "Write it as HOST:PORT.");
            let form = form.ok_or_else(none)?;
            (form.host, form.port, form.security)
        }
    };
    let user = match (new.no_login, &new.user, preset.map(|preset| &preset.user)) {
        (true, ..) => String::new(),
        (false, Some(user), _) => user.clone(),
        (false, None, Some(PresetUser::Fixed { name })) => name.clone(),
        (false, None, Some(PresetUser::Issued)) => {
            let preset = preset.map(|preset| (preset.name.as_str(), preset.user_is.as_str())).unwrap_or_default();
            let message = format!("{} gives everybody a login name of their own", preset.0);
            return Err(CallError::new("invalid", message, format!("Give it with --user: {}.", preset.1)));
        }
        (false, None, _) => address,
    };
    let login = preset.map_or(LoginForm::Password, |preset| preset.login);
    Ok(Server { host, port, security, user, login: if new.token { LoginForm::Token } else { login }, trusted: None })
}

async fn presets(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let presets = engine.calls().smart_host_presets(Nothing {}).await?;
    output.print(&presets, || {
        let mut text = String::new();
        for preset in &presets {
            let host = if preset.host.is_empty() { "your server" } else { &preset.host };
            text.push_str(&format!("{}  {host}:{} {}\n", preset.name, preset.port, preset.security.word()));
            text.push_str(&format!("  User: {}. Password: {}.\n", preset.user_is, preset.secret_is));
            if !preset.limits.is_empty() {
                text.push_str(&format!("  Limits: {}\n", preset.limits));
            }
            text.push_str(&format!("  {}\n  {}\n", preset.set_up, preset.link));
        }
        text
    })
}

/// Changes an account's smart hosts, and shows them as they are then.
async fn change(
    address: &str,
    engine: &Engine,
    output: &Output,
    what: impl FnOnce(&mut Account) -> Result<(), CallError>,
) -> Result<(), CallError> {
    let mut account = account_of(address, engine).await?;
    what(&mut account)?;
    print(&engine.calls().account_update(account).await?, output)
}

fn print(account: &Account, output: &Output) -> Result<(), CallError> {
    let documents: Vec<Value> = account.smart_hosts.iter().map(document).collect();
    output.print(&documents, || match account.smart_hosts.as_slice() {
        [] => format!("{} has no smart host: everything goes direct.", account.address),
        hosts => table(&hosts.iter().enumerate().map(cells).collect::<Vec<_>>()),
    })
}

/// One smart host: `{name, host, port, security, user, login}`; no login is asked for where the user is null.
pub fn document(host: &SmartHost) -> Value {
    let Server { host: at, port, security, user, login, .. } = &host.server;
    let user = Some(user).filter(|user| !user.is_empty());
    json!({ "name": host.name, "host": at, "port": port, "security": security, "user": user, "login": login })
}

fn cells((place, host): (usize, &SmartHost)) -> Vec<String> {
    let Server { host: at, port, security, user, login, .. } = &host.server;
    let login = match (user.as_str(), login) {
        ("", _) => "no login".to_owned(),
        (user, LoginForm::Password) => user.to_owned(),
        (user, LoginForm::Token) => format!("{user}, with a token"),
    };
    vec![(place + 1).to_string(), host.name.clone(), format!("{at}:{port}"), security.word().to_owned(), login]
}

fn place_of(account: &Account, name: &str) -> Result<usize, CallError> {
    let place = account.smart_hosts.iter().position(|host| host.name.eq_ignore_ascii_case(name));
    place.ok_or_else(|| {
        let message = format!("{} has no smart host “{name}”", account.address);
        CallError::new(
            "no-smart-host",
            message,
            format!("postrider account smart-host list {} shows them.", account.address),
        )
    })
}

/// Its name as it is written in the account.
pub fn name_of(account: &Account, name: &str) -> Result<String, CallError> {
    let place = place_of(account, name)?;
    Ok(account.smart_hosts.get(place).map_or_else(|| name.to_owned(), |host| host.name.clone()))
}

fn find<'a>(account: &'a mut Account, name: &str) -> Result<&'a mut SmartHost, CallError> {
    let place = place_of(account, name)?;
    account.smart_hosts.get_mut(place).ok_or_else(|| CallError::new("internal", "it is gone", ""))
}

fn passed(test: ServerTest) -> Result<ServerTest, CallError> {
    if test.ok { Ok(test) } else { Err(CallError::new(&test.code, test.message, test.hint)) }
}
