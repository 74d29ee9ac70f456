//! Whether the way out is closed by a login page (a captive portal), as the operating system knows it.
//!
//! Nobody outside is asked by Postrider for this. The systems that know have asked a web server of their own; where
//! one does not say, everything is tried, as on any network.
//!
//! | the system says | believed | because |
//! |---|---|---|
//! | a login page | yes | somebody else answered in the name of that web server |
//! | no way out, or a limited one | no | that one web server may be blocked where mail goes through |
//! | a full one, or nothing | – | only an attempt shows what is open |

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::NetworkManager;
#[cfg(target_os = "linux")]
pub(crate) use linux::system;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub(crate) use macos::system;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::system;

use crate::Watch;

/// How far this network leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connectivity {
    /// Nobody says.
    #[default]
    Unknown,
    /// Nowhere.
    None,
    /// To a login page.
    Portal,
    /// Not, or not surely, to the Internet.
    Limited,
    /// To the Internet.
    Full,
}

/// Takes what is told of the way out.
pub type Told = Box<dyn FnMut(Connectivity) + Send>;

/// What is told of the way out. Behind a trait, so that a test can check in at a hotel.
pub trait WayOut: std::fmt::Debug + Send + Sync {
    /// Calls `told` with what is so now, and after every change, for as long as the watch is kept. Returns at once: even
    /// the first word comes later. `None` where the system does not say.
    fn watch(&self, told: Told) -> Option<Watch>;
}

/// A way out of which nothing is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownWayOut;

impl WayOut for UnknownWayOut {
    fn watch(&self, _: Told) -> Option<Watch> {
        None
    }
}

/// No other system is known to say.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(crate) fn system() -> impl WayOut {
    UnknownWayOut
}

/// Whether what is told is worth another try of what waits. The first word is none: nothing has been tried before it.
pub(crate) fn is_news(before: Option<Connectivity>, now: Connectivity) -> bool {
    before.is_some_and(|before| before != now)
}

#[cfg(test)]
mod tests {
    use super::Connectivity::*;
    use super::*;

    #[test]
    fn a_change_is_news_and_the_first_word_is_not() {
        let table = [
            (Option::None, Unknown, false),
            (Option::None, Full, false),
            (Option::None, Portal, false),
            (Some(Unknown), Full, true),
            (Some(Full), Full, false),
            (Some(Full), Portal, true),
            (Some(Portal), Full, true),
            (Some(Portal), Unknown, true),
        ];
        for (before, now, expected) in table {
            assert_eq!(is_news(before, now), expected, "{before:?} {now:?}");
        }
    }
}
