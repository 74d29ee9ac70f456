//! Accounts: suggested, tested, added, changed, removed; the practice account; the side bar.

use crate::calls::{AccountArgs, AddressArgs, PasswordArgs, SettingArgs, SettingSetArgs, SyncArgs};
use crate::error::Error;
use crate::oauth::{SignedIn, refuse_elsewhere};
use crate::smart_hosts::test_submission;
use crate::trust::{Watched, fingerprint};
use crate::view::{
    AccountForm, AccountTest, AccountWithPassword, Nothing, PracticePlace, ServerForm, ServerTest, SettingView,
    Sidebar, SidebarAccount, SyncState,
};
use crate::worlds::Keeper;
use crate::{Engine, settings};
use advisor::{Place, discover, provider_of};
use model::{
    Account, AccountId, Address, CallError, DeliveryState, EmailAddress, HoldReason, LoginForm, Role, RoutePolicy,
    Secret, Security, Server,
};
use net::Net;
use practice::Info;
use store::{NewAccount, NewSmartHost, WaitsForLogin, imap_key, oauth_key, smart_host_key};

impl Engine {
    pub(crate) async fn sidebar(&self, _: Nothing) -> Result<Sidebar, Error> {
        let store = self.store();
        let outbox = store.outbox().await?;
        let mut accounts = Vec::new();
        let mut inbox_unread = 0;
        for account in store.accounts().await? {
            let mailboxes = store.mailboxes(Some(account.id)).await?;
            let inboxes = mailboxes.iter().filter(|mailbox| mailbox.role == Some(Role::Inbox));
            inbox_unread += inboxes.map(|mailbox| mailbox.unread).sum::<u32>();
            accounts.push(SidebarAccount {
                id: account.id,
                address: account.address.to_string(),
                practice: account.practice,
                mailboxes,
                sync: self.sync_state(account.id).unwrap_or_else(|| initial_sync(&account)),
            });
        }
        Ok(Sidebar {
            inbox_unread,
            outbox: outbox.waiting,
            outbox_mark: outbox.mark,
            scheduled: outbox.scheduled,
            drafts: store.drafts().await?.len() as u32,
            paused: settings::is_paused(store).await?,
            accounts,
        })
    }

    pub(crate) async fn account_list(&self, _: Nothing) -> Result<Vec<Account>, Error> {
        Ok(self.store().accounts().await?)
    }

    pub(crate) async fn account_suggest(&self, args: AddressArgs) -> Result<AccountForm, Error> {
        let address = parse_address(&args.address)?;
        let domain = address.domain();
        let (imap, smtp) = match provider_of(domain) {
            Some(provider) => (Some(provider.imap()), Some(provider.smtp())),
            None => {
                let (imap, smtp) = discover::guesses(domain);
                (imap.into_iter().next(), smtp.into_iter().next())
            }
        };
        Ok(AccountForm {
            user: address.to_string(),
            address: address.to_string(),
            name: String::new(),
            imap: imap.map(form),
            smtp: smtp.map(form),
        })
    }

    pub(crate) async fn account_test(&self, args: AccountWithPassword) -> Result<AccountTest, Error> {
        let address = parse_address(&args.form.address)?;
        let signed_in = args.sign_in.map(|id| self.inner.sign_ins.signed_in(id)).transpose()?;
        let with = Logins { password: Secret::new(args.password), signed_in };
        let net = self.inner.worlds.usable_net(None)?;
        let imap = server(&args.form, args.form.imap.as_ref(), &address)?;
        let smtp = server(&args.form, args.form.smtp.as_ref(), &address)?;
        let (imap, smtp) = tokio::join!(
            async {
                match &imap {
                    Some(server) => Some(match with.of(server) {
                        Ok(secret) => test_imap(server, secret, &net).await,
                        Err(refused) => not_tried(refused),
                    }),
                    None => None,
                }
            },
            async {
                match &smtp {
                    Some(server) => Some(match with.of(server) {
                        Ok(secret) => test_smart_host(&net, server, secret.cloned()).await,
                        Err(refused) => not_tried(refused),
                    }),
                    None => None,
                }
            },
        );
        Ok(AccountTest { imap, smtp })
    }

    pub(crate) async fn account_add(&self, args: AccountWithPassword) -> Result<Account, Error> {
        let signed_in = args.sign_in.map(|id| self.inner.sign_ins.signed_in(id)).transpose()?;
        let account = self.add_account(&args.form, &Secret::new(args.password), signed_in).await?;
        if let Some(id) = args.sign_in {
            self.inner.sign_ins.forget(id);
        }
        Ok(account)
    }

    /// Stores an account. The password is kept first: an account without one would only be in the way.
    async fn add_account(
        &self,
        form: &AccountForm,
        password: &Secret,
        signed_in: Option<SignedIn>,
    ) -> Result<Account, Error> {
        let address = parse_address(&form.address)?;
        if self.store().account_by_address(&address).await?.is_some() {
            return Err(Error::invalid(format!("{address} is here already"), "Remove it first to add it anew."));
        }
        let secrets = self.inner.worlds.secrets(None);
        let imap = server(form, form.imap.as_ref(), &address)?;
        let smart_host = server(form, form.smtp.as_ref(), &address)?;
        if imap.is_none() && smart_host.is_none() && !form.user.is_empty() {
            return Err(Error::invalid("a login needs a server", "Give an IMAP or SMTP server."));
        }
        if let Some(signed_in) = &signed_in {
            imap.iter().chain(&smart_host).try_for_each(|server| refuse_elsewhere(signed_in.client(), server))?;
        }
        let with_password = |server: &Server| server.login == LoginForm::Password || signed_in.is_none();
        if imap.as_ref().is_some_and(with_password) {
            secrets.set(&imap_key(&address), password).await?;
        }
        let smart_hosts = smart_host.map(|server| NewSmartHost { name: server.host.clone(), server });
        let account = NewAccount {
            address,
            name: form.name.trim().to_owned(),
            imap,
            smart_hosts: smart_hosts.into_iter().collect(),
            practice: false,
        };
        let account = self.store().add_account(account).await?;
        for smart_host in account.smart_hosts.iter().filter(|host| with_password(&host.server)) {
            secrets.set(&smart_host_key(&smart_host.name), password).await?;
        }
        if let Some(signed_in) = signed_in
            && let Err(error) = self.use_sign_in(&account, signed_in).await
        {
            // One that cannot log in would only be in the way.
            self.store().remove_account(account.id).await?;
            return Err(error);
        }
        self.begin_sync(&account).await;
        Ok(account)
    }

    pub(crate) async fn account_password(&self, args: PasswordArgs) -> Result<(), Error> {
        let mut account = self.require_account(args.account).await?;
        let password = Secret::new(args.password);
        let is_signed_in = args.smart_host.is_none() && self.store().oauth(account.id).await?.is_some();
        if is_signed_in {
            use_passwords(&mut account);
        }
        if args.untested != Some(true) {
            self.test_password(&account, args.smart_host.as_deref(), &password).await?;
        }
        if is_signed_in {
            self.end_sign_in(&account).await?;
        }
        let secrets = self.inner.worlds.secrets(Some(account.id));
        for key in keys_of_login(&account, args.smart_host.as_deref())? {
            secrets.set(&key, &password).await?;
        }
        if args.smart_host.is_none() {
            self.begin_sync(&account).await;
        }
        self.retry_after_login(&account).await
    }

    /// Logs in with a new password wherever it would be used. The one that is kept stays until that has worked.
    async fn test_password(
        &self,
        account: &Account,
        smart_host: Option<&str>,
        password: &Secret,
    ) -> Result<(), Error> {
        let net = self.inner.worlds.usable_net(Some(account.id))?;
        let user = account.imap.as_ref().map(|imap| imap.user.as_str());
        if let (Some(imap), None) = (&account.imap, smart_host) {
            passed(test_imap(imap, Some(password), &net).await)?;
        }
        for host in &account.smart_hosts {
            let is_meant = match smart_host {
                Some(name) => host.name == name,
                None => user.is_none_or(|user| user == host.server.user) && !host.server.user.is_empty(),
            };
            if is_meant {
                passed(test_smart_host(&net, &host.server, Some(password.clone())).await)?;
            }
        }
        Ok(())
    }

    /// The account logs in with a password from now on, as it stands here.
    async fn end_sign_in(&self, account: &Account) -> Result<(), Error> {
        self.store().set_oauth(account.id, None).await?;
        self.inner.worlds.secrets(Some(account.id)).delete(&oauth_key(&account.address)).await?;
        self.store().update_account(account).await?;
        Ok(())
    }

    /// What waited for a login goes now: another password or server may be accepted, or another way be chosen.
    pub(crate) async fn retry_after_login(&self, account: &Account) -> Result<(), Error> {
        let account = account.clone();
        let may_help =
            move |waits: &WaitsForLogin| waits.account == Some(account.id) || is_of(&account, &waits.route);
        self.store().retry_logins(jiff::Timestamp::now(), may_help).await?;
        Ok(())
    }

    pub(crate) async fn account_remove(&self, args: AccountArgs) -> Result<(), Error> {
        let account = self.require_account(args.account).await?;
        let secrets = self.inner.worlds.secrets(Some(account.id));
        self.store().drop_account(account.id).await?;
        // Whoever practises again begins with every switch off.
        if account.practice && self.practice_reset(Nothing {}).await.is_err() {
            tracing::debug!("no practice post office was open");
        }
        // Before its letters go, which may take a while: nothing is fetched again, and no password stays behind.
        self.end_sync(account.id).await;
        secrets.delete(&imap_key(&account.address)).await?;
        secrets.delete(&oauth_key(&account.address)).await?;
        for smart_host in &account.smart_hosts {
            secrets.delete(&smart_host_key(&smart_host.name)).await?;
        }
        self.store().forget_mail(account.id).await?;
        Ok(())
    }

    pub(crate) async fn practice_start(&self, _: Nothing) -> Result<Account, Error> {
        let (info, keeper) = self.inner.worlds.open_practice(self.store()).await?;
        self.use_practice(&info, keeper).await
    }

    /// Brings account and passwords to the post office that is open. The account of one that another process keeps is
    /// that process's to change.
    async fn use_practice(&self, info: &Info, keeper: Keeper) -> Result<Account, Error> {
        let (imap, submission) = (practice_server(info, &info.imap, Security::Tls), &info.submission);
        let submission = practice_server(info, submission, Security::Starttls);
        let secrets = self.inner.worlds.practice_secrets();
        let password = Secret::new(info.password.clone());
        let address = parse_address(&info.address)?;
        secrets.set(&imap_key(&address), &password).await?;
        let present = self.store().accounts().await?.into_iter().find(|account| account.practice);
        let account = match present {
            Some(account) if keeper == Keeper::AnotherProcess => account,
            Some(mut account) => {
                account.imap = Some(imap);
                for smart_host in &mut account.smart_hosts {
                    smart_host.server = submission.clone();
                }
                self.store().update_account(&account).await?
            }
            None => {
                let smart_hosts = vec![NewSmartHost { name: PRACTICE_SMART_HOST.to_owned(), server: submission }];
                let name = "You".to_owned();
                let new = NewAccount { address, name, imap: Some(imap), smart_hosts, practice: true };
                self.store().add_account(new).await?
            }
        };
        for smart_host in &account.smart_hosts {
            secrets.set(&smart_host_key(&smart_host.name), &password).await?;
        }
        self.inner.worlds.reload(self.store()).await?;
        self.begin_sync(&account).await;
        Ok(account)
    }

    /// At every start the post office opens anew, at other ports, if there is an account for it.
    pub(crate) async fn open_practice_again(&self) {
        if self.has_practice().await
            && let Err(error) = self.practice_start(Nothing {}).await
        {
            tracing::warn!(%error, "the practice post office could not be opened; the practice account has to wait");
        }
    }

    /// Opens the post office when the process that kept it has ended.
    pub(crate) async fn take_practice_over(&self) -> Result<(), Error> {
        if self.inner.worlds.keeps_office() || !self.has_practice().await {
            return Ok(());
        }
        if let Some(info) = self.inner.worlds.keep_practice(self.store()).await? {
            self.use_practice(&info, Keeper::Ourselves).await?;
        }
        Ok(())
    }

    async fn has_practice(&self) -> bool {
        let accounts = self.store().accounts().await.unwrap_or_default();
        accounts.iter().any(|account| account.practice)
    }

    pub(crate) async fn practice_places(&self, _: Nothing) -> Result<Vec<PracticePlace>, Error> {
        let place = |(address, what): &(&str, &str)| PracticePlace {
            address: (*address).to_owned(),
            what: (*what).to_owned(),
        };
        Ok(PRACTICE_PLACES.iter().map(place).collect())
    }

    pub(crate) async fn sync_now(&self, args: SyncArgs) -> Result<(), Error> {
        self.wake_sync(args.account).await;
        Ok(())
    }

    pub(crate) async fn setting_list(&self, _: Nothing) -> Result<Vec<SettingView>, Error> {
        settings::list(self.store()).await
    }

    pub(crate) async fn setting_get(&self, args: SettingArgs) -> Result<Option<String>, Error> {
        Ok(self.store().setting(&args.key).await?.or_else(|| settings::default_of(&args.key)))
    }

    pub(crate) async fn setting_set(&self, args: SettingSetArgs) -> Result<(), Error> {
        if let Some(value) = &args.value {
            settings::check(&args.key, value)?;
        }
        self.store().set_setting(&args.key, args.value.as_deref()).await?;
        self.inner.worlds.reload(self.store()).await
    }

    pub(crate) async fn require_account(&self, id: AccountId) -> Result<Account, Error> {
        self.store().account(id).await?.ok_or_else(|| Error::not_found("such account"))
    }
}

/// The name of the practice smart host.
const PRACTICE_SMART_HOST: &str = "practice";

/// Where one can write to in the practice world.
const PRACTICE_PLACES: &[(&str, &str)] = &[
    ("anna@prompt.test", "Takes the letter at once."),
    ("anna@greylist.test", "Asks a first-time sender to come back in 30 seconds, then takes the letter."),
    ("anna@quietgrey.test", "Does the same, but does not say for how long."),
    ("anna@nobody.test", "Does not know this recipient."),
    ("anna@full.test", "Has no room in the mailbox."),
    ("anna@large.test", "Takes no letter over 1 MB."),
    ("anna@slow.test", "Takes the letter after a long think."),
    ("anna@notls.test", "Offers no encryption."),
    ("anna@oldcert.test", "Encrypts with a certificate that has expired."),
    ("anna@dynamic.test", "Refuses addresses that providers give to homes."),
    ("anna@nordns.test", "Refuses addresses without a name in DNS."),
    ("anna@throttle.test", "Takes two letters a minute."),
    ("anna@down.test", "Does not answer."),
    ("anna@split.test", "Its first server is busy, its second takes the letter."),
    ("yes@partial.test", "Is taken; no@partial.test is refused, later@partial.test has to wait."),
    ("anna@nullmx.test", "Says that it takes no mail at all."),
    ("anna@nowhere.test", "Does not exist."),
    ("anna@servfail.test", "Has name servers that cannot answer."),
    ("anna@echo.test", "Takes the letter and answers it."),
    ("anna@bounce.test", "Takes the letter, and sends it back 20 seconds later."),
    ("anna@drop.test", "Hangs up after the letter, without a word."),
];

/// Whether a route leads through a smart host of this account.
fn is_of(account: &Account, route: &RoutePolicy) -> bool {
    let is_it = |name: &str| account.smart_hosts.iter().any(|host| host.name.eq_ignore_ascii_case(name));
    matches!(route, RoutePolicy::SmartHost(name) if is_it(name))
}

/// Whether an outgoing waits for a time that its sender chose.
pub(crate) fn is_scheduled(outgoing: &model::Outgoing) -> bool {
    let scheduled = |delivery: &model::Delivery| {
        delivery.state == DeliveryState::Held && delivery.hold == Some(HoldReason::Scheduled)
    };
    outgoing.deliveries.iter().any(scheduled)
}

/// The keys under which a new password is kept: one smart host's, or those of everything with the account's login name.
fn keys_of_login(account: &Account, smart_host: Option<&str>) -> Result<Vec<String>, Error> {
    if let Some(name) = smart_host {
        let known = account.smart_hosts.iter().any(|host| host.name == name);
        let missing = || Error::not_found(format!("smart host “{name}” of this account"));
        return if known { Ok(vec![smart_host_key(name)]) } else { Err(missing()) };
    }
    let user = account.imap.as_ref().map(|imap| imap.user.as_str());
    let same = account.smart_hosts.iter().filter(|host| user.is_none_or(|user| user == host.server.user));
    let imap = account.imap.is_some().then(|| imap_key(&account.address));
    Ok(imap.into_iter().chain(same.map(|host| smart_host_key(&host.name))).collect())
}

fn initial_sync(account: &Account) -> SyncState {
    match account.imap {
        None => SyncState::SendOnly,
        Some(_) => SyncState::Offline { reason: "Not connected yet.".to_owned() },
    }
}

pub(crate) fn parse_address(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|error| Error::invalid(error.to_string(), "Write it as name@example.org."))
}

/// The addresses in a list of them, with their names.
pub(crate) fn parse_addresses(list: &str) -> Result<Vec<Address>, Error> {
    let hint = "Write it as name@example.org, or as Name <name@example.org>; between two stands a comma.";
    Address::parse_list(list).map_err(|error| Error::invalid(error.to_string(), hint))
}

fn form(place: Place) -> ServerForm {
    ServerForm::new(place.host, place.port, place.security)
}

/// What there is to log in with.
struct Logins {
    password: Secret,
    signed_in: Option<SignedIn>,
}

impl Logins {
    /// What this server takes; `None` where a sign-in is missing. An error where it may not have the sign-in's token.
    fn of(&self, server: &Server) -> Result<Option<&Secret>, CallError> {
        match (server.login, &self.signed_in) {
            (LoginForm::Password, _) => Ok(Some(&self.password)),
            (LoginForm::Token, Some(signed_in)) => {
                refuse_elsewhere(signed_in.client(), server).map(|()| Some(signed_in.token()))
            }
            (LoginForm::Token, None) => Ok(Some(&self.password).filter(|typed| !typed.expose().is_empty())),
        }
    }
}

/// A sign-in that the account had is over.
fn use_passwords(account: &mut Account) {
    let hosts = account.smart_hosts.iter_mut().map(|host| &mut host.server);
    for server in account.imap.iter_mut().chain(hosts).filter(|server| server.login == LoginForm::Token) {
        server.login = LoginForm::Password;
    }
}

fn server(form: &AccountForm, server: Option<&ServerForm>, address: &EmailAddress) -> Result<Option<Server>, Error> {
    let Some(server) = server.filter(|server| !server.host.trim().is_empty()) else { return Ok(None) };
    let users = [server.user.trim(), form.user.trim()];
    let user = users.into_iter().find(|user| !user.is_empty()).map_or_else(|| address.to_string(), str::to_owned);
    Ok(Some(Server {
        host: server.host.trim().to_owned(),
        port: server.port,
        security: server.security,
        user,
        login: server.login,
        trusted: server.trusted.as_deref().map(fingerprint).transpose()?,
    }))
}

fn practice_server(info: &Info, place: &str, security: Security) -> Server {
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "0"));
    Server {
        host: host.to_owned(),
        port: port.parse().unwrap_or(0),
        security,
        user: info.user.clone(),
        login: LoginForm::Password,
        trusted: None,
    }
}

async fn test_imap(server: &Server, secret: Option<&Secret>, net: &Net) -> ServerTest {
    let Some(secret) = secret else { return no_sign_in(server) };
    let watched = Watched::over(net);
    let test = match imap::test_login(server, secret, watched.net()).await {
        Ok(_) => ServerTest::passed(format!("{} accepted the login.", server.host)),
        Err(error) => {
            let CallError { code, message, hint } = error.into();
            ServerTest::failed(&code, message, hint)
        }
    };
    watched.seen(test)
}

async fn test_smart_host(net: &Net, server: &Server, secret: Option<Secret>) -> ServerTest {
    if server.login == LoginForm::Token && secret.is_none() {
        return no_sign_in(server);
    }
    let watched = Watched::over(net);
    let test = test_submission(watched.net(), server.clone(), secret).await;
    watched.seen(test)
}

fn no_sign_in(server: &Server) -> ServerTest {
    let message = format!("{} wants a sign-in in the browser.", server.host);
    ServerTest::failed("sign-in-needed", message, "Sign in first.")
}

fn not_tried(CallError { code, message, hint }: CallError) -> ServerTest {
    ServerTest::failed(&code, message, hint)
}

fn passed(test: ServerTest) -> Result<(), Error> {
    if test.ok { Ok(()) } else { Err(CallError::new(&test.code, test.message, test.hint).into()) }
}
