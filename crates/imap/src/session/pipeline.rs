//! Commands sent ahead (RFC 9051 §5.5): the server works on the next one while the answers to the last are on their way.
//!
//! Only commands that concern letters by their UIDs are sent so: whatever the server tells between them, a UID means the
//! same letter. Answers may come in any order and are told by their tags. While any is on its way, no other command
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
        self.tag = self.tag.wrapping_add(1);
        let mut line = format!("{} ", self.current_tag()).into_bytes();
        for part in command.parts() {
            match part {
                Part::Octets(octets) => line.extend_from_slice(octets),
                Part::Literal(_) => return Err(SyncError::Internal("a literal cannot be sent ahead".to_owned())),
            }
        }
        line.extend_from_slice(b"\r\n");
        self.wire.set_limits(limits);
        self.ahead.push(self.tag);
        self.write(&line).await?;
        Ok(self.tag)
    }

    /// What comes next. May be dropped at any point and called again.
    pub async fn hear(&mut self) -> Result<Heard, SyncError> {
        loop {
            match self.next().await? {
                Response::Data(data) => return Ok(Heard::Data(data)),
                Response::Tagged(tag, answer) => {
                    let place = self.ahead.iter().position(|number| format!("P{number}") == tag);
                    let Some(place) = place else {
                        let reason = format!("it answered a command “{tag}” that was not sent");
                        return Err(self.against_the_rules(&reason));
                    };
                    let number = self.ahead.remove(place);
                    return Ok(Heard::Done(number, Refusal::of(&self.host, "UID FETCH".to_owned(), &answer)));
                }
                Response::Continue(_) => {}
            }
        }
    }
}
