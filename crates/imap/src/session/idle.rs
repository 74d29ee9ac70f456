//! IDLE (RFC 2177): the server tells of new mail by itself, with NOTIFY (RFC 5465) of every mailbox.

use super::Session;
use crate::error::{Refusal, SyncError};
use crate::utf7;
use crate::wire::command::Command;
use crate::wire::response::{Data, Response};
use std::time::Duration;

impl Session {
    /// Asks to be told of every mailbox of the user (NOTIFY, RFC 5465): the open one as ever, the others by STATUS.
    /// Whether the server agrees; before that it may tell the numbers of all of them.
    pub async fn notify_of_all(&mut self) -> Result<bool, SyncError> {
        if !self.capabilities.has("NOTIFY") {
            return Ok(false);
        }
        let events = "(MessageNew MessageExpunge FlagChange)";
        let command = Command::new("NOTIFY SET").word(format_args!("(SELECTED {events}) (PERSONAL {events})"));
        match self.run(&command, |_| {}).await {
            Ok(_) => {
                self.notified = true;
                Ok(true)
            }
            Err(error) if error.refusal().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits in IDLE until `asked` is done or `longest` is over, and calls `changed` for each sign of a change in the
    /// selected mailbox.
    pub async fn idle(
        &mut self,
        longest: Duration,
        asked: impl Future<Output = ()>,
        mut changed: impl FnMut(Told),
    ) -> Result<(), SyncError> {
        self.nothing_is_owed()?;
        // What is told from now on is handed on at once.
        self.news.clear();
        self.owed = true;
        let command = Command::new("IDLE");
        let utf8 = self.utf8;
        let mut each = |data: Data| {
            if let Some(told) = told(data, utf8) {
                changed(told);
            }
        };
        let mut answer = self.send(&command, &mut each).await?;
        if answer.is_none() {
            answer = self.invited(&mut each).await?;
        }
        let answer = match answer {
            Some(refused) => refused,
            None => {
                self.listen(longest, asked, &mut each).await?;
                self.write(b"DONE\r\n").await?;
                self.tagged(&mut each).await?
            }
        };
        self.owed = false;
        self.news.clear();
        Refusal::of(&self.host, command.name(), &answer).map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    async fn listen(
        &mut self,
        longest: Duration,
        asked: impl Future<Output = ()>,
        each: &mut impl FnMut(Data),
    ) -> Result<(), SyncError> {
        let over = tokio::time::sleep(longest);
        tokio::pin!(over, asked);
        loop {
            tokio::select! {
                response = self.wire.response_whenever() => {
                    let response = response.map_err(|error| self.ended(error))?;
                    self.note(&response);
                    match response {
                        Response::Data(data) => each(data),
                        // Some servers keep the line alive with another "+".
                        Response::Continue(_) => {}
                        Response::Tagged(..) => return Err(self.against_the_rules("it ended IDLE by itself")),
                    }
                }
                () = &mut over => return Ok(()),
                () = &mut asked => return Ok(()),
            }
        }
    }
}

/// What a server says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Something happened in the mailbox that is open.
    Here,
    /// Something happened in the mailbox of this path (NOTIFY).
    There(String),
}

fn told(data: Data, utf8: bool) -> Option<Told> {
    match data {
        Data::Exists(_) | Data::Expunge(_) | Data::Vanished { .. } | Data::Fetch(_) => Some(Told::Here),
        Data::MailboxStatus(name, _) => {
            let wire = String::from_utf8_lossy(&name).into_owned();
            let decoded = if utf8 { None } else { utf7::decode(&wire) };
            Some(Told::There(decoded.unwrap_or(wire)))
        }
        _ => None,
    }
}
