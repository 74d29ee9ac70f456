//! What is written down: new states and attempts in one transaction, what was learned, and word of it.

use crate::SettingsError;
use crate::asking::Open;
use crate::dispatch::Message;
use crate::runner::Report;
use jiff::Timestamp;
use model::{Attempt, Class, Counts, Delivery, DeliveryState, Diagnosis};
use std::time::Duration;
use store::{Learned, Recorded, StoreError};

/// Pauses while the disk does not take what has to be written.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

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
        self.context.store.record(&self.context.owner, now, recorded).await?;
        Ok(reports)
    }

    /// Records what a server took. Whatever is wrong with the disk, it is not forgotten: what was taken and not recorded
    /// would be sent again.
    pub async fn record_taken(&self, recorded: Vec<Recorded>) -> Vec<Report> {
        let lessons = self.lessons(&recorded).await;
        let mut pause = FIRST_PAUSE;
        let reports = loop {
            match self.record(recorded.clone()).await {
                Ok(reports) => break reports,
                Err(error) => tracing::error!(%error, "what a server took could not be recorded yet"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        for (domain, waited) in lessons {
            if let Err(error) = self.learn_success(&domain, waited).await {
                tracing::warn!(%error, domain, "what was learned could not be kept");
            }
        }
        reports
    }

    /// A direct success teaches of its domain that it takes our mail, and after greylisting how long it let us wait. The
    /// shortest wait that was enough is kept: what we waited is mostly of our own choosing.
    async fn learn_success(&self, domain: &str, waited: Option<u64>) -> Result<(), StoreError> {
        let now = self.context.clock.now();
        let learn = move |learned: &mut Learned| {
            learned.first_seen.get_or_insert(now);
            learned.last_success = Some(now);
            learned.refused_us = None;
            learned.greylist_seconds = learned.greylist_seconds.into_iter().chain(waited).min();
        };
        self.context.store.learn(domain, learn).await
    }

    async fn lessons(&self, recorded: &[Recorded]) -> Vec<(String, Option<u64>)> {
        let mut lessons = Vec::new();
        for recorded in recorded.iter().filter(|recorded| recorded.state == DeliveryState::Accepted) {
            if let Some(delivery) = self.delivery(recorded) {
                lessons.push((delivery.address.domain().to_owned(), self.greylisted_for(delivery).await));
            }
        }
        lessons
    }

    /// Seconds since the first time that this delivery was greylisted.
    async fn greylisted_for(&self, delivery: &Delivery) -> Option<u64> {
        let greylisted = |diagnosis: &Option<Diagnosis>| {
            diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.class == Class::Greylisted)
        };
        if !greylisted(&delivery.diagnosis) {
            return None;
        }
        let attempts = self.context.store.attempts(self.claimed.outgoing.id).await.ok()?;
        let asked = |attempt: &&Attempt| attempt.delivery == delivery.id && greylisted(&attempt.diagnosis);
        let first = attempts.iter().filter(asked).map(|attempt| attempt.started_at).min()?;
        u64::try_from(self.context.clock.now().duration_since(first).as_secs()).ok()
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
