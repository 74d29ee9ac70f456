//! Whether a letter comes from whom it says: the mark beside its sender.
//!
//! - The decision is [`message::authenticity`]'s. Here the letter, the account's own server and the keys in DNS are
//!   brought together, and what was found is kept, so that it costs nothing again.
//! - What the account's own server found when the letter came in is heard first. Where that is no proof, nobody is asked
//!   because a letter is opened: looking up the key of a signature tells whoever keeps its DNS that somebody looks at the
//!   letter, and a key may have a name of its own for every letter. The signature waits for the user to have it checked,
//!   or for a reader whose remote images are allowed to the sender, who learns nothing more by it. Only keys of the
//!   sender's own domain are asked for; others could prove nothing of the sender.
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
use ts_rs::TS;

/// How long the key of a signature may be looked for.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a letter that is opened may wait for it.
const MOMENT: Duration = Duration::from_secs(3);
/// Counted up when the same letter would be judged in another way.
const EDITION: u8 = 2;

/// What is kept of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub verdict: Verdict,
    /// Whether a signature that is right covers the fields by which its list is left; `None`: nobody looked.
    pub covers_unsubscribing: Option<bool>,
    /// Whether a signature waits to be checked, which may say more.
    #[serde(default)]
    pub unchecked: bool,
}

/// The mark beside the sender of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SenderView {
    /// The mark.
    pub mark: Mark,
    /// Each a sentence, the weightiest first.
    pub reasons: Vec<String>,
    /// Whether a signature waits to be checked, which may say more: its key is looked up when the user says so.
    pub unchecked: bool,
}

impl From<Finding> for SenderView {
    fn from(finding: Finding) -> Self {
        let Verdict { mark, reasons } = finding.verdict;
        Self { mark, reasons, unchecked: finding.unchecked }
    }
}

/// Which keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// None: the letter is only opened.
    Nowhere,
    /// Those that can prove the sender, where the own server has not done so.
    Sender,
    /// All: the list is about to be left.
    All,
}

impl Engine {
    /// The mark of a letter; `None` for one that has none, or whose body is not here yet.
    pub(crate) async fn letter_authenticity(&self, args: LetterArgs) -> Result<Option<SenderView>, Error> {
        Ok(self.authenticity(args.letter, Look::Nowhere).await?.map(SenderView::from))
    }

    /// The same after its signature was checked.
    pub(crate) async fn letter_check(&self, args: LetterArgs) -> Result<Option<SenderView>, Error> {
        Ok(self.authenticity(args.letter, Look::Sender).await?.map(SenderView::from))
    }

    /// Whether much speaks for it that a letter is from the sender that it names. It may take a moment, and no longer.
    pub(crate) async fn seems_from_its_sender(&self, id: LetterId) -> Result<bool, Error> {
        let account = self.require_letter(id).await?.account;
        // Nobody forges letters in the practice world, and nobody signs them.
        if self.require_account(account).await?.practice {
            return Ok(true);
        }
        let Ok(finding) = tokio::time::timeout(MOMENT, self.authenticity(id, Look::Sender)).await else {
            return Ok(false);
        };
        Ok(finding?.is_some_and(|finding| matches!(finding.verdict.mark, Mark::Proven | Mark::Plausible)))
    }

    pub(crate) async fn authenticity(&self, id: LetterId, look: Look) -> Result<Option<Finding>, Error> {
        let letter = self.require_letter(id).await?;
        let role = self.store().mailbox(letter.row.mailbox).await?.and_then(|mailbox| mailbox.role);
        if matches!(role, Some(Role::Sent | Role::Drafts)) {
            return Ok(None);
        }
        let Some(raw) = self.store().raw(id).await? else { return Ok(None) };
        let account = self.require_account(letter.account).await?;
        let name = name_of(account.id, &raw);
        if let Some(known) = self.known_finding(&name).await?
            && (look != Look::All || known.covers_unsubscribing.is_some())
        {
            return Ok(Some(known));
        }
        // The practice world is asked without anybody outside it hearing of that.
        let look = if account.practice && look == Look::Nowhere { Look::Sender } else { look };
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
    let host = account.imap.as_ref().map(|server| server.host.clone());
    OwnServer { host, names: hosts.chain(domains).collect() }
}

/// Looks at a letter. Whether everything could be asked comes with it: only then is it worth to be kept.
async fn find(raw: Vec<u8>, own: &OwnServer, net: &Net, look: Look) -> (Finding, bool) {
    let by_server = weigh(&raw, own, Some(&[]));
    if look != Look::All && by_server.mark == Mark::Proven {
        return (Finding::of(without_our_own_look(by_server)), true);
    }
    let from = message::parse(raw.get(..raw.len().min(1 << 19)).unwrap_or(&raw)).from;
    let domains: Vec<&str> = from.iter().filter_map(|from| from.address.rsplit_once('@')).map(|(_, at)| at).collect();
    let is_wanted =
        |name: &String| look == Look::All || domains.iter().any(|domain| aligned(signer_of(name), domain));
    let names: Vec<String> = authenticity::key_names(&raw).into_iter().filter(is_wanted).collect();
    if look == Look::Nowhere && !names.is_empty() {
        return (Finding { unchecked: true, ..Finding::of(with_unchecked(by_server, &names)) }, false);
    }
    if !names.is_empty() && !net.is_online() {
        return (Finding { unchecked: true, ..Finding::of(weigh(&raw, own, None)) }, false);
    }
    let answers = look_up(net, names).await;
    let whole = !answers.values().any(|answer| *answer == KeyAnswer::NoAnswer);
    let own = own.clone();
    let judged = tokio::task::spawn_blocking(move || {
        let signatures = block_on_check(&raw, &answers);
        let covers = (look == Look::All).then(|| covers_unsubscribing(&signatures));
        Finding { covers_unsubscribing: covers, ..Finding::of(weigh(&raw, &own, Some(&signatures))) }
    });
    match judged.await {
        Ok(finding) => (Finding { unchecked: !whole, ..finding }, whole),
        // The verifier stumbled over the letter: nothing is known of its signatures.
        Err(_) => (Finding { covers_unsubscribing: Some(false), ..Finding::of(by_server) }, true),
    }
}

impl Finding {
    fn of(verdict: Verdict) -> Self {
        Self { verdict, covers_unsubscribing: None, unchecked: false }
    }
}

/// Who signs with the key of this name.
fn signer_of(key: &str) -> &str {
    key.split_once("._domainkey.").map(|(_, domain)| domain).unwrap_or_default()
}

/// What the own server says, and that there are signatures by these keys which nobody looked at.
fn with_unchecked(by_server: Verdict, keys: &[String]) -> Verdict {
    let mut signers: Vec<&str> = keys.iter().map(|key| signer_of(key)).collect();
    signers.sort_unstable();
    signers.dedup();
    let signers = signers.join(", ");
    let mut verdict = without_our_own_look(by_server);
    verdict.reasons.push(format!(
        "It carries a signature of {signers} that was not checked: to look its key up tells {signers} that somebody looks at \
         this letter."
    ));
    verdict
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

#[cfg(test)]
mod tests {
    use super::*;
    use net::NetConfig;

    const SIGNED: &str = "From: anna@b.test\r\nSubject: x\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; \
        d=b.test; s=one-for-this-letter; h=from:subject; bh=AAAA; b=AAAA\r\n\r\ntext\r\n";

    /// A network whose name server counts its questions and answers none.
    async fn net() -> (Net, tokio::net::UdpSocket) {
        net::install_crypto();
        let server = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = vec![server.local_addr().unwrap()];
        (Net::new(NetConfig { dns, smtp_port: 2525, ..NetConfig::default() }).unwrap(), server)
    }

    #[tokio::test]
    async fn a_letter_that_is_only_opened_has_no_key_looked_up() {
        let (net, server) = net().await;
        let own = OwnServer { host: None, names: vec!["a.test".to_owned()] };
        let (finding, whole) = find(SIGNED.as_bytes().to_vec(), &own, &net, Look::Nowhere).await;
        assert!(finding.unchecked && !whole, "it may be looked at later");
        assert_eq!(finding.verdict.mark, Mark::Unproven);
        let [reason] = finding.verdict.reasons.as_slice() else { panic!("{:?}", finding.verdict.reasons) };
        assert!(reason.starts_with("It carries a signature of b.test that was not checked"), "{reason}");
        assert!(server.try_recv(&mut [0; 512]).is_err(), "nobody was asked");
    }

    #[tokio::test]
    async fn what_the_own_server_proved_and_what_is_not_signed_has_nothing_to_be_checked() {
        let (net, server) = net().await;
        let own = OwnServer { host: None, names: vec!["a.test".to_owned()] };
        let by_server = format!(
            "Authentication-Results: mx.a.test; dmarc=pass header.from=b.test\r\nReceived: from out.b.test \
             (out.b.test [198.51.100.7]) by mx.a.test; Mon, 2 Nov 2026 10:00:00 +0000\r\n{SIGNED}"
        );
        for (raw, mark) in
            [(by_server.as_str(), Mark::Proven), ("From: anna@b.test\r\nSubject: x\r\n\r\ntext\r\n", Mark::Unproven)]
        {
            let (finding, whole) = find(raw.as_bytes().to_vec(), &own, &net, Look::Nowhere).await;
            assert_eq!((finding.verdict.mark, finding.unchecked, whole), (mark, false, true), "{finding:?}");
        }
        assert!(server.try_recv(&mut [0; 512]).is_err(), "nobody was asked");
    }
}
