//! Where letters are kept in files: told by what is there, not by what it is called.
//!
//! | what is there | is |
//! |---|---|
//! | a file that begins with `From ` | an mbox |
//! | another file | a letter |
//! | a directory with `cur` and `new` or `tmp` | a Maildir, with those in it whose names begin with a dot (Maildir++) or that are Maildirs themselves |
//! | a directory with `profiles.ini` | Thunderbird's, with its profiles |
//! | a directory with `Mail` or `ImapMail` | a profile of Thunderbird; what is in `x.sbd` is inside of `x` |
//! | any other directory | what is in it |
//!
//! Links are not followed. Bounds: [`MAX_DEPTH`] levels, [`MAX_FOLDERS`] folders.

use super::view::SourceKind;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const MAX_DEPTH: usize = 16;
const MAX_FOLDERS: usize = 5_000;

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub kind: SourceKind,
    pub folders: Vec<Folder>,
}

/// A mailbox in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its name and those around it, outermost first.
    pub names: Vec<String>,
    pub place: Place,
}

/// Where its letters are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Mbox(PathBuf),
    Maildir(PathBuf),
    /// A letter a file.
    Letters(Vec<PathBuf>),
}

impl Folder {
    /// The name that tells it from the others.
    pub fn name(&self) -> String {
        self.names.join("/")
    }
}

/// Looks at a file or directory.
pub(super) fn look(path: &Path) -> io::Result<Found> {
    let metadata = fs::metadata(path)?;
    let mut folders = Vec::new();
    let kind = if metadata.is_file() {
        let place = match is_mbox(path) {
            true => Place::Mbox(path.to_owned()),
            false => Place::Letters(vec![path.to_owned()]),
        };
        let kind = if matches!(place, Place::Mbox(_)) { SourceKind::Mbox } else { SourceKind::Eml };
        folders.push(Folder { names: vec![stem(path)], place });
        kind
    } else if is_maildir(path) {
        maildir(path, &[], &mut folders, 0)?;
        SourceKind::Maildir
    } else if let Some(profiles) = thunderbird(path) {
        let several = profiles.len() > 1;
        for profile in profiles {
            let around = if several { vec![stem(&profile)] } else { Vec::new() };
            for part in ["Mail", "ImapMail"] {
                tree(&profile.join(part), &around, &mut folders, 0)?;
            }
        }
        SourceKind::Thunderbird
    } else {
        tree(path, &[], &mut folders, 0)?;
        kind_of(&folders)
    };
    folders.retain(|folder| !matches!(&folder.place, Place::Letters(files) if files.is_empty()));
    folders.truncate(MAX_FOLDERS);
    Ok(Found { kind, folders })
}

/// Where Thunderbird keeps its profiles on this system, those that are there.
pub(super) fn usual_places(home: &Path) -> Vec<PathBuf> {
    let places = [
        ".thunderbird",
        "snap/thunderbird/common/.thunderbird",
        ".var/app/org.mozilla.Thunderbird/.thunderbird",
        "Library/Thunderbird",
        "AppData/Roaming/Thunderbird",
        ".betterbird",
    ];
    places.iter().map(|place| home.join(place)).filter(|place| place.join("profiles.ini").is_file()).collect()
}

/// The profiles, where the directory holds some or is one.
fn thunderbird(path: &Path) -> Option<Vec<PathBuf>> {
    if let Ok(ini) = fs::read_to_string(path.join("profiles.ini")) {
        let profiles: Vec<PathBuf> = profile_paths(&ini).iter().map(|profile| path.join(profile)).collect();
        let mut there: Vec<PathBuf> = profiles.into_iter().filter(|profile| profile.is_dir()).collect();
        there.dedup();
        return Some(there);
    }
    let is_profile = path.join("Mail").is_dir() || path.join("ImapMail").is_dir();
    is_profile.then(|| vec![path.to_owned()])
}

/// The `Path` of each profile in a `profiles.ini`.
fn profile_paths(ini: &str) -> Vec<String> {
    let mut in_profile = false;
    let mut paths = Vec::new();
    for line in ini.lines().map(str::trim) {
        if line.starts_with('[') {
            in_profile = line.starts_with("[Profile");
        } else if let Some(path) = line.strip_prefix("Path=").filter(|_| in_profile) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// A Maildir and those in it.
fn maildir(path: &Path, around: &[String], folders: &mut Vec<Folder>, depth: usize) -> io::Result<()> {
    let names = if around.is_empty() { vec!["Inbox".to_owned()] } else { around.to_vec() };
    folders.push(Folder { names, place: Place::Maildir(path.to_owned()) });
    for (name, inner) in directories(path)? {
        if depth >= MAX_DEPTH || folders.len() >= MAX_FOLDERS || matches!(name.as_str(), "cur" | "new" | "tmp") {
            continue;
        }
        if !is_maildir(&inner) {
            continue;
        }
        let levels = message::maildir::folder(&name).unwrap_or_else(|| vec![name.clone()]);
        maildir(&inner, &[around, &levels].concat(), folders, depth + 1)?;
    }
    Ok(())
}

/// Everything below a directory.
fn tree(path: &Path, around: &[String], folders: &mut Vec<Folder>, depth: usize) -> io::Result<()> {
    if depth >= MAX_DEPTH || folders.len() >= MAX_FOLDERS || !path.is_dir() {
        return Ok(());
    }
    let mut letters = Vec::new();
    for file in files(path)? {
        let extension = file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("eml") => letters.push(file),
            Some("msf" | "json" | "dat" | "html" | "sqlite" | "log" | "txt") => {}
            _ if is_mbox(&file) => {
                // Apple Mail exports `Name.mbox/mbox`.
                let own = stem(&file);
                let names = match own.as_str() {
                    "mbox" if !around.is_empty() => around.to_vec(),
                    _ => [around, &[own]].concat(),
                };
                folders.push(Folder { names, place: Place::Mbox(file) });
            }
            _ => {}
        }
    }
    if !letters.is_empty() {
        let names = if around.is_empty() { vec![stem(path)] } else { around.to_vec() };
        folders.push(Folder { names, place: Place::Letters(letters) });
    }
    for (name, inner) in directories(path)? {
        let own = name.strip_suffix(".sbd").or(name.strip_suffix(".mbox")).unwrap_or(&name).to_owned();
        let names = [around, &[own]].concat();
        if is_maildir(&inner) {
            maildir(&inner, &names, folders, depth + 1)?;
        } else {
            tree(&inner, &names, folders, depth + 1)?;
        }
    }
    Ok(())
}

fn kind_of(folders: &[Folder]) -> SourceKind {
    match folders.first().map(|folder| &folder.place) {
        Some(Place::Maildir(_)) => SourceKind::Maildir,
        Some(Place::Mbox(_)) => SourceKind::Mbox,
        _ => SourceKind::Eml,
    }
}

/// Thunderbird's have no `new`.
fn is_maildir(path: &Path) -> bool {
    path.join("cur").is_dir() && (path.join("new").is_dir() || path.join("tmp").is_dir())
}

fn is_mbox(path: &Path) -> bool {
    let mut start = [0; 5];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"From "
}

fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name =
        name.strip_suffix(".mbox").or(name.strip_suffix(".mbx")).or(name.strip_suffix(".eml")).unwrap_or(&name);
    if name.is_empty() { "Letters".to_owned() } else { name.to_owned() }
}

/// The directories in one, by name; no links.
fn directories(path: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found: Vec<(String, PathBuf)> = entries(path)?
        .into_iter()
        .filter(|(_, is_directory)| *is_directory)
        .filter_map(|(path, _)| Some((path.file_name()?.to_string_lossy().into_owned(), path)))
        .collect();
    found.sort();
    Ok(found)
}

/// The files in a directory, by name; no links.
pub(super) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        entries(path)?.into_iter().filter(|(_, is_directory)| !is_directory).map(|(path, _)| path).collect();
    found.sort();
    Ok(found)
}

fn entries(path: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if !kind.is_symlink() {
            found.push((entry.path(), kind.is_dir()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn names(path: &Path) -> (SourceKind, Vec<String>) {
        let found = look(path).unwrap();
        (found.kind, found.folders.iter().map(Folder::name).collect())
    }

    const MBOX: &str = "From - Tue Nov  3 14:32:05 2026\nSubject: x\n\nx\n";

    #[test]
    fn each_form_is_told_by_what_is_there() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path();
        write(root, "archive.mbox", MBOX);
        write(root, "letter.eml", "Subject: x\n\nx\n");
        for path in ["maildir/cur/1:2,S", "maildir/new/2", "maildir/.Old.2019/cur/3", "maildir/.Old.2019/new/.keep"] {
            write(root, path, "Subject: x\n\nx\n");
        }
        write(root, "folder/a.eml", "Subject: x\n\nx\n");
        write(root, "folder/inner/b.eml", "Subject: x\n\nx\n");
        write(
            root,
            "tb/profiles.ini",
            "[General]\n[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/abc.default\n",
        );
        let profile = "tb/Profiles/abc.default";
        write(root, &format!("{profile}/Mail/Local Folders/Inbox"), MBOX);
        write(root, &format!("{profile}/Mail/Local Folders/Inbox.msf"), "From index");
        write(root, &format!("{profile}/Mail/Local Folders/Old.sbd/2019"), MBOX);
        for file in ["Sent/cur/1.eml", "Sent/tmp/.keep", "Sent.sbd/Old/cur/2", "Sent.sbd/Old/tmp/.keep"] {
            write(root, &format!("{profile}/Mail/Local Folders/{file}"), "Subject: x\n\nx\n");
        }
        write(root, &format!("{profile}/ImapMail/imap.example.org/INBOX"), MBOX);
        write(root, &format!("{profile}/ImapMail/imap.example.org/msgFilterRules.dat"), "x");
        let thunderbird = [
            "Local Folders/Inbox",
            "Local Folders/Old/2019",
            "Local Folders/Sent",
            "Local Folders/Sent/Old",
            "imap.example.org/INBOX",
        ];
        let table: [(&str, SourceKind, &[&str]); 6] = [
            ("archive.mbox", SourceKind::Mbox, &["archive"]),
            ("letter.eml", SourceKind::Eml, &["letter"]),
            ("maildir", SourceKind::Maildir, &["Inbox", "Old/2019"]),
            ("folder", SourceKind::Eml, &["folder", "inner"]),
            ("tb", SourceKind::Thunderbird, &thunderbird),
            (profile, SourceKind::Thunderbird, &thunderbird),
        ];
        for (path, kind, folders) in table {
            assert_eq!(
                names(&root.join(path)),
                (kind, folders.iter().map(|name| (*name).to_owned()).collect()),
                "{path}"
            );
        }
        assert!(look(&root.join("nowhere")).is_err());
        assert_eq!(usual_places(root), Vec::<PathBuf>::new());
    }
}
