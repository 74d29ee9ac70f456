//! Starting with the session: only where the user chose it, and as the system shows it.
//!
//! Nothing is remembered of the choice but what the system itself has, so that what somebody changed there, or removed,
//! is what the settings show. An upgrade may put the program elsewhere: an entry that is on is made to name the one that was
//! started last, since an earlier one may not know what the later one made of the home.

#[cfg(any(target_os = "macos", test))]
mod launchd;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod other;
#[cfg(any(target_os = "linux", test))]
mod xdg;

#[cfg(target_os = "macos")]
use launchd as platform;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
use other as platform;
#[cfg(target_os = "linux")]
use xdg as platform;

use crate::options::{HIDDEN, Options};
use model::CallError;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, State};

/// What the system starts with the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its file.
    file: PathBuf,
    /// The program and its arguments.
    command: Vec<OsString>,
}

impl Entry {
    /// The entry for this program; `None` where the system has no place for one that is known here.
    pub fn of(app: &AppHandle, options: &Options) -> Option<Self> {
        Some(Self { file: platform::file(app.path(), &name(options))?, command: command(options)? })
    }

    fn is_on(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|text| platform::is_on(&text))
    }

    fn set(&self, on: bool) -> io::Result<()> {
        if on { self.write() } else { self.remove() }
    }

    /// Lets an entry that is on name the program that runs now.
    pub fn follow(&self) {
        let text = std::fs::read_to_string(&self.file).ok().filter(|text| platform::is_on(text));
        let Some(moved) = text.and_then(|text| platform::with_command(&text, &self.command)) else { return };
        if let Err(error) = self.replace(&moved) {
            tracing::warn!(file = %self.file.display(), "what starts with the session is another program: {error}");
        }
    }

    fn write(&self) -> io::Result<()> {
        let text = platform::text(&self.command).ok_or(io::ErrorKind::InvalidFilename)?;
        std::fs::create_dir_all(self.file.parent().unwrap_or(Path::new("")))?;
        self.replace(&text)
    }

    /// Whole or not at all: the system may read it at any time.
    fn replace(&self, text: &str) -> io::Result<()> {
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, &self.file)
    }

    fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

/// What the window may be told of it.
pub struct AtLogin(pub Option<Entry>);

/// Whether the program starts with the session; `null` where that cannot be set here.
#[tauri::command]
pub fn starts_at_login(at_login: State<'_, AtLogin>) -> Option<bool> {
    at_login.0.as_ref().map(Entry::is_on)
}

/// Lets it start with the session, or no more; gives what is so now.
#[tauri::command]
pub fn start_at_login(at_login: State<'_, AtLogin>, on: bool) -> Result<Option<bool>, CallError> {
    let Some(entry) = &at_login.0 else { return Ok(None) };
    entry.set(on).map_err(|error| {
        let message = format!("{} could not be changed: {error}", entry.file.display());
        CallError::new("file", message, "Check that you may write there.")
    })?;
    Ok(Some(entry.is_on()))
}

/// Each home that was named has an entry of its own.
fn name(options: &Options) -> String {
    if !options.home_is_named {
        return "org.postrider.desktop".to_owned();
    }
    let mut hasher = DefaultHasher::new();
    options.home.hash(&mut hasher);
    format!("org.postrider.desktop.home{:016x}", hasher.finish())
}

/// This program, started as it was, with its window in the tray.
fn command(options: &Options) -> Option<Vec<OsString>> {
    // An AppImage is mounted elsewhere at every start; its own place is in this variable.
    let program = std::env::var_os("APPIMAGE").or_else(|| std::env::current_exe().ok().map(Into::into))?;
    let mut command = vec![program];
    if options.home_is_named {
        command.extend(["--home".into(), options.home.clone().into_os_string()]);
    }
    command.push(HIDDEN.into());
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(home: &str, home_is_named: bool) -> Options {
        Options { home: home.into(), home_is_named, mailto: None, is_hidden: false }
    }

    #[test]
    fn the_program_starts_again_on_the_home_that_was_named() {
        let words = |options: &Options| -> Vec<String> {
            command(options).unwrap().iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
        };
        assert_eq!(words(&options("/mail", true)), ["--home", "/mail", "--hidden"]);
        assert_eq!(words(&options("/mail", false)), ["--hidden"]);
        assert_ne!(name(&options("/mail", true)), name(&options("/other", true)));
        assert_eq!(name(&options("/mail", false)), "org.postrider.desktop");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_on_is_what_the_file_says_and_off_removes_it() {
        let config = tempfile::TempDir::new().unwrap();
        let file = config.path().join("autostart/org.postrider.desktop.desktop");
        let entry = Entry { file: file.clone(), command: vec!["/opt/My Mail/postrider".into(), HIDDEN.into()] };
        assert!(!entry.is_on());
        entry.set(true).unwrap();
        assert!(entry.is_on());
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("Exec=\"/opt/My Mail/postrider\" \"--hidden\"\n"), "{text}");

        std::fs::write(&file, format!("{text}Hidden=true\n")).unwrap();
        assert!(!entry.is_on(), "the desktop's own settings turned it off");
        entry.set(true).unwrap();
        assert!(entry.is_on());
        std::fs::remove_file(&file).unwrap();
        assert!(!entry.is_on(), "somebody removed it");
        entry.set(true).unwrap();
        entry.set(false).unwrap();
        entry.set(false).unwrap();
        assert!(!file.exists());
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 0, "nothing is left beside it");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_entry_that_is_on_names_the_program_that_was_started_last() {
        let config = tempfile::TempDir::new().unwrap();
        let file = config.path().join("autostart/org.postrider.desktop.desktop");
        let entry = |place: &str| Entry { file: file.clone(), command: vec![place.into(), HIDDEN.into()] };
        let (old, new) = (entry("/opt/Post Rider 1/postrider"), entry("/opt/Post Rider 2/postrider"));
        let text = || std::fs::read_to_string(&file).unwrap_or_default();
        new.follow();
        assert!(!file.exists(), "nobody wanted one");
        old.set(true).unwrap();
        new.follow();
        assert!(new.is_on() && text().contains("Exec=\"/opt/Post Rider 2/postrider\" \"--hidden\"\n"), "{}", text());

        let off = format!("{}Hidden=true\n", text());
        std::fs::write(&file, &off).unwrap();
        old.follow();
        assert_eq!(text(), off, "what was turned off is left as it is");
    }
}
