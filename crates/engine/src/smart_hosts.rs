//! Smart hosts: suggested, tested, added; with their names, their order, the rules for domains, and their passwords.
//!
//! Passwords are kept under the names of their smart hosts. No server is ever shown a password that was given for
//! another, also not after a crash between the one store and the other: what a name stands for is forgotten before
//! another host takes the name. The worst that a crash does is that the user is asked again.

use crate::Engine;
use crate::calls::{SmartHostAddArgs, SmartHostTestArgs};
use crate::error::Error;
use crate::view::{Nothing, PresetUser, ServerTest, SmartHostPreset};
use advisor::{PRESETS, Preset, UserForm};
use model::{Account, AccountId, Class, RouteRule, Secret, Server, SmartHost, SmartHostId};
use net::Net;
use std::collections::{HashMap, HashSet};
use store::{Secrets, SecretsError, smart_host_key};

impl Engine {
    pub(crate) async fn smart_host_presets(&self, _: Nothing) -> Result<Vec<SmartHostPreset>, Error> {
        Ok(PRESETS.iter().map(preset).collect())
    }

    pub(crate) async fn smart_host_test(&self, args: SmartHostTestArgs) -> Result<ServerTest, Error> {
        let server = usable(args.server)?;
        let password = match (args.secret.filter(|secret| !secret.is_empty()), &args.smart_host) {
            (Some(secret), _) => Some(Secret::new(secret)),
            (None, Some(name)) => self.password_of(args.account, name).await?,
            (None, None) => None,
        };
        Ok(test_submission(&self.inner.worlds.usable_net(args.account)?, server, password).await)
    }

    async fn password_of(&self, account: Option<AccountId>, name: &str) -> Result<Option<Secret>, Error> {
        Ok(self.inner.worlds.secrets(account).get(&smart_host_key(name)).await?)
    }

    pub(crate) async fn smart_host_add(&self, args: SmartHostAddArgs) -> Result<Account, Error> {
        let before = self.require_account(args.account).await?;
        let (name, server) = (args.name.trim().to_owned(), usable(args.server)?);
        let secret = args.secret.filter(|secret| !secret.is_empty());
        match (server.user.is_empty(), secret.is_some()) {
            (true, true) => return Err(Error::invalid("a password needs a login name", "Give both, or neither.")),
            (false, false) => {
                return Err(Error::invalid(
                    format!("{} has no password to log in with", server.user),
                    "Give one; or no login name, where none is asked for.",
                ));
            }
            _ => {}
        }
        if !may_be_called(&name) {
            return Err(cannot_be_called(&name));
        }
        if !name.is_empty() && self.store().smart_host(&name).await?.is_some() {
            return Err(is_taken(&name));
        }
        let mut wanted = before.clone();
        wanted.smart_hosts.push(SmartHost { id: SmartHostId(0), name, server });
        let after = self.store().update_account(&wanted).await?;
        if let (Some(secret), Some(added)) = (secret, after.smart_hosts.last()) {
            let secrets = self.inner.worlds.secrets(Some(after.id));
            if let Err(error) = secrets.set(&smart_host_key(&added.name), &Secret::new(secret)).await {
                // One without its password would only be in the way.
                self.store().update_account(&before).await?;
                return Err(error.into());
            }
        }
        Ok(after)
    }

    pub(crate) async fn account_update(&self, account: Account) -> Result<Account, Error> {
        let before = self.require_account(account.id).await?;
        let wanted = tidied(account)?;
        self.refuse_tokens_elsewhere(&wanted).await?;
        let secrets = self.inner.worlds.secrets(Some(before.id));
        let moving = Moving::begin(&before, &wanted, secrets).await?;
        let after = match self.store().update_account(&wanted).await {
            Ok(after) => after,
            Err(error) => {
                moving.take_back().await;
                return Err(error.into());
            }
        };
        moving.finish(&after).await?;
        if sends_otherwise(&before, &after) {
            self.retry_after_login(&after).await?;
        }
        if before.imap != after.imap {
            self.begin_sync(&after).await;
        }
        Ok(after)
    }
}

/// Whether a letter that waits for a login might go now.
fn sends_otherwise(before: &Account, after: &Account) -> bool {
    let defaults = |account: &Account| account.identities.iter().map(|one| one.route.clone()).collect::<Vec<_>>();
    before.smart_hosts != after.smart_hosts || before.rules != after.rules || defaults(before) != defaults(after)
}

/// Passwords on their way from the names that smart hosts had to those that they get.
struct Moving {
    secrets: Secrets,
    /// From the key that a renamed host had to the one that it gets.
    renamed: Vec<(String, String)>,
    /// What stood under every key that is touched.
    former: HashMap<String, Option<Secret>>,
}

impl Moving {
    /// Reads what moves, and forgets what stands under a name that another host takes.
    async fn begin(before: &Account, wanted: &Account, secrets: Secrets) -> Result<Self, SecretsError> {
        let had = |id| before.smart_hosts.iter().find(|host| host.id == id).map(|host| smart_host_key(&host.name));
        let mut moving = Self { secrets, renamed: Vec::new(), former: HashMap::new() };
        let mut taken = Vec::new();
        for host in &wanted.smart_hosts {
            let (from, to) = (had(host.id), smart_host_key(&host.name));
            if from.as_ref() != Some(&to) {
                taken.push(to.clone());
                moving.renamed.extend(from.map(|from| (from, to)));
            }
        }
        for host in &before.smart_hosts {
            let key = smart_host_key(&host.name);
            let kept = wanted.smart_hosts.iter().any(|kept| kept.id == host.id && kept.name == host.name);
            if !kept {
                let password = moving.secrets.get(&key).await?;
                moving.former.insert(key, password);
            }
        }
        for key in taken {
            if let Err(error) = moving.secrets.delete(&key).await {
                moving.take_back().await;
                return Err(error);
            }
        }
        Ok(moving)
    }

    /// Puts everything back as it was: the account stays as it is.
    async fn take_back(&self) {
        for (key, password) in &self.former {
            if let Some(password) = password
                && let Err(error) = self.secrets.set(key, password).await
            {
                tracing::warn!(%error, "a password could not be put back; it will be asked for");
            }
        }
    }

    /// Keeps the passwords under the names that the hosts have now, and forgets those of hosts that are gone.
    async fn finish(self, after: &Account) -> Result<(), SecretsError> {
        for (from, to) in &self.renamed {
            if let Some(Some(password)) = self.former.get(from) {
                self.secrets.set(to, password).await?;
            }
        }
        let now: HashSet<String> = after.smart_hosts.iter().map(|host| smart_host_key(&host.name)).collect();
        for gone in self.former.keys().filter(|key| !now.contains(*key)) {
            self.secrets.delete(gone).await?;
        }
        Ok(())
    }
}

/// An account as it was given, with names, servers and rules in the form in which they are kept.
fn tidied(mut account: Account) -> Result<Account, Error> {
    for host in &mut account.smart_hosts {
        host.name = host.name.trim().to_owned();
        if host.name.is_empty() || !may_be_called(&host.name) {
            return Err(cannot_be_called(&host.name));
        }
        host.server = usable(host.server.clone())?;
    }
    let mut names = HashSet::new();
    if let Some(host) = account.smart_hosts.iter().find(|host| !names.insert(host.name.to_lowercase())) {
        return Err(is_taken(&host.name));
    }
    for rule in &mut account.rules {
        *rule = rule_for(&rule.domain, rule.route.clone())?;
    }
    Ok(account)
}

fn rule_for(domain: &str, route: model::RoutePolicy) -> Result<RouteRule, Error> {
    RouteRule::new(domain, route).map_err(|_| {
        let hint = "Write it as example.org, as *.example.org for all below it, or as * for everything else.";
        Error::invalid(format!("“{}” is no domain that a rule can be for", domain.trim()), hint)
    })
}

fn may_be_called(name: &str) -> bool {
    let is_word_of_a_policy = ["auto", "direct"].iter().any(|word| word.eq_ignore_ascii_case(name));
    !is_word_of_a_policy && !name.contains(char::is_control)
}

fn cannot_be_called(name: &str) -> Error {
    Error::invalid(format!("a smart host cannot be called “{name}”"), "Choose another name.")
}

fn is_taken(name: &str) -> Error {
    Error::invalid(format!("there is a smart host “{name}” already"), "Choose another name.")
}

/// A server without the blanks around what was typed. An empty user stays empty: no login is asked for.
fn usable(server: Server) -> Result<Server, Error> {
    let host = server.host.trim().trim_matches(['[', ']']).to_owned();
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid(format!("“{host}” is not the name of a server"), "Write it as smtp.example.org."));
    }
    if server.port == 0 {
        return Err(Error::invalid("a server has no port 0", "It is 465 or 587 mostly."));
    }
    Ok(Server { host, user: server.user.trim().to_owned(), ..server })
}

pub(crate) async fn test_submission(net: &Net, server: Server, password: Option<Secret>) -> ServerTest {
    if !server.user.is_empty() && password.is_none() {
        let message = format!("There is no password for {} at {}.", server.user, server.host);
        return ServerTest::failed("no-password", message, "Give one and test again.");
    }
    match outbound::test_login(net, &server, password).await {
        Ok(()) if server.user.is_empty() => ServerTest::passed(format!("{} answers.", server.host)),
        Ok(()) => ServerTest::passed(format!("{} accepted the login.", server.host)),
        Err(trouble) => ServerTest::failed(code(trouble.class), trouble.what, hint(trouble.class)),
    }
}

/// The error that a login which did not work is to a program.
fn code(class: Class) -> &'static str {
    match class {
        Class::AuthFailed => "auth-failed",
        Class::TlsPolicy => "tls-failed",
        Class::NetworkDown => "offline",
        Class::DnsFailure | Class::HostUnreachable | Class::NoSuchDomain => "unreachable",
        _ => "refused",
    }
}

/// What to do about a login that did not work: nothing waits for it yet.
fn hint(class: Class) -> &'static str {
    match class {
        Class::AuthFailed => {
            "Check user name and password. Many providers want an app password, or an access token, from mail programs."
        }
        Class::TlsPolicy => "Check port and protection: 465 goes with TLS, 587 with STARTTLS.",
        Class::NetworkDown => "Connect this computer to a network and test again.",
        Class::DnsFailure | Class::HostUnreachable | Class::NoSuchDomain => {
            "Check the name of the server and its port, and whether this network lets it through."
        }
        _ => "Check server, port and protection, or ask the provider.",
    }
}

fn preset(preset: &Preset) -> SmartHostPreset {
    SmartHostPreset {
        name: preset.name.to_owned(),
        host: preset.host.to_owned(),
        port: preset.port,
        security: preset.security,
        login: preset.login,
        user: match preset.user {
            UserForm::Address => PresetUser::Address,
            UserForm::Fixed(name) => PresetUser::Fixed { name: name.to_owned() },
            UserForm::Issued(_) => PresetUser::Issued,
        },
        user_is: preset.user_is(),
        secret_is: preset.secret.to_owned(),
        recipients_a_day: preset.recipients_a_day,
        megabytes: preset.megabytes,
        limits: preset.limits.to_owned(),
        set_up: preset.set_up.to_owned(),
        link: preset.link.to_owned(),
    }
}
