//! Which network this computer is on, recognised by what it sees anyhow: nobody is asked for it, and nobody hears of it.
//!
//! | the way out | recognised by |
//! |---|---|
//! | through a router whose hardware address is known here | that address, and the prefix of the network |
//! | through a router in IPv6 alone | its address on the link, which mostly holds its hardware address |
//! | straight into a line, or a tunnel | the interface |
//! | through another interface than the routes say (a VPN with rules of its own) | that interface |
//!
//! The name of a Wi-Fi is left alone: no system gives it away without asking its user, or another program.
//!
//! What identifies a network identifies whoever goes there, so a [`NetworkMark`] is neither shown nor kept: the store keeps
//! a keyed hash of it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{router, system};

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{router, system};

use model::NetworkKind;
use std::fmt;

/// Where this computer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whereabouts {
    /// On no network.
    Nowhere,
    /// On one, and the system does not say on which, or not yet.
    #[default]
    Unrecognised,
    /// On this one.
    On(SeenNetwork),
}

/// A network as it is seen from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenNetwork {
    /// What tells it from all others.
    pub mark: NetworkMark,
    /// How this computer is on it.
    pub kind: NetworkKind,
}

/// What tells a network from all others. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct NetworkMark(String);

impl NetworkMark {
    /// A mark that says this.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the hash of it.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for NetworkMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkMark(…)")
    }
}

impl SeenNetwork {
    /// A network whose settings say that all of it is on this computer.
    pub(crate) fn here() -> Self {
        Self { mark: NetworkMark::new("here"), kind: NetworkKind::Here }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_does_not_show_itself() {
        let seen = SeenNetwork { mark: NetworkMark::new("gateway 02:fc:00:00:00:05"), kind: NetworkKind::Wired };
        assert!(!format!("{seen:?}").contains("02:fc"), "{seen:?}");
    }
}
