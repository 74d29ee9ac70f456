//! Postrider as the window runs it: the engine with its queue at work, and an account whose smart host is the sink, or
//! which sends direct.

use crate::course::MailSystem;
use crate::letter::{Letter, RECIPIENT, SENDER};
use anyhow::{Context, Result};
use engine::view::{AccountForm, AccountWithPassword, Nothing, ServerForm};
use engine::{Engine, FromHeaders, Options, SettingSetArgs, Work};
use model::{CallError, RoutePolicy, Security};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinSet;

/// An engine at work.
pub struct Postrider {
    engine: Engine,
    home: PathBuf,
    letter: Arc<str>,
    sessions: u32,
}

impl Postrider {
    /// Starts it in this directory, relaying everything to the sink.
    pub async fn start(directory: &Path, letter: &Letter, sink: u16, sessions: u32) -> Result<Self> {
        let system = Self::new(directory, letter, sessions).await?;
        add_account(&system.engine, Some(sink)).await.context("the account could not be added")?;
        Ok(system)
    }

    /// Starts it in this directory, sending to the hosts themselves on this port.
    pub async fn direct(directory: &Path, letter: &Letter, port: u16) -> Result<Self> {
        let system = Self::new(directory, letter, 1).await?;
        set(&system.engine, "net.smtp_port", &port.to_string()).await?;
        add_account(&system.engine, None).await.context("the account could not be added")?;
        Ok(system)
    }

    async fn new(directory: &Path, letter: &Letter, sessions: u32) -> Result<Self> {
        let system = Self { sessions, ..Self::again(directory, letter).await? };
        // Nothing needs a name server here. With one on loopback, and a port of its own, loopback is network enough.
        for (key, value) in [("secrets.store", "file"), ("net.dns", "127.0.0.1:9"), ("net.smtp_port", "9")] {
            set(&system.engine, key, value).await?;
        }
        Ok(system)
    }

    /// Starts it in this directory with what is there.
    pub async fn again(directory: &Path, letter: &Letter) -> Result<Self> {
        let home = directory.join("home");
        let options = Options { home: home.clone(), work: Work::Everything };
        let engine = Engine::start(options).await.context("the engine could not be started")?;
        Ok(Self { engine, home, letter: letter.text.as_str().into(), sessions: 1 })
    }

    /// Its directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Hands one letter in, with this number.
    pub async fn hand_in_one(&self, number: u32) -> Result<()> {
        Ok(submit_each(self.engine.clone(), self.letter.clone(), [recipient(number)]).await?)
    }

    /// Hands a letter in for each of these.
    pub async fn hand_in_to(&self, recipients: Vec<String>) -> Result<()> {
        Ok(submit_each(self.engine.clone(), self.letter.clone(), recipients).await?)
    }

    /// Ends it, and its connections.
    pub async fn shut(self) -> Result<()> {
        self.engine.stop().await;
        Ok(())
    }

    /// Ends it without waiting for what is on the wire.
    pub fn abandon(self) {
        let engine = self.engine;
        tokio::spawn(async move { engine.stop().await });
    }
}

async fn set(engine: &Engine, key: &str, value: &str) -> Result<(), CallError> {
    let set = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
    engine.calls().setting_set(set).await.map(drop)
}

/// An account whose smart host, the sink, asks for no login; or one without a smart host.
async fn add_account(engine: &Engine, sink: Option<u16>) -> Result<(), CallError> {
    let smtp = sink.map(|port| ServerForm::new("127.0.0.1", port, Security::None));
    let form = AccountForm { address: SENDER.to_owned(), name: String::new(), imap: None, smtp, user: String::new() };
    let new = AccountWithPassword { form, password: String::new(), sign_in: None };
    let mut account = engine.calls().account_add(new).await?;
    let route = match account.smart_hosts.first_mut() {
        Some(smart_host) => {
            smart_host.server.user.clear();
            RoutePolicy::SmartHost(smart_host.name.clone())
        }
        None => RoutePolicy::Direct,
    };
    for identity in &mut account.identities {
        identity.route = route.clone();
    }
    engine.calls().account_update(account).await.map(drop)
}

impl MailSystem for Postrider {
    async fn hand_in(&self, letters: u32) -> Result<()> {
        let mut sessions = JoinSet::new();
        for first in 0..self.sessions {
            let recipients = (first..letters).step_by(self.sessions as usize).map(recipient);
            sessions.spawn(submit_each(self.engine.clone(), self.letter.clone(), recipients));
        }
        while let Some(done) = sessions.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn is_idle(&self) -> Result<bool> {
        Ok(self.engine.calls().sidebar(Nothing {}).await?.outbox == 0)
    }

    async fn stop(self) -> Result<()> {
        self.shut().await
    }
}

fn recipient(number: u32) -> String {
    format!("{number}{RECIPIENT}")
}

async fn submit_each(
    engine: Engine,
    letter: Arc<str>,
    recipients: impl IntoIterator<Item = String>,
) -> Result<(), CallError> {
    for recipient in recipients {
        engine.submit_raw(letter.as_bytes(), Some(SENDER), &[recipient], FromHeaders::No).await?;
    }
    Ok(())
}
