//! Every fault at every phase: each ends the attempt in the right phase, with the right words, in bounded time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, LoginForm, Outcome, Phase, TlsDemand, TlsPolicy};
use peer::{
    Answer, Conversation, MESSAGE, Pipe, Plan, PretendTls, Script, converse_over, login, plan, say, say_and_close,
    server, server_with_width,
};
use std::time::Duration;
use tokio::time::Instant;

/// The phases, with the turn of the server that decides them and the seconds that it has.
const PHASES: [(&str, Phase, u64); 8] = [
    ("greeting", Phase::Greeting, 300),
    ("EHLO", Phase::Ehlo, 300),
    ("STARTTLS", Phase::Starttls, 300),
    ("AUTH", Phase::Auth, 300),
    ("MAIL", Phase::Mail, 300),
    ("RCPT", Phase::Rcpt, 300),
    ("DATA", Phase::Data, 120),
    ("dot", Phase::Body, 600),
];

/// A plan that goes through every phase.
fn full_plan() -> Plan {
    Plan {
        tls: TlsDemand::new(TlsPolicy::Verified, "mx.test"),
        auth: Some(login(LoginForm::Password, "open sesame")),
        ..plan(&["bert@there.test"])
    }
}

fn scripts() -> [Script; 2] {
    let all = ["PIPELINING", "STARTTLS", "AUTH PLAIN"];
    [Script::offering(&all), Script::offering(&all[1..])]
}

async fn attempt(script: Script) -> Conversation {
    let (pipe, _) = server(script);
    converse(pipe, &full_plan()).await
}

async fn converse(pipe: Pipe, plan: &Plan) -> Conversation {
    converse_over(&PretendTls::VERIFIED, pipe, plan, MESSAGE).await
}

/// Plays an answer at every phase and checks the phase in which it ended, and the outcome.
async fn at_every_phase(answer: Answer, right: impl Fn(&Outcome, u64) -> bool) {
    for script in scripts() {
        for (turn, phase, seconds) in PHASES {
            let mut script = script.clone().at(turn, [answer.clone()]);
            if turn == "EHLO" {
                // A refusal of EHLO alone is not the end: HELO is tried.
                script = script.at("HELO", [answer.clone()]);
            }
            let conversation = attempt(script).await;
            let result = &conversation.recipients[0];
            assert_eq!(result.phase, phase, "{turn} {answer:?}: {}", conversation.transcript);
            assert!(right(&result.outcome, seconds), "{turn} {answer:?}: {:?}", result.outcome);
            assert!(!result.delivered);
            assert_eq!(conversation.sent_final_dot, turn == "dot", "{turn}");
            assert_eq!(conversation.greeting_phase_only, turn == "greeting", "{turn}");
            assert!(!conversation.starttls_failed, "the policy leaves no other way");
        }
    }
}

fn replied(code: u16) -> impl Fn(&Outcome, u64) -> bool {
    move |outcome, _| matches!(outcome, Outcome::Replied(reply) if reply.code == code)
}

fn against_the_rules(outcome: &Outcome, _: u64) -> bool {
    matches!(outcome, Outcome::Failed(Fault::Protocol(_)))
}

#[tokio::test(start_paused = true)]
async fn without_a_fault_the_message_is_delivered() {
    for script in scripts() {
        let conversation = attempt(script).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert_eq!(conversation.recipients[0].phase, Phase::Body);
        assert!(conversation.sent_final_dot);
        assert!(conversation.tls.is_some_and(|tls| tls.verified));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_closed_ends_the_phase_in_which_it_is() {
    at_every_phase(Answer::Close, |outcome, _| *outcome == Outcome::Failed(Fault::Closed)).await;
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_is_none() {
    let half = Answer::SayAndClose(b"250-".to_vec());
    at_every_phase(half, |outcome, _| *outcome == Outcome::Failed(Fault::Closed)).await;
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_the_time_that_the_phase_grants() {
    at_every_phase(Answer::Hang, |outcome, seconds| *outcome == Outcome::Failed(Fault::Timeout(seconds))).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_octet_by_octet_gets_no_more_time_than_a_whole_one() {
    let began = Instant::now();
    let trickle = Answer::Trickle(b"220-".repeat(1000), Duration::from_secs(10));
    let conversation = attempt(scripts()[0].clone().at("greeting", [trickle])).await;
    assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::Timeout(300)));
    assert_eq!(began.elapsed(), Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn refusals_keep_their_code_in_every_phase() {
    for code in [421, 450, 451, 550, 554] {
        at_every_phase(say(&format!("{code} no")), replied(code)).await;
        at_every_phase(say_and_close(&format!("{code} no")), replied(code)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_not_utf8_is_still_a_refusal() {
    at_every_phase(Answer::Say(b"550 \xff\xfe nein\r\n".to_vec()), replied(550)).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_reply_is_against_the_rules() {
    at_every_phase(say("HTTP/1.1 400 Bad Request"), against_the_rules).await;
    at_every_phase(Answer::Say(b"\0\0\0\x15\x03\x01\r\n".to_vec()), against_the_rules).await;
}

#[tokio::test(start_paused = true)]
async fn an_endless_reply_is_against_the_rules() {
    at_every_phase(Answer::Say(b"250-more\r\n".repeat(20_000)), against_the_rules).await;
    at_every_phase(Answer::Say(vec![b'2'; 200_000]), against_the_rules).await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_the_wrong_kind_is_against_the_rules() {
    for (turn, phase, _) in PHASES {
        let wrong = if turn == "DATA" { "250 fine" } else { "354 go on" };
        let conversation = attempt(scripts()[1].clone().at(turn, [say(wrong)])).await;
        let result = &conversation.recipients[0];
        assert_eq!(result.phase, phase, "{turn}: {}", conversation.transcript);
        assert!(against_the_rules(&result.outcome, 0), "{turn}: {:?}", result.outcome);
        assert!(!result.delivered);
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_octets_are_cut_makes_no_difference() {
    for width in 1..=40 {
        for script in scripts() {
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
            assert!(replied(421)(&result.outcome, 0), "{:?}", result.outcome);
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
        assert!(replied(552)(&result.outcome, 0), "{:?}\n{}", result.outcome, conversation.transcript);
        assert!(!conversation.sent_final_dot);
        assert!(!conversation.transcript.contains("QUIT"), "it would be read as content");
    }
}

#[tokio::test(start_paused = true)]
async fn a_yes_before_the_content_is_through_is_no_yes() {
    let (pipe, _) = server(Script::offering(&[]).at("content", [say("250 2.0.0 taken")]));
    let message = b"0123456789\r\n".repeat(50_000);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&["bert@there.test"]), &message).await;
    assert!(against_the_rules(&conversation.recipients[0].outcome, 0), "{:?}", conversation.recipients);
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
        assert!(against_the_rules(&conversation.recipients[0].outcome, 0), "{:?}", conversation.recipients);
        assert_eq!(heard.lock().unwrap().count(next), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_nobody_asked_for_is_one_all_the_same() {
    let idle = Answer::SayAndClose(b"250 ok\r\n421 4.4.2 idle for too long\r\n".to_vec());
    let (pipe, _) = server(Script::offering(&[]).at("MAIL", [idle]));
    let conversation = converse(pipe, &plan(&["bert@there.test"])).await;
    assert!(replied(421)(&conversation.recipients[0].outcome, 0), "{:?}", conversation.recipients);
}

#[tokio::test(start_paused = true)]
async fn a_silent_goodbye_keeps_nobody_waiting() {
    let began = Instant::now();
    let (pipe, _) = server(Script::offering(&[]).at("QUIT", [Answer::Hang]));
    let conversation = converse(pipe, &plan(&["bert@there.test"])).await;
    assert!(conversation.recipients[0].delivered);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(conversation.transcript.ends_with("C: QUIT\n"), "{}", conversation.transcript);
}
