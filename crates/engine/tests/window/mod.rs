//! An engine as the window uses it: by calls, and by asking again at events.

#![allow(dead_code, reason = "each test uses a part of it")]

use model::{Account, DeliveryState, OutgoingId};
use postrider_engine::view::{Nothing, OutgoingView};
use postrider_engine::*;
use std::time::Duration;
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to ask where no event says that something changed: another process may have done it.
const LOOK: Duration = Duration::from_millis(200);

/// A window on a new home with the practice account.
pub struct Window {
    pub engine: Engine,
    pub account: Account,
    pub home: TempDir,
}

impl Window {
    pub async fn open() -> Self {
        let home = TempDir::new().expect("a directory");
        let engine = start(&home, Work::Everything).await;
        let account = engine.calls().practice_start(Nothing {}).await.expect("the practice post office opens");
        Self { engine, account, home }
    }

    pub async fn until(&self, what: &str, is_so: impl AsyncFn(&Engine) -> bool) {
        until(&self.engine, what, is_so).await;
    }

    pub async fn set(&self, key: &str, value: &str) {
        let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
        self.engine.calls().setting_set(args).await.expect("the setting is kept");
    }
}

/// An engine on this home.
pub async fn start(home: &TempDir, work: Work) -> Engine {
    Engine::start(Options { home: home.path().to_owned(), work }).await.expect("the engine starts")
}

/// Asks again at every event, and now and then, until it is so.
pub async fn until(engine: &Engine, what: &str, is_so: impl AsyncFn(&Engine) -> bool) {
    let mut events = engine.events();
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so(engine).await {
            let _ = tokio::time::timeout(LOOK, events.recv()).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// A letter that was sent, with everything that became of it.
pub async fn timeline(engine: &Engine, outgoing: OutgoingId) -> OutgoingView {
    engine.calls().outgoing_show(OutgoingArgs { outgoing }).await.expect("a timeline")
}

/// Where each of its deliveries is.
pub async fn states(engine: &Engine, outgoing: OutgoingId) -> Vec<DeliveryState> {
    timeline(engine, outgoing).await.outgoing.deliveries.iter().map(|delivery| delivery.state).collect()
}
