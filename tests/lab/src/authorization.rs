//! An authorization server (OAuth 2.0) beside Dovecot, which asks it what tokens are worth; and a browser to sign in with.

use crate::certificates::{Authority, Certificate};
use crate::program::{Running, run};
use crate::town::Host;
use crate::wait;
use serde_json::Value;
use std::path::Path;

const PROGRAM: &str = include_str!("authorization.py");

/// What a browser does with an address: it goes wherever it is sent, and shows the page at the end.
const BROWSER: &str = "import ssl, sys, urllib.request\n\
                       trusted = ssl.create_default_context(cafile=sys.argv[2])\n\
                       print(urllib.request.urlopen(sys.argv[1], context=trusted).read().decode())\n";

/// By what the server knows Postrider.
pub const CLIENT: &str = "postrider-lab";

/// An authorization server at work.
#[derive(Debug)]
pub struct Authorization {
    host: Host,
    process: Running,
}

impl Authorization {
    /// Starts it. It is the host where Dovecot runs, and its name is `sso.home.example`.
    pub fn start(host: &Host, certificate: &Certificate) -> Self {
        let mut command = host.server("python3");
        command.args(["-u", "-c", PROGRAM]).arg(&certificate.chain).arg(&certificate.key).arg(CLIENT);
        let mut process = Running::start(&mut command, &host.directory().join("authorization.log"));
        wait::until_listening(host, 8080, &mut process);
        Self { host: host.clone(), process }
    }

    /// What `postrider` is told of it.
    pub fn words() -> [&'static str; 8] {
        [
            "--client-id",
            CLIENT,
            "--authorize-url",
            "https://sso.home.example/authorize",
            "--token-url",
            "https://sso.home.example/token",
            "--device-url",
            "https://sso.home.example/device",
        ]
    }

    /// The user types in the code.
    pub fn approve(&self, user: &str, code: &str) {
        self.order(&format!("approve?user={user}&code={code}"));
    }

    /// The user's tokens hold no more; whoever may have others gets them.
    pub fn expire(&self, user: &str) {
        self.order(&format!("expire?user={user}"));
    }

    /// The user takes back that somebody may act for him.
    pub fn revoke(&self, user: &str) {
        self.order(&format!("revoke?user={user}"));
    }

    /// Every token and code that was ever given.
    pub fn issued(&self) -> Vec<String> {
        let issued: Value = serde_json::from_str(&self.order("issued")).expect("a list");
        issued.as_array().expect("a list").iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
    }

    /// What was asked of it.
    pub fn log(&self) -> String {
        self.process.written()
    }

    fn order(&self, order: &str) -> String {
        let get = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())";
        run(self.host.server("python3").args(["-c", get, &format!("http://127.0.0.1:8080/{order}")]))
    }
}

/// Opens an address in a browser on this host, and returns the page that is shown in the end.
pub fn browse(host: &Host, authority: &Authority, address: &str) -> String {
    run(host.command(Path::new("/usr/bin/python3")).args(["-c", BROWSER, address]).arg(authority.file()))
}
