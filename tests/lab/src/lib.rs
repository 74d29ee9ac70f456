//! The lab: real servers from Debian's packages, in network namespaces of their own, with addresses that are meant for
//! documentation (RFC 5737), and the real `postrider` command among them.
//!
//! | file | what it is about |
//! |---|---|
//! | [`town`] | the namespaces: hosts on a bridge, gone with the process that opened them |
//! | [`program`] | programs in the town: run to their end, or kept running until they are let go |
//! | [`zone`] | NSD with every name of the town, forward and reverse |
//! | [`certificates`] | an authority, and certificates of it and of strangers |
//! | [`postfix`], [`exim`], [`opensmtpd`] | the servers that take mail |
//! | [`unpacked`] | servers whose packages cannot be installed beside the others |
//! | [`postgrey`], [`rspamd`], [`opendkim`], [`dovecot`], [`web`] | what stands behind them |
//! | [`cyrus`] | an IMAP server of another make |
//! | [`authorization`] | a server that gives tokens to log in with, and a browser |
//! | [`rider`] | the `postrider` command with a home of its own |
//! | [`letterbox`] | an IMAP account with letters, and what both sides say is in it |
//! | [`router`] | homes behind routers that tell their address, and a server that sees it |
//! | [`middlebox`] | what answers in the place of mail hosts, and hosts that say what time it is |
//! | [`neighbour`] | another program at the same account |
//! | [`letters`] | letters that tempt a mail system to change them |
//! | [`maildir`] | what arrived, and whether it is what was queued |
//! | [`wait`] | conditions with a deadline |
//!
//! It is a harness: what it cannot do ends the test with a panic that says why.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

pub mod authorization;
pub mod certificates;
pub mod cyrus;
pub mod dovecot;
pub mod exim;
pub mod letterbox;
pub mod letters;
pub mod maildir;
pub mod middlebox;
pub mod neighbour;
pub mod opendkim;
pub mod opensmtpd;
pub mod postfix;
pub mod postgrey;
pub mod program;
pub mod rider;
pub mod router;
pub mod rspamd;
pub mod town;
pub mod unpacked;
pub mod wait;
pub mod web;
pub mod zone;
