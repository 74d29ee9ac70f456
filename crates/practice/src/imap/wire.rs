//! IMAP commands as they come over the wire: lines and literals (RFC 3501 §4.3, LITERAL+ of RFC 7888).

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;
use imap_types::IntoStatic as _;
use imap_types::command::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::stream::Stream;

/// A command without its literals.
const MAX_LINE: usize = 64 * 1024;
/// A command with its literals: the largest letter that APPEND takes, and a little.
const MAX_COMMAND: usize = 40 * 1024 * 1024;

/// What came where a command was expected.
#[derive(Debug)]
pub(crate) enum Input {
    Command(Box<Command<'static>>),
    /// Not a command; with its tag, or `*` where there is none.
    Unreadable {
        tag: String,
    },
    /// The client is gone, or sent more than is ever right.
    End,
}

/// One end of an IMAP connection.
pub(crate) struct Wire {
    stream: Stream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Reads one command; asks for its literals where the client waits to be asked.
    pub(crate) async fn command(&mut self) -> std::io::Result<Input> {
        let mut whole = Vec::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(Input::End) };
            whole.extend_from_slice(&line);
            let Some(literal) = announced_literal(&line) else { break };
            if whole.len() + literal.length > MAX_COMMAND {
                return Ok(Input::End);
            }
            if literal.waits {
                self.send(b"+ Go ahead\r\n").await?;
            }
            if !self.exactly(literal.length, &mut whole).await? {
                return Ok(Input::End);
            }
        }
        Ok(read_command(&whole))
    }

    /// Reads one line, with its CRLF. Cancel safe: what was read stays in the buffer.
    pub(crate) async fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                return Ok(Some(self.buffer.drain(..at + 2).collect()));
            }
            if self.buffer.len() > MAX_LINE || !self.more().await? {
                return Ok(None);
            }
        }
    }

    /// Whether more came than was asked for: see the SMTP wire on STARTTLS.
    pub(crate) fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    pub(crate) async fn secure(self, acceptor: &TlsAcceptor) -> std::io::Result<Self> {
        Ok(Self::new(Box::new(acceptor.accept(self.stream).await?)))
    }

    pub(crate) async fn close(mut self) {
        let _ = self.stream.shutdown().await;
    }

    async fn exactly(&mut self, length: usize, into: &mut Vec<u8>) -> std::io::Result<bool> {
        while self.buffer.len() < length {
            if !self.more().await? {
                return Ok(false);
            }
        }
        into.extend(self.buffer.drain(..length));
        Ok(true)
    }

    async fn more(&mut self) -> std::io::Result<bool> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk).await?;
        self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(count > 0)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Literal {
    length: usize,
    /// The client sends it only when it is asked to.
    waits: bool,
}

/// The literal that a line announces at its end: `{12}`, `{12+}`.
fn announced_literal(line: &[u8]) -> Option<Literal> {
    let text = line.strip_suffix(b"}\r\n")?;
    let start = text.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(text.get(start + 1..)?).ok()?;
    let (digits, waits) = digits.strip_suffix('+').map_or((digits, true), |digits| (digits, false));
    digits.parse().ok().map(|length| Literal { length, waits })
}

fn read_command(bytes: &[u8]) -> Input {
    match CommandCodec::default().decode(bytes) {
        Ok(([], command)) => Input::Command(Box::new(command.into_static())),
        _ => Input::Unreadable { tag: tag_of(bytes) },
    }
}

fn tag_of(bytes: &[u8]) -> String {
    let tag = bytes.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    let sound = !tag.is_empty() && tag.len() < 64 && tag.iter().all(u8::is_ascii_alphanumeric);
    if sound { String::from_utf8_lossy(tag).into_owned() } else { "*".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_announced_at_the_end_of_a_line() {
        let table = [
            ("a APPEND INBOX {12}\r\n", Some(Literal { length: 12, waits: true })),
            ("a APPEND INBOX {0+}\r\n", Some(Literal { length: 0, waits: false })),
            ("a SEARCH SUBJECT \"{12}\"\r\n", None),
            ("a NOOP {x}\r\n", None),
            ("a NOOP\r\n", None),
        ];
        for (line, expected) in table {
            assert_eq!(announced_literal(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_command_keeps_its_tag() {
        let table = [("a7 FROB\r\n", "a7"), ("a7\r\n", "a7"), ("+ x\r\n", "*"), ("\r\n", "*")];
        for (line, expected) in table {
            assert!(matches!(read_command(line.as_bytes()), Input::Unreadable { tag } if tag == expected), "{line}");
        }
    }
}
