//! The lines of an SMTP conversation as a strict server reads them (RFC 5321 §2.3.8, §4.5.2, §4.5.3.1).
//!
//! A line ends with CRLF and nothing else; a CR or LF on its own is a fault, not a line end, because servers that
//! disagree about it can be made to see two messages where there is one. Lengths are bounded.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::reply::Reply;
use crate::stream::Stream;

/// A command with its parameters; AUTH lines are the longest (RFC 4954 §4).
const MAX_COMMAND: usize = 12 * 1024;
/// A line of a message without its CRLF.
const MAX_TEXT_LINE: usize = 998;

/// What came where a command was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Text(String),
    /// Longer than any command.
    TooLong,
    /// A CR or LF on its own, or octets that are not ASCII.
    Malformed,
    /// The client is gone.
    End,
}

/// A message after DATA, dots unstuffed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    pub(crate) bare_line_end: bool,
    pub(crate) long_line: bool,
    pub(crate) too_large: bool,
    pub(crate) eight_bit: bool,
    pub(crate) null_octet: bool,
}

impl Text {
    /// Takes one line as it came, line end included; a piece of an endless line has none.
    fn push(&mut self, line: &[u8], limit: usize) {
        let (line, end): (_, &[u8]) = if let Some(text) = line.strip_suffix(b"\r\n") {
            (text, b"\r\n")
        } else if let Some(text) = line.strip_suffix(b"\n") {
            (text, b"\n")
        } else {
            (line, b"")
        };
        let line = line.strip_prefix(b".").unwrap_or(line);
        self.bare_line_end |= end == b"\n" || line.contains(&b'\r');
        self.long_line |= end.is_empty() || line.len() > MAX_TEXT_LINE;
        self.eight_bit |= !line.is_ascii();
        self.null_octet |= line.contains(&0);
        self.too_large |= self.bytes.len() + line.len() + end.len() > limit;
        if !self.too_large {
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(end);
        }
    }
}

/// One end of an SMTP connection.
pub(crate) struct Wire {
    stream: Stream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub(crate) async fn send(&mut self, reply: &Reply) -> std::io::Result<()> {
        self.stream.write_all(reply.to_string().as_bytes()).await?;
        self.stream.flush().await
    }

    /// Reads one command line.
    pub(crate) async fn line(&mut self) -> std::io::Result<Line> {
        let Some(raw) = self.raw_line(MAX_COMMAND).await? else { return Ok(Line::End) };
        if raw.len() > MAX_COMMAND {
            return Ok(Line::TooLong);
        }
        let text = raw.strip_suffix(b"\r\n").filter(|text| text.is_ascii() && !text.contains(&b'\r'));
        Ok(text.map_or(Line::Malformed, |text| Line::Text(String::from_utf8_lossy(text).into_owned())))
    }

    /// Reads a message up to the final dot; of one that is larger than `limit` the rest is read and let go. `None`
    /// when the client left before the dot.
    pub(crate) async fn text(&mut self, limit: usize) -> std::io::Result<Option<Text>> {
        let mut text = Text::default();
        let mut last_was_whole = true;
        while let Some(line) = self.raw_line(MAX_TEXT_LINE * 64).await? {
            if line == b".\r\n" && last_was_whole {
                return Ok(Some(text));
            }
            last_was_whole = line.ends_with(b"\r\n");
            text.push(&line, limit);
        }
        Ok(None)
    }

    /// Whether the client has sent more than it was asked for. What comes in clear text behind STARTTLS must never be
    /// taken for something said under TLS (RFC 3207 §4.2, §6).
    pub(crate) fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Goes over to TLS.
    pub(crate) async fn secure(self, acceptor: &TlsAcceptor) -> std::io::Result<Self> {
        Ok(Self::new(Box::new(acceptor.accept(self.stream).await?)))
    }

    /// Says goodbye to TLS and TCP, so that the last reply is read before the end.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The bytes up to and with the next LF; longer lines come in pieces of more than `most`, so that memory stays
    /// bounded. `None` at the end.
    async fn raw_line(&mut self, most: usize) -> std::io::Result<Option<Vec<u8>>> {
        let mut searched = 0;
        loop {
            let fresh = self.buffer.get(searched..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.buffer.drain(..=searched + at).collect()));
            }
            searched = self.buffer.len();
            if searched > most {
                return Ok(Some(std::mem::take(&mut self.buffer)));
            }
            let mut chunk = [0; 8192];
            let count = self.stream.read(&mut chunk).await?;
            if count == 0 {
                return Ok(None);
            }
            self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn message(input: &[u8]) -> Option<Text> {
        let (near, mut far) = tokio::io::duplex(64);
        let input = input.to_vec();
        let sending = tokio::spawn(async move { far.write_all(&input).await });
        let text = Wire::new(Box::new(near)).text(100).await.unwrap();
        sending.await.unwrap().unwrap();
        text
    }

    #[tokio::test]
    async fn dots_are_unstuffed_and_every_other_octet_kept() {
        let text = message(b"..a\r\n.b\r\n\r\nc. \r\n.\r\n").await.unwrap();
        assert_eq!(text, Text { bytes: b".a\r\nb\r\n\r\nc. \r\n".to_vec(), ..Text::default() });
    }

    #[tokio::test]
    async fn a_dot_between_bare_line_ends_does_not_end_the_message() {
        let text = message(b"a\n.\nb\r\n.\n\r\n\n.\r\nc\r\n.\r\n").await.unwrap();
        assert!(text.bare_line_end);
        assert!(text.bytes.ends_with(b"c\r\n"));
    }

    #[tokio::test]
    async fn faults_are_seen() {
        let long = [vec![b'x'; 999], b"\r\n.\r\n".to_vec()].concat();
        assert!(message(&long).await.unwrap().long_line);
        assert!(message(b"\xc3\xa4\r\n.\r\n").await.unwrap().eight_bit);
        assert!(message(b"\0\r\n.\r\n").await.unwrap().null_octet);
        let large = [b"0123456789\r\n".repeat(20), b".\r\n".to_vec()].concat();
        assert!(message(&large).await.unwrap().too_large);
        assert_eq!(message(b"cut off\r\n").await, None);
    }

    #[tokio::test]
    async fn a_command_line_ends_with_crlf_and_nothing_else() {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(b"NOOP\r\nNOOP\nNO\rOP\r\nN\xff\r\n").await.unwrap();
        far.write_all(&[vec![b'x'; MAX_COMMAND + 10], b"\r\n".to_vec()].concat()).await.unwrap();
        drop(far);
        let mut wire = Wire::new(Box::new(near));
        assert_eq!(wire.line().await.unwrap(), Line::Text("NOOP".into()));
        for _ in 0..3 {
            assert_eq!(wire.line().await.unwrap(), Line::Malformed);
        }
        assert_eq!(wire.line().await.unwrap(), Line::TooLong);
    }
}
