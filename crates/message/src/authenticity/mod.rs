//! Whether a letter comes from the domain that it says it comes from: one mark, and the reasons for it.
//!
//! What comes in: the letter, the results that the user's own server wrote into it (Authentication-Results, RFC 8601),
//! and the outcome of each DKIM signature (RFC 6376) with the keys of DNS handed in. What goes out is a [`Verdict`].
//!
//! - [`results`]: the fields of the user's own server, and none that the sender could have written.
//! - `providers`: those of Microsoft and iCloud, which are known by where they stand.
//! - [`signatures`]: the signatures of a letter, checked.
//! - [`verdict`]: from these to the mark. The table is there.
//! - [`domains`]: whether two names belong to one owner.

pub mod domains;
mod providers;
pub mod results;
pub mod signatures;
pub mod verdict;

pub use results::{Method, OwnServer, ServerWord};
pub use signatures::{KeyAnswer, Outcome, Signed, key_names};
pub use verdict::{Evidence, Mark, Verdict, judge};

use crate::mime;

#[cfg(test)]
mod tests;

/// The mark of a letter. `signatures` are `None` where the keys could not be looked up.
pub fn weigh(raw: &[u8], own: &OwnServer, signatures: Option<&[Signed]>) -> Verdict {
    let (header, _) = mime::split_header(raw);
    let fields = mime::fields_in(header.get(..mime::MAX_HEADER).unwrap_or(header));
    let parsed = crate::parse(header);
    judge(&Evidence {
        from: &parsed.from,
        from_repeated: fields.iter().filter(|field| field.is("From")).count() > 1,
        server: results::of_own_server(raw, own).as_ref(),
        signatures,
        list: parsed.list_id.as_deref(),
    })
}

/// Whether the address for leaving a list may be asked at one click: a signature that is right has to cover both fields,
/// or anybody on the way could have the reader ask anything of anybody (RFC 8058 §4).
pub fn covers_unsubscribing(signatures: &[Signed]) -> bool {
    let covers = |one: &Signed| one.covers("list-unsubscribe") && one.covers("list-unsubscribe-post");
    signatures.iter().any(|one| one.outcome == Outcome::Pass && covers(one))
}
