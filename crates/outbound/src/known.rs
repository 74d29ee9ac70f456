//! What is known of the network that letters leave from: found when it was looked at, and said by mail servers since.
//!
//! What a server says of this computer is kept with the network, without anybody's address; that it took a letter from here
//! withdraws what it said before. Where the system does not say which network this is, nothing is known and nothing kept.

use crate::lesson::{Lesson, LessonEnd, provider_of};
use advisor::FoundHere;
use advisor::taught::{Looked, Told};
use jiff::Timestamp;
use message::authenticity::domains::organisation;
use model::Class;
use net::{Net, Whereabouts};
use store::{NetworkKnowledge, NetworkLesson, Store, StoreError};

/// What is refused for what this computer is.
const ABOUT_US: [Class; 4] =
    [Class::SenderNoRdns, Class::SenderDynamicIp, Class::SenderBlocklisted, Class::SenderUnauthenticated];

/// Letters of a server's words that are kept.
const WORDS: usize = 400;

/// What is known of a network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub found: FoundHere,
    /// When all of it was looked at last.
    looked_at: Option<Timestamp>,
}

impl Known {
    /// When all of it was looked at last; before everything, where it never was.
    pub fn looked_at(&self) -> Timestamp {
        self.looked_at.unwrap_or(Timestamp::MIN)
    }
}

/// What is known of the network that letters of this world leave from now.
pub(crate) async fn found_here(
    store: &Store,
    net: &Net,
    practice: bool,
    now: Timestamp,
) -> Result<Known, StoreError> {
    let Whereabouts::On(seen) = net.network() else { return Ok(Known::default()) };
    let known = store.network_at(practice, seen.mark.as_bytes()).await?;
    Ok(known.map_or_else(Known::default, |known| Known {
        found: said_of(&known, now),
        looked_at: known.latest.as_ref().map(|latest| latest.check.whole_at),
    }))
}

fn said_of(known: &NetworkKnowledge, now: Timestamp) -> FoundHere {
    let report = known.latest.as_ref().map(|latest| {
        let check = &latest.check;
        (check.report.as_str(), Looked { at: check.at, whole_at: check.whole_at })
    });
    let told: Vec<Told> = known.lessons.iter().cloned().map(told).collect();
    FoundHere::of_kept(report, &told, now)
}

fn told(lesson: NetworkLesson) -> Told {
    let NetworkLesson { class, host, sender, reply, at } = lesson;
    Told { class, host, sender, reply, at }
}

/// What a try taught of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Taught {
    /// This computer was refused for what it is.
    Refused(NetworkLesson),
    /// A host of this owner took a letter.
    Taken(String),
    /// A host answered.
    Reached,
}

/// What a lesson of a destination says of the network; `None` where it says nothing.
fn of_lesson(lesson: &Lesson, sender_domain: &str) -> Option<Taught> {
    let host = organisation(provider_of(&lesson.host));
    match &lesson.end {
        LessonEnd::Taken { .. } => Some(Taught::Taken(host)),
        LessonEnd::NotTaken(diagnosis) => match &lesson.reply {
            Some(reply) if ABOUT_US.contains(&diagnosis.class) => {
                let concerns_domain = diagnosis.class == Class::SenderUnauthenticated;
                Some(Taught::Refused(NetworkLesson {
                    class: diagnosis.class,
                    host,
                    sender: if concerns_domain { sender_domain.to_owned() } else { String::new() },
                    reply: without_addresses(reply),
                    at: lesson.at,
                }))
            }
            Some(_) => Some(Taught::Reached),
            None => None,
        },
    }
}

/// Keeps what a try taught of the network that it went out on.
pub(crate) async fn learn(
    store: &Store,
    net: &Net,
    practice: bool,
    lesson: &Lesson,
    sender_domain: &str,
) -> Result<(), StoreError> {
    match of_lesson(lesson, sender_domain) {
        Some(Taught::Refused(refusal)) => note(store, net, practice, refusal).await,
        Some(Taught::Taken(host)) => withdraw(store, net, practice, Some(&host)).await,
        Some(Taught::Reached) => withdraw(store, net, practice, None).await,
        None => Ok(()),
    }
}

/// Keeps that nobody could be reached from here.
pub(crate) async fn nobody_reached(
    store: &Store,
    net: &Net,
    practice: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let nobody = NetworkLesson {
        class: Class::Port25Blocked,
        host: String::new(),
        sender: String::new(),
        reply: String::new(),
        at: now,
    };
    note(store, net, practice, nobody).await
}

async fn note(store: &Store, net: &Net, practice: bool, lesson: NetworkLesson) -> Result<(), StoreError> {
    let Whereabouts::On(seen) = net.network() else { return Ok(()) };
    let network = store.note_network(practice, seen.mark.as_bytes(), seen.kind, lesson.at).await?;
    store.note_network_lesson(network.id, lesson).await
}

/// Withdraws what an answer shows to be so no longer: that nobody is reached, and what a host that took a letter had said.
async fn withdraw(store: &Store, net: &Net, practice: bool, taken_by: Option<&str>) -> Result<(), StoreError> {
    let Whereabouts::On(seen) = net.network() else { return Ok(()) };
    let Some(known) = store.network_at(practice, seen.mark.as_bytes()).await? else { return Ok(()) };
    let has = |fits: &dyn Fn(&NetworkLesson) -> bool| known.lessons.iter().any(fits);
    if has(&|lesson| lesson.class == Class::Port25Blocked) {
        store.unlearn_of_network(known.network.id, &[Class::Port25Blocked], None).await?;
    }
    if let Some(host) = taken_by.filter(|host| has(&|lesson| lesson.host.eq_ignore_ascii_case(host))) {
        store.unlearn_of_network(known.network.id, &ABOUT_US, Some(host)).await?;
    }
    Ok(())
}

/// The words of a server without addresses of people, and not without end.
fn without_addresses(words: &str) -> String {
    let word = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    let kept: Vec<String> = words.split_whitespace().map(word).collect();
    kept.join(" ").chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{EnhancedCode, Fault, Outcome, Phase, Reply, Route, diagnose};

    fn lesson(outcome: impl Into<Outcome>) -> Lesson {
        let outcome = outcome.into();
        let diagnosis = diagnose(Phase::Rcpt, &outcome, &model::Known::new(Route::Direct, "x.test", "a@x.test"));
        Lesson {
            domain: "x.test".into(),
            host: "mx1.in.post.example".into(),
            at: Timestamp::UNIX_EPOCH,
            contact: None,
            chunk_refused: false,
            reply: match outcome {
                Outcome::Replied(reply) => Some(reply.to_string()),
                Outcome::Failed(_) => None,
            },
            end: LessonEnd::NotTaken(diagnosis),
        }
    }

    #[test]
    fn only_what_is_said_of_this_computer_is_kept_and_nobodys_address() {
        let refused = |class, sender: &str, reply: &str| {
            Some(Taught::Refused(NetworkLesson {
                class,
                host: "post.example".into(),
                sender: sender.into(),
                reply: reply.into(),
                at: Timestamp::UNIX_EPOCH,
            }))
        };
        let code = |subject, detail| Some(EnhancedCode::new(5, subject, detail));
        let table = [
            (
                lesson(Reply::new(550, code(7, 25), "<anna@x.test>: The IP address has no PTR record")),
                refused(Class::SenderNoRdns, "", "550 5.7.25 … The IP address has no PTR record"),
            ),
            (
                lesson(Reply::new(554, None, "Client host blocked using zen.spamhaus.org")),
                refused(Class::SenderBlocklisted, "", "554 Client host blocked using zen.spamhaus.org"),
            ),
            (
                lesson(Reply::new(550, code(7, 26), "This mail is unauthenticated, SPF and DKIM did not pass")),
                refused(
                    Class::SenderUnauthenticated,
                    "here.test",
                    "550 5.7.26 This mail is unauthenticated, SPF and DKIM did not pass",
                ),
            ),
            (lesson(Reply::new(550, code(1, 1), "User unknown")), Some(Taught::Reached)),
            (lesson(Fault::ConnectTimeout("192.0.2.1:25".into())), None),
            (
                Lesson { end: LessonEnd::Taken { greylisted_for: None }, ..lesson(Fault::Closed) },
                Some(Taught::Taken("post.example".into())),
            ),
        ];
        for (lesson, expected) in table {
            assert_eq!(of_lesson(&lesson, "here.test"), expected, "{lesson:?}");
        }
    }

    #[test]
    fn words_do_not_go_on_for_ever() {
        assert_eq!(without_addresses(&"word ".repeat(500)).chars().count(), WORDS);
    }
}
