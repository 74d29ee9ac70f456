//! A NetworkManager that is played: whether the network leads anywhere.

use crate::daemon::{Bus, PATIENCE};
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::Connection;

/// The states of the network (`NMConnectivityState`): nobody looked.
pub const UNKNOWN: u32 = 0;
/// There is none.
pub const NONE: u32 = 1;
/// It ends at a login page.
pub const PORTAL: u32 = 2;
/// It does not lead to everywhere.
pub const LIMITED: u32 = 3;
/// It leads everywhere.
pub const FULL: u32 = 4;

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

impl Bus {
    /// A NetworkManager comes on the bus.
    pub async fn network_manager(&self, connectivity: u32) -> NetworkManager {
        let (asked, questions) = watch::channel(0);
        let bus = self.serve(NAME, PATH, Role { connectivity, asked }).await;
        NetworkManager { bus, questions }
    }
}

struct Role {
    connectivity: u32,
    asked: watch::Sender<u32>,
}

#[zbus::interface(name = "org.freedesktop.NetworkManager")]
impl Role {
    #[zbus(property)]
    fn connectivity(&self) -> u32 {
        self.asked.send_modify(|count| *count += 1);
        self.connectivity
    }
}

/// The one on a bus.
#[derive(Debug)]
pub struct NetworkManager {
    bus: Connection,
    questions: watch::Receiver<u32>,
}

impl NetworkManager {
    /// Returns once somebody has asked.
    pub async fn was_asked(&mut self) {
        let asked = timeout(PATIENCE, self.questions.wait_for(|count| *count > 0)).await;
        asked.expect("somebody asks").expect("it is played");
    }

    /// It leaves the bus.
    pub async fn leaves(self) {
        self.bus.release_name(NAME).await.expect("the name was ours");
    }

    /// It finds that the network leads elsewhere now, and tells everybody.
    pub async fn finds(&self, connectivity: u32) {
        let role = self.bus.object_server().interface::<_, Role>(PATH).await.expect("it is played");
        let mut played = role.get_mut().await;
        played.connectivity = connectivity;
        played.connectivity_changed(role.signal_emitter()).await.expect("the bus takes the signal");
    }
}
