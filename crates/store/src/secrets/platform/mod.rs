//! The keyring of each system: one function, a file per platform.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod other;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(super) use linux::connect;
#[cfg(target_os = "macos")]
pub(super) use macos::connect;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) use other::connect;
#[cfg(windows)]
pub(super) use windows::connect;
