//! Now and then lets go of what nobody needs any longer of what was sent: what that is, the store says.

use crate::Engine;
use jiff::Timestamp;
use std::time::Duration;

/// Not while the program starts.
const FIRST: Duration = Duration::from_secs(5 * 60);
const EVERY: Duration = Duration::from_secs(24 * 3600);

impl Engine {
    pub(crate) async fn tidy_up(self) {
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            match self.store().purge(Timestamp::now()).await {
                Ok(purged) => tracing::info!(?purged, "let go of what nobody needs"),
                Err(error) => tracing::warn!(%error, "what nobody needs could not be let go"),
            }
            pause = EVERY;
        }
    }
}
