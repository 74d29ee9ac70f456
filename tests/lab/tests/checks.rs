//! The checks on networks of every kind, before real servers: for each trouble the verdict and the findings, what the
//! composer says of it, and the way that auto takes, beforehand in the composer and then on the wire ([`expected`]).
//!
//! Every case is a house of its own in one town, with a domain, an address in DNS as the case wants it, and a rule of the
//! street's firewall where it needs one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "checks/expected.rs"]
mod expected;
#[path = "checks/lab.rs"]
mod lab;
#[path = "checks/moves.rs"]
mod moves;
#[path = "checks/networks.rs"]
mod networks;
#[path = "checks/senders.rs"]
mod senders;
