//! nginx: the pages that mail needs. A domain's policy on transport security (MTA-STS, RFC 8461), and what a token for
//! logging in is worth (RFC 7662), which Dovecot asks.

use crate::certificates::Certificate;
use crate::program::Running;
use crate::town::Host;
use crate::wait;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Dovecot asks about a token; the token follows.
pub const INTROSPECTION: &str = "http://127.0.0.1:8080/introspect?token=";

/// An nginx at work.
#[derive(Debug)]
pub struct Web {
    pages: PathBuf,
    log: PathBuf,
    _process: Running,
}

impl Web {
    /// Serves the policies of domains, each at its host name `mta-sts.DOMAIN`. There are none at first.
    pub fn of_policies(host: &Host, certificate: &Certificate) -> Self {
        let (chain, key) = (certificate.chain.display(), certificate.key.display());
        let pages = host.directory().join("pages");
        let server = format!(
            "server {{ listen 443 ssl; ssl_certificate {chain}; ssl_certificate_key {key}; default_type text/plain; \
             root {}/$host; }}\n",
            pages.display()
        );
        Self::start(host, &server, 443)
    }

    /// Answers on loopback what tokens are worth: these, and the addresses that they are for.
    pub fn of_tokens(host: &Host, tokens: &[(&str, &str)]) -> Self {
        let known: String = tokens
            .iter()
            .map(|(token, user)| {
                format!("\"{token}\" '{{\"active\":true,\"username\":\"{user}\",\"email\":\"{user}\"}}';\n")
            })
            .collect();
        let server = format!(
            "map $arg_token $worth {{ default '{{\"active\":false}}';\n{known} }}\n\
             server {{ listen 127.0.0.1:8080; default_type application/json; \
             location = /introspect {{ return 200 $worth; }} }}\n"
        );
        Self::start(host, &server, 8080)
    }

    fn start(host: &Host, servers: &str, port: u16) -> Self {
        let directory = host.directory();
        let (path, log) = (directory.display(), directory.join("nginx.access.log"));
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {path}/nginx.{name};\n"))
            .collect();
        let text = format!(
            "daemon off;\nuser root;\nworker_processes 1;\npid {path}/nginx.pid;\nerror_log stderr;\nevents {{}}\n\
             http {{\nlog_format short '$remote_addr $request $host $status';\naccess_log {} short;\n\
             {places}{servers}}}\n",
            log.display()
        );
        let file = directory.join("nginx.conf");
        fs::write(&file, text).expect("nginx.conf can be written");
        let mut command = host.server("nginx");
        let mut process = Running::start(command.arg("-c").arg(&file), &directory.join("nginx.log"));
        wait::until_listening(host, port, &mut process);
        Self { pages: directory.join("pages"), log, _process: process }
    }

    /// Publishes the policy of a domain, in place of the one that it had.
    pub fn publish(&self, domain: &str, mode: &str, mx: &str) {
        let page = self.page(domain);
        fs::create_dir_all(page.parent().expect("a page in a directory")).expect("a directory can be made");
        let text = format!("version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 604800\r\n");
        fs::write(page, text).expect("a policy can be published");
    }

    /// Takes the policy of a domain away: who asks is told that there is none.
    pub fn withdraw(&self, domain: &str) {
        fs::remove_file(self.page(domain)).expect("the policy was there");
    }

    /// Who asked for what.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn page(&self, domain: &str) -> PathBuf {
        self.pages.join(format!("mta-sts.{domain}")).join(Path::new(".well-known/mta-sts.txt"))
    }
}
