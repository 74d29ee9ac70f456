//! A stream that may be compressed from some moment on (COMPRESS=DEFLATE, RFC 4978): raw DEFLATE in both directions.
//!
//! What the other side sends is inflated into the reader's buffer and no further, so that a few octets that stand for
//! gigabytes cost no memory. Octets that are no DEFLATE end the connection.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Compressed octets that are kept in either direction.
const BUFFER: usize = 32 * 1024;

/// A stream, in clear or compressed.
#[derive(Debug)]
pub struct Channel<S> {
    stream: S,
    codec: Option<Box<Codec>>,
}

#[derive(Debug)]
struct Codec {
    inflate: Decompress,
    deflate: Compress,
    /// Compressed octets that came, and how many of them are inflated.
    came: Vec<u8>,
    read: usize,
    /// Compressed octets that are to go, and how many of them went.
    goes: Vec<u8>,
    sent: usize,
    /// Whether something was written since the last flush.
    unflushed: bool,
}

impl<S> Channel<S> {
    /// The stream as it is.
    pub fn clear(stream: S) -> Self {
        Self { stream, codec: None }
    }

    /// From now on everything is compressed; `came` are octets that were read already.
    pub fn compress(&mut self, came: Vec<u8>) {
        self.codec = Some(Box::new(Codec {
            inflate: Decompress::new(false),
            deflate: Compress::new(Compression::fast(), false),
            came,
            read: 0,
            goes: Vec::new(),
            sent: 0,
            unflushed: false,
        }));
    }

    /// The stream; `None` where it is compressed, which has no way back.
    pub fn into_clear(self) -> Option<S> {
        self.codec.is_none().then_some(self.stream)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Channel<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, codec } = self.get_mut();
        let Some(codec) = codec else { return Pin::new(stream).poll_read(cx, buf) };
        loop {
            // Something may be left inside the inflater although everything that came was handed in.
            if codec.inflate_into(buf)? {
                return Poll::Ready(Ok(()));
            }
            codec.came.resize(BUFFER, 0);
            codec.read = 0;
            let mut room = ReadBuf::new(&mut codec.came);
            let outcome = Pin::new(&mut *stream).poll_read(cx, &mut room);
            let count = room.filled().len();
            // Also where nothing came: what is left in the buffer must not be taken for something that did.
            codec.came.truncate(count);
            ready!(outcome)?;
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Codec {
    /// Whether there is something for the reader, the end included.
    fn inflate_into(&mut self, buf: &mut ReadBuf<'_>) -> io::Result<bool> {
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let input = self.came.get(self.read..).unwrap_or_default();
        let status = self.inflate.decompress(input, buf.initialize_unfilled(), FlushDecompress::None);
        let status = status.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.read += usize::try_from(self.inflate.total_in() - before_in).unwrap_or(usize::MAX);
        let produced = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(0);
        buf.advance(produced);
        Ok(produced > 0 || status == Status::StreamEnd)
    }

    fn poll_send<S: AsyncWrite + Unpin>(&mut self, stream: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.goes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut *stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        self.goes.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    fn push(&mut self, octets: &[u8], flush: FlushCompress) -> io::Result<usize> {
        self.goes.reserve(BUFFER);
        let before = self.deflate.total_in();
        let status = self.deflate.compress_vec(octets, &mut self.goes, flush);
        status.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(usize::try_from(self.deflate.total_in() - before).unwrap_or(usize::MAX))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Channel<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, codec } = self.get_mut();
        let Some(codec) = codec else { return Pin::new(stream).poll_write(cx, octets) };
        if codec.goes.len() >= BUFFER {
            ready!(codec.poll_send(stream, cx))?;
        }
        codec.unflushed = true;
        Poll::Ready(codec.push(octets, FlushCompress::None))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, codec } = self.get_mut();
        if let Some(codec) = codec {
            // A flush that fills the room is not at its end (zlib's manual on Z_SYNC_FLUSH).
            while codec.unflushed {
                codec.push(&[], FlushCompress::Sync)?;
                codec.unflushed = codec.goes.len() == codec.goes.capacity();
            }
            ready!(codec.poll_send(stream, cx))?;
        }
        Pin::new(stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn what_is_written_on_one_side_is_read_on_the_other() {
        let (ours, theirs) = duplex(1000);
        let (mut ours, mut theirs) = (Channel::clear(ours), Channel::clear(theirs));
        ours.compress(Vec::new());
        theirs.compress(Vec::new());
        let text: Vec<u8> =
            (0..300_000u32).flat_map(|n| format!("{} ", n.wrapping_mul(n) % 977).into_bytes()).collect();
        let sent = text.clone();
        let write = tokio::spawn(async move {
            for piece in sent.chunks(7000) {
                ours.write_all(piece).await.unwrap();
                ours.flush().await.unwrap();
            }
            ours
        });
        let mut read = vec![0; text.len()];
        theirs.read_exact(&mut read).await.unwrap();
        assert!(read == text);
        drop(write.await.unwrap());
        assert_eq!(theirs.read(&mut read).await.unwrap(), 0, "the end is an end");
    }

    #[tokio::test]
    async fn garbage_is_an_error_and_not_an_answer() {
        let (ours, mut theirs) = duplex(1000);
        let mut ours = Channel::clear(ours);
        ours.compress(Vec::new());
        theirs.write_all(b"\xff\xff\xff* OK this is no DEFLATE\r\n").await.unwrap();
        let error = ours.read(&mut [0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn octets_that_came_with_the_servers_consent_are_not_lost() {
        let mut deflate = Compress::new(Compression::fast(), false);
        let mut early = Vec::with_capacity(1000);
        deflate.compress_vec(b"* OK early\r\n", &mut early, FlushCompress::Sync).unwrap();
        let (ours, _theirs) = duplex(1000);
        let mut ours = Channel::clear(ours);
        ours.compress(early);
        let mut read = [0; 12];
        ours.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"* OK early\r\n");
    }
}
