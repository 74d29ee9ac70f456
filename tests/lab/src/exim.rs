//! Exim: an MX with mailboxes. It offers what Postfix does, SIZE, 8BITMIME, PIPELINING, CHUNKING, DSN, SMTPUTF8, and
//! answers without enhanced status codes.

use crate::certificates::Certificate;
use crate::postfix::mail;
use crate::program::Running;
use crate::town::Host;
use crate::unpacked::Unpacked;
use crate::wait;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// An Exim at work. It ends with its town.
#[derive(Debug)]
pub struct Exim {
    host: Host,
    _process: Running,
}

impl Exim {
    /// Starts it with mailboxes for these users of one domain. It listens when this returns.
    pub fn start(host: &Host, name: &str, certificate: &Certificate, domain: &str, users: &[&str]) -> Self {
        let directory = host.directory();
        for name in ["mail", "spool"] {
            let open = directory.join(name);
            fs::create_dir(&open).expect("Exim's directories can be made");
            fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("its mode can be set");
        }
        let file = directory.join("exim4.conf");
        fs::write(&file, configuration(host, name, domain, users)).expect("Exim's configuration can be written");
        let prepare = format!(
            "mkdir -p /etc/exim4\ncp {} /etc/exim4/exim4.conf\ncat {} {} >/etc/exim4/tls.pem\n\
             chown Debian-exim /etc/exim4/tls.pem\nchmod 400 /etc/exim4/tls.pem\n",
            file.display(),
            certificate.key.display(),
            certificate.chain.display()
        );
        let package = Unpacked { packages: &["exim4-daemon-light"], users: &["Debian-exim"], prepare: &prepare };
        let mut process = package.start(host, &["exim4", "-bdf", "-q1h"]);
        wait::until_listening(host, 25, &mut process);
        Self { host: host.clone(), _process: process }
    }

    /// The maildir of a mailbox; it is there once mail has come.
    pub fn maildir(&self, user: &str, domain: &str) -> PathBuf {
        mail(&self.host).join(domain).join(user)
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.host.directory().join("spool/main.log")).unwrap_or_default()
    }
}

/// Deliveries run as Exim's own user, so that its program needs no privilege of its file.
fn configuration(host: &Host, name: &str, domain: &str, users: &[&str]) -> String {
    let (path, mail) = (host.directory(), mail(host));
    let (path, mail, users) = (path.display(), mail.display(), users.join(" : "));
    format!(
        "primary_hostname = {name}\nspool_directory = {path}/spool\nlog_file_path = {path}/spool/%s.log\n\
         deliver_drop_privilege\nkeep_environment =\nadd_environment =\nnever_users =\nlog_selector = +all\n\
         tls_advertise_hosts = *\ntls_certificate = /etc/exim4/tls.pem\ntls_privatekey = /etc/exim4/tls.pem\n\
         dsn_advertise_hosts = *\nmessage_size_limit = 40M\nacl_smtp_rcpt = rcpt\n\
         begin acl\nrcpt:\n  deny\n    message = relay not permitted\n    !domains = {domain}\n\
         \x20 require\n    verify = recipient\n  accept\n\
         begin routers\nmailboxes:\n  driver = accept\n  domains = {domain}\n  local_parts = {users}\n\
         \x20 transport = maildir\n\
         begin transports\nmaildir:\n  driver = appendfile\n  maildir_format\n  create_directory\n\
         \x20 directory = {mail}/$domain_data/$local_part_data\n  return_path_add\n"
    )
}
