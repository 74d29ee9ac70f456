//! Servers whose packages cannot be installed beside Postfix and Dovecot: Debian has one mail server at a time, and one
//! for IMAP. Theirs are unpacked below `target/packages` (by `scripts/system-packages`), and laid over the system's files
//! for the one host that runs them: an overlay with its changes in the host's directory, which nobody else sees and which
//! goes with the town.

use crate::program::Running;
use crate::town::Host;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lays the packages `$1` over the system with what changes in `$2`, names the users of their server, and becomes it.
/// `ip netns exec` has given this process mounts of its own.
const ROOT: &str = r#"
set -eu
packages=$1 changes=$2 users=$3
shift 3
cp /etc/resolv.conf /etc/nsswitch.conf "$changes"
for part in etc usr var; do
    mkdir -p "$changes/$part" "$changes/work-$part"
    lower=/$part
    for package in $packages; do
        [ ! -d "$package/$part" ] || lower=$package/$part:$lower
    done
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$changes/$part,workdir=$changes/work-$part" "/$part"
done
mount -t tmpfs none /run
rm -f /etc/resolv.conf /etc/nsswitch.conf
cp "$changes/resolv.conf" "$changes/nsswitch.conf" /etc
number=7000
for user in $users; do
    number=$((number + 1))
    echo "$user:x:$number:$number::/nonexistent:/bin/false" >>/etc/passwd
    echo "$user:x:$number:" >>/etc/group
done
sh -eu "$changes/prepare"
exec "$@"
"#;

/// A server of unpacked packages, about to be started.
#[derive(Debug)]
pub struct Unpacked<'a> {
    /// The packages.
    pub packages: &'a [&'a str],
    /// The users that its server runs as, which installing it would have made.
    pub users: &'a [&'a str],
    /// What remains to be done as root before it starts, in the language of the shell.
    pub prepare: &'a str,
}

impl Unpacked<'_> {
    /// Starts the server's program with these arguments.
    pub fn start(&self, host: &Host, program: &[&str]) -> Running {
        let changes = host.directory().join("root");
        std::fs::create_dir(&changes).expect("a directory for changes can be made");
        std::fs::write(changes.join("prepare"), self.prepare).expect("the preparation can be written");
        let mut command: Command = host.server("sh");
        let files: Vec<String> = self.packages.iter().map(|package| files(package).display().to_string()).collect();
        command.args(["-c", ROOT, "sh"]).arg(files.join(" ")).arg(&changes).arg(self.users.join(" ")).args(program);
        let name = self.packages.first().expect("a server comes in a package");
        Running::start(&mut command, &host.directory().join(format!("{name}.log")))
    }
}

fn files(package: &str) -> PathBuf {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/packages").join(package);
    files.canonicalize().unwrap_or_else(|_| {
        panic!("{} is not there; unpack it first: scripts/system-packages build test", files.display())
    })
}
