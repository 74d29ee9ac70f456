//! What is written down: new states and attempts in one transaction, what was learned, and word of it.

use crate::SettingsError;
use crate::asking::Open;
use crate::dispatch::Message;
use crate::runner::Report;
use jiff::Timestamp;
use model::{Class, Counts, Delivery, DeliveryState, Diagnosis};
use store::Recorded;

impl Message<'_> {
    pub async fn learn_refusal(&self, domain: &str, diagnosis: &Diagnosis) -> Result<(), SettingsError> {
        let about_us = matches!(
            diagnosis.class,
            Class::SenderDynamicIp | Class::SenderNoRdns | Class::SenderBlocklisted | Class::SenderUnauthenticated
        );
        if about_us {
            let (class, now) = (diagnosis.class, self.context.clock.now());
            let learn = move |learned: &mut store::Learned| {
                learned.refused_us = Some(class);
                learned.last_failure = Some(now);
            };
            self.context.store.learn(domain, learn).await?;
        }
        Ok(())
    }

    /// One transaction on disk for what is settled, then word of it.
    pub async fn record(&self, recorded: Vec<Recorded>) -> Result<Vec<Report>, SettingsError> {
        if recorded.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.context.clock.now();
        let reports = recorded.iter().map(|recorded| self.report(recorded)).collect();
        let lessons = self.lessons(&recorded);
        self.context.store.record(&self.context.owner, now, recorded).await?;
        for (domain, greylist_seconds) in lessons {
            let learn = move |learned: &mut store::Learned| {
                learned.first_seen.get_or_insert(now);
                learned.last_success = Some(now);
                learned.refused_us = None;
                learned.greylist_seconds = greylist_seconds.or(learned.greylist_seconds);
            };
            self.context.store.learn(&domain, learn).await?;
        }
        Ok(reports)
    }

    /// What a direct success teaches of its domain: that it takes our mail, and how long it let us wait. The wait is
    /// counted from Send, since the first attempt followed at once.
    fn lessons(&self, recorded: &[Recorded]) -> Vec<(String, Option<u64>)> {
        let direct = recorded.iter().filter(|recorded| recorded.state == DeliveryState::Accepted);
        direct
            .filter_map(|recorded| {
                let delivery = self.delivery(recorded)?;
                let greylisted =
                    delivery.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.class == Class::Greylisted);
                let waited = self.context.clock.now().duration_since(self.claimed.outgoing.created_at);
                let seconds = u64::try_from(waited.as_secs()).ok().filter(|_| greylisted);
                Some((delivery.address.domain().to_owned(), seconds))
            })
            .collect()
    }

    fn delivery(&self, recorded: &Recorded) -> Option<&Delivery> {
        self.claimed.outgoing.deliveries.iter().find(|delivery| delivery.id == recorded.delivery)
    }

    fn report(&self, recorded: &Recorded) -> Report {
        Report {
            outgoing: self.claimed.outgoing.id,
            delivery: recorded.delivery,
            address: self.delivery(recorded).map(|delivery| delivery.address.to_string()).unwrap_or_default(),
            subject: self.claimed.outgoing.subject.clone(),
            state: recorded.state,
            title: recorded.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
        }
    }
}

pub(crate) fn recorded(
    open: Open,
    state: DeliveryState,
    next_attempt_at: Option<Timestamp>,
    counts: Counts,
    diagnosis: Option<Diagnosis>,
) -> Recorded {
    Recorded { delivery: open.delivery.id, attempts: open.made, state, next_attempt_at, counts, diagnosis }
}
