//! Whether a letter comes from whom it says: the mark beside its sender.
//!
//! - The decision is [`message::authenticity`]'s. Here the letter, the account's own server and the keys in DNS are
//!   brought together, and what was found is kept, so that it costs nothing again.
//! - What the account's own server found when the letter came in is heard first. Where that is proof, nobody is asked:
//!   looking up the key of a signature tells whoever keeps its DNS that somebody looks at the letter. For the same reason
//!   only keys of the sender's own domain are asked for; others could prove nothing of the sender.
//! - A letter is looked at in the network of its account ([`crate::worlds`]): nothing of the practice world is asked for
//!   in the real one. Without a network nothing is asked for, and nothing that is missing for it is kept.
//! - What was written here, and drafts, have no mark.

use crate::Engine;
use crate::calls::LetterArgs;
use crate::error::Error;
use jiff::Timestamp;
use message::authenticity::{
    self, KeyAnswer, Mark, OwnServer, Signed, Verdict, covers_unsubscribing, domains::aligned, weigh,
};
use model::{Account, AccountId, LetterId, Role};
use net::Net;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the key of a signature may be looked for.
const PATIENCE: Duration = Duration::from_secs(8);
/// Counted up when the same letter would be judged in another way.
const EDITION: u8 = 1;

/// What is kept of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub verdict: Verdict,
    /// Whether a signature that is right covers the fields by which its list is left; `None`: nobody looked.
    pub covers_unsubscribing: Option<bool>,
}

/// Which keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Those that can prove the sender, where the own server has not done so.
    AtSender,
    /// All: the list is about to be left.
    AtAll,
}

impl Engine {
    /// The mark of a letter; `None` for one that has none, or whose body is not here yet.
    pub(crate) async fn letter_authenticity(&self, args: LetterArgs) -> Result<Option<Verdict>, Error> {
        Ok(self.authenticity(args.letter, Look::AtSender).await?.map(|finding| finding.verdict))
    }

    pub(crate) async fn authenticity(&self, id: LetterId, look: Look) -> Result<Option<Finding>, Error> {
        let letter = self.require_letter(id).await?;
        let role = self.store().mailbox(letter.row.mailbox).await?.and_then(|mailbox| mailbox.role);
        if matches!(role, Some(Role::Sent | Role::Drafts)) {
            return Ok(None);
        }
        // A look-up would tell whoever wrote it that it is being read.
        if role == Some(Role::Junk) && look == Look::AtSender {
            return Ok(None);
        }
        let Some(raw) = self.store().raw(id).await? else { return Ok(None) };
        let account = self.require_account(letter.account).await?;
        let name = name_of(account.id, &raw);
        if let Some(known) = self.known_finding(&name).await?
            && (look == Look::AtSender || known.covers_unsubscribing.is_some())
        {
            return Ok(Some(known));
        }
        let net = self.inner.worlds.net(Some(account.id));
        let (finding, whole) = find(raw, &own_server(&account), &net, look).await;
        if whole {
            let what = serde_json::to_string(&finding).unwrap_or_default();
            self.store().keep_authenticity(&name, &what, Timestamp::now()).await?;
        }
        Ok(Some(finding))
    }

    async fn known_finding(&self, name: &[u8]) -> Result<Option<Finding>, Error> {
        let kept = self.store().authenticity(name).await?;
        Ok(kept.and_then(|what| serde_json::from_str(&what).ok()))
    }
}

/// What names a letter that came to this account.
fn name_of(account: AccountId, raw: &[u8]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(&[EDITION]);
    context.update(&account.0.to_be_bytes());
    context.update(raw);
    context.finish().as_ref().to_vec()
}

/// The account's own server: its IMAP host and the domains of its addresses.
fn own_server(account: &Account) -> OwnServer {
    let hosts = account.imap.iter().map(|server| server.host.clone());
    let domains = account.identities.iter().map(|identity| identity.address.domain().to_owned());
    OwnServer { names: hosts.chain(domains).collect() }
}

/// Looks at a letter. Whether everything could be asked comes with it: only then is it worth to be kept.
async fn find(raw: Vec<u8>, own: &OwnServer, net: &Net, look: Look) -> (Finding, bool) {
    let by_server = weigh(&raw, own, Some(&[]));
    if look == Look::AtSender && by_server.mark == Mark::Proven {
        return (Finding { verdict: without_our_own_look(by_server), covers_unsubscribing: None }, true);
    }
    let from = message::parse(raw.get(..raw.len().min(1 << 19)).unwrap_or(&raw)).from;
    let domains: Vec<&str> = from.iter().filter_map(|from| from.address.rsplit_once('@')).map(|(_, at)| at).collect();
    let is_wanted = |name: &String| {
        let signer = name.split_once("._domainkey.").map(|(_, domain)| domain).unwrap_or_default();
        look == Look::AtAll || domains.iter().any(|domain| aligned(signer, domain))
    };
    let names: Vec<String> = authenticity::key_names(&raw).into_iter().filter(is_wanted).collect();
    if !names.is_empty() && !net.is_online() {
        return (Finding { verdict: weigh(&raw, own, None), covers_unsubscribing: None }, false);
    }
    let answers = look_up(net, names).await;
    let whole = !answers.values().any(|answer| *answer == KeyAnswer::NoAnswer);
    let own = own.clone();
    let judged = tokio::task::spawn_blocking(move || {
        let signatures = block_on_check(&raw, &answers);
        let covers = (look == Look::AtAll).then(|| covers_unsubscribing(&signatures));
        Finding { verdict: weigh(&raw, &own, Some(&signatures)), covers_unsubscribing: covers }
    });
    match judged.await {
        Ok(finding) => (finding, whole),
        // The verifier stumbled over the letter: nothing is known of its signatures.
        Err(_) => (Finding { verdict: by_server, covers_unsubscribing: Some(false) }, true),
    }
}

/// What our own check would say of signatures is left out where it did not look.
fn without_our_own_look(mut verdict: Verdict) -> Verdict {
    verdict.reasons.retain(|reason| reason.starts_with("Your server"));
    verdict
}

fn block_on_check(raw: &[u8], answers: &HashMap<String, KeyAnswer>) -> Vec<Signed> {
    // Hashing a large letter takes a while: not on a thread that others wait for.
    tokio::runtime::Handle::current().block_on(authenticity::signatures::check(raw, answers))
}

/// Asks for all keys at once.
async fn look_up(net: &Net, names: Vec<String>) -> HashMap<String, KeyAnswer> {
    let mut lookups = JoinSet::new();
    for name in names {
        let net = net.clone();
        lookups.spawn(async move {
            let answer = match tokio::time::timeout(PATIENCE, net.texts(&name)).await {
                Ok(Ok(records)) => KeyAnswer::Records(records),
                Ok(Err(_)) | Err(_) => KeyAnswer::NoAnswer,
            };
            (name, answer)
        });
    }
    lookups.join_all().await.into_iter().collect()
}
