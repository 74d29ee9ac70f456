//! What DNS says of the sender's records at this moment, for the page of a warning about them that nothing was found for.
//!
//! Name servers are asked, and nobody else: not for the address that others see either, which counts as far as it is known.
//! Whoever opened the page waits for it, so all of it ends by [`ENOUGH`].

use super::lookups::asked;
use crate::Engine;
use crate::error::Error;
use advisor::checks::Timed;
use advisor::checks::finding::{Finding, Status};
use advisor::checks::identity::{dkim, dmarc, spf, spf_record};
use advisor::provider_of;
use advisor::warning::{NotLookedUp, WarningName};
use model::{AccountId, EmailAddress, Fault};
use net::Net;
use std::time::Duration;
use tokio::time::timeout;

/// How long all questions together may take.
const ENOUGH: Duration = Duration::from_secs(4);

/// What came of it.
pub(crate) enum Records {
    /// This is what they show.
    Found(Box<Finding>),
    /// Nobody could be asked.
    Not(NotLookedUp),
    /// There is nothing to look up: the warning is about something else, or the domain is in a provider's hands.
    Unasked,
}

impl Engine {
    /// What DNS says that a warning is about, for letters from this address.
    pub(crate) async fn records_now(
        &self,
        name: WarningName,
        sender: &EmailAddress,
        account: Option<AccountId>,
    ) -> Result<Records, Error> {
        let is_about_records = matches!(name, WarningName::Spf | WarningName::Dkim | WarningName::Dmarc);
        if !is_about_records || provider_of(sender.domain()).is_some() {
            return Ok(Records::Unasked);
        }
        let account = self.account_of(sender, account).await?;
        let place = self.place(account.as_ref().map(|account| account.id)).await?;
        match place.net.what_is_missing() {
            None => {}
            Some(Fault::CaptivePortal) => return Ok(Records::Not(NotLookedUp::Portal)),
            Some(_) => return Ok(Records::Not(NotLookedUp::Offline)),
        }
        let look = async {
            let ours = self.outside_as_known(&place).await?.unwrap_or_default();
            let ways = self.ways(&place, account.as_ref(), ours).await?;
            let proofs = self.proofs(&place, sender, ways).await?;
            Ok::<Finding, Error>(match name {
                WarningName::Dkim => dkim(&proofs.keys),
                WarningName::Dmarc => dmarc(&proofs.policy),
                _ => match worst(proofs.ways.iter().map(spf).collect()) {
                    Some(finding) => finding,
                    None => record_alone(&place.net, sender.domain()).await,
                },
            })
        };
        match timeout(ENOUGH, look).await {
            Ok(finding) => Ok(Records::Found(Box::new(finding?))),
            Err(_) => Ok(Records::Not(NotLookedUp::TooLong)),
        }
    }
}

/// Of several ways, the one that needs something to be done; of equals the first, which is the direct one.
fn worst(findings: Vec<Finding>) -> Option<Finding> {
    let rank = |finding: &Finding| match finding.status {
        Status::Fail => 0,
        Status::Warn => 1,
        Status::Unknown => 2,
        Status::Pass => 3,
    };
    findings.into_iter().min_by_key(rank)
}

/// Where no way is known for which the record could be judged.
async fn record_alone(net: &Net, domain: &str) -> Finding {
    let answer = asked(net.texts(domain)).await;
    spf_record(domain, &Timed::new(answer.value.ok(), answer.took))
}
