//! Invitations to meetings, as iTIP sends them by mail (RFC 5545, RFC 5546, RFC 6047).
//!
//! What comes in is the text of a `text/calendar` part; what goes out says who invites whom to what, when and where, and
//! what became of it. A time keeps the zone it was written in. Nothing is answered or entered into a calendar here.
//!
//! | `METHOD` | what it means here |
//! |---|---|
//! | REQUEST, ADD, and none with attendees | an invitation |
//! | REPLY | somebody answers |
//! | CANCEL | it does not take place |
//! | COUNTER | somebody asks for another time |
//! | PUBLISH, and everything else | an event to know about |
//!
//! Bounds: [`MAX_TEXT`] octets are read, [`MAX_EVENTS`] events and [`MAX_ATTENDEES`] attendees of each are kept.

mod repeats;
mod when;

pub use when::CalendarTime;

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarMethod, ICalendarParameterName,
    ICalendarParameterValue, ICalendarParticipationStatus, ICalendarProperty, ICalendarStatus, ICalendarValue,
};
use calcard::{Entry, Parser};
use model::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Octets of a calendar that are read.
const MAX_TEXT: usize = 512 * 1024;
/// Events that are kept.
const MAX_EVENTS: usize = 20;
/// Attendees of an event that are kept.
const MAX_ATTENDEES: usize = 200;
/// Characters of a description that are kept.
const MAX_DESCRIPTION: usize = 4_000;
/// Characters of any other text that are kept.
const MAX_LINE: usize = 400;

/// What a calendar part is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Invitation {
    /// The part of the letter that holds it.
    #[ts(type = "number")]
    pub part: usize,
    /// What its sender wants.
    pub method: Method,
    /// The events, as they stand.
    pub events: Vec<CalendarEvent>,
}

/// What the sender of a calendar part wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// To be answered.
    Request,
    /// An answer.
    Reply,
    /// It is called off.
    Cancel,
    /// Another time is asked for.
    Counter,
    /// To be known.
    Publish,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarEvent {
    /// What it is; may be empty.
    pub summary: String,
    /// More about it; plain text, may be empty.
    pub description: String,
    /// Where; may be empty.
    pub location: String,
    /// The address of a meeting on the net, where one is named.
    pub link: Option<String>,
    /// When it begins.
    pub start: Option<CalendarTime>,
    /// When it ends: the first moment, or the first day, that is no longer part of it.
    pub end: Option<CalendarTime>,
    /// How it repeats, in words: `every week on Monday, until 3 March 2027`.
    pub repeats: Option<String>,
    /// Who calls it.
    pub organiser: Option<Address>,
    /// Who is invited.
    pub attendees: Vec<Attendee>,
    /// Whether it is called off.
    pub cancelled: bool,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attendee {
    /// Who.
    pub who: Address,
    /// What they said.
    pub answer: Answer,
}

/// What somebody said to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing yet.
    None,
    /// Comes.
    Accepted,
    /// Does not come.
    Declined,
    /// May come.
    Tentative,
    /// Sends somebody else.
    Delegated,
}

/// Reads a calendar; `None` where it holds no event.
pub fn read(part: usize, text: &str) -> Option<Invitation> {
    let calendar = calendar(text)?;
    let is_event = |component: &&ICalendarComponent| component.component_type == ICalendarComponentType::VEvent;
    let components = calendar.components.iter().filter(is_event);
    let events: Vec<CalendarEvent> =
        components.take(MAX_EVENTS).map(|component| event(&calendar, component)).collect();
    (!events.is_empty()).then(|| Invitation { part, method: method(&calendar, &events), events })
}

/// The words of a calendar, for the search index.
pub(crate) fn words(invitation: &Invitation) -> String {
    let mut words = Vec::new();
    for event in &invitation.events {
        words.extend([event.summary.as_str(), &event.location, &event.description]);
        for who in event.organiser.iter().chain(event.attendees.iter().map(|attendee| &attendee.who)) {
            words.extend(who.name.as_deref());
            words.push(&who.address);
        }
    }
    words.retain(|word| !word.is_empty());
    words.join("\n")
}

fn calendar(text: &str) -> Option<ICalendar> {
    let cut = (0..=MAX_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let mut parser = Parser::new(text.get(..cut)?);
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => return Some(calendar),
            Entry::InvalidLine(_) | Entry::VCard(_) => {}
            _ => return None,
        }
    }
}

fn method(calendar: &ICalendar, events: &[CalendarEvent]) -> Method {
    let given = calendar
        .components
        .first()
        .and_then(|root| root.property(&ICalendarProperty::Method))
        .and_then(|entry| entry.values.first());
    match given {
        Some(ICalendarValue::Method(ICalendarMethod::Request | ICalendarMethod::Add)) => Method::Request,
        Some(ICalendarValue::Method(ICalendarMethod::Reply)) => Method::Reply,
        Some(ICalendarValue::Method(ICalendarMethod::Cancel)) => Method::Cancel,
        Some(ICalendarValue::Method(ICalendarMethod::Counter)) => Method::Counter,
        None if events.iter().any(|event| !event.attendees.is_empty()) => Method::Request,
        _ => Method::Publish,
    }
}

fn event(calendar: &ICalendar, component: &ICalendarComponent) -> CalendarEvent {
    let text = |property: ICalendarProperty, limit| {
        let entry = component.property(&property);
        entry.and_then(|entry| entry.values.first()).and_then(ICalendarValue::as_text).map(|text| clean(text, limit))
    };
    let line = |property| text(property, MAX_LINE).map(|text| one_line(&text)).unwrap_or_default();
    let start = component.property(&ICalendarProperty::Dtstart).and_then(|entry| when::read(calendar, entry));
    CalendarEvent {
        summary: line(ICalendarProperty::Summary),
        description: text(ICalendarProperty::Description, MAX_DESCRIPTION).unwrap_or_default().trim().to_owned(),
        location: line(ICalendarProperty::Location),
        link: link(component),
        end: when::end(calendar, component, start.as_ref()),
        start,
        repeats: component.property(&ICalendarProperty::Rrule).and_then(repeats::in_words),
        organiser: component.property(&ICalendarProperty::Organizer).and_then(person),
        attendees: component
            .properties(&ICalendarProperty::Attendee)
            .filter_map(|entry| Some(Attendee { who: person(entry)?, answer: answer(entry) }))
            .take(MAX_ATTENDEES)
            .collect(),
        cancelled: component.status() == Some(&ICalendarStatus::Cancelled),
    }
}

/// Where a meeting on the net takes place: the standard's own field, then those of two makers, then the event's page.
fn link(component: &ICalendarComponent) -> Option<String> {
    let own = ["X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-GOOGLE-CONFERENCE"];
    let properties = [ICalendarProperty::Conference]
        .into_iter()
        .chain(own.map(|name| ICalendarProperty::Other(name.to_owned())))
        .chain([ICalendarProperty::Url]);
    properties
        .filter_map(|property| component.property(&property)?.values.first()?.as_text().map(str::to_owned))
        .find(|link| link.starts_with("https://") && link.len() < 2_000 && !link.contains(char::is_whitespace))
}

fn person(entry: &ICalendarEntry) -> Option<Address> {
    let address = one_line(&clean(entry.calendar_address()?, MAX_LINE));
    let parameter = |name| entry.parameter(&name).and_then(ICalendarParameterValue::as_text);
    let name = parameter(ICalendarParameterName::Cn).map(|name| one_line(&clean(name, MAX_LINE)));
    // Some servers name a person by a path of their own, and put the address beside it (RFC 7986 §6.2).
    let address = match parameter(ICalendarParameterName::Email) {
        Some(email) if !address.contains('@') => one_line(&clean(email, MAX_LINE)),
        _ => address,
    };
    let name = name.filter(|name| !name.is_empty() && *name != address);
    (address.contains('@') || name.is_some()).then(|| {
        let shown = if address.contains('@') { address } else { String::new() };
        Address::new(name, shown)
    })
}

fn answer(entry: &ICalendarEntry) -> Answer {
    use ICalendarParticipationStatus as Status;
    match entry.parameter(&ICalendarParameterName::Partstat) {
        Some(ICalendarParameterValue::Partstat(Status::Accepted)) => Answer::Accepted,
        Some(ICalendarParameterValue::Partstat(Status::Declined)) => Answer::Declined,
        Some(ICalendarParameterValue::Partstat(Status::Tentative)) => Answer::Tentative,
        Some(ICalendarParameterValue::Partstat(Status::Delegated)) => Answer::Delegated,
        _ => Answer::None,
    }
}

/// Without control characters but line ends, and not longer than that.
fn clean(text: &str, limit: usize) -> String {
    let shown = |c: &char| (*c == '\n' || !c.is_control()) && !crate::attached::turns_direction(*c);
    text.chars().filter(shown).take(limit).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
