//! Postrider as the window runs it: the engine with its queue at work, and an account whose smart host is the sink.

use crate::course::MailSystem;
use crate::letter::{Letter, RECIPIENT, SENDER};
use anyhow::{Context, Result};
use engine::view::{AccountForm, AccountWithPassword, Nothing, ServerForm};
use engine::{Engine, FromHeaders, Options, SettingSetArgs, Work};
use model::{CallError, RoutePolicy, Security};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

/// An engine at work.
pub struct Postrider {
    engine: Engine,
    letter: Arc<str>,
    sessions: u32,
}

impl Postrider {
    /// Starts it in this directory, relaying everything to the sink.
    pub async fn start(directory: &Path, letter: &Letter, sink: u16, sessions: u32) -> Result<Self> {
        let options = Options { home: directory.join("home"), work: Work::Everything };
        let engine = Engine::start(options).await.context("the engine could not be started")?;
        // Nothing needs a name server here; one on loopback says that loopback is network enough.
        for (key, value) in [("secrets.store", "file"), ("net.dns", "127.0.0.1:9")] {
            let set = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
            engine.calls().setting_set(set).await?;
        }
        add_account(&engine, sink).await.context("the account could not be added")?;
        Ok(Self { engine, letter: letter.text.as_str().into(), sessions })
    }
}

/// An account whose smart host, the sink, asks for no login.
async fn add_account(engine: &Engine, sink: u16) -> Result<(), CallError> {
    let smtp = ServerForm { host: "127.0.0.1".to_owned(), port: sink, security: Security::None };
    let form = AccountForm {
        address: SENDER.to_owned(),
        name: String::new(),
        imap: None,
        smtp: Some(smtp),
        user: String::new(),
    };
    let new = AccountWithPassword { form, password: String::new() };
    let mut account = engine.calls().account_add(new).await?;
    for smart_host in &mut account.smart_hosts {
        smart_host.server.user.clear();
        for identity in &mut account.identities {
            identity.route = RoutePolicy::SmartHost(smart_host.name.clone());
        }
    }
    engine.calls().account_update(account).await.map(drop)
}

impl MailSystem for Postrider {
    async fn hand_in(&self, letters: u32) -> Result<()> {
        let mut sessions = JoinSet::new();
        for first in 0..self.sessions {
            let numbers = (first..letters).step_by(self.sessions as usize);
            sessions.spawn(submit_each(self.engine.clone(), self.letter.clone(), numbers));
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
        self.engine.stop().await;
        Ok(())
    }
}

async fn submit_each(engine: Engine, letter: Arc<str>, numbers: impl Iterator<Item = u32>) -> Result<(), CallError> {
    for number in numbers {
        let recipients = [format!("{number}{RECIPIENT}")];
        engine.submit_raw(letter.as_bytes(), Some(SENDER), &recipients, FromHeaders::No).await?;
    }
    Ok(())
}
