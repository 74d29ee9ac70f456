//! nginx: the pages that mail needs. A domain's policy on transport security (MTA-STS, RFC 8461), where its servers are
//! (autoconfig), and what a token for logging in is worth (RFC 7662), which Dovecot asks.

use crate::certificates::Certificate;
use crate::program::Running;
use crate::town::Host;
use crate::wait;
use std::fs;
use std::path::PathBuf;

/// Where Dovecot asks about a token; the token follows.
pub const INTROSPECTION: &str = "http://127.0.0.1:8080/introspect?token=";

/// Where a policy is.
const POLICY: &str = ".well-known/mta-sts.txt";

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
        Self::of_pages(host, certificate, &[])
    }

    /// Serves pages, each at the host that it was put at ([`Self::put`]). Some hosts have nginx's own words instead.
    pub fn of_pages(host: &Host, certificate: &Certificate, hosts: &[(&str, &str)]) -> Self {
        let (chain, key) = (certificate.chain.display(), certificate.key.display());
        let pages = host.directory().join("pages");
        let server = |name: &str, words: &str| {
            format!(
                "server {{ listen 443 ssl; server_name {name}; ssl_certificate {chain}; ssl_certificate_key {key}; \
                 default_type text/plain; {words} }}\n"
            )
        };
        let root = format!("root {}/$host;", pages.display());
        let others: String = hosts.iter().map(|(name, words)| server(name, words)).collect();
        Self::start(host, &(server("_", &root) + &others), 443)
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
        let text = format!("version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 604800\r\n");
        self.put(&format!("mta-sts.{domain}"), POLICY, &text);
    }

    /// Puts a page at a host.
    pub fn put(&self, host: &str, path: &str, text: &str) {
        let page = self.pages.join(host).join(path);
        fs::create_dir_all(page.parent().expect("a page in a directory")).expect("a directory can be made");
        fs::write(page, text).expect("a page can be written");
    }

    /// Takes the policy of a domain away: who asks is told that there is none.
    pub fn withdraw(&self, domain: &str) {
        let page = self.pages.join(format!("mta-sts.{domain}")).join(POLICY);
        fs::remove_file(page).expect("the policy was there");
    }

    /// Who asked for what.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}
