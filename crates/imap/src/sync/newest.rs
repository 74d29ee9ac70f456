//! Whether the newest letters of a mailbox are still those that are known here, asked in the same breath as the mailbox is
//! opened.
//!
//! A server that was restored from a backup gives UIDs a second time. Where it has got as much mail since as it lost, no
//! number tells: neither UIDNEXT nor the count went back. What it gives anew it gives from some UID on, so that the newest
//! letters here are strangers there.

use super::Syncer;
use crate::error::SyncError;
use crate::session::{Look, Selected, Since};
use crate::uidset::UidSet;
use model::{LetterId, Mailbox};
use std::collections::HashMap;
use store::Features;

/// Letters that are looked at: the newest may have gone meanwhile.
const NEWEST: u32 = 5;

/// What the UIDs here are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uids {
    /// They name the letters that they named, as far as one can see.
    AsBefore,
    /// They name others.
    Strangers,
}

impl Syncer {
    /// Opens a mailbox and compares its newest letters with those here.
    pub(super) async fn open_and_compare(
        &mut self,
        mailbox: &Mailbox,
        since: Option<Since>,
    ) -> Result<(Selected, Uids), SyncError> {
        let newest = self.store.newest_features(mailbox.id, NEWEST).await?;
        let uids = UidSet::of(newest.iter().map(|(uid, _)| *uid));
        let (selected, looks) = self.session.select_and_look(&mailbox.path, since, &uids).await?;
        let uids = match stranger(&newest, &looks) {
            // Whoever stays strange after everything was looked through is none: this server shows letters differently
            // when it shows their headers alone.
            Some(letter) if self.strangers.insert(letter) => {
                tracing::warn!(mailbox = %mailbox.path, "UIDs name other letters than before");
                Uids::Strangers
            }
            _ => Uids::AsBefore,
        };
        Ok((selected, uids))
    }
}

/// The newest letter that is there, if it is another one than here.
fn stranger(newest: &[(u32, Features)], looks: &HashMap<u32, Look>) -> Option<LetterId> {
    let (features, look) = newest.iter().find_map(|(uid, features)| Some((features, looks.get(uid)?)))?;
    look.is_strange_to(features).then_some(features.letter)
}
