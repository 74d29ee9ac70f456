//! Programs that are run to their end, and ports for those that are not.

use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::net::TcpListener;
use std::process::Stdio;
use tokio::process::Command;

/// Runs a program with these options and arguments, and returns what it printed. Anything but success is an error, with
/// all that it said.
pub async fn output<O: AsRef<OsStr>, A: AsRef<OsStr>>(
    program: &str,
    options: impl IntoIterator<Item = O>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String> {
    let mut command = Command::new(program);
    command.args(options).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.with_context(|| format!("{program} could not be run"))?;
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{program} ended with {}\n{printed}{said}", output.status);
    Ok(printed.into_owned())
}

/// A port that was free on loopback a moment ago.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
    Ok(listener.local_addr()?.port())
}
