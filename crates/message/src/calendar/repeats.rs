//! How an event repeats (RFC 5545 §3.3.10), in words. What the words would not say truly is said as `repeats`.

use calcard::icalendar::{
    ICalendarDay, ICalendarEntry, ICalendarFrequency, ICalendarRecurrenceRule, ICalendarValue, ICalendarWeekday,
};
use jiff::civil::Date;

/// The rule in words.
pub(super) fn in_words(entry: &ICalendarEntry) -> Option<String> {
    let Some(ICalendarValue::RecurrenceRule(rule)) = entry.values.first() else { return None };
    let Some(often) = often(rule) else { return Some("repeats".to_owned()) };
    Some(often + &days(&rule.byday) + &until(rule))
}

fn often(rule: &ICalendarRecurrenceRule) -> Option<String> {
    let unit = match rule.freq {
        ICalendarFrequency::Daily => "day",
        ICalendarFrequency::Weekly => "week",
        ICalendarFrequency::Monthly => "month",
        ICalendarFrequency::Yearly => "year",
        _ => return None,
    };
    let is_plain = rule.bymonthday.len() < 2
        && rule.byyearday.is_empty()
        && rule.byweekno.is_empty()
        && rule.bysetpos.is_empty()
        && rule.bymonth.len() < 2
        && rule.byhour.is_empty();
    is_plain.then(|| match rule.interval.unwrap_or(1) {
        0 | 1 => format!("every {unit}"),
        2 => format!("every second {unit}"),
        3 => format!("every third {unit}"),
        count => format!("every {count} {unit}s"),
    })
}

fn days(days: &[ICalendarDay]) -> String {
    let named: Vec<String> = days.iter().map(day).collect();
    match named.as_slice() {
        [] => String::new(),
        [one] => format!(" on {one}"),
        [most @ .., last] => format!(" on {} and {last}", most.join(", ")),
    }
}

fn day(day: &ICalendarDay) -> String {
    let name = match day.weekday {
        ICalendarWeekday::Monday => "Monday",
        ICalendarWeekday::Tuesday => "Tuesday",
        ICalendarWeekday::Wednesday => "Wednesday",
        ICalendarWeekday::Thursday => "Thursday",
        ICalendarWeekday::Friday => "Friday",
        ICalendarWeekday::Saturday => "Saturday",
        ICalendarWeekday::Sunday => "Sunday",
    };
    match day.ordwk {
        Some(1) => format!("the first {name}"),
        Some(2) => format!("the second {name}"),
        Some(3) => format!("the third {name}"),
        Some(4) => format!("the fourth {name}"),
        Some(-1) => format!("the last {name}"),
        _ => name.to_owned(),
    }
}

fn until(rule: &ICalendarRecurrenceRule) -> String {
    if let Some(count) = rule.count {
        return if count == 1 { ", once".to_owned() } else { format!(", {count} times") };
    }
    let last = rule.until.as_ref().and_then(|until| {
        let (year, month, day) = (until.year?, until.month?, until.day?);
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    });
    last.map(|date| format!(", until {}", date.strftime("%-d %B %Y"))).unwrap_or_default()
}
