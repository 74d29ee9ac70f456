//! Where all letters end: Postfix's `smtp-sink`, which takes every letter, throws it away and counts.

use crate::program::free_port;
use anyhow::{Context, Result, bail};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a letter may be the last one that came.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that have ended.
    pub connections: u32,
    /// Letters.
    pub letters: u32,
}

/// A sink at work. It ends when it is dropped.
#[derive(Debug)]
pub struct Sink {
    port: u16,
    counts: watch::Receiver<Counts>,
    _process: Child,
}

impl Sink {
    /// Starts it, and returns when it answers.
    pub async fn open() -> Result<Self> {
        let port = free_port()?;
        // It gives up being root, or refuses to run as root.
        let options = ["-4", "-c", "-u", "nobody"];
        let mut process = Command::new("/usr/sbin/smtp-sink")
            .args(options)
            .args([format!("127.0.0.1:{port}"), "128".to_owned()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("smtp-sink of Postfix could not be run")?;
        let printed = process.stdout.take().context("smtp-sink has no output")?;
        let (tell, counts) = watch::channel(Counts::default());
        tokio::spawn(read_counts(printed, tell));
        greeted(port).await.context("smtp-sink")?;
        Ok(Self { port, counts, _process: process })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it counted so far.
    pub fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// Returns when so many letters have come. When none comes for a minute, that is an error.
    pub async fn wait_for(&mut self, letters: u32) -> Result<()> {
        loop {
            let come = self.counts.borrow_and_update().letters;
            if come >= letters {
                return Ok(());
            }
            let changed = timeout(PATIENCE, self.counts.changed()).await;
            changed
                .with_context(|| format!("{come} of {letters} letters came, and then none for a minute"))?
                .context("smtp-sink ended")?;
        }
    }
}

/// It prints its counts over and over on one line: `sess=60 quit=60 mesg=250`, and a carriage return.
async fn read_counts(printed: ChildStdout, tell: watch::Sender<Counts>) {
    let mut printed = BufReader::new(printed);
    let mut line = Vec::new();
    while printed.read_until(b'\r', &mut line).await.is_ok_and(|read| read > 0) {
        if let Some(counts) = counts(&String::from_utf8_lossy(&line)) {
            tell.send_replace(counts);
        }
        line.clear();
    }
}

fn counts(line: &str) -> Option<Counts> {
    let count = |name| line.split_whitespace().find_map(|word| word.strip_prefix(name))?.parse().ok();
    Some(Counts { connections: count("sess=")?, letters: count("mesg=")? })
}

/// Returns when a server on this port says hello.
pub async fn greeted(port: u16) -> Result<()> {
    for _ in 0..100 {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let mut code = [0; 3];
            let read = timeout(PATIENCE, stream.read_exact(&mut code)).await;
            read.context("it does not say hello")?.context("it hangs up")?;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("nobody answers on port {port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_read_from_what_the_sink_prints() {
        let read = counts("sess=60 quit=59 mesg=250\r");
        assert_eq!(read, Some(Counts { connections: 60, letters: 250 }));
        assert_eq!(counts("smtp-sink: fatal"), None);
    }
}
