//! What kinds of networks there are, as far as a person tells them apart.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A kind of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkKind {
    /// By a cable.
    Wired,
    /// By radio, in a house or a café.
    WiFi,
    /// By the telephone network.
    Mobile,
    /// Through another network, to whoever runs the other end (a VPN).
    Tunnel,
    /// On this computer itself: the practice post office, or a lab.
    Here,
}

impl NetworkKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Wired, Self::WiFi, Self::Mobile, Self::Tunnel, Self::Here];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wired => "wired",
            Self::WiFi => "wi-fi",
            Self::Mobile => "mobile",
            Self::Tunnel => "tunnel",
            Self::Here => "here",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_on_disk_is_the_word_in_json() {
        for kind in NetworkKind::ALL {
            assert_eq!(NetworkKind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
