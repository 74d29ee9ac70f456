//! The switches of the practice post office, turned from here and followed wherever they are turned.
//!
//! Whoever keeps the post office says how they stand, to this process as to any other. What follows from a turn is done
//! here: the practice network counts as another one, so that nothing found before is believed, and is checked anew, which
//! `auto` and the composer go by; refusals of this computer that practice hosts are remembered for are forgotten; and after
//! a sleep everything in the practice account is due an hour earlier. The real network and its letters are not touched by
//! any of it.

use crate::error::Error;
use crate::view::{Event, Nothing};
use crate::{CheckNetworkArgs, Engine, Work};
use jiff::{SignedDuration, Timestamp};
use model::CallError;
use practice::{Order, Switches, Turn, Watching};
use std::time::Duration;

/// How often to look for a post office to follow while there is none.
const OFFICE_LOOK: Duration = Duration::from_secs(2);

/// All domains of the practice world are below it, and nobody's else (RFC 6761 §6.2).
const PRACTICE_TOP: &str = ".test";

impl Engine {
    pub(crate) async fn practice_switches(&self, _: Nothing) -> Result<Switches, Error> {
        self.order_practice(Order::Show).await
    }

    pub(crate) async fn practice_switch(&self, turn: Turn) -> Result<Switches, Error> {
        self.order_practice(Order::Turn(turn)).await
    }

    pub(crate) async fn practice_reset(&self, _: Nothing) -> Result<Switches, Error> {
        self.order_practice(Order::Reset).await
    }

    pub(crate) async fn practice_sleep(&self, _: Nothing) -> Result<Switches, Error> {
        self.order_practice(Order::Sleep).await
    }

    /// Gives an order to the post office that is open; what follows from it is done when this returns.
    async fn order_practice(&self, order: Order) -> Result<Switches, Error> {
        let Some(control) = self.inner.worlds.practice_control(self.store()).await? else {
            return Err(closed("no practice post office is open here"));
        };
        stand(practice::order(control, order).await)?;
        self.follow_switches(async || stand(practice::order(control, Order::Show).await)).await
    }

    /// Follows the switches for as long as this engine works.
    pub(crate) async fn attend_switches(self) {
        loop {
            if let Err(error) = self.watch_switches().await {
                tracing::debug!(%error, "the switches of the practice post office could not be followed");
            }
            tokio::time::sleep(OFFICE_LOOK).await;
        }
    }

    /// Follows the switches of the post office that is open, until it closes.
    async fn watch_switches(&self) -> Result<(), Error> {
        let worlds = &self.inner.worlds;
        if !worlds.practises() {
            return Ok(());
        }
        let Some(control) = worlds.practice_control(self.store()).await? else { return Ok(()) };
        let Ok(mut watching) = Watching::begin(control).await else { return Ok(()) };
        // A post office opens with every switch off; what is kept of its network may be from before.
        self.check_practice_network().await;
        while let Ok(Some(_)) = watching.next().await {
            self.follow_switches(async || stand(practice::order(control, Order::Show).await)).await?;
        }
        self.follow_switches(async || Ok(Switches::default())).await.map(drop)
    }

    /// Follows the switches as they stand in its turn, and not as they stood when somebody was told: the network may have
    /// been looked at since they were turned again.
    async fn follow_switches(&self, stand: impl AsyncFnOnce() -> Result<Switches, Error>) -> Result<Switches, Error> {
        let worlds = &self.inner.worlds;
        let _one_at_a_time = worlds.following.lock().await;
        let now = stand().await?;
        let Some(before) = worlds.follow(now) else { return Ok(now) };
        let hours = now.hours_slept.saturating_sub(before.hours_slept);
        if hours > 0 {
            let slept = SignedDuration::from_hours(hours.into());
            for account in worlds.practice_accounts() {
                self.store().let_pass(account, slept, Timestamp::now()).await?;
            }
        }
        self.forget_practice_refusals().await?;
        self.check_practice_network().await;
        self.tell(Event::Practice);
        Ok(now)
    }

    /// Nobody outside is asked, so it costs nobody anything.
    async fn check_practice_network(&self) {
        if self.inner.work == Work::Nothing {
            return;
        }
        for account in self.inner.worlds.practice_accounts() {
            let args = CheckNetworkArgs { account: Some(account), ..CheckNetworkArgs::default() };
            if let Err(error) = self.check_network(args).await {
                tracing::debug!(%error, "the practice network could not be checked");
            }
        }
    }

    /// What hosts of the practice world said of this computer was said on another network.
    async fn forget_practice_refusals(&self) -> Result<(), Error> {
        let destinations = self.store().destinations().await?;
        let refused = destinations.into_iter().filter(|(_, learned)| learned.refused_us.is_some());
        for (domain, _) in refused.filter(|(domain, _)| domain.ends_with(PRACTICE_TOP)) {
            let forget = |learned: &mut store::Learned| {
                learned.refused_us = None;
                learned.refused_us_at = None;
            };
            self.store().learn(&domain, forget).await?;
        }
        Ok(())
    }
}

/// How the switches stand, as the post office says.
fn stand(said: std::io::Result<Switches>) -> Result<Switches, Error> {
    said.map_err(|error| closed(&format!("the practice post office does not answer: {error}")))
}

fn closed(message: &str) -> Error {
    let hint = "Open it in the window, or with \"postrider practice\", and try again.";
    Error::Told(CallError::new("practice", message, hint))
}
