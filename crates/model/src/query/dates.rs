//! Days, months and years as people write them, ages, and sizes.

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, ToSpan, Zoned};

/// Days that are meant: from the first up to the day after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    first: Date,
    after: Date,
}

impl Days {
    fn day(first: Date) -> Option<Self> {
        Some(Self { first, after: first.tomorrow().ok()? })
    }

    fn month(year: i16, month: i8) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        Some(Self { first, after: first.checked_add(1.month()).ok()? })
    }

    fn year(year: i16) -> Option<Self> {
        Some(Self { first: Date::new(year, 1, 1).ok()?, after: Date::new(year.checked_add(1)?, 1, 1).ok()? })
    }

    /// When the first of them begins, where this computer is.
    pub(super) fn begin(self, now: &Zoned) -> Option<Timestamp> {
        midnight(self.first, now)
    }

    /// When the last of them is over.
    pub(super) fn end(self, now: &Zoned) -> Option<Timestamp> {
        midnight(self.after, now)
    }
}

fn midnight(day: Date, now: &Zoned) -> Option<Timestamp> {
    Some(day.to_zoned(now.time_zone().clone()).ok()?.timestamp())
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// What days a text means: `2026-11-03`, `3.11.2026`, `3 Nov 2026`, `Nov 2026`, `2026-11`, `2026`, `today`, `friday`.
/// Without a year it is the last time that was.
pub(super) fn days(text: &str, now: &Zoned) -> Option<Days> {
    let text = text.trim().to_lowercase();
    let today = now.date();
    match text.as_str() {
        "today" => return Days::day(today),
        "yesterday" => return Days::day(today.yesterday().ok()?),
        "tomorrow" => return Days::day(today.tomorrow().ok()?),
        _ => (),
    }
    if let Some((_, weekday)) = WEEKDAYS.iter().find(|(name, _)| is_short_for(&text, name)) {
        let back = today.weekday().since(*weekday);
        return Days::day(today.checked_sub(Span::new().days(back)).ok()?);
    }
    let parts = parts(&text);
    match parts.as_slice() {
        [Part::Number(year)] => Days::year(as_year(*year)?),
        [Part::Month(month)] => last_month(*month, today),
        [Part::Month(month), Part::Number(number)] | [Part::Number(number), Part::Month(month)] => {
            match as_year(*number) {
                Some(year) => Days::month(year, *month),
                None => last_day(*number, *month, today),
            }
        }
        [Part::Number(year), Part::Number(month)] if as_year(*year).is_some() => {
            Days::month(as_year(*year)?, i8::try_from(*month).ok()?)
        }
        [Part::Number(month), Part::Number(year)] if as_year(*year).is_some() => {
            Days::month(as_year(*year)?, i8::try_from(*month).ok()?)
        }
        [Part::Number(day), Part::Number(month)] => last_day(*day, i8::try_from(*month).ok()?, today),
        [Part::Number(day), Part::Month(month), Part::Number(year)]
        | [Part::Month(month), Part::Number(day), Part::Number(year)]
        | [Part::Number(year), Part::Month(month), Part::Number(day)]
            if as_year(*year).is_some() =>
        {
            dated(as_year(*year)?, i32::from(*month), *day)
        }
        [Part::Number(year), Part::Number(month), Part::Number(day)] if as_year(*year).is_some() => {
            dated(as_year(*year)?, *month, *day)
        }
        // Day first, as most of the world writes; month first where it can be nothing else.
        [Part::Number(day), Part::Number(month), Part::Number(year)] => {
            let year = as_year(*year).or_else(|| as_year(year.checked_add(2000)?))?;
            dated(year, *month, *day).or_else(|| dated(year, *day, *month))
        }
        _ => None,
    }
}

fn dated(year: i16, month: i32, day: i32) -> Option<Days> {
    Days::day(Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?)
}

fn as_year(number: i32) -> Option<i16> {
    i16::try_from(number).ok().filter(|year| (1970..=2200).contains(year))
}

fn last_month(month: i8, today: Date) -> Option<Days> {
    let year = if month > today.month() { today.year() - 1 } else { today.year() };
    Days::month(year, month)
}

fn last_day(day: i32, month: i8, today: Date) -> Option<Days> {
    let this_year = dated(today.year(), i32::from(month), day)?;
    if this_year.first <= today { Some(this_year) } else { dated(today.year() - 1, i32::from(month), day) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Number(i32),
    Month(i8),
    Nothing,
}

/// Numbers and names of months; `3nov2026` has three.
fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<String> = Vec::new();
    let mut before: Option<bool> = None;
    for letter in text.chars() {
        let number = letter.is_ascii_digit();
        match (letter.is_alphanumeric(), before == Some(number), parts.last_mut()) {
            (true, true, Some(part)) => part.push(letter),
            (true, _, _) => parts.push(letter.to_string()),
            (false, ..) => (),
        }
        before = letter.is_alphanumeric().then_some(number);
    }
    let part = |part: &String| match part.parse() {
        Ok(number) => Part::Number(number),
        Err(_) => match MONTHS.iter().position(|name| is_short_for(part, name)) {
            Some(at) => i8::try_from(at + 1).map_or(Part::Nothing, Part::Month),
            None => Part::Nothing,
        },
    };
    // 3rd of November: what stands behind a number, or between, says nothing.
    let idle = |part: &&String| !matches!(part.as_str(), "st" | "nd" | "rd" | "th" | "of");
    parts.iter().filter(idle).map(part).collect()
}

fn is_short_for(text: &str, name: &str) -> bool {
    text.len() >= 3 && name.starts_with(text)
}

/// The time that is so old: `7d`, `2w`, `3m`, `1y`, `12h`.
pub(super) fn aged(text: &str, now: &Zoned) -> Option<Timestamp> {
    let text = text.trim().to_lowercase();
    let (number, unit) = number_and_unit(&text)?;
    let number = i64::try_from(number.round() as i128).ok().filter(|number| *number <= 100_000)?;
    let span = match unit {
        "h" | "hour" | "hours" => Span::new().try_hours(number),
        "d" | "day" | "days" => Span::new().try_days(number),
        "w" | "week" | "weeks" => Span::new().try_weeks(number),
        "m" | "mo" | "month" | "months" => Span::new().try_months(number),
        "y" | "year" | "years" => Span::new().try_years(number),
        _ => return None,
    };
    Some(now.checked_sub(span.ok()?).ok()?.timestamp())
}

/// Octets: `2000`, `500k`, `2M`, `1.5 MB`, `1G`.
pub(super) fn octets(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase().replace(',', ".");
    let (number, unit) = number_and_unit(&text)?;
    let factor = match unit {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return None,
    };
    let octets = number * factor;
    (octets < 1e15).then_some(octets.round() as u64)
}

fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let number = text.get(..end)?.parse::<f64>().ok()?;
    Some((number, text.get(end..)?.trim()))
}
