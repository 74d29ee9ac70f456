//! The signatures of a letter that is about to be queued: afterwards its bytes never change again.
//!
//! It is signed with every key of its From domain that DNS shows, of each kind one. Where DNS has not been asked for a
//! while it is asked first, for [`PATIENCE`] at most: sending works without a network, with what was known last. What
//! carries a signature of the domain already, made by whoever handed it in, is left alone.
//!
//! A key that DNS shows but whose private half cannot be read (a locked keyring) makes the letter go nowhere unseen: who
//! writes in the window or sends by `postrider send` is told, and keeps the draft; what a program hands in through the
//! `sendmail` interface, which nobody may be there to repeat, is queued without a signature, and its timeline says why. It
//! says so too of what would have been signed if the domain's keys were still in DNS.

use super::{lock, standing};
use crate::Engine;
use crate::error::Error;
use crate::view::DkimState;
use jiff::{SignedDuration, Timestamp};
use message::dkim::{self, SigningKey};
use model::{CallError, EmailAddress, OutgoingId};
use std::sync::Arc;
use std::time::Duration;
use store::{DkimKey, StoreError, dkim_key};

/// How long a letter waits for DNS before it is signed with what was known last.
const PATIENCE: Duration = Duration::from_secs(3);
/// Octets of a message that are looked into for its signatures, which stand at its beginning.
const HEADER: u32 = 16 << 10;
/// Letters that follow one another do not each ask a DNS that does not answer.
const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// What signs a message.
#[derive(Default)]
struct Signatures {
    /// The header fields; empty where it is not signed.
    fields: Vec<u8>,
    /// Why it is not signed, where it would have been.
    unsigned: Option<String>,
}

impl Engine {
    /// The message as it is to be queued, with its signatures; or unchanged, and why where it would have been signed but
    /// for DNS. An error where it is to be signed and cannot be.
    pub(crate) async fn signed(&self, from: &str, message: Vec<u8>) -> Result<(Vec<u8>, Option<String>), Error> {
        let signatures = self.signatures(from, &message).await?;
        Ok((with(signatures.fields, message), signatures.unsigned))
    }

    /// As [`Engine::signed`], for what nobody may be there to hand in again: never an error.
    pub(crate) async fn signed_if_possible(&self, from: &str, message: Vec<u8>) -> (Vec<u8>, Option<String>) {
        match self.signatures(from, &message).await {
            Ok(signatures) => (with(signatures.fields, message), signatures.unsigned),
            Err(error) => {
                tracing::warn!(%error, "a message goes without a signature");
                (message, Some(CallError::from(error).message))
            }
        }
    }

    /// Notes why an outgoing was not signed. It is queued already: that the note fails is no reason to send it again.
    pub(crate) async fn note_unsigned(&self, outgoing: OutgoingId, why: Option<String>) {
        let Some(why) = why else { return };
        if let Err(error) = self.store().note_unsigned(outgoing, &why).await {
            tracing::warn!(%outgoing, %error, why, "why it was not signed could not be noted");
        }
    }

    async fn signatures(&self, from: &str, message: &[u8]) -> Result<Signatures, Error> {
        let Ok(from) = EmailAddress::parse(from) else { return Ok(Signatures::default()) };
        let domain = from.domain();
        let keys = self.known_keys(domain).await?;
        if keys.is_empty() || dkim::is_signed_for(message, domain) {
            return Ok(Signatures::default());
        }
        let mut signing = Vec::new();
        for key in in_state(&keys, DkimState::Signing) {
            signing.push(self.private_half(key).await?);
        }
        if signing.is_empty() {
            let is_missing = in_state(&keys, DkimState::Missing).next().is_some();
            let unsigned = is_missing.then(|| format!("DNS no longer shows the keys of {domain}"));
            return Ok(Signatures { unsigned, ..Signatures::default() });
        }
        let signing: Vec<&SigningKey> = signing.iter().map(Arc::as_ref).collect();
        let fields = dkim::sign(message, &signing, Timestamp::now());
        let fields = fields.map_err(|error| unsigned(domain, "internal", &error, "Try again."))?;
        Ok(Signatures { fields, unsigned: None })
    }

    /// The keys that signed an outgoing, by the names under which DNS shows them.
    pub(crate) async fn signed_by(&self, outgoing: OutgoingId) -> Result<Vec<String>, Error> {
        match self.store().outgoing_block(outgoing, 0, HEADER).await {
            Ok(beginning) => {
                let signatures = dkim::signatures(&beginning);
                Ok(signatures.iter().map(|(selector, domain)| dkim::record_name(selector, domain)).collect())
            }
            // Its message is kept no longer.
            Err(StoreError::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// The keys of a domain, after a look in DNS where the last one was long ago.
    async fn known_keys(&self, domain: &str) -> Result<Vec<DkimKey>, Error> {
        let keys = self.store().dkim_keys_of(domain).await?;
        if !self.is_to_be_asked(domain, &keys) {
            return Ok(keys);
        }
        // Whatever comes of it, the letter goes on.
        let _ = tokio::time::timeout(PATIENCE, self.look(domain)).await;
        Ok(self.store().dkim_keys_of(domain).await?)
    }

    fn is_to_be_asked(&self, domain: &str, keys: &[DkimKey]) -> bool {
        let now = Timestamp::now();
        if !keys.iter().any(|key| standing::is_stale(key, now)) || !self.inner.worlds.net(None).is_online() {
            return false;
        }
        let mut asked = lock(&self.inner.dkim.asked);
        let lately = asked.get(domain).is_some_and(|asked| now.duration_since(*asked).abs() < ASK_AGAIN);
        if !lately {
            asked.insert(domain.to_owned(), now);
        }
        !lately
    }

    async fn private_half(&self, key: &DkimKey) -> Result<Arc<SigningKey>, Error> {
        if let Some(read) = lock(&self.inner.dkim.read).get(&key.id) {
            return Ok(Arc::clone(read));
        }
        let kept = self.inner.worlds.secrets(None).get(&dkim_key(&key.selector, &key.domain)).await;
        let kept = kept.map_err(|error| unsigned(&key.domain, error.code(), &error, error.hint()))?;
        let lost = "Make new keys for the domain (postrider dkim make), or remove this one.";
        let Some(kept) = kept else {
            let why = format!("the private half of {} is no longer with the secrets", key.selector);
            return Err(unsigned(&key.domain, "secrets", &why, lost));
        };
        let read = SigningKey::read(&key.domain, &key.selector, key.algorithm, kept.expose());
        let read = Arc::new(read.map_err(|error| unsigned(&key.domain, "secrets", &error, lost))?);
        lock(&self.inner.dkim.read).insert(key.id, Arc::clone(&read));
        Ok(read)
    }
}

fn in_state(keys: &[DkimKey], state: DkimState) -> impl Iterator<Item = &DkimKey> {
    keys.iter().filter(move |key| standing::state(&key.standing) == state)
}

/// The message with fields before its first.
fn with(mut fields: Vec<u8>, message: Vec<u8>) -> Vec<u8> {
    if fields.is_empty() {
        return message;
    }
    fields.extend_from_slice(&message);
    fields
}

fn unsigned(domain: &str, code: &str, why: &dyn std::fmt::Display, hint: &str) -> Error {
    CallError::new(code, format!("the letter could not be signed for {domain}: {why}"), hint).into()
}
