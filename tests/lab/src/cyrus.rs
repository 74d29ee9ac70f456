//! Cyrus: IMAP with TLS on 993, of another make than Dovecot, with its mail in a format of its own.

use crate::certificates::Certificate;
use crate::program::Running;
use crate::town::Host;
use crate::unpacked::Unpacked;
use crate::wait;
use std::fs;

/// Where the mailboxes of a user are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Inside INBOX, separated by dots: `INBOX.Sent`.
    InsideInbox,
    /// Beside INBOX, separated by slashes: `Sent`.
    BesideInbox,
}

/// A Cyrus at work. It ends with its town.
#[derive(Debug)]
pub struct Cyrus {
    _process: Running,
}

impl Cyrus {
    /// Starts it with a login. Its mailboxes are made when it is first used: INBOX, Sent, Drafts, Trash, Archive and Junk.
    /// It listens when this returns.
    pub fn start(host: &Host, name: &str, certificate: &Certificate, names: Names, login: (&str, &str)) -> Self {
        let directory = host.directory();
        let path = directory.display();
        fs::write(directory.join("imapd.conf"), configuration(host, name, names)).expect("imapd.conf can be written");
        let services = "START {\n  recover cmd=\"/usr/sbin/cyrus ctl_cyrusdb -r\"\n}\n\
                        SERVICES {\n  imaps cmd=\"imapd -s -U 30\" listen=\"imaps\" prefork=1 maxchild=20\n}\nEVENTS {\n}\n";
        fs::write(directory.join("cyrus.conf"), services).expect("cyrus.conf can be written");
        let (user, password) = login;
        let prepare = format!(
            "cp {path}/imapd.conf {path}/cyrus.conf /etc\n\
             mkdir -p /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket\n\
             mkdir {path}/cyrus {path}/spool\n\
             /usr/lib/cyrus/bin/makedirs\n\
             printf %s '{password}' | saslpasswd2 -p -c -f {path}/cyrus/sasldb -u {name} {user}\n\
             cp {chain} {path}/cyrus/chain.pem\ncp {key} {path}/cyrus/key.pem\n\
             chown -R cyrus:mail /run/cyrus {path}/cyrus {path}/spool\nchmod 755 {path}/cyrus\n",
            chain = certificate.chain.display(),
            key = certificate.key.display(),
        );
        let package = Unpacked { packages: &["cyrus-imapd", "cyrus-common"], users: &["cyrus"], prepare: &prepare };
        let mut process = package.start(host, &["cyrmaster"]);
        wait::until_listening(host, 993, &mut process);
        Self { _process: process }
    }
}

fn configuration(host: &Host, name: &str, names: Names) -> String {
    let directory = host.directory();
    let path = directory.display();
    let beside = if names == Names::BesideInbox { "yes" } else { "no" };
    let roles = ["Sent", "Drafts", "Trash", "Archive", "Junk"];
    let folders: String = roles.iter().map(|role| format!("xlist-{}: {role}\n", role.to_lowercase())).collect();
    format!(
        "configdirectory: {path}/cyrus\npartition-default: {path}/spool\ndefaultpartition: default\nservername: {name}\n\
         defaultdomain: {name}\n\
         proc_path: /run/cyrus/proc\nmboxname_lockpath: /run/cyrus/lock\nidlesocket: /run/cyrus/socket/idle\n\
         altnamespace: {beside}\nunixhierarchysep: {beside}\nvirtdomains: off\nadmins: cyrus\nsieveusehomedir: yes\n\
         sasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb\nsasl_sasldb_path: {path}/cyrus/sasldb\n\
         sasl_mech_list: PLAIN\nallowplaintext: no\nimapidlepoll: 1\n\
         tls_server_cert: {path}/cyrus/chain.pem\ntls_server_key: {path}/cyrus/key.pem\n\
         autocreate_quota: 0\nautocreate_post: yes\nautocreate_inbox_folders: {roles}\nspecialusealways: yes\n{folders}",
        roles = roles.join(" | "),
    )
}
