//! The bus itself.

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::object_server::Interface;

/// More than anything on a bus takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A bus on which everybody may do everything. It ends with this.
#[derive(Debug)]
pub struct Bus {
    /// Where it is, in the notation of D-Bus.
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

    /// A service comes on the bus.
    pub(crate) async fn serve(&self, name: &str, path: &str, role: impl Interface) -> Connection {
        let builder = Builder::address(self.address.as_str()).expect("an address of a bus");
        let builder = builder.serve_at(path, role).expect("a path").name(name).expect("a name");
        timeout(PATIENCE, builder.build()).await.expect("the bus answers").expect("the name is ours")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
    }
}
