//! DKIM signatures (RFC 6376, Ed25519 by RFC 8463) on messages that go out.
//!
//! What comes in is a finished message, the keys of its author's domain and the time; what goes out are the fields to be
//! put in front of it, one a key. The message itself is not touched, and must not be from then on: its line ends are
//! normal and it is [`to_seven_bit`](crate::to_seven_bit) (§5.3), so that no server on the way has cause to recode it.
//!
//! | what | how |
//! |---|---|
//! | canonicalization | relaxed for header and body (§3.4.2, §3.4.4) |
//! | fields signed | those of §5.4.1 that are there, each as often as it is there |
//! | fields signed once more than they are there | From, To, Subject, Date; of the others, what a reader goes by, where it is there: nobody can add a second one |
//! | length of the body (`l=`) | never given: what is appended breaks the signature |
//! | expiry (`x=`) | never given: a queue may hold a letter for days |
//!
//! The canonical forms are made here, not by a library: those at hand differ from the RFC where the last lines of a body
//! hold nothing but white space. Keys are made by [`make`], shown to the world by [`record_value`], and looked for there by
//! [`shown`].

mod canonical;
mod key;
mod record;
#[cfg(test)]
mod tests;

pub use key::{KeyError, MadeKey, SigningKey, make};
pub use record::{DnsKey, record_name, record_value, shown, zone_line};

use crate::mime::{RawField, raw_fields};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

/// Signed, and once more than they are there, even where they are not: who wrote to whom, about what, when.
const ALWAYS: [&str; 4] = ["From", "To", "Subject", "Date"];

/// Signed where they are there, and then once more: what a reader and a program go by. A mailing list may add what is
/// not there.
const OVERSIGNED: [&str; 8] = [
    "Cc",
    "Reply-To",
    "In-Reply-To",
    "References",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Signed where they are there (§5.4.1): forwarding and mailing lists add their own.
const SIGNED: [&str; 18] = [
    "Sender",
    "Content-ID",
    "Content-Description",
    "Resent-Date",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Message-ID",
    "List-ID",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "Auto-Submitted",
];

/// Characters of a line of the field that is written, where it can be broken.
const LINE: usize = 72;

/// The `DKIM-Signature` fields for a message, one a key, each with its CRLF: put them in front of it.
pub fn sign(message: &[u8], keys: &[&SigningKey], at: Timestamp) -> Result<Vec<u8>, KeyError> {
    let (fields, body) = raw_fields(message);
    let body_hash = BASE64_STANDARD.encode(canonical::body_hash(body));
    let names = signed_names(&fields);
    let mut signatures = Vec::new();
    for key in keys {
        let unsigned = template(key, &names, &body_hash, at);
        let signature = key.sign(&signed_octets(&fields, &names, &unsigned))?;
        signatures.extend_from_slice(unsigned.as_bytes());
        write_folded(&BASE64_STANDARD.encode(signature), &mut signatures);
        signatures.extend_from_slice(b"\r\n");
    }
    Ok(signatures)
}

/// Whether the message carries a signature of this domain already.
pub fn is_signed_for(message: &[u8], domain: &str) -> bool {
    raw_fields(message).0.iter().filter(|field| field.is("DKIM-Signature")).any(|field| {
        let value = field.value();
        record::tags(&value).any(|(tag, value)| tag == "d" && value.eq_ignore_ascii_case(domain))
    })
}

/// Selector and domain of each signature that the message carries, in order.
pub fn signatures(message: &[u8]) -> Vec<(String, String)> {
    let (fields, _) = raw_fields(message);
    let of = |field: &RawField<'_>| {
        let value = field.value();
        let tag = |name| record::tags(&value).find(|(tag, _)| *tag == name).map(|(_, value)| value.to_owned());
        Some((tag("s")?, tag("d")?))
    };
    fields.iter().filter(|field| field.is("DKIM-Signature")).filter_map(of).collect()
}

/// The names for `h=`: a name stands there once for each field of it that is signed, and once more to keep others out.
fn signed_names(fields: &[RawField<'_>]) -> Vec<&'static str> {
    let count = |name: &str| fields.iter().filter(|field| field.is(name)).count();
    let always = ALWAYS.into_iter().map(|name| (name, count(name) + 1));
    let oversigned = OVERSIGNED.into_iter().map(|name| (name, count(name))).filter(|(_, count)| *count > 0);
    let signed = SIGNED.into_iter().map(|name| (name, count(name)));
    let all = always.chain(oversigned.map(|(name, count)| (name, count + 1))).chain(signed);
    all.flat_map(|(name, count)| std::iter::repeat_n(name, count)).collect()
}

/// The field up to and with `b=`, folded.
fn template(key: &SigningKey, names: &[&str], body_hash: &str, at: Timestamp) -> String {
    let mut field = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n\td={}; s={}; t={};\r\n\th=",
        key.algorithm().word(),
        key.domain(),
        key.selector(),
        at.as_second(),
    );
    let mut column = "\th=".len();
    for (at, name) in names.iter().enumerate() {
        let separator = if at == 0 { "" } else { ":" };
        if column + name.len() + 1 > LINE {
            field.push_str(separator);
            field.push_str("\r\n\t ");
            field.push_str(name);
            column = 2 + name.len();
        } else {
            field.push_str(separator);
            field.push_str(name);
            column += separator.len() + name.len();
        }
    }
    field.push_str(&format!(";\r\n\tbh={body_hash};\r\n\tb="));
    field
}

/// What is signed (§3.7): the fields in the order of `h=`, of several with one name the last first, then the signature
/// field itself with an empty `b=` and without its CRLF.
fn signed_octets(fields: &[RawField<'_>], names: &[&str], unsigned: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut left: Vec<&RawField<'_>> = fields.iter().collect();
    for name in names {
        if let Some(at) = left.iter().rposition(|field| field.is(name)) {
            octets.extend_from_slice(&canonical::field(left.remove(at).bytes));
            octets.extend_from_slice(b"\r\n");
        }
    }
    octets.extend_from_slice(&canonical::field(unsigned.as_bytes()));
    octets
}

fn write_folded(text: &str, out: &mut Vec<u8>) {
    for (at, piece) in text.as_bytes().chunks(LINE).enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\r\n\t ");
        }
        out.extend_from_slice(piece);
    }
}
