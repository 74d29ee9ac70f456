//! The letters: a short one of plain text, and a long one with a file. Each has one text for all, from one address, each
//! time to another.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Octets of the short letter, with its headers.
pub const SMALL: usize = 4096;
/// Octets of the long one, or a line more.
pub const LARGE: usize = 25_000_000;
/// Who writes.
pub const SENDER: &str = "rider@bench.example";
/// Who is written to, with a number before it.
pub const RECIPIENT: &str = "reader@sink.example";

/// A letter, with LF at the ends of its lines. Message-ID and Date are left to who sends it.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Where it is written, for who reads it there.
    pub file: PathBuf,
    /// The letter.
    pub text: String,
}

impl Letter {
    /// The short one.
    pub fn small() -> Self {
        let headers = format!("From: {SENDER}\nTo: {RECIPIENT}\nSubject: From coast to coast\n\n");
        let line = "Ten days from the Missouri to the sea, and not a letter left behind.\n";
        let body = line.bytes().cycle().take(SMALL - headers.len() - 1).map(char::from);
        Self::of(headers.chars().chain(body).chain(['\n']).collect())
    }

    /// The long one.
    pub fn large() -> Self {
        let mut text = format!(
            "From: {SENDER}\nTo: {RECIPIENT}\nSubject: A map\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=map\n\n--map\n\nFrom coast to coast.\n\n--map\n\
             Content-Type: application/octet-stream; name=map\nContent-Disposition: attachment\n\
             Content-Transfer-Encoding: base64\n\n"
        );
        let line = format!("{}\n", "QmFzZTY0".repeat(9));
        while text.len() < LARGE {
            text.push_str(&line);
        }
        text.push_str("--map--\n");
        text.shrink_to_fit();
        Self::of(text)
    }

    fn of(text: String) -> Self {
        Self { file: PathBuf::new(), text }
    }

    /// The letter, in a file in this directory too.
    pub fn written(self, directory: &Path) -> Result<Self> {
        let file = directory.join("letter");
        std::fs::write(&file, &self.text).with_context(|| format!("{} could not be written", file.display()))?;
        Ok(Self { file, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_have_their_sizes_and_end_with_their_last_lines() {
        let (small, large) = (Letter::small().text, Letter::large().text);
        assert_eq!(small.len(), SMALL);
        assert!((LARGE..LARGE + 100).contains(&large.len()));
        assert!(small.ends_with('\n') && large.ends_with("--map--\n"));
    }
}
