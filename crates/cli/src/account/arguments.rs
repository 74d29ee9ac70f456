//! The words of `postrider account`.

use clap::{Args, Subcommand, ValueEnum};
use std::num::NonZero;
use std::path::PathBuf;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add an account; its login is tested first
    Add(Box<NewAccount>),
    /// List the accounts
    List,
    /// Remove an account and what was fetched for it
    Remove {
        /// Its address
        address: String,
    },
    /// Give an account, or one of its smart hosts, a new password, which is tested first; what waited for it goes at once
    Password {
        /// The account's address
        address: String,
        /// Only for the smart host of this name
        #[arg(long, value_name = "NAME")]
        smart_host: Option<String>,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
        /// Keep it without testing it
        #[arg(long)]
        untested: bool,
    },
    /// Choose the route of letters from an address that have none of their own and fit no rule
    Default {
        /// The address they are from
        address: String,
        /// auto, direct, or the name of a smart host
        route: String,
    },
    /// Look where the servers of an address are
    Discover {
        /// The mail address
        address: String,
        /// Ask Mozilla's database too, which tells it the address's domain
        #[arg(long)]
        ask_mozilla: bool,
    },
    /// Sign in at a provider, in the browser or by a code
    #[command(name = "oauth")]
    OAuth {
        /// What to do
        #[command(subcommand)]
        command: OAuthCommand,
    },
    /// Trust the one certificate that a server shows though no authority vouches for it
    Trust {
        /// The account's address
        address: String,
        /// Its SHA-256, or none to trust this computer's authorities alone again
        sha256: String,
        /// Only for the smart host of this name [default: the IMAP server]
        #[arg(long, value_name = "NAME")]
        smart_host: Option<String>,
    },
    /// Add, list, order, test and remove smart hosts
    SmartHost {
        /// What to do with smart hosts
        #[command(subcommand)]
        command: SmartHostCommand,
    },
    /// Choose routes for recipients of some domains
    Rule {
        /// What to do with rules
        #[command(subcommand)]
        command: RuleCommand,
    },
}

/// An account to be added.
#[derive(Debug, Args)]
pub struct NewAccount {
    /// The mail address
    pub address: String,
    /// The IMAP server, or none [default: what is known of the address's domain]
    #[arg(long, value_name = "HOST:PORT")]
    pub imap: Option<String>,
    /// Protection of the IMAP connection [default: starttls on port 143, else tls]
    #[arg(long, value_enum)]
    pub imap_security: Option<Protection>,
    /// The smart host, or none [default: with --imap none, else what is known of the address's domain]
    #[arg(long, value_name = "HOST:PORT")]
    pub smtp: Option<String>,
    /// Protection of the smart host's connection [default: tls on port 465, else starttls]
    #[arg(long, value_enum)]
    pub smtp_security: Option<Protection>,
    /// Login name [default: the address]
    #[arg(long)]
    pub user: Option<String>,
    /// The name shown in From
    #[arg(long)]
    pub name: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Add it without testing the login
    #[arg(long)]
    pub untested: bool,
    /// Trust servers that show the certificate with this SHA-256, though no authority vouches for it; repeatable
    #[arg(long, value_name = "SHA256")]
    pub trust: Vec<String>,
    /// Ask Mozilla's database too where the servers are, which tells it the address's domain
    #[arg(long)]
    pub ask_mozilla: bool,
    /// Log in at this host though only unsigned DNS names it for the address's domain; repeatable
    #[arg(long, value_name = "HOST")]
    pub accept_host: Vec<String>,
    /// Sign in instead of giving a password
    #[command(flatten)]
    pub sign_in: SignIn,
}

/// What to do about sign-ins.
#[derive(Debug, Subcommand)]
pub enum OAuthCommand {
    /// Sign an account in, anew or in the place of its password
    SignIn {
        /// The account's address
        address: String,
        /// With whom
        #[command(flatten)]
        with: Box<SignIn>,
    },
    /// List the providers whose sign-in is known
    Providers,
}

/// With whom to sign in.
#[derive(Debug, Args)]
// Its own group would bear the name of the command's.
#[group(skip)]
pub struct SignIn {
    /// Sign in at this provider: google, microsoft or yahoo
    #[arg(long, value_name = "PROVIDER")]
    pub oauth: Option<String>,
    /// The client ID that was registered there [default: that of the settings, else the built-in one]
    #[arg(long)]
    pub client_id: Option<String>,
    /// A file with the client's secret, where it has one
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// Sign in by a code that is typed in on any device
    #[arg(long)]
    pub device: bool,
    /// Where users of a server of one's own sign in
    #[arg(long, value_name = "URL")]
    pub authorize_url: Option<String>,
    /// Where that server gives tokens
    #[arg(long, value_name = "URL")]
    pub token_url: Option<String>,
    /// Where that server gives codes for other devices
    #[arg(long, value_name = "URL")]
    pub device_url: Option<String>,
    /// What is asked of that server; repeatable
    #[arg(long)]
    pub scope: Vec<String>,
    /// A mail server that is shown that server's tokens; repeatable [default: those given with --imap and --smtp]
    #[arg(long, value_name = "HOST")]
    pub token_host: Vec<String>,
}

impl SignIn {
    /// Whether one is wanted.
    pub fn is_wanted(&self) -> bool {
        self.oauth.is_some() || self.token_url.is_some()
    }
}

/// What to do with smart hosts.
#[derive(Debug, Subcommand)]
pub enum SmartHostCommand {
    /// Add one as the last of an account; it is tested first
    Add(Box<NewSmartHost>),
    /// List those of an account, in the order in which they are tried
    List {
        /// The account's address
        address: String,
    },
    /// List providers whose servers are known
    Presets,
    /// Move one to another place in the order
    Move {
        /// The account's address
        address: String,
        /// Its name
        name: String,
        /// Its new place; 1 is the first
        place: NonZero<usize>,
    },
    /// Give one another name; what goes through it still does
    Rename {
        /// The account's address
        address: String,
        /// Its name
        name: String,
        /// Its new name
        to: String,
    },
    /// Log in at one with the password that is kept for it
    Test {
        /// The account's address
        address: String,
        /// Its name
        name: String,
    },
    /// Remove one, with its password
    Remove {
        /// The account's address
        address: String,
        /// Its name
        name: String,
    },
}

/// A smart host to be added.
#[derive(Debug, Args)]
pub struct NewSmartHost {
    /// The account's address
    pub address: String,
    /// HOST:PORT, or a provider as in postrider account smart-host presets
    pub server: String,
    /// The name by which routes call it [default: the provider's, else the host's]
    #[arg(long)]
    pub name: Option<String>,
    /// Protection of the connection [default: tls on port 465, else starttls]
    #[arg(long, value_enum)]
    pub security: Option<Protection>,
    /// Login name [default: the provider's form, else the address]
    #[arg(long)]
    pub user: Option<String>,
    /// It asks for no login
    #[arg(long, conflicts_with_all = ["user", "token", "password_stdin"])]
    pub no_login: bool,
    /// The password is an OAuth access token
    #[arg(long)]
    pub token: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Add it without testing it
    #[arg(long)]
    pub untested: bool,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RuleCommand {
    /// Choose the route for a domain, in place of the rule that it had
    Add {
        /// The account's address
        address: String,
        /// example.org, *.example.org for all below it, or * for everything else
        domain: String,
        /// direct, the name of a smart host, or auto
        route: String,
    },
    /// List the rules of an account
    List {
        /// The account's address
        address: String,
    },
    /// Remove the rule for a domain
    Remove {
        /// The account's address
        address: String,
        /// As it is listed
        domain: String,
    },
}

/// Protection of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protection {
    /// TLS from the first byte
    Tls,
    /// An upgrade that must succeed
    Starttls,
    /// Clear text; passwords go to this computer only
    None,
}
