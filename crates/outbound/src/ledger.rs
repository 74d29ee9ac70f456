//! What is written down: new states and attempts in one transaction, what was learned, and word of it.

use crate::SettingsError;
use crate::asking::Open;
use crate::dispatch::Message;
use crate::known;
use crate::lesson::{Lesson, is_news};
use crate::runner::Report;
use jiff::Timestamp;
use model::{Class, Counts, Delivery, DeliveryState, Diagnosis};
use std::time::Duration;
use store::{Learned, Recorded, StoreError};

/// Pauses while the disk does not take what has to be written.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Message<'_> {
    /// One transaction on disk for what is settled, then word of it.
    pub async fn record(&self, recorded: Vec<Recorded>) -> Result<Vec<Report>, SettingsError> {
        if recorded.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.context.clock.now();
        let reports = recorded.iter().map(|recorded| self.report(recorded)).collect();
        let nobodys: Vec<String> = recorded.iter().filter_map(|recorded| self.nobodys_domain(recorded)).collect();
        self.context.store.record(&self.context.owner, now, recorded).await?;
        self.remember_as_nobodys(nobodys, now).await;
        Ok(reports)
    }

    /// The domain of a delivery that failed because nobody takes its mail, whoever found that out.
    fn nobodys_domain(&self, recorded: &Recorded) -> Option<String> {
        let class = recorded.diagnosis.as_ref().map(|diagnosis| diagnosis.class);
        let is_nobodys = matches!(class, Some(Class::NoSuchDomain | Class::NullMx));
        let failed = recorded.state == DeliveryState::Failed && is_nobodys;
        let delivery = self.delivery(recorded).filter(|_| failed)?;
        Some(delivery.address.domain().to_owned())
    }

    /// That it was written to makes it known to nobody. That this cannot be kept is no reason to do anything differently.
    async fn remember_as_nobodys(&self, domains: Vec<String>, now: Timestamp) {
        for domain in domains {
            let refused = move |learned: &mut Learned| learned.no_such_domain_at = Some(now);
            if let Err(error) = self.context.store.learn(&domain, refused).await {
                tracing::warn!(%error, "that there is no such domain could not be kept");
            }
        }
    }

    /// Records what a server took. Whatever is wrong with the disk, it is not forgotten: what was taken and not recorded
    /// would be sent again.
    pub async fn record_taken(&self, recorded: Vec<Recorded>) -> Vec<Report> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.record(recorded.clone()).await {
                Ok(reports) => return reports,
                Err(error) => tracing::error!(%error, "what a server took could not be recorded yet"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Keeps what was learned. That it cannot be kept is no reason to do anything else differently.
    pub async fn learn(&self, lessons: Vec<Lesson>) {
        for lesson in lessons {
            if let Err(error) = self.learn_of_network(&lesson).await {
                tracing::warn!(%error, "what was learned of this network could not be kept");
            }
            if let Err(error) = self.learn_one(lesson).await {
                tracing::warn!(%error, "what was learned of a destination could not be kept");
            }
        }
    }

    async fn learn_of_network(&self, lesson: &Lesson) -> Result<(), StoreError> {
        if self.has_moved() {
            return Ok(());
        }
        known::learn(&self.context.store, &self.net, self.practises(), lesson, self.sender_domain()).await
    }

    /// Keeps that several domains in a row had no host that answered.
    pub async fn nobody_was_reached(&self) {
        let now = self.context.clock.now();
        if let Err(error) = known::nobody_reached(&self.context.store, &self.net, self.practises(), now).await {
            tracing::warn!(%error, "what was learned of this network could not be kept");
        }
    }

    async fn learn_one(&self, lesson: Lesson) -> Result<(), StoreError> {
        if let Some((provider, seconds)) = lesson.of_the_provider() {
            let shortest = move |learned: &mut Learned| {
                learned.greylist_seconds = learned.greylist_seconds.into_iter().chain([seconds]).min();
            };
            self.context.store.learn(provider, shortest).await?;
        }
        let known = self.context.store.learned(&lesson.domain).await?;
        let mut better = known.clone();
        lesson.teach(&mut better);
        if is_news(&known, &better) {
            let domain = lesson.domain.clone();
            self.context.store.learn(&domain, move |learned| lesson.teach(learned)).await?;
        }
        Ok(())
    }

    /// Seconds since the first time that this delivery was greylisted.
    pub fn greylisted_for(&self, delivery: &Delivery) -> Option<u64> {
        let since = self.claimed.greylisted_since.get(&delivery.id)?;
        u64::try_from(self.context.clock.now().duration_since(*since).as_secs()).ok()
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
