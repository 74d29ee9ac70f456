//! Properties that hold whatever a server says: the conversation ends, every recipient has one result, and nobody is
//! called delivered without a yes to the final dot.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Outcome, Phase};
use peer::{Answer, Conversation, MESSAGE, PretendTls, Script, converse_over, plan, say, say_and_close, server};
use postrider_smtp::Session;
use proptest::prelude::*;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const TO: [&str; 3] = ["a@there.test", "b@there.test", "c@there.test"];

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(test)
}

async fn converse(script: Script) -> Conversation {
    let (pipe, _) = server(script);
    converse_over(&PretendTls::VERIFIED, pipe, &plan(&TO), MESSAGE).await
}

fn reply() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("250 ok".to_owned()),
        1 => Just("354 go on".to_owned()),
        2 => (400u16..600).prop_map(|code| format!("{code} no")),
    ]
}

/// What is said to DATA; anything but 354 keeps the server out of the content, as a real one is.
fn data_reply() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just("354 go on".to_owned()), 1 => (400u16..600).prop_map(|code| format!("{code} no"))]
}

prop_compose! {
    fn replies()(mail in reply(), rcpt in prop::collection::vec(reply(), 3), data in data_reply(), dot in reply())
        -> (String, Vec<String>, String, String) {
        (mail, rcpt, data, dot)
    }
}

proptest! {
    #[test]
    fn pipelining_changes_nothing_for_a_recipient((mail, rcpt, data, dot) in replies()) {
        let script = |offers: &[&str]| {
            Script::offering(offers)
                .at("MAIL", [say(&mail)])
                .at("RCPT", rcpt.iter().map(|reply| say(reply)))
                .at("DATA", [say(&data)])
                .at("dot", [say(&dot)])
        };
        let (at_once, one_by_one) =
            run(async { (converse(script(&["PIPELINING"])).await, converse(script(&[])).await) });
        prop_assert_eq!(&at_once.recipients, &one_by_one.recipients);
        for (result, rcpt) in at_once.recipients.iter().zip(&rcpt) {
            let all_said_yes = [&mail, rcpt, &dot].iter().all(|reply| reply.starts_with('2')) && data.starts_with("354");
            prop_assert_eq!(result.delivered, all_said_yes);
        }
    }

    #[test]
    fn a_chunk_changes_nothing_for_a_recipient((mail, rcpt, _, dot) in replies()) {
        let script = |offers: &[&str]| {
            Script::offering(offers)
                .at("MAIL", [say(&mail)])
                .at("RCPT", rcpt.iter().map(|reply| say(reply)))
                .at("dot", [say(&dot)])
        };
        // These are for BDAT what they are not for a dot: the word that it is not known.
        prop_assume!(!["500", "502"].contains(&&dot[..3]));
        let (chunk, chunk_one_by_one, data) = run(async {
            let chunk = converse(script(&["PIPELINING", "CHUNKING"])).await;
            (chunk, converse(script(&["CHUNKING"])).await, converse(script(&["PIPELINING"])).await)
        });
        prop_assert_eq!(&chunk.recipients, &data.recipients);
        prop_assert_eq!(&chunk_one_by_one.recipients, &data.recipients);
        prop_assert_eq!(chunk.sent_final_dot, data.sent_final_dot);
    }

    #[test]
    fn however_many_are_too_many_everybody_is_asked_for_and_it_ends(
        rcpt in prop::collection::vec(
            prop::sample::select(vec!["250 ok", "550 5.1.1 no", "452 4.5.3 too many", "421 bye"]),
            0..12,
        ),
        offers in prop::sample::subsequence(
            vec!["PIPELINING", "CHUNKING", "LIMITS RCPTMAX=2", "LIMITS MAILMAX=2"], 0..=4,
        ),
    ) {
        let script = Script::offering(&offers).at("RCPT", rcpt.iter().map(|reply| say(reply)));
        let conversation = run(converse(script));
        prop_assert!(conversation.transcript.matches("C: MAIL").count() <= TO.len());
        for place in &conversation.put_off {
            prop_assert!(!conversation.recipients[*place].delivered);
        }
        prop_assert!(conversation.put_off.len() < TO.len(), "somebody's fate is known");
        check(conversation)?;
    }

    #[test]
    fn whatever_a_server_says_the_conversation_ends(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        check(run(babble(octets)))?;
    }

    #[test]
    fn whatever_a_server_says_in_replies_the_conversation_ends(
        lines in prop::collection::vec("(220|250|250-|334|354|421|451|550)[ -]?[A-Z0-9 ]{0,12}(\r\n|\n)", 0..20)
    ) {
        check(run(babble(lines.concat().into_bytes())))?;
    }

    #[test]
    fn a_server_that_has_a_letter_is_never_said_not_to_have_it(
        turn in prop::sample::select(vec!["EHLO", "MAIL", "RCPT", "DATA", "content", "chunk", "dot", "RSET"]),
        before in 0usize..4,
        fault in prop_oneof![
            Just(Answer::Close),
            Just(Answer::Hang),
            Just(say_and_close("421 bye")),
            Just(say("451 later")),
            Just(say("junk")),
        ],
        goes_after_one in any::<bool>(),
        offers in prop::sample::subsequence(vec!["PIPELINING", "CHUNKING", "LIMITS MAILMAX=3"], 0..=3),
        pause in prop::sample::select(vec![0, 60]),
    ) {
        let polite = std::iter::repeat_n(Answer::Polite, before);
        let script = Script::offering(&offers).at(turn, polite.chain([fault]));
        let script = if goes_after_one { script.at("dot", [say_and_close("250 2.0.0 taken")]) } else { script };
        run(keep_sending(script, pause))?;
    }

    #[test]
    fn a_fault_at_any_turn_leaves_one_result_each(
        turn in prop::sample::select(vec!["greeting", "EHLO", "MAIL", "RCPT", "DATA", "content", "dot"]),
        before in 0usize..3,
        fault in prop_oneof![Just(Answer::Close), Just(Answer::Hang), Just(say("421 bye")), Just(say("junk"))],
        offers in prop::sample::subsequence(vec!["PIPELINING", "CHUNKING", "LIMITS RCPTMAX=2", "DSN"], 0..=4),
    ) {
        let fine = std::iter::repeat_n(say("250 ok"), if turn == "RCPT" { before } else { 0 });
        let script = Script::offering(&offers).at(turn, fine.chain([fault]));
        check(run(converse(script)))?;
    }
}

/// Letter after letter in one session, as long as it lasts.
async fn keep_sending(script: Script, pause: u64) -> Result<(), TestCaseError> {
    let (pipe, heard) = server(script);
    let plan = plan(&TO[..1]);
    let Ok(mut session) = Session::open(&PretendTls::VERIFIED, pipe, &plan.opening()).await else { return Ok(()) };
    for letter in 0..4 {
        if !session.is_fit() {
            break;
        }
        let before = heard.lock().expect("nobody panicked").contents.len();
        let handed_over = session.hand_over(&plan.mail(), MESSAGE).await;
        tokio::time::sleep(Duration::from_secs(pause)).await;
        let has_it = heard.lock().expect("nobody panicked").contents.len() > before;
        let result = &handed_over.recipients[0];
        prop_assert!(has_it || !result.delivered, "{handed_over:?}");
        prop_assert!(!handed_over.stale || (letter > 0 && !has_it && !handed_over.sent_final_dot), "{handed_over:?}");
        let nobody_knows = matches!(result.outcome, Outcome::Failed(_));
        let is_body = result.phase == Phase::Body && handed_over.sent_final_dot;
        prop_assert!(!(has_it && nobody_knows) || is_body, "{handed_over:?}");
    }
    Ok(())
}

/// A server that says all it has to say at once, hears nothing, and goes.
async fn babble(octets: Vec<u8>) -> Conversation {
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move { theirs.write_all(&octets).await });
    let pipe = peer::Pipe::new(ours);
    converse_over(&PretendTls::VERIFIED, pipe, &plan(&TO), MESSAGE).await
}

fn check(conversation: Conversation) -> Result<(), TestCaseError> {
    prop_assert_eq!(conversation.recipients.len(), TO.len());
    for result in &conversation.recipients {
        let yes = matches!(&result.outcome, Outcome::Replied(reply) if reply.code / 100 == 2);
        prop_assert!(!result.delivered || (yes && result.phase == Phase::Body && conversation.sent_final_dot));
        prop_assert!(result.delivered || !yes, "a yes that is no delivery: {:?}", result);
    }
    prop_assert!(conversation.transcript.len() < 70_000);
    Ok(())
}
