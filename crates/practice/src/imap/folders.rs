//! LIST, LSUB, STATUS and NAMESPACE: what mailboxes there are and what is in them (RFC 3501 §6.3.8–10, RFC 6154).

use imap_types::mailbox::{ListMailbox, Mailbox as MailboxName};
use imap_types::status::StatusDataItemName;

use super::text::{encode_mailbox, string};
use crate::mailroom::{Mailbox, is_inside};

/// The one personal namespace (RFC 2342).
pub(crate) const NAMESPACE: &str = "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n";

/// Which of the two listings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    List,
    Lsub,
}

/// The name of a mailbox in a command.
pub(crate) fn name(mailbox: &MailboxName<'_>) -> String {
    match mailbox {
        MailboxName::Inbox => "INBOX".to_owned(),
        MailboxName::Other(other) => super::text::decode_mailbox(other.as_ref()).trim_end_matches('/').to_owned(),
    }
}

/// The answers to LIST or LSUB. An empty pattern asks for the separator alone.
pub(crate) fn list(
    listing: Listing,
    mailboxes: &[Mailbox],
    reference: &MailboxName<'_>,
    pattern: &ListMailbox<'_>,
) -> String {
    let pattern = match pattern {
        ListMailbox::Token(token) => super::text::decode_mailbox(token.as_ref()),
        ListMailbox::String(string) => super::text::decode_mailbox(string.as_ref()),
    };
    if pattern.is_empty() {
        return "* LIST (\\Noselect) \"/\" \"\"\r\n".to_owned();
    }
    let reference = match reference {
        MailboxName::Inbox => "INBOX".to_owned(),
        MailboxName::Other(other) => super::text::decode_mailbox(other.as_ref()),
    };
    let pattern: Vec<char> = format!("{reference}{pattern}").chars().collect();
    let word = match listing {
        Listing::List => "LIST",
        Listing::Lsub => "LSUB",
    };
    let mut text = String::new();
    for mailbox in mailboxes.iter().filter(|mailbox| listing == Listing::List || mailbox.subscribed) {
        if matches(&pattern, &mailbox.name) {
            text +=
                &format!("* {word} ({}) \"/\" {}\r\n", attributes(mailbox, mailboxes), quoted_name(&mailbox.name));
        }
    }
    text
}

fn attributes(mailbox: &Mailbox, all: &[Mailbox]) -> String {
    let has_children = all.iter().any(|other| is_inside(&other.name, &mailbox.name));
    let children = if has_children { "\\HasChildren" } else { "\\HasNoChildren" };
    match mailbox.role {
        Some(role) => format!("{children} {}", role.attribute()),
        None => children.to_owned(),
    }
}

/// `*` stands for anything, `%` for anything but the separator.
fn matches(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> =
        if name == "INBOX" && is_inbox(pattern) { pattern.to_vec() } else { name.chars().collect() };
    wildcard(pattern, &name)
}

fn is_inbox(pattern: &[char]) -> bool {
    pattern.iter().collect::<String>().eq_ignore_ascii_case("INBOX")
}

fn wildcard(pattern: &[char], name: &[char]) -> bool {
    // Row by row over the pattern: `reached[i]` says that the pattern so far can end before `name[i]`.
    let mut reached = vec![false; name.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for sign in pattern {
        let mut next = vec![false; name.len() + 1];
        let mut carried = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reached.get(index).copied().unwrap_or_default();
            let before = index.checked_sub(1);
            let earlier = before.and_then(|before| reached.get(before)).copied().unwrap_or_default();
            let character = before.and_then(|before| name.get(before)).copied();
            *slot = match sign {
                '*' => here || carried,
                '%' => here || (carried && character != Some('/')),
                sign => earlier && character == Some(*sign),
            };
            carried = *slot;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// The answer to STATUS.
pub(crate) fn status(mailbox: &Mailbox, items: &[StatusDataItemName]) -> String {
    let count =
        |wanted: fn(&crate::mailroom::Letter) -> bool| mailbox.letters.iter().filter(|letter| wanted(letter)).count();
    let shown: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            StatusDataItemName::Messages => Some(format!("MESSAGES {}", mailbox.letters.len())),
            StatusDataItemName::Recent => Some("RECENT 0".to_owned()),
            StatusDataItemName::UidNext => Some(format!("UIDNEXT {}", mailbox.uid_next)),
            StatusDataItemName::UidValidity => Some(format!("UIDVALIDITY {}", mailbox.uid_validity)),
            StatusDataItemName::Unseen => Some(format!("UNSEEN {}", count(|letter| !letter.has("\\Seen")))),
            StatusDataItemName::Deleted => Some(format!("DELETED {}", count(|letter| letter.has("\\Deleted")))),
            StatusDataItemName::HighestModSeq => Some(format!("HIGHESTMODSEQ {}", mailbox.highest_modseq)),
            _ => None,
        })
        .collect();
    format!("* STATUS {} ({})\r\n", quoted_name(&mailbox.name), shown.join(" "))
}

fn quoted_name(name: &str) -> String {
    String::from_utf8_lossy(&string(encode_mailbox(name).as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_stops_at_the_separator_and_star_does_not() {
        let table = [
            ("*", "Home/Bücher", true),
            ("%", "Home/Bücher", false),
            ("%/%", "Home/Bücher", true),
            ("Home/%", "Home/Bücher", true),
            ("H*r", "Home/Bücher", true),
            ("home", "Home", false),
            ("inbox", "INBOX", true),
            ("**", "INBOX", true),
            ("I%X", "INBOX", true),
            ("", "INBOX", false),
        ];
        for (pattern, name, expected) in table {
            let pattern: Vec<char> = pattern.chars().collect();
            assert_eq!(matches(&pattern, name), expected, "{pattern:?} {name}");
        }
    }
}
