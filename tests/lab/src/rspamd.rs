//! rspamd with its greylisting, which remembers in redis. Postfix on the same host asks it once it has the message, so
//! that it knows a second try by the message too, and says nothing of how long to wait.

use crate::program::Running;
use crate::town::{Host, Town};
use crate::wait;
use std::fs;
use std::time::Duration;

/// What Postfix has to be told to ask it: the value of `smtpd_milters`.
pub const MILTER: &str = "inet:127.0.0.1:11332";
const REDIS: u16 = 6379;

/// An rspamd at work, and its memory.
#[derive(Debug)]
pub struct Rspamd {
    rspamd: Running,
    _redis: Running,
}

impl Rspamd {
    /// Starts it. Strangers wait for `delay`.
    pub fn start(host: &Host, delay: Duration) -> Self {
        let directory = host.directory();
        let mut redis = host.server("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]);
        let mut redis = Running::start(&mut redis, &directory.join("redis.log"));
        wait::until_listening(host, REDIS, &mut redis);
        let configuration = directory.join("rspamd.conf");
        fs::write(&configuration, self::configuration(host, delay)).expect("rspamd.conf can be written");
        fs::write(directory.join("rspamd.lua"), RULE).expect("a rule can be written");
        // It takes half a minute over the public list of domains.
        fs::write(directory.join("domains"), "example\n").expect("a list can be written");
        let mut rspamd = host.server("rspamd");
        let mut rspamd =
            Running::start(rspamd.args(["-f", "-i", "-c"]).arg(&configuration), &directory.join("rspamd.log"));
        wait::until_listening(host, 11332, &mut rspamd);
        Self { rspamd, _redis: redis }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        self.rspamd.written()
    }
}

/// It greylists what it half suspects: here everything.
const RULE: &str = "rspamd_config:register_symbol{ name = 'STRANGER', score = 5.0, type = 'normal',
  callback = function() return true end }\n";

/// The message is not its default, which is known to mean five minutes.
fn configuration(host: &Host, delay: Duration) -> String {
    let directory = host.directory();
    let (path, dns, seconds) = (directory.display(), Town::NAME_SERVER, delay.as_secs());
    format!(
        "options {{ pidfile = \"{path}/rspamd.pid\"; filters = \"\"; tempdir = \"{path}\"; url_tld = \"{path}/domains\"; \
         dns {{ nameserver = [\"{dns}\"]; }} }}\n\
         logging {{ type = \"console\"; level = \"info\"; }}\n\
         lua = \"{path}/rspamd.lua\";\nmodules {{ path = \"$PLUGINSDIR/greylist.lua\"; }}\n\
         worker \"rspamd_proxy\" {{ bind_socket = \"127.0.0.1:11332\"; milter = yes; count = 1; timeout = 20s; \
         upstream \"local\" {{ default = yes; self_scan = yes; }} }}\n\
         redis {{ servers = \"127.0.0.1:{REDIS}\"; }}\n\
         actions {{ greylist = 4; add_header = 50; reject = 100; }}\n\
         greylist {{ timeout = {seconds}s; expire = 1d; servers = \"127.0.0.1:{REDIS}\"; \
         message = \"Greylisted\"; whitelist_domains_url = []; }}\n"
    )
}
