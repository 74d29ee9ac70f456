//! IDLE (RFC 2177): the server tells of new mail by itself.

use super::Session;
use crate::error::{Refusal, SyncError};
use crate::wire::command::Command;
use crate::wire::response::{Data, Response};
use std::time::Duration;

impl Session {
    /// Waits in IDLE until `asked` is done or `longest` is over, and calls `changed` for each sign of a change in the
    /// selected mailbox.
    pub async fn idle(
        &mut self,
        longest: Duration,
        asked: impl Future<Output = ()>,
        mut changed: impl FnMut(),
    ) -> Result<(), SyncError> {
        self.nothing_is_owed()?;
        self.owed = true;
        let command = Command::new("IDLE");
        let mut each = |data: Data| {
            if is_change(&data) {
                changed();
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

fn is_change(data: &Data) -> bool {
    matches!(data, Data::Exists(_) | Data::Expunge(_) | Data::Vanished { .. } | Data::Fetch(_))
}
