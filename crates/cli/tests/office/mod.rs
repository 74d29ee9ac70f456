//! The command in a home of its own, and the practice post office in a process beside it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;

/// A practice post office in a process of its own; ended with the test.
pub struct Office {
    process: Child,
    lines: BufReader<ChildStdout>,
    pub info: Value,
}

impl Office {
    /// Opens it, and waits until it says how to reach it.
    pub fn open() -> Self {
        let mut process = command(Path::new("/nonexistent"))
            .args(["practice", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let info = line(&mut lines);
        Self { process, lines, info }
    }

    /// Types a line, such as one that turns a switch, and reads how the switches stand then.
    #[allow(dead_code, reason = "few tests turn any")]
    pub fn order(&mut self, words: &str) -> Value {
        let input = self.process.stdin.as_mut().expect("its input");
        input.write_all(format!("{words}\n").as_bytes()).expect("it reads");
        line(&mut self.lines)
    }

    /// What it says of itself.
    pub fn text(&self, field: &str) -> String {
        match &self.info[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

fn line(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    serde_json::from_str(&line).expect("JSON")
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A home directory with the practice account.
pub struct Home(pub TempDir);

impl Home {
    /// With the practice account, whose password is kept in a file.
    pub fn with_account(office: &Office) -> Self {
        let home = Self(TempDir::new().expect("a directory"));
        home.configure(office);
        let (imap, smtp) = (office.text("imap"), office.text("submission"));
        let arguments = ["account", "add", "you@practice.test", "--imap", &imap, "--smtp", &smtp, "--password-stdin"];
        let added = home.run(&arguments, &office.text("password"));
        assert!(added.status.success(), "{}", stderr(&added));
        home
    }

    /// With the network of the post office.
    pub fn configure(&self, office: &Office) {
        let settings = [
            ("net.dns", office.text("dns")),
            ("net.smtp_port", office.text("smtp_port")),
            ("net.extra_ca", office.text("ca")),
            ("secrets.store", "file".to_owned()),
        ];
        for (key, value) in settings {
            assert!(self.run(&["config", "set", key, &value], "").status.success(), "{key}");
        }
    }

    /// Runs the command, with this on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut process = command(self.0.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        process.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
        process.wait_with_output().expect("it ends")
    }

    /// Runs with `--json` and gives the document; the command must succeed.
    pub fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(&[&["--json"], arguments].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }
}

fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrider"));
    command.env("POSTRIDER_HOME", home).env_remove("RUST_LOG");
    command
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}
