//! Looks at servers: each stage with its answer, and nobody is named.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, Outcome, Reply, TlsPolicy};
use peer::{Answer, Heard, Plan, PretendTls, Script, demand, plan, say, say_and_close, server};
use postrider_smtp::{Look, Stage, look};

async fn look_at(tls: &PretendTls, script: Script, policy: TlsPolicy) -> (Look, Heard) {
    let (pipe, heard) = server(script);
    let plan = Plan { tls: demand(policy), ..plan(&[]) };
    let seen = look(tls, pipe, &plan.opening()).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (seen, heard)
}

fn code(stage: &Option<Stage<Reply>>) -> Option<u16> {
    stage.as_ref().map(|stage| stage.result.as_ref().unwrap().code)
}

#[tokio::test(start_paused = true)]
async fn a_look_goes_to_the_end_and_sends_nothing() {
    let script = Script::offering(&["SIZE 1000", "STARTTLS"]).after_tls(&["SIZE 2000", "SMTPUTF8"]);
    let (seen, heard) = look_at(&PretendTls::VERIFIED, script, TlsPolicy::Opportunistic).await;
    let codes = [&seen.greeting, &seen.ehlo, &seen.ehlo_under_tls, &seen.quit].map(code);
    assert_eq!(codes, [Some(220), Some(250), Some(250), Some(221)]);
    assert!(seen.starttls.as_ref().unwrap().result.as_ref().unwrap().verified);
    assert!(seen.capabilities().smtp_utf8, "what counts is said under encryption");
    assert_eq!(heard.commands, ["EHLO me.test", "STARTTLS", "EHLO me.test", "QUIT"]);
}

#[tokio::test(start_paused = true)]
async fn encryption_is_left_out_where_it_is_not_wanted_or_not_offered() {
    for (offer, policy) in [("STARTTLS", TlsPolicy::Plain), ("SIZE", TlsPolicy::Opportunistic)] {
        let (seen, heard) = look_at(&PretendTls::VERIFIED, Script::offering(&[offer]), policy).await;
        assert_eq!((seen.starttls, seen.ehlo_under_tls), (None, None), "{offer}");
        assert_eq!(heard.commands, ["EHLO me.test", "QUIT"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_the_look_politely() {
    let greeting = Script::offering(&[]).at("greeting", [say("554 5.7.1 not from here")]);
    let (seen, heard) = look_at(&PretendTls::VERIFIED, greeting, TlsPolicy::Opportunistic).await;
    assert_eq!((code(&seen.greeting), &seen.ehlo), (Some(554), &None));
    assert_eq!(heard.commands, ["QUIT"]);
    let ehlo = Script::offering(&[]).at("EHLO", [say("550 5.7.1 bad name")]);
    let (seen, heard) = look_at(&PretendTls::VERIFIED, ehlo, TlsPolicy::Opportunistic).await;
    assert_eq!(
        (code(&seen.ehlo), &heard.commands[..]),
        (Some(550), &["EHLO me.test", "HELO me.test", "QUIT"].map(String::from)[..])
    );
    assert!(!seen.capabilities().starttls);
    let starttls = Script::offering(&["STARTTLS"]).at("STARTTLS", [say("454 4.7.0 not now")]);
    let (seen, _) = look_at(&PretendTls::VERIFIED, starttls, TlsPolicy::Opportunistic).await;
    let refused = seen.starttls.unwrap().result.unwrap_err();
    assert!(matches!(refused, Outcome::Replied(reply) if reply.code == 454));
    assert_eq!(code(&seen.quit), Some(221));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_know_ehlo_is_asked_with_helo() {
    // The answer to EHLO, that to HELO, whether HELO is said.
    let table = [
        ("502 5.5.1 not implemented", "250 mx.test", Some(250)),
        ("550 5.7.1 bad name", "550 5.7.1 bad name", Some(550)),
        ("451 4.7.1 come back later", "250 mx.test", None),
    ];
    for (ehlo, helo, expected) in table {
        let script = Script::offering(&["STARTTLS"]).at("EHLO", [say(ehlo)]).at("HELO", [say(helo)]);
        let (seen, heard) = look_at(&PretendTls::VERIFIED, script, TlsPolicy::Opportunistic).await;
        assert_eq!((code(&seen.helo), heard.count("HELO")), (expected, usize::from(expected.is_some())), "{ehlo}");
        assert_eq!((&seen.starttls, seen.capabilities().starttls), (&None, false), "HELO offers nothing");
        assert_eq!(code(&seen.quit), Some(221));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_does_not_say_is_a_fault_of_its_stage() {
    let table = [
        (Script::offering(&[]).at("greeting", [Answer::Close]), Fault::Closed),
        (Script::offering(&[]).at("greeting", [Answer::Hang]), Fault::Timeout(300)),
    ];
    for (script, expected) in table {
        let (seen, _) = look_at(&PretendTls::VERIFIED, script, TlsPolicy::Opportunistic).await;
        assert_eq!(seen.greeting.unwrap().result, Err(Outcome::Failed(expected)));
        assert_eq!((seen.ehlo, seen.quit), (None, None));
    }
    let failed = PretendTls(Err(Fault::TlsHandshake("no".into())));
    let (seen, _) = look_at(&failed, Script::offering(&["STARTTLS"]), TlsPolicy::Opportunistic).await;
    assert_eq!(seen.starttls.unwrap().result, Err(Outcome::Failed(Fault::TlsHandshake("no".into()))));
    assert_eq!((seen.ehlo_under_tls, seen.quit), (None, None), "the connection is lost");
}

#[tokio::test(start_paused = true)]
async fn what_was_smuggled_in_before_encryption_is_not_taken_for_an_answer() {
    let smuggled = Answer::Say(b"220 go ahead\r\n250 mx.test\r\n".to_vec());
    let script = Script::offering(&["STARTTLS"]).at("STARTTLS", [smuggled]);
    let (seen, _) = look_at(&PretendTls::VERIFIED, script, TlsPolicy::Opportunistic).await;
    assert!(matches!(seen.starttls.unwrap().result, Err(Outcome::Failed(Fault::Protocol(_)))));
    assert_eq!(seen.ehlo_under_tls, None);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_goodbye_is_not_asked_to() {
    let script = Script::offering(&[]).at("EHLO", [say_and_close("421 4.3.2 closing")]);
    let (seen, heard) = look_at(&PretendTls::VERIFIED, script, TlsPolicy::Opportunistic).await;
    assert_eq!((code(&seen.ehlo), &seen.quit), (Some(421), &None));
    assert_eq!(heard.count("QUIT"), 0);
}
