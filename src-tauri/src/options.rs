//! What the program was started with: `[--home DIR] [--hidden] [mailto:…]`.

use std::ffi::OsString;
use std::path::PathBuf;

/// The word for a start without a window, as with the session.
pub const HIDDEN: &str = "--hidden";

/// What the program was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The directory with everything in it.
    pub home: PathBuf,
    /// Whether the directory was named, by `--home` or `POSTRIDER_HOME`, or is the platform's own.
    pub home_is_named: bool,
    /// A mailto: link (RFC 6068) that was clicked somewhere.
    pub mailto: Option<String>,
    /// Whether the window stays in the tray, where there is one.
    pub is_hidden: bool,
}

/// The program was started with something that it does not know.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// `--home` was the last word.
    #[error("--home needs a directory: postrider-desktop --home DIR")]
    HomeWithoutDirectory,
    /// Neither an option nor a mailto: link.
    #[error("“{0}” is not understood; usage: postrider-desktop [--home DIR] [--hidden] [mailto:ADDRESS]")]
    Unknown(String),
}

/// Reads the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Options, UsageError> {
    let mut home = None;
    let mut mailto = None;
    let mut is_hidden = false;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let word = arg.to_string_lossy();
        if word == "--home" {
            home = Some(PathBuf::from(args.next().ok_or(UsageError::HomeWithoutDirectory)?));
        } else if let Some(directory) = word.strip_prefix("--home=") {
            home = Some(PathBuf::from(directory));
        } else if word == HIDDEN {
            is_hidden = true;
        } else if is_mailto(&word) {
            mailto = Some(word.into_owned());
        } else {
            return Err(UsageError::Unknown(word.into_owned()));
        }
    }
    let home_is_named = home.is_some() || std::env::var_os("POSTRIDER_HOME").is_some_and(|home| !home.is_empty());
    let home = home.unwrap_or_else(engine::default_home);
    let home = std::path::absolute(&home).unwrap_or(home);
    Ok(Options { home, home_is_named, mailto, is_hidden })
}

fn is_mailto(word: &str) -> bool {
    word.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Options, UsageError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn the_home_is_named_in_either_form() {
        for words in [&["--home", "/mail"][..], &["--home=/mail"]] {
            let options = parsed(words).unwrap();
            assert_eq!(options.home, PathBuf::from("/mail"));
            assert!(options.home_is_named);
        }
    }

    #[test]
    fn a_mailto_link_is_kept_as_it_came() {
        let options = parsed(&["--home", "/mail", "MAILTO:anna@example.org?subject=Hello"]).unwrap();
        assert_eq!(options.mailto.as_deref(), Some("MAILTO:anna@example.org?subject=Hello"));
    }

    #[test]
    fn a_start_with_the_session_shows_no_window() {
        assert!(parsed(&["--hidden"]).unwrap().is_hidden);
        assert!(!parsed(&[]).unwrap().is_hidden);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parsed(&["--home"]), Err(UsageError::HomeWithoutDirectory));
        assert_eq!(parsed(&["--hom", "x"]), Err(UsageError::Unknown("--hom".to_owned())));
        assert_eq!(parsed(&["http://example.org"]), Err(UsageError::Unknown("http://example.org".to_owned())));
    }
}
