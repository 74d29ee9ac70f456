//! What is asked before a letter from a file is brought in: whether it is here.

use super::names::name;
use super::threads;
use crate::{Result, Store};
use model::MailboxId;
use rusqlite::OptionalExtension;

/// Octets by which a file and a server may count a letter differently: a line end at its end.
const LEEWAY: i64 = 16;

impl Store {
    /// Whether a mailbox holds a letter of this Message-ID and about this size; of this subject, where it has no
    /// Message-ID.
    pub async fn holds(&self, mailbox: MailboxId, message_id: &str, subject: &str, size: u64) -> Result<bool> {
        let (message_id, subject) = (message_id.to_owned(), subject.to_owned());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let (least, most) = (size.saturating_sub(LEEWAY), size.saturating_add(LEEWAY));
        self.mail(move |db| {
            let sql = "SELECT account FROM mailbox WHERE id = ?1";
            let account = db.prepare_cached(sql)?.query_row([mailbox.0], |row| Ok(model::AccountId(row.get(0)?)));
            let Some(account) = account.optional()? else { return Ok(false) };
            if message_id.is_empty() {
                let sql = "SELECT 1 FROM letter CROSS JOIN content ON content.id = letter.content
                           WHERE letter.mailbox = ?1 AND hidden = 0 AND message_id IS NULL AND size BETWEEN ?2 AND ?3
                             AND subject = ?4 LIMIT 1";
                return Ok(db.prepare_cached(sql)?.exists((mailbox.0, least, most, subject))?);
            }
            let Some(thread) =
                name(account, &message_id).map(|name| threads::of_name(db, name)).transpose()?.flatten()
            else {
                return Ok(false);
            };
            let sql = "SELECT 1 FROM content CROSS JOIN letter ON letter.content = content.id
                       WHERE content.thread = ?1 AND message_id = ?2 AND size BETWEEN ?3 AND ?4
                         AND letter.mailbox = ?5 AND letter.hidden = 0 LIMIT 1";
            Ok(db.prepare_cached(sql)?.exists((thread.0, message_id, least, most, mailbox.0))?)
        })
        .await
    }
}
