//! Envelopes and their answers: what each recipient gets, with PIPELINING and without.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, Outcome, Phase};
use peer::{
    Answer, Conversation, MESSAGE, Plan, PretendTls, Script, address, converse_over, plan, say, say_and_close, server,
};
use postrider_smtp::{RecipientResult, Session};

const THREE: [&str; 3] = ["yes@there.test", "no@there.test", "later@there.test"];

async fn converse(script: Script, plan: &Plan) -> (Conversation, peer::Heard) {
    let (pipe, heard) = server(script);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, plan, MESSAGE).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (conversation, heard)
}

/// The phase, the code (0 for none) and whether it was delivered, of each recipient.
fn fates(recipients: &[RecipientResult]) -> Vec<(Phase, u16, bool)> {
    let code = |outcome: &Outcome| match outcome {
        Outcome::Replied(reply) => reply.code,
        Outcome::Failed(_) => 0,
    };
    recipients.iter().map(|result| (result.phase, code(&result.outcome), result.delivered)).collect()
}

const BOTH_WAYS: [&[&str]; 2] = [&["PIPELINING"], &[]];

#[tokio::test(start_paused = true)]
async fn each_recipient_has_its_own_answer_in_the_order_of_the_envelope() {
    for offers in BOTH_WAYS {
        let script =
            Script::offering(offers).at("RCPT", [say("250 ok"), say("550 5.1.1 no"), say("450 4.2.1 later")]);
        let (conversation, heard) = converse(script, &plan(&THREE)).await;
        let expected = [(Phase::Body, 250, true), (Phase::Rcpt, 550, false), (Phase::Rcpt, 450, false)];
        assert_eq!(fates(&conversation.recipients), expected);
        assert_eq!(heard.contents.len(), 1, "one message for all who are left");
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_the_final_dot_is_for_everybody_who_was_accepted() {
    for offers in BOTH_WAYS {
        for (answer, expected) in
            [("250 ok", (250, true)), ("451 4.7.1 later", (451, false)), ("554 no", (554, false))]
        {
            let script = Script::offering(offers)
                .at("RCPT", [say("250 ok"), say("550 5.1.1 no"), say("251 forwarded")])
                .at("dot", [say(answer)]);
            let (conversation, _) = converse(script, &plan(&THREE)).await;
            let taken = (Phase::Body, expected.0, expected.1);
            assert_eq!(fates(&conversation.recipients), [taken, (Phase::Rcpt, 550, false), taken]);
            assert!(conversation.sent_final_dot);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_sender_refuses_everybody_and_no_content_is_sent() {
    for offers in BOTH_WAYS {
        let script = Script::offering(offers)
            .at("MAIL", [say("550 5.7.1 not you")])
            .at("RCPT", [say("503 5.5.1 MAIL first"), say("503 5.5.1 MAIL first"), say("503 5.5.1 MAIL first")])
            .at("DATA", [say("503 5.5.1 RCPT first")]);
        let (conversation, heard) = converse(script, &plan(&THREE)).await;
        assert_eq!(fates(&conversation.recipients), [(Phase::Mail, 550, false); 3]);
        assert_eq!(heard.contents.len(), 0);
        assert!(!conversation.sent_final_dot);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_recipient_there_is_no_content() {
    for offers in BOTH_WAYS {
        let script = Script::offering(offers)
            .at("RCPT", [say("550 no"), say("451 later"), say("550 no")])
            .at("DATA", [say("554 5.5.1 no valid recipients")]);
        let (conversation, heard) = converse(script, &plan(&THREE)).await;
        let expected = [(Phase::Rcpt, 550, false), (Phase::Rcpt, 451, false), (Phase::Rcpt, 550, false)];
        assert_eq!(fates(&conversation.recipients), expected);
        assert_eq!(heard.contents.len(), 0);
        assert_eq!(heard.count("DATA"), offers.len(), "DATA went along only where everything did");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_wants_content_for_nobody_gets_a_single_dot() {
    let script = Script::offering(&["PIPELINING"])
        .at("RCPT", [say("550 no"), say("550 no"), say("550 no")])
        .at("dot", [say("554 5.5.1 no valid recipients")]);
    let (conversation, heard) = converse(script, &plan(&THREE)).await;
    assert_eq!(fates(&conversation.recipients), [(Phase::Rcpt, 550, false); 3]);
    assert_eq!(heard.contents, [b""]);
    assert!(!conversation.sent_final_dot, "nothing of the message was sent");
}

#[tokio::test(start_paused = true)]
async fn a_refused_data_is_for_those_who_were_accepted() {
    for offers in BOTH_WAYS {
        let script = Script::offering(offers)
            .at("RCPT", [say("250 ok"), say("550 5.1.1 no"), say("250 ok")])
            .at("DATA", [say("451 4.3.0 not now")]);
        let (conversation, _) = converse(script, &plan(&THREE)).await;
        let expected = [(Phase::Data, 451, false), (Phase::Rcpt, 550, false), (Phase::Data, 451, false)];
        assert_eq!(fates(&conversation.recipients), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_break_between_recipients_leaves_the_answers_that_came_before() {
    for offers in BOTH_WAYS {
        let script = Script::offering(offers).at("RCPT", [say("550 5.1.1 no"), Answer::Close]);
        let (conversation, _) = converse(script, &plan(&THREE)).await;
        let expected = [(Phase::Rcpt, 550, false), (Phase::Rcpt, 0, false), (Phase::Rcpt, 0, false)];
        assert_eq!(fates(&conversation.recipients), expected);
        assert_eq!(conversation.recipients[2].outcome, Outcome::Failed(Fault::Closed));
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_recipients_refuses_only_those_that_are_too_many() {
    for offers in BOTH_WAYS {
        for code in [452, 552] {
            let script = Script::offering(offers).at("RCPT", [say("250 ok"), say(&format!("{code} too many"))]);
            let (conversation, _) = converse(script, &plan(&THREE[..2])).await;
            assert_eq!(fates(&conversation.recipients), [(Phase::Body, 250, true), (Phase::Rcpt, code, false)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_recipients_through_a_narrow_pipe_do_not_lock_up() {
    let names: Vec<String> = (0..100).map(|n| format!("{n}@there.test")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (pipe, _) = peer::server_with_width(Script::offering(&["PIPELINING"]), 64);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&names), MESSAGE).await;
    assert!(conversation.recipients.iter().all(|result| result.delivered));
    assert_eq!(conversation.recipients.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_offers_is_declared_and_nothing_else() {
    let table: [(&[&str], bool, &str); 6] = [
        (&[], true, "MAIL FROM:<anna@here.test>"),
        (&["SIZE 1000"], false, "MAIL FROM:<anna@here.test> SIZE=29"),
        (&["SIZE", "8BITMIME"], true, "MAIL FROM:<anna@here.test> SIZE=29 BODY=8BITMIME"),
        (&["8BITMIME"], false, "MAIL FROM:<anna@here.test>"),
        (&["SMTPUTF8", "CHUNKING"], false, "MAIL FROM:<anna@here.test>"),
        (&["DSN", "SIZE"], false, "MAIL FROM:<anna@here.test> SIZE=29 RET=HDRS"),
    ];
    for (offers, eight_bit, expected) in table {
        let (_, heard) = converse(Script::offering(offers), &Plan { eight_bit, ..plan(&THREE[..1]) }).await;
        assert!(heard.commands.iter().any(|command| command == expected), "{offers:?}: {:?}", heard.commands);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_large_is_not_begun() {
    let (conversation, heard) = converse(Script::offering(&["SIZE 28"]), &plan(&THREE)).await;
    for result in &conversation.recipients {
        assert_eq!(result.outcome, Outcome::Failed(Fault::TooLarge { size: 29, limit: 28 }));
        assert_eq!(result.phase, Phase::Mail);
    }
    assert_eq!(heard.count("MAIL"), 0);
    assert!(conversation.transcript.contains("C: QUIT"));
}

#[tokio::test(start_paused = true)]
async fn the_null_sender_is_written_as_such() {
    let (_, heard) = converse(Script::offering(&[]), &Plan { sender: None, ..plan(&THREE[..1]) }).await;
    assert!(heard.commands.contains(&"MAIL FROM:<>".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_address_in_another_script_stops_only_itself_where_the_server_cannot_take_it() {
    let to = ["yes@there.test", "j\u{fc}rgen@there.test"];
    let (conversation, heard) = converse(Script::offering(&["PIPELINING"]), &plan(&to)).await;
    assert!(conversation.recipients[0].delivered);
    let unsupported = Outcome::Failed(Fault::Unsupported("SMTPUTF8".into()));
    assert_eq!(conversation.recipients[1].outcome, unsupported);
    assert_eq!(heard.count("RCPT"), 1);

    let (conversation, heard) = converse(Script::offering(&["SMTPUTF8"]), &plan(&to)).await;
    assert!(conversation.recipients.iter().all(|result| result.delivered));
    assert!(heard.commands.contains(&"MAIL FROM:<anna@here.test> SMTPUTF8".to_owned()));

    let from = Plan { sender: Some(address("j\u{fc}rgen@here.test")), ..plan(&THREE) };
    let (conversation, heard) = converse(Script::offering(&[]), &from).await;
    assert!(conversation.recipients.iter().all(|result| result.outcome == unsupported));
    assert_eq!(heard.count("MAIL"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_with_a_bare_line_end_is_not_sent() {
    for message in
        [&b"Subject: x\n\nbody\r\n"[..], b"Subject: x\r\n\r\nbody\r.\r\n", b"a\r\n\n.\n\r\nMAIL FROM:<>\r\n"]
    {
        let (pipe, heard) = server(Script::offering(&["PIPELINING"]));
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&THREE[..1]), message).await;
        let result = &conversation.recipients[0];
        assert!(matches!(result.outcome, Outcome::Failed(Fault::Local(_))), "{:?}", result.outcome);
        assert_eq!(result.phase, Phase::Prepare);
        assert_eq!(heard.lock().unwrap().count("MAIL"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_carries_one_message_after_another() {
    let script = Script::offering(&["PIPELINING"])
        .at("RCPT", [say("250 ok"), say("550 5.1.1 no"), say("250 ok")])
        .at("DATA", [say("354 go on"), say("554 no valid recipients"), say("354 go on")]);
    let (pipe, heard) = server(script);
    let plan = plan(&THREE[..1]);
    let mut session = Session::open(&PretendTls::VERIFIED, pipe, &plan.opening()).await.ok().unwrap();
    let mut delivered = Vec::new();
    for _ in 0..3 {
        let handed_over = session.hand_over(&plan.mail(), MESSAGE).await;
        delivered.push(handed_over.recipients[0].delivered);
        assert!(session.is_open());
    }
    session.leave();
    assert_eq!(delivered, [true, false, true]);
    assert_eq!(heard.lock().unwrap().count("RSET"), 1, "only what was left open is reset");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_broke_carries_nothing_more() {
    let (pipe, _) = server(Script::offering(&[]).at("dot", [say_and_close("421 4.3.2 going down")]));
    let plan = plan(&THREE[..1]);
    let mut session = Session::open(&PretendTls::VERIFIED, pipe, &plan.opening()).await.ok().unwrap();
    assert_eq!(fates(&session.hand_over(&plan.mail(), MESSAGE).await.recipients), [(Phase::Body, 421, false)]);
    assert!(!session.is_open());
    assert_eq!(fates(&session.hand_over(&plan.mail(), MESSAGE).await.recipients), [(Phase::Mail, 421, false)]);
}

#[tokio::test(start_paused = true)]
async fn the_transcript_says_everything_but_the_message() {
    let (conversation, _) = converse(Script::offering(&["PIPELINING"]), &plan(&THREE[..1])).await;
    let said: Vec<&str> = conversation.transcript.lines().map(|line| line[9..].trim()).collect();
    let expected = [
        "S: 220 mx.test ESMTP",
        "C: EHLO me.test",
        "S: 250-mx.test",
        "S: 250 PIPELINING",
        "C: MAIL FROM:<anna@here.test>",
        "C: RCPT TO:<yes@there.test>",
        "C: DATA",
        "S: 250 2.0.0 ok",
        "S: 250 2.0.0 ok",
        "S: 354 go on",
        "-- … 29 octets of message …",
        "S: 250 2.0.0 taken",
        "C: QUIT",
    ];
    assert_eq!(said, expected);
    assert_eq!(conversation.source.map(|source| source.to_string()), Some("203.0.113.7:40000".to_owned()));
}
