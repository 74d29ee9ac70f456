//! `sendmail -bp` and `mailq`: what is not finished, in the form that people and scripts know.

use crate::output::Output;
use crate::queue;
use engine::Engine;
use jiff::tz::TimeZone;
use model::{CallError, Delivery, DeliveryState, Outgoing};

/// As it is read, a window at a time: the queue may be large.
pub async fn print(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let zone = TimeZone::system();
    let mut documents = Vec::new();
    let mut listed = Listed::default();
    let mut before = None;
    loop {
        let window = engine.unfinished(before).await?;
        let Some(last) = window.last() else { break };
        before = Some(last.id);
        if output.is_json() {
            documents.extend(window.iter().map(queue::summary));
        } else {
            output.line(&(), || listed.text(&window, &zone))?;
        }
    }
    output.print(&documents, || listed.end())
}

/// What was listed so far.
#[derive(Default)]
struct Listed {
    requests: usize,
    octets: u64,
}

impl Listed {
    /// The next ones, below the heads of the columns where they are the first.
    fn text(&mut self, window: &[Outgoing], zone: &TimeZone) -> String {
        let mut text = match self.requests {
            0 => "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n".to_owned(),
            _ => String::new(),
        };
        window.iter().for_each(|outgoing| text += &entry(outgoing, zone));
        self.requests += window.len();
        self.octets += window.iter().map(|outgoing| outgoing.size).sum::<u64>();
        text
    }

    fn end(&self) -> String {
        match self.requests {
            0 => "Mail queue is empty\n".to_owned(),
            1 => format!("-- {} Kbytes in 1 Request.\n", self.octets.div_ceil(1024)),
            many => format!("-- {} Kbytes in {many} Requests.\n", self.octets.div_ceil(1024)),
        }
    }
}

fn entry(outgoing: &Outgoing, zone: &TimeZone) -> String {
    let sender = outgoing.sender.as_ref().map_or_else(|| "MAILER-DAEMON".to_owned(), ToString::to_string);
    let came = outgoing.created_at.to_zoned(zone.clone()).strftime("%a %b %e %H:%M:%S").to_string();
    let id = format!("{}{}", outgoing.id, mark(outgoing));
    let mut text = format!("{id:<11} {:>8} {came:<20} {sender}\n", outgoing.size);
    for delivery in outgoing.deliveries.iter().filter(|delivery| is_unfinished(delivery)) {
        if let Some(diagnosis) = &delivery.diagnosis {
            text += &format!("{:>40}({})\n", "", diagnosis.title);
        }
        text += &format!("{:>42}{}\n", "", delivery.address);
    }
    text + "\n"
}

fn is_unfinished(delivery: &Delivery) -> bool {
    delivery.state.is_open() || delivery.state.is_refused()
}

/// `*` is on the wire, `!` is held.
fn mark(outgoing: &Outgoing) -> &'static str {
    let any = |state| outgoing.deliveries.iter().any(|delivery| delivery.state == state);
    match () {
        () if any(DeliveryState::Sending) => "*",
        () if any(DeliveryState::Held) => "!",
        () => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Class, DeliveryId, Diagnosis, Known, OutgoingId, Route, RoutePolicy};

    #[test]
    fn the_list_looks_as_scripts_expect_it() {
        let known = Known::new(Route::Direct, "y.test", "anna@y.test");
        let delivery = |id, address: &str, state, diagnosis| Delivery {
            id: DeliveryId(id),
            address: address.parse().expect("an address"),
            state,
            hold: None,
            route: None,
            next_attempt_at: None,
            due_since: "2026-11-03T13:32:05Z".parse().expect("a time"),
            tries: 0,
            diagnosis,
            changed_at: "2026-11-03T13:32:05Z".parse().expect("a time"),
        };
        let outgoing = Outgoing {
            id: OutgoingId(7),
            account: None,
            message_id: "one@x.test".into(),
            sender: Some("me@x.test".parse().expect("an address")),
            from: "me@x.test".into(),
            subject: "Greetings".into(),
            size: 2000,
            created_at: "2026-11-03T13:32:05Z".parse().expect("a time"),
            route: RoutePolicy::Auto,
            require_tls: false,
            deliveries: vec![
                delivery(1, "anna@y.test", DeliveryState::Deferred, Some(Diagnosis::of(Class::MailboxFull, &known))),
                delivery(2, "ben@y.test", DeliveryState::Accepted, None),
                delivery(3, "cleo@y.test", DeliveryState::Sending, None),
            ],
        };
        let mut listed = Listed::default();
        let first = listed.text(std::slice::from_ref(&outgoing), &TimeZone::UTC);
        let found = first.clone() + &listed.end();
        let title = Diagnosis::of(Class::MailboxFull, &known).title;
        let expected = format!(
            "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n\
             7*              2000 Tue Nov  3 13:32:05  me@x.test\n\
             {blank:>40}({title})\n{blank:>42}anna@y.test\n{blank:>42}cleo@y.test\n\n\
             -- 2 Kbytes in 1 Request.\n",
            blank = ""
        );
        assert_eq!(found, expected);
        let heads = first.lines().next().expect("a line");
        let second = listed.text(&[outgoing], &TimeZone::UTC);
        assert_eq!(format!("{heads}\n{second}"), first, "the heads of the columns come once");
        assert_eq!(listed.end(), "-- 4 Kbytes in 2 Requests.\n");
        assert_eq!(Listed::default().end(), "Mail queue is empty\n");
    }
}
