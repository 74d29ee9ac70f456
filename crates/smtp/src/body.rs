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

impl Sent {
    fn halfway(ended: Ended) -> Self {
        Self { ended, end_left: false }
    }
}

/// The chunk that holds all of a small letter.
pub(crate) fn announce(octets: usize, is_last: bool) -> String {
    format!("BDAT {octets}{}", if is_last { " LAST" } else { "" })
}

impl<S: Transport> Session<S> {
    pub(crate) async fn send_after_data<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> Sent {
        self.note_content(letter.size);
        let (mut ends, mut dots) = (LineEnds::default(), DotStuffing::default());
        let mut block = Cow::Borrowed(letter.first.as_ref());
        let mut at = 0;
        loop {
            at += block.len() as u64;
            let is_last = at >= letter.size;
            if let Err(bare) = check(&mut ends, &block, is_last) {
                return Sent::halfway(self.unreadable(Fault::Local(bare.to_string())));
            }
            if self.line.overhears() {
                return Sent::halfway(self.interrupted().await);
            }
            dots.block(&block, self.line.content());
            if is_last {
                dots.end(self.line.content());
            }
            let (written, next) = self.write_and_read_on(letter, at).await;
            // From here on the server may have the whole, even if writing failed halfway through the last block.
            if let Err(ended) = written {
                return Sent { ended, end_left: is_last };
            }
            if !self.line.was_heard() {
                return Sent { ended: self.interrupted().await, end_left: is_last };
            }
            block = match next {
                None => break,
                Some(Ok(next)) => next,
                Some(Err(fault)) => return Sent::halfway(self.unreadable(fault)),
            };
        }
        Sent { ended: self.answer_to_end().await, end_left: true }
    }

    pub(crate) async fn send_chunks<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> Sent {
        self.note_content(letter.size);
        let mut ends = LineEnds::default();
        let mut block = Cow::Borrowed(letter.first.as_ref());
        let (mut at, mut unanswered) = (0, 0);
        let ahead = usize::from(self.capabilities.pipelining);
        loop {
            at += block.len() as u64;
            let is_last = at >= letter.size;
            if let Err(bare) = check(&mut ends, &block, is_last) {
                return Sent::halfway(self.unreadable(Fault::Local(bare.to_string())));
            }
            if unanswered == 0 && self.line.overhears() {
                return Sent::halfway(self.interrupted().await);
            }
            self.add_chunk(&block, is_last);
            let (written, next) = self.write_and_read_on(letter, at).await;
            if let Err(ended) = written {
                return Sent { ended, end_left: is_last };
            }
            unanswered += 1;
            while unanswered > if is_last { 1 } else { ahead } {
                let ended = self.answer_to_chunk().await;
                if !ended.is_positive() {
                    return self.without_further_chunk(ended, is_last);
                }
                unanswered -= 1;
            }
            block = match next {
                None => break,
                Some(Ok(next)) => next,
                Some(Err(fault)) => return Sent::halfway(self.unreadable(fault)),
            };
        }
        let ended = self.answer_to_end().await;
        self.refused_as_unknown(ended, true)
    }

    /// Adds a chunk to what is sent next.
    pub(crate) fn add_chunk(&mut self, block: &[u8], is_last: bool) {
        let end = if is_last { missing_line_end(block) } else { b"" };
        self.line.say(&announce(block.len() + end.len(), is_last));
        self.line.content().extend_from_slice(block);
        self.line.content().extend_from_slice(end);
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

    /// A chunk was refused, perhaps before the last one was answered, which then is refused as well.
    fn without_further_chunk(&mut self, ended: Ended, last_left: bool) -> Sent {
        let end_left = last_left && ended.is_fault();
        self.line.hang_up();
        self.refused_as_unknown(ended, end_left)
    }

    /// A server that does not know the command has read what followed it as commands, and goes on to do so.
    pub(crate) fn refused_as_unknown(&mut self, ended: Ended, end_left: bool) -> Sent {
        if !ended.has_code(500) && !ended.has_code(502) {
            return Sent { ended, end_left };
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
    fn unreadable(&mut self, fault: Fault) -> Ended {
        self.line.failed(Phase::Body, fault)
    }
}

fn check(ends: &mut LineEnds, block: &[u8], is_last: bool) -> Result<(), BareLineEnd> {
    ends.check(block)?;
    if is_last { ends.finish() } else { Ok(()) }
}
