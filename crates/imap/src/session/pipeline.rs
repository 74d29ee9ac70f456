//! Commands sent ahead (RFC 9051 §5.5): the server works on the next one while the answers to the last are on their way.
//!
//! Only commands that concern letters by their UIDs are sent so: whatever the server tells between them, a UID means the
//! same letter. One may go with the SELECT of its mailbox. Answers may come in any order and are told by their tags. While any is on its way, no other command
//! begins.

use super::Session;
use crate::error::{Refusal, SyncError};
use crate::wire::command::{Command, Part};
use crate::wire::response::{Data, Response};
use crate::wire::scan::Limits;

/// What comes while commands are under way.
#[derive(Debug)]
pub enum Heard {
    /// Data, asked for or not.
    Data(Data),
    /// The end of the command that was sent with this number.
    Done(u32, Option<Refusal>),
}

impl Session {
    /// Sends a command without literals and does not wait for its answer; its number. Each single response may be as
    /// large as these limits.
    pub async fn send_ahead(&mut self, command: &Command, limits: Limits) -> Result<u32, SyncError> {
        if self.owed {
            return Err(self.lost("an earlier command was not waited for"));
        }
        let line = self.line_ahead(command)?;
        self.wire.set_limits(limits);
        self.write(&line).await?;
        Ok(self.tag)
    }

    /// Sends two commands without literals in one go, of which the second stands on what the first does; their numbers.
    pub(super) async fn send_both_ahead(
        &mut self,
        (first, second): (&Command, &Command),
        limits: Limits,
    ) -> Result<(u32, u32), SyncError> {
        self.nothing_is_owed()?;
        let mut lines = self.line_ahead(first)?;
        let number = self.tag;
        lines.extend(self.line_ahead(second)?);
        self.wire.set_limits(limits);
        self.write(&lines).await?;
        Ok((number, self.tag))
    }

    /// Whether an answer to a command that was sent ahead is still to come.
    pub(super) fn is_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    fn line_ahead(&mut self, command: &Command) -> Result<Vec<u8>, SyncError> {
        tracing::trace!(host = %self.host, ?command, "command");
        self.tag = self.tag.wrapping_add(1);
        let mut line = format!("{} ", self.current_tag()).into_bytes();
        for part in command.parts() {
            match part {
                Part::Octets(octets) => line.extend_from_slice(octets),
                Part::Literal(_) => return Err(SyncError::Internal("a literal cannot be sent ahead".to_owned())),
            }
        }
        line.extend_from_slice(b"\r\n");
        self.ahead.push((self.tag, command.name()));
        Ok(line)
    }

    /// What comes next. May be dropped at any point and called again.
    pub async fn hear(&mut self) -> Result<Heard, SyncError> {
        loop {
            match self.next().await? {
                Response::Data(data) => return Ok(Heard::Data(data)),
                Response::Tagged(tag, answer) => {
                    let place = self.ahead.iter().position(|(number, _)| format!("P{number}") == tag);
                    let Some(place) = place else {
                        let reason = format!("it answered a command “{tag}” that was not sent");
                        return Err(self.against_the_rules(&reason));
                    };
                    let (number, name) = self.ahead.remove(place);
                    return Ok(Heard::Done(number, Refusal::of(&self.host, name, &answer)));
                }
                Response::Continue(_) => {}
            }
        }
    }
}
