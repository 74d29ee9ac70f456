//! Letters from files: found by what they are, and put in with the time at which they came (RFC 9051 §6.3.12).

use super::Session;
use crate::error::SyncError;
use crate::wire::command::Command;
use jiff::Timestamp;
use jiff::tz::Offset;
use model::Flags;

/// Octets by which a server may count a letter differently.
const LEEWAY: u64 = 16;

impl Session {
    /// Letters of this Message-ID and about this size in the open mailbox.
    pub async fn with_message_id_and_size(&mut self, message_id: &str, size: u64) -> Result<Vec<u32>, SyncError> {
        let (least, most) = (size.saturating_sub(LEEWAY + 1), size.saturating_add(LEEWAY + 1));
        let command = self.search_command().word("LARGER").word(least).word("SMALLER").word(most);
        self.search(command.word("HEADER Message-ID").string(message_id)).await
    }

    /// Puts a message into a mailbox as one that came then.
    pub async fn append_received(
        &mut self,
        path: &str,
        flags: Flags,
        received: Option<Timestamp>,
        bytes: &[u8],
    ) -> Result<(), SyncError> {
        let mut command = Command::new("APPEND").mailbox(&self.target(path)).flags(flags.iter());
        if let Some(received) = received {
            command = command.word(date_time(received));
        }
        self.run(&command.literal(bytes), |_| {}).await.map(drop)
    }
}

/// A time as IMAP writes it: `" 3-Nov-2026 14:32:05 +0000"`. Years before 1970 are what broken headers make up.
fn date_time(at: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(at.max(Timestamp::UNIX_EPOCH));
    format!("\"{} +0000\"", at.strftime("%e-%b-%Y %H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_imap_writes_them() {
        let table = [
            ("2026-11-03T14:32:05Z", "\" 3-Nov-2026 14:32:05 +0000\""),
            ("2026-11-13T00:00:00Z", "\"13-Nov-2026 00:00:00 +0000\""),
            ("1905-01-01T00:00:00Z", "\" 1-Jan-1970 00:00:00 +0000\""),
        ];
        for (at, text) in table {
            assert_eq!(date_time(at.parse().unwrap()), text);
        }
    }
}
