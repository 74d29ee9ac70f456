//! postgrey, the policy server that asks strangers to come back later. Postfix on the same host asks it.

use crate::program::{Running, output};
use crate::town::Host;
use crate::wait;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

/// What Postfix has to be told to ask it: a restriction.
pub const POLICY: &str = "check_policy_service inet:127.0.0.1:10023";

/// A postgrey at work.
#[derive(Debug)]
pub struct Postgrey {
    _process: Running,
}

impl Postgrey {
    /// Starts it. Strangers wait for `delay`, and are told how many seconds are left; nobody is known for good.
    pub fn start(host: &Host, delay: Duration) -> Self {
        let database = host.directory().join("postgrey");
        fs::create_dir(&database).expect("a directory for postgrey can be made");
        fs::set_permissions(&database, fs::Permissions::from_mode(0o777)).expect("its mode can be set");
        let mut command: Command = host.server("postgrey");
        command
            .args(["--inet=127.0.0.1:10023", "--lookup-by-host", "--auto-whitelist-clients=0"])
            .arg(format!("--delay={}", delay.as_secs()))
            .arg(format!("--dbdir={}", database.display()))
            .arg("--greylist-text=Greylisted, try again in %s seconds");
        let process = Running::start(&mut command, &host.directory().join("postgrey.log"));
        wait::until("postgrey to listen", Duration::from_secs(20), || {
            let listening =
                output(host.server("ss").args(["--listening", "--tcp", "--numeric", "sport", "=", "10023"]));
            String::from_utf8_lossy(&listening.stdout).contains("10023").then_some(())
        });
        Self { _process: process }
    }
}
