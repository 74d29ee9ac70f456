//! Invitations to meetings that came in letters.

use crate::Engine;
use crate::error::Error;
use message::calendar::Invitation;
use model::LetterId;
use serde::Deserialize;
use ts_rs::TS;

/// A letter that may hold an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct InvitationArgs {
    /// Which letter.
    pub letter: LetterId,
    /// The attached letters it lies within, by their numbers, from the outermost; none for most.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<u32>>")]
    pub within: Vec<u32>,
}

impl Engine {
    pub(crate) async fn invitation_show(&self, args: InvitationArgs) -> Result<Option<Invitation>, Error> {
        let raw = self.require_raw(args.letter).await?;
        let path: Vec<usize> = args.within.iter().map(|part| *part as usize).collect();
        let raw = message::attached_letter(&raw, &path).ok_or_else(|| Error::not_found("such letter"))?;
        Ok(message::parse(&raw).invitation)
    }
}
