//! Postfix: an MX, or an MX that submits for those who log in. Each instance has its own configuration, queue and data.

use crate::certificates::Certificate;
use crate::program::run;
use crate::town::Host;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The user and group to whom mailboxes belong; they need no name.
pub const MAIL_USER: u32 = 5000;

/// The services of every instance. None runs in a changed root, so that all read the town's files.
const SERVICES: &str = "\
smtp inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Submission on 587 and 465 for those who log in (RFC 6409, RFC 8314).
const SUBMISSION: &str = "\
submission inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
submissions inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
";

/// What an instance is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    name: String,
    settings: Vec<(String, String)>,
    services: String,
    mailboxes: Vec<(String, String)>,
}

/// An instance at work. It ends with its town.
#[derive(Debug)]
pub struct Postfix {
    host: Host,
    name: String,
}

impl Plan {
    /// An MX of this name that takes mail for nobody.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), settings: Vec::new(), services: SERVICES.to_owned(), mailboxes: Vec::new() }
    }

    /// With a mailbox.
    #[must_use]
    pub fn mailbox(mut self, user: &str, domain: &str) -> Self {
        self.mailboxes.push((user.to_owned(), domain.to_owned()));
        self
    }

    /// Offering STARTTLS with this certificate.
    #[must_use]
    pub fn certificate(self, certificate: &Certificate) -> Self {
        let files = format!("{}, {}", certificate.key.display(), certificate.chain.display());
        self.set("smtpd_tls_chain_files", &files).set("smtpd_tls_security_level", "may")
    }

    /// Submitting for those whom Dovecot knows; `auth` is its socket.
    #[must_use]
    pub fn submission(mut self, auth: &Path) -> Self {
        self.services.push_str(SUBMISSION);
        self.set("smtpd_sasl_type", "dovecot").set("smtpd_sasl_path", &auth.display().to_string())
    }

    /// Submitting at one more port, where only one way to log in is offered.
    #[must_use]
    pub fn submission_with(mut self, port: u16, mechanism: &str) -> Self {
        self.services.push_str(&format!(
            "{port} inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  \
             -o smtpd_sasl_mechanism_filter={mechanism}\n  \
             -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
        ));
        self
    }

    /// Letting those wait for a moment who come to one of its restrictions, as `smtpd_end_of_data_restrictions`.
    #[must_use]
    pub fn hesitating_at(mut self, restrictions: &str, moment: Duration) -> Self {
        let script = format!(
            "while read line; do test -n \"$line\" || {{ sleep {}; printf 'action=DUNNO\\n\\n'; }}; done",
            moment.as_secs_f64()
        );
        self.services
            .push_str(&format!("hesitation unix - n n - 0 spawn user=nobody argv=/bin/sh -c {{{script}}}\n"));
        self.set(restrictions, "check_policy_service unix:private/hesitation").set("smtpd_delay_reject", "no")
    }

    /// With a setting of main.cf.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, and returns when it listens.
    pub fn start(self, host: &Host) -> Postfix {
        let postfix = Postfix { host: host.clone(), name: self.name.clone() };
        let directory = host.directory();
        for name in ["postfix", "queue", "data", "mail"] {
            fs::create_dir(directory.join(name)).expect("Postfix's directories can be made");
        }
        chown(directory.join("mail"), Some(MAIL_USER), Some(MAIL_USER)).expect("mailboxes can be given away");
        run(Command::new("chown").arg("postfix").arg(directory.join("data")));
        let config = directory.join("postfix");
        fs::write(config.join("main.cf"), self.main_cf(&directory)).expect("main.cf can be written");
        fs::write(config.join("master.cf"), &self.services).expect("master.cf can be written");
        fs::write(config.join("mailboxes"), self.mailbox_table()).expect("the table of mailboxes can be written");
        run(host.server("postfix").arg("-c").arg(&config).arg("start"));
        postfix
    }

    fn main_cf(&self, directory: &Path) -> String {
        let path = directory.display();
        let mut domains: Vec<&str> = self.mailboxes.iter().map(|(_, domain)| domain.as_str()).collect();
        domains.dedup();
        let domains = domains.join(", ");
        let name = &self.name;
        let mut text = format!(
            "compatibility_level = 3.6\nmyhostname = {name}\nmydestination =\nmynetworks = 127.0.0.0/8\n\
             inet_interfaces = all\ninet_protocols = all\nalias_maps =\nalias_database =\n\
             queue_directory = {path}/queue\ndata_directory = {path}/data\n\
             maillog_file = {path}/postfix.log\nmaillog_file_prefixes = {path}\n\
             virtual_mailbox_domains = {domains}\nvirtual_mailbox_maps = texthash:{path}/postfix/mailboxes\n\
             virtual_mailbox_base = {path}/mail\nvirtual_uid_maps = static:{MAIL_USER}\n\
             virtual_gid_maps = static:{MAIL_USER}\nsmtp_tls_security_level = may\nin_flow_delay = 0\n"
        );
        for (name, value) in &self.settings {
            text.push_str(&format!("{name} = {value}\n"));
        }
        text
    }

    fn mailbox_table(&self) -> String {
        self.mailboxes.iter().map(|(user, domain)| format!("{user}@{domain} {domain}/{user}/\n")).collect()
    }
}

impl Postfix {
    /// Its name in DNS and in its greeting.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The maildir of a mailbox; it is there once mail has come.
    pub fn maildir(&self, user: &str, domain: &str) -> PathBuf {
        mail(&self.host).join(domain).join(user)
    }

    /// Gives a setting of main.cf another value, and starts it anew with that.
    pub fn change(&self, name: &str, value: &str) {
        let config = self.host.directory().join("postfix");
        let file = config.join("main.cf");
        let mut text = fs::read_to_string(&file).expect("main.cf can be read");
        text.push_str(&format!("{name} = {value}\n"));
        fs::write(&file, text).expect("main.cf can be written");
        for order in ["stop", "start"] {
            run(self.host.server("postfix").arg("-c").arg(&config).arg(order));
        }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.host.directory().join("postfix.log")).unwrap_or_default()
    }

    /// Sends a message from this host, as a program on it would: through its sendmail.
    pub fn submit(&self, sender: &str, recipient: &str, message: &str) {
        let mut command = self.host.server("/usr/sbin/sendmail");
        command.arg("-C").arg(self.host.directory().join("postfix")).args(["-i", "-f", sender, recipient]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("sendmail can be run");
        std::io::Write::write_all(&mut child.stdin.take().expect("its input is piped"), message.as_bytes())
            .expect("sendmail reads the message");
        assert!(child.wait().expect("sendmail ends").success(), "sendmail took the message");
    }
}

/// Where the mailboxes of a host are, by domain and user.
pub fn mail(host: &Host) -> PathBuf {
    host.directory().join("mail")
}
