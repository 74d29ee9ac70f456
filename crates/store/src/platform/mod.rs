//! What differs from system to system on disk: who may read what is written. One interface, a file per platform.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::{private_directory, private_file};
#[cfg(unix)]
pub(crate) use unix::{private_directory, private_file};
