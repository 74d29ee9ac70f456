//! The line that begins a letter in an mbox: `From anna@example.org Tue Nov  3 14:32:05 2026`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The line for a letter, without its end. Its time is UTC (RFC 4155).
pub fn separator(sender: &str, received: Timestamp) -> String {
    let sender: String = sender.chars().filter(|c| c.is_ascii_graphic()).collect();
    let sender = if sender.is_empty() { "MAILER-DAEMON" } else { &sender };
    let at = Offset::UTC.to_datetime(received);
    format!("From {sender} {}", at.strftime("%a %b %e %H:%M:%S %Y"))
}

/// Whether a line begins a letter: `From `, and a time of day and a year somewhere behind it.
pub(super) fn is_one(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ").filter(|rest| rest.len() < 1_000) else { return false };
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let has_time = words.clone().any(is_time);
    let has_year = words.any(|word| word.len() == 4 && word.iter().all(u8::is_ascii_digit));
    has_time && has_year
}

/// `14:32` or `14:32:05`.
fn is_time(word: &[u8]) -> bool {
    let parts: Vec<&[u8]> = word.split(|byte| *byte == b':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.iter().all(u8::is_ascii_digit))
}

/// The time in the line. Where it names an offset that holds; else it is UTC, as RFC 4155 has it.
pub(super) fn date(line: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(line);
    let words: Vec<&str> = text.split_whitespace().collect();
    let month_at = words.iter().rposition(|word| MONTHS.iter().any(|month| month.eq_ignore_ascii_case(word)))?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(words.get(month_at).unwrap_or(&"")))? + 1;
    let after = words.get(month_at + 1..)?;
    let day: i8 = after.first()?.parse().ok()?;
    let time = after.iter().find(|word| is_time(word.as_bytes()))?;
    let mut clock = time.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next().flatten().unwrap_or(0));
    let year: i16 =
        after.iter().find(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let local = DateTime::new(year, i8::try_from(month).ok()?, day, hour, minute, second.min(59), 0).ok()?;
    let offset = after.iter().find_map(|word| offset(word)).unwrap_or(Offset::UTC);
    TimeZone::fixed(offset).to_ambiguous_timestamp(local).compatible().ok()
}

/// `+0100`.
fn offset(word: &str) -> Option<Offset> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = word.get(1..).filter(|digits| digits.len() == 4)?;
    let number: i32 = digits.parse().ok()?;
    Offset::from_seconds(sign * (number / 100 * 3_600 + number % 100 * 60)).ok()
}
