//! Unix: directories 0700, files 0600. SQLite gives its side files the mode of the database.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::Result;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes a directory, or takes one that is there and empty, so that the owner alone can enter it. One that holds
/// anything stays as it is: who may enter it was somebody's decision, and the files are private by themselves.
pub(crate) fn private_directory(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if std::fs::read_dir(path)?.next().is_none() { narrow(path, 0o700) } else { Ok(()) }
}

/// Opens a file for writing, making it if need be, so that the owner alone can read it.
pub(crate) fn private_file(path: &Path) -> Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    narrow(path, 0o600)?;
    Ok(file)
}

fn narrow(path: &Path, mode: u32) -> Result<()> {
    let now = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if now & !mode == 0 { Ok(()) } else { std::fs::set_permissions(path, Permissions::from_mode(mode)) }
}
