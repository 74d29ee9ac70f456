//! `sendmail -bp` and `mailq`: what is not finished, in the form that people and scripts know.

use crate::output::Output;
use crate::queue;
use engine::Engine;
use jiff::tz::TimeZone;
use model::{CallError, Delivery, DeliveryState, Outgoing};

pub async fn print(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let unfinished = engine.unfinished().await?;
    let documents: Vec<_> = unfinished.iter().map(queue::summary).collect();
    output.print(&documents, || text(&unfinished, &TimeZone::system()))
}

fn text(unfinished: &[Outgoing], zone: &TimeZone) -> String {
    if unfinished.is_empty() {
        return "Mail queue is empty\n".to_owned();
    }
    let mut text = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n".to_owned();
    for outgoing in unfinished {
        let sender = outgoing.sender.as_ref().map_or_else(|| "MAILER-DAEMON".to_owned(), ToString::to_string);
        let came = outgoing.created_at.to_zoned(zone.clone()).strftime("%a %b %e %H:%M:%S").to_string();
        let id = format!("{}{}", outgoing.id, mark(outgoing));
        text += &format!("{id:<11} {:>8} {came:<20} {sender}\n", outgoing.size);
        for delivery in outgoing.deliveries.iter().filter(|delivery| is_unfinished(delivery)) {
            if let Some(diagnosis) = &delivery.diagnosis {
                text += &format!("{:>40}({})\n", "", diagnosis.title);
            }
            text += &format!("{:>42}{}\n", "", delivery.address);
        }
        text.push('\n');
    }
    let octets: u64 = unfinished.iter().map(|outgoing| outgoing.size).sum();
    let requests = if unfinished.len() == 1 { "Request" } else { "Requests" };
    text + &format!("-- {} Kbytes in {} {requests}.\n", octets.div_ceil(1024), unfinished.len())
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
        let found = text(&[outgoing], &TimeZone::UTC);
        let title = Diagnosis::of(Class::MailboxFull, &known).title;
        let expected = format!(
            "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n\
             7*              2000 Tue Nov  3 13:32:05  me@x.test\n\
             {blank:>40}({title})\n{blank:>42}anna@y.test\n{blank:>42}cleo@y.test\n\n\
             -- 2 Kbytes in 1 Request.\n",
            blank = ""
        );
        assert_eq!(found, expected);
        assert_eq!(text(&[], &TimeZone::UTC), "Mail queue is empty\n");
    }
}
