//! From the greeting to a session that is ready: fallbacks, encryption, logins.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Fault, LoginForm, Outcome, Phase, TlsPolicy};
use peer::{
    Answer, Conversation, MESSAGE, Plan, PretendTls, Script, converse_over, demand, login, plan, say, say_and_close,
    server,
};

const TO: [&str; 1] = ["bert@there.test"];
const PASSWORD: &str = "open sesame";

async fn converse_under(tls: &PretendTls, script: Script, plan: &Plan) -> (Conversation, peer::Heard) {
    let (pipe, heard) = server(script);
    let conversation = converse_over(tls, pipe, plan, MESSAGE).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (conversation, heard)
}

async fn converse(script: Script, plan: &Plan) -> (Conversation, peer::Heard) {
    converse_under(&PretendTls::VERIFIED, script, plan).await
}

fn failed(conversation: &Conversation) -> (Phase, Option<Fault>) {
    let result = &conversation.recipients[0];
    match &result.outcome {
        Outcome::Failed(fault) => (result.phase, Some(fault.clone())),
        Outcome::Replied(_) => (result.phase, None),
    }
}

fn with_login(tls: TlsPolicy) -> Plan {
    let auth = Some(login(LoginForm::Password, PASSWORD));
    Plan { tls: demand(tls), auth, ..plan(&TO) }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_know_ehlo_is_greeted_with_helo() {
    for refusal in ["500 what", "502 5.5.2 not here", "504 no", "550 no"] {
        let (conversation, heard) = converse(Script::offering(&[]).at("EHLO", [say(refusal)]), &plan(&TO)).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert_eq!(heard.count("HELO"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_both_has_said_why_at_the_first() {
    let script = Script::offering(&[])
        .at("EHLO", [say("550 5.7.1 not from a dynamic address")])
        .at("HELO", [say_and_close("503 5.5.1 no")]);
    let (conversation, _) = converse(script, &plan(&TO)).await;
    let Outcome::Replied(reply) = &conversation.recipients[0].outcome else { panic!("{conversation:?}") };
    assert_eq!(reply.text(), "not from a dynamic address");
}

#[tokio::test(start_paused = true)]
async fn a_temporary_refusal_of_ehlo_is_not_asked_again_in_other_words() {
    let (_, heard) = converse(Script::offering(&[]).at("EHLO", [say("451 later")]), &plan(&TO)).await;
    assert_eq!(heard.count("HELO"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_could_end_a_command_is_never_sent() {
    for helo in ["", "me.test\r\nMAIL FROM:<>", "two words", "\u{fc}.test"] {
        let (conversation, heard) = converse(Script::offering(&[]), &Plan { helo: helo.into(), ..plan(&TO) }).await;
        assert!(matches!(failed(&conversation), (Phase::Prepare, Some(Fault::Local(_)))), "{helo:?}");
        assert!(heard.commands.iter().all(|command| command == "QUIT"), "{:?}", heard.commands);
    }
}

#[tokio::test(start_paused = true)]
async fn encryption_is_used_where_it_is_offered_and_not_where_it_is_not_wanted() {
    let table = [
        (TlsPolicy::Opportunistic, true, true),
        (TlsPolicy::Opportunistic, false, false),
        (TlsPolicy::Plain, true, false),
        (TlsPolicy::Verified, true, true),
    ];
    for (tls, offered, expected) in table {
        let script = Script::offering(if offered { &["STARTTLS"] } else { &[] });
        let (conversation, heard) = converse(script, &Plan { tls: demand(tls), ..plan(&TO) }).await;
        assert!(conversation.recipients[0].delivered);
        assert_eq!(conversation.tls.is_some(), expected, "{tls:?} offered={offered}");
        assert_eq!(heard.count("EHLO"), 1 + usize::from(expected), "what was offered in clear text is forgotten");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_offered_in_clear_text_no_longer_counts() {
    let script = Script::offering(&["STARTTLS", "SIZE 10", "PIPELINING"]).after_tls(&["SIZE 1000"]);
    let (conversation, heard) = converse(script, &plan(&TO)).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    assert!(heard.commands.contains(&"MAIL FROM:<anna@here.test> SIZE=29".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn required_encryption_that_is_not_offered_ends_it() {
    let (conversation, heard) =
        converse(Script::offering(&[]), &Plan { tls: demand(TlsPolicy::Verified), ..plan(&TO) }).await;
    assert_eq!(failed(&conversation), (Phase::Starttls, Some(Fault::TlsNotOffered)));
    assert_eq!(heard.count("MAIL"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_optional_encryption_that_is_refused_is_done_without() {
    for refusal in ["454 4.7.0 TLS not available", "501 5.5.1 no"] {
        let script = Script::offering(&["STARTTLS"]).at("STARTTLS", [say(refusal)]);
        let (conversation, _) = converse(script, &plan(&TO)).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert_eq!(conversation.tls, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_handshake_may_be_followed_by_clear_text_only_where_no_policy_forbids_it() {
    let fault = Fault::TlsHandshake("no cipher in common".into());
    for (tls, again) in [(TlsPolicy::Opportunistic, true), (TlsPolicy::Verified, false)] {
        let pretend = PretendTls(Err(fault.clone()));
        let (conversation, _) =
            converse_under(&pretend, Script::offering(&["STARTTLS"]), &Plan { tls: demand(tls), ..plan(&TO) }).await;
        assert_eq!(failed(&conversation), (Phase::Tls, Some(fault.clone())));
        assert_eq!(conversation.starttls_failed, again);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_or_falls_silent_at_starttls_may_be_tried_in_clear_text() {
    for answer in [Answer::Close, Answer::Hang, say_and_close("421 4.3.0 no")] {
        let script = Script::offering(&["STARTTLS"]).at("STARTTLS", [answer.clone()]);
        let (conversation, _) = converse(script, &plan(&TO)).await;
        assert!(conversation.starttls_failed, "{answer:?}");
        assert_eq!(conversation.recipients[0].phase, Phase::Starttls);
    }
}

#[tokio::test(start_paused = true)]
async fn an_encrypted_connection_that_breaks_before_a_word_is_a_failed_encryption() {
    let hello = say("250-mx.test\r\n250 STARTTLS");
    for (tls, again) in [(TlsPolicy::Opportunistic, true), (TlsPolicy::Verified, false)] {
        let script = Script::offering(&["STARTTLS"]).at("EHLO", [hello.clone(), Answer::Close]);
        let (conversation, _) = converse(script, &Plan { tls: demand(tls), ..plan(&TO) }).await;
        assert_eq!(failed(&conversation), (Phase::Ehlo, Some(Fault::Closed)));
        assert_eq!(conversation.starttls_failed, again);
    }
}

#[tokio::test(start_paused = true)]
async fn clear_text_behind_the_agreement_to_encrypt_is_never_taken_for_encrypted() {
    for smuggled in ["220 go\r\n250 smuggled\r\n", "220 go\r\n250-half", "220 go\r\n\0"] {
        let script = Script::offering(&["STARTTLS"]).at("STARTTLS", [Answer::Say(smuggled.into())]);
        let (conversation, heard) = converse(script, &plan(&TO)).await;
        assert!(matches!(failed(&conversation), (Phase::Starttls, Some(Fault::Protocol(_)))), "{conversation:?}");
        assert!(!conversation.starttls_failed, "and not answered by going without encryption either");
        assert_eq!(heard.count("EHLO"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn implicit_tls_comes_before_the_greeting() {
    let plan = Plan { implicit_tls: true, tls: demand(TlsPolicy::Verified), ..plan(&TO) };
    let (conversation, heard) = converse(Script::offering(&["STARTTLS"]), &plan).await;
    assert!(conversation.recipients[0].delivered && conversation.tls.is_some());
    assert_eq!(heard.count("STARTTLS"), 0);

    let pretend = PretendTls(Err(Fault::TlsUntrusted("it expired".into())));
    let (conversation, heard) = converse_under(&pretend, Script::offering(&[]), &plan).await;
    assert_eq!(failed(&conversation), (Phase::Tls, Some(Fault::TlsUntrusted("it expired".into()))));
    assert!(heard.commands.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_login_prefers_plain_and_takes_login_where_that_is_all_there_is() {
    let plain = format!("AUTH PLAIN {}", BASE64.encode(format!("\0anna\0{PASSWORD}")));
    let script = Script::offering(&["STARTTLS"]).after_tls(&["AUTH LOGIN PLAIN"]);
    let (conversation, heard) = converse(script, &with_login(TlsPolicy::Verified)).await;
    assert!(conversation.recipients[0].delivered);
    assert!(heard.commands.contains(&plain));

    let script = Script::offering(&["STARTTLS", "AUTH=LOGIN"])
        .at("AUTH", [say("334 VXNlcm5hbWU6")])
        .at("response", [say("334 UGFzc3dvcmQ6"), say("235 2.7.0 welcome")]);
    let (conversation, heard) = converse(script, &with_login(TlsPolicy::Verified)).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    assert!(heard.commands.contains(&BASE64.encode("anna")) && heard.commands.contains(&BASE64.encode(PASSWORD)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_overlooks_the_initial_response_is_told_again() {
    let script = Script::offering(&["STARTTLS", "AUTH PLAIN"])
        .at("AUTH", [say("334 ")])
        .at("response", [say("235 2.7.0 welcome")]);
    let (conversation, _) = converse(script, &with_login(TlsPolicy::Verified)).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_mechanism_that_turns_out_unknown_is_followed_by_the_other() {
    let script = Script::offering(&["STARTTLS", "AUTH PLAIN LOGIN"])
        .at("AUTH", [say("504 5.5.4 unrecognised"), say("334 VXNlcm5hbWU6")])
        .at("response", [say("334 UGFzc3dvcmQ6"), say("235 2.7.0 welcome")]);
    let (conversation, _) = converse(script, &with_login(TlsPolicy::Verified)).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_keeps_the_servers_words_and_sends_no_letter() {
    let script = Script::offering(&["STARTTLS", "AUTH PLAIN"]).at("AUTH", [say("535 5.7.8 wrong password")]);
    let (conversation, heard) = converse(script, &with_login(TlsPolicy::Verified)).await;
    let result = &conversation.recipients[0];
    assert_eq!(result.phase, Phase::Auth);
    assert!(matches!(&result.outcome, Outcome::Replied(reply) if reply.code == 535));
    assert_eq!(heard.count("MAIL"), 0);
    assert!(!conversation.starttls_failed);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_never_ends_is_broken_off() {
    let script = Script::offering(&["STARTTLS", "AUTH PLAIN"])
        .at("AUTH", [say("334 more")])
        .at("response", [say("334 more"), say("501 5.7.0 cancelled")]);
    let (conversation, heard) = converse(script, &with_login(TlsPolicy::Verified)).await;
    assert!(matches!(failed(&conversation), (Phase::Auth, Some(Fault::Protocol(_)))));
    assert!(heard.commands.contains(&"*".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn no_password_goes_where_another_could_read_it() {
    let clear = Script::offering(&["AUTH PLAIN LOGIN"]);
    let encrypted = Script::offering(&["STARTTLS", "AUTH PLAIN LOGIN"]);
    let table = [
        (clear.clone(), PretendTls::VERIFIED, TlsPolicy::Plain),
        (clear, PretendTls::VERIFIED, TlsPolicy::Opportunistic),
        (encrypted, PretendTls::UNVERIFIED, TlsPolicy::Opportunistic),
        (Script::offering(&["STARTTLS", "AUTH XOAUTH2"]), PretendTls::VERIFIED, TlsPolicy::Verified),
        (Script::offering(&["STARTTLS"]), PretendTls::VERIFIED, TlsPolicy::Verified),
    ];
    for (script, tls, policy) in table {
        let (conversation, heard) = converse_under(&tls, script, &with_login(policy)).await;
        assert_eq!(failed(&conversation), (Phase::Auth, Some(Fault::NoAuthOffered)), "{policy:?}");
        assert_eq!(heard.count("AUTH"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn to_this_computer_itself_a_password_may_go_in_clear_text() {
    let (mut pipe, _) = server(Script::offering(&["AUTH PLAIN"]));
    pipe.peer = ([127, 0, 0, 1], 587).into();
    let conversation = converse_over(&PretendTls::VERIFIED, pipe, &with_login(TlsPolicy::Plain), MESSAGE).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
}

#[tokio::test(start_paused = true)]
async fn the_transcript_holds_no_secret() {
    let plain = BASE64.encode(format!("\0anna\0{PASSWORD}"));
    let script = Script::offering(&["STARTTLS", "AUTH PLAIN LOGIN"])
        .at("AUTH", [say(&format!("504 5.5.4 no {plain}")), say("334 VXNlcm5hbWU6")])
        .at("response", [say("334 UGFzc3dvcmQ6"), say(&format!("535 5.7.8 {PASSWORD} is wrong"))]);
    let (conversation, _) = converse(script, &with_login(TlsPolicy::Verified)).await;
    let transcript = &conversation.transcript;
    for secret in [PASSWORD, &plain, &BASE64.encode(PASSWORD)] {
        assert!(!transcript.contains(secret), "{transcript}");
    }
    assert!(
        transcript.contains("C: AUTH PLAIN ***") && transcript.contains("535 5.7.8 *** is wrong"),
        "{transcript}"
    );
}
