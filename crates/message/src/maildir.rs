//! Names in a Maildir (maildir(5), Maildir++): what they say of a letter and of a folder. The walk is elsewhere.
//!
//! A letter's flags stand in its name behind `:2,` (or `;2,` and `!2,`, where a file system takes no colon): P passed on,
//! R answered, S seen, T deleted, D draft, F flagged. A folder within is a directory whose name begins with a dot and has
//! dots between its levels.

use jiff::Timestamp;
use model::{Flag, Flags};

const LETTERS: [(char, Flag); 6] = [
    ('D', Flag::Draft),
    ('F', Flag::Flagged),
    ('P', Flag::Forwarded),
    ('R', Flag::Answered),
    ('S', Flag::Seen),
    ('T', Flag::Deleted),
];

/// The flags in the name of a letter.
pub fn flags(name: &str) -> Flags {
    let info = info(name);
    let mut set = Flags::default();
    for (letter, flag) in LETTERS {
        set = set.with(flag, info.is_some_and(|info| info.contains(letter)));
    }
    set
}

/// Whether the name of a letter tells its flags. In the Maildirs of Thunderbird it does not: they are in its header.
pub fn tells_flags(name: &str) -> bool {
    info(name).is_some()
}

fn info(name: &str) -> Option<&str> {
    [":2,", ";2,", "!2,"].iter().find_map(|mark| name.rsplit_once(mark)).map(|(_, info)| info)
}

/// When the letter came, as the beginning of its name says: seconds, before the first dot.
pub fn received(name: &str) -> Option<Timestamp> {
    let seconds: i64 = name.split('.').next()?.parse().ok()?;
    // A number that is no time since there is mail is something else.
    (seconds > 10_000_000).then(|| Timestamp::from_second(seconds).ok()).flatten()
}

/// The name of a letter: unique by its number in this export. Flags are in alphabetical order, as they must be.
pub fn name(received: Timestamp, number: u64, flags: Flags) -> String {
    let info: String = LETTERS.iter().filter(|(_, flag)| flags.has(*flag)).map(|(letter, _)| *letter).collect();
    let mark = if cfg!(windows) { ';' } else { ':' };
    format!("{}.P{number}.postrider{mark}2,{info}", received.as_second().max(0))
}

/// The levels of a folder, by the name of its directory; `None` if it is none.
pub fn folder(directory: &str) -> Option<Vec<String>> {
    let levels: Vec<String> = directory.strip_prefix('.')?.split('.').map(from_modified_utf7).collect();
    levels.iter().all(|level| !level.is_empty()).then_some(levels)
}

/// Modified UTF-7 (RFC 3501 §5.1.3), as servers name the folders of their Maildirs; what is none stays as it is.
fn from_modified_utf7(name: &str) -> String {
    let mut pieces = name.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('-') {
            Some(("", rest)) => out.extend(["&", rest]),
            Some((encoded, rest)) => {
                let octets = crate::mime::decode_base64(encoded.replace(',', "/").as_bytes());
                out.extend([encoding_rs::UTF_16BE.decode_without_bom_handling(&octets).0.as_ref(), rest]);
            }
            None => out.extend(["&", piece]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_flags_and_time() {
        let table: [(&str, &[Flag], Option<i64>); 5] = [
            ("1762176725.M1P2.host:2,FRS", &[Flag::Seen, Flag::Flagged, Flag::Answered], Some(1_762_176_725)),
            ("1762176725.M1P2.host,S=12:2,", &[], Some(1_762_176_725)),
            ("1762176725.host!2,ST", &[Flag::Seen, Flag::Deleted], Some(1_762_176_725)),
            ("1762176725.host", &[], Some(1_762_176_725)),
            ("letter.eml", &[], None),
        ];
        for (name, expected, at) in table {
            let found: Vec<Flag> = flags(name).iter().collect();
            assert_eq!((found.as_slice(), received(name).map(|at| at.as_second())), (expected, at), "{name}");
        }
        let at = Timestamp::from_second(1_762_176_725).unwrap();
        let set = Flags::default().with(Flag::Seen, true).with(Flag::Draft, true);
        assert_eq!(flags(&name(at, 7, set)), set);
        assert_eq!(received(&name(at, 7, set)), Some(at));
    }

    #[test]
    fn folders_are_directories_with_dots() {
        let table: [(&str, Option<&[&str]>); 5] = [
            (".Archive", Some(&["Archive"])),
            (".Archive.2019", Some(&["Archive", "2019"])),
            (".Entw&APw-rfe", Some(&["Entwürfe"])),
            ("cur", None),
            (".", None),
        ];
        for (name, levels) in table {
            let levels = levels.map(|levels| levels.iter().map(|level| (*level).to_owned()).collect::<Vec<_>>());
            assert_eq!(folder(name), levels, "{name}");
        }
    }
}
