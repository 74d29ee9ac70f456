//! What differs between desktops: notifications, printing, the tray, one program for one home, the start with the
//! session.

pub mod login;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{has_tray, notify, prepare, single_instance, tray_comes, way_back};

#[cfg(target_os = "linux")]
mod print_linux;
#[cfg(target_os = "linux")]
pub use print_linux::print;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub use other::{has_tray, notify, prepare, print, single_instance, tray_comes, way_back};
