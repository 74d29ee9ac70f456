//! Mail that comes in: the IMAP session, the sync, IDLE, and the replay of what was done while off line.
//!
//! - [`AccountSync::spawn`] keeps an account up to date for as long as the program runs; [`sync_once`] does it once;
//!   [`search_once`] asks its server for letters; [`test_login`] tries a server.
//! - What happens is told as [`SyncEvent`]s; what is there is in the store, and nowhere else.
//!
//! From the bottom up:
//!
//! | module | what it does |
//! |---|---|
//! | `wire` | octets to responses and commands to octets; bounded, never panics |
//! | `session` | one connection: TLS, login, commands whose tagged answers are checked |
//! | `roles`, `plan`, `search` | pure decisions: what a mailbox is for, what to ask for, and how a query is put |
//! | `sync` | one account brought up to date over one session |
//! | `replay` | the journal, carried out so that twice does no harm |
//! | `account` | two connections, kept up, with pauses; more where [`connections`] allows them |

mod account;
mod alerts;
pub mod connections;
mod error;
mod event;
mod once;
mod plan;
mod quirks;
mod replay;
mod roles;
mod search;
mod session;
mod sync;
mod uidset;
mod utf7;
mod wire;

pub use account::{AccountSync, SyncHandle};
pub use error::{Refusal, SyncError};
pub use event::{SyncEvent, SyncReport, SyncState};
pub use once::{ServerInfo, probe, search_once, sync_once, test_login};
pub use roles::usual_name;
pub use session::Patience;
