//! The letter: one text for all, from one address, each time to another.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Octets of the letter, with its headers.
pub const SIZE: usize = 4096;
/// Who writes.
pub const SENDER: &str = "rider@bench.example";
/// Who is written to, with a number before it.
pub const RECIPIENT: &str = "reader@sink.example";

/// The letter, in a file and as it is in it, with LF at the ends of its lines.
#[derive(Clone, Debug)]
pub struct Letter {
    pub file: PathBuf,
    pub text: String,
}

impl Letter {
    /// Writes it to a file in this directory. Message-ID and Date are left to who sends it.
    pub fn write(directory: &Path) -> Result<Self> {
        let file = directory.join("letter");
        let text = text();
        std::fs::write(&file, &text).with_context(|| format!("{} could not be written", file.display()))?;
        Ok(Self { file, text })
    }
}

fn text() -> String {
    let headers = format!("From: {SENDER}\nTo: {RECIPIENT}\nSubject: From coast to coast\n\n");
    let line = "Ten days from the Missouri to the sea, and not a letter left behind.\n";
    let body = line.bytes().cycle().take(SIZE - headers.len() - 1).map(char::from);
    headers.chars().chain(body).chain(['\n']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_has_its_size_and_ends_with_its_last_line() {
        assert_eq!(text().len(), SIZE);
        assert!(text().ends_with('\n'));
    }
}
