//! A town: hosts as network namespaces on one bridge, each with addresses from 192.0.2.0/24, 198.51.100.0/24,
//! 203.0.113.0/24 (RFC 5737) and 2001:db8::/64 (RFC 3849), and nothing beyond.
//!
//! Everything of a town lives in a mount namespace and a process namespace of its own. The first process of the latter
//! waits for its input to end, which it does however the test ends; then the kernel takes all other processes of the
//! town, and with them its networks, and its directory is removed. So two runs never meet, and nothing stays behind.

use crate::program::run;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The networks of the town; the bridge has the first address of each.
const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
/// The start of the names of towns' directories; the number of the process that opened it follows.
const DIRECTORY: &str = "postrider-lab-";

/// Where the servers' programs are, whoever runs the test.
const PROGRAMS: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// What the first process does: private files for the resolver, private names of networks, the bridge; then it waits.
const FOUNDATION: &str = r#"
set -eu
mkdir -p /run/netns
mount -t tmpfs none /run/netns
printf 'nameserver %s\n' "$2" >"$1/resolv.conf"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$1/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
    [ ! -e "/etc/$file" ] || mount --bind "$1/$file" "$(readlink -f "/etc/$file")"
done
ip netns add street
ip -n street link set lo up
# Its address on the wire is its own: a bridge takes that of a port otherwise, another one whenever a host comes or goes,
# and is not found for seconds then.
ip -n street link add bridge address 02:00:00:00:00:01 type bridge forward_delay 0
ip -n street link set bridge up
for network in $3; do ip -n street address add "$network.1/24" dev bridge; done
ip -n street address add 2001:db8::1/64 dev bridge nodad
ip netns exec street sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/bridge/send_redirects'
echo open
read -r _ || true
kill -KILL -1 2>/dev/null || true
rm -rf "$1"
"#;

/// The house number of a host: name, addresses; `$1` its name, `$2` the number of its cable, the rest its addresses.
const HOUSE: &str = r#"
set -eu
name=$1 cable=$2
shift 2
ip netns add "$name"
ip -n street link add "cable$cable" type veth peer name eth0 netns "$name"
ip -n street link set "cable$cable" master bridge up
ip -n "$name" link set lo up
# An address may be used at once; there is nobody who could have it already.
ip netns exec "$name" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad'
for address in "$@"; do
    case "$address" in
        *:*) ip -n "$name" address add "$address/64" dev eth0 nodad ;;
        *) ip -n "$name" address add "$address/24" dev eth0 ;;
    esac
done
ip -n "$name" link set eth0 up
for address in "$@"; do
    case "$address" in
        *:*) ip -n "$name" -6 route replace default via 2001:db8::1 dev eth0 ;;
        *) ip -n "$name" route replace default via "${address%.*}.1" dev eth0 ;;
    esac
done
"#;

/// A town. It is gone when the process that opened it is, or when this is dropped.
#[derive(Debug)]
pub struct Town {
    ground: Arc<Ground>,
    first: Child,
    cables: AtomicU32,
}

/// What hosts share.
#[derive(Debug)]
struct Ground {
    directory: PathBuf,
    first: u32,
}

/// A host of the town.
#[derive(Clone, Debug)]
pub struct Host {
    name: String,
    ground: Arc<Ground>,
}

impl Town {
    /// The address of the town's name server.
    pub const NAME_SERVER: &str = "203.0.113.53";

    /// Opens a town without hosts.
    pub fn open() -> Self {
        require_root();
        remove_deserted();
        let directory = directory();
        let mut first = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"])
            .args(["bash", "-c", FOUNDATION, "bash"])
            .arg(&directory)
            .args([Self::NAME_SERVER, &NETWORKS.join(" ")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare (of Debian's util-linux) can be run");
        let mut line = String::new();
        let said = first.stdout.as_mut().expect("its output is piped");
        BufReader::new(said).read_line(&mut line).expect("its output can be read");
        assert_eq!(line, "open\n", "the town could not be opened; its first process wrote to the standard error");
        let ground = Arc::new(Ground { directory, first: first.id() });
        Self { ground, first, cables: AtomicU32::new(0) }
    }

    /// Where everything of the town is kept.
    pub fn directory(&self) -> &Path {
        &self.ground.directory
    }

    /// A new host. Its name is short and unique; it speaks from the address that is nearest to whom it speaks to.
    pub fn host(&self, name: &str, addresses: &[&str]) -> Host {
        let cable = self.cables.fetch_add(1, Ordering::Relaxed).to_string();
        let mut build = self.ground.nsenter();
        run(build.args(["sh", "-c", HOUSE, "sh", name, &cable]).args(addresses));
        let host = Host { name: name.to_owned(), ground: Arc::clone(&self.ground) };
        fs::create_dir(host.directory()).expect("a directory for the host can be made");
        host
    }

    /// What the street does with what goes from one network to another: rules of nftables, in place of those it had. With
    /// none, everything passes.
    pub fn firewall(&self, rules: &str) {
        self.filter("firewall", &format!("flush ruleset\n{}", forwarding("inet", rules)));
    }

    /// What the street does besides with what goes from one host to another of the same network, as all does over IPv6. A
    /// later [`Town::firewall`] ends it.
    pub fn firewall_on_link(&self, rules: &str) {
        self.filter("firewall-on-link", &forwarding("bridge", rules));
    }

    fn filter(&self, name: &str, text: &str) {
        let file = self.ground.directory.join(name);
        fs::write(&file, text).expect("the rules can be written");
        run(self.ground.nsenter().args(["ip", "netns", "exec", "street", "nft", "-f"]).arg(&file));
    }

    /// The street itself, where whoever runs a network could stand.
    pub fn street(&self) -> Host {
        let host = Host { name: "street".to_owned(), ground: Arc::clone(&self.ground) };
        fs::create_dir_all(host.directory()).expect("a directory for the street can be made");
        host
    }

    /// Leads what these addresses send to port 25 of other networks to a port of the street. A later
    /// [`Town::firewall`] ends it.
    pub fn divert(&self, sources: &[&str], port: u16) {
        let rules = format!(
            "table ip diversion {{\n chain at_{port} {{\n  type nat hook prerouting priority dstnat;\n  \
             ip saddr {{ {} }} tcp dport 25 redirect to :{port}\n }}\n}}\n",
            sources.join(", ")
        );
        self.filter(&format!("diversion-{port}"), &rules);
    }

    /// While what it returns lives, a panic prints what the servers of the town wrote last.
    #[must_use]
    pub fn logs_on_failure(&self) -> LogsOnFailure {
        LogsOnFailure(self.ground.directory.clone())
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        drop(self.first.stdin.take());
        let _ = self.first.wait();
    }
}

impl Host {
    /// Its name, which is not that in DNS.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its files are.
    pub fn directory(&self) -> PathBuf {
        self.ground.directory.join(&self.name)
    }

    /// A server's program on this host. It and its children belong to the town and end with it.
    pub fn server(&self, program: &str) -> Command {
        let mut command =
            self.ground.nsenter_with(&[format!("--pid=/proc/{}/ns/pid_for_children", self.ground.first)]);
        command.args(["ip", "netns", "exec", &self.name, program]);
        command
    }

    /// One more address, as when the computer comes to another network.
    pub fn gets_address(&self, address: &str) {
        run(self.ground.nsenter().args([
            "ip",
            "-n",
            &self.name,
            "address",
            "add",
            &format!("{address}/24"),
            "dev",
            "eth0",
        ]));
    }

    /// Another address in place of all that it had, and another way out, as when the computer is carried to another network.
    /// It has spoken to the router there, as one does to be given an address.
    pub fn moves_to(&self, address: &str) {
        const MOVE: &str = "set -eu\nrouter=${1%.*}.1\nip address flush dev eth0\n\
                            ip address add \"$1/24\" dev eth0\nip route replace default via \"$router\" dev eth0\n\
                            echo >\"/dev/udp/$router/9\"\n\
                            until ip neighbour show \"$router\" | grep -q lladdr; do sleep 0.05; done\n";
        run(self.server("timeout").args(["10", "bash", "-c", MOVE, "bash", address]));
    }

    /// A disk of so many kilobytes of its own at a directory of this host, to be filled. Only programs in the town see it.
    pub fn small_disk(&self, name: &str, kilobytes: u32) -> SmallDisk {
        let path = self.directory().join(name);
        fs::create_dir(&path).expect("a directory for a disk can be made");
        let options = format!("size={kilobytes}k");
        run(self.ground.nsenter().args(["mount", "-t", "tmpfs", "-o", &options, "none"]).arg(&path));
        SmallDisk { ground: Arc::clone(&self.ground), path }
    }

    /// Gives up on a connection that nobody answers to after three seconds, as some systems do; Linux waits for minutes.
    pub fn give_up_early(&self) {
        run(self.server("sh").args(["-c", "echo 1 >/proc/sys/net/ipv4/tcp_syn_retries"]));
    }

    /// A program of the test on this host: the child that is spawned is the program itself, and it is killed when the
    /// thread that spawned it ends.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.env("PATH", PROGRAMS);
        command.args(["--pdeathsig", "KILL"]);
        append(&mut command, &self.ground.nsenter());
        command.args(["ip", "netns", "exec", &self.name]).arg(program);
        command
    }
}

/// A disk that fills up.
#[derive(Debug)]
pub struct SmallDisk {
    ground: Arc<Ground>,
    path: PathBuf,
}

impl SmallDisk {
    /// Takes all the room that is left.
    pub fn fill(&self) {
        let fill = "head -c 1G /dev/zero >\"$1/ballast\" 2>/dev/null; test \"$(stat -f -c %a \"$1\")\" = 0";
        run(self.ground.nsenter().args(["sh", "-c", fill, "sh"]).arg(&self.path));
    }

    /// Gives the room back.
    pub fn clear(&self) {
        run(self.ground.nsenter().arg("rm").arg(self.path.join("ballast")));
    }
}

impl Ground {
    fn nsenter(&self) -> Command {
        self.nsenter_with(&[])
    }

    fn nsenter_with(&self, options: &[String]) -> Command {
        let mut command = Command::new("nsenter");
        command.env("PATH", PROGRAMS);
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.first)).args(options).arg("--");
        command
    }
}

/// A table of nftables with rules for what is passed on.
fn forwarding(family: &str, rules: &str) -> String {
    let hook = "type filter hook forward priority 0;";
    format!("table {family} street {{\n chain forward {{\n  {hook}\n  {rules}\n }}\n}}\n")
}

fn append(command: &mut Command, rest: &Command) {
    command.arg(rest.get_program()).args(rest.get_args());
}

fn require_root() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    assert_eq!(
        user,
        Some("0"),
        "the lab makes networks and starts servers that only root may start; run it with: make lab"
    );
}

fn directory() -> PathBuf {
    let directory = tempfile::Builder::new()
        .prefix(&format!("{DIRECTORY}{}-", std::process::id()))
        .tempdir()
        .expect("a temporary directory can be made")
        .keep();
    // The servers run as users of their own.
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).expect("its mode can be set");
    directory
}

/// Directories of towns whose process is gone: only where even the town's first process was killed.
fn remove_deserted() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = name.strip_prefix(DIRECTORY).and_then(|rest| rest.split('-').next()) else { continue };
        if owner.parse::<u32>().is_ok() && !Path::new("/proc").join(owner).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// See [`Town::logs_on_failure`].
#[derive(Debug)]
pub struct LogsOnFailure(PathBuf);

impl Drop for LogsOnFailure {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let hosts = inside(&self.0);
        for file in hosts.iter().flat_map(|host| [inside(host), inside(&host.join("spool"))]).flatten() {
            if file.extension().is_some_and(|extension| extension == "log") {
                eprintln!("── {}\n{}", file.display(), last_lines(&file));
            }
        }
    }
}

fn inside(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn last_lines(path: &Path) -> String {
    const LINES: usize = 60;
    let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
