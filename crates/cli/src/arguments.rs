//! The words of the command line.

use crate::account::arguments::AccountCommand;
use crate::filing::{MailboxesCommand, Marks};
use crate::transfer::{Export, Import};
use crate::whom::Whom;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use engine::view::WarningName;
use jiff::Timestamp;
use model::{DkimKeyId, LetterId, OutgoingId, ReportId, RoutePolicy};
use std::path::PathBuf;

/// Read, write and send mail, and see where each message is.
#[derive(Debug, Parser)]
#[command(name = "postrider", version, arg_required_else_help = true)]
pub struct Arguments {
    /// The directory of the databases [default: POSTRIDER_HOME, else the platform's data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add, list, change and remove accounts, with their smart hosts and rules
    Account {
        /// What to do with accounts
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Bring all accounts up to date
    Sync {
        /// Go on, and print what comes in, until interrupted
        #[arg(long)]
        watch: bool,
    },
    /// Bring letters from files into mailboxes; what is there already is passed over
    Import(Import),
    /// Write letters into files
    Export(Export),
    /// List the mailboxes; make, rename, delete, empty and subscribe to them
    Mailboxes {
        /// What to do with mailboxes [default: list]
        #[command(subcommand)]
        command: Option<MailboxesCommand>,
    },
    /// Mark letters
    Flag {
        /// Their numbers, as listed
        #[arg(required = true)]
        ids: Vec<LetterId>,
        /// How
        #[command(flatten)]
        marks: Marks,
    },
    /// Move letters to another mailbox
    Move {
        /// Their numbers, as listed
        #[arg(required = true)]
        ids: Vec<LetterId>,
        /// Its path, its role, or its number
        #[arg(long, value_name = "MAILBOX")]
        to: String,
    },
    /// Copy letters to another mailbox
    Copy {
        /// Their numbers, as listed
        #[arg(required = true)]
        ids: Vec<LetterId>,
        /// Its path, its role, or its number
        #[arg(long, value_name = "MAILBOX")]
        to: String,
    },
    /// Move letters to the trash
    Delete {
        /// Their numbers, as listed
        #[arg(required = true)]
        ids: Vec<LetterId>,
        /// Delete them for good; it can be taken back until the next sync
        #[arg(long)]
        for_good: bool,
    },
    /// Take back what was last moved, copied or deleted
    Undo,
    /// List the letters of a mailbox, newest first
    List {
        /// Its path (INBOX), its role (inbox, sent, drafts, archive, junk, trash), or its number
        mailbox: String,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Find letters
    #[command(long_about = crate::search::LONG_ABOUT)]
    Search(Search),
    /// Show a letter
    Show {
        /// Its number, as listed
        id: LetterId,
        /// In which form
        #[command(flatten)]
        form: Form,
    },
    /// Send a letter; its text is read from standard input
    ///
    /// Exits with 0 once the letter is safe in the queue, and prints what became of it so far.
    Send(Letter),
    /// The sendmail interface: a message on standard input, safe in the queue when it exits with 0
    #[command(disable_help_flag = true)]
    Sendmail {
        /// -t -i -oi -f SENDER -F NAME -r SENDER -bs -bp -q -N -R -V, recipients
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Look at the queue, and give orders
    Queue {
        /// What to do with the queue
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// Make keys to sign with (DKIM), and see whether DNS shows them
    Dkim {
        /// What to do with keys
        #[command(subcommand)]
        command: DkimCommand,
    },
    /// See, keep, merge, import and export the people you write to
    Contacts {
        /// What to do with contacts
        #[command(subcommand)]
        command: ContactsCommand,
    },
    /// Find out whether letters will arrive, and if not, why and what then
    Check {
        /// What to look at
        #[command(subcommand)]
        command: CheckCommand,
        /// Explain what is in order as well
        #[arg(long, global = true)]
        explain: bool,
        /// For whose letters
        #[command(flatten)]
        whom: Whom,
    },
    /// Explain a warning: what it is, what it means here, what to do
    Explain(Explain),
    /// The networks that this computer was on, with what direct sending was worth there
    Networks {
        /// What to do
        #[command(subcommand)]
        command: NetworksCommand,
    },
    /// See what was learned of the domains that letters went to, and forget it
    Destinations {
        /// What to do with it
        #[command(subcommand)]
        command: DestinationsCommand,
    },
    /// Read and change settings
    Config {
        /// What to do with settings
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Run the practice post office until interrupted; prints how to reach it
    Practice {
        /// What to do to the one that is open, instead of running another
        #[command(subcommand)]
        command: Option<PracticeCommand>,
    },
}

/// What to do to the practice post office that is open.
#[derive(Debug, Subcommand)]
pub enum PracticeCommand {
    /// Turn a switch: port-25 open|blocked|intercepted, reverse-dns confirmed|missing|generic,
    /// dns-list absent|listed|policy, portal off|on; without one, say how they stand
    Switch {
        /// Which
        #[arg(requires = "to")]
        switch: Option<String>,
        /// Where to
        to: Option<String>,
    },
    /// Turn every switch back to where it began
    Reset,
    /// Let the practice world sleep for an hour; what waits there is due that much earlier
    Sleep,
}

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// This network: port 25, the address that others see, its name, lists, name servers, clock
    Network {
        /// Ask this STUN server as well how others see this computer
        #[arg(long, value_name = "HOST[:PORT]")]
        stun: Option<String>,
        /// Look at nothing, and list what was found on this network before
        #[arg(long, conflicts_with = "stun")]
        history: bool,
    },
    /// Whether letters from an address of yours are believed: its domain, SPF, DKIM, DMARC
    Identity {
        /// The address [default: the only one that you send from]
        address: Option<String>,
    },
    /// Who takes mail for a domain, stage by stage
    Domain {
        /// The domain
        domain: String,
    },
    /// As for its domain, with what this recipient needs; nobody is named to the host
    Recipient {
        /// The address
        address: String,
        /// Octets of the letter
        #[arg(long, value_name = "OCTETS")]
        size: Option<u64>,
    },
    /// What would be said of a letter before it is sent: of its way and of each recipient; no mail host is spoken to
    Letter(crate::check_letter::LetterToCheck),
}

/// What to explain.
#[derive(Debug, Args)]
pub struct Explain {
    /// Which warning, by the word that `check` and `queue show` name; without one and without a letter, all are listed
    #[arg(value_parser = warning_names())]
    pub name: Option<WarningName>,
    /// As it concerns this letter, by its number as listed
    #[arg(long, value_name = "ID")]
    pub letter: Option<OutgoingId>,
    /// The recipient: of this letter, or one who may be written to
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// The address that is sent from
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
}

fn warning_names() -> impl TypedValueParser<Value = WarningName> {
    PossibleValuesParser::new(WarningName::ALL.iter().map(|name| name.word()))
        .try_map(|word| WarningName::from_word(&word).ok_or("there is no such warning"))
}

/// In which form to show a letter.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Form {
    /// As it came, headers and all
    #[arg(long)]
    pub raw: bool,
    /// Its HTML, made safe
    #[arg(long)]
    pub html: bool,
    /// Its text alone
    #[arg(long)]
    pub text: bool,
}

/// A letter to be sent.
#[derive(Debug, Args)]
pub struct Letter {
    /// From [default: the first account's address]
    #[arg(long)]
    pub from: Option<String>,
    /// A recipient, as anna@example.org or "Anna Example <anna@example.org>", or a list with commas; may be given
    /// several times
    #[arg(long, required = true)]
    pub to: Vec<String>,
    /// The subject
    #[arg(long, default_value = "")]
    pub subject: String,
    /// A file to attach; may be given several times
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// direct, the name of a smart host, or auto: by the account's rules and the identity's default [default: auto]
    #[arg(long)]
    pub route: Option<String>,
    /// Send it only over verified encryption, here and beyond (REQUIRETLS, RFC 8689)
    #[arg(long)]
    pub require_tls: bool,
    /// Not before this time, such as 2026-12-24T18:00:00Z
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

/// What to look for, and how.
#[derive(Debug, Args)]
pub struct Search {
    /// What to look for, as in the window's search field; words apart are one query
    #[arg(value_name = "QUERY", required_unless_present_any = ["list", "forget"])]
    pub query: Vec<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Which come first
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    pub order: Order,
    /// Ask the servers as well, and fetch what is not here
    #[arg(long)]
    pub server: bool,
    /// Keep this search under a name; the window lists it beside the mailboxes
    #[arg(long, value_name = "NAME", conflicts_with_all = ["server", "list", "forget"])]
    pub save: Option<String>,
    /// List the searches that are kept
    #[arg(long, conflicts_with_all = ["server", "forget", "query"])]
    pub list: bool,
    /// Keep the search of this name no longer
    #[arg(long, value_name = "NAME", conflicts_with_all = ["server", "query"])]
    pub forget: Option<String>,
}

/// Which letters come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// The newest
    Newest,
    /// Those with the words in the subject or the names, then those with whole words
    Relevance,
}

impl Letter {
    /// The route that was asked for.
    pub fn route(&self) -> Option<RoutePolicy> {
        self.route.clone().map(RoutePolicy::from)
    }
}

/// An outgoing, or one recipient of it.
#[derive(Debug, Args)]
pub struct Which {
    /// Its number, as listed
    pub id: OutgoingId,
    /// Only the delivery to this recipient
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// What to try again.
#[derive(Debug, Args)]
pub struct Again {
    /// Its number, as listed; may be left out with --failed
    #[arg(required_unless_present = "failed")]
    pub id: Option<OutgoingId>,
    /// Only the delivery to this recipient
    #[arg(long, value_name = "ADDRESS", requires = "id")]
    pub to: Option<String>,
    /// Only what was refused or given up; without a number, of everything in the outbox
    #[arg(long, conflicts_with = "to")]
    pub failed: bool,
}

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List what was sent, newest first
    List {
        /// At most this many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show where each recipient's copy is, and every attempt
    Show {
        /// Its number, as listed
        id: OutgoingId,
    },
    /// Show a report that was written here about a letter that failed or is late
    Report {
        /// Its number, as `queue show` names it
        id: ReportId,
        /// Save it here as a message, instead
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Try now
    Retry(Again),
    /// Keep it until it is released
    Hold(Which),
    /// Let it go
    Release(Which),
    /// Take back what has not left
    Cancel(Which),
    /// Another way from now on
    Route {
        /// Which
        #[command(flatten)]
        which: Which,
        /// auto, direct, or the name of a smart host
        route: String,
    },
    /// Send nothing until it is resumed
    Pause,
    /// Send again what is due
    Resume,
    /// Work on the queue until interrupted
    Run {
        /// Only until nothing is due
        #[arg(long)]
        until_idle: bool,
    },
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum DkimCommand {
    /// List the domains that letters are sent from, with their keys
    List,
    /// Make an RSA and an Ed25519 key, and print the records to add to DNS
    Make {
        /// The domain of the sender's address
        domain: String,
    },
    /// Ask DNS about the keys of a domain now
    Check {
        /// The domain of the sender's address
        domain: String,
    },
    /// Forget a key, and destroy its private half
    Remove {
        /// Its number, as listed
        id: DkimKeyId,
    },
}

/// What to do with contacts.
#[derive(Debug, Subcommand)]
pub enum ContactsCommand {
    /// List everybody, by name: whom you keep, and who was learned from your mail
    List {
        /// Beginnings of words of names and addresses [default: everybody]
        query: Vec<String>,
        /// Only those whom you keep
        #[arg(long)]
        kept: bool,
        /// At most this many
        #[arg(long, default_value_t = 200)]
        limit: u32,
    },
    /// Keep somebody
    Add {
        /// As "Anna Example <anna@example.org>"; several make several contacts
        #[arg(required = true)]
        people: Vec<String>,
    },
    /// Make one person of several
    Merge {
        /// Their numbers or addresses; the first gives the name
        #[arg(required = true, num_args = 2..)]
        who: Vec<String>,
    },
    /// Keep somebody no longer, or offer a learned address no longer
    Remove {
        /// A number or an address
        who: String,
    },
    /// Read vCards
    Import {
        /// The file (.vcf)
        file: PathBuf,
    },
    /// Write everybody whom you keep as vCards
    Export {
        /// The file (.vcf)
        file: PathBuf,
    },
}

/// `postrider networks …`
#[derive(Debug, Subcommand)]
pub enum NetworksCommand {
    /// List them, this one first
    List,
    /// Call one by a name, or with an empty one by none
    Rename {
        /// Its number, from the list
        network: model::NetworkId,
        /// The name, such as “at home”
        name: String,
    },
    /// Forget one, and what was found there
    Forget {
        /// Its number, from the list
        network: model::NetworkId,
    },
}

/// What to do with what was learned.
#[derive(Debug, Subcommand)]
pub enum DestinationsCommand {
    /// List the domains, with when they last took a letter, and how
    List,
    /// Forget what was learned of a domain
    Forget {
        /// As listed
        domain: String,
    },
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show a setting, or all
    Get {
        /// Its name
        key: Option<String>,
    },
    /// Change a setting; without a value it goes back to its default
    Set {
        /// Its name
        key: String,
        /// The value
        value: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_word_can_be_parsed() {
        Arguments::command().debug_assert();
    }
}
