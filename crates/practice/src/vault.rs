//! Where a post office keeps what is its own: the home it was given, or a folder for the time being.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::distr::slice::Choose;
use tempfile::TempDir;

use crate::PracticeError;

/// A post office's folder.
pub(crate) enum Vault {
    Home(PathBuf),
    Temporary(TempDir),
}

impl Vault {
    /// Opens the home, made where it is missing, or a folder for the time being.
    pub(crate) fn open(home: Option<&Path>) -> Result<Self, PracticeError> {
        match home {
            Some(home) => {
                fs::create_dir_all(home).map_err(PracticeError::home(home))?;
                Ok(Self::Home(home.to_owned()))
            }
            None => {
                let made = tempfile::Builder::new().prefix("postrider-practice-").tempdir();
                made.map(Self::Temporary).map_err(PracticeError::home(&std::env::temp_dir()))
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::Home(home) => home,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// Where the mailboxes are kept, if they are.
    pub(crate) fn mail_folder(&self) -> Option<PathBuf> {
        self.kept("mail")
    }

    /// Where the greylist is kept, if it is.
    pub(crate) fn greylist_path(&self) -> Option<PathBuf> {
        self.kept("greylist.json")
    }

    /// The password: the one kept in the home, or a new one.
    pub(crate) fn password(&self) -> Result<String, PracticeError> {
        let path = self.folder().join("password");
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            Ok(_) => Err(PracticeError::damaged(&path, "it is empty")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let password = new_password();
                write_private(&path, &format!("{password}\n"))?;
                Ok(password)
            }
            Err(error) => Err(PracticeError::home(&path)(error)),
        }
    }

    /// The folder that goes with the post office, if it is one.
    pub(crate) fn into_temporary(self) -> Option<TempDir> {
        match self {
            Self::Home(_) => None,
            Self::Temporary(folder) => Some(folder),
        }
    }

    fn kept(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Home(home) => Some(home.join(name)),
            Self::Temporary(_) => None,
        }
    }
}

/// Four groups that a person can type: no letter that looks like another.
fn new_password() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let Ok(letters) = Choose::new(LETTERS) else { return String::new() };
    let mut random = rand::rng();
    let mut group = || -> String { (0..4).map(|_| char::from(*random.sample(letters))).collect() };
    [group(), group(), group(), group()].join("-")
}

/// Writes a file that the owner alone can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), PracticeError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(PracticeError::home(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stays_with_its_home() {
        let home = tempfile::tempdir().unwrap();
        let password = || Vault::open(Some(home.path())).unwrap().password().unwrap();
        let first = password();
        assert_eq!(first.len(), 19);
        assert_eq!(password(), first);
        assert_ne!(Vault::open(None).unwrap().password().unwrap(), first);
    }
}
