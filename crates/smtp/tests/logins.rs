//! Logins: each mechanism, each of its failures, and what is left of them in the transcript.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{Fault, LoginForm, Outcome, Phase, TlsPolicy};
use peer::scram::{self, CHANNEL, PASSWORD, SALT};
use peer::{Answer, Conversation, Heard, MESSAGE, Pipe, Plan, PretendTls, Script, converse_over, demand, login};
use peer::{plan, say, server};

const TOKEN: &str = "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg";

fn with(form: LoginForm, secret: &str) -> Plan {
    Plan { tls: demand(TlsPolicy::Verified), auth: Some(login(form, secret)), ..plan(&["bert@there.test"]) }
}

fn password() -> Plan {
    with(LoginForm::Password, PASSWORD)
}

fn token() -> Plan {
    with(LoginForm::Token, TOKEN)
}

fn offering(mechanisms: &str) -> Script {
    Script::offering(&["STARTTLS", &format!("AUTH {mechanisms}")])
}

async fn converse_on(pipe: Pipe, plan: &Plan) -> Conversation {
    converse_over(&PretendTls::VERIFIED, pipe, plan, MESSAGE).await
}

async fn converse(script: Script, plan: &Plan) -> (Conversation, Heard) {
    let (pipe, heard) = server(script);
    let conversation = converse_on(pipe, plan).await;
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    (conversation, heard)
}

fn protocol_fault(conversation: &Conversation) -> String {
    match (&conversation.recipients[0].phase, &conversation.recipients[0].outcome) {
        (Phase::Auth, Outcome::Failed(Fault::Protocol(what))) => what.clone(),
        _ => panic!("{conversation:?}"),
    }
}

fn refusal(conversation: &Conversation) -> (u16, String) {
    match (&conversation.recipients[0].phase, &conversation.recipients[0].outcome) {
        (Phase::Auth, Outcome::Replied(reply)) => (reply.code, reply.text()),
        _ => panic!("{conversation:?}"),
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&BASE64.decode(text).unwrap()).into_owned()
}

/// A server that is honest about SCRAM-SHA-256.
fn honest(mechanisms: &str) -> Script {
    offering(mechanisms)
        .at("AUTH", [Answer::Reckon(scram::challenge)])
        .at("response", [Answer::Reckon(scram::judge), say("235 2.7.0 welcome")])
}

#[tokio::test(start_paused = true)]
async fn scram_is_preferred_and_the_password_never_leaves() {
    let (conversation, heard) = converse(honest("LOGIN PLAIN SCRAM-SHA-256"), &password()).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    assert_eq!((heard.count("AUTH SCRAM-SHA-256 "), heard.count("AUTH")), (1, 1));
    for command in &heard.commands {
        let octets = BASE64.decode(command.rsplit(' ').next().unwrap()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&octets).contains(PASSWORD));
    }
}

#[tokio::test(start_paused = true)]
async fn the_exchange_is_not_in_the_transcript() {
    let (conversation, heard) = converse(honest("SCRAM-SHA-256"), &password()).await;
    let transcript = &conversation.transcript;
    assert!(transcript.contains("C: AUTH SCRAM-SHA-256 ***\n"), "{transcript}");
    assert_eq!(transcript.matches("S: 334 ***\n").count(), 2, "{transcript}");
    assert!(transcript.contains("C: (an empty line)\n"), "{transcript}");
    for command in heard.commands.iter().filter(|command| BASE64.decode(command).is_ok_and(|text| text.len() > 10)) {
        assert!(!transcript.contains(command), "{transcript}");
    }
    assert!(!transcript.contains(&BASE64.encode(SALT)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_prove_that_it_knows_the_password_gets_nothing_more() {
    let wrong = [
        vec![Answer::Reckon(scram::pretend)],
        vec![say("334 dj1ub25zZW5zZQ==")],
        vec![say("334 !")],
        vec![say("235 2.7.0 welcome")],
        // It refuses and lets us in.
        vec![say(&format!("334 {}", BASE64.encode("e=other-error"))), say("235 2.7.0 welcome")],
    ];
    for answers in wrong {
        let script = offering("SCRAM-SHA-256 PLAIN").at("AUTH", [Answer::Reckon(scram::challenge)]);
        let (conversation, heard) = converse(script.at("response", answers.clone()), &password()).await;
        assert!(protocol_fault(&conversation).contains("without proof"), "{answers:?}");
        assert_eq!((heard.count("AUTH"), heard.count("MAIL"), heard.count("QUIT")), (1, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_challenge_that_makes_no_sense_ends_it() {
    for challenge in ["r=other,s=AAAA,i=4096", "nonsense", "r=,s=,i=0"] {
        let script = offering("SCRAM-SHA-256 PLAIN").at("AUTH", [say(&format!("334 {}", BASE64.encode(challenge)))]);
        let (conversation, heard) = converse(script, &password()).await;
        protocol_fault(&conversation);
        assert_eq!((heard.count("AUTH"), heard.count("MAIL")), (1, 0), "{challenge}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_whom_the_server_cannot_know_by_scram_is_let_in_by_the_next() {
    let plain = BASE64.encode(format!("\0anna\0{PASSWORD}"));
    let unknown = format!("334 {}", BASE64.encode("e=unknown-user"));
    let before = [
        // Refused at once, in SCRAM's own words, for the password itself to be said once, and for want of SCRAM.
        Script::default().at("AUTH", [say("535 5.7.8 no")]),
        Script::default().at("AUTH", [say(&unknown)]).at("response", [say("535 5.7.8 no")]),
        Script::default().at("AUTH", [say("432 4.7.12 a password transition is needed")]),
        Script::default().at("AUTH", [say("504 5.5.4 not here")]),
    ];
    for script in before {
        let script = script.also_offering(&["STARTTLS", "AUTH SCRAM-SHA-256 PLAIN"]);
        let (conversation, heard) = converse(script, &password()).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert!(heard.commands.contains(&format!("AUTH PLAIN {plain}")));
        assert!(conversation.transcript.contains("trying PLAIN instead"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_that_was_judged_is_not_tried_by_other_means() {
    let refusals = [
        vec![say("535 5.7.8 no")],
        vec![Answer::Reckon(scram::judge), say("535 5.7.8 no")],
        vec![say(&format!("334 {}", BASE64.encode("e=channel-bindings-dont-match"))), say("535 5.7.8 no")],
    ];
    for responses in refusals {
        let script = offering("SCRAM-SHA-256 PLAIN LOGIN")
            .at("AUTH", [Answer::Reckon(scram::challenge)])
            .at("response", responses);
        let (conversation, heard) = converse(script, &with(LoginForm::Password, "open barley")).await;
        assert_eq!((refusal(&conversation).0, heard.count("AUTH")), (535, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_scram_says_what_the_server_said_of_it() {
    let script = offering("SCRAM-SHA-256")
        .at("AUTH", [Answer::Reckon(scram::challenge)])
        .at("response", [Answer::Reckon(scram::judge), say("535 5.7.8 no")]);
    let plan = with(LoginForm::Password, "open barley");
    let (conversation, _) = converse(script, &plan).await;
    assert_eq!(refusal(&conversation), (535, "no invalid-proof".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_is_not_asked_by_other_means() {
    let script = offering("SCRAM-SHA-256 PLAIN").at("AUTH", [say("454 4.7.0 temporary failure")]);
    let (conversation, heard) = converse(script, &password()).await;
    assert_eq!((refusal(&conversation).0, heard.count("AUTH")), (454, 1));
}

#[tokio::test(start_paused = true)]
async fn the_channel_is_bound_where_both_sides_can() {
    let bound = |script| {
        let (mut pipe, heard) = server(script);
        pipe.channel = Some(CHANNEL);
        (pipe, heard)
    };
    let first = |heard: &Heard| {
        let auths = heard.commands.iter().filter(|command| command.starts_with("AUTH"));
        auths.map(|auth| decoded(auth.rsplit(' ').next().unwrap()).split(',').next().unwrap().to_owned()).collect()
    };
    let script = offering("SCRAM-SHA-256 SCRAM-SHA-256-PLUS")
        .at("AUTH", [Answer::Reckon(scram::challenge)])
        .at("response", [Answer::Reckon(scram::look_at_binding), say("235 2.7.0 welcome")]);
    let (pipe, _) = bound(script);
    let conversation = converse_on(pipe, &password()).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    assert!(conversation.transcript.contains("AUTH SCRAM-SHA-256-PLUS ***"));

    // Offered without: whoever took the offer away is found out by the server.
    let (pipe, heard) = bound(honest("SCRAM-SHA-256"));
    assert!(converse_on(pipe, &password()).await.recipients[0].delivered);
    let said: Vec<String> = first(&heard.lock().unwrap());
    assert_eq!(said, ["y"]);

    // Offered with a binding that is not ours, and then done without.
    let script = offering("SCRAM-SHA-256 SCRAM-SHA-256-PLUS")
        .at("AUTH", [say("535 5.7.8 unsupported-channel-binding-type"), Answer::Reckon(scram::challenge)])
        .at("response", [Answer::Reckon(scram::judge), say("235 2.7.0 welcome")]);
    let (pipe, heard) = bound(script);
    assert!(converse_on(pipe, &password()).await.recipients[0].delivered);
    let said: Vec<String> = first(&heard.lock().unwrap());
    assert_eq!(said, ["p=tls-exporter", "n"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_by_the_standard_where_it_is_known_and_by_its_forerunner_elsewhere() {
    let standard = format!("n,a=anna,\x01host=mx.test\x01port=25\x01auth=Bearer {TOKEN}\x01\x01");
    let forerunner = format!("user=anna\x01auth=Bearer {TOKEN}\x01\x01");
    let table = [
        ("PLAIN XOAUTH2 OAUTHBEARER", format!("AUTH OAUTHBEARER {}", BASE64.encode(&standard))),
        ("PLAIN XOAUTH2", format!("AUTH XOAUTH2 {}", BASE64.encode(&forerunner))),
    ];
    for (offers, expected) in table {
        let (conversation, heard) = converse(offering(offers), &token()).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert!(heard.commands.contains(&expected), "{:?}", heard.commands);
        assert!(!conversation.transcript.contains(TOKEN) && !conversation.transcript.contains(&expected[13..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_acknowledged_and_its_reason_shown() {
    let challenge = BASE64.encode(r#"{"status":"invalid_token","scope":"https://mail.test/"}"#);
    for (mechanism, acknowledgement) in [("OAUTHBEARER", "AQ=="), ("XOAUTH2", "")] {
        let script = offering(mechanism)
            .at("AUTH", [say(&format!("334 {challenge}"))])
            .at("response", [say("535 5.7.8 Username and Password not accepted")]);
        let (conversation, heard) = converse(script, &token()).await;
        let (code, text) = refusal(&conversation);
        assert_eq!(code, 535);
        assert_eq!(text, "Username and Password not accepted status=invalid_token, scope=https://mail.test/");
        assert!(heard.commands.iter().any(|command| command == acknowledgement), "{:?}", heard.commands);
        assert_eq!(heard.count("AUTH"), 1, "the same token by other means is the same token");
        assert!(conversation.transcript.contains("-- the server says of the token: status=invalid_token"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_no_password_and_a_password_no_token() {
    for (offers, plan) in [("PLAIN LOGIN SCRAM-SHA-256", token()), ("OAUTHBEARER XOAUTH2", password())] {
        let (conversation, heard) = converse(offering(offers), &plan).await;
        assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::NoAuthOffered));
        assert_eq!(heard.count("AUTH"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn neither_a_token_nor_a_proof_goes_where_another_could_read_it() {
    let offers = "AUTH SCRAM-SHA-256 PLAIN OAUTHBEARER XOAUTH2";
    for form in [LoginForm::Password, LoginForm::Token] {
        let clear = (Script::offering(&[offers]), TlsPolicy::Plain, PretendTls::VERIFIED);
        let unproven = (Script::offering(&["STARTTLS", offers]), TlsPolicy::Opportunistic, PretendTls::UNVERIFIED);
        for (script, policy, tls) in [clear, unproven] {
            let plan = Plan { tls: demand(policy), ..with(form, TOKEN) };
            let (pipe, heard) = server(script);
            let conversation = converse_over(&tls, pipe, &plan, MESSAGE).await;
            assert_eq!(conversation.recipients[0].outcome, Outcome::Failed(Fault::NoAuthOffered));
            assert_eq!(heard.lock().unwrap().count("AUTH"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_overlooks_the_first_message_is_told_again() {
    for (mechanism, plan) in [("OAUTHBEARER", token()), ("XOAUTH2", token()), ("PLAIN", password())] {
        let script = offering(mechanism).at("AUTH", [say("334 ")]).at("response", [say("235 2.7.0 welcome")]);
        let (conversation, heard) = converse(script, &plan).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        let auth = heard.commands.iter().position(|command| command.starts_with("AUTH")).unwrap();
        assert!(heard.commands[auth].ends_with(&heard.commands[auth + 1]));
    }
    let script = offering("SCRAM-SHA-256")
        .at("AUTH", [say("334 ")])
        .at("response", [Answer::Reckon(scram::challenge), Answer::Reckon(scram::judge), say("235 2.7.0 welcome")]);
    let (conversation, _) = converse(script, &password()).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
}
