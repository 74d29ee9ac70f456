//! x
use crate::Result;
use crate::database::Tx;
use crate::journal::JournalEntry;
use model::JournalId;
use rusqlite::Connection;
pub(crate) fn confirm(_tx: &Tx<'_>, _id: JournalId) -> Result<()> {
    Ok(())
}
pub(crate) fn undo(_tx: &Tx<'_>, _id: JournalId) -> Result<()> {
    Ok(())
}
pub(crate) fn with_present_uids(_db: &Connection, e: Vec<JournalEntry>) -> Result<Vec<JournalEntry>> {
    Ok(e)
}
