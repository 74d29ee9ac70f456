//! A D-Bus of our own, and the services of a Linux system on it that say what a test tells them to.
//!
//! | file | what it plays |
//! |---|---|
//! | [`Bus`] | the bus: a `dbus-daemon` on which everybody may do everything, gone with the test |
//! | [`Logind`] | what gives locks, and tells of sleep and shutdown |
//! | [`network_manager`] | what knows whether the network ends at a login page |
//!
//! A whole program takes such a bus for the system's by `DBUS_SYSTEM_BUS_ADDRESS`; for tests that start one, `postrider-bus`
//! keeps a bus and does what it reads on its standard input.
//!
//! It is a harness: what it cannot do ends the test with a panic that says why. Only Linux has these services; elsewhere
//! there is nothing in it.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod daemon;
mod logind;
pub mod network_manager;

pub use daemon::{Bus, PATIENCE};
pub use logind::{Lock, Logind};
