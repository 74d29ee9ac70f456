//! Mailboxes: made, renamed, deleted, emptied, subscribed to.
//!
//! Each is done here at once and on the server as soon as it can be reached. What the server will not have is undone
//! here, and told.

use crate::Engine;
use crate::changes::{Changed, HELD_BACK};
use crate::error::Error;
use model::{AccountId, Mailbox, MailboxId, Role};
use serde::Deserialize;
use store::{LettersGo, Undoable};
use ts_rs::TS;

/// A mailbox to be made.
#[derive(Debug, Deserialize, TS)]
pub struct MailboxCreateArgs {
    /// In which account.
    pub account: AccountId,
    /// Inside which mailbox; `None` for none.
    pub parent: Option<MailboxId>,
    /// Its name, without those around it.
    pub name: String,
}

/// A new name.
#[derive(Debug, Deserialize, TS)]
pub struct MailboxRenameArgs {
    /// Of which mailbox.
    pub mailbox: MailboxId,
    /// Its name, without those around it.
    pub name: String,
}

/// A mailbox.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct MailboxArgs {
    /// Which.
    pub mailbox: MailboxId,
}

/// Whether other programs are to show a mailbox.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct MailboxSubscribeArgs {
    /// Which.
    pub mailbox: MailboxId,
    /// Whether they are.
    pub on: bool,
}

impl Engine {
    pub(crate) async fn mailbox_create(&self, args: MailboxCreateArgs) -> Result<Mailbox, Error> {
        let all = self.store().mailboxes(Some(args.account)).await?;
        let separator = all.iter().find_map(|mailbox| mailbox.separator.clone()).unwrap_or_else(|| "/".to_owned());
        let name = usable_name(&args.name, &separator)?;
        let path = match args.parent {
            Some(parent) => {
                let parent = all.iter().find(|mailbox| mailbox.id == parent);
                let parent = parent.ok_or_else(|| Error::not_found("such mailbox"))?;
                format!("{}{separator}{name}", parent.path)
            }
            None => format!("{}{name}", self.own_prefix(args.account, &all, &separator).await?),
        };
        Ok(self.store().create_mailbox(args.account, &path).await?)
    }

    pub(crate) async fn mailbox_rename(&self, args: MailboxRenameArgs) -> Result<Mailbox, Error> {
        let mailbox = self.changeable(args.mailbox).await?;
        let separator = mailbox.separator.clone().unwrap_or_else(|| "/".to_owned());
        let name = usable_name(&args.name, &separator)?;
        let path = match mailbox.path.rsplit_once(&separator) {
            Some((around, _)) => format!("{around}{separator}{name}"),
            None => name.to_owned(),
        };
        Ok(self.store().rename_mailbox(mailbox.id, &path).await?)
    }

    /// Its letters go to the trash, where the account has one and they are not in it already; those of mailboxes inside
    /// it go with them.
    pub(crate) async fn mailbox_remove(&self, args: MailboxArgs) -> Result<(), Error> {
        let mailbox = self.changeable(args.mailbox).await?;
        let all = self.store().mailboxes(Some(mailbox.account)).await?;
        let mut going: Vec<&Mailbox> = all.iter().filter(|other| is_within(other, &mailbox)).collect();
        if let Some(special) = going.iter().find_map(|other| other.role) {
            return Err(special_mailbox(special));
        }
        let letters = match all.iter().find(|other| other.role == Some(Role::Trash)) {
            Some(trash) if !is_within(&mailbox, trash) => LettersGo::ToTrash,
            _ => LettersGo::ForGood,
        };
        // From the innermost on: not every server deletes a mailbox around others.
        going.sort_by_key(|other| std::cmp::Reverse(other.path.len()));
        for other in going {
            let letters = if other.selectable { letters } else { LettersGo::ForGood };
            self.store().remove_mailbox(other.id, letters).await?;
        }
        Ok(())
    }

    pub(crate) async fn mailbox_subscribe(&self, args: MailboxSubscribeArgs) -> Result<(), Error> {
        Ok(self.store().subscribe_mailbox(args.mailbox, args.on).await?)
    }

    /// Deletes what is in the trash or the junk, for good.
    pub(crate) async fn mailbox_empty(&self, args: MailboxArgs) -> Result<Changed, Error> {
        let mailbox = self.store().mailbox(args.mailbox).await?.ok_or_else(|| Error::not_found("such mailbox"))?;
        let all = self.store().mailboxes(Some(mailbox.account)).await?;
        let emptied = |role| matches!(role, Some(Role::Trash | Role::Junk));
        let is_rubbish = all.iter().any(|other| emptied(other.role) && is_within(&mailbox, other));
        if !is_rubbish {
            let message = format!("“{}” is not for trash or junk", mailbox.path);
            return Err(Error::invalid(message, "Move its letters to the trash first."));
        }
        let order = self.store().empty_mailbox(mailbox.id, HELD_BACK).await?;
        self.undoable(Undoable { orders: order.into_iter().collect(), moved: Vec::new() }).await
    }

    /// The mailbox of a role, made where the account has none. Where all mail is a mailbox (X-GM-EXT-1), a letter that
    /// lies nowhere else is archived.
    pub(crate) async fn mailbox_for(&self, account: AccountId, role: Role) -> Result<MailboxId, Error> {
        let all = self.store().mailboxes(Some(account)).await?;
        let of_role = |role| all.iter().find(|mailbox| mailbox.role == Some(role));
        let archived = || (role == Role::Archive).then(|| of_role(Role::All)).flatten();
        if let Some(mailbox) = of_role(role).or_else(archived) {
            return Ok(mailbox.id);
        }
        let separator = all.iter().find_map(|mailbox| mailbox.separator.clone()).unwrap_or_else(|| "/".to_owned());
        let path = format!("{}{}", self.own_prefix(account, &all, &separator).await?, imap::usual_name(role));
        // One that was ordered has its role when the server has listed it.
        match all.iter().find(|mailbox| mailbox.path == path) {
            Some(mailbox) => Ok(mailbox.id),
            None => Ok(self.store().create_mailbox(account, &path).await?.id),
        }
    }

    /// What every path of an account begins with: what its server says (NAMESPACE), or what its mailboxes look like.
    pub(crate) async fn own_prefix(
        &self,
        account: AccountId,
        all: &[Mailbox],
        separator: &str,
    ) -> Result<String, Error> {
        let said = self.store().mailbox_prefix(account).await?;
        Ok(said.unwrap_or_else(|| prefix(all, separator)))
    }

    /// A mailbox that may be renamed and deleted.
    async fn changeable(&self, id: MailboxId) -> Result<Mailbox, Error> {
        let mailbox = self.store().mailbox(id).await?.ok_or_else(|| Error::not_found("such mailbox"))?;
        match mailbox.role {
            Some(role) => Err(special_mailbox(role)),
            None => Ok(mailbox),
        }
    }
}

fn special_mailbox(role: Role) -> Error {
    let message = format!("the account needs this mailbox for {}", role.word());
    Error::invalid(message, "Choose another one, or change it with the provider.")
}

/// Whether it is the other mailbox, or inside it.
fn is_within(mailbox: &Mailbox, other: &Mailbox) -> bool {
    if mailbox.account != other.account {
        return false;
    }
    let inside = mailbox.path.strip_prefix(&other.path);
    inside.is_some_and(|rest| rest.is_empty() || other.separator.as_ref().is_some_and(|by| rest.starts_with(by)))
}

/// What every path of an account seems to begin with: on some servers everything is inside INBOX (RFC 2342).
fn prefix(all: &[Mailbox], separator: &str) -> String {
    let below = format!("INBOX{separator}");
    let mut others = all.iter().filter(|mailbox| !mailbox.path.eq_ignore_ascii_case("INBOX")).peekable();
    let nested = others.peek().is_some() && others.all(|mailbox| mailbox.path.starts_with(&below));
    if nested { below } else { String::new() }
}

fn usable_name<'a>(name: &'a str, separator: &str) -> Result<&'a str, Error> {
    let name = name.trim();
    let fault = if name.is_empty() {
        "A mailbox needs a name".to_owned()
    } else if name.chars().count() > 200 {
        "The name is longer than 200 characters".to_owned()
    } else if name.contains(separator) {
        format!("On this server “{separator}” stands between mailboxes, so a name cannot have it")
    } else if name.chars().any(|c| c.is_control() || matches!(c, '*' | '%')) {
        "A name cannot have “*”, “%” or control characters".to_owned()
    } else if name.eq_ignore_ascii_case("INBOX") {
        "There is one INBOX only".to_owned()
    } else {
        return Ok(name);
    };
    Err(Error::invalid(fault, "Choose another name."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn mailbox(path: &str, separator: &str) -> Mailbox {
        Mailbox {
            id: MailboxId(1),
            account: AccountId(1),
            path: path.into(),
            name: path.into(),
            separator: Some(separator.into()),
            role: None,
            selectable: true,
            subscribed: true,
            total: 0,
            unread: 0,
        }
    }

    #[test]
    fn a_new_mailbox_is_made_where_the_others_are() {
        let all = |paths: &[&str], by: &str| paths.iter().map(|path| mailbox(path, by)).collect::<Vec<_>>();
        assert_eq!(prefix(&all(&["INBOX", "INBOX.Sent"], "."), "."), "INBOX.");
        assert_eq!(prefix(&all(&["INBOX", "Sent", "INBOX/a"], "/"), "/"), "");
        assert_eq!(prefix(&all(&["INBOX"], "."), "."), "");
    }

    #[test]
    fn a_name_that_no_server_takes_is_told_at_once() {
        for name in ["", "  ", "a/b", "a\nb", "50%", "inbox"] {
            assert!(usable_name(name, "/").is_err(), "{name:?}");
        }
        assert_eq!(usable_name(" Bücher & Rezepte ", "/").ok(), Some("Bücher & Rezepte"));
        assert!(usable_name("a/b", ".").is_ok());
    }

    #[test]
    fn only_what_is_behind_the_separator_is_inside() {
        let table = [("A/b", "A", true), ("A", "A", true), ("Ab", "A", false), ("A", "A/b", false)];
        for (inner, outer, expected) in table {
            assert_eq!(is_within(&mailbox(inner, "/"), &mailbox(outer, "/")), expected, "{inner} in {outer}");
        }
    }

    #[tokio::test]
    async fn the_mailbox_of_a_role_is_made_where_the_account_has_none_and_letters_of_labels_stay_in_all_mail() {
        let home = tempfile::tempdir().unwrap();
        let engine = testing::engine(home.path()).await;
        let account = engine.store().add_account(testing::account("anna@example.org")).await.unwrap().id;
        let listed = |path: &str, role| store::ListedMailbox {
            path: path.to_owned(),
            separator: Some("/".to_owned()),
            role,
            selectable: true,
            subscribed: true,
        };
        let list = vec![listed("INBOX", Some(Role::Inbox)), listed("[Gmail]/All Mail", Some(Role::All))];
        let here = engine.store().sync_mailbox_list(account, list).await.unwrap();
        let all_mail = here.iter().find(|mailbox| mailbox.role == Some(Role::All)).unwrap().id;

        assert_eq!(engine.mailbox_for(account, Role::Archive).await.unwrap(), all_mail);
        let made = engine.mailbox_for(account, Role::Trash).await.unwrap();
        assert_eq!(engine.store().mailbox(made).await.unwrap().unwrap().path, "Trash");
        let again = engine.mailbox_for(account, Role::Trash).await.unwrap();
        assert_eq!((again, engine.store().mailboxes(Some(account)).await.unwrap().len()), (made, 3));
    }
}
