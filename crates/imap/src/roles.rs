//! What each mailbox is for: by SPECIAL-USE (RFC 6154), else by its name.
//!
//! | rule | |
//! |---|---|
//! | INBOX | is the inbox, whatever it is marked as |
//! | an attribute | counts before any name; the first mailbox that has it |
//! | a name | only for a role that no attribute gave; the most usual name first, and nearer to the root first |
//! | a role | goes to one mailbox, and a mailbox has one role |

use model::Role;
use store::ListedMailbox;

/// A mailbox as the server listed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The decoded name.
    pub path: String,
    /// The separator of the hierarchy.
    pub separator: Option<char>,
    /// Attributes as written.
    pub attributes: Vec<String>,
}

impl Found {
    /// Whether the server marks it as one for a use of its own (RFC 6154, RFC 8457), whatever role it has here.
    pub fn is_special(&self) -> bool {
        const USES: [&str; 8] =
            ["\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Important", "\\Junk", "\\Sent", "\\Trash"];
        self.attributes.iter().any(|one| USES.iter().any(|special| one.eq_ignore_ascii_case(special)))
    }
}

/// Roles that can be guessed, each with the names under which it is known, the most usual first, in lower case.
const NAMES: [(Role, &[&str]); 5] = [
    (
        Role::Sent,
        &[
            "sent",
            "sent items",
            "sent messages",
            "sent mail",
            "gesendet",
            "gesendete elemente",
            "gesendete objekte",
            "envoyés",
            "éléments envoyés",
            "messages envoyés",
            "enviados",
            "elementos enviados",
            "posta inviata",
            "inviata",
            "inviati",
            "verzonden",
            "verzonden items",
            "itens enviados",
            "skickat",
            "sendt",
            "lähetetyt",
            "wysłane",
            "elementy wysłane",
            "отправленные",
            "odeslané",
            "已发送",
            "送信済み",
        ],
    ),
    (
        Role::Drafts,
        &[
            "drafts",
            "draft",
            "entwürfe",
            "brouillons",
            "borradores",
            "bozze",
            "concepten",
            "rascunhos",
            "utkast",
            "kladder",
            "luonnokset",
            "szkice",
            "kopie robocze",
            "черновики",
            "koncepty",
            "草稿",
            "下書き",
        ],
    ),
    (
        Role::Trash,
        &[
            "trash",
            "deleted items",
            "deleted messages",
            "deleted",
            "bin",
            "papierkorb",
            "gelöschte elemente",
            "gelöschte objekte",
            "gelöscht",
            "corbeille",
            "éléments supprimés",
            "papelera",
            "elementos eliminados",
            "cestino",
            "posta eliminata",
            "prullenbak",
            "verwijderde items",
            "lixeira",
            "itens excluídos",
            "papperskorg",
            "papirkurv",
            "roskakori",
            "kosz",
            "корзина",
            "удаленные",
            "koš",
            "已删除",
            "ゴミ箱",
        ],
    ),
    (
        Role::Junk,
        &[
            "junk",
            "spam",
            "junk e-mail",
            "junk email",
            "junk mail",
            "bulk mail",
            "unerwünscht",
            "junk-e-mail",
            "indésirables",
            "courrier indésirable",
            "correo no deseado",
            "posta indesiderata",
            "ongewenste e-mail",
            "lixo eletrônico",
            "skräppost",
            "søppelpost",
            "roskaposti",
            "спам",
            "垃圾邮件",
            "迷惑メール",
        ],
    ),
    (
        Role::Archive,
        &["archive", "archives", "archiv", "archivo", "archivio", "archief", "arquivo", "arkiv", "archiwum", "архив"],
    ),
];

/// The name under which a mailbox for a role is made where there is none.
pub fn usual_name(role: Role) -> &'static str {
    match role {
        Role::Inbox => "INBOX",
        Role::Drafts => "Drafts",
        Role::Sent => "Sent",
        Role::Archive => "Archive",
        Role::Junk => "Junk",
        Role::Trash => "Trash",
        Role::All => "All Mail",
    }
}

/// The path of a new mailbox for a role: where the server says that the user's are, else beside the others, which on some
/// servers is below INBOX.
pub fn path_for(role: Role, existing: &[ListedMailbox], own_prefix: Option<&str>) -> String {
    let name = usual_name(role);
    if let Some(prefix) = own_prefix {
        return format!("{prefix}{name}");
    }
    let others: Vec<_> = existing.iter().filter(|mailbox| !mailbox.path.eq_ignore_ascii_case("INBOX")).collect();
    let separator = existing.iter().find_map(|mailbox| mailbox.separator.clone()).unwrap_or_else(|| "/".to_owned());
    let below_inbox = format!("INBOX{separator}");
    let nested = !others.is_empty() && others.iter().all(|mailbox| mailbox.path.starts_with(&below_inbox));
    if nested { format!("{below_inbox}{name}") } else { name.to_owned() }
}

/// The mailboxes with their roles, as they are to be kept. A name that is listed twice counts once. What is another
/// user's, or everybody's, has none: a copy of what was sent from here does not go into somebody else's Sent.
pub fn assign(found: Vec<Found>, is_foreign: impl Fn(&str) -> bool) -> Vec<ListedMailbox> {
    let mut found = found;
    let mut seen = std::collections::HashSet::new();
    found.retain(|mailbox| seen.insert(mailbox.path.clone()) && !mailbox.has("\\NonExistent"));
    let mut roles: Vec<Option<Role>> =
        found.iter().map(|mailbox| (mailbox.path == "INBOX").then_some(Role::Inbox)).collect();
    for role in Role::ALL {
        if roles.contains(&Some(role)) {
            continue;
        }
        let is_own = |mailbox: &Found| mailbox.is_selectable() && !is_foreign(&mailbox.path);
        let free = |n: &usize| roles.get(*n) == Some(&None) && found.get(*n).is_some_and(is_own);
        let by_attribute =
            (0..found.len()).filter(free).find(|n| found.get(*n).is_some_and(|one| one.is_marked(role)));
        let chosen = by_attribute.or_else(|| {
            // A mailbox that is marked for something else is not taken by its name.
            let unmarked = (0..found.len()).filter(free).filter_map(|n| {
                let mailbox = found.get(n).filter(|one| !Role::ALL.iter().any(|other| one.is_marked(*other)))?;
                Some((mailbox.likeness(role)?, n))
            });
            unmarked.min().map(|(_, n)| n)
        });
        if let Some(slot) = chosen.and_then(|n| roles.get_mut(n)) {
            *slot = Some(role);
        }
    }
    found.into_iter().zip(roles).map(|(mailbox, role)| mailbox.with_role(role)).collect()
}

impl Found {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|one| one.eq_ignore_ascii_case(attribute))
    }

    fn is_selectable(&self) -> bool {
        !self.has("\\Noselect") && !self.has("\\NonExistent")
    }

    fn is_marked(&self, role: Role) -> bool {
        match role {
            Role::Inbox => false,
            Role::Drafts => self.has("\\Drafts"),
            Role::Sent => self.has("\\Sent"),
            Role::Archive => self.has("\\Archive"),
            Role::Junk => self.has("\\Junk"),
            Role::Trash => self.has("\\Trash"),
            Role::All => self.has("\\All"),
        }
    }

    /// How little the name speaks for the role: its depth, then the place of the name in the table. `None` where the
    /// name does not speak for it.
    fn likeness(&self, role: Role) -> Option<(usize, usize)> {
        let (_, names) = NAMES.iter().find(|(of, _)| *of == role)?;
        let separator = self.separator.unwrap_or('/');
        let parts: Vec<&str> = self.path.split(separator).filter(|part| *part != "INBOX").collect();
        let last = parts.last()?.to_lowercase();
        Some((parts.len(), names.iter().position(|name| *name == last)?))
    }

    fn with_role(self, role: Option<Role>) -> ListedMailbox {
        let (selectable, subscribed) = (self.is_selectable(), self.has("\\Subscribed"));
        ListedMailbox { path: self.path, separator: self.separator.map(String::from), role, selectable, subscribed }
    }
}

/// The order in which mailboxes are brought up to date: what is looked at first, first.
pub fn turn(role: Option<Role>) -> u8 {
    match role {
        Some(Role::Inbox) => 0,
        Some(Role::Sent) => 1,
        Some(Role::Drafts) => 2,
        Some(Role::Archive) => 3,
        None => 4,
        Some(Role::Trash) => 5,
        Some(Role::Junk) => 6,
        Some(Role::All) => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(mailboxes: &[(&str, &[&str])], separator: char) -> Vec<(String, Role)> {
        let found = mailboxes.iter().map(|(path, attributes)| Found {
            path: (*path).to_owned(),
            separator: Some(separator),
            attributes: attributes.iter().map(|one| (*one).to_owned()).collect(),
        });
        assign(found.collect(), |path| path.starts_with("Other Users/"))
            .into_iter()
            .filter_map(|one| Some((one.path, one.role?)))
            .collect()
    }

    #[test]
    fn roles_come_from_attributes_first_and_from_names_where_there_is_none() {
        type Case<'a> = (&'a [(&'a str, &'a [&'a str])], char, &'a [(&'a str, Role)]);
        let table: [Case; 6] = [
            (
                &[("INBOX", &[]), ("Sent", &[]), ("Sent Messages", &["\\Sent"]), ("Trash", &["\\trash"])],
                '/',
                &[("INBOX", Role::Inbox), ("Sent Messages", Role::Sent), ("Trash", Role::Trash)],
            ),
            (
                &[
                    ("INBOX", &[]),
                    ("INBOX.Gesendet", &[]),
                    ("INBOX.Entwürfe", &[]),
                    ("INBOX.Spam", &[]),
                    ("INBOX.Old.Trash", &[]),
                ],
                '.',
                &[
                    ("INBOX", Role::Inbox),
                    ("INBOX.Gesendet", Role::Sent),
                    ("INBOX.Entwürfe", Role::Drafts),
                    ("INBOX.Spam", Role::Junk),
                    ("INBOX.Old.Trash", Role::Trash),
                ],
            ),
            (
                &[
                    ("INBOX", &[]),
                    ("Projects/Sent", &[]),
                    ("Sent Items", &[]),
                    ("Deleted Items", &[]),
                    ("Archive", &[]),
                ],
                '/',
                &[
                    ("INBOX", Role::Inbox),
                    ("Sent Items", Role::Sent),
                    ("Deleted Items", Role::Trash),
                    ("Archive", Role::Archive),
                ],
            ),
            (
                &[
                    ("INBOX", &["\\Archive"]),
                    ("[Gmail]", &["\\Noselect"]),
                    ("[Gmail]/All Mail", &["\\All"]),
                    ("[Gmail]/Bin", &["\\Trash"]),
                ],
                '/',
                &[("INBOX", Role::Inbox), ("[Gmail]/All Mail", Role::All), ("[Gmail]/Bin", Role::Trash)],
            ),
            (&[("Sent", &["\\Noselect"]), ("Sent/2026", &[])], '/', &[]),
            (&[("Archive", &["\\Junk"]), ("Spam", &[])], '/', &[("Archive", Role::Junk)]),
        ];
        for (mailboxes, separator, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(path, role)| ((*path).to_owned(), *role)).collect();
            assert_eq!(roles(mailboxes, separator), expected);
        }
    }

    #[test]
    fn a_new_mailbox_is_made_beside_the_others() {
        let listed = |paths: &[&str], separator: &str| -> Vec<ListedMailbox> {
            let one = |path: &&str| ListedMailbox {
                path: (*path).to_owned(),
                separator: Some(separator.to_owned()),
                role: None,
                selectable: true,
                subscribed: true,
            };
            paths.iter().map(one).collect()
        };
        assert_eq!(path_for(Role::Sent, &listed(&["INBOX", "INBOX.Drafts"], "."), None), "INBOX.Sent");
        assert_eq!(path_for(Role::Sent, &listed(&["INBOX", "Drafts"], "/"), None), "Sent");
        assert_eq!(path_for(Role::Archive, &listed(&["INBOX"], "."), None), "Archive");
        assert_eq!(path_for(Role::Archive, &listed(&["INBOX"], "."), Some("INBOX.")), "INBOX.Archive");
    }

    #[test]
    fn what_belongs_to_others_has_no_role() {
        let listed: &[(&str, &[&str])] =
            &[("INBOX", &[]), ("Other Users/bob/Sent", &["\\Sent"]), ("Other Users/bob/Drafts", &[])];
        assert_eq!(roles(listed, '/'), [("INBOX".to_owned(), Role::Inbox)]);
    }
}
