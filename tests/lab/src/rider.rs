//! The `postrider` command on a host of the town, with a home of its own.

use crate::certificates::Authority;
use crate::letterbox::{Contents, Entry};
use crate::program::{Running, run};
use crate::town::{Host, Town};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// What gives programs another time (of Debian's package libfaketime); the loader knows what `$LIB` is here.
const OTHER_TIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// A user of Postrider.
#[derive(Debug)]
pub struct Rider {
    host: Host,
    home: PathBuf,
    /// How far the clock of this computer is off, as libfaketime is told it ("+1h").
    clock_off: Option<&'static str>,
    /// What it says of its own work where its words are kept (`RUST_LOG`).
    log: Option<&'static str>,
}

/// A command that did not succeed: what it says with `--json`, and its exit code.
#[derive(Debug)]
pub struct Refusal {
    /// `{code, message, hint}`.
    pub error: Value,
    /// As in sysexits.h.
    pub exit: Option<i32>,
}

/// A delivery as it stands in the queue.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The number of its outgoing.
    pub outgoing: i64,
    /// The Message-ID of its outgoing.
    pub message_id: String,
    /// Its recipient.
    pub address: String,
    /// Its state.
    pub state: String,
    /// The attempts of which nobody noted how they ended.
    pub interruptions: u32,
}

impl Rider {
    /// A new home on this host, with the town's name server and passwords in a file.
    pub fn new(host: &Host, name: &str) -> Self {
        let rider = Self { host: host.clone(), home: host.directory().join(name), clock_off: None, log: None };
        rider.set("net.dns", &format!("{}:53", Town::NAME_SERVER));
        rider.set("secrets.store", "file");
        rider
    }

    /// The same, trusting this authority.
    #[must_use]
    pub fn trusting(self, authority: &Authority) -> Self {
        self.set("net.extra_ca", &authority.file().display().to_string());
        self
    }

    /// The same, on a computer whose clock is off by so much ("+1h"). Time goes by as everywhere.
    #[must_use]
    pub fn with_clock_off(self, by: &'static str) -> Self {
        Self { clock_off: Some(by), ..self }
    }

    /// The same; what is started says so much of its own work among the rest.
    #[must_use]
    pub fn saying(self, log: &'static str) -> Self {
        Self { log: Some(log), ..self }
    }

    /// `config set`.
    pub fn set(&self, key: &str, value: &str) {
        self.must(&["config", "set", key, value], "");
    }

    /// Runs a command that has to succeed, and returns its document.
    pub fn must(&self, arguments: &[&str], input: &str) -> Value {
        self.try_to(arguments, input.as_bytes())
            .unwrap_or_else(|refusal| panic!("postrider {arguments:?}: {refusal:?}"))
    }

    /// Runs a command, and returns its document (`null` where it prints none).
    pub fn try_to(&self, arguments: &[&str], input: &[u8]) -> Result<Value, Refusal> {
        let output = feed(self.command().arg("--json").args(arguments), input);
        let document = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match output.status.success() {
            true => Ok(document),
            false => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                // Of several accounts each says what went wrong with it.
                let error = document.get("error").or_else(|| document.get(0)?.get("error"));
                let error = error.cloned().unwrap_or(Value::String(said));
                Err(Refusal { error, exit: output.status.code() })
            }
        }
    }

    /// Hands a message to `postrider sendmail`, which queues it, and returns the outgoing's number.
    pub fn sendmail(&self, recipients: &[&str], message: &[u8]) -> i64 {
        let arguments = [&["sendmail", "-i"], recipients].concat();
        self.try_to(&arguments, message).unwrap_or_else(|refusal| panic!("postrider {arguments:?}: {refusal:?}"));
        let newest = self.must(&["queue", "list", "--limit", "1"], "");
        newest[0]["id"].as_i64().expect("the queue holds what was sent")
    }

    /// The same, killed after a while if it is still at it then. Whether it had said that the message is safe.
    pub fn sendmail_for(&self, life: Duration, recipients: &[&str], message: &[u8]) -> bool {
        let mut command = self.command();
        let mut child = command
            .args([&["sendmail", "-i"], recipients].concat())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("postrider can be run");
        child.stdin.take().expect("its input is piped").write_all(message).expect("it reads the message");
        std::thread::sleep(life);
        // What is over is not killed any more.
        let _ = child.kill();
        child.wait().expect("a child can be waited for").success()
    }

    /// What is here of the mail: letters by mailbox and UID.
    pub fn contents(&self) -> Contents {
        const SEEN: u8 = 1;
        const FLAGGED: u8 = 2;
        let sql = "SELECT path, uid, flags, message_id FROM letter JOIN content ON content.id = letter.content \
                   JOIN mailbox ON mailbox.id = letter.mailbox WHERE hidden = 0";
        let mail = Connection::open_with_flags(self.home.join("mail.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("mail.db can be opened");
        let mut statement = mail.prepare(sql).expect("mail.db can be read");
        let rows = statement.query_map([], |row| {
            let (uid, flags) = (row.get::<_, Option<u32>>(1)?.unwrap_or(0), row.get::<_, u8>(2)?);
            let message_id: Option<String> = row.get(3)?;
            let entry = Entry {
                message_id: message_id.unwrap_or_default(),
                seen: flags & SEEN != 0,
                flagged: flags & FLAGGED != 0,
            };
            Ok(((row.get(0)?, uid), entry))
        });
        rows.expect("mail.db can be read").map(|row| row.expect("a letter")).collect()
    }

    /// How many orders wait to be carried out on servers.
    pub fn orders(&self) -> u32 {
        self.database().query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).expect("the journal")
    }

    /// What a query gives on `local.db`, as text: for what has to stay as it is.
    pub fn local(&self, sql: &str) -> Vec<String> {
        let database = self.database();
        let mut statement = database.prepare(sql).expect("local.db can be read");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("local.db can be read");
        rows.map(|row| row.expect("text")).collect()
    }

    /// Its directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// `show --raw`.
    pub fn raw(&self, letter: &str) -> Vec<u8> {
        let output = feed(self.command().args(["show", letter, "--raw"]), b"");
        assert!(output.status.success(), "postrider show: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Works off what is due now.
    pub fn run_queue(&self) {
        self.must(&["queue", "run", "--until-idle"], "");
    }

    /// `queue show`.
    pub fn timeline(&self, outgoing: i64) -> Value {
        self.must(&["queue", "show", &outgoing.to_string()], "")
    }

    /// Starts a command that does not end by itself. What it prints is kept in the home's directory under `name`.
    pub fn start(&self, arguments: &[&str], name: &str) -> Running {
        let log = self.host.directory().join(format!("{name}.log"));
        let mut command = self.command();
        command.envs(self.log.map(|log| ("RUST_LOG", log)));
        Running::start(command.arg("--json").args(arguments), &log)
    }

    /// A call of the engine, as the window makes it; for what the command line has no word for.
    pub fn call(&self, name: &str, arguments: &Value) -> Value {
        let mut command = self.program(&beside("lab-call"));
        let answer = run(command.arg(&self.home).arg(name).arg(arguments.to_string()));
        serde_json::from_str(&answer).expect("a call answers in JSON")
    }

    /// The attempts of an outgoing with everything that is known of them, oldest first.
    pub fn attempts(&self, outgoing: i64) -> Vec<Value> {
        let mut view = self.call("outgoing_show", &json!({ "outgoing": outgoing }));
        serde_json::from_value(view["attempts"].take()).expect("attempts")
    }

    /// The bytes of an outgoing as they lie in the queue.
    pub fn queued(&self, outgoing: i64) -> Vec<u8> {
        let sql = "SELECT bytes FROM outgoing_bytes WHERE outgoing = ?1";
        let bytes = self.database().query_row(sql, [outgoing], |row| row.get(0)).optional();
        bytes.expect("the queue can be read").expect("the outgoing is in the queue")
    }

    /// Every delivery in the queue, read at once.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let sql = "SELECT outgoing.id, message_id, address, state, (SELECT count(*) FROM attempt WHERE \
                   delivery = delivery.id AND what ->> 'error' = ?1) FROM delivery \
                   JOIN outgoing ON outgoing.id = delivery.outgoing ORDER BY delivery.id";
        let database = self.database();
        let mut statement = database.prepare(sql).expect("the queue can be read");
        let rows = statement.query_map(["the program ended during the attempt"], |row| {
            Ok(Delivery {
                outgoing: row.get(0)?,
                message_id: row.get(1)?,
                address: row.get(2)?,
                state: row.get(3)?,
                interruptions: row.get(4)?,
            })
        });
        rows.expect("the queue can be read").map(|row| row.expect("a delivery")).collect()
    }

    /// What SQLite finds wrong with the queue's file: "ok" where it is whole.
    pub fn integrity(&self) -> String {
        self.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("local.db can be checked")
    }

    /// The tries that were used up for the first recipient of an outgoing.
    pub fn tries(&self, outgoing: i64) -> u32 {
        let sql = "SELECT tries FROM delivery WHERE outgoing = ?1 ORDER BY position LIMIT 1";
        self.database().query_row(sql, [outgoing], |row| row.get(0)).expect("the queue can be read")
    }

    /// What was said with the servers in all attempts of an outgoing, oldest first.
    pub fn transcript(&self, outgoing: i64) -> String {
        let sql = "SELECT text FROM transcript WHERE id IN (SELECT attempt.transcript FROM attempt JOIN delivery ON \
                   delivery.id = attempt.delivery WHERE delivery.outgoing = ?1) ORDER BY id";
        let database = self.database();
        let mut statement = database.prepare(sql).expect("the transcripts can be read");
        let texts =
            statement.query_map([outgoing], |row| row.get::<_, String>(0)).expect("the transcripts can be read");
        texts.map(|text| text.expect("a transcript is text")).collect::<Vec<_>>().join("\n")
    }

    fn database(&self) -> Connection {
        Connection::open_with_flags(self.home.join("local.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("local.db can be opened")
    }

    fn command(&self) -> Command {
        let mut command = self.program(&beside("postrider"));
        command.arg("--home").arg(&self.home);
        command
    }

    /// A program of this computer, which goes by its clock.
    fn program(&self, program: &Path) -> Command {
        let Some(off) = self.clock_off else { return self.host.command(program) };
        let mut command = self.host.command(Path::new("/usr/bin/env"));
        command.args([&format!("LD_PRELOAD={OTHER_TIME}"), &format!("FAKETIME={off}")]);
        command.args(["FAKETIME_DONT_FAKE_MONOTONIC=1"]).arg(program);
        command
    }
}

/// A program that was built with the tests. Tests lie one directory below the programs.
fn beside(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a file");
    let programs = test.parent().and_then(Path::parent).expect("the test lies in a directory");
    let program = programs.join(name);
    assert!(
        fs::exists(&program).unwrap_or_default(),
        "{} is not there; build it first: cargo build -p postrider-cli -p postrider-lab",
        program.display()
    );
    program
}

fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    // A program may refuse before it has read everything.
    let _ = child.stdin.take().expect("its input is piped").write_all(input);
    child.wait_with_output().expect("a child can be waited for")
}

/// A time in a document.
pub fn time(value: &Value) -> Timestamp {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is not a time"))
}
