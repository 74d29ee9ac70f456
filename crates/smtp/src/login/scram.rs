//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side: pure. The password does not leave, and the server proves that
//! it knows it too: a login counts only after [`ServerProof::check`].
//!
//! | what is known of the channel | gs2 header |
//! |---|---|
//! | it is bound (SCRAM-SHA-256-PLUS, `tls-exporter`, RFC 9266) | `p=tls-exporter,,` |
//! | it could be bound, and the server does not offer it: who took the offer away is found out | `y,,` |
//! | it cannot be bound | `n,,` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{digest, hmac, pbkdf2};
use std::borrow::Cow;
use std::num::NonZeroU32;

/// More rounds than this are not hard work but an attack: RFC 7677 begins at 4096, today's advice ends at 600,000.
const MOST_ITERATIONS: u32 = 2_000_000;

/// What is known of the channel below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Exporter([u8; 32]),
    NotOffered,
    Impossible,
}

/// What is wrong with what the server said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScramFault {
    #[error("its challenge for the login cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("it asked for {0} rounds of hashing")]
    Iterations(String),
    /// `e=` (RFC 5802 §7): it refuses, in its own words.
    #[error("it refused the login: {0}")]
    Refused(String),
    #[error("it let us in without proof that it knows the password; it may not be the server that it says it is")]
    Unproven,
}

/// An exchange that has begun.
pub(crate) struct Scram {
    gs2: &'static str,
    channel: Vec<u8>,
    first_bare: String,
    nonce: String,
    password: String,
}

/// What the server must say at the end.
#[derive(Debug)]
pub(crate) struct ServerProof {
    key: hmac::Key,
    exchange: String,
}

impl Scram {
    /// `nonce` is printable ASCII without a comma, and new each time.
    pub(crate) fn new(user: &str, password: &str, nonce: String, binding: Binding) -> Self {
        let (gs2, channel): (_, &[u8]) = match &binding {
            Binding::Exporter(channel) => ("p=tls-exporter,,", channel),
            Binding::NotOffered => ("y,,", &[]),
            Binding::Impossible => ("n,,", &[]),
        };
        Self {
            gs2,
            channel: channel.to_vec(),
            first_bare: format!("n={},r={nonce}", sasl_name(&prepared(user))),
            nonce,
            password: prepared(password).into_owned(),
        }
    }

    /// The first message.
    pub(crate) fn first(&self) -> String {
        format!("{}{}", self.gs2, self.first_bare)
    }

    /// The answer to the server's first message, and what its last one must prove. Takes time on purpose.
    pub(crate) fn answer(self, server_first: &str) -> Result<(String, ServerProof), ScramFault> {
        let challenge = Challenge::read(server_first, &self.nonce)?;
        let mut salted = [0; digest::SHA256_OUTPUT_LEN];
        let password = self.password.as_bytes();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, challenge.iterations, &challenge.salt, password, &mut salted);
        let salted = hmac::Key::new(hmac::HMAC_SHA256, &salted);
        let client_key = hmac::sign(&salted, b"Client Key");
        let server_key = hmac::sign(&salted, b"Server Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());

        let channel = BASE64.encode([self.gs2.as_bytes(), &self.channel].concat());
        let without_proof = format!("c={channel},r={}", challenge.nonce);
        let exchange = format!("{},{server_first},{without_proof}", self.first_bare);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, stored_key.as_ref()), exchange.as_bytes());
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, sign)| key ^ sign).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, server_key.as_ref());
        Ok((format!("{without_proof},p={}", BASE64.encode(proof)), ServerProof { key, exchange }))
    }
}

impl ServerProof {
    /// Whether the server's last message shows that it knows the password.
    pub(crate) fn check(&self, server_final: &str) -> Result<(), ScramFault> {
        let message = server_final.split(',').next().unwrap_or_default();
        if let Some(error) = message.strip_prefix("e=") {
            return Err(ScramFault::Refused(error.to_owned()));
        }
        let signature = message.strip_prefix("v=").and_then(|signature| BASE64.decode(signature).ok());
        let signature = signature.ok_or(ScramFault::Unproven)?;
        hmac::verify(&self.key, self.exchange.as_bytes(), &signature).map_err(|_| ScramFault::Unproven)
    }
}

/// The server's first message (RFC 5802 §7).
struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl<'a> Challenge<'a> {
    fn read(message: &'a str, ours: &str) -> Result<Self, ScramFault> {
        if let Some(error) = message.strip_prefix("e=") {
            return Err(ScramFault::Refused(error.to_owned()));
        }
        let mut parts = message.split(',');
        let mut next = |name: &str, missing| {
            parts.next().and_then(|part| part.strip_prefix(name)).ok_or(ScramFault::Unreadable(missing))
        };
        let nonce = next("r=", "there is no nonce")?;
        if !nonce.starts_with(ours) || nonce.len() == ours.len() {
            return Err(ScramFault::Unreadable("its nonce does not go on from ours"));
        }
        let salt = next("s=", "there is no salt")?;
        let salt = BASE64.decode(salt).map_err(|_| ScramFault::Unreadable("its salt is not base64"))?;
        let rounds = next("i=", "there is no count of rounds")?;
        let iterations = rounds.parse::<NonZeroU32>().ok().filter(|count| count.get() <= MOST_ITERATIONS);
        let iterations = iterations.ok_or_else(|| ScramFault::Iterations(rounds.to_owned()))?;
        Ok(Self { nonce, salt, iterations })
    }
}

/// A name or password in the form in which both sides compare it (SASLprep, RFC 4013); what has no such form goes as
/// it is, since servers differ in what they refuse.
fn prepared(text: &str) -> Cow<'_, str> {
    stringprep::saslprep(text).unwrap_or(Cow::Borrowed(text))
}

/// RFC 5802 §5.1.
fn sasl_name(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn scram(binding: Binding) -> Scram {
        Scram::new("user", "pencil", NONCE.to_owned(), binding)
    }

    /// RFC 7677 §3.
    #[test]
    fn the_exchange_of_the_rfc_is_reproduced() {
        let scram = scram(Binding::Impossible);
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let (answer, proof) = scram.answer(SERVER_FIRST).unwrap();
        assert_eq!(
            answer,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(proof.check(SERVER_FINAL), Ok(()));
    }

    #[test]
    fn a_server_that_does_not_prove_that_it_knows_the_password_is_not_believed() {
        let (_, proof) = scram(Binding::Impossible).answer(SERVER_FIRST).unwrap();
        for wrong in ["", "v=", "v=AAAA", "v=!", "ok", "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="] {
            assert_eq!(proof.check(wrong), Err(ScramFault::Unproven), "{wrong}");
        }
        assert_eq!(proof.check("e=invalid-proof"), Err(ScramFault::Refused("invalid-proof".into())));
        assert_eq!(proof.check(&format!("{SERVER_FINAL},x=later")), Ok(()));
    }

    #[test]
    fn a_challenge_that_is_not_one_ends_it() {
        let ours = format!("r={NONCE}");
        let table = [
            (String::new(), "there is no nonce"),
            ("m=must,r=x,s=AAAA,i=4096".to_owned(), "there is no nonce"),
            ("r=other,s=AAAA,i=4096".to_owned(), "its nonce does not go on from ours"),
            (format!("{ours},s=AAAA,i=4096"), "its nonce does not go on from ours"),
            (format!("{ours}x"), "there is no salt"),
            (format!("{ours}x,s=?,i=4096"), "its salt is not base64"),
            (format!("{ours}x,s=AAAA"), "there is no count of rounds"),
        ];
        for (challenge, expected) in table {
            let answer = scram(Binding::Impossible).answer(&challenge).map(|(answer, _)| answer);
            assert_eq!(answer, Err(ScramFault::Unreadable(expected)), "{challenge}");
        }
        for rounds in ["0", "many", "2000001", "99999999999999"] {
            let answer = scram(Binding::Impossible).answer(&format!("{ours}x,s=AAAA,i={rounds}")).map(|_| ());
            assert_eq!(answer, Err(ScramFault::Iterations(rounds.to_owned())));
        }
        let refused = scram(Binding::Impossible).answer("e=unknown-user").map(|_| ());
        assert_eq!(refused, Err(ScramFault::Refused("unknown-user".into())));
    }

    #[test]
    fn the_channel_is_bound_where_it_can_be_and_what_is_known_of_it_is_said() {
        let table = [
            (Binding::Impossible, "n,,", b"n,,".to_vec()),
            (Binding::NotOffered, "y,,", b"y,,".to_vec()),
            (Binding::Exporter([7; 32]), "p=tls-exporter,,", [&b"p=tls-exporter,,"[..], &[7; 32]].concat()),
        ];
        for (binding, gs2, channel) in table {
            assert!(scram(binding).first().starts_with(gs2));
            let (answer, _) = scram(binding).answer(SERVER_FIRST).unwrap();
            assert!(answer.starts_with(&format!("c={},", BASE64.encode(channel))), "{answer}");
        }
    }

    #[test]
    fn names_and_passwords_are_written_so_that_both_sides_mean_the_same() {
        assert_eq!(sasl_name("a=b,c"), "a=3Db=2Cc");
        let table = [("I\u{ad}X", "IX"), ("\u{aa}", "a"), ("\u{2168}", "IX"), ("plain", "plain"), ("\u{7}", "\u{7}")];
        for (text, expected) in table {
            assert_eq!(prepared(text), expected, "{text:?}");
        }
    }
}
