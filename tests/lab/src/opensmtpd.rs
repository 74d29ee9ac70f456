//! OpenSMTPD: an MX with mailboxes. It offers neither PIPELINING nor CHUNKING nor SMTPUTF8; and it offers STARTTLS and
//! then cannot do it: the version of Debian 12 keeps the key in a process of its own in a way that OpenSSL 3 breaks.

use crate::certificates::Certificate;
use crate::postfix::{MAIL_USER, mail};
use crate::program::Running;
use crate::town::Host;
use crate::unpacked::Unpacked;
use crate::wait;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;

/// An OpenSMTPD at work. It ends with its town.
#[derive(Debug)]
pub struct OpenSmtpd {
    host: Host,
    process: Running,
}

impl OpenSmtpd {
    /// Starts it with mailboxes for these users of one domain. It listens when this returns.
    pub fn start(host: &Host, name: &str, certificate: &Certificate, domain: &str, users: &[&str]) -> Self {
        let directory = host.directory();
        let mail = mail(host);
        fs::create_dir(&mail).expect("a directory for mailboxes can be made");
        chown(&mail, Some(MAIL_USER), Some(MAIL_USER)).expect("mailboxes can be given away");
        let file = directory.join("smtpd.conf");
        let configuration = configuration(host, name, certificate, domain, users);
        fs::write(&file, configuration).expect("smtpd.conf can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its mode can be set");
        let package = Unpacked {
            packages: &["opensmtpd"],
            users: &["opensmtpd", "opensmtpq"],
            prepare: "mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd\nchmod 711 /var/spool/smtpd\n",
        };
        let file = file.display().to_string();
        let mut process = package.start(host, &["smtpd", "-d", "-f", &file]);
        wait::until_listening(host, 25, &mut process);
        Self { host: host.clone(), process }
    }

    /// The maildir of a mailbox; it is there once mail has come.
    pub fn maildir(&self, user: &str, domain: &str) -> PathBuf {
        mail(&self.host).join(domain).join(user)
    }

    /// What it logged.
    pub fn log(&self) -> String {
        self.process.written()
    }
}

fn configuration(host: &Host, name: &str, certificate: &Certificate, domain: &str, users: &[&str]) -> String {
    let mail = mail(host);
    let (mail, chain, key) = (mail.display(), certificate.chain.display(), certificate.key.display());
    let mailboxes: Vec<String> = users.iter().map(|user| format!("\"{user}@{domain}\" = \"mailbox\"")).collect();
    format!(
        "pki \"{name}\" cert \"{chain}\"\npki \"{name}\" key \"{key}\"\n\
         listen on eth0 tls pki \"{name}\" hostname \"{name}\"\n\
         table mailboxes {{ {mailboxes} }}\ntable users {{ \"mailbox\" = \"{MAIL_USER}:{MAIL_USER}:{mail}\" }}\n\
         action \"deliver\" maildir \"{mail}/%{{rcpt.domain}}/%{{rcpt.user}}\" virtual <mailboxes> userbase <users>\n\
         match from any for domain \"{domain}\" action \"deliver\"\n",
        mailboxes = mailboxes.join(", "),
    )
}
