//! Word of letters that are late: the window is told when it is time to show it, and the user once, when there is a
//! report on it. What was said before this start is not said again: the reports themselves remember it.

use crate::Engine;
use crate::error::Error;
use crate::view::Event;
use jiff::Timestamp;
use model::{Delivery, Outgoing, ReportId, ReportKind};
use std::time::Duration;

/// How often to look.
const LOOK: Duration = Duration::from_secs(60);

/// How far word has been given.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// Of reports up to this one.
    report: ReportId,
    /// Of letters that have been due since this time or longer.
    due_until: Timestamp,
}

impl Engine {
    /// Looks every minute. Lateness comes by time alone, and reports may come from another process.
    pub(crate) async fn watch_delays(self) {
        let mut told: Option<Told> = None;
        loop {
            let looked = match told {
                None => self.told_already().await,
                Some(told) => self.tell_of_delays(told).await,
            };
            match looked {
                Ok(now) => told = Some(now),
                Err(error) => tracing::warn!(%error, "late letters could not be looked for"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What the window sees when it opens.
    async fn told_already(&self) -> Result<Told, Error> {
        Ok(Told { report: self.store().newest_report().await?, due_until: self.late_since().await? })
    }

    async fn tell_of_delays(&self, told: Told) -> Result<Told, Error> {
        let due_until = self.late_since().await?.max(told.due_until);
        for id in self.store().waiting_since(told.due_until, due_until).await? {
            self.tell(Event::Outgoing { id });
        }
        let mut report = told.report;
        for new in self.store().reports_after(report, ReportKind::Delayed).await? {
            let outgoing = self.store().outgoing(new.outgoing).await?;
            let event = outgoing.as_ref().and_then(|outgoing| {
                let delivery = outgoing.deliveries.iter().find(|delivery| delivery.id == new.delivery)?;
                delayed(outgoing, delivery)
            });
            event.into_iter().for_each(|event| self.tell(event));
            report = new.id;
        }
        Ok(Told { report, due_until })
    }

    /// What has been due since then or longer is late; the beginning of time where nothing can be yet.
    async fn late_since(&self) -> Result<Timestamp, Error> {
        let notice = outbound::read_delays(self.store()).await?.notice;
        Ok(outbound::due_for(self.store(), Timestamp::now(), notice).await?.unwrap_or(Timestamp::MIN))
    }
}

/// Who has it by now is not spoken of.
fn delayed(outgoing: &Outgoing, delivery: &Delivery) -> Option<Event> {
    delivery.state.is_waiting().then(|| Event::Delayed {
        id: outgoing.id,
        delivery: delivery.id,
        address: delivery.address.to_string(),
        subject: outgoing.subject.clone(),
        title: delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
