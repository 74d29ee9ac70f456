//! The content on its way, block by block (RFC 5321 §4.1.1.4, RFC 3030).
//!
//! | while it is under way | then |
//! |---|---|
//! | the server says something | the line is closed: what is sent next would be read as content. A yes is none |
//! | the server stops reading | its time for a block runs out |
//! | the content cannot be read | the line is closed before a final dot or a last chunk |
//! | a chunk is refused | no further one is sent |
//! | a chunk is not known | firewalls let the keyword through and not the command: the line is closed |
//!
//! The next block is read while one is written. Chunks are whole before they are announced, so that what was announced
//! is what comes; where commands are pipelined one chunk goes ahead of its answer (RFC 3030 §4.2).

use crate::content::{Content, Letter};
use crate::plan::Ended;
use crate::session::Session;
use crate::transaction::answer;
use crate::transport::Transport;
use crate::wire::{BareLineEnd, DotStuffing, LineEnds, missing_line_end};
use model::{Fault, Outcome, Phase};
use std::borrow::Cow;

/// What came of the content.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The answer to its end, or what kept it from that.
    pub(crate) ended: Ended,
    /// Whether its end left: if no answer came, the server may have it all the same.
    pub(crate) end_left: bool,
}

/// How the content is told apart from what follows it.
#[derive(Debug)]
pub(crate) enum Framing {
    /// By a line with a dot.
    Dots(DotStuffing),
    /// By its size, said before each chunk.
    Chunks {
        /// Chunks that may be sent before the first of them is answered.
        ahead: usize,
        /// Chunks that were sent and are not answered.
        unanswered: usize,
    },
}

impl Sent {
    fn halfway(ended: Ended) -> Self {
        Self { ended, end_left: false }
    }
}

impl<S: Transport> Session<S> {
    pub(crate) async fn send_after_data<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> Sent {
        self.note_content(letter.size);
        match self.send_blocks(letter, Framing::Dots(DotStuffing::default())).await {
            Ok(()) => Sent { ended: self.answer_to_end().await, end_left: true },
            Err(sent) => sent,
        }
    }

    pub(crate) async fn send_chunks<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> Sent {
        self.note_content(letter.size);
        let ahead = usize::from(self.capabilities.pipelining);
        let sent = match self.send_blocks(letter, Framing::Chunks { ahead, unanswered: 0 }).await {
            Ok(()) => Sent { ended: self.answer_to_end().await, end_left: true },
            Err(sent) => sent,
        };
        self.refused_as_unknown(sent)
    }

    /// All of the content, up to where only the answer to its end is due. An `Err` is what kept it from that.
    async fn send_blocks<C: Content + ?Sized>(
        &mut self,
        letter: &Letter<'_, C>,
        mut framing: Framing,
    ) -> Result<(), Sent> {
        let mut ends = LineEnds::default();
        let mut at = 0;
        let mut next = Some(Ok(Cow::Borrowed(letter.first.as_ref())));
        while let Some(read) = next {
            let block = read.map_err(|fault| self.unreadable(fault))?;
            at += block.len() as u64;
            let is_last = at >= letter.size;
            check(&mut ends, &block, is_last).map_err(|bare| self.unreadable(Fault::Local(bare.to_string())))?;
            if framing.expects_quiet() && self.line.overhears() {
                return Err(Sent::halfway(self.interrupted().await));
            }
            self.add_block(&mut framing, &block, is_last);
            let (written, following) = self.write_and_read_on(letter, at).await;
            // From here on the server may have the whole, even if writing failed halfway through the last block.
            written.map_err(|ended| Sent { ended, end_left: is_last })?;
            self.listen_between_blocks(&mut framing, is_last).await?;
            next = following;
        }
        Ok(())
    }

    fn add_block(&mut self, framing: &mut Framing, block: &[u8], is_last: bool) {
        match framing {
            Framing::Dots(dots) => {
                dots.block(block, self.line.content());
                if is_last {
                    dots.end(self.line.content());
                }
            }
            Framing::Chunks { unanswered, .. } => {
                self.add_chunk(block, is_last);
                *unanswered += 1;
            }
        }
    }

    /// Adds a chunk to what is sent next.
    pub(crate) fn add_chunk(&mut self, block: &[u8], is_last: bool) {
        let (end, last) = if is_last { (missing_line_end(block), " LAST") } else { (&b""[..], "") };
        self.line.say(&format!("BDAT {}{last}", block.len() + end.len()));
        self.line.content().extend_from_slice(block);
        self.line.content().extend_from_slice(end);
    }

    /// What is to be heard before the next block: nothing after a line, and the answers that are due after a chunk.
    async fn listen_between_blocks(&mut self, framing: &mut Framing, is_last: bool) -> Result<(), Sent> {
        match framing {
            Framing::Dots(_) if self.line.was_heard() => Ok(()),
            Framing::Dots(_) => Err(Sent { ended: self.interrupted().await, end_left: is_last }),
            Framing::Chunks { ahead, unanswered } => {
                let due = if is_last { 1 } else { *ahead };
                while *unanswered > due {
                    let ended = self.answer_to_chunk().await;
                    if !ended.is_positive() {
                        return Err(self.without_further_chunk(ended, is_last));
                    }
                    *unanswered -= 1;
                }
                Ok(())
            }
        }
    }

    pub(crate) fn note_content(&mut self, size: u64) {
        self.line.transcript.note(&format!("… {size} octets of message …"));
    }

    /// Writes what was added, and meanwhile reads the block that follows, if one does.
    async fn write_and_read_on<'c, C: Content + ?Sized>(
        &mut self,
        letter: &'c Letter<'_, C>,
        at: u64,
    ) -> (Result<(), Ended>, Option<Result<Cow<'c, [u8]>, Fault>>) {
        let read_on = async { if at < letter.size { Some(letter.block(at).await) } else { None } };
        tokio::join!(self.line.write(Phase::Body, self.timeouts.block), read_on)
    }

    /// The answer to the end of the content.
    pub(crate) async fn answer_to_end(&mut self) -> Ended {
        let ended = self.answer_to_chunk().await;
        self.unfinished = !ended.is_positive();
        ended
    }

    async fn answer_to_chunk(&mut self) -> Ended {
        answer(Phase::Body, self.line.reply(Phase::Body, self.timeouts.final_dot).await)
    }

    /// A chunk was refused, perhaps when the last one had left, which then is refused as well.
    fn without_further_chunk(&mut self, ended: Ended, last_left: bool) -> Sent {
        self.line.hang_up();
        Sent { end_left: last_left && ended.is_fault(), ended }
    }

    /// A server that does not know the command has read what followed it as commands, and goes on to do so.
    pub(crate) fn refused_as_unknown(&mut self, sent: Sent) -> Sent {
        if !sent.ended.has_code(500) && !sent.ended.has_code(502) {
            return sent;
        }
        self.line.hang_up();
        self.chunk_refused = true;
        Sent::halfway(Ended::protocol(Phase::Body, "it offers CHUNKING and does not know BDAT"))
    }

    /// The server spoke, or went, before the content was through. Whatever it says, it cannot be that it took the
    /// message.
    async fn interrupted(&mut self) -> Ended {
        let ended = answer(Phase::Body, self.line.reply(Phase::Body, self.timeouts.block).await);
        self.line.hang_up();
        match &ended.outcome {
            Outcome::Replied(reply) if reply.is_positive() => {
                Ended::protocol(Phase::Body, format!("{} before the end of the content", reply.code))
            }
            _ => ended,
        }
    }

    /// There is no more content to be had, and no way to take back what has left.
    fn unreadable(&mut self, fault: Fault) -> Sent {
        Sent::halfway(self.line.failed(Phase::Body, fault))
    }
}

impl Framing {
    /// Whether nothing may be heard now.
    fn expects_quiet(&self) -> bool {
        !matches!(self, Self::Chunks { unanswered: 1.., .. })
    }
}

fn check(ends: &mut LineEnds, block: &[u8], is_last: bool) -> Result<(), BareLineEnd> {
    ends.check(block)?;
    if is_last { ends.finish() } else { Ok(()) }
}
