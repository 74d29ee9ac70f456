//! What both sides said, for the person who wants to know exactly.
//!
//! Each line has the seconds since the beginning and who spoke: `C:` for us, `S:` for the server, `--` for what
//! happened without a word. Secrets are replaced by `***` wherever they turn up, also where a server repeats them. The
//! content of the message is left out. The whole is bounded: of a conversation that is too long the beginning and the
//! end are kept, because the end is where things go wrong.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

const HEAD: usize = 48 * 1024;
const TAIL: usize = 16 * 1024;
const LONGEST_LINE: usize = 1000;

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
    began: Instant,
    secrets: Vec<String>,
    head: String,
    tail: VecDeque<String>,
    tail_octets: usize,
    left_out: usize,
}

impl Transcript {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            secrets: Vec::new(),
            head: String::new(),
            tail: VecDeque::new(),
            tail_octets: 0,
            left_out: 0,
        }
    }

    /// From now on, `secret` is not shown.
    pub(crate) fn hide(&mut self, secret: impl Into<String>) {
        let secret = secret.into();
        if secret.len() >= SHORTEST_SECRET {
            self.secrets.push(secret);
        }
    }

    pub(crate) fn sent(&mut self, command: &str) {
        self.add(Speaker::Client, command);
    }

    /// Octets of a reply, whole or broken off, as they came.
    pub(crate) fn received(&mut self, octets: &[u8]) {
        for line in octets.split(|octet| *octet == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            self.add(Speaker::Server, &String::from_utf8_lossy(line));
        }
    }

    pub(crate) fn note(&mut self, what: &str) {
        self.add(Speaker::Nobody, what);
    }

    fn add(&mut self, speaker: Speaker, text: &str) {
        let line = format_line(self.began.elapsed(), speaker, &self.without_secrets(text));
        if self.tail.is_empty() && self.head.len() + line.len() <= HEAD {
            self.head.push_str(&line);
            return;
        }
        self.tail_octets += line.len();
        self.tail.push_back(line);
        while self.tail_octets > TAIL
            && let Some(oldest) = self.tail.pop_front()
        {
            self.tail_octets -= oldest.len();
            self.left_out += 1;
        }
    }

    fn without_secrets(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// The record as text, a line each.
    pub(crate) fn finish(self) -> String {
        let mut text = self.head;
        if self.left_out > 0 {
            text.push_str(&format!("… {} lines left out …\n", self.left_out));
        }
        text.extend(self.tail);
        text
    }
}

fn format_line(at: Duration, speaker: Speaker, text: &str) -> String {
    let who = match speaker {
        Speaker::Client => "C:",
        Speaker::Server => "S:",
        Speaker::Nobody => "--",
    };
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let text = text.trim_end();
    let mut line: String = text.chars().map(shown).take(LONGEST_LINE).collect();
    if text.chars().nth(LONGEST_LINE).is_some() {
        line.push('…');
    }
    format!("{:>8.3} {who} {line}\n", at.as_secs_f64())
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
            transcript.finish(),
            "   0.000 S: 220-mx.test\n   0.000 S: 220 ready\n   1.250 C: EHLO me.test\n   1.250 -- TLSv1.3\n"
        );
    }

    #[tokio::test]
    async fn a_secret_is_hidden_also_where_the_server_repeats_it() {
        let mut transcript = Transcript::new();
        transcript.hide("hunter2");
        transcript.hide("a");
        transcript.received(b"535 bad password 'hunter2' for anna\r\n");
        let text = transcript.finish();
        assert!(text.contains("535 bad password '***' for anna"), "{text}");
    }

    #[tokio::test]
    async fn a_long_conversation_keeps_its_beginning_and_its_end() {
        let mut transcript = Transcript::new();
        for n in 0..10_000 {
            transcript.sent(&format!("RCPT TO:<{n}@example.test>"));
        }
        let text = transcript.finish();
        assert!(text.len() < HEAD + TAIL + 100);
        assert!(text.contains("<0@example.test>") && text.contains("<9999@example.test>"));
        assert!(text.contains("lines left out"));
    }

    #[tokio::test]
    async fn control_characters_and_endless_lines_do_no_harm() {
        let mut transcript = Transcript::new();
        transcript.received(b"550 \x1b[2Jgone\r\n");
        transcript.received(&[b'x'; 60_000]);
        let text = transcript.finish();
        assert!(!text.contains('\x1b'));
        assert!(text.len() < 2000);
    }
}
