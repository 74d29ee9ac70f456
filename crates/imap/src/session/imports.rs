//! Letters from files, put in with the time at which they came (RFC 9051 §6.3.12).

use super::Session;
use crate::error::SyncError;
use crate::wire::command::Command;
use jiff::Timestamp;
use jiff::tz::Offset;
use model::Flags;

impl Session {
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
