//! What a try teaches of a destination: pure. Only direct tries do; a smart host hides what is behind it.

use jiff::{SignedDuration, Timestamp};
use model::Diagnosis;
use std::net::SocketAddr;
use store::{Contact, Family, Learned};

/// The time of the last success is no news within this.
const SUCCESSES_APART: SignedDuration = SignedDuration::from_mins(10);

/// What one try taught of one domain.
#[derive(Clone, Debug)]
pub(crate) struct Lesson {
    pub domain: String,
    pub host: String,
    pub at: Timestamp,
    /// The conversation and the address that it was held with; `None` if it never came to one.
    pub contact: Option<(Contact, SocketAddr)>,
    /// It offers chunks and does not know them.
    pub chunk_refused: bool,
    /// The words of a host that did not take it.
    pub reply: Option<String>,
    pub end: LessonEnd,
}

#[derive(Clone, Debug)]
pub(crate) enum LessonEnd {
    /// It took the message; after greylisting, how many seconds later.
    Taken {
        greylisted_for: Option<u64>,
    },
    NotTaken(Diagnosis),
}

impl Lesson {
    pub fn teach(&self, learned: &mut Learned) {
        if self.chunk_refused {
            learned.refused_chunks_at = Some(self.at);
        }
        if let Some((Contact { tls: Some(tls), at, .. }, _)) = &self.contact {
            learned.remember_encryption(&self.host, tls, *at);
        }
        match (&self.end, &self.contact) {
            (LessonEnd::Taken { greylisted_for }, Some((contact, address))) => {
                learned.after_success(contact, *greylisted_for);
                learned.family = Some(Family::of(address.ip()));
            }
            (LessonEnd::NotTaken(diagnosis), contact) => {
                learned.after_failure(self.at, contact.as_ref().map(|(contact, _)| contact), diagnosis);
            }
            (LessonEnd::Taken { .. }, None) => {}
        }
    }
}

impl Lesson {
    /// What it teaches of greylisting at all domains whose mail goes to the same provider's hosts.
    pub fn of_the_provider(&self) -> Option<(&str, u64)> {
        let LessonEnd::Taken { greylisted_for: Some(seconds) } = self.end else { return None };
        let provider = provider_of(&self.host);
        (!provider.eq_ignore_ascii_case(&self.domain)).then_some((provider, seconds))
    }
}

/// The domain of a mail host: a greylist is kept for all of a provider's hosts together, whatever domains it serves.
pub(crate) fn provider_of(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    match host.split_once('.') {
        Some((_, domain)) if domain.contains('.') => domain,
        _ => host,
    }
}

/// Whether there is anything to write down.
pub(crate) fn is_news(known: &Learned, better: &Learned) -> bool {
    let same_success = match (known.last_success, better.last_success) {
        (Some(before), Some(now)) => now.duration_since(before).abs() < SUCCESSES_APART,
        (before, now) => before == now,
    };
    let without_time = |learned: &Learned| Learned { last_success: None, ..learned.clone() };
    !same_success || without_time(known) != without_time(better)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Fault, Known, Outcome, Phase, Reply, Route, diagnose};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn lesson(minute: i64, end: LessonEnd) -> Lesson {
        let contact = Contact { at: at(minute), tls: None, size_limit: None };
        let address = "[2001:db8::1]:25".parse().unwrap();
        Lesson {
            domain: "x.test".into(),
            host: "mx.test".into(),
            at: at(minute),
            contact: Some((contact, address)),
            chunk_refused: false,
            reply: None,
            end,
        }
    }

    fn after(known: &Learned, lesson: &Lesson) -> (Learned, bool) {
        let mut better = known.clone();
        lesson.teach(&mut better);
        let news = is_news(known, &better);
        (better, news)
    }

    fn diagnosis(outcome: impl Into<Outcome>) -> Diagnosis {
        diagnose(Phase::Connect, &outcome.into(), &Known::new(Route::Direct, "x.test", "a@x.test"))
    }

    #[test]
    fn the_second_success_in_a_row_is_no_news() {
        let taken = LessonEnd::Taken { greylisted_for: None };
        let (learned, news) = after(&Learned::default(), &lesson(0, taken.clone()));
        assert!(news);
        assert_eq!(learned.family, Some(Family::V6));
        assert!(!after(&learned, &lesson(9, taken.clone())).1);
        assert!(after(&learned, &lesson(11, taken)).1);
        assert!(after(&learned, &lesson(1, LessonEnd::Taken { greylisted_for: Some(60) })).1);
    }

    #[test]
    fn a_greylist_is_known_by_the_domain_of_its_hosts() {
        for (host, provider) in
            [("mx1.post.example", "post.example"), ("mx.test", "mx.test"), ("localhost", "localhost"), ("", "")]
        {
            assert_eq!(provider_of(host), provider);
        }
        let taken = |greylisted_for| Lesson {
            host: "mx1.post.example".into(),
            ..lesson(0, LessonEnd::Taken { greylisted_for })
        };
        assert_eq!(taken(Some(60)).of_the_provider(), Some(("post.example", 60)));
        assert_eq!(taken(None).of_the_provider(), None);
    }

    #[test]
    fn what_never_came_to_a_conversation_leaves_only_its_time() {
        let silent = LessonEnd::NotTaken(diagnosis(Fault::ConnectTimeout("192.0.2.1:25".into())));
        let (learned, _) = after(&Learned::default(), &Lesson { contact: None, ..lesson(3, silent) });
        assert_eq!(learned, Learned { last_failure: Some(at(3)), ..Learned::default() });
        let offline = LessonEnd::NotTaken(diagnosis(Fault::NoNetwork));
        assert!(!after(&Learned::default(), &Lesson { contact: None, ..lesson(3, offline) }).1);
    }

    #[test]
    fn a_refusal_of_us_is_kept_with_the_conversation() {
        let listed = Reply::new(554, None, "Client host blocked using zen.spamhaus.org");
        let (learned, news) = after(&Learned::default(), &lesson(0, LessonEnd::NotTaken(diagnosis(listed))));
        assert!(news && learned.refused_us.is_some());
    }
}
