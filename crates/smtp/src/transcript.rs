//! What both sides said, for the person who wants to know exactly.
//!
//! Each line has the seconds since the beginning and who spoke: `C:` for us, `S:` for the server, `--` for what
//! happened without a word. Secrets are replaced by `***` wherever they turn up, also where a server repeats them. The
//! content of the message is left out. The whole is bounded: of a conversation that is too long the beginning and the
//! end are kept, because the end is where things go wrong.

use model::Reply;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::Instant;

const HEAD: usize = 48 * 1024;
const TAIL: usize = 16 * 1024;
const LONGEST_LINE: usize = 1000;
/// Room for the record of an ordinary letter.
const USUAL: usize = 1024;

/// Shorter secrets are not looked for in what a server says: `a` would make holes in every line.
const SHORTEST_SECRET: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaker {
    Client,
    Server,
    Nobody,
}

/// A record under way.
#[derive(Debug)]
pub(crate) struct Transcript {
    /// When the connection was opened.
    opened: Instant,
    /// What the times of the lines are counted from.
    began: Instant,
    secrets: Vec<String>,
    /// Whether challenges are not shown.
    veiled: bool,
    head: String,
    tail: VecDeque<String>,
    tail_octets: usize,
    left_out: usize,
}

impl Transcript {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            opened: now,
            began: now,
            secrets: Vec::new(),
            veiled: false,
            head: String::with_capacity(USUAL),
            tail: VecDeque::new(),
            tail_octets: 0,
            left_out: 0,
        }
    }

    /// A further letter begins on a connection that was opened for another.
    pub(crate) fn begin_further_letter(&mut self) {
        let now = Instant::now();
        let since = now.duration_since(self.opened).as_secs_f64();
        if self.head.is_empty() {
            self.began = now;
        }
        self.note(&format!("the connection was opened {since:.3} seconds before, for an earlier message"));
    }

    /// A reply as it may be kept: a server that repeats a secret is not quoted with it. A challenge is answered, not kept.
    pub(crate) fn cleaned(&self, mut reply: Reply) -> Reply {
        if reply.code < 400 {
            return reply;
        }
        for line in &mut reply.lines {
            if let Cow::Owned(clean) = without_secrets(&self.secrets, line) {
                *line = clean;
            }
        }
        reply
    }

    /// From now on, `secret` is not shown.
    pub(crate) fn hide(&mut self, secret: impl Into<String>) {
        let secret = secret.into();
        if secret.len() >= SHORTEST_SECRET {
            self.secrets.push(secret);
        }
    }

    /// From now on, the challenges of a login are not shown: with an answer, a password could be guessed from them.
    pub(crate) fn veil(&mut self) {
        self.veiled = true;
    }

    /// The login is over.
    pub(crate) fn unveil(&mut self) {
        self.veiled = false;
    }

    pub(crate) fn sent(&mut self, command: &str) {
        self.add(Speaker::Client, command);
    }

    /// Octets of a reply, whole or broken off, as they came.
    pub(crate) fn received(&mut self, octets: &[u8]) {
        for line in octets.split(|octet| *octet == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            match line.strip_prefix(b"334") {
                Some(challenge) if self.veiled && !challenge.trim_ascii().is_empty() => {
                    self.add(Speaker::Server, "334 ***");
                }
                _ => self.add(Speaker::Server, &String::from_utf8_lossy(line)),
            }
        }
    }

    pub(crate) fn note(&mut self, what: &str) {
        self.add(Speaker::Nobody, what);
    }

    fn add(&mut self, speaker: Speaker, text: &str) {
        let at = self.began.elapsed();
        let text = without_secrets(&self.secrets, text);
        if self.tail.is_empty() {
            let before = self.head.len();
            write_line(&mut self.head, at, speaker, &text);
            if self.head.len() <= HEAD {
                return;
            }
            self.head.truncate(before);
        }
        let mut line = String::with_capacity(text.len() + 16);
        write_line(&mut line, at, speaker, &text);
        self.tail_octets += line.len();
        self.tail.push_back(line);
        while self.tail_octets > TAIL
            && let Some(oldest) = self.tail.pop_front()
        {
            self.tail_octets -= oldest.len();
            self.left_out += 1;
        }
    }

    /// The record so far as text, a line each; from here on it is a new one.
    pub(crate) fn take(&mut self) -> String {
        let mut text = std::mem::take(&mut self.head);
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            text.push_str(&format!("… {left_out} lines left out …\n"));
        }
        text.extend(self.tail.drain(..));
        self.tail_octets = 0;
        text
    }
}

fn without_secrets<'a>(secrets: &[String], text: &'a str) -> Cow<'a, str> {
    secrets.iter().fold(Cow::Borrowed(text), |text, secret| {
        if text.contains(secret.as_str()) { Cow::Owned(text.replace(secret.as_str(), "***")) } else { text }
    })
}

fn write_line(out: &mut String, at: Duration, speaker: Speaker, text: &str) {
    let who = match speaker {
        Speaker::Client => "C:",
        Speaker::Server => "S:",
        Speaker::Nobody => "--",
    };
    let _ = write!(out, "{:>4}.{:03} {who} ", at.as_secs(), at.subsec_millis());
    let text = text.trim_end();
    if text.len() <= LONGEST_LINE && text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        out.push_str(text);
    } else {
        let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        out.extend(text.chars().map(shown).take(LONGEST_LINE));
        if text.chars().nth(LONGEST_LINE).is_some() {
            out.push('…');
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_line_has_its_time_and_its_speaker() {
        let mut transcript = Transcript::new();
        transcript.received(b"220-mx.test\r\n220 ready\r\n");
        tokio::time::advance(Duration::from_millis(1250)).await;
        transcript.sent("EHLO me.test");
        transcript.note("TLSv1.3");
        assert_eq!(
            transcript.take(),
            "   0.000 S: 220-mx.test\n   0.000 S: 220 ready\n   1.250 C: EHLO me.test\n   1.250 -- TLSv1.3\n"
        );
    }

    #[tokio::test]
    async fn a_secret_is_hidden_also_where_the_server_repeats_it() {
        let mut transcript = Transcript::new();
        transcript.hide("hunter2");
        transcript.hide("a");
        transcript.received(b"535 bad password 'hunter2' for anna\r\n");
        let text = transcript.take();
        assert!(text.contains("535 bad password '***' for anna"), "{text}");
        let reply = transcript.cleaned(Reply::new(535, None, "bad password 'hunter2' for anna"));
        assert_eq!(reply.text(), "bad password '***' for anna");
    }

    #[tokio::test]
    async fn a_long_conversation_keeps_its_beginning_and_its_end() {
        let mut transcript = Transcript::new();
        for n in 0..10_000 {
            transcript.sent(&format!("RCPT TO:<{n}@example.test>"));
        }
        let text = transcript.take();
        assert!(text.len() < HEAD + TAIL + 100);
        assert!(text.contains("<0@example.test>") && text.contains("<9999@example.test>"));
        assert!(text.contains("lines left out"));
    }

    #[tokio::test]
    async fn control_characters_and_endless_lines_do_no_harm() {
        let mut transcript = Transcript::new();
        transcript.received(b"550 \x1b[2Jgone\r\n");
        transcript.received(&[b'x'; 60_000]);
        let text = transcript.take();
        assert!(!text.contains('\x1b'));
        assert!(text.len() < 2000);
    }
}
