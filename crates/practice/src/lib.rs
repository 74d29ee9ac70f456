//! The practice post office: a small mail world inside the program, on loopback, for first use and for tests.
//!
//! One [`PostOffice`] is a name server, the mail hosts of a few domains each with a character of its own, a submission
//! server and an IMAP server with a mailbox full of letters, all under an authority of its own. It answers for names
//! under `.test` (RFC 6761) alone, listens on loopback addresses alone, and dials nobody.
//!
//! It shares no protocol code with the engine: a peer must not repeat our own misunderstanding.
//!
//! ```no_run
//! # use postrider_practice as practice;
//! # async fn example() -> Result<(), practice::PracticeError> {
//! let office = practice::PostOffice::start(practice::Options::default()).await?;
//! println!("IMAP at {}, password {}", office.info().imap, office.info().password);
//! office.stop().await;
//! # Ok(())
//! # }
//! ```

mod authority;
mod cast;
mod clock;
mod control;
mod correspondence;
mod dns;
mod doors;
mod dsn;
mod error;
mod fate;
mod imap;
mod letters;
mod mailroom;
mod mime;
mod office;
mod options;
mod smtp;
mod stream;
mod switches;
mod vault;
mod writer;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;

pub use control::{CONTROL_NAME, Watching, order};
pub use error::PracticeError;
pub use options::{Info, Letters, Options};
pub use switches::{
    DnsList, Order, POSITIONS, Port25, Portal, ReverseDns, Switches, Turn, UnknownOrder, YOUR_ADDRESS,
};

use authority::Authority;
use dns::Zone;
use mailroom::Mailroom;
use office::{Office, YOU};
use smtp::MailHosts;
use smtp::memory::Memory;
use vault::Vault;

/// The password of the post office that has this home: for whoever uses one that another process opened.
pub fn password_in(home: &Path) -> Result<String, PracticeError> {
    Vault::open(Some(home))?.password()
}

/// A running practice post office. It ends when it is stopped or dropped.
pub struct PostOffice {
    info: Info,
    control: SocketAddr,
    office: Arc<Office>,
    /// Without a home, the folder of the authority's certificate; it goes with the post office.
    _folder: Option<tempfile::TempDir>,
}

impl PostOffice {
    /// Opens a post office: makes or reads its authority and mailbox, then listens. Needs a tokio runtime with I/O
    /// and time.
    pub async fn start(options: Options) -> Result<Self, PracticeError> {
        let vault = Vault::open(options.home.as_deref())?;
        let authority = Authority::open(vault.folder())?;
        let memory = Memory::open(vault.greylist_path())?;
        let first_letters = || match options.letters {
            Letters::Year => letters::year(Timestamp::now()),
            Letters::None => Vec::new(),
        };
        let mailroom = Mailroom::open(vault.mail_folder().as_deref(), first_letters)?;
        let office = Arc::new(Office::new(options, &authority, vault.password()?, memory, mailroom)?);
        let ((info, control), folder) = (listen(&office, &authority).await?, vault.into_temporary());
        Ok(Self { info, control, office, _folder: folder })
    }

    /// How to reach it.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// What the mail hosts took, oldest first, byte for byte as it came (dots unstuffed).
    pub fn delivered(&self) -> Vec<Delivered> {
        self.office.delivered()
    }

    /// Lets time pass for the post office: what waits for it (greylists, bounces, slow answers) goes on at once.
    pub fn advance(&self, by: Duration) {
        self.office.clock.advance(by);
    }

    /// Carries an order out, such as one that turns a switch; it is in force when this returns.
    pub async fn obey(&self, order: Order) -> Switches {
        self.office.obey(order).await
    }

    /// How the switches stand now.
    pub fn switches(&self) -> Switches {
        self.office.switches_now()
    }

    /// Where orders are taken from other processes ([`order`]).
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Puts a letter into INBOX, as if it had just arrived. Its lines end with CRLF.
    pub fn post(&self, letter: &[u8]) {
        fate::into_inbox(&self.office, letter.to_vec());
    }

    /// Closes the post office and returns when nothing of it runs any more.
    pub async fn stop(self) {
        self.office.close();
        self.office.ended().await;
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.office.close();
    }
}

impl fmt::Debug for PostOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostOffice")
            .field("imap", &self.info.imap)
            .field("dns", &self.info.dns)
            .finish_non_exhaustive()
    }
}

/// Binds every server and sets it going.
async fn listen(office: &Arc<Office>, authority: &Authority) -> Result<(Info, SocketAddr), PracticeError> {
    let no_port = |source| PracticeError::NoPort { source };
    let hosts = MailHosts::bind().await.map_err(no_port)?;
    let names = dns::Sockets::bind().await.map_err(no_port)?;
    let submission = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
    let imap = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
    let orders = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
    let control = orders.local_addr().map_err(no_port)?;
    let info = Info {
        address: YOU.to_owned(),
        user: office.user().to_owned(),
        password: office.password().to_owned(),
        imap: imap.local_addr().map_err(no_port)?.to_string(),
        submission: submission.local_addr().map_err(no_port)?.to_string(),
        dns: names.address.to_string(),
        smtp_port: hosts.port,
        ca: authority.path().to_owned(),
    };
    office.spawn(names.serve(Zone { stage: hosts.stage, control, switches: office.switches() }));
    hosts.serve(office);
    smtp::serve_submission(office, submission);
    imap::serve(office, imap);
    control::serve(office, orders);
    Ok((info, control))
}

/// One message as a mail host took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The host that took it, such as `mx.prompt.test`.
    pub host: String,
    /// The envelope sender; empty for the null sender.
    pub sender: String,
    /// The envelope recipients that the host accepted, in the order in which they were named.
    pub recipients: Vec<String>,
    /// The message as it was sent: CRLF line ends, dots unstuffed.
    pub bytes: Vec<u8>,
}
