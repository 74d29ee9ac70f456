//! Where results and errors go.

use crate::exit;
use model::CallError;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// The form that was asked for.
pub struct Output {
    json: bool,
    /// Whether the document is out. There is one, also where a part of what was asked for went wrong.
    printed: AtomicBool,
}

impl Output {
    /// JSON, or text.
    pub fn new(json: bool) -> Self {
        Self { json, printed: AtomicBool::new(false) }
    }

    /// Whether it is for a program.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: the document, or the text that is made for a person.
    pub fn print(&self, document: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), CallError> {
        let shown = if self.json {
            serde_json::to_string_pretty(document)
                .map_err(|error| CallError::new("internal", error.to_string(), ""))?
        } else {
            harmless(&text())
        };
        self.printed.store(true, Ordering::Relaxed);
        self.write(shown.as_bytes())
    }

    /// One JSON document on one line, for streams; or the text.
    pub fn line(&self, document: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), CallError> {
        let shown = if self.json { serde_json::to_string(document).unwrap_or_default() } else { harmless(&text()) };
        self.write(shown.as_bytes())
    }

    /// Octets as they are, with a line end where there is none.
    pub fn write(&self, bytes: &[u8]) -> Result<(), CallError> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| match bytes.last() {
            None | Some(b'\n') => Ok(()),
            Some(_) => out.write_all(b"\n"),
        });
        match written.and_then(|()| out.flush()) {
            // Whoever reads has had enough (`postrider list inbox | head`): that is no error.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|error| CallError::new("internal", format!("cannot print: {error}"), "")),
        }
    }

    /// Says something beside the result.
    pub fn note(&self, text: &str) {
        eprintln!("postrider: {}", one_line(text));
    }

    /// Says what went wrong and what to do, in one line.
    pub fn error(&self, error: &CallError) -> ExitCode {
        eprintln!("postrider: {}", sentence(error));
        if self.json && !self.printed.load(Ordering::Relaxed) {
            println!("{}", serde_json::json!({ "error": error }));
        }
        ExitCode::from(exit::code(&error.code))
    }
}

fn sentence(error: &CallError) -> String {
    let message = one_line(&error.message);
    match error.hint.as_str() {
        "" => message,
        hint => format!("{} — {hint}", message.trim_end_matches('.')),
    }
}

fn one_line(text: &str) -> String {
    harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What others wrote may hold orders to the terminal (a letter, a reply of a server); none of them arrives.
fn harmless(text: &str) -> String {
    let is_order = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    text.replace("\r\n", "\n").replace(is_order, "\u{fffd}")
}

/// Columns set side by side: each as wide as its widest cell, the last as it is.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| on_one_line(cell)).collect()).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn on_one_line(cell: &str) -> String {
    cell.replace(['\n', '\r', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_order_to_the_terminal_is_printed() {
        assert_eq!(harmless("a\tred \u{1b}[31m\u{9b}1m\r\nb"), "a\tred \u{fffd}[31m\u{fffd}1m\nb");
        assert_eq!(table(&[vec!["two\nlines".to_owned(), "x".to_owned()]]), "two lines  x\n");
    }

    #[test]
    fn an_error_is_one_sentence_with_what_to_do() {
        let table = [
            ("No answer.", "Try again.", "No answer — Try again."),
            ("no\nanswer", "", "no answer"),
            ("It ends.", "", "It ends."),
        ];
        for (message, hint, expected) in table {
            assert_eq!(sentence(&CallError::new("x", message, hint)), expected);
        }
    }

    #[test]
    fn columns_stand_side_by_side() {
        let rows =
            [vec!["1".to_owned(), "long".to_owned(), "x".to_owned()], vec!["22".into(), "s".into(), "y".into()]];
        assert_eq!(table(&rows), "1   long  x\n22  s     y\n");
    }
}
