//! The checks: from what was seen of this network, an identity, a domain or a recipient to findings that a person reads.
//!
//! What comes in are observations, a type for each check, made by whoever can ask. What goes out is a
//! [`Finding`](finding::Finding): how it stands, what was asked and answered, why it is so, what mends it, what else can be
//! done, and why it matters at all. What is decided is decided in the module of the check; every sentence comes from the
//! catalogue (`texts`). Nothing here asks anybody or knows what time it is.
//!
//! | module | checks |
//! |---|---|
//! | [`network`] | way out, port 25, submission, VPN, clock |
//! | [`address`] | the address that others see |
//! | [`reverse_name`] | the name of the address |
//! | [`lists`] | the address on lists in DNS |
//! | [`resolver`] | whether names are answered truly |
//! | [`identity`] | the domain of a sender, its SPF, DKIM and DMARC |
//! | [`recipient`] | a domain and its mail hosts, stage by stage |
//! | [`sharing`] | findings as others may read them |

pub mod address;
pub mod finding;
pub mod greeting;
pub mod identity;
pub mod lists;
pub mod network;
pub mod recipient;
pub mod resolver;
pub mod reverse_name;
pub mod sharing;

use std::time::Duration;

/// Something that was looked up: what came of it, and how long that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed<T> {
    /// What came of it.
    pub value: T,
    /// How long it took.
    pub took: Duration,
}

impl<T> Timed<T> {
    /// What came of it after so long.
    pub fn new(value: T, took: Duration) -> Self {
        Self { value, took }
    }
}
