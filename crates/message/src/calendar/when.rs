//! When an event is: a day, a moment in a zone, or the time on a clock wherever that hangs (RFC 5545 §3.3.4, §3.3.5).

use calcard::common::{PartialDateTime, timezone::Tz};
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarEntry, ICalendarProperty, ICalendarValue};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use ts_rs::TS;

/// When an event begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum CalendarTime {
    /// The whole day.
    Day {
        /// `2026-11-03`.
        #[ts(type = "string")]
        date: Date,
    },
    /// A moment.
    Moment {
        /// Which.
        #[ts(type = "string")]
        at: Timestamp,
        /// The time on the clock there: `2026-11-03T14:30:00`.
        #[ts(type = "string")]
        local: DateTime,
        /// The zone it was written in, by its name in the time zone database; `None` for UTC.
        zone: Option<String>,
    },
    /// A time on a clock in a zone that is not known here, or in none.
    Local {
        /// `2026-11-03T14:30:00`.
        #[ts(type = "string")]
        local: DateTime,
        /// What the sender calls the zone; `None` where they name none.
        zone: Option<String>,
    },
}

/// The time in an entry such as `DTSTART`.
pub(super) fn read(calendar: &ICalendar, entry: &ICalendarEntry) -> Option<CalendarTime> {
    let ICalendarValue::PartialDateTime(value) = entry.values.first()? else { return None };
    let date = date(value)?;
    let Some(hour) = value.hour else { return Some(CalendarTime::Day { date }) };
    let part = |number: Option<u8>| i8::try_from(number.unwrap_or(0)).ok();
    // A leap second is the last one of its minute here.
    let second = part(value.second)?.min(59);
    let local =
        DateTime::from_parts(date, jiff::civil::Time::new(part(Some(hour))?, part(value.minute)?, second, 0).ok()?);
    if value.tz_hour.is_some() {
        return moment(local, &TimeZone::UTC, None);
    }
    let Some(name) = entry.tz_id() else { return Some(CalendarTime::Local { local, zone: None }) };
    let known = zone(calendar, name).and_then(|(zone, name)| moment(local, &zone, Some(name)));
    known.or_else(|| Some(CalendarTime::Local { local, zone: Some(super::one_line(&super::clean(name, 80))) }))
}

/// When it ends: `DTEND`, or the beginning and a `DURATION`. A day that has neither is one day long (RFC 5545 §3.6.1).
pub(super) fn end(
    calendar: &ICalendar,
    component: &ICalendarComponent,
    start: Option<&CalendarTime>,
) -> Option<CalendarTime> {
    if let Some(entry) = component.property(&ICalendarProperty::Dtend) {
        return read(calendar, entry);
    }
    let duration = component.property(&ICalendarProperty::Duration).and_then(|entry| entry.values.first());
    let seconds = match duration {
        Some(ICalendarValue::Duration(duration)) => Some(duration.as_seconds()),
        _ => None,
    };
    match (start?, seconds) {
        (CalendarTime::Day { date }, seconds) => {
            let days = (seconds.unwrap_or(86_400) / 86_400).clamp(1, 3_660);
            Some(CalendarTime::Day { date: date.checked_add(days.days()).ok()? })
        }
        (CalendarTime::Moment { at, local, zone }, Some(seconds)) => {
            let length = SignedDuration::from_secs(seconds);
            let at = at.checked_add(length).ok()?;
            let zoned = zone.as_deref().and_then(|name| TimeZone::get(name).ok());
            let local = match zoned {
                Some(zone) => zone.to_datetime(at),
                None => local.checked_add(length).ok()?,
            };
            Some(CalendarTime::Moment { at, local, zone: zone.clone() })
        }
        (CalendarTime::Local { local, zone }, Some(seconds)) => {
            let local = local.checked_add(SignedDuration::from_secs(seconds)).ok()?;
            Some(CalendarTime::Local { local, zone: zone.clone() })
        }
        _ => None,
    }
}

fn date(value: &PartialDateTime) -> Option<Date> {
    let (year, month, day) = (value.year?, value.month?, value.day?);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn moment(local: DateTime, zone: &TimeZone, name: Option<String>) -> Option<CalendarTime> {
    let at = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(CalendarTime::Moment { at, local, zone: name.filter(|name| name != "Etc/UTC") })
}

/// A zone by what the sender calls it: as the calendar defines the name, by the database's names, by Windows' names, or
/// by a path that ends in one (`/freeassociation.sourceforge.net/Europe/Berlin`).
fn zone(calendar: &ICalendar, name: &str) -> Option<(TimeZone, String)> {
    let resolver = calendar.build_tz_resolver();
    let by_path = || {
        let mut rest = name;
        std::iter::from_fn(move || {
            rest = rest.split_once('/')?.1;
            Some(rest)
        })
        .find_map(|tail| Tz::from_str(tail).ok())
    };
    let found = resolver.resolve(name).or_else(|| Tz::from_str(name).ok()).or_else(by_path)?;
    let name = found.name()?.into_owned();
    Some((TimeZone::get(&name).ok()?, name))
}
