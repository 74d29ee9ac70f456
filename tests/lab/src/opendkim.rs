//! OpenDKIM beside Postfix: it signs what leaves (RFC 6376), or writes into what comes in what it found (RFC 8601).

use crate::program::{Running, run};
use crate::town::{Host, Town};
use crate::wait;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What Postfix has to be told to ask it: the value of `smtpd_milters` and `non_smtpd_milters`.
pub const MILTER: &str = "inet:127.0.0.1:8891";
/// The selector of every key.
const SELECTOR: &str = "s1";

/// A domain's key.
#[derive(Clone, Debug)]
pub struct Key {
    domain: String,
    file: PathBuf,
}

/// An OpenDKIM at work.
#[derive(Debug)]
pub struct OpenDkim {
    _process: Running,
}

impl Key {
    /// A new key, kept in `directory`.
    pub fn new(directory: &Path, domain: &str) -> Self {
        let file = directory.join(format!("{domain}.key"));
        run(Command::new("openssl").args(["genrsa", "-out"]).arg(&file).arg("2048"));
        Self { domain: domain.to_owned(), file }
    }

    /// The name of its record.
    pub fn name(&self) -> String {
        format!("{SELECTOR}._domainkey.{}", self.domain)
    }

    /// Its record (TXT), in strings that are short enough.
    pub fn record(&self) -> String {
        let show = "openssl rsa -in \"$1\" -pubout -outform DER 2>/dev/null | base64 -w 200";
        let lines = run(Command::new("sh").args(["-c", show, "sh"]).arg(&self.file));
        let strings: Vec<String> = lines.lines().map(|line| format!("\"{line}\"")).collect();
        format!("\"v=DKIM1; k=rsa; p=\" {}", strings.join(" "))
    }
}

impl OpenDkim {
    /// Signs what programs on this host send, with the keys of the domains in From.
    pub fn signing(host: &Host, keys: &[&Key]) -> Self {
        let directory = host.directory();
        let lines = |line: &dyn Fn(&Key) -> String| keys.iter().map(|key| line(key)).collect::<String>();
        let table = lines(&|key| format!("{0} {0}:{SELECTOR}:{1}\n", key.domain, key.file.display()));
        fs::write(directory.join("keys"), table).expect("the keys can be named");
        let table = lines(&|key| format!("*@{0} {0}\n", key.domain));
        fs::write(directory.join("signers"), table).expect("the signers can be named");
        let path = directory.display();
        let words = format!("Mode s\nKeyTable file:{path}/keys\nSigningTable refile:{path}/signers\n");
        Self::start(host, &(words + "Canonicalization relaxed/relaxed\nRequireSafeKeys no\n"))
    }

    /// Looks at what comes in, and says what it found under this name.
    pub fn verifying(host: &Host, name: &str) -> Self {
        Self::start(host, &format!("Mode v\nAuthservID {name}\nAlwaysAddARHeader yes\n"))
    }

    fn start(host: &Host, words: &str) -> Self {
        let file = host.directory().join("opendkim.conf");
        let text = format!("{words}Socket inet:8891@127.0.0.1\nNameservers {}\nSyslog no\n", Town::NAME_SERVER);
        fs::write(&file, text).expect("opendkim.conf can be written");
        let mut command = host.server("opendkim");
        let log = host.directory().join("opendkim.log");
        let mut process = Running::start(command.args(["-f", "-x"]).arg(&file), &log);
        wait::until_listening(host, 8891, &mut process);
        Self { _process: process }
    }
}
