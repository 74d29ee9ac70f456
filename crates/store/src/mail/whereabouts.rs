//! Where a message lies that was in Drafts: another program may have sent it or thrown it away.

use super::names::name;
use super::threads;
use crate::{Result, Store};
use model::{AccountId, LetterId, Role};
use rusqlite::{Connection, OptionalExtension};

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In Drafts.
    Drafts,
    /// In other mailboxes only.
    Elsewhere,
    /// In none, but the mailboxes were not all looked through twice: it may be found yet.
    Sought,
    /// In none.
    Nowhere,
}

impl Store {
    /// Where a message lies that had this letter in Drafts: by its letter, and by its Message-ID, where it has one.
    pub async fn whereabouts(
        &self,
        account: AccountId,
        letter: LetterId,
        message_id: Option<String>,
    ) -> Result<Whereabouts> {
        self.mail(move |db| {
            let sql = "SELECT mailbox.role FROM letter CROSS JOIN mailbox ON mailbox.id = letter.mailbox
                       WHERE letter.id = ?1 AND hidden = 0";
            let role = db.prepare_cached(sql)?.query_row([letter.0], |row| row.get::<_, Option<String>>(0));
            match (role.optional()?, message_id) {
                (Some(Some(role)), _) if role == Role::Drafts.word() => Ok(Whereabouts::Drafts),
                (_, Some(message_id)) => by_name(db, account, &message_id),
                (Some(_), None) => Ok(Whereabouts::Elsewhere),
                // No name tells it from others.
                (None, None) => Ok(Whereabouts::Sought),
            }
        })
        .await
    }
}

fn by_name(db: &Connection, account: AccountId, message_id: &str) -> Result<Whereabouts> {
    let Some(name) = name(account, message_id) else { return Ok(Whereabouts::Sought) };
    let Some(thread) = threads::of_name(db, name)? else { return Ok(Whereabouts::Nowhere) };
    let mut contents = db.prepare_cached("SELECT id FROM content WHERE thread = ?1 AND message_id = ?2")?;
    let sql = "SELECT mailbox.role FROM letter CROSS JOIN mailbox ON mailbox.id = letter.mailbox WHERE content = ?1";
    let mut roles = db.prepare_cached(sql)?;
    let mut found = Whereabouts::Nowhere;
    for content in contents.query_map((thread.0, message_id), |row| row.get::<_, i64>(0))? {
        let mut lies = false;
        for role in roles.query_map([content?], |row| row.get::<_, Option<String>>(0))? {
            lies = true;
            if role?.as_deref() == Some(Role::Drafts.word()) {
                return Ok(Whereabouts::Drafts);
            }
        }
        match lies {
            true => found = Whereabouts::Elsewhere,
            false if found == Whereabouts::Nowhere => found = Whereabouts::Sought,
            false => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::tests::{World, listed, three};

    #[tokio::test]
    async fn a_draft_is_elsewhere_when_it_was_found_there_and_nowhere_when_it_was_sought_twice() {
        let world = World::new().await;
        let mut list = three();
        list.push(listed("Drafts", Some(Role::Drafts)));
        let boxes = world.store.sync_mailbox_list(world.account, list).await.unwrap();
        let drafts = boxes.iter().find(|mailbox| mailbox.role == Some(Role::Drafts)).unwrap().id;
        let [sent, thrown] = [world.arrives(drafts, 1, "sent").await[0], world.arrives(drafts, 2, "thrown").await[0]];
        let of = async |letter, name: &str| {
            let message_id = Some(format!("{name}@example.net"));
            world.store.whereabouts(world.account, letter, message_id).await.unwrap()
        };
        assert_eq!(of(sent, "sent").await, Whereabouts::Drafts);
        world.store.remove_uids(drafts, vec![1, 2]).await.unwrap();
        world.arrives(world.archive, 1, "sent").await;
        assert_eq!(
            (of(sent, "sent").await, of(thrown, "thrown").await),
            (Whereabouts::Elsewhere, Whereabouts::Sought)
        );
        world.arrives(drafts, 3, "sent").await;
        assert_eq!(of(sent, "sent").await, Whereabouts::Drafts, "it came back under another number");
        for _ in 0..2 {
            world.store.drop_strays(world.account).await.unwrap();
        }
        assert_eq!(of(thrown, "thrown").await, Whereabouts::Nowhere);
        assert_eq!(
            world.store.whereabouts(world.account, thrown, None).await.unwrap(),
            Whereabouts::Sought,
            "nothing tells what has no name"
        );
    }
}
