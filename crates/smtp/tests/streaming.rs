//! Content in blocks: what leaves does not depend on them, and what cannot be read to its end is not ended.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, Outcome, Phase};
use peer::{Answer, Conversation, Heard, PretendTls, Script, converse_over, plan, say, server_with_width};
use postrider_smtp::Content;
use proptest::prelude::*;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

const WAYS: [&[&str]; 4] = [&[], &["PIPELINING"], &["CHUNKING"], &["PIPELINING", "CHUNKING"]];

/// Octets that are read in blocks of one size, and up to some place only.
struct Blocks {
    octets: Vec<u8>,
    block: usize,
    readable: usize,
}

impl Blocks {
    fn of(octets: impl Into<Vec<u8>>, block: usize) -> Self {
        Self { octets: octets.into(), block, readable: usize::MAX }
    }
}

impl Content for Blocks {
    fn size(&self) -> u64 {
        self.octets.len() as u64
    }

    async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        let from = usize::try_from(at).unwrap();
        if from >= self.readable {
            return Err(Fault::Local("the disk is gone".into()));
        }
        let block = self.octets[from..].iter().copied().take(self.block).collect::<Vec<u8>>();
        // A real one comes from another thread.
        tokio::task::yield_now().await;
        Ok(Cow::Owned(block))
    }
}

async fn converse(script: Script, content: &impl Content) -> (Conversation, Heard) {
    let (pipe, heard) = server_with_width(script, 64 * 1024);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&["bert@there.test"]), content).await;
    // What the server was told last is on its way still.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (conversation, heard)
}

fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        out.extend(line.starts_with(b".").then_some(b'.'));
        out.extend_from_slice(line);
    }
    out
}

fn ended(message: &[u8]) -> Vec<u8> {
    let end: &[u8] = if message.is_empty() || message.ends_with(b"\r\n") { b"" } else { b"\r\n" };
    [message, end].concat()
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_arrives_does_not_depend_on_the_blocks(
        message in "(\\.{0,2}[ab]{0,3}\r\n){1,12}\\.?a{0,2}",
        block in 1usize..20,
        way in prop::sample::select(WAYS.to_vec()),
    ) {
        let (conversation, heard) = run(converse(Script::offering(way), &Blocks::of(message.as_bytes(), block)));
        prop_assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        let expected = ended(message.as_bytes());
        let expected = if way.contains(&"CHUNKING") { expected } else { stuffed(&expected) };
        prop_assert_eq!(&heard.contents, &[expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_cannot_be_read_to_its_end_is_not_ended() {
    let octets = [&b"\r\n"[..], &b"0123456789\r\n".repeat(100)].concat();
    for way in WAYS {
        // The first block is read before anything is said, so the place lies behind it.
        for readable in [300, 600, 1100] {
            let content = Blocks { octets: octets.clone(), block: 300, readable };
            let (conversation, heard) = converse(Script::offering(way), &content).await;
            let result = &conversation.recipients[0];
            let gone = Outcome::Failed(Fault::Local("the disk is gone".into()));
            assert_eq!((result.phase, &result.outcome), (Phase::Body, &gone), "{way:?}");
            assert!(!conversation.sent_final_dot);
            assert!(heard.contents.is_empty(), "no final dot came, and no last chunk");
            assert!(!heard.commands.iter().any(|command| command.ends_with("LAST")), "{:?}", heard.commands);
            assert_eq!(heard.count("QUIT"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_cannot_be_read_at_all_is_not_begun() {
    for way in WAYS {
        let content = Blocks { octets: b"a\r\n".to_vec(), block: 10, readable: 0 };
        let (conversation, heard) = converse(Script::offering(way), &content).await;
        assert_eq!(conversation.recipients[0].phase, Phase::Prepare);
        assert_eq!((heard.count("MAIL"), heard.count("QUIT")), (0, 1));
    }
}

/// Content that does not keep its promise.
struct Liar(u64);

impl Content for Liar {
    fn size(&self) -> u64 {
        self.0
    }

    async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        Ok(Cow::Borrowed(if at < 12 { &b"0123\r\n"[..] } else { b"" }))
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_is_shorter_or_longer_than_it_said_is_not_ended() {
    for way in WAYS {
        for size in [13, 10] {
            let (conversation, heard) = converse(Script::offering(way), &Liar(size)).await;
            let result = &conversation.recipients[0];
            assert!(matches!(result.outcome, Outcome::Failed(Fault::Local(_))), "{way:?} {size}: {result:?}");
            assert!(!conversation.sent_final_dot && heard.contents.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bare_line_end_in_a_later_block_ends_it_before_its_end() {
    for way in WAYS {
        let octets = [&b"a\r\n".repeat(10)[..], b"b\n.\nMAIL FROM:<>\r\n"].concat();
        let (conversation, heard) = converse(Script::offering(way), &Blocks::of(octets, 15)).await;
        let result = &conversation.recipients[0];
        assert_eq!(result.phase, Phase::Body);
        assert!(matches!(result.outcome, Outcome::Failed(Fault::Local(_))), "{result:?}");
        assert!(!conversation.sent_final_dot && heard.contents.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn chunks_are_of_bounded_size_and_only_the_last_says_so() {
    for way in &WAYS[2..] {
        let (conversation, heard) = converse(Script::offering(way), &Blocks::of(*b"0123456789", 4)).await;
        assert!(conversation.recipients[0].delivered);
        let chunks: Vec<&String> = heard.commands.iter().filter(|command| command.starts_with("BDAT")).collect();
        assert_eq!(chunks, ["BDAT 4", "BDAT 4", "BDAT 4 LAST"], "two octets, and the end of their line");
    }
}

#[tokio::test(start_paused = true)]
async fn no_chunk_follows_a_refused_one() {
    let octets = b"0123456789\r\n".repeat(100);
    for (way, ahead) in [(WAYS[2], 0), (WAYS[3], 1)] {
        for (answer, code) in [("552 5.3.4 too much", 552), ("451 4.3.0 not now", 451), ("354 what", 0)] {
            let script = Script::offering(way).at("chunk", [say("250 ok"), say(answer)]);
            let (conversation, heard) = converse(script, &Blocks::of(octets.clone(), 100)).await;
            let result = &conversation.recipients[0];
            match &result.outcome {
                Outcome::Replied(reply) => assert_eq!(reply.code, code),
                Outcome::Failed(fault) => assert!(matches!(fault, Fault::Protocol(_)) && code == 0),
            }
            assert!(heard.count("BDAT") <= 2 + ahead, "{:?}", heard.commands);
            assert!(!conversation.sent_final_dot && heard.contents.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_between_chunks_has_no_letter() {
    let octets = b"0123456789\r\n".repeat(100);
    for way in &WAYS[2..] {
        for (fault, expected) in [(Answer::Close, Fault::Closed), (Answer::Hang, Fault::Timeout(600))] {
            let script = Script::offering(way).at("chunk", [say("250 ok"), fault]);
            let (conversation, _) = converse(script, &Blocks::of(octets.clone(), 100)).await;
            let result = &conversation.recipients[0];
            assert_eq!((result.phase, &result.outcome), (Phase::Body, &Outcome::Failed(expected)));
            assert!(!conversation.sent_final_dot);
        }
    }
}

/// A message that is nowhere as a whole, and counts how much of it was asked for ahead of what was sent.
struct Endless {
    size: u64,
    read: AtomicU64,
}

impl Content for Endless {
    fn size(&self) -> u64 {
        self.size
    }

    async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        let length = usize::try_from((self.size - at).min(Self::BLOCK)).unwrap();
        self.read.store(at + length as u64, Ordering::Relaxed);
        Ok(Cow::Owned(b"\r\n0123456789abcd".iter().copied().cycle().take(length).collect()))
    }
}

impl Endless {
    const BLOCK: u64 = 64 * 1024;
}

#[tokio::test(start_paused = true)]
async fn a_large_message_is_read_no_further_than_two_blocks_ahead_of_a_server_that_stops() {
    for way in WAYS {
        let content = Endless { size: 25 * 1024 * 1024, read: AtomicU64::new(0) };
        let (conversation, _) = converse(Script::offering(way).at("content", [Answer::Hang]), &content).await;
        assert_eq!(conversation.recipients[0].phase, Phase::Body);
        // One is in the pipe, one is being written, one is ready.
        assert!(content.read.load(Ordering::Relaxed) <= 4 * Endless::BLOCK, "{way:?}");
    }
    let content = Endless { size: 25 * 1024 * 1024, read: AtomicU64::new(0) };
    let (conversation, heard) = converse(Script::offering(&["PIPELINING", "SIZE"]), &content).await;
    assert!(conversation.recipients[0].delivered);
    assert_eq!(heard.contents[0].len() as u64, content.size + 2, "its last line got an end");
    assert!(heard.commands.contains(&format!("MAIL FROM:<anna@here.test> SIZE={}", content.size)));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_breaks_the_limit_is_refused_before_it_is_read() {
    let content = Endless { size: 25 * 1024 * 1024, read: AtomicU64::new(0) };
    let (conversation, heard) = converse(Script::offering(&["SIZE 10000000"]), &content).await;
    let limit = Fault::TooLarge { size: content.size, limit: 10_000_000 };
    assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(limit));
    assert_eq!(heard.count("MAIL"), 0);
    assert!(content.read.load(Ordering::Relaxed) <= Endless::BLOCK);
}

#[tokio::test(start_paused = true)]
async fn content_is_read_again_for_each_transaction_and_in_whatever_blocks() {
    let octets = b".123456789\r\n".repeat(50);
    let (pipe, heard) = server_with_width(Script::offering(&["LIMITS RCPTMAX=1"]), 4096);
    let plan = plan(&["bert@there.test", "carl@there.test"]);
    let content = Blocks::of(octets.clone(), 7);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan, &content).await;
    assert!(conversation.recipients.iter().all(|result| result.delivered));
    assert_eq!(heard.lock().unwrap().contents, [stuffed(&octets), stuffed(&octets)]);
}

#[tokio::test(start_paused = true)]
async fn eight_bits_are_encoded_in_seven_for_a_server_that_takes_no_more() {
    let message = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: 8bit\r\n\r\ngr\u{fc}\u{df}e\r\n";
    for block in [10, 1000] {
        let content = Blocks::of(message, block);
        let (conversation, heard) = converse(Script::offering(&["PIPELINING", "SIZE"]), &content).await;
        // Only what the first block shows is seen, where nothing is said of the rest.
        if block == 1000 {
            assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
            assert!(heard.contents[0].is_ascii());
            assert!(heard.commands.contains(&format!("MAIL FROM:<anna@here.test> SIZE={}", heard.contents[0].len())));
            assert!(conversation.transcript.contains("encoded in seven"));
        }
        let plan = peer::Plan { eight_bit: true, ..plan(&["bert@there.test"]) };
        let (pipe, heard) = server_with_width(Script::offering(&["SIZE"]), 4096);
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan, &content).await;
        assert!(conversation.recipients[0].delivered && heard.lock().unwrap().contents[0].is_ascii());
        let (pipe, heard) = server_with_width(Script::offering(&["8BITMIME"]), 4096);
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan, &content).await;
        assert!(conversation.recipients[0].delivered);
        assert_eq!(heard.lock().unwrap().contents, [message.as_bytes()]);
    }
}
