//! What a list says of the threads in it: who wrote, and which of their letters are where.

use super::prepare::People;
use super::read::LETTERS;
use super::threads;
use crate::columns::Json;
use crate::{Result, Store};
use model::{Address, ContentId, Flags, LetterId, MailboxId, ThreadId};

/// Letters of one thread that are looked at: the newest.
const MOST: u32 = 1000;

/// A letter of a thread, as far as a list of threads needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadLetter {
    /// Its number.
    pub letter: LetterId,
    /// The mailbox it is in.
    pub mailbox: MailboxId,
    /// The message, which may lie in other mailboxes too.
    pub content: ContentId,
    /// Its flags, with what was done here.
    pub flags: Flags,
    /// From.
    pub from: Vec<Address>,
}

impl Store {
    /// The letters of these threads, newest first, in the order of the threads.
    pub async fn thread_letters(&self, of: &[ThreadId]) -> Result<Vec<Vec<ThreadLetter>>> {
        let of = of.to_vec();
        self.mail(move |db| {
            let sql = format!(
                "SELECT letter.id, letter.mailbox, letter.content, letter.flags, content.people FROM {LETTERS}
                 WHERE letter.thread = ?1 AND hidden = 0 ORDER BY letter.date DESC, letter.id DESC LIMIT ?2"
            );
            let mut query = db.prepare_cached(&sql)?;
            let mut all = Vec::with_capacity(of.len());
            for id in of {
                let letters = query.query_map((threads::present(db, id)?.0, MOST), |row| {
                    let Json(people): Json<People> = row.get(4)?;
                    Ok(ThreadLetter {
                        letter: LetterId(row.get(0)?),
                        mailbox: MailboxId(row.get(1)?),
                        content: ContentId(row.get(2)?),
                        flags: Flags(row.get(3)?),
                        from: people.from,
                    })
                })?;
                all.push(letters.collect::<rusqlite::Result<_>>()?);
            }
            Ok(all)
        })
        .await
    }
}
