//! Another program at the same IMAP account: Python's imaplib, which shares nothing with Postrider. It changes what is
//! there, and says what is.

use crate::certificates::Authority;
use crate::letterbox::{Contents, Entry};
use crate::town::Host;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const PROGRAM: &str = include_str!("neighbour.py");

/// A program of the user on another computer.
#[derive(Clone, Debug)]
pub struct Neighbour {
    host: Host,
    /// Server, port, user, password.
    login: [String; 4],
    authority: PathBuf,
}

impl Neighbour {
    /// On this host, logging in with TLS from the beginning.
    pub fn new(host: &Host, authority: &Authority, server: &str, user: &str, password: &str) -> Self {
        let login = [server, "993", user, password].map(str::to_owned);
        Self { host: host.clone(), login, authority: authority.file().to_owned() }
    }

    /// Does these steps, each a method of imaplib and its arguments, and says what is there then. Names of mailboxes are
    /// as people write them.
    pub fn does(&self, steps: &Value) -> Contents {
        let mut command = self.host.command(Path::new("/usr/bin/python3"));
        command.args(["-c", PROGRAM]).args(&self.login).arg(&self.authority);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3 can be run");
        let mut input = child.stdin.take().expect("its input is piped");
        input.write_all(steps.to_string().as_bytes()).expect("the steps can be handed over");
        drop(input);
        let output = child.wait_with_output().expect("python3 ends");
        assert!(output.status.success(), "the other program could not do {steps}");
        String::from_utf8_lossy(&output.stdout).lines().map(entry).collect()
    }

    /// What is there.
    pub fn contents(&self) -> Contents {
        self.does(&json!([]))
    }
}

fn entry(line: &str) -> ((String, u32), Entry) {
    let (mailbox, uid, message_id, flags): (String, u32, String, Vec<String>) =
        serde_json::from_str(line).expect("a letter in JSON");
    let has = |name: &str| flags.iter().any(|flag| flag.eq_ignore_ascii_case(name));
    ((mailbox, uid), Entry { message_id, seen: has("\\Seen"), flagged: has("\\Flagged") })
}
