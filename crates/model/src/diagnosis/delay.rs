//! The delay that a server states in its words: “try again in 300 seconds”, “come back in 00:05:00”.

use std::time::Duration;

/// Shorter than this is not worth a connection.
const SHORTEST: u64 = 30;
/// Longer than this is not believed: the letter would wait for a typing error.
const LONGEST: u64 = 60 * 60;

/// The delay that this text states, in one of the shapes “N seconds”, “N minutes”, “N hours” and “HH:MM:SS”; at least
/// 30 seconds and at most one hour.
///
/// ```
/// # use postrider_model::diagnosis::stated_delay;
/// # use std::time::Duration;
/// assert_eq!(stated_delay("Greylisted, please try again in 300 seconds"), Some(Duration::from_secs(300)));
/// assert_eq!(stated_delay("please come back in 00:05:00"), Some(Duration::from_secs(300)));
/// assert_eq!(stated_delay("try again later"), None);
/// ```
pub fn stated_delay(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '.').collect();
    let clock = words.iter().find_map(|word| clock_seconds(word));
    clock.or_else(|| counted_seconds(&words)).map(|seconds| Duration::from_secs(seconds.clamp(SHORTEST, LONGEST)))
}

/// “HH:MM:SS”. A time of day is written alike, but no server was seen to name one together with “come back in”.
fn clock_seconds(word: &str) -> Option<u64> {
    let mut parts = word.trim_matches(['.', ':']).split(':').map(two_digits);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Some(hours)), Some(Some(minutes @ 0..60)), Some(Some(seconds @ 0..60)), None) => {
            Some(hours * 3600 + minutes * 60 + seconds)
        }
        _ => None,
    }
}

fn two_digits(text: &str) -> Option<u64> {
    let valid = matches!(text.len(), 1..=2) && text.bytes().all(|octet| octet.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// “N seconds”, also joined as in “300s” and “5min”. Several in one text are added: “4 minutes and 30 seconds”.
fn counted_seconds(words: &[&str]) -> Option<u64> {
    let words: Vec<&str> =
        words.iter().map(|word| word.trim_matches(['.', ':'])).filter(|word| !word.is_empty()).collect();
    let mut total: Option<u64> = None;
    for (at, word) in words.iter().enumerate() {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let Some((number, joined)) = word.split_at_checked(digits) else { continue };
        let unit = if joined.is_empty() { words.get(at + 1).copied().unwrap_or_default() } else { joined };
        if let (Ok(number), Some(unit)) = (number.parse::<u64>(), unit_seconds(unit)) {
            total = Some(total.unwrap_or_default().saturating_add(number.saturating_mul(unit)));
        }
    }
    total.filter(|seconds| *seconds > 0)
}

fn unit_seconds(unit: &str) -> Option<u64> {
    match unit {
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" => Some(1),
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" => Some(60),
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunden" => Some(60 * 60),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_delay_is_read_in_the_shapes_that_servers_use() {
        let table = [
            (
                "Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey/help/example.org.html)",
                Some(300),
            ),
            ("Greylisting in action, please come back in 00:05:00", Some(300)),
            ("Greylisting in action, please come back in 01:02:03", Some(3600)),
            ("Greylisted, please try again in 299 seconds", Some(299)),
            ("Greylisted by greyfix 0.4, try again in 30 seconds.", Some(30)),
            ("Message was greylisted, try again in 59 seconds", Some(59)),
            ("Please retry after 10 minutes", Some(600)),
            ("retry in 1 minute", Some(60)),
            ("please wait 4min30s", None),
            ("please wait 5min", Some(300)),
            ("in 4 minutes and 30 seconds", Some(270)),
            ("wait 1 hour", Some(3600)),
            ("come back in 12 hours", Some(3600)),
            ("in 5 seconds", Some(30)),
            ("in 99999999999999999999999 seconds", None),
            ("in 18446744073709551615 minutes", Some(3600)),
            ("in 0 seconds", None),
            ("try again later", None),
            ("temporarily deferred (4.16.55.1)", None),
            ("2001:db8:00:05:00:1 is not known here", None),
            ("host 192.0.2.10 m", None),
            ("", None),
        ];
        for (text, seconds) in table {
            assert_eq!(stated_delay(text).map(|delay| delay.as_secs()), seconds, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_what_comes_out_is_within_the_bounds(text in "\\PC*([0-9]{1,3}[: ]?(s|min|[0-9]{2}:[0-9]{2}))?") {
            if let Some(delay) = stated_delay(&text) {
                prop_assert!((SHORTEST..=LONGEST).contains(&delay.as_secs()));
            }
        }
    }
}
