//! Elsewhere: the user's own data directory is private by the rights that it inherits.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::path::Path;

/// Makes a directory.
pub(crate) fn private_directory(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)
}

/// Opens a file for writing, making it if need be.
pub(crate) fn private_file(path: &Path) -> Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
