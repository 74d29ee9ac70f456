//! An IMAP account with letters on a Dovecot of its own, and what both sides say is in it.

use crate::certificates::Authority;
use crate::dovecot::Dovecot;
use crate::neighbour::Neighbour;
use crate::postfix::{MAIL_USER, mail};
use crate::program::run;
use crate::rider::Rider;
use crate::town::{Host, Town};
use crate::zone::{NameServer, Zone};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

const SERVER: &str = "post.home.example";
const PASSWORD: &str = "correct horse battery staple";

/// The address of the account.
pub const ADDRESS: &str = "box@home.example";

/// What is known of a letter in a mailbox: its Message-ID, whether it is seen, and whether it is flagged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Without the angle brackets.
    pub message_id: String,
    /// `\Seen`.
    pub seen: bool,
    /// `\Flagged`.
    pub flagged: bool,
}

/// Letters by mailbox and UID.
pub type Contents = BTreeMap<(String, u32), Entry>;

/// A Dovecot with one account.
#[allow(missing_debug_implementations, reason = "nobody prints a town")]
pub struct Letterbox {
    /// The town it is in.
    pub town: Town,
    dovecot: Dovecot,
    authority: Authority,
    host: Host,
    home: Host,
    _names: NameServer,
}

impl Letterbox {
    /// Starts the server with so many letters in INBOX. They are called `letter-000@home.example` and so on.
    pub fn with_letters(letters: usize) -> Self {
        Self::started(letters, |_| String::new())
    }

    /// The same with more lines of dovecot.conf, and keeping what programs say to it ([`Self::heard`]).
    pub fn with_settings(letters: usize, settings: &str) -> Self {
        Self::started(letters, |host| {
            let heard = heard_at(host);
            fs::create_dir(&heard).expect("a directory can be made");
            fs::set_permissions(&heard, fs::Permissions::from_mode(0o777)).expect("its mode can be set");
            format!("{settings}protocol imap {{\n  rawlog_dir = {}\n}}\n", heard.display())
        })
    }

    fn started(letters: usize, settings: impl FnOnce(&Host) -> String) -> Self {
        let town = Town::open();
        let names =
            Zone::default().host("desk.home.example", "198.51.100.10").host(SERVER, "203.0.113.40").serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let host = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify(SERVER, &host.directory());
        let inbox = mail(&host).join("home.example/box");
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(inbox.join(part)).expect("a maildir can be made");
        }
        for number in 0..letters {
            fs::write(inbox.join(format!("new/1790000000.{number:05}.post")), letter(number)).expect("a letter");
        }
        run(Command::new("chown").args(["-R", &format!("{MAIL_USER}:{MAIL_USER}")]).arg(mail(&host)));
        let dovecot = Dovecot::with(&settings(&host), &host, &certificate, &[(ADDRESS, PASSWORD)]);
        let home = town.host("home", &["198.51.100.10"]);
        Self { town, dovecot, authority, host, home, _names: names }
    }

    /// A user with a home of this name and the account.
    pub fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        let imap = format!("{SERVER}:993");
        let add = ["account", "add", ADDRESS, "--imap", &imap, "--smtp", "none", "--password-stdin"];
        rider.must(&add, &format!("{PASSWORD}\n"));
        rider
    }

    /// Another program at the account.
    pub fn neighbour(&self) -> Neighbour {
        Neighbour::new(&self.home, &self.authority, SERVER, ADDRESS, PASSWORD)
    }

    /// What `doveadm` prints, the server itself at work on the account: a command, and what comes behind the user's name.
    pub fn ask(&self, command: &[&str], arguments: &[&str]) -> String {
        self.dovecot.ask(&[command, &["-u", ADDRESS], arguments].concat())
    }

    /// Every command that programs gave once they were logged in, in no order. What travelled compressed is as it
    /// travelled.
    pub fn heard(&self) -> String {
        let files = fs::read_dir(heard_at(&self.host)).expect("what was heard can be read").flatten();
        let commands = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "in"));
        commands.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()).collect()
    }

    /// What the server has.
    pub fn contents(&self) -> Contents {
        let ask = ["-f", "tab", "fetch", "-u", ADDRESS, "mailbox uid flags hdr.message-id", "ALL"];
        let said = self.dovecot.ask(&ask);
        let entries = said.lines().skip(1).map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [mailbox, uid, flags, message_id] = fields[..] else { panic!("doveadm said: {line}") };
            let entry = Entry {
                message_id: message_id.trim().trim_matches(['<', '>']).to_owned(),
                seen: flags.contains("\\Seen"),
                flagged: flags.contains("\\Flagged"),
            };
            ((mailbox.to_owned(), uid.parse().expect("a UID")), entry)
        });
        entries.collect()
    }

    /// The mailboxes that the server has.
    pub fn mailboxes(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.dovecot.ask(&["mailbox", "list", "-u", ADDRESS]).lines().map(str::to_owned).collect();
        all.sort();
        all
    }

    /// The letter of this Message-ID as the server has it.
    pub fn raw(&self, message_id: &str) -> String {
        let ask = ["fetch", "-u", ADDRESS, "text", "HEADER", "Message-ID", message_id];
        self.dovecot.ask(&ask)
    }
}

fn heard_at(host: &Host) -> PathBuf {
    host.directory().join("heard")
}

/// A letter, with a body by which a mix-up would be seen.
pub fn letter(number: usize) -> String {
    format!(
        "From: Anna <anna@one.example>\nTo: {ADDRESS}\nSubject: Letter {number:03}\n\
         Date: Sun, 1 Nov 2026 10:{:02}:{:02} +0000\nMessage-ID: <letter-{number:03}@home.example>\n\n\
         This is letter {number:03}.\n{}",
        number / 60 % 60,
        number % 60,
        format!("line of {number:03}\n").repeat(20 + number % 200),
    )
}
