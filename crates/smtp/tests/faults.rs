//! Faults that are not an answer in the place of another: breaks in the content, answers to nothing, goodbyes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, LoginForm, Outcome, Phase, TlsDemand, TlsPolicy};
use peer::{
    Answer, Conversation, MESSAGE, Pipe, Plan, PretendTls, Script, converse_over, login, plan, say, say_and_close,
    server, server_with_width,
};
use postrider_smtp::Session;

/// A plan that goes through every phase.
fn full_plan() -> Plan {
    Plan {
        tls: TlsDemand::new(TlsPolicy::Verified, "mx.test"),
        auth: Some(login(LoginForm::Password, "open sesame")),
        ..plan(&["bert@there.test"])
    }
}

async fn converse(pipe: Pipe, plan: &Plan) -> Conversation {
    converse_over(&PretendTls::VERIFIED, pipe, plan, MESSAGE).await
}

fn replied(code: u16) -> impl Fn(&Outcome) -> bool {
    move |outcome| matches!(outcome, Outcome::Replied(reply) if reply.code == code)
}

fn against_the_rules(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(Fault::Protocol(_)))
}

#[tokio::test(start_paused = true)]
async fn where_the_octets_are_cut_makes_no_difference() {
    for width in 1..=40 {
        for offers in [&["PIPELINING", "STARTTLS", "AUTH PLAIN"][..], &["STARTTLS", "AUTH PLAIN"]] {
            let script = Script::offering(offers);
            let (pipe, heard) = server_with_width(script.at("RCPT", [say("250-2.1.5 yes\r\n250 2.1.5 fine")]), width);
            let conversation = converse(pipe, &full_plan()).await;
            assert!(conversation.recipients[0].delivered, "{width}: {}", conversation.transcript);
            assert_eq!(heard.lock().unwrap().contents, [b"Subject: hello\r\n\r\n..dot\r\nbye\r\n"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_explains_the_close_that_follows() {
    // Two recipients: the first is told goodbye, and the second hears nothing more.
    let plan = plan(&["bert@there.test", "carl@there.test"]);
    for offers in [&["PIPELINING"][..], &[]] {
        let (pipe, _) = server(Script::offering(offers).at("RCPT", [say_and_close("421 4.3.2 shutting down")]));
        let conversation = converse(pipe, &plan).await;
        for result in &conversation.recipients {
            assert!(replied(421)(&result.outcome), "{:?}", result.outcome);
            assert_eq!(result.phase, Phase::Rcpt);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_after_the_final_dot_says_that_the_dot_was_sent() {
    let (pipe, heard) = server(Script::offering(&["PIPELINING"]).at("dot", [Answer::Close]));
    let conversation = converse(pipe, &plan(&["bert@there.test"])).await;
    assert!(conversation.sent_final_dot);
    assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::Closed));
    assert_eq!(heard.lock().unwrap().contents.len(), 1, "the server has it all the same");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_reading_the_content_is_given_up() {
    let (pipe, _) = server(Script::offering(&[]).at("content", [Answer::Hang]));
    let message = b"0123456789\r\n".repeat(50_000);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&["bert@there.test"]), &message).await;
    assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::Timeout(180)));
    assert_eq!(conversation.recipients[0].phase, Phase::Body);
    assert!(!conversation.sent_final_dot);
    assert!(conversation.transcript.contains("stopped taking"), "{}", conversation.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_the_middle_of_the_content_is_heard() {
    let no = "552 5.3.4 too much";
    let halfway = Answer::SayAndCloseAfter(100_000, format!("{no}\r\n").into_bytes());
    for refusal in [say(no), say_and_close(no), halfway] {
        let (pipe, _) = server(Script::offering(&[]).at("content", [refusal]));
        let message = b"0123456789\r\n".repeat(50_000);
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&["bert@there.test"]), &message).await;
        let result = &conversation.recipients[0];
        assert!(replied(552)(&result.outcome), "{:?}\n{}", result.outcome, conversation.transcript);
        assert!(!conversation.sent_final_dot);
        assert!(!conversation.transcript.contains("QUIT"), "it would be read as content");
    }
}

#[tokio::test(start_paused = true)]
async fn a_yes_before_the_content_is_through_is_no_yes() {
    let (pipe, _) = server(Script::offering(&[]).at("content", [say("250 2.0.0 taken")]));
    let message = b"0123456789\r\n".repeat(50_000);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&["bert@there.test"]), &message).await;
    assert!(against_the_rules(&conversation.recipients[0].outcome), "{:?}", conversation.recipients);
    assert!(!conversation.recipients[0].delivered);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_nothing_is_not_taken_for_the_next_answer() {
    // The turn with one reply too many, and the command that must not follow it.
    for (turn, replies, next) in
        [("greeting", "220 hi\r\n250 hi\r\n", "EHLO"), ("MAIL", "250 ok\r\n250 ok\r\n", "RCPT")]
    {
        let (pipe, heard) = server(Script::offering(&[]).at(turn, [Answer::Say(replies.into())]));
        let conversation = converse(pipe, &plan(&["bert@there.test"])).await;
        assert!(against_the_rules(&conversation.recipients[0].outcome), "{:?}", conversation.recipients);
        assert_eq!(heard.lock().unwrap().count(next), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_nobody_asked_for_is_one_all_the_same() {
    let idle = Answer::SayAndClose(b"250 ok\r\n421 4.4.2 idle for too long\r\n".to_vec());
    let (pipe, _) = server(Script::offering(&[]).at("MAIL", [idle]));
    let conversation = converse(pipe, &plan(&["bert@there.test"])).await;
    assert!(replied(421)(&conversation.recipients[0].outcome), "{:?}", conversation.recipients);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_goodbye_and_goes_on_is_heard_to_the_end() {
    let plan = plan(&["bert@there.test", "carl@there.test"]);
    for offers in [&["PIPELINING"][..], &[], &["PIPELINING", "CHUNKING"]] {
        let (pipe, heard) = server(Script::offering(offers).at("RCPT", [say("421 4.3.2 shutting down")]));
        let mut session = Session::open(&PretendTls::VERIFIED, pipe, &plan.opening()).await.ok().unwrap();
        let handed_over = session.hand_over(&plan.mail(), MESSAGE).await;
        assert!(replied(421)(&handed_over.recipients[0].outcome), "{handed_over:?}");
        assert!(handed_over.recipients[1].delivered, "it was taken for the other");
        assert!(!session.is_open() && !session.is_fit(), "and is left alone after that");
        session.leave();
        assert_eq!(heard.lock().unwrap().count("QUIT"), 0);
    }
}
