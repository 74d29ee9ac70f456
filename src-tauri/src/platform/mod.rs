//! What differs between desktops: notifications, the tray, one program for one home.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{has_tray, notify, prepare, single_instance};

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub use other::{has_tray, notify, prepare, single_instance};
