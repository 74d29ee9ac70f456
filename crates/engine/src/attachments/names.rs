//! Names of files that are saved: harmless on any system, and each once in its folder. Pure but for [`save_new`].

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];
/// Files of one name in one folder.
const MOST: u32 = 10_000;

/// The name with nothing in it that a file system or a shell gives a meaning of its own. [`message`] has already taken out
/// paths, control characters and what turns the direction of text.
pub(super) fn harmless(name: &str) -> String {
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\' | '\0') { '_' } else { c }).collect();
    // A dot in front would hide the file; a hyphen reads as an option.
    let name = name.trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    match name {
        "" => "attachment".to_owned(),
        _ if DEVICES.contains(&stem.as_str()) => format!("_{name}"),
        _ => name.to_owned(),
    }
}

/// `report.pdf`, `report (2).pdf`, `report (3).pdf` …
pub(super) fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

/// Writes a file that was not there before, under the first of its names that is free, and says which. Nothing is written
/// over, and nothing through a link that somebody put there.
pub(super) fn save_new(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let name = harmless(name);
    for number in 1..MOST {
        let path = folder.join(numbered(&name, number));
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Takes the right to run it away from a file that was written over: one that was a program before would be one again.
pub(super) fn not_to_be_run(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o666))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_nothing_to_a_file_system_or_a_shell() {
        let table = [
            ("report.pdf", "report.pdf"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("../x", "_x"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("...", "attachment"),
            ("a. .", "a"),
        ];
        for (name, expected) in table {
            assert_eq!(harmless(name), expected, "{name}");
        }
    }

    #[test]
    fn files_of_one_name_stand_beside_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let save = |bytes: &[u8]| save_new(folder.path(), "a.txt", bytes).unwrap();
        let names: Vec<_> = (0..3).map(|n| save(&[n]).file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.txt", "a (2).txt", "a (3).txt"]);
        assert_eq!(std::fs::read(folder.path().join("a.txt")).unwrap(), [0]);
        assert_eq!(numbered("README", 2), "README (2)");
        assert_eq!(numbered(".hidden", 2), ".hidden (2)");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_comes_out_of_a_letter_is_never_a_program() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = save_new(folder.path(), "tool", b"#!/bin/sh").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        not_to_be_run(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::os::unix::fs::symlink(&target, folder.path().join("a.txt")).unwrap();
        let path = save_new(folder.path(), "a.txt", b"x").unwrap();
        assert_eq!(path.file_name().unwrap(), "a (2).txt");
        assert!(!target.exists());
    }
}
