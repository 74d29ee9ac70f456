//! Dovecot: IMAP with TLS on 993 and with STARTTLS on 143, over the maildirs that Postfix delivers to, and the logins
//! for Postfix's submission.

use crate::certificates::Certificate;
use crate::postfix::{MAIL_USER, mail};
use crate::program::{Running, run};
use crate::town::Host;
use crate::wait;
use crate::web::INTROSPECTION;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A Dovecot at work.
#[derive(Debug)]
pub struct Dovecot {
    host: Host,
    _process: Running,
}

/// The socket on which Postfix asks for logins.
pub fn auth_socket(host: &Host) -> PathBuf {
    host.directory().join("auth")
}

impl Dovecot {
    /// Starts it with these logins: addresses and passwords. It listens when this returns.
    pub fn start(host: &Host, certificate: &Certificate, logins: &[(&str, &str)]) -> Self {
        Self::with("", host, certificate, logins)
    }

    /// The same, offering these ways to log in (SASL). With OAUTHBEARER or XOAUTH2 among them, what a token is worth is
    /// asked at [`INTROSPECTION`].
    pub fn offering(mechanisms: &str, host: &Host, certificate: &Certificate, logins: &[(&str, &str)]) -> Self {
        Self::with(&format!("auth_mechanisms = {mechanisms}\n"), host, certificate, logins)
    }

    /// The same with more lines of dovecot.conf.
    pub fn with(settings: &str, host: &Host, certificate: &Certificate, logins: &[(&str, &str)]) -> Self {
        let directory = host.directory();
        let ask = format!(
            "introspection_mode = get\nintrospection_url = {INTROSPECTION}\nusername_attribute = username\n\
             active_attribute = active\nactive_value = true\n"
        );
        fs::write(tokens(host), ask).expect("the way to ask about tokens can be written");
        let users: String = logins.iter().map(|(user, password)| format!("{user}:{{PLAIN}}{password}\n")).collect();
        fs::write(directory.join("users"), users).expect("the logins can be written");
        let config = directory.join("dovecot.conf");
        fs::write(&config, configuration(host, certificate) + settings).expect("dovecot.conf can be written");
        let process = Running::start(
            host.server("dovecot").arg("-F").arg("-c").arg(&config),
            &directory.join("dovecot.output.log"),
        );
        let ready = || auth_socket(host).exists().then_some(());
        wait::until("Dovecot to open its sockets", Duration::from_secs(20), ready);
        Self { host: host.clone(), _process: process }
    }

    /// What `doveadm` prints.
    pub fn ask(&self, arguments: &[&str]) -> String {
        run(self.host.server("doveadm").arg("-c").arg(self.host.directory().join("dovecot.conf")).args(arguments))
    }
}

fn tokens(host: &Host) -> PathBuf {
    host.directory().join("tokens.conf")
}

fn configuration(host: &Host, certificate: &Certificate) -> String {
    let directory = host.directory();
    let (path, mail, auth) = (directory.display(), mail(host), auth_socket(host));
    let show = |file: &Path| file.display().to_string();
    format!(
        "base_dir = {path}/run\nstate_dir = {path}/state\nlog_path = {path}/dovecot.log\nprotocols = imap\n\
         listen = *\nssl = required\nssl_cert = <{chain}\nssl_key = <{key}\n\
         auth_mechanisms = plain login\nauth_failure_delay = 0\nmail_location = maildir:{mail}/%d/%n\nmail_home = {mail}/%d/%n\n\
         first_valid_uid = {MAIL_USER}\nlast_valid_uid = {MAIL_USER}\nmailbox_idle_check_interval = 1 secs\n\
         passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {tokens}\n}}\n\
         passdb {{\n  driver = passwd-file\n  mechanisms = none plain login scram-sha-256\n  args = username_format=%u {path}/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid={MAIL_USER} gid={MAIL_USER} home={mail}/%d/%n\n}}\n\
         service auth {{\n  unix_listener {auth} {{\n    mode = 0666\n  }}\n}}\n\
         service stats {{\n  unix_listener stats-writer {{\n    mode = 0666\n  }}\n}}\n\
         namespace inbox {{\n  inbox = yes\n  separator = /\n{mailboxes}}}\n",
        tokens = show(&tokens(host)),
        chain = show(&certificate.chain),
        key = show(&certificate.key),
        mail = show(&mail),
        auth = show(&auth),
        mailboxes = ["Drafts", "Sent", "Trash", "Archive", "Junk"].map(mailbox).concat(),
    )
}

fn mailbox(name: &str) -> String {
    format!("  mailbox {name} {{\n    special_use = \\{name}\n    auto = create\n  }}\n")
}
