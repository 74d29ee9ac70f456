//! `postrider-bus`: a bus with a logind on it, for as long as its standard input is open.
//!
//! It writes a line of JSON for whatever happens: `{"bus": ADDRESS}` first, `{"lock": N, "words": […]}` when it gave a lock,
//! `{"given_back": N}` when it has that back. It reads a line for whatever is to happen, and says `{"said": LINE}` when it has:
//! `sleep`, `wake`, `shutdown`, `stay`; `guests` is answered with `{"guests": [PROCESS…]}`, everybody on the bus.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[cfg(target_os = "linux")]
fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(played::play());
    // A lock that nobody gives back keeps nobody here.
    runtime.shutdown_background();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("postrider-bus: only Linux has a logind");
    std::process::exit(69);
}

#[cfg(target_os = "linux")]
mod played {
    use postrider_bus::{Bus, Lock, Logind};
    use serde_json::{Value, json};
    use tokio::io::{AsyncBufReadExt, BufReader, stdin};

    pub async fn play() {
        let Some(bus) = Bus::start() else { panic!("dbus-daemon is not here (package dbus)") };
        let mut logind = bus.logind().await;
        tell(&json!({ "bus": bus.address }));
        let mut lines = BufReader::new(stdin()).lines();
        for given in 1.. {
            let lock = loop {
                tokio::select! {
                    lock = logind.lock(given) => break lock,
                    line = lines.next_line() => match line.expect("its input is text") {
                        Some(line) => obey(&logind, &line).await,
                        None => return,
                    },
                }
            };
            tell(&json!({ "lock": given, "words": lock.words }));
            tokio::spawn(wait_for(lock, given));
        }
    }

    async fn wait_for(lock: Lock, given: usize) {
        lock.is_given_back().await;
        tell(&json!({ "given_back": given }));
    }

    async fn obey(logind: &Logind, line: &str) {
        match line {
            "sleep" => logind.says_sleep(true).await,
            "wake" => logind.says_sleep(false).await,
            "shutdown" => logind.says_shutdown(true).await,
            "stay" => logind.says_shutdown(false).await,
            "guests" => return tell(&json!({ "guests": logind.guests().await })),
            _ => panic!("“{line}” is not understood"),
        }
        tell(&json!({ "said": line }));
    }

    fn tell(what: &Value) {
        println!("{what}");
    }
}
