//! What is printed: the medians of each figure, and one over the other.

use crate::course::Round;

/// A figure: what it is, how it is taken from a round, and how it is written.
struct Figure {
    what: &'static str,
    of: fn(&Round) -> f64,
    written: fn(f64) -> String,
}

const FIGURES: [Figure; 3] = [
    Figure { what: "until all are accepted", of: |round| round.accepted.as_secs_f64(), written: seconds },
    Figure { what: "until the queue is empty", of: |round| round.delivered.as_secs_f64(), written: seconds },
    Figure {
        what: "letters to a connection",
        of: |round| round.to_a_connection,
        written: |mean| format!("{mean:.1}"),
    },
];

/// The table of these rounds.
pub fn text(postfix: &[Round], postrider: &[Round]) -> String {
    let arrived = |rounds: &[Round]| rounds.iter().map(|round| round.arrived).sum::<u32>().to_string();
    let mut text = row("", "Postfix", "Postrider", "ratio");
    text += &row("arrived at the sink", &arrived(postfix), &arrived(postrider), "");
    for figure in &FIGURES {
        let [theirs, ours] = [postfix, postrider].map(|rounds| median(rounds.iter().map(figure.of).collect()));
        let ratio = format!("{:.2}", ours / theirs);
        text += &row(figure.what, &(figure.written)(theirs), &(figure.written)(ours), &ratio);
    }
    text
}

fn row(what: &str, postfix: &str, postrider: &str, ratio: &str) -> String {
    format!("{what:<26}{postfix:>10}{postrider:>11}{ratio:>7}\n")
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

/// The one in the middle; of two in the middle, the greater.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn round(accepted: u64, delivered: u64, to_a_connection: f64) -> Round {
        let [accepted, delivered] = [accepted, delivered].map(Duration::from_millis);
        Round { accepted, delivered, arrived: 100, to_a_connection }
    }

    #[test]
    fn the_table_shows_medians_and_what_is_ours_over_what_is_theirs() {
        let postfix = [round(900, 1000, 10.0), round(1000, 2000, 20.0), round(9000, 9000, 30.0)];
        let postrider = [round(500, 1000, 1.0), round(600, 900, 1.0), round(100, 3000, 1.0)];
        let expected = "
                             Postfix  Postrider  ratio
arrived at the sink              300        300       
until all are accepted        1.00 s     0.50 s   0.50
until the queue is empty      2.00 s     1.00 s   0.50
letters to a connection         20.0        1.0   0.05
";
        assert_eq!(text(&postfix, &postrider), expected.trim_start_matches('\n'));
    }
}
