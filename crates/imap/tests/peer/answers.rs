//! What the peer answers when it behaves.

use super::{Client, Folder, Letter, Peer, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write as _;

impl Peer {
    /// Carries out a command and gives the answer, the tagged line included.
    pub(super) fn obey(&self, client: &mut Client, tag: &str, command: &str, literal: &[u8]) -> Vec<u8> {
        let mut world = self.world();
        let words: Vec<&str> = command.split(' ').collect();
        let mut out = Vec::new();
        let done = match words[0] {
            "CAPABILITY" => {
                out.extend(format!("* CAPABILITY {}\r\n", world.capabilities).bytes());
                "OK done".to_owned()
            }
            "LOGIN" => login(&world, command.ends_with(&format!("{:?}", world.password))),
            "AUTHENTICATE" => {
                let right = BASE64.encode(format!("\0you\0{}", world.password));
                login(&world, words.get(2) == Some(&right.as_str()))
            }
            "LIST" => {
                for (path, folder) in &world.folders {
                    out.extend(format!("* LIST ({}) \"/\" {path:?}\r\n", folder.attributes).bytes());
                    if command.contains("STATUS (") {
                        out.extend(status(path, folder).bytes());
                    }
                }
                "OK done".to_owned()
            }
            "NAMESPACE" => {
                out.extend(b"* NAMESPACE ((\"INBOX/\" \"/\")) ((\"Other Users/\" \"/\")) NIL\r\n");
                "OK done".to_owned()
            }
            "STATUS" => match world.folders.get_key_value(&quoted(command)) {
                Some((path, folder)) => {
                    out.extend(status(path, folder).bytes());
                    "OK done".to_owned()
                }
                None => "NO [NONEXISTENT] no such mailbox".to_owned(),
            },
            "SELECT" | "EXAMINE" => select(&world, client, &quoted(command), &mut out),
            "CREATE" => {
                let path = quoted(command);
                drop(world);
                self.make(&path, "");
                return format!("{tag} OK made\r\n").into_bytes();
            }
            "RENAME" => {
                let names: Vec<&str> = command.split('"').collect();
                match (world.folders.contains_key(names[3]), world.folders.remove(names[1])) {
                    (true, _) => "NO [ALREADYEXISTS] taken".to_owned(),
                    (false, Some(folder)) => {
                        world.folders.insert(names[3].to_owned(), folder);
                        "OK renamed".to_owned()
                    }
                    (false, None) => "NO [NONEXISTENT] no such mailbox".to_owned(),
                }
            }
            "DELETE" => match world.folders.remove(&quoted(command)) {
                Some(_) => "OK deleted".to_owned(),
                None => "NO [NONEXISTENT] no such mailbox".to_owned(),
            },
            "FETCH" | "UID" | "EXPUNGE" if client.selected.is_none() => "BAD no mailbox is open".to_owned(),
            "FETCH" | "UID" | "EXPUNGE"
                if !client.selected.as_ref().is_some_and(|path| world.folders.contains_key(path)) =>
            {
                out.extend(b"* BYE the mailbox was deleted\r\n");
                return out;
            }
            "FETCH" => {
                let (first, last) = words[1].split_once(':').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                let labels = Labels::of_all(&world, client);
                let folder = open(&mut world, client);
                for (n, letter) in
                    folder.letters.iter().enumerate().filter(|(n, _)| (first..=last).contains(&(n + 1)))
                {
                    out.extend(row(n + 1, letter, command, &labels.of(letter)));
                }
                "OK done".to_owned()
            }
            "EXPUNGE" => {
                remove(open(&mut world, client), |letter| letter.flags.contains("\\Deleted"), &mut out);
                "OK done".to_owned()
            }
            "UID" => uid_command(&mut world, client, &words, command, &mut out),
            "APPEND" => {
                let path = quoted(command);
                let flags = between(command, "(", ")").split_whitespace().map(str::to_owned).collect();
                match world.folders.get_mut(&path) {
                    Some(folder) => {
                        folder.letters.push(Letter { uid: folder.next, flags, bytes: literal.to_vec() });
                        folder.next += 1;
                        "OK appended".to_owned()
                    }
                    None => "NO [TRYCREATE] no such mailbox".to_owned(),
                }
            }
            _ => "OK done".to_owned(),
        };
        out.extend(format!("{tag} {done}\r\n").bytes());
        out
    }
}

fn login(world: &World, right: bool) -> String {
    if right {
        format!("OK [CAPABILITY {}] in", world.capabilities)
    } else {
        "NO [AUTHENTICATIONFAILED] wrong password".to_owned()
    }
}

fn status(path: &str, folder: &Folder) -> String {
    let Folder { letters, next, validity, .. } = folder;
    format!("* STATUS {path:?} (MESSAGES {} UIDNEXT {next} UIDVALIDITY {validity})\r\n", letters.len())
}

fn select(world: &World, client: &mut Client, path: &str, out: &mut Vec<u8>) -> String {
    // Where it fails, none is open (RFC 9051 §6.3.2).
    client.selected = None;
    let Some(folder) = world.folders.get(path) else { return "NO [NONEXISTENT] no such mailbox".to_owned() };
    client.selected = Some(path.to_owned());
    client.seen = folder.letters.len();
    let text = format!(
        "* {} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {}] v\r\n* OK [UIDNEXT {}] n\r\n",
        folder.letters.len(),
        folder.validity,
        folder.next
    );
    out.extend(text.bytes());
    if let Some(modseq) = world.modseq {
        out.extend(format!("* OK [HIGHESTMODSEQ {modseq}] m\r\n").bytes());
    }
    "OK [READ-WRITE] open".to_owned()
}

fn uid_command(world: &mut World, client: &mut Client, words: &[&str], command: &str, out: &mut Vec<u8>) -> String {
    match words[1] {
        "FETCH" => {
            let asks_for = |part: &str| command.contains(part);
            let withheld = world.withheld.clone();
            let is_withheld = |letter: &Letter| {
                withheld.iter().any(|(subject, headers)| {
                    let is_it = header_fields(letter, &["SUBJECT"]).trim() == format!("Subject: {subject}");
                    is_it && (asks_for("BODY.PEEK[]") || (asks_for("REPLY-TO") && !headers))
                })
            };
            if open(world, client).letters.iter().any(|one| in_set(words[2], one.uid) && is_withheld(one)) {
                return "NO [SERVERBUG] mailbox file is broken there".to_owned();
            }
            let labels = Labels::of_all(world, client);
            for (n, letter) in open(world, client).letters.iter().enumerate() {
                if in_set(words[2], letter.uid) {
                    out.extend(row(n + 1, letter, command, &labels.of(letter)));
                }
            }
        }
        "SEARCH" => {
            // A piece of text, wherever it stands in the header (RFC 9051 §6.4.4).
            let id = command.contains("HEADER Message-ID").then(|| quoted(command));
            let octets = |word: &str| {
                let at = words.iter().position(|one| *one == word)?;
                words[at + 1].parse::<usize>().ok()
            };
            let fits = |letter: &Letter| {
                octets("LARGER").is_none_or(|least| letter.bytes.len() > least)
                    && octets("SMALLER").is_none_or(|most| letter.bytes.len() < most)
            };
            let found = open(world, client).letters.iter().filter(|letter| match &id {
                Some(id) => header_fields(letter, &["MESSAGE-ID"]).contains(id) && fits(letter),
                None if words[2] == "LARGER" => fits(letter),
                None if command.contains("TEXT ") => {
                    let text = String::from_utf8_lossy(&letter.bytes).to_lowercase();
                    command.split('"').skip(1).step_by(2).any(|sought| text.contains(&sought.to_lowercase()))
                }
                None if words[2] == "DELETED" => letter.flags.contains("\\Deleted"),
                None => in_set(words[3], letter.uid),
            });
            let uids: Vec<String> = found.map(|letter| letter.uid.to_string()).collect();
            out.extend(format!("* SEARCH {}\r\n", uids.join(" ")).bytes());
        }
        "STORE" if words[3] == "-X-GM-LABELS.SILENT" => {
            let label = quoted(command);
            let freed = open(world, client).letters.iter().filter(|letter| in_set(words[2], letter.uid));
            let freed: Vec<Vec<u8>> = freed.map(|letter| letter.bytes.clone()).collect();
            let Some(folder) = world.folders.get_mut(&label) else { return "NO no such label".to_owned() };
            folder.letters.retain(|letter| !freed.contains(&letter.bytes));
        }
        "STORE" => {
            let flag = between(command, "(", ")").to_owned();
            for letter in open(world, client).letters.iter_mut().filter(|letter| in_set(words[2], letter.uid)) {
                if words[3].starts_with('+') {
                    letter.flags.insert(flag.clone());
                } else {
                    letter.flags.remove(&flag);
                }
            }
        }
        "EXPUNGE" => remove(
            open(world, client),
            |letter| in_set(words[2], letter.uid) && letter.flags.contains("\\Deleted"),
            out,
        ),
        "COPY" | "MOVE" => return transfer(world, client, words, command, out),
        other => panic!("{other}"),
    }
    "OK done".to_owned()
}

fn transfer(world: &mut World, client: &mut Client, words: &[&str], command: &str, out: &mut Vec<u8>) -> String {
    let target = quoted(command);
    let source: Vec<Letter> =
        open(world, client).letters.iter().filter(|letter| in_set(words[2], letter.uid)).cloned().collect();
    let Some(folder) = world.folders.get_mut(&target) else { return "NO [TRYCREATE] no such mailbox".to_owned() };
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for letter in source {
        from.push(letter.uid.to_string());
        to.push(folder.next.to_string());
        folder.letters.push(Letter { uid: folder.next, ..letter });
        folder.next += 1;
    }
    let code = format!("[COPYUID {} {} {}]", folder.validity, from.join(","), to.join(","));
    let tells = world.capabilities.contains("UIDPLUS") && !from.is_empty();
    if words[1] == "MOVE" {
        if tells {
            out.extend(format!("* OK {code} moved\r\n").bytes());
        }
        remove(open(world, client), |letter| in_set(words[2], letter.uid), out);
        return "OK done".to_owned();
    }
    if tells { format!("OK {code} copied") } else { "OK copied".to_owned() }
}

fn remove(folder: &mut Folder, goes: impl Fn(&Letter) -> bool, out: &mut Vec<u8>) {
    while let Some(n) = folder.letters.iter().position(&goes) {
        folder.letters.remove(n);
        out.extend(format!("* {} EXPUNGE\r\n", n + 1).bytes());
    }
}

fn open<'a>(world: &'a mut World, client: &Client) -> &'a mut Folder {
    world.folders.get_mut(client.selected.as_ref().unwrap()).unwrap()
}

/// The labels of letters as Gmail has them: the mailboxes in which the same message lies, but for the one that is open and
/// the one of all mail.
struct Labels(Vec<(String, Vec<u8>)>);

impl Labels {
    fn of_all(world: &World, client: &Client) -> Self {
        if !world.capabilities.contains("X-GM-EXT-1") {
            return Self(Vec::new());
        }
        let others = world
            .folders
            .iter()
            .filter(|(path, folder)| client.selected.as_ref() != Some(path) && !folder.attributes.contains("\\All"));
        let named = others.flat_map(|(path, folder)| {
            let name = match path.as_str() {
                "INBOX" => "\"\\\\Inbox\"".to_owned(),
                path if ["\\Sent", "\\Flagged", "\\Important"].iter().any(|one| folder.attributes.contains(one)) => {
                    format!("\"\\\\{path}\"")
                }
                path => format!("{path:?}"),
            };
            folder.letters.iter().map(move |letter| (name.clone(), letter.bytes.clone()))
        });
        Self(named.collect())
    }

    fn of(&self, letter: &Letter) -> String {
        let names = self.0.iter().filter(|(_, bytes)| *bytes == letter.bytes).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(" ")
    }
}

/// A FETCH line with everything that is asked for.
fn row(number: usize, letter: &Letter, command: &str, labels: &str) -> Vec<u8> {
    let mut line = format!("* {number} FETCH (UID {}", letter.uid);
    if command.contains("X-GM-MSGID") {
        let id = letter.bytes.iter().fold(7u64, |sum, octet| sum.wrapping_mul(31).wrapping_add(u64::from(*octet)));
        write!(line, " X-GM-MSGID {id}").unwrap();
    }
    if command.contains("X-GM-LABELS") {
        write!(line, " X-GM-LABELS ({labels})").unwrap();
    }
    if command.contains("FLAGS") {
        let flags: Vec<&str> = letter.flags.iter().map(String::as_str).collect();
        write!(line, " FLAGS ({})", flags.join(" ")).unwrap();
    }
    if command.contains("RFC822.SIZE") {
        write!(line, " RFC822.SIZE {} INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\"", letter.bytes.len()).unwrap();
    }
    let mut line = line.into_bytes();
    if command.contains("BODY.PEEK[]<") {
        let (offset, length) = between(command, "BODY.PEEK[]<", ">").split_once('.').unwrap();
        let (offset, length): (usize, usize) = (offset.parse().unwrap(), length.parse().unwrap());
        let start = offset.min(letter.bytes.len());
        let end = (offset + length).min(letter.bytes.len());
        line.extend(format!(" BODY[]<{offset}> {{{}}}\r\n", end - start).bytes());
        line.extend(&letter.bytes[start..end]);
    } else if command.contains("BODY.PEEK[]") {
        line.extend(format!(" BODY[] {{{}}}\r\n", letter.bytes.len()).bytes());
        line.extend(&letter.bytes);
    } else if command.contains("HEADER.FIELDS") {
        let names = between(command, "HEADER.FIELDS (", ")");
        let fields = header_fields(letter, &names.split(' ').collect::<Vec<_>>());
        line.extend(format!(" BODY[HEADER.FIELDS ({names})] {{{}}}\r\n{fields}\r\n", fields.len() + 2).bytes());
    }
    line.extend(b")\r\n");
    line
}

/// The lines of these headers; none is folded.
fn header_fields(letter: &Letter, names: &[&str]) -> String {
    let text = String::from_utf8_lossy(&letter.bytes);
    let headers = text.split("\r\n\r\n").next().unwrap_or_default();
    let is_named = |line: &&str| names.iter().any(|name| line.to_uppercase().starts_with(&format!("{name}:")));
    headers.lines().filter(is_named).map(|line| format!("{line}\r\n")).collect()
}

/// The last quoted string.
fn quoted(command: &str) -> String {
    let mut parts = command.split('"').collect::<Vec<_>>();
    if command.starts_with("APPEND") {
        return parts[1].to_owned();
    }
    parts.pop();
    parts.pop().unwrap_or_default().to_owned()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

fn in_set(set: &str, uid: u32) -> bool {
    set.split(',').any(|part| {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let last = if last == "*" { u32::MAX } else { last.parse().unwrap() };
        (first.parse::<u32>().unwrap()..=last).contains(&uid)
    })
}
