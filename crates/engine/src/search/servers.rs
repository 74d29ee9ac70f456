//! Searching on the servers, for mail that is not here: each account that reads mail is asked, all side by side, each
//! for a bounded time. What they find is fetched and put beside what is found here. An account that cannot be asked is
//! named, with the reason, and holds up none of the others for long.
//!
//! | the account | who asks its server |
//! |---|---|
//! | is kept up to date | its sync, which connects for it if it is just pausing |
//! | is not, in a process that carries out one order | a connection of its own |
//! | is not, because the settings make no network | nobody |
//! | only sends | nobody, and nothing is said |

use super::MAX_ROWS;
use crate::error::Error;
use crate::view::SyncState;
use crate::{Engine, Work};
use jiff::Zoned;
use model::query::{Problem, ProblemKind, Query, Read, parse};
use model::{Account, AccountId, CallError, LetterId};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;
use store::SearchOrder;

/// How long a server may take: some read through every letter for a word.
const TO_FIND: Duration = Duration::from_secs(120);
/// How long the sync of an account may take that is not connected.
const TO_CONNECT: Duration = Duration::from_secs(20);

/// What was found, here and there.
pub(super) struct Asked {
    /// The newest first, each message once.
    pub(super) rows: Vec<store::LetterRow>,
    /// Whether there is more than these.
    pub(super) more: bool,
    /// What was looked for.
    pub(super) query: Option<Query>,
    /// What is wrong with the query, and the servers that could not be asked.
    pub(super) problems: Vec<Problem>,
    /// Why, where no server could be asked at all.
    pub(super) in_vain: Option<CallError>,
}

impl Engine {
    /// What the servers find, fetched here first, and what is found here. A server that cannot be asked is a problem.
    pub(super) async fn find_on_servers(&self, typed: &str) -> Result<Asked, Error> {
        let Read { query, problems } = parse(typed, &Zoned::now());
        let Some(query) = query else {
            return Ok(Asked { rows: Vec::new(), more: false, query: None, problems, in_vain: None });
        };
        let mut accounts = self.store().accounts().await?;
        accounts.retain(|account| account.imap.is_some());
        let answers = self.ask_servers(&accounts, &query).await;
        let (here, query, mut problems) = self.find(typed, SearchOrder::Newest, 0, MAX_ROWS).await?;
        let mut letters = Vec::new();
        let mut refusals = Vec::new();
        for (account, answer) in accounts.iter().zip(answers) {
            match answer {
                Ok(found) => letters.extend(found),
                Err(error) => refusals.push(not_asked(&account.address.to_string(), &error)),
            }
        }
        problems.extend(refusals.iter().map(as_problem));
        let in_vain = match refusals.len() == accounts.len() {
            true => Some(refusals.into_iter().next().unwrap_or_else(no_server)),
            false => None,
        };
        let mut rows = self.store().letter_rows(&letters).await?;
        rows.extend(here.rows);
        let more = newest_of_each(&mut rows) || here.more;
        Ok(Asked { rows, more, query, problems, in_vain })
    }

    /// Asks the servers of these accounts; what each answered, in the same order.
    async fn ask_servers(&self, accounts: &[Account], query: &Query) -> Vec<Result<Vec<LetterId>, CallError>> {
        if self.inner.work == Work::Nothing {
            self.open_practice_again().await;
        }
        futures::future::join_all(accounts.iter().map(|account| self.ask_server(account, query))).await
    }

    async fn ask_server(&self, account: &Account, query: &Query) -> Result<Vec<LetterId>, CallError> {
        let patience = self.patience_with(account.id);
        let asked = async {
            match self.search_by_sync(account.id, query).await {
                Some(answer) => answer.await.map_err(CallError::from),
                None if self.inner.work == Work::Nothing => Ok(self.search_one(account, query).await?),
                None => Err(self.why_not_kept(account.id)),
            }
        };
        tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(silent(patience)))
    }

    fn patience_with(&self, account: AccountId) -> Duration {
        let connected = matches!(self.sync_state(account), Some(SyncState::UpToDate | SyncState::Syncing { .. }));
        if connected || self.inner.work == Work::Nothing { TO_FIND } else { TO_CONNECT }
    }

    fn why_not_kept(&self, account: AccountId) -> CallError {
        match self.inner.worlds.usable_net(Some(account)) {
            Err(fault) => fault.into(),
            Ok(_) => CallError::new("stopped", "the account is not being kept up to date", ""),
        }
    }
}

/// The newest first, each message once, and no more than are shown; whether some were left out.
fn newest_of_each(rows: &mut Vec<store::LetterRow>) -> bool {
    rows.sort_by_key(|row| Reverse((row.date, row.id)));
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.content));
    let more = rows.len() > MAX_ROWS as usize;
    rows.truncate(MAX_ROWS as usize);
    more
}

fn silent(patience: Duration) -> CallError {
    CallError::new("unavailable", format!("there was no answer within {} seconds", patience.as_secs()), "")
}

fn no_server() -> CallError {
    CallError::new("no-imap-server", "No account has a server that could be asked.", "Next: postrider account add")
}

fn not_asked(address: &str, error: &CallError) -> CallError {
    let why = error.message.trim_end_matches('.');
    let hint = match error.hint.as_str() {
        "" => "Search on the server again when the account is connected.",
        hint => hint,
    };
    CallError::new(&error.code, format!("The server of {address} could not be asked: {why}."), hint)
}

fn as_problem(refusal: &CallError) -> Problem {
    let (message, hint) = (refusal.message.clone(), refusal.hint.clone());
    Problem { kind: ProblemKind::Wrong, at: 0, length: 0, message, hint }
}
