//! What is printed: a table in Markdown, ready for the documentation.

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    what: String,
    postfix: String,
    postrider: String,
    compared: String,
}

impl Row {
    /// The same, with a comparison.
    pub fn noted(self, compared: String) -> Self {
        Self { compared, ..self }
    }
}

/// A time that both took, and how many times as fast Postrider was.
pub fn measured(what: String, (postfix, postrider): (f64, f64), written: fn(f64) -> String) -> Row {
    plain(what, Some(postfix), postrider, written).noted(format!("{:.1} times as fast", postfix / postrider))
}

/// A figure of Postrider, and of Postfix where it has one.
pub fn plain(what: String, postfix: Option<f64>, postrider: f64, written: fn(f64) -> String) -> Row {
    Row {
        what,
        postfix: postfix.map_or_else(|| "–".to_owned(), written),
        postrider: written(postrider),
        compared: String::new(),
    }
}

/// So many times as much.
pub fn ratio(ratio: f64) -> String {
    format!("{ratio:.2} of it")
}

/// The table of these lines.
pub fn text(rows: &[Row]) -> String {
    let mut text = "| | Postfix | Postrider | |\n|---|---:|---:|---|\n".to_owned();
    for Row { what, postfix, postrider, compared } in rows {
        text += &format!("| {what} | {postfix} | {postrider} | {compared} |\n");
    }
    text
}

/// A time.
pub fn seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

/// The one in the middle; of two in the middle, the greater.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_how_many_times_as_fast() {
        let rows = [
            measured("until all are accepted".to_owned(), (3.0, 1.5), seconds),
            plain("a wake-up".to_owned(), None, 0.25, seconds),
        ];
        let expected = "\
| | Postfix | Postrider | |
|---|---:|---:|---|
| until all are accepted | 3.00 s | 1.50 s | 2.0 times as fast |
| a wake-up | – | 0.25 s |  |
";
        assert_eq!(text(&rows), expected);
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![2.0, 1.0]), 2.0);
    }
}
