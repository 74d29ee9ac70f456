//! The table of signatures: what known servers write, one row a signature, and where each is documented.
//!
//! ```text
//! provider, codes, enhanced code, [fragments of the text] => class, "a sample", "its source";
//! ```
//! The first row that fits decides, in the order of [`all`]; within a file the narrow rows stand before the wide ones.
//! A fragment that begins with `=` is the whole text (a full stop at its end apart).
//! What follows the class after `+` is where a row differs from it: `for_good` and `for_now` contradict the code,
//! `about_us` says that another sender would be treated better, `minutes(N)` is a floor for the next try, and a
//! `shade(…)` chooses the words.

macro_rules! signatures {
    ($($provider:literal, $codes:literal, $enhanced:literal, [$($text:literal),*]
       => $class:ident $(+ $extra:ident $(($value:expr))?)*, $sample:literal, $source:expr;)*) => {
        &[$(
            Signature::new(
                $provider, $codes, $enhanced, &[$($text),*], Class::$class, $sample, $source,
            )$(.$extra($($value)?))*,
        )*]
    };
}

mod addresses;
mod authentication;
mod content;
mod greylisting;
mod names;
mod recipients;
mod servers;
mod submission;
mod throttling;

use super::signature::Signature;

/// Every row, in the order in which they are compared: what known servers write first, then the wordings that many
/// share. Within each, what is ours comes before what is the recipient's, so that a refusal of our address is never
/// taken for a wrong recipient.
pub(super) fn all() -> impl Iterator<Item = &'static Signature> {
    [
        submission::KNOWN,
        greylisting::KNOWN,
        servers::KNOWN,
        names::KNOWN,
        authentication::KNOWN,
        addresses::KNOWN,
        throttling::KNOWN,
        recipients::KNOWN,
        content::KNOWN,
        submission::COMMON,
        greylisting::COMMON,
        servers::COMMON,
        names::COMMON,
        authentication::COMMON,
        addresses::COMMON,
        throttling::COMMON,
        recipients::COMMON,
        content::COMMON,
    ]
    .into_iter()
    .flatten()
}
