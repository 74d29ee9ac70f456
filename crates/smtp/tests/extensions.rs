//! What is used only where a server offers it: notifications, chunks, other scripts, and fewer recipients at a time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, Outcome, Phase};
use peer::{
    Answer, Conversation, MESSAGE, Plan, PretendTls, Script, address, converse_over, plan, say, say_and_close,
    server, server_with_width,
};
use postrider_smtp::RecipientResult;

const FIVE: [&str; 5] = ["1@there.test", "2@there.test", "3@there.test", "4@there.test", "5@there.test"];
const MANY: &str = "452 4.5.3 Too many recipients";

async fn converse_with(script: Script, plan: &Plan, message: &[u8]) -> (Conversation, peer::Heard) {
    let (pipe, heard) = server(script);
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, plan, message).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (conversation, heard)
}

async fn converse(script: Script, plan: &Plan) -> (Conversation, peer::Heard) {
    converse_with(script, plan, MESSAGE).await
}

/// The phase, the code (0 for none) and whether it was delivered, of each recipient.
fn fates(recipients: &[RecipientResult]) -> Vec<(Phase, u16, bool)> {
    let code = |outcome: &Outcome| match outcome {
        Outcome::Replied(reply) => reply.code,
        Outcome::Failed(_) => 0,
    };
    recipients.iter().map(|result| (result.phase, code(&result.outcome), result.delivered)).collect()
}

fn all_delivered(conversation: &Conversation) -> bool {
    conversation.recipients.iter().all(|result| result.delivered)
}

/// How many recipients each transaction named.
fn batches(heard: &peer::Heard) -> Vec<usize> {
    let mut batches = Vec::new();
    for command in &heard.commands {
        if command.starts_with("MAIL") {
            batches.push(0);
        } else if command.starts_with("RCPT") {
            *batches.last_mut().unwrap() += 1;
        }
    }
    batches
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_asked_for_by_the_name_of_the_plan_where_it_is_offered() {
    let plan = Plan { envelope_id: Some("17.1a+b".into()), ..plan(&["bert+x@there.test"]) };
    let (_, heard) = converse(Script::offering(&["PIPELINING", "DSN"]), &plan).await;
    let expected = [
        "MAIL FROM:<anna@here.test> RET=HDRS ENVID=17.1a+2Bb",
        "RCPT TO:<bert+x@there.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bert+2Bx@there.test",
    ];
    assert_eq!(heard.commands[1..3], expected);
    let (_, heard) = converse(Script::offering(&["PIPELINING"]), &plan).await;
    assert_eq!(heard.commands[1..3], ["MAIL FROM:<anna@here.test>", "RCPT TO:<bert+x@there.test>"]);
}

#[tokio::test(start_paused = true)]
async fn a_chunk_is_the_message_as_it_is() {
    for offers in [&["CHUNKING"][..], &["PIPELINING", "CHUNKING"]] {
        let (conversation, heard) = converse(Script::offering(offers), &plan(&FIVE[..2])).await;
        assert!(all_delivered(&conversation) && conversation.sent_final_dot, "{}", conversation.transcript);
        assert_eq!(heard.contents, [MESSAGE], "no dot is doubled");
        assert!(heard.commands.contains(&"BDAT 29 LAST".to_owned()), "{:?}", heard.commands);
        assert_eq!(heard.count("DATA"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_sent_after_data_is_not_sent_in_a_chunk_either() {
    let (conversation, heard) = converse_with(Script::offering(&["CHUNKING"]), &plan(&FIVE), b"a\nb\r\n").await;
    assert!(matches!(conversation.recipients[0].outcome, Outcome::Failed(Fault::Local(_))));
    assert_eq!(heard.count("MAIL"), 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_recipient_there_is_no_chunk_but_a_small_one_that_went_along() {
    for (offers, chunks) in [(&["CHUNKING"][..], 0), (&["PIPELINING", "CHUNKING"], 1)] {
        for answer in ["503 5.5.1 no recipients", "554 5.5.1 no recipients", "250 taken for nobody"] {
            let script = Script::offering(offers)
                .at("RCPT", [say("550 5.1.1 no"), say("450 4.2.1 later")])
                .at("dot", [say(answer)]);
            let (conversation, heard) = converse(script, &plan(&FIVE[..2])).await;
            assert_eq!(fates(&conversation.recipients), [(Phase::Rcpt, 550, false), (Phase::Rcpt, 450, false)]);
            assert_eq!(heard.count("BDAT"), chunks);
            assert!(!conversation.sent_final_dot);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_letter_goes_in_one_write_and_a_large_one_waits_for_somebody_who_takes_it() {
    let large = b"0123456789\r\n".repeat(5_000);
    let no = || Script::offering(&["PIPELINING", "CHUNKING"]).at("RCPT", [say("550 5.1.1 no")]);
    for (message, chunks) in [(MESSAGE, 1), (&large, 0)] {
        let (_, heard) = converse_with(no(), &plan(&FIVE[..1]), message).await;
        assert_eq!(heard.count("BDAT"), chunks);
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_chunk_is_for_everybody_who_was_accepted() {
    for (answer, expected) in [("250 ok", (250, true)), ("451 4.7.1 later", (451, false)), ("554 no", (554, false))] {
        let script = Script::offering(&["PIPELINING", "CHUNKING"])
            .at("RCPT", [say("250 ok"), say("550 5.1.1 no"), say("250 ok")])
            .at("dot", [say(answer)]);
        let (conversation, _) = converse(script, &plan(&FIVE[..3])).await;
        let taken = (Phase::Body, expected.0, expected.1);
        assert_eq!(fates(&conversation.recipients), [taken, (Phase::Rcpt, 550, false), taken]);
        assert!(conversation.sent_final_dot);
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_after_the_last_octet_of_a_chunk_says_that_it_was_sent_and_one_before_it_does_not() {
    let (after, _) = converse(Script::offering(&["CHUNKING"]).at("dot", [Answer::Close]), &plan(&FIVE[..1])).await;
    assert_eq!(fates(&after.recipients), [(Phase::Body, 0, false)]);
    assert!(after.sent_final_dot);
    let large = b"0123456789\r\n".repeat(50_000);
    let halfway = Answer::SayAndCloseAfter(100_000, b"552 5.3.4 too much\r\n".to_vec());
    let script = Script::offering(&["CHUNKING"]).at("content", [halfway]);
    let (before, _) = converse_with(script, &plan(&FIVE[..1]), &large).await;
    assert_eq!(fates(&before.recipients), [(Phase::Body, 552, false)]);
    assert!(!before.sent_final_dot);
    let silent = Script::offering(&["CHUNKING"]).at("dot", [Answer::Hang]);
    let (silent, _) = converse(silent, &plan(&FIVE[..1])).await;
    assert_eq!(silent.recipients[0].outcome, Outcome::Failed(Fault::Timeout(600)));
}

#[tokio::test(start_paused = true)]
async fn a_break_before_the_chunk_is_none_after_it() {
    let script = |offers| Script::offering(offers).at("RCPT", [say("250 ok"), Answer::Close]);
    let (conversation, _) = converse(script(&["CHUNKING"]), &plan(&FIVE[..2])).await;
    assert_eq!(fates(&conversation.recipients), [(Phase::Rcpt, 0, false); 2]);
    assert!(!conversation.sent_final_dot);
    // A letter that went along is out of the house by then.
    let (conversation, _) = converse(script(&["PIPELINING", "CHUNKING"]), &plan(&FIVE[..2])).await;
    assert_eq!(fates(&conversation.recipients), [(Phase::Body, 0, false); 2]);
    assert!(conversation.sent_final_dot);
}

#[tokio::test(start_paused = true)]
async fn a_chunk_goes_through_a_pipe_of_any_width() {
    let large = b".123456789\r\n".repeat(20_000);
    for width in [1, 7, 64, 100_000] {
        let message = if width < 64 { MESSAGE } else { &large };
        let (pipe, heard) = server_with_width(Script::offering(&["PIPELINING", "CHUNKING"]), width);
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &plan(&FIVE[..1]), message).await;
        assert!(all_delivered(&conversation));
        assert_eq!(heard.lock().unwrap().contents, [message]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_offers_chunks_and_does_not_know_them_can_be_tried_without() {
    for answer in ["500 5.5.2 what", "502 5.5.1 not here"] {
        for turn in ["content", "dot"] {
            let script = || Script::offering(&["PIPELINING", "CHUNKING"]).at(turn, [say(answer)]);
            let (conversation, heard) = converse(script(), &plan(&FIVE[..1])).await;
            assert!(conversation.chunk_refused, "{}", conversation.transcript);
            assert!(matches!(conversation.recipients[0].outcome, Outcome::Failed(Fault::Protocol(_))));
            assert!(!conversation.sent_final_dot, "what is not understood is not taken");
            assert_eq!(heard.count("QUIT"), 0);
        }
    }
    let only_data = Plan { only_data: true, ..plan(&FIVE[..1]) };
    let (conversation, heard) = converse(Script::offering(&["PIPELINING", "CHUNKING"]), &only_data).await;
    assert!(all_delivered(&conversation) && !conversation.chunk_refused);
    assert_eq!((heard.count("BDAT"), heard.count("DATA")), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_header_in_another_script_needs_a_server_that_takes_it() {
    let message = "To: j\u{fc}rgen@there.test\r\n\r\nx\r\n".as_bytes();
    let plan = Plan { eight_bit: true, ..plan(&FIVE[..1]) };
    let (conversation, heard) = converse_with(Script::offering(&["8BITMIME"]), &plan, message).await;
    let result = &conversation.recipients[0];
    assert_eq!(result.outcome, Outcome::Failed(Fault::Unsupported("SMTPUTF8".into())));
    assert_eq!((result.phase, heard.count("MAIL")), (Phase::Mail, 0));
    let (conversation, heard) = converse_with(Script::offering(&["8BITMIME", "SMTPUTF8"]), &plan, message).await;
    assert!(all_delivered(&conversation));
    assert!(heard.commands.contains(&"MAIL FROM:<anna@here.test> BODY=8BITMIME SMTPUTF8".to_owned()));
    let (_, heard) = converse(Script::offering(&["8BITMIME", "SMTPUTF8"]), &plan).await;
    assert!(heard.commands.contains(&"MAIL FROM:<anna@here.test> BODY=8BITMIME".to_owned()), "only where needed");
}

#[tokio::test(start_paused = true)]
async fn those_who_are_too_many_go_in_the_next_transaction_without_delay() {
    for offers in [&["PIPELINING"][..], &[], &["PIPELINING", "CHUNKING"]] {
        for refusal in [MANY, "552 too many recipients"] {
            let no = say(refusal);
            let script = Script::offering(offers)
                .at("RCPT", [say("250 ok"), say("250 ok"), no.clone(), no.clone(), no])
                .at("RCPT", [say("250 ok"), say("550 5.1.1 no")]);
            let (conversation, heard) = converse(script, &plan(&FIVE)).await;
            let (yes, no) = ((Phase::Body, 250, true), (Phase::Rcpt, 550, false));
            assert_eq!(fates(&conversation.recipients), [yes, yes, yes, no, yes]);
            assert_eq!(batches(&heard), [5, 2, 1], "no more at a time than it took before");
            assert_eq!(heard.contents.len(), 3);
            assert!(conversation.put_off.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_for_which_one_recipient_is_too_many_has_given_its_answer() {
    let script = Script::offering(&["PIPELINING"])
        .at("RCPT", [say("250 ok"), say(MANY), say(MANY), say(MANY)])
        .at("RCPT", [say(MANY)])
        .at("DATA", [say("354 go on"), say("554 no valid recipients")]);
    let (conversation, heard) = converse(script, &plan(&FIVE[..4])).await;
    let no = (Phase::Rcpt, 452, false);
    assert_eq!(
        fates(&conversation.recipients),
        [(Phase::Body, 250, true), no, (Phase::Body, 250, true), (Phase::Body, 250, true)]
    );
    assert_eq!(batches(&heard), [4, 1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn stated_limits_are_kept() {
    let table: [(&str, &[usize], &[usize]); 4] = [
        ("LIMITS RCPTMAX=2", &[2, 2, 1], &[]),
        ("LIMITS RCPTMAX=100", &[5], &[]),
        ("LIMITS RCPTMAX=2 MAILMAX=2", &[2, 2], &[4]),
        ("LIMITS RCPTMAX=1 MAILMAX=1", &[1], &[1, 2, 3, 4]),
    ];
    for (limits, expected, put_off) in table {
        let (conversation, heard) = converse(Script::offering(&["PIPELINING", limits]), &plan(&FIVE)).await;
        assert_eq!(batches(&heard), expected, "{limits}");
        assert_eq!(conversation.put_off, put_off, "{limits}");
        for (place, result) in conversation.recipients.iter().enumerate() {
            assert_eq!(result.delivered, !put_off.contains(&place), "{limits}: {place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_domains_parts_them() {
    let to = ["1@a.test", "2@a.test", "3@b.test", "4@c.test"];
    let (conversation, heard) = converse(Script::offering(&["LIMITS RCPTDOMAINMAX=1"]), &plan(&to)).await;
    assert!(all_delivered(&conversation));
    assert_eq!(batches(&heard), [2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_sender_is_asked_for_once() {
    let script = Script::offering(&["LIMITS RCPTMAX=2"]).at("MAIL", [say("550 5.7.1 not you")]);
    let (conversation, heard) = converse(script, &plan(&FIVE)).await;
    assert_eq!(fates(&conversation.recipients), [(Phase::Mail, 550, false); 5]);
    assert_eq!(heard.count("MAIL"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_takes_no_second_sender_refuses_nobody() {
    let limited = || Script::offering(&["LIMITS RCPTMAX=3"]);
    let yes = (Phase::Body, 250, true);
    let script = limited().at("MAIL", [say("250 ok"), say("503 5.5.1 one at a time")]);
    let (conversation, _) = converse(script, &plan(&FIVE)).await;
    assert_eq!(fates(&conversation.recipients)[..3], [yes; 3]);
    assert_eq!(conversation.put_off, [3, 4], "another session may take them");
    let script = limited().at("MAIL", [say("250 ok"), say_and_close("421 4.7.0 enough for now")]);
    let (conversation, _) = converse(script, &plan(&FIVE)).await;
    assert_eq!(fates(&conversation.recipients), [yes, yes, yes, (Phase::Mail, 0, false), (Phase::Mail, 0, false)]);
    assert!(conversation.put_off.is_empty(), "who says goodbye is not called again at once");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_too_many_when_the_line_breaks_keeps_that_answer() {
    let script = Script::offering(&["PIPELINING"])
        .at("RCPT", [say("250 ok"), say(MANY)])
        .at("dot", [say_and_close("250 2.0.0 taken")]);
    let (conversation, _) = converse(script, &plan(&FIVE[..2])).await;
    assert_eq!(fates(&conversation.recipients)[0], (Phase::Body, 250, true));
    assert!(!conversation.recipients[1].delivered);
    assert_eq!(fates(&conversation.recipients)[1].1, 452);
}

#[tokio::test(start_paused = true)]
async fn a_sender_in_another_script_names_its_recipients_so_for_notifications() {
    let plan = Plan { sender: Some(address("\u{df}@here.test")), ..plan(&["\u{fc}@there.test"]) };
    let (_, heard) = converse(Script::offering(&["SMTPUTF8", "DSN"]), &plan).await;
    let expected = [
        "MAIL FROM:<\u{df}@here.test> SMTPUTF8 RET=HDRS",
        "RCPT TO:<\u{fc}@there.test> NOTIFY=FAILURE,DELAY ORCPT=utf-8;\\x{FC}@there.test",
    ];
    assert_eq!(heard.commands[1..3], expected);
}

#[tokio::test(start_paused = true)]
async fn a_break_in_a_later_content_is_not_after_its_end() {
    let large = b"0123456789\r\n".repeat(50_000);
    for offers in [&["LIMITS RCPTMAX=1"][..], &["LIMITS RCPTMAX=1", "CHUNKING"]] {
        let script = Script::offering(offers).at("content", [Answer::Say(vec![]), Answer::Close]);
        let (conversation, _) = converse_with(script, &plan(&FIVE[..2]), &large).await;
        assert_eq!(fates(&conversation.recipients), [(Phase::Body, 250, true), (Phase::Body, 0, false)]);
        assert!(!conversation.sent_final_dot, "the second one's did not leave");
    }
}
