//! A logind that is played on a real bus: what it is asked for, and what it says.

use super::super::linux::Logind;
use super::*;
use std::io::{BufRead, BufReader, ErrorKind};
use std::os::fd::OwnedFd as Fd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedFd;
use zbus::{Connection, fdo};

const PATH: &str = "/org/freedesktop/login1";
const NAME: &str = "org.freedesktop.login1";
/// More than anything on a bus takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bus of our own, which ends with this.
struct Bus {
    address: String,
    daemon: Child,
    _home: TempDir,
}

impl Bus {
    /// `None` where there is no daemon for one, except in CI, where that is a failure.
    fn start() -> Option<Self> {
        let home = TempDir::new().unwrap();
        let config = home.path().join("bus.conf");
        let text = format!(
            "<busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
             <allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/></policy></busconfig>",
            home.path().join("bus").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let mut daemon = match daemon.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(daemon) => daemon,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "dbus-daemon is not here (package dbus)");
                eprintln!("left out: dbus-daemon is not here");
                return None;
            }
            Err(error) => panic!("dbus-daemon does not start: {error}"),
        };
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(!address.trim().is_empty(), "dbus-daemon gives no address");
        Some(Self { address: address.trim().to_owned(), daemon, _home: home })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What logind was asked, with its end of each lock: it reads its end of file there when the lock is given back.
#[derive(Debug)]
struct Asked {
    words: [String; 4],
    lock: UnixStream,
}

struct Role {
    asked: watch::Sender<Vec<Asked>>,
    is_busy: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Role {
    fn inhibit(&self, what: String, who: String, why: String, mode: String) -> fdo::Result<OwnedFd> {
        if self.is_busy {
            return Err(fdo::Error::Failed(
                "The operation inhibition has been requested for is already running".into(),
            ));
        }
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        self.asked.send_modify(|asked| asked.push(Asked { words: [what, who, why, mode], lock: ours }));
        Ok(OwnedFd::from(Fd::from(theirs)))
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn prepare_for_shutdown(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

struct Played {
    bus: Connection,
    asked: watch::Receiver<Vec<Asked>>,
}

impl Played {
    async fn on(bus: &Bus, is_busy: bool) -> Self {
        let (asked, questions) = watch::channel(Vec::new());
        let builder = Builder::address(bus.address.as_str()).unwrap();
        let builder = builder.serve_at(PATH, Role { asked, is_busy }).unwrap().name(NAME).unwrap();
        let bus = timeout(PATIENCE, builder.build()).await.unwrap().unwrap();
        Self { bus, asked: questions }
    }

    /// Waits until it has been asked so often; gives the last question and its end of the lock.
    async fn was_asked(&mut self, times: usize) -> ([String; 4], UnixStream) {
        let asked = timeout(PATIENCE, self.asked.wait_for(|asked| asked.len() >= times)).await.unwrap().unwrap();
        let last = asked.last().unwrap();
        (last.words.clone(), last.lock.try_clone().unwrap())
    }

    async fn says_sleep(&self, start: bool) {
        let emitter = SignalEmitter::new(&self.bus, PATH).unwrap();
        Role::prepare_for_sleep(&emitter, start).await.unwrap();
    }

    async fn says_shutdown(&self, start: bool) {
        let emitter = SignalEmitter::new(&self.bus, PATH).unwrap();
        Role::prepare_for_shutdown(&emitter, start).await.unwrap();
    }
}

/// Returns once a lock was given back.
async fn given_back(lock: UnixStream) {
    let read = tokio::task::spawn_blocking(move || std::io::Read::read(&mut &lock, &mut [0; 1]).unwrap());
    assert_eq!(read.await.unwrap(), 0);
}

/// A wire that is attended to with the logind of this bus; and every word of it, in order.
async fn attended(bus: &Bus) -> (Wire, mpsc::UnboundedReceiver<Word>, JoinSet<()>) {
    let wire = Wire::default();
    let (words, told) = mpsc::channel(4);
    let (note, heard) = mpsc::unbounded_channel();
    let mut tasks = Logind::on_bus(&bus.address).listen(words);
    let system = Logind::on_bus(&bus.address);
    tasks.spawn(attend(wire.clone(), told, system, move |word| note.send(word).unwrap()));
    (wire, heard, tasks)
}

async fn hears(heard: &mut mpsc::UnboundedReceiver<Word>) -> Word {
    timeout(PATIENCE, heard.recv()).await.unwrap().unwrap()
}

/// Says it until it is heard: nobody knows from outside when the ear is there.
async fn is_heard(said: impl AsyncFn(), heard: &mut mpsc::UnboundedReceiver<Word>) -> Word {
    loop {
        said().await;
        if let Ok(word) = timeout(Duration::from_millis(100), heard.recv()).await {
            return word.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logind_is_asked_for_a_delay_while_a_letter_is_on_the_wire_and_gets_it_back_at_once() {
    let Some(bus) = Bus::start() else { return };
    let mut logind = Played::on(&bus, false).await;
    let (wire, _heard, _tasks) = attended(&bus).await;
    for times in 1..=2 {
        let letter = wire.take().unwrap();
        let (words, lock) = logind.was_asked(times).await;
        assert_eq!(words, ["shutdown:sleep", "Postrider", "A letter is being handed over", "delay"]);
        drop(letter);
        given_back(lock).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_that_logind_announces_lets_the_letter_end_and_begins_no_other_until_it_is_over() {
    let Some(bus) = Bus::start() else { return };
    let mut logind = Played::on(&bus, false).await;
    let (wire, mut heard, _tasks) = attended(&bus).await;
    assert_eq!(is_heard(async || logind.says_sleep(false).await, &mut heard).await, Word::Wakes);
    let letter = wire.take().unwrap();
    let (_, lock) = logind.was_asked(1).await;

    logind.says_sleep(true).await;
    assert_eq!(hears(&mut heard).await, Word::Sleeps);
    assert!(wire.take().is_none());
    drop(letter);
    given_back(lock).await;

    logind.says_sleep(false).await;
    assert_eq!(hears(&mut heard).await, Word::Wakes);
    assert!(wire.take().is_some());
    logind.says_shutdown(true).await;
    assert_eq!(hears(&mut heard).await, Word::ShutsDown);
    assert!(wire.take().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bus_without_a_logind_and_with_one_that_refuses_there_is_no_lock_and_no_error() {
    let nowhere = Logind::on_bus("unix:path=/does/not/exist");
    assert!(nowhere.hold_off().await.is_none());
    let Some(bus) = Bus::start() else { return };
    assert!(Logind::on_bus(&bus.address).hold_off().await.is_none(), "nobody is there");
    let _busy = Played::on(&bus, true).await;
    assert!(Logind::on_bus(&bus.address).hold_off().await.is_none(), "it is about to sleep");
}
