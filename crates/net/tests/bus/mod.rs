//! A D-Bus of our own, and a NetworkManager on it that says what it is told to.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::Connection;
use zbus::connection::Builder;

/// The states of NetworkManager (`NMConnectivityState`).
pub const UNKNOWN: u32 = 0;
pub const NONE: u32 = 1;
pub const PORTAL: u32 = 2;
pub const LIMITED: u32 = 3;
pub const FULL: u32 = 4;

/// More than anything on a bus takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// A bus on which everybody may do everything. It ends with this.
pub struct Bus {
    pub address: String,
    daemon: Child,
    _home: TempDir,
}

impl Bus {
    /// `None` where there is no daemon for one, except in CI, where that is a failure.
    pub fn start() -> Option<Self> {
        let home = TempDir::new().expect("a directory");
        let config = home.path().join("bus.conf");
        let text = format!(
            "<busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/></policy></busconfig>",
            home.path().join("bus").display()
        );
        std::fs::write(&config, text).expect("the configuration is written");
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let mut daemon = match daemon.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(daemon) => daemon,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "dbus-daemon is not here (package dbus)");
                eprintln!("left out: dbus-daemon is not here");
                return None;
            }
            Err(error) => panic!("dbus-daemon does not start: {error}"),
        };
        let mut address = String::new();
        let said = BufReader::new(daemon.stdout.take().expect("its output")).read_line(&mut address);
        assert!(said.is_ok() && !address.trim().is_empty(), "dbus-daemon gives no address");
        Some(Self { address: address.trim().to_owned(), daemon, _home: home })
    }

    /// Ends the bus, with everybody still on it.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }

    /// A NetworkManager comes on the bus.
    pub async fn network_manager(&self, connectivity: u32) -> Played {
        let (asked, questions) = watch::channel(0);
        let role = Role { connectivity, asked };
        let builder = Builder::address(self.address.as_str()).expect("an address of a bus");
        let builder = builder.serve_at(PATH, role).expect("a path").name(NAME).expect("a name");
        let bus = timeout(PATIENCE, builder.build()).await.expect("the bus answers").expect("the name is ours");
        Played { bus, questions }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
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

/// A NetworkManager that is played.
pub struct Played {
    bus: Connection,
    questions: watch::Receiver<u32>,
}

impl Played {
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
