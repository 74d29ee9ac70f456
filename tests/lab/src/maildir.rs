//! What arrived in a maildir, and whether it is what was queued.

use crate::wait;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long a letter may take through the servers of the town.
const PATIENCE: Duration = Duration::from_secs(30);

/// What Postfix writes above a message that it delivers (RFC 5321 §4.4 and its own).
const TRACE: [&str; 4] = ["return-path", "x-original-to", "delivered-to", "received"];

/// All messages of a maildir, in no order.
pub fn messages(maildir: &Path) -> Vec<Vec<u8>> {
    ["new", "cur"]
        .into_iter()
        .flat_map(|part| fs::read_dir(maildir.join(part)).into_iter().flatten().flatten())
        .filter_map(|entry| fs::read(entry.path()).ok())
        .collect()
}

/// The messages whose header holds this Message-ID.
pub fn with_id(maildir: &Path, message_id: &str) -> Vec<Vec<u8>> {
    let wanted = format!("<{}>", message_id.trim_matches(['<', '>']));
    messages(maildir)
        .into_iter()
        .filter(|message| message_id_of(message).as_deref() == Some(wanted.as_str()))
        .collect()
}

/// Waits for the one message with this Message-ID.
pub fn arrived(maildir: &Path, message_id: &str) -> Vec<u8> {
    let what = format!("{message_id} in {}", maildir.display());
    let mut found = wait::until(&what, PATIENCE, || Some(with_id(maildir, message_id)).filter(|all| !all.is_empty()));
    assert_eq!(found.len(), 1, "{message_id} came more than once");
    found.remove(0)
}

/// The Message-ID in a header, brackets and all.
pub fn message_id_of(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    let found = lines.find(|line| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:")))?;
    Some(found.get(11..)?.trim().to_owned())
}

/// Compares octet for octet: what arrived is what was queued, below the lines of those who carried it. A maildir holds
/// lines that end in LF alone.
pub fn assert_carried_unchanged(queued: &[u8], arrived: &[u8]) {
    let queued = with_unix_line_ends(queued);
    let Some(trace) = arrived.strip_suffix(queued.as_slice()) else {
        panic!(
            "the letter was changed on its way\n── queued\n{}\n── arrived\n{}",
            String::from_utf8_lossy(&queued),
            String::from_utf8_lossy(arrived)
        );
    };
    let trace = String::from_utf8_lossy(trace).into_owned();
    for line in trace.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        assert!(TRACE.contains(&name.as_str()), "above the letter stands a line that no carrier writes: {line}");
    }
    assert!(trace.contains("Received:"), "nobody says that he carried the letter");
}

fn with_unix_line_ends(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(content) => {
                text.extend_from_slice(content);
                text.push(b'\n');
            }
            None => text.extend_from_slice(line),
        }
    }
    text
}
