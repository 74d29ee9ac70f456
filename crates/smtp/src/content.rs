//! The content of a message, read in blocks when the wire is ready for them: memory does not grow with its size.

use crate::envelope::Script;
use crate::plan::{Ended, Mail};
use crate::wire::{LineEnds, has_utf8_header};
use model::{Fault, Phase};
use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

/// Octets of a block of what is in memory.
const BLOCK: usize = 256 * 1024;
/// Octets of a header that are looked at.
const LONGEST_HEADER: usize = 1024 * 1024;

/// Where the octets of a message come from. Its line ends are CRLF.
///
/// It is read from the beginning to the end, and from the beginning again where a server wants several transactions.
/// While one block is on its way the next one is read, so that about two of them are in memory.
pub trait Content: Sync {
    /// Octets in all.
    fn size(&self) -> u64;

    /// The octets from `at` on: as many as are handed out at a time (64 KB to 1 MB serve well), and at least one while
    /// `at` is below the size. An error ends the connection before the end of the content can have left.
    fn block(&self, at: u64) -> impl Future<Output = Result<Cow<'_, [u8]>, Fault>> + Send;
}

impl Content for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        Ok(Cow::Borrowed(rest.get(..BLOCK).unwrap_or(rest)))
    }
}

impl Content for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn block(&self, at: u64) -> impl Future<Output = Result<Cow<'_, [u8]>, Fault>> + Send {
        self.as_slice().block(at)
    }
}

impl<C: Content + Send + ?Sized> Content for Arc<C> {
    fn size(&self) -> u64 {
        self.as_ref().size()
    }

    fn block(&self, at: u64) -> impl Future<Output = Result<Cow<'_, [u8]>, Fault>> + Send {
        self.as_ref().block(at)
    }
}

/// A message that is ready to go: its envelope, its content, and what had to be found out about it first.
pub(crate) struct Letter<'a, C: ?Sized> {
    pub(crate) mail: &'a Mail<'a>,
    content: &'a C,
    pub(crate) size: u64,
    pub(crate) first: Cow<'a, [u8]>,
    pub(crate) header: Script,
    pub(crate) eight_bit: bool,
}

impl<'a, C: Content + ?Sized> Letter<'a, C> {
    /// Reads the beginning of the content, up to the end of its header.
    pub(crate) async fn open(mail: &'a Mail<'a>, content: &'a C) -> Result<Self, Ended> {
        let prepare = |fault| Ended::new(Phase::Prepare, fault);
        let size = content.size();
        let first = if size == 0 { Cow::Borrowed(&[][..]) } else { content.block(0).await.map_err(prepare)? };
        let eight_bit = mail.eight_bit || !first.is_ascii();
        let letter = Self { mail, content, size, first, header: Script::Ascii, eight_bit };
        letter.check_first().map_err(prepare)?;
        let header = letter.script_of_header().await.map_err(prepare)?;
        Ok(Self { header, ..letter })
    }

    /// Whether all of it is in memory: a small letter, which goes in one write.
    pub(crate) fn is_whole(&self) -> bool {
        self.first.len() as u64 == self.size
    }

    /// The block at `at`, which is below the size.
    pub(crate) async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        if at == 0 {
            return Ok(Cow::Borrowed(&self.first));
        }
        checked(self.content.block(at).await?, at, self.size)
    }

    /// All of it in memory, for what cannot be done in blocks.
    pub(crate) async fn gather(&self) -> Result<Vec<u8>, Fault> {
        let mut whole = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        while (whole.len() as u64) < self.size {
            let block = self.block(whole.len() as u64).await?;
            whole.extend_from_slice(&block);
        }
        Ok(whole)
    }

    fn check_first(&self) -> Result<(), Fault> {
        if self.size > 0 {
            checked(Cow::Borrowed(&self.first), 0, self.size)?;
        }
        let mut ends = LineEnds::default();
        let checked = ends.check(&self.first).and_then(|()| if self.is_whole() { ends.finish() } else { Ok(()) });
        checked.map_err(|bare| Fault::Local(bare.to_string()))
    }

    /// What the header is written in. Reads on where the first block does not hold all of it.
    async fn script_of_header(&self) -> Result<Script, Fault> {
        let mut header = Cow::Borrowed(self.first.as_ref());
        while !ends_header(&header) && header.len() < LONGEST_HEADER && (header.len() as u64) < self.size {
            let next = self.block(header.len() as u64).await?;
            header.to_mut().extend_from_slice(&next);
        }
        Ok(if has_utf8_header(&header) { Script::Utf8 } else { Script::Ascii })
    }
}

fn ends_header(octets: &[u8]) -> bool {
    octets.starts_with(b"\r\n") || memchr::memmem::find(octets, b"\r\n\r\n").is_some()
}

/// A block that keeps its promise: neither empty nor longer than what is left.
fn checked(block: Cow<'_, [u8]>, at: u64, size: u64) -> Result<Cow<'_, [u8]>, Fault> {
    let end = at + block.len() as u64;
    if block.is_empty() || end > size {
        let what = format!("the message should have {size} octets and was read as {end}");
        return Err(Fault::Local(what));
    }
    Ok(block)
}
