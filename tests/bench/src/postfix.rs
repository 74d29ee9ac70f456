//! Postfix as Debian packs it, with a configuration, a queue and data of its own. How it keeps and sends letters is left at
//! its defaults but for two: `in_flow_delay` makes it pause when letters come faster than they go, and a pause is not what
//! is to be timed; and `message_size_limit` would refuse the long letter.

use crate::course::MailSystem;
use crate::letter::{Letter, RECIPIENT, SENDER};
use crate::program::{free_port, output};
use crate::sink::greeted;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

const POSTFIX: &str = "/usr/sbin/postfix";

/// The services that it takes to relay.
const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Where a letter is that has not left.
const QUEUES: [&str; 4] = ["incoming", "active", "deferred", "maildrop"];

/// An instance at work. It ends when it is dropped.
#[derive(Debug)]
pub struct Postfix {
    config: PathBuf,
    queue: PathBuf,
    letter: Letter,
    port: u16,
    sessions: u32,
}

impl Postfix {
    /// Starts it in this directory, relaying everything to the sink, and returns when it answers.
    pub async fn start(directory: &Path, letter: &Letter, sink: u16, sessions: u32) -> Result<Self> {
        let port = free_port()?;
        let (config, queue, data) = (directory.join("config"), directory.join("queue"), directory.join("data"));
        for directory in [&config, &queue, &data] {
            fs::create_dir(directory).with_context(|| format!("{} could not be made", directory.display()))?;
        }
        output("chown", ["postfix"], [&data]).await?;
        fs::write(config.join("main.cf"), main_cf(directory, sink))?;
        fs::write(config.join("master.cf"), format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"))?;
        let postfix = Self { config, queue, letter: letter.clone(), port, sessions };
        output(POSTFIX, ["-c".as_ref(), postfix.config.as_os_str()], ["start"]).await?;
        greeted(port).await?;
        Ok(postfix)
    }
}

impl MailSystem for Postfix {
    async fn hand_in(&self, letters: u32) -> Result<()> {
        if letters == 0 {
            return Ok(());
        }
        let (letters, sessions) = (letters.to_string(), self.sessions.to_string());
        // Sessions stay open from letter to letter, and each letter has a recipient of its own.
        let options = ["-4", "-d", "-N", "-m", &letters, "-s", &sessions, "-f", SENDER, "-t", RECIPIENT, "-F"];
        let options = options.iter().map(AsRef::as_ref).chain([self.letter.file.as_os_str()]);
        output("/usr/sbin/smtp-source", options, [format!("127.0.0.1:{}", self.port)]).await.map(drop)
    }

    async fn is_idle(&self) -> Result<bool> {
        for queue in QUEUES {
            if !is_empty(&self.queue.join(queue))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn stop(self) -> Result<()> {
        drop(self);
        Ok(())
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // It runs in the background: nobody else would end it.
        let _ = std::process::Command::new(POSTFIX).arg("-c").arg(&self.config).arg("stop").output();
    }
}

/// A plain hop from one port on loopback to another: nothing is asked of DNS, nothing encrypted.
fn main_cf(directory: &Path, sink: u16) -> String {
    let directory = directory.display();
    format!(
        "compatibility_level = 3.6\nmyhostname = bench.example\nmydestination =\nlocal_recipient_maps =\n\
         mynetworks = 127.0.0.0/8\ninet_interfaces = loopback-only\ninet_protocols = ipv4\n\
         alias_maps =\nalias_database =\nsmtpd_peername_lookup = no\nsmtp_dns_support_level = disabled\n\
         in_flow_delay = 0\nmessage_size_limit = 40000000\n\
         relayhost = [127.0.0.1]:{sink}\nqueue_directory = {directory}/queue\ndata_directory = {directory}/data\n\
         maillog_file = {directory}/log\nmaillog_file_prefixes = {directory}\n"
    )
}

/// Whether no file is in a directory or those below it.
fn is_empty(directory: &Path) -> Result<bool> {
    ensure!(directory.is_dir(), "{} is not there", directory.display());
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                return Ok(false);
            }
            open.push(entry.path());
        }
    }
    Ok(true)
}
