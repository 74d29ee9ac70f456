//! Keys to sign with: made here, kept elsewhere as PKCS#8, shown in DNS by their public half.

use base64::{Engine, prelude::BASE64_STANDARD};
use model::DkimAlgorithm as Algorithm;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};

/// RFC 8301 §3.2: 2048 bits should be used; longer ones do not fit into what some DNS servers and verifiers take.
const RSA_BITS: usize = 2048;

/// Why there is no key or no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no random bits, or no prime was found.
    #[error("a key could not be made; try again")]
    NotMade,
    /// What is kept is not a key of this kind.
    #[error("what is kept as the private key is not one; make a new key")]
    NotAKey,
    /// The library refused.
    #[error("the message could not be signed")]
    NotSigned,
}

/// A key that was just made.
pub struct MadeKey {
    /// The private half: PKCS#8 in base64.
    pub private: String,
    /// The public half, as it stands in `p=`.
    pub public: String,
}

/// Makes a key. An RSA key takes long, for a computer: call it where waiting is allowed.
pub fn make(algorithm: Algorithm) -> Result<MadeKey, KeyError> {
    match algorithm {
        Algorithm::RsaSha256 => make_rsa(),
        Algorithm::Ed25519Sha256 => make_ed25519(),
    }
}

/// The `rsa` crate finds the primes, which ring cannot. It signs nothing here, so that the time it takes tells nobody
/// anything of a key.
fn make_rsa() -> Result<MadeKey, KeyError> {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).map_err(|_| KeyError::NotMade)?;
    let private = key.to_pkcs8_der().map_err(|_| KeyError::NotMade)?;
    let public = key.to_public_key().to_public_key_der().map_err(|_| KeyError::NotMade)?;
    Ok(MadeKey {
        private: BASE64_STANDARD.encode(private.as_bytes()),
        public: BASE64_STANDARD.encode(public.as_bytes()),
    })
}

fn make_ed25519() -> Result<MadeKey, KeyError> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::NotMade)?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| KeyError::NotMade)?;
    Ok(MadeKey {
        private: BASE64_STANDARD.encode(document.as_ref()),
        public: BASE64_STANDARD.encode(pair.public_key().as_ref()),
    })
}

/// A key with the domain for which it signs and the selector under which DNS shows it.
pub struct SigningKey {
    domain: String,
    selector: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {}, {})", self.selector, self.domain, self.algorithm().word())
    }
}

impl SigningKey {
    /// Reads a private half as [`make`] gave it.
    pub fn read(domain: &str, selector: &str, algorithm: Algorithm, private: &str) -> Result<Self, KeyError> {
        let pkcs8 = BASE64_STANDARD.decode(private.trim()).map_err(|_| KeyError::NotAKey)?;
        let pair = match algorithm {
            Algorithm::RsaSha256 => RsaKeyPair::from_pkcs8(&pkcs8).map(Pair::Rsa),
            Algorithm::Ed25519Sha256 => Ed25519KeyPair::from_pkcs8(&pkcs8).map(Pair::Ed25519),
        };
        let pair = pair.map_err(|_| KeyError::NotAKey)?;
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), pair })
    }

    /// The domain for which it signs, `d=`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Its selector, `s=`.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// How it signs, `a=`.
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Rsa(_) => Algorithm::RsaSha256,
            Pair::Ed25519(_) => Algorithm::Ed25519Sha256,
        }
    }

    /// The signature over these octets. Ed25519 signs their hash (RFC 8463 §3).
    pub(super) fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.pair {
            Pair::Ed25519(pair) => Ok(pair.sign(digest(&SHA256, octets).as_ref()).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), octets, &mut signature)
                    .map_err(|_| KeyError::NotSigned)?;
                Ok(signature)
            }
        }
    }
}
