//! The message of an outgoing, in pieces: what follows its first 256 KB stands in rows of its own, so that neither
//! writing nor reading it takes memory that grows with its size. (What was queued by the first version is one piece,
//! however large.)

use crate::{Result, Store, StoreError};
use model::OutgoingId;
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// Octets of a piece.
const PIECE: usize = 256 << 10;

impl Store {
    /// The message, as it goes on the wire.
    pub async fn outgoing_bytes(&self, id: OutgoingId) -> Result<Vec<u8>> {
        self.local(move |db| bytes(db, id)).await
    }

    /// Octets of the message from `offset` on: `len` of them, or as many as there are. Blocks of 256 KB that begin at a
    /// multiple of it are read the fastest. `NotFound` where there is no such outgoing, or its message is kept no longer.
    pub async fn outgoing_block(&self, id: OutgoingId, offset: u64, len: u32) -> Result<Vec<u8>> {
        self.local(move |db| {
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            read(db, id, offset, len as usize)
        })
        .await
    }
}

/// Writes the message of a new outgoing.
pub(super) fn put(db: &Connection, id: OutgoingId, bytes: &[u8]) -> Result<()> {
    let (first, rest) = bytes.split_at(PIECE.min(bytes.len()));
    db.prepare_cached("INSERT INTO outgoing_bytes VALUES (?1, ?2)")?.execute((id.0, first))?;
    let mut put = db.prepare_cached("INSERT INTO outgoing_piece (outgoing, start, bytes) VALUES (?1, ?2, ?3)")?;
    for (number, piece) in rest.chunks(PIECE).enumerate() {
        put.execute((id.0, ((number + 1) * PIECE) as i64, piece))?;
    }
    Ok(())
}

/// The message of an outgoing.
pub(crate) fn bytes(db: &Connection, id: OutgoingId) -> Result<Vec<u8>> {
    read(db, id, 0, usize::MAX)
}

/// The message, where it is no longer than this. `None` where it is longer, or not there.
pub(super) fn small(db: &Connection, id: OutgoingId, limit: usize) -> Result<Option<Arc<[u8]>>> {
    let sql = "SELECT bytes FROM outgoing_bytes
               WHERE outgoing = ?1 AND (SELECT size FROM outgoing WHERE id = ?1) <= ?2";
    let found =
        db.prepare_cached(sql)?.query_row((id.0, limit as i64), |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?)));
    Ok(found.optional()?)
}

fn read(db: &Connection, id: OutgoingId, offset: usize, len: usize) -> Result<Vec<u8>> {
    let mut read = first(db, id, offset, len)?;
    let sql = "SELECT start, bytes FROM outgoing_piece WHERE outgoing = ?1 AND start > ?2 ORDER BY start";
    let mut query = db.prepare_cached(sql)?;
    // The piece that the next octet is in, and those after it.
    let next = i64::try_from(offset.saturating_add(read.len())).unwrap_or(i64::MAX);
    let mut pieces = query.query((id.0, next - PIECE as i64))?;
    while read.len() < len
        && let Some(row) = pieces.next()?
    {
        let start = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX);
        let piece = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let from = offset.saturating_add(read.len()).saturating_sub(start).min(piece.len());
        let to = from.saturating_add(len - read.len()).min(piece.len());
        read.extend_from_slice(piece.get(from..to).unwrap_or_default());
    }
    Ok(read)
}

/// What of it stands in the first piece. That may be large, and is not read from its beginning to get at its end.
fn first(db: &Connection, id: OutgoingId, offset: usize, len: usize) -> Result<Vec<u8>> {
    let mut query = db.prepare_cached("SELECT length(bytes) FROM outgoing_bytes WHERE outgoing = ?1")?;
    let there = query.query_row([id.0], |row| row.get::<_, i64>(0)).optional()?;
    let Some(there) = there else { return Err(missing(db, id)?) };
    let rest = usize::try_from(there).unwrap_or_default().saturating_sub(offset);
    if rest == 0 || len == 0 {
        return Ok(Vec::new());
    }
    let mut read = vec![0; len.min(rest)];
    let blob = db.blob_open("main", "outgoing_bytes", "bytes", id.0, true)?;
    blob.read_at_exact(&mut read, offset)?;
    Ok(read)
}

/// An error where the message is kept no longer.
pub(super) fn require(db: &Connection, id: OutgoingId) -> Result<()> {
    let mut query = db.prepare_cached("SELECT 1 FROM outgoing_bytes WHERE outgoing = ?1")?;
    if query.exists([id.0])? { Ok(()) } else { Err(missing(db, id)?) }
}

/// What is remembered without its message has another copy, or nobody got it (see `purge`).
fn missing(db: &Connection, id: OutgoingId) -> Result<StoreError> {
    let known = db.prepare_cached("SELECT 1 FROM outgoing WHERE id = ?1")?.exists([id.0])?;
    let what =
        if known { "copy of this letter here any longer; look in Sent".to_owned() } else { format!("outgoing {id}") };
    Ok(StoreError::NotFound(what))
}

#[cfg(test)]
mod tests {
    use super::super::tests::message;
    use super::*;
    use crate::NewOutgoing;
    use crate::testing;

    fn text(octets: usize) -> Vec<u8> {
        (0..octets).map(|n| (n % 251) as u8).collect()
    }

    #[tokio::test]
    async fn a_message_of_any_size_comes_back_whole_and_in_blocks_of_any_size() {
        let (_home, store) = testing::store().await;
        for octets in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 77] {
            let text = text(octets);
            let id = store.submit(NewOutgoing { bytes: text.clone(), ..message(&["b@x.test"]) }).await.unwrap();
            assert_eq!(store.outgoing_bytes(id).await.unwrap(), text);
            for (offset, len) in [(0, 1), (0, PIECE), (PIECE - 5, 10), (PIECE, PIECE), (7, 2 * PIECE), (octets, 5)] {
                let expected = text.iter().skip(offset).take(len).copied().collect::<Vec<_>>();
                let block = store.outgoing_block(id, offset as u64, len as u32).await.unwrap();
                assert!(block == expected, "{len} octets at {offset} of {octets}");
            }
        }
    }

    #[tokio::test]
    async fn a_message_that_the_first_version_queued_in_one_piece_is_read_in_blocks_too() {
        let (_home, store) = testing::store().await;
        let id = store.submit(message(&["b@x.test"])).await.unwrap();
        let text = text(2 * PIECE);
        let whole = text.clone();
        let replaced = store.write_local(move |tx| {
            tx.execute("DELETE FROM outgoing_bytes", [])?;
            Ok(tx.execute("INSERT INTO outgoing_bytes VALUES (?1, ?2)", (id.0, whole))?)
        });
        replaced.await.unwrap();
        assert!(store.outgoing_block(id, PIECE as u64 - 3, 9).await.unwrap() == text[PIECE - 3..PIECE + 6]);
        assert!(store.outgoing_bytes(id).await.unwrap() == text);
    }

    #[tokio::test]
    async fn a_message_that_is_not_there_says_so() {
        let (_home, store) = testing::store().await;
        let missing = store.outgoing_block(OutgoingId(9), 0, 10).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
    }

    #[tokio::test]
    async fn a_piece_never_changes() {
        let (_home, store) = testing::store().await;
        store.submit(NewOutgoing { bytes: text(2 * PIECE), ..message(&["b@x.test"]) }).await.unwrap();
        for table in ["outgoing_bytes", "outgoing_piece"] {
            let change =
                store.write_local(move |tx| Ok(tx.execute(&format!("UPDATE {table} SET bytes = x'00'"), [])?));
            assert!(change.await.unwrap_err().to_string().contains("never change"), "{table}");
        }
    }
}
