//! Programs: run to their end, or kept running until they are let go.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// Runs a program to its end and returns what it wrote to its standard output. Anything but success is a panic with all
/// that it wrote.
pub fn run(command: &mut Command) -> String {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a program to its end.
pub fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"))
}

/// A program that runs until it is let go. What it writes is in a file.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts it. It writes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).expect("a log can be made");
        let other = file.try_clone().expect("a log can be shared");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(other)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// What it wrote so far.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Whether it ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// SIGKILL, and returns what it had written.
    pub fn kill(mut self) -> String {
        self.end();
        self.written()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
