//! macOS shows login pages in a window of its own; no call is known by which it tells other programs of one. So nothing
//! is said here, and every network is tried.

use super::{UnknownWayOut, WayOut};

/// The way out as this system tells of it: not at all.
pub(crate) fn system() -> impl WayOut {
    UnknownWayOut
}
