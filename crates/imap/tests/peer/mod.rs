//! A small IMAP server in the test's own process, which keeps the letters it is told to keep and misbehaves where it is
//! told to misbehave. It shares nothing with the code that it tests.
#![allow(dead_code, reason = "each test file uses a part of it")]

mod answers;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One letter on the server.
#[derive(Clone, Debug)]
pub struct Letter {
    pub uid: u32,
    pub flags: BTreeSet<String>,
    pub bytes: Vec<u8>,
}

/// One mailbox.
#[derive(Clone, Debug)]
pub struct Folder {
    pub attributes: String,
    pub validity: u32,
    pub next: u32,
    pub letters: Vec<Letter>,
}

/// What the server does instead of answering.
#[derive(Clone, Debug)]
pub enum Fault {
    /// `NO` with this text.
    No(&'static str),
    /// `BAD` with this text.
    Bad(&'static str),
    /// `* BYE` with this text, then the end.
    Bye(&'static str),
    /// The end, at once.
    Close,
    /// The honest answer up to so many octets, then the end.
    CloseAfter(usize),
    /// The command is carried out, then the end without an answer.
    DoAndClose,
    /// These octets; `TAG` stands for the tag.
    Say(Vec<u8>),
    /// Silence.
    Hang,
    /// The honest answer, made into another one.
    Alter(fn(&str) -> String),
    /// The honest answer, made into another one, and silence after it.
    AlterAndHang(fn(&str) -> String),
    /// Something happens on the server, and then the honest answer.
    After(fn(&mut World)),
}

#[derive(Debug, Default)]
pub struct World {
    pub capabilities: String,
    pub folders: BTreeMap<String, Folder>,
    /// Beginning of the command, how many such commands to let pass, what to do then; each once.
    pub faults: Vec<(&'static str, usize, Fault)>,
    /// Every command without its tag.
    pub log: Vec<String>,
    /// Those after which more had come already.
    pub followed: Vec<String>,
    /// Connections on which it has fallen silent in the middle.
    pub silent: usize,
    pub password: String,
    pub connections: usize,
    /// The modification sequence of every mailbox, which stays.
    pub modseq: Option<u64>,
    /// Subjects of letters that are listed and not handed out, and whether their headers are.
    pub withheld: BTreeMap<&'static str, bool>,
}

/// The server.
#[derive(Clone)]
pub struct Peer {
    pub address: SocketAddr,
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
}

impl Peer {
    /// A server with an empty INBOX and these capabilities besides IMAP4rev1.
    pub async fn start(capabilities: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world = World {
            capabilities: format!("IMAP4rev1 {capabilities}").trim().to_owned(),
            password: "secret".to_owned(),
            ..World::default()
        };
        let peer = Self {
            address: listener.local_addr().unwrap(),
            world: Arc::new(Mutex::new(world)),
            changed: watch::Sender::new(0),
        };
        peer.make("INBOX", "\\HasNoChildren");
        let served = peer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        peer
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn make(&self, path: &str, attributes: &str) {
        let folder = Folder { attributes: attributes.to_owned(), validity: 1000, next: 1, letters: Vec::new() };
        self.world().folders.entry(path.to_owned()).or_insert(folder);
    }

    /// Puts a letter into a mailbox and tells those who wait in IDLE. Its UID.
    pub fn deliver(&self, path: &str, subject: &str) -> u32 {
        self.deliver_bytes(path, letter(subject, "Hello.\r\n"))
    }

    pub fn deliver_bytes(&self, path: &str, bytes: Vec<u8>) -> u32 {
        let uid = {
            let mut world = self.world();
            let folder = world.folders.get_mut(path).unwrap();
            folder.next += 1;
            folder.letters.push(Letter { uid: folder.next - 1, flags: BTreeSet::new(), bytes });
            folder.next - 1
        };
        self.changed.send_modify(|count| *count += 1);
        uid
    }

    pub fn fault(&self, command: &'static str, after: usize, fault: Fault) {
        self.world().faults.push((command, after, fault));
    }

    /// Commands that begin so.
    pub fn count(&self, command: &str) -> usize {
        self.world().log.iter().filter(|line| line.starts_with(command)).count()
    }

    pub fn uids(&self, path: &str) -> Vec<u32> {
        self.world().folders[path].letters.iter().map(|letter| letter.uid).collect()
    }

    pub fn flags(&self, path: &str, uid: u32) -> Vec<String> {
        let world = self.world();
        let letter = world.folders[path].letters.iter().find(|letter| letter.uid == uid);
        letter.map(|letter| letter.flags.iter().cloned().collect()).unwrap_or_default()
    }

    async fn serve(self, stream: TcpStream) {
        self.world().connections += 1;
        let mut client = Client { io: BufStream::new(stream), selected: None, seen: 0 };
        let greeting = format!("* OK [CAPABILITY {}] ready\r\n", self.world().capabilities);
        let _ = self.converse(&mut client, greeting).await;
    }

    /// Ends when the connection does.
    async fn converse(&self, client: &mut Client, greeting: String) -> Option<()> {
        match self.due_fault("greeting") {
            Some(Fault::Say(bytes)) => client.say(&bytes).await?,
            Some(Fault::Bye(text)) => return client.say(format!("* BYE {text}\r\n").as_bytes()).await,
            _ => client.say(greeting.as_bytes()).await?,
        }
        loop {
            let (tag, mut command, literal) = client.command().await?;
            if command == "AUTHENTICATE PLAIN" {
                client.say(b"+ \r\n").await?;
                let mut line = String::new();
                client.io.read_line(&mut line).await.ok()?;
                command = format!("{command} {}", line.trim());
            }
            self.world().log.push(command.clone());
            if client.has_more().await {
                self.world().followed.push(command.clone());
            }
            let fault = self.due_fault(&command);
            if let Some(Fault::Hang) = fault {
                std::future::pending::<()>().await;
            }
            if command == "IDLE" && fault.is_none() {
                self.idle(client, &tag).await?;
                continue;
            }
            let acts =
                !matches!(fault, Some(Fault::No(_) | Fault::Bad(_) | Fault::Bye(_) | Fault::Close | Fault::Say(_)));
            if let Some(Fault::After(happens)) = fault {
                happens(&mut self.world());
            }
            let answer = if acts { self.obey(client, &tag, &command, &literal) } else { Vec::new() };
            match fault {
                None | Some(Fault::After(_)) => client.say(&answer).await?,
                Some(Fault::Alter(alter)) => client.say(&altered(&answer, alter)).await?,
                Some(Fault::AlterAndHang(alter)) => {
                    client.say(&altered(&answer, alter)).await?;
                    self.world().silent += 1;
                    std::future::pending::<()>().await;
                }
                Some(Fault::No(text)) => client.say(format!("{tag} NO {text}\r\n").as_bytes()).await?,
                Some(Fault::Bad(text)) => client.say(format!("{tag} BAD {text}\r\n").as_bytes()).await?,
                Some(Fault::Bye(text)) => return client.say(format!("* BYE {text}\r\n").as_bytes()).await,
                Some(Fault::CloseAfter(octets)) => return client.say(&answer[..octets.min(answer.len())]).await,
                Some(Fault::Say(bytes)) => client.say(&replace(&bytes, b"TAG", tag.as_bytes())).await?,
                Some(Fault::Close | Fault::DoAndClose | Fault::Hang) => return None,
            }
            if command == "LOGOUT" {
                return None;
            }
        }
    }

    fn due_fault(&self, command: &str) -> Option<Fault> {
        let mut world = self.world();
        let n = world.faults.iter().position(|(begins, _, _)| command.starts_with(begins))?;
        if world.faults[n].1 > 0 {
            world.faults[n].1 -= 1;
            return None;
        }
        Some(world.faults.remove(n).2)
    }

    async fn idle(&self, client: &mut Client, tag: &str) -> Option<()> {
        client.say(b"+ idling\r\n").await?;
        let mut changed = self.changed.subscribe();
        let mut line = String::new();
        loop {
            let exists = client.selected.as_ref().map(|path| self.world().folders[path].letters.len());
            if let Some(exists) = exists.filter(|exists| *exists != client.seen) {
                client.seen = exists;
                client.say(format!("* {exists} EXISTS\r\n").as_bytes()).await?;
            }
            tokio::select! {
                _ = changed.changed() => {}
                read = client.io.read_line(&mut line) => {
                    (read.ok()? > 0).then_some(())?;
                    return client.say(format!("{tag} OK done\r\n").as_bytes()).await;
                }
            }
        }
    }
}

/// One connection.
pub struct Client {
    io: BufStream<TcpStream>,
    pub selected: Option<String>,
    /// The number of letters that it was told of.
    pub seen: usize,
}

impl Client {
    async fn say(&mut self, bytes: &[u8]) -> Option<()> {
        self.io.write_all(bytes).await.ok()?;
        self.io.flush().await.ok()
    }

    /// Whether more has come already.
    async fn has_more(&mut self) -> bool {
        tokio::select! {
            biased;
            more = self.io.fill_buf() => more.is_ok_and(|more| !more.is_empty()),
            () = std::future::ready(()) => false,
        }
    }

    /// Tag, command with its literals put in as quoted strings, and the last literal.
    async fn command(&mut self) -> Option<(String, String, Vec<u8>)> {
        let (mut command, mut literal) = (String::new(), Vec::new());
        loop {
            let mut line = Vec::new();
            (self.io.read_until(b'\n', &mut line).await.ok()? > 0).then_some(())?;
            let line = String::from_utf8(line).unwrap();
            let line = line.trim_end_matches(['\r', '\n']);
            let Some((before, length)) = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')) else {
                command.push_str(line);
                break;
            };
            command.push_str(before);
            if !length.ends_with('+') {
                self.say(b"+ go on\r\n").await?;
            }
            literal = vec![0; length.trim_end_matches('+').parse().unwrap()];
            self.io.read_exact(&mut literal).await.ok()?;
            command.push_str(&format!("{:?}", String::from_utf8_lossy(&literal)));
        }
        let (tag, command) = command.split_once(' ').unwrap();
        Some((tag.to_owned(), command.to_owned(), literal))
    }
}

/// A letter with this subject, from which its Message-ID is made.
pub fn letter(subject: &str, text: &str) -> Vec<u8> {
    let id = subject.replace(' ', "-");
    format!(
        "From: Anna <anna@example.org>\r\nTo: you@example.org\r\nSubject: {subject}\r\n\
         Date: Sun, 1 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}@example.org>\r\n\r\n{text}"
    )
    .into_bytes()
}

fn altered(answer: &[u8], alter: fn(&str) -> String) -> Vec<u8> {
    alter(std::str::from_utf8(answer).unwrap()).into_bytes()
}

fn replace(bytes: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    match bytes.windows(what.len()).position(|window| window == what) {
        Some(at) => [&bytes[..at], with, &bytes[at + what.len()..]].concat(),
        None => bytes.to_vec(),
    }
}
