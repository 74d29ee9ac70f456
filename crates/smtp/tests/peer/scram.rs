//! The server's side of SCRAM-SHA-256 (RFC 5802), written anew for the tests: it knows the password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

pub const PASSWORD: &str = "open sesame";
pub const SALT: &[u8] = b"sixteen octets..";
pub const CHANNEL: [u8; 32] = [7; 32];

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&BASE64.decode(text).unwrap()).into_owned()
}

fn client_first(heard: &[String]) -> String {
    let auth = heard.iter().rev().find(|command| command.starts_with("AUTH SCRAM")).unwrap();
    decoded(auth.rsplit(' ').next().unwrap())
}

fn server_first(heard: &[String]) -> String {
    let nonce = client_first(heard).split(",r=").nth(1).unwrap().to_owned();
    format!("r={nonce}server,s={},i=4096", BASE64.encode(SALT))
}

/// The proof of the client and the signature of the server that are right (RFC 5802 §3).
fn right(heard: &[String]) -> (Vec<u8>, Vec<u8>) {
    let mut salted = [0; 32];
    let rounds = NonZeroU32::new(4096).unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, SALT, PASSWORD.as_bytes(), &mut salted);
    let sign = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
    let (client_key, server_key) = (sign(&salted, b"Client Key"), sign(&salted, b"Server Key"));
    let first = client_first(heard);
    let bare = first.splitn(3, ',').nth(2).unwrap();
    let last = decoded(heard.last().unwrap());
    let without_proof = last.split(",p=").next().unwrap();
    let exchange = format!("{bare},{},{without_proof}", server_first(heard));
    let stored = digest::digest(&digest::SHA256, client_key.as_ref());
    let signature = sign(stored.as_ref(), exchange.as_bytes());
    let proof = client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, sign)| key ^ sign).collect();
    (proof, sign(server_key.as_ref(), exchange.as_bytes()).as_ref().to_vec())
}

pub fn challenge(heard: &[String]) -> String {
    format!("334 {}", BASE64.encode(server_first(heard)))
}

pub fn judge(heard: &[String]) -> String {
    let (proof, signature) = right(heard);
    let last = decoded(heard.last().unwrap());
    if last.split(",p=").nth(1) != Some(&BASE64.encode(proof)) {
        return format!("334 {}", BASE64.encode("e=invalid-proof"));
    }
    format!("334 {}", BASE64.encode(format!("v={}", BASE64.encode(signature))))
}

/// A server that learned the salt and not the password.
pub fn pretend(heard: &[String]) -> String {
    let (_, mut signature) = right(heard);
    signature[0] ^= 1;
    format!("334 {}", BASE64.encode(format!("v={}", BASE64.encode(signature))))
}

/// Asks for the binding of the channel and judges only that.
pub fn look_at_binding(heard: &[String]) -> String {
    let last = decoded(heard.last().unwrap());
    let binding = last.split(',').next().unwrap().strip_prefix("c=").unwrap();
    let expected = [b"p=tls-exporter,,".as_slice(), &CHANNEL].concat();
    if BASE64.decode(binding).unwrap() == expected { judge(heard) } else { "535 5.7.8 not bound".to_owned() }
}
