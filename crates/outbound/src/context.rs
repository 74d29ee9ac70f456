//! What every part of the runner is handed.

use crate::clock::Clock;
use crate::in_hand::InHand;
use crate::lanes::Lanes;
use crate::login::RefusedLogins;
use crate::policy::Turns;
use crate::pool::Pool;
use crate::silence::{Silence, Silences};
use crate::wire::Wire;
use model::AccountId;
use net::Net;
use std::sync::Arc;
use store::{Secrets, Store};
use tokio::sync::watch;

/// The world outside the queue, as it is at the moment it is asked for: settings change while the runner runs, and the
/// practice account lives in a network of its own.
pub trait World: Send + Sync + 'static {
    /// The network through which an account's mail goes.
    fn net(&self, account: Option<AccountId>) -> Net;
    /// Where the passwords of an account are.
    fn secrets(&self, account: Option<AccountId>) -> Secrets;
    /// Goes up whenever the network of this computer changes, also over a change of the settings.
    fn changes(&self) -> watch::Receiver<u64> {
        self.net(None).changes()
    }
    /// Goes up whenever the network of the practice world alone changes. Where nothing is told of that, it never does.
    fn practice_changes(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
}

#[derive(Clone)]
pub(crate) struct Context {
    pub store: Store,
    pub world: Arc<dyn World>,
    pub clock: Clock,
    /// Names this run of this process in leases.
    pub owner: Arc<str>,
    pub silences: Silences,
    pub refused_logins: Arc<RefusedLogins>,
    pub in_hand: InHand,
    pub lanes: Lanes,
    pub pool: Pool,
    pub wire: Wire,
    pub turns: Turns,
    pub timeouts: smtp::Timeouts,
}

impl Context {
    /// Who could not be reached, in the practice world or in the real one.
    pub fn silence(&self, practises: bool) -> &Silence {
        self.silences.of(practises)
    }

    pub fn new(store: Store, world: Arc<dyn World>, clock: Clock, owner: Arc<str>) -> Self {
        Self {
            store,
            world,
            clock,
            owner,
            silences: Silences::default(),
            refused_logins: Arc::default(),
            in_hand: InHand::default(),
            lanes: Lanes::default(),
            pool: Pool::default(),
            wire: Wire::default(),
            turns: Turns::default(),
            timeouts: smtp::Timeouts::default(),
        }
    }
}
