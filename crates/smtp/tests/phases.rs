//! Every fault at every phase, generated: each ends in the right phase, with the right words, in the time that the phase
//! grants (RFC 5321 §4.5.3.2), for the first letter of a session and for the next one, and at each step of each login.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, LoginForm, Outcome, Phase, TlsPolicy};
use peer::{Answer, Conversation, MESSAGE, Plan, PretendTls, Script, converse_over, demand, login, plan, say};
use peer::{say_and_close, scram, server};
use postrider_smtp::{HandedOver, Session};
use std::time::Duration;
use tokio::time::Instant;

/// What a recipient is to get.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Closed,
    Timeout,
    Code(u16),
    AgainstTheRules,
}

impl Expected {
    /// Whether no reply is left that refuses anybody: the line broke.
    fn breaks(self) -> bool {
        !matches!(self, Self::Code(_))
    }

    fn is(self, outcome: &Outcome, seconds: u64) -> bool {
        match (self, outcome) {
            (Self::Closed, outcome) => *outcome == Outcome::Failed(Fault::Closed),
            (Self::Timeout, outcome) => *outcome == Outcome::Failed(Fault::Timeout(seconds)),
            (Self::Code(code), Outcome::Replied(reply)) => reply.code == code,
            (Self::AgainstTheRules, outcome) => matches!(outcome, Outcome::Failed(Fault::Protocol(_))),
            (Self::Code(_), Outcome::Failed(_)) => false,
        }
    }
}

/// What a server may do instead of what it should, and what that is to be called.
fn faults() -> Vec<(Answer, Expected)> {
    use Expected::*;
    let mut faults = vec![
        (Answer::Close, Closed),
        (Answer::SayAndClose(b"250-".to_vec()), Closed),
        (Answer::Hang, Timeout),
        (Answer::Trickle(b"250-".repeat(100), Duration::from_secs(10)), Timeout),
        (say("HTTP/1.1 400 Bad Request"), AgainstTheRules),
        (Answer::Say(b"\0\0\0\x15\x03\x01\r\n".to_vec()), AgainstTheRules),
        (Answer::Say(b"250-more\r\n".repeat(10_000)), AgainstTheRules),
        (Answer::Say(vec![b'2'; 100_000]), AgainstTheRules),
        (Answer::Say(b"550 \xff\xfe nein\r\n".to_vec()), Code(550)),
        (say("450"), Code(450)),
        (say("550-5.7.1 no\r\n550-5.7.1\r\n550 5.7.1 never"), Code(550)),
    ];
    for code in [421, 450, 451, 452, 550, 552, 554, 599] {
        faults.push((say(&format!("{code} no")), Code(code)));
        faults.push((say_and_close(&format!("{code} no")), Code(code)));
    }
    let refusal = b"554-5.7.1 no\r\n554 5.7.1 thanks\r\n";
    let pieces = |at| Answer::Pieces(vec![refusal[..at].to_vec(), refusal[at..].to_vec()]);
    faults.extend((1..refusal.len()).map(|at| (pieces(at), Code(554))));
    faults.push((Answer::Trickle(refusal.to_vec(), Duration::from_millis(1)), Code(554)));
    faults
}

/// A turn of the server, the phase that it decides, and the seconds that it has.
#[derive(Clone, Copy, Debug)]
struct Place {
    turn: &'static str,
    /// How often the turn has come before, without a fault.
    before: usize,
    phase: Phase,
    seconds: u64,
}

const fn at(turn: &'static str, before: usize, phase: Phase, seconds: u64) -> Place {
    Place { turn, before, phase, seconds }
}

const OPENING: [Place; 5] = [
    at("greeting", 0, Phase::Greeting, 300),
    at("EHLO", 0, Phase::Ehlo, 300),
    at("STARTTLS", 0, Phase::Starttls, 300),
    at("EHLO", 1, Phase::Ehlo, 300),
    at("AUTH", 0, Phase::Auth, 300),
];

const LETTER: [Place; 4] = [
    at("MAIL", 0, Phase::Mail, 300),
    at("RCPT", 0, Phase::Rcpt, 300),
    at("DATA", 0, Phase::Data, 120),
    at("dot", 0, Phase::Body, 600),
];

/// The ways in which a letter travels.
const WAYS: [&[&str]; 4] = [&[], &["PIPELINING"], &["CHUNKING"], &["PIPELINING", "CHUNKING"]];

fn is_along(way: &[&str]) -> bool {
    way.len() == 2
}

fn has_place(way: &[&str], place: &Place) -> bool {
    place.turn != "DATA" || !way.contains(&"CHUNKING")
}

fn offering(way: &[&str]) -> Script {
    Script::offering(&[way, &["STARTTLS", "AUTH PLAIN"]].concat())
}

/// A plan that goes through every phase.
fn full_plan() -> Plan {
    Plan {
        tls: demand(TlsPolicy::Verified),
        auth: Some(login(LoginForm::Password, scram::PASSWORD)),
        ..plan(&["bert@there.test"])
    }
}

/// The script with this answer at this place.
fn with(script: Script, place: &Place, answer: &Answer) -> Script {
    let before = std::iter::repeat_n(Answer::Polite, place.before);
    let script = script.at(place.turn, before.chain([answer.clone()]));
    // A refusal of EHLO alone is not the end: HELO is tried.
    if place.turn == "EHLO" { script.at("HELO", [answer.clone()]) } else { script }
}

async fn attempt(script: Script, plan: &Plan) -> Conversation {
    let (pipe, _) = server(script);
    converse_over(&PretendTls::VERIFIED, pipe, plan, MESSAGE).await
}

#[tokio::test(start_paused = true)]
async fn without_a_fault_the_letter_is_delivered() {
    for way in WAYS {
        let conversation = attempt(offering(way), &full_plan()).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        assert_eq!(conversation.recipients[0].phase, Phase::Body);
        assert!(conversation.sent_final_dot && !conversation.stale);
        assert!(conversation.tls.is_some_and(|tls| tls.verified));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_while_the_session_opens_is_named_by_its_phase() {
    for place in OPENING {
        for (answer, expected) in faults() {
            let conversation = attempt(with(offering(WAYS[0]), &place, &answer), &full_plan()).await;
            let result = &conversation.recipients[0];
            assert_eq!(result.phase, place.phase, "{place:?} {answer:?}: {}", conversation.transcript);
            assert!(expected.is(&result.outcome, place.seconds), "{place:?} {answer:?}: {:?}", result.outcome);
            assert!(!result.delivered && !conversation.sent_final_dot && !conversation.stale);
            assert_eq!(conversation.greeting_phase_only, place.turn == "greeting");
            assert!(!conversation.starttls_failed, "the policy leaves no other way");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_in_the_first_letter_is_named_by_its_phase() {
    for way in WAYS {
        for place in LETTER.iter().filter(|place| has_place(way, place)) {
            for (answer, expected) in faults() {
                let conversation = attempt(with(offering(way), place, &answer), &full_plan()).await;
                let handed_over = HandedOver {
                    recipients: conversation.recipients,
                    sent_final_dot: conversation.sent_final_dot,
                    put_off: conversation.put_off,
                    stale: conversation.stale,
                    chunk_refused: conversation.chunk_refused,
                };
                let what = format!("{way:?} {place:?} {answer:?}: {}", conversation.transcript);
                check(way, place, expected, &handed_over, &what);
                assert!(!handed_over.stale, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_in_a_further_letter_is_named_by_its_phase_or_makes_the_connection_stale() {
    for way in WAYS {
        for place in LETTER.iter().filter(|place| has_place(way, place)) {
            for (answer, expected) in faults() {
                let place = Place { before: 1, ..*place };
                let script = with(offering(way), &place, &answer);
                let (first, handed_over, transcript) = two_letters(script).await;
                let what = format!("{way:?} {place:?} {answer:?}: {transcript}");
                assert!(first.recipients[0].delivered, "{what}");
                check(way, &place, expected, &handed_over, &what);
                let unheard = match expected {
                    Expected::Closed | Expected::Timeout => !is_along(way),
                    Expected::Code(code) => code == 421,
                    Expected::AgainstTheRules => false,
                };
                assert_eq!(handed_over.stale, place.turn == "MAIL" && unheard, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_rset_is_one_of_mail() {
    for way in WAYS {
        for (answer, expected) in faults() {
            let place = at("RSET", 0, Phase::Mail, 300);
            let script = with(nobody_at_first(way), &place, &answer);
            let (first, second, transcript) = two_letters(script).await;
            let what = format!("{way:?} {answer:?}: {transcript}");
            assert!(expected_code(&first.recipients[0].outcome) == Some(550), "{what}");
            assert_eq!(second.recipients[0].phase, Phase::Mail, "{what}");
            assert!(expected.is(&second.recipients[0].outcome, 300), "{what}");
            assert!(!second.recipients[0].delivered && !second.sent_final_dot, "{what}");
            let unheard = matches!(expected, Expected::Closed | Expected::Timeout | Expected::Code(421));
            assert_eq!(second.stale, unheard, "{what}");
        }
    }
}

/// A server that takes the first letter for nobody, and so has to be told to begin anew.
fn nobody_at_first(way: &[&str]) -> Script {
    offering(way).at("RCPT", [say("550 5.1.1 no")]).at("dot", [say("554 5.5.1 no recipients")])
}

fn expected_code(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Replied(reply) => Some(reply.code),
        Outcome::Failed(_) => None,
    }
}

async fn two_letters(script: Script) -> (HandedOver, HandedOver, String) {
    let (pipe, _) = server(script);
    let plan = full_plan();
    let mut session = Session::open(&PretendTls::VERIFIED, pipe, &plan.opening()).await.ok().unwrap();
    let first = session.hand_over(&plan.mail(), MESSAGE).await;
    session.take_transcript();
    let second = session.hand_over(&plan.mail(), MESSAGE).await;
    (first, second, session.leave())
}

/// A letter that went along with its envelope is out of the house: whatever breaks then breaks in the content.
fn check(way: &[&str], place: &Place, expected: Expected, handed_over: &HandedOver, what: &str) {
    let result = &handed_over.recipients[0];
    let is_out = is_along(way) && expected.breaks();
    assert_eq!(result.phase, if is_out { Phase::Body } else { place.phase }, "{what}");
    assert!(expected.is(&result.outcome, place.seconds), "{what}");
    assert!(!result.delivered, "{what}");
    assert_eq!(handed_over.sent_final_dot, is_out || place.turn == "dot", "{what}");
}

#[tokio::test(start_paused = true)]
async fn a_yes_of_the_wrong_kind_is_against_the_rules_in_every_phase() {
    for way in WAYS {
        for place in OPENING.iter().chain(LETTER.iter().filter(|place| has_place(way, place))) {
            let wrong = say(if place.turn == "DATA" { "250 fine" } else { "354 go on" });
            let conversation = attempt(with(offering(way), place, &wrong), &full_plan()).await;
            let result = &conversation.recipients[0];
            assert_eq!(result.phase, place.phase, "{place:?}: {}", conversation.transcript);
            assert!(Expected::AgainstTheRules.is(&result.outcome, 0), "{place:?}: {:?}", result.outcome);
            assert!(!result.delivered);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bare_code_is_an_answer_in_every_phase() {
    let codes =
        [("greeting", "220"), ("MAIL", "250"), ("RCPT", "250"), ("DATA", "354"), ("dot", "250"), ("AUTH", "235")];
    for way in &WAYS[..2] {
        let script = codes.iter().fold(offering(way), |script, (turn, code)| script.at(turn, [say(code)]));
        let conversation = attempt(script, &full_plan()).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_fails_is_one_in_either_order() {
    let faults = [
        Fault::TlsHandshake("no cipher in common".into()),
        Fault::TlsUntrusted("it expired".into()),
        Fault::Timeout(60),
        Fault::Closed,
        Fault::Protocol("it sent something else".into()),
    ];
    for fault in faults {
        for implicit_tls in [true, false] {
            let (pipe, heard) = server(offering(WAYS[0]));
            let plan = Plan { implicit_tls, ..full_plan() };
            let conversation = converse_over(&PretendTls(Err(fault.clone())), pipe, &plan, MESSAGE).await;
            let result = &conversation.recipients[0];
            assert_eq!((result.phase, &result.outcome), (Phase::Tls, &Outcome::Failed(fault.clone())));
            assert_eq!(heard.lock().unwrap().count("MAIL"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_quit_costs_neither_the_letter_nor_time() {
    for (answer, _) in faults() {
        let (pipe, _) = server(offering(WAYS[1]).at("QUIT", [answer.clone()]));
        let began = Instant::now();
        let conversation = converse_over(&PretendTls::VERIFIED, pipe, &full_plan(), MESSAGE).await;
        assert!(conversation.recipients[0].delivered, "{answer:?}");
        assert_eq!(began.elapsed(), Duration::ZERO, "{answer:?}");
    }
}

/// A mechanism with what is needed for it, and the server's answers to AUTH and to each line after it.
struct Login {
    mechanism: &'static str,
    form: LoginForm,
    auth: Answer,
    responses: Vec<Answer>,
}

fn logins() -> Vec<Login> {
    let login = |mechanism, form, auth, responses| Login { mechanism, form, auth, responses };
    let yes = || say("235 2.7.0 welcome");
    vec![
        login("PLAIN", LoginForm::Password, yes(), vec![]),
        login("PLAIN", LoginForm::Password, say("334 "), vec![yes()]),
        login("LOGIN", LoginForm::Password, say("334 VXNlcm5hbWU6"), vec![say("334 UGFzc3dvcmQ6"), yes()]),
        login(
            "SCRAM-SHA-256",
            LoginForm::Password,
            Answer::Reckon(scram::challenge),
            vec![Answer::Reckon(scram::judge), yes()],
        ),
        login("OAUTHBEARER", LoginForm::Token, yes(), vec![]),
        login("OAUTHBEARER", LoginForm::Token, say("334 eyJzdGF0dXMiOiI0MDEifQ=="), vec![say("535 5.7.8 no")]),
        login("XOAUTH2", LoginForm::Token, yes(), vec![]),
        login("XOAUTH2", LoginForm::Token, say("334 eyJzdGF0dXMiOiI0MDEifQ=="), vec![say("535 5.7.8 no")]),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_step_of_any_login_is_one_of_the_login() {
    for kind in logins() {
        for step in 0..=kind.responses.len() {
            for (answer, expected) in faults() {
                let (auth, responses) = match step.checked_sub(1) {
                    None => (answer.clone(), vec![]),
                    Some(step) => {
                        let before = kind.responses[..step].iter().cloned();
                        (kind.auth.clone(), before.chain([answer.clone()]).collect())
                    }
                };
                let script = Script::offering(&["STARTTLS", &format!("AUTH {}", kind.mechanism)])
                    .at("AUTH", [auth])
                    .at("response", responses);
                let plan = Plan { auth: Some(login(kind.form, scram::PASSWORD)), ..full_plan() };
                let conversation = attempt(script, &plan).await;
                let what = format!("{} {step} {answer:?}: {}", kind.mechanism, conversation.transcript);
                let result = &conversation.recipients[0];
                assert_eq!(result.phase, Phase::Auth, "{what}");
                assert!(expected.is(&result.outcome, 300), "{what}");
                assert!(!conversation.transcript.contains(scram::PASSWORD), "{what}");
            }
        }
    }
}
