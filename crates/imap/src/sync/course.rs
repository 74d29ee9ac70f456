//! How long a pass still takes: letters looked at since it began, against those that are still to be looked at in this
//! mailbox and in those after it.

use model::MailboxId;
use std::time::Duration;
use tokio::time::Instant;

/// Nothing is said before so much time has passed: the first letters say little about the rest.
const FIRST_WORD: Duration = Duration::from_secs(2);

/// A pass over mailboxes.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Mailboxes in their order, with as many letters as the server says.
    mailboxes: Vec<(MailboxId, u64)>,
    current: Option<MailboxId>,
    /// Letters looked at in mailboxes before the current one.
    before: u64,
    in_current: u64,
    began: Option<Instant>,
}

impl Course {
    /// A pass over these.
    pub(super) fn over(mailboxes: impl Iterator<Item = (MailboxId, u64)>) -> Self {
        Self { mailboxes: mailboxes.collect(), ..Self::default() }
    }

    /// Seconds left when so many letters of a mailbox have been looked at.
    pub(super) fn left(&mut self, mailbox: MailboxId, done: u32, total: u32, now: Instant) -> Option<u32> {
        if self.current != Some(mailbox) {
            self.before += self.in_current;
            self.current = Some(mailbox);
        }
        self.in_current = u64::from(done);
        let began = *self.began.get_or_insert(now);
        let took = now.duration_since(began);
        let looked_at = self.before + self.in_current;
        if took < FIRST_WORD || looked_at == 0 {
            return None;
        }
        let after = self.mailboxes.iter().skip_while(|(id, _)| *id != mailbox).skip(1).map(|(_, count)| count);
        let to_do = u64::from(total.saturating_sub(done)) + after.sum::<u64>();
        let seconds = took.as_secs_f64() / looked_at as f64 * to_do as f64;
        Some(seconds.ceil().min(f64::from(u32::MAX)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_counts_the_mailboxes_that_are_still_to_come() {
        let (inbox, sent) = (MailboxId(1), MailboxId(2));
        let mut course = Course::over([(inbox, 1000), (sent, 500)].into_iter());
        let start = Instant::now();
        assert_eq!(course.left(inbox, 0, 1000, start), None);
        assert_eq!(course.left(inbox, 100, 1000, start + Duration::from_secs(1)), None);
        assert_eq!(course.left(inbox, 500, 1000, start + Duration::from_secs(10)), Some(20));
        assert_eq!(course.left(inbox, 1000, 1000, start + Duration::from_secs(20)), Some(10));
        assert_eq!(course.left(sent, 250, 500, start + Duration::from_secs(25)), Some(5));
        assert_eq!(course.left(sent, 500, 500, start + Duration::from_secs(30)), Some(0));
    }
}
