//! What a report says to a person: what happened, what the server said, what it means, what was tried, what comes next.

use super::facts::Facts;
use jiff::Timestamp;
use model::{Attempt, Diagnosis, Phase, ReportKind, Route};
use std::time::Duration;

/// Attempts that are listed: the first, and the last of the others.
const LISTED: usize = 6;
/// Columns of a paragraph.
const WIDTH: usize = 76;

/// The first part of the report.
pub(super) fn explanation(facts: &Facts<'_>) -> String {
    let paragraphs = [
        Some(wrapped(&beginning(facts))),
        Some(about(facts)),
        facts.delivery.diagnosis.as_ref().map(meaning),
        answer(facts),
        tries(facts),
        Some(wrapped(&end(facts))),
    ];
    paragraphs.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn beginning(facts: &Facts<'_>) -> String {
    match facts.kind {
        ReportKind::Failed => "Your letter could not be delivered to the address below.".to_owned(),
        ReportKind::Delayed => format!(
            "Your letter has not been delivered for {} yet. Postrider goes on trying; you do not have to send it again.",
            length(facts.waited)
        ),
    }
}

fn about(facts: &Facts<'_>) -> String {
    let row = |name: &str, value: &str| format!("  {name:<9} {value}\n");
    let mut text = row("To:", &facts.delivery.address.to_string());
    if !facts.outgoing.subject.is_empty() {
        text += &row("Subject:", &facts.outgoing.subject);
    }
    text + &row("Sent:", &time(facts, facts.outgoing.created_at))
}

fn meaning(diagnosis: &Diagnosis) -> String {
    let mut text = format!("{}\n", wrapped(&diagnosis.title).trim_end());
    text += &wrapped(&diagnosis.explanation);
    text + &wrapped(&diagnosis.advice)
}

fn answer(facts: &Facts<'_>) -> Option<String> {
    let reply = facts.reply()?;
    let host = facts.last()?.host.as_deref().unwrap_or("the server");
    let code = reply.enhanced.map(|enhanced| format!(" {enhanced}")).unwrap_or_default();
    let lines = reply.lines.iter().map(|line| format!("  {}{code} {line}", reply.code));
    let lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    Some(format!("{}\n{}\n", wrapped(&format!("The words of {host}:")), lines.join("\n")))
}

fn tries(facts: &Facts<'_>) -> Option<String> {
    let all = facts.attempts;
    let left_out = all.len().saturating_sub(LISTED);
    let mut lines = Vec::new();
    for (place, attempt) in all.iter().enumerate() {
        match place {
            1 if left_out > 0 => lines.push(format!("  … {left_out} more …")),
            _ if (1..=left_out).contains(&place) => {}
            _ => lines.push(format!("  {}  {}", time(facts, attempt.started_at), way(attempt))),
        }
    }
    (!all.is_empty()).then(|| format!("What was tried:\n\n{}\n", lines.join("\n")))
}

fn way(attempt: &Attempt) -> String {
    let whom = match (&attempt.route, &attempt.host) {
        (Route::Direct, Some(host)) => host.clone(),
        (Route::Direct, None) => "no host".to_owned(),
        (Route::SmartHost(name), _) => format!("smart host {name}"),
    };
    let came_to = match (&attempt.reply, &attempt.error) {
        (Some(reply), _) => reply.code.to_string(),
        (None, Some(error)) => error.clone(),
        (None, None) => String::new(),
    };
    let phase = if attempt.phase == Phase::Prepare { String::new() } else { format!(" at {}", attempt.phase) };
    format!("{whom}{phase}: {came_to}").trim_end_matches([':', ' ']).to_owned()
}

fn end(facts: &Facts<'_>) -> String {
    let by_whom = "This report was written by Postrider, the program that sends your mail.";
    match facts.kind {
        ReportKind::Failed => {
            format!("{by_whom} The letter is in your Outbox, where it can be changed, or sent another way.")
        }
        ReportKind::Delayed => format!(
            "{by_whom} It gives up on {}; time in which this computer has no network does not count, and makes that \
             later. In the Outbox you can try at once, choose another way, or take the letter back.",
            time(facts, facts.retry_until)
        ),
    }
}

fn time(facts: &Facts<'_>, at: Timestamp) -> String {
    at.to_zoned(facts.zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

/// A length of time as people say it.
fn length(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    let (number, unit) = match minutes {
        0..120 => (minutes.max(1), "minute"),
        120..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    if number == 1 { format!("a {unit}") } else { format!("{number} {unit}s") }
}

/// Lines of a width that every mail program shows as they are.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        }
        if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_largest_unit() {
        let table = [
            (0, "a minute"),
            (5, "5 minutes"),
            (119, "119 minutes"),
            (120, "2 hours"),
            (245, "4 hours"),
            (7200, "5 days"),
        ];
        for (minutes, words) in table {
            assert_eq!(length(Duration::from_secs(minutes * 60)), words);
        }
    }

    #[test]
    fn paragraphs_are_no_wider_than_a_page() {
        let text = wrapped(
            &"some words and an-address-without-any-space-that-is-longer-than-the-page-could-ever-be-wide-x@y "
                .repeat(3),
        );
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH || !line.contains(' ')), "{text}");
        assert_eq!(wrapped("  "), "");
    }
}
