//! Conditions with a deadline, instead of sleeping and hoping.

use crate::program::{Running, output};
use crate::town::Host;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Looks until `condition` gives a value. When that takes longer than `patience`, it is a panic that says what was
/// waited for.
pub fn until<T>(what: &str, patience: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain for {what}", patience.as_secs());
        std::thread::sleep(LOOK);
    }
}

/// Waits until something on this host listens at a TCP port; `server` is the one that should.
pub fn until_listening(host: &Host, port: u16, server: &mut Running) {
    until_heard(host, "--tcp", port, server);
}

/// The same for datagrams.
pub fn until_bound(host: &Host, port: u16, server: &mut Running) {
    until_heard(host, "--udp", port, server);
}

fn until_heard(host: &Host, kind: &str, port: u16, server: &mut Running) {
    let filter = format!("sport = :{port}");
    until(&format!("port {port} of {} to listen", host.name()), Duration::from_secs(20), || {
        if let Some(status) = server.ended() {
            panic!("the server of port {port} ended with {status}\n{}", server.written());
        }
        let listening = output(host.server("ss").args(["--listening", kind, "--numeric", "--no-header", &filter]));
        (!listening.stdout.is_empty()).then_some(())
    });
}
