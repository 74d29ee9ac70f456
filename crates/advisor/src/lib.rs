//! What can be said about sending before and while it happens: which way a letter should go, and why, and what is known
//! of the providers that people have their mail with.
//!
//! What comes in are facts that others have looked up; what goes out are choices with their reason in a sentence that a
//! person reads; what sources say of where an address has its servers is read and ranked. Nothing here asks the network.
//!
//! - Before an account is there: [`discover`], [`PRESETS`], [`provider_of`].
//! - Which way a delivery goes: [`choose_route`], [`judge`], [`next_smart_host`].
//! - Whether letters will arrive from here, and if not, why and what then: [`checks`] makes findings of what was seen,
//!   [`verdict`] sums them up; [`spf`] and [`dmarc`] say what a domain lets others do, [`spelling`] what it was meant to be.
//! - How far letters get at port 25, by both families: [`reach`].
//! - The warnings that have a name, by finding and by diagnosis, and the page of each: [`warning`].
//! - What is known after some of it was looked at again: [`looked_again`].
//! - What mail servers said since: [`taught`] puts it to what was found. What of both counts for a route: [`FoundHere`].
//! - While a letter is written: the [`mark`] on each recipient, and the [`outlook`] of the letter.

mod again;
pub mod checks;
pub mod discover;
pub mod dmarc;
mod fallback;
mod found;
pub mod mark;
pub mod outlook;
mod presets;
mod providers;
pub mod reach;
mod reverse;
mod route;
pub mod spelling;
pub mod spf;
mod standing;
pub mod taught;
mod texts;
mod tokens;
pub mod verdict;
pub mod warning;

pub use again::looked_again;
pub use fallback::{instead_of, is_unreachable, next_smart_host};
pub use found::{FRESH, FoundHere};
pub use presets::{PRESETS, Preset, UserForm};
pub use providers::{PasswordHelp, Place, Provider, provider_of, provider_of_mx, smart_hosts_for};
pub use reverse::is_generic;
pub use route::{Basis, Choice, RouteFacts, choose_route, hangs_on_standing, is_asked_for};
pub use standing::{Against, BLOCK_LIST, Judgement, Listing, ReverseName, Source, Standing, judge};
pub use tokens::{host_name, token_hosts, token_may_go_to};
