//! A session that is kept for further letters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, Outcome, Phase};
use peer::{Answer, Heard, MESSAGE, Pipe, Plan, PretendTls, Script, demand, plan, say, say_and_close, server};
use postrider_smtp::{HandedOver, Session};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

const WAYS: [&[&str]; 4] = [&[], &["PIPELINING"], &["CHUNKING"], &["PIPELINING", "CHUNKING"]];

fn to_bert() -> Plan {
    plan(&["bert@there.test"])
}

async fn open(script: Script) -> (Session<Pipe>, Arc<Mutex<Heard>>) {
    let (pipe, heard) = server(script);
    (Session::open(&PretendTls::VERIFIED, pipe, &to_bert().opening()).await.ok().unwrap(), heard)
}

async fn hand_over(session: &mut Session<Pipe>) -> HandedOver {
    session.hand_over(&to_bert().mail(), MESSAGE).await
}

#[tokio::test(start_paused = true)]
async fn one_connection_takes_letter_after_letter() {
    for way in WAYS {
        let (mut session, heard) = open(Script::offering(way)).await;
        for _ in 0..20 {
            assert!(session.is_fit());
            assert!(hand_over(&mut session).await.recipients[0].delivered);
        }
        session.leave();
        let heard = heard.lock().unwrap();
        assert_eq!((heard.count("EHLO"), heard.count("MAIL"), heard.count("RSET")), (1, 20, 0));
        assert_eq!(heard.contents.len(), 20);
    }
}

#[tokio::test(start_paused = true)]
async fn each_letter_has_its_own_transcript() {
    let (mut session, _) = open(Script::offering(&["PIPELINING"])).await;
    hand_over(&mut session).await;
    let first = session.take_transcript();
    sleep(Duration::from_secs(90)).await;
    hand_over(&mut session).await;
    let second = session.take_transcript();
    let last = session.leave();
    assert!(first.contains("S: 220 mx.test") && first.contains("S: 250 2.0.0 taken") && !first.contains("earlier"));
    assert!(
        second.starts_with("   0.000 -- the connection was opened 90.000 seconds before, for an earlier message\n")
    );
    assert!(second.contains("   0.000 C: MAIL") && !second.contains("220 mx.test"), "{second}");
    assert_eq!(last.lines().count(), 1, "{last}");
    assert!(last.ends_with("C: QUIT\n"));
}

#[tokio::test(start_paused = true)]
async fn a_session_is_fit_until_the_server_says_something_or_goes() {
    let after = |octets: &[u8]| Answer::Pieces(vec![b"250 2.0.0 taken\r\n".to_vec(), octets.to_vec()]);
    let table = [
        (Answer::Polite, true),
        (after(b"421 4.4.2 idle for too long\r\n"), false),
        (after(b"4"), false),
        (after(b"250 what\r\n"), false),
        (say_and_close("250 2.0.0 taken"), false),
        (say("421 4.3.2 taken, and closing"), false),
    ];
    for (answer, expected) in table {
        let (mut session, _) = open(Script::offering(&[]).at("dot", [answer.clone()])).await;
        hand_over(&mut session).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(session.is_fit(), expected, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_takes_nothing_from_the_next_answer() {
    let (mut session, _) = open(Script::offering(&[])).await;
    for _ in 0..3 {
        assert!(session.is_fit() && session.is_fit());
        assert!(hand_over(&mut session).await.recipients[0].delivered);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_went_in_the_pause_is_stale_and_not_a_failed_attempt() {
    for way in WAYS {
        let answers = [
            say_and_close("250 2.0.0 taken"),
            Answer::Pieces(vec![b"250 2.0.0 taken\r\n".to_vec(), b"421 4.4.2 idle\r\n".to_vec()]),
        ];
        for answer in answers {
            let (mut session, _) = open(Script::offering(way).at("dot", [answer.clone()])).await;
            assert!(!hand_over(&mut session).await.stale);
            sleep(Duration::from_secs(60)).await;
            let second = hand_over(&mut session).await;
            assert!(second.stale && !second.sent_final_dot, "{way:?} {answer:?} {second:?}");
            assert_eq!(second.recipients[0].phase, Phase::Mail);
            assert!(!session.is_open());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_the_content_waits_for_the_envelope() {
    let (mut session, heard) =
        open(Script::offering(&["PIPELINING", "CHUNKING"]).at("MAIL", [Answer::Polite, Answer::Close])).await;
    assert!(hand_over(&mut session).await.recipients[0].delivered);
    sleep(Duration::from_secs(30)).await;
    let second = hand_over(&mut session).await;
    assert!(second.stale && !second.sent_final_dot, "{second:?}");
    assert_eq!(heard.lock().unwrap().count("BDAT"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_first_letter_is_never_stale() {
    for answer in [Answer::Close, say_and_close("421 4.3.2 not now"), Answer::Hang] {
        let (mut session, _) = open(Script::offering(&[]).at("MAIL", [answer])).await;
        assert!(!hand_over(&mut session).await.stale);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_was_left_open_is_reset_and_without_a_round_of_its_own() {
    let nobody = || [say("550 5.1.1 no")];
    let table = [
        // The sender is refused: nothing has begun.
        (
            Script::default()
                .at("MAIL", [say("450 4.1.8 later")])
                .at("RCPT", [say("503 no")])
                .at("DATA", [say("503 no")]),
            0,
        ),
        (Script::default().at("RCPT", nobody()).at("DATA", [say("554 no")]), 1),
        (Script::default().at("DATA", [say("451 4.3.0 not now")]), 1),
        (Script::default().at("dot", [say("554 5.7.1 no")]), 1),
    ];
    for (script, resets) in table {
        let (mut session, heard) = open(script.also_offering(&["PIPELINING"])).await;
        assert!(!hand_over(&mut session).await.recipients[0].delivered);
        session.take_transcript();
        assert!(hand_over(&mut session).await.recipients[0].delivered);
        assert_eq!(heard.lock().unwrap().count("RSET"), resets);
        let transcript = session.take_transcript();
        let asked = transcript.find("C: DATA").unwrap();
        assert!(transcript[..asked].find("S:").is_none(), "all in one go: {transcript}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_may_take_no_more_is_not_open() {
    let (mut session, _) = open(Script::offering(&["LIMITS MAILMAX=2"])).await;
    for expected in [true, false] {
        hand_over(&mut session).await;
        assert_eq!((session.is_open(), session.is_fit()), (expected, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_cannot_be_read_leaves_the_session_fit() {
    let (mut session, _) = open(Script::offering(&[])).await;
    let bad = session.hand_over(&to_bert().mail(), &b"a\nb"[..]).await;
    assert_eq!(bad.recipients[0].phase, Phase::Prepare);
    assert!(session.is_fit());
    assert!(hand_over(&mut session).await.recipients[0].delivered);
}

#[tokio::test(start_paused = true)]
async fn a_promise_of_encryption_to_the_end_is_asked_of_who_gives_it() {
    let promised = Plan { require_tls: true, tls: demand(model::TlsPolicy::Verified), ..to_bert() };
    let table = [
        (&["STARTTLS", "REQUIRETLS"][..], PretendTls::VERIFIED, None),
        (&["STARTTLS"], PretendTls::VERIFIED, Some(Fault::RequireTlsNotOffered("mx.test".into()))),
        (
            &["STARTTLS", "REQUIRETLS"],
            PretendTls::UNVERIFIED,
            Some(Fault::TlsUntrusted("it is signed by nobody".into())),
        ),
    ];
    for (offers, tls, expected) in table {
        let (pipe, heard) = server(Script::offering(offers));
        let conversation = peer::converse_over(&tls, pipe, &promised, MESSAGE).await;
        let heard = heard.lock().unwrap();
        match expected {
            None => assert!(heard.commands.contains(&"MAIL FROM:<anna@here.test> REQUIRETLS".to_owned())),
            Some(fault) => {
                assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(fault));
                assert_eq!(conversation.recipients[0].phase, Phase::Mail);
                assert_eq!(heard.count("MAIL"), 0);
            }
        }
    }
    // In clear text nobody keeps it, whoever says so.
    let (pipe, heard) = server(Script::offering(&["REQUIRETLS"]));
    let clear = Plan { require_tls: true, ..to_bert() };
    let conversation = peer::converse_over(&PretendTls::VERIFIED, pipe, &clear, MESSAGE).await;
    assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::RequireTlsNotOffered("mx.test".into())));
    assert_eq!(heard.lock().unwrap().count("MAIL"), 0);
}

#[tokio::test(start_paused = true)]
async fn who_was_taken_is_known_before_the_session_goes_on_with_the_others() {
    let script = Script::offering(&["LIMITS RCPTMAX=1"]).at("MAIL", [Answer::Polite, say("503 5.5.1 one at a time")]);
    let (mut session, heard) = open(script).await;
    let three = plan(&["bert@there.test", "carl@there.test", "dora@there.test"]);
    let first = session.hand_over(&three.mail(), MESSAGE).await;
    assert!(first.recipients[0].delivered && session.is_open());
    assert_eq!((first.put_off, heard.lock().unwrap().count("MAIL")), (vec![1, 2], 1));
    let others = plan(&["carl@there.test", "dora@there.test"]);
    let second = session.hand_over(&others.mail(), MESSAGE).await;
    assert_eq!(second.put_off, [0, 1], "that the session ends refuses nobody");
    assert!(!session.is_open());
}
