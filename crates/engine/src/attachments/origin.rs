//! The mark by which a system knows that a file came from elsewhere, and asks before it lets it do anything.
//!
//! | system | mark |
//! |---|---|
//! | Windows | the stream `Zone.Identifier` beside the file, zone 3 (MS-FSCC §5.6.1) |
//! | macOS | the attribute `com.apple.quarantine` |
//! | others | none: the attribute of freedesktop.org names the place it came from, which is nobody's to read there |
//!
//! Neither names the letter or its sender. Some file systems keep no marks, so a file without one is still a file.

use std::path::Path;

/// Marks a file that came with a letter.
pub(super) fn mark(path: &Path) {
    if let Err(error) = system::mark(path) {
        tracing::debug!(%error, "a saved file bears no mark that it came from elsewhere");
    }
}

#[cfg(windows)]
mod system {
    use std::path::Path;

    pub fn mark(path: &Path) -> std::io::Result<()> {
        let mut stream = path.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        std::fs::write(stream, super::ZONE)
    }
}

#[cfg(target_os = "macos")]
mod system {
    use std::path::Path;
    use std::process::{Command, Stdio};

    pub fn mark(path: &Path) -> std::io::Result<()> {
        let value = super::quarantine(jiff::Timestamp::now());
        let mut command = Command::new("/usr/bin/xattr");
        command.args(["-w", "com.apple.quarantine", &value]).arg(path);
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(std::io::Error::other(status.to_string())) }
    }
}

#[cfg(not(any(windows, target_os = "macos")))]
mod system {
    use std::path::Path;

    pub fn mark(_: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// From the Internet, without saying from where.
#[cfg(any(windows, test))]
const ZONE: &str = "[ZoneTransfer]\r\nZoneId=3\r\n";

/// Flags (downloaded, to be asked about), seconds since 1970 in hexadecimal, the program, and no event.
#[cfg(any(target_os = "macos", test))]
fn quarantine(now: jiff::Timestamp) -> String {
    format!("0083;{:08x};Postrider;", now.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_that_a_file_came_from_elsewhere_and_not_from_where() {
        assert_eq!(ZONE, "[ZoneTransfer]\r\nZoneId=3\r\n");
        let now = jiff::Timestamp::from_second(0x6912_3456).unwrap();
        assert_eq!(quarantine(now), "0083;69123456;Postrider;");
    }

    #[test]
    fn a_marked_file_is_what_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, b"text").unwrap();
        mark(&path);
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
    }
}
