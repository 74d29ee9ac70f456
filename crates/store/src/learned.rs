//! What was learned of destinations, by domain. It is advice for the next attempt, and can be forgotten at any time.

use crate::columns::Json;
use crate::{Encryption, Family, Result, Store};
use jiff::{SignedDuration, Timestamp};
use model::{Class, Diagnosis, TlsReport};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long chunks are kept from a host that did not know them.
const CHUNKS_REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is known of one destination. New fields need a default, so that what was stored before can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    /// Seconds from the first greylisted attempt to the one that passed.
    pub greylist_seconds: Option<u64>,
    /// Whether it ever offered TLS.
    pub tls_offered: bool,
    /// The encryption of the last conversation, such as `TLSv1.3`; `None` was clear text.
    pub tls_version: Option<String>,
    /// The best encryption that each of its hosts ever had.
    pub encryption: BTreeMap<String, Encryption>,
    /// The address family in which it was last spoken to.
    pub family: Option<Family>,
    /// The largest message it says to take (SIZE), in octets.
    pub size_limit: Option<u64>,
    /// When it last offered CHUNKING and did not know BDAT.
    pub refused_chunks_at: Option<Timestamp>,
    /// How it last refused us for what we are (our address, our name, our proof), not for the letter or the recipient.
    pub refused_us: Option<Class>,
    /// When that was.
    pub refused_us_at: Option<Timestamp>,
    /// When a letter to it last failed because there is no such domain, or nobody who takes its mail.
    pub no_such_domain_at: Option<Timestamp>,
    /// When it was first contacted.
    pub first_seen: Option<Timestamp>,
    /// When it last took a message.
    pub last_success: Option<Timestamp>,
    /// When it last did not, for a reason that is not in the letter or the recipient.
    pub last_failure: Option<Timestamp>,
}

/// What a conversation showed of a destination, whatever came of it.
#[derive(Clone, Debug)]
pub struct Contact {
    /// When.
    pub at: Timestamp,
    /// The encryption; `None` was clear text.
    pub tls: Option<TlsReport>,
    /// The largest message it says to take (SIZE); `None` where it does not say.
    pub size_limit: Option<u64>,
}

impl Learned {
    /// It took a message. `greylisted_for` are the seconds that this one had to wait for that, where it was greylisted:
    /// the shortest wait that was enough is kept, since what we wait is mostly of our own choosing.
    pub fn after_success(&mut self, contact: &Contact, greylisted_for: Option<u64>) {
        self.seen(contact);
        self.last_success = Some(contact.at);
        (self.refused_us, self.refused_us_at) = (None, None);
        self.no_such_domain_at = None;
        self.greylist_seconds = self.greylist_seconds.into_iter().chain(greylisted_for).min();
    }

    /// It did not take a message; `contact` is the conversation, where it came so far that it showed something. A cause on
    /// this computer says nothing of it, and to refuse one recipient or letter is no trouble of its own.
    pub fn after_failure(&mut self, at: Timestamp, contact: Option<&Contact>, diagnosis: &Diagnosis) {
        if diagnosis.local_cause {
            return;
        }
        if let Some(contact) = contact {
            self.seen(contact);
        }
        if !is_about_this_letter(diagnosis.class) {
            self.last_failure = Some(at);
        }
        if is_about_us(diagnosis.class) {
            (self.refused_us, self.refused_us_at) = (Some(diagnosis.class), Some(at));
        }
    }

    /// Whether letters to it came to nothing because it is nobody's: it was misspelt. One that once took a letter has only
    /// come to an end.
    pub fn is_nobodys(&self) -> bool {
        self.no_such_domain_at.is_some() && self.last_success.is_none()
    }

    /// Whether it is to get its mail without chunks. After a month it is asked again: it may have been mended, and if not,
    /// that costs one more turn of one letter.
    pub fn only_data(&self, now: Timestamp) -> bool {
        self.refused_chunks_at.is_some_and(|at| now.duration_since(at) < CHUNKS_REMEMBERED)
    }

    /// How it refused us for what we are, where that was within this time: by then the network may be another one.
    pub fn refused_us_within(&self, time: SignedDuration, now: Timestamp) -> Option<Class> {
        self.refused_us.filter(|_| self.refused_us_at.is_some_and(|at| now.duration_since(at) < time))
    }

    fn seen(&mut self, contact: &Contact) {
        self.first_seen.get_or_insert(contact.at);
        self.tls_offered |= contact.tls.is_some();
        self.tls_version = contact.tls.as_ref().map(|tls| tls.version.clone());
        self.size_limit = contact.size_limit;
    }
}

/// Whether a refusal is about our address, our name or our proof: no recipient of ours can help it.
fn is_about_us(class: Class) -> bool {
    matches!(
        class,
        Class::SenderDynamicIp | Class::SenderNoRdns | Class::SenderBlocklisted | Class::SenderUnauthenticated
    )
}

/// Whether a refusal is for this recipient or this letter: another one would have been taken.
fn is_about_this_letter(class: Class) -> bool {
    matches!(
        class,
        Class::NoSuchRecipient
            | Class::MailboxFull
            | Class::RecipientPolicy
            | Class::ContentRefused
            | Class::MessageTooLarge
    )
}

impl Store {
    /// Every destination that something is known of, by name.
    pub async fn destinations(&self) -> Result<Vec<(String, Learned)>> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT domain, what FROM learned ORDER BY domain")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
            Ok(rows.into_iter().map(|(domain, text)| (domain, of_text(&text))).collect())
        })
        .await
    }

    /// What is known of a domain; the default of what is not.
    pub async fn learned(&self, domain: &str) -> Result<Learned> {
        let domain = domain.to_ascii_lowercase();
        let wanted = domain.clone();
        self.cache().learned.get_or(domain, || self.local(move |db| read(db, &wanted))).await
    }

    /// Changes what is known of a domain.
    pub async fn learn(&self, domain: &str, change: impl FnOnce(&mut Learned) + Send + 'static) -> Result<()> {
        let domain = domain.to_ascii_lowercase();
        self.write_local(move |tx| {
            let mut learned = read(tx, &domain)?;
            change(&mut learned);
            let sql = "INSERT INTO learned VALUES (?1, ?2) ON CONFLICT (domain) DO UPDATE SET what = excluded.what";
            tx.prepare_cached(sql)?.execute((&domain, Json(learned)))?;
            tx.learned(&domain);
            Ok(())
        })
        .await
    }

    /// Forgets what is known of a domain. Tells whether anything was.
    pub async fn forget_destination(&self, domain: &str) -> Result<bool> {
        let domain = domain.to_ascii_lowercase();
        self.write_local(move |tx| {
            let forgotten = tx.prepare_cached("DELETE FROM learned WHERE domain = ?1")?.execute([&domain])?;
            tx.learned(&domain);
            Ok(forgotten > 0)
        })
        .await
    }
}

/// Advice that cannot be read is no advice; it is not worth an error.
fn read(db: &Connection, domain: &str) -> Result<Learned> {
    let mut query = db.prepare_cached("SELECT what FROM learned WHERE domain = ?1")?;
    let text: Option<String> = query.query_row([domain], |row| row.get(0)).optional()?;
    Ok(text.as_deref().map(of_text).unwrap_or_default())
}

fn of_text(text: &str) -> Learned {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, at};
    use model::{Fault, Known, Outcome, Phase, Reply, Route, diagnose};

    fn contact(seconds: i64, size_limit: Option<u64>) -> Contact {
        Contact { at: at(seconds), tls: None, size_limit }
    }

    fn meaning(outcome: impl Into<Outcome>) -> Diagnosis {
        diagnose(Phase::Rcpt, &outcome.into(), &Known::new(Route::Direct, "example.org", "anna@example.org"))
    }

    #[test]
    fn success_and_failure_teach_what_they_show() {
        let mut learned = Learned::default();
        learned.after_failure(at(0), Some(&contact(0, None)), &meaning(Fault::NoNetwork));
        assert_eq!(learned, Learned::default(), "what was wrong here says nothing of it");
        let down = meaning(Fault::ConnectTimeout("192.0.2.1:25".into()));
        learned.after_failure(at(1), Some(&contact(1, Some(1000))), &down);
        assert_eq!((learned.first_seen, learned.last_failure), (Some(at(1)), Some(at(1))));
        assert_eq!((learned.size_limit, learned.refused_us), (Some(1000), None));
        let listed = Reply::new(550, None, "5.7.1 Client host blocked using zen.spamhaus.org");
        learned.after_failure(at(2), Some(&contact(2, None)), &meaning(listed));
        assert_eq!(learned.refused_us, Some(Class::SenderBlocklisted));
        learned.after_success(&contact(3, None), Some(400));
        learned.after_success(&contact(4, None), Some(310));
        learned.after_success(&contact(5, None), None);
        assert_eq!((learned.refused_us, learned.greylist_seconds), (None, Some(310)));
        assert_eq!((learned.first_seen, learned.last_success), (Some(at(1)), Some(at(5))));
    }

    #[test]
    fn to_refuse_a_recipient_or_a_letter_is_no_trouble_of_the_destination() {
        let table = [
            ("550 5.1.1 User unknown", false),
            ("552 5.2.2 Mailbox full", false),
            ("552 5.3.4 Message size exceeds fixed limit", false),
            ("554 5.7.1 Message rejected as spam", false),
            ("450 4.3.2 System not accepting network messages", true),
            ("451 4.7.1 Greylisted, come back in 300 seconds", true),
        ];
        for (said, is_trouble) in table {
            let mut learned = Learned::default();
            let reply = Reply::new(said[..3].parse().unwrap(), None, &said[4..]);
            learned.after_failure(at(1), Some(&contact(1, None)), &meaning(reply));
            assert_eq!(learned.first_seen, Some(at(1)), "{said}");
            assert_eq!(learned.last_failure.is_some(), is_trouble, "{said}");
        }
    }

    #[test]
    fn a_refusal_of_us_grows_old_whatever_else_fails_meanwhile() {
        let mut learned = Learned::default();
        let listed = Reply::new(550, None, "5.7.1 Client host blocked using zen.spamhaus.org");
        learned.after_failure(at(0), None, &meaning(listed));
        learned.after_failure(at(3000), None, &meaning(Fault::ConnectTimeout("192.0.2.1:25".into())));
        let hour = SignedDuration::from_hours(1);
        assert_eq!(learned.refused_us_within(hour, at(3599)), Some(Class::SenderBlocklisted));
        assert_eq!(learned.refused_us_within(hour, at(3600)), None);
        learned.after_success(&contact(3001, None), None);
        assert_eq!(learned.refused_us_within(hour, at(3002)), None);
    }

    #[test]
    fn a_domain_that_took_a_letter_is_somebodys() {
        let mut learned = Learned { no_such_domain_at: Some(at(0)), ..Learned::default() };
        assert!(learned.is_nobodys());
        learned.after_success(&contact(1, None), None);
        assert!(!learned.is_nobodys());
        learned.no_such_domain_at = Some(at(2));
        assert!(!learned.is_nobodys(), "it ran out, and was no slip");
        assert!(!Learned::default().is_nobodys());
    }

    #[test]
    fn chunks_are_offered_again_after_a_month() {
        let learned = Learned { refused_chunks_at: Some(at(0)), ..Learned::default() };
        let day = 24 * 3600;
        assert!(learned.only_data(at(30 * day - 1)) && !learned.only_data(at(30 * day)));
        assert!(!Learned::default().only_data(at(0)));
    }

    #[tokio::test]
    async fn destinations_are_listed_by_name() {
        let (_home, store) = testing::store().await;
        for domain in ["Example.org", "example.net"] {
            store.learn(domain, |learned| learned.after_success(&contact(1, None), None)).await.unwrap();
        }
        let names: Vec<_> = store.destinations().await.unwrap().into_iter().map(|(domain, _)| domain).collect();
        assert_eq!(names, ["example.net", "example.org"]);
    }

    #[tokio::test]
    async fn what_is_forgotten_is_not_remembered_in_memory_either() {
        let (_home, store) = testing::store().await;
        store.learn("x.test", |learned| learned.after_success(&contact(1, None), None)).await.unwrap();
        assert_ne!(store.learned("x.test").await.unwrap(), Learned::default());
        assert!(store.forget_destination("X.test").await.unwrap());
        assert_eq!(store.learned("x.test").await.unwrap(), Learned::default());
        assert!(!store.forget_destination("x.test").await.unwrap(), "nothing was left");
    }
}
