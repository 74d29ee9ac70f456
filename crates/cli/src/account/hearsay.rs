//! Hosts that nothing but unsigned DNS names, outside the address's domain (RFC 6186 §6): they are told a password only
//! where the user says that they are the right ones, with `--accept-host` or at the terminal.

use engine::view::FoundServerView;
use model::CallError;
use std::io::{BufRead, IsTerminal, Write};

/// Asks about every such host that was not accepted beforehand; an error for one that is not accepted.
pub fn accept<'a>(
    address: &str,
    found: impl Iterator<Item = &'a FoundServerView>,
    accepted: &[String],
) -> Result<(), CallError> {
    for host in open_questions(found, accepted) {
        if !(std::io::stdin().is_terminal() && is_yes(&ask(address, host))) {
            return Err(not_accepted(address, host));
        }
    }
    Ok(())
}

/// The hosts to ask about, each once.
fn open_questions<'a>(found: impl Iterator<Item = &'a FoundServerView>, accepted: &[String]) -> Vec<&'a str> {
    let is_accepted = |host: &str| {
        accepted
            .iter()
            .any(|named| named.trim().trim_end_matches('.').eq_ignore_ascii_case(host.trim_end_matches('.')))
    };
    let mut hosts: Vec<&str> = Vec::new();
    for found in found.filter(|found| found.hearsay) {
        let host = found.server.host.as_str();
        if !is_accepted(host) && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

fn ask(address: &str, host: &str) -> String {
    eprint!("{} Sign in there? [y/N] ", who_says_so(address, host));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    // No answer is no.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    answer
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn who_says_so(address: &str, host: &str) -> String {
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    format!("{host} was named by the DNS of {domain}, unsigned.")
}

fn not_accepted(address: &str, host: &str) -> CallError {
    let message = format!("{} Nothing was told to it", who_says_so(address, host));
    let hint = format!("If it is the right one, accept it with --accept-host {host}; or name the servers yourself.");
    CallError::new("host-not-accepted", message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::view::{ServerForm, ServerTest};
    use model::Security;

    fn found(host: &str, hearsay: bool) -> FoundServerView {
        let answers = ServerTest {
            ok: true,
            message: String::new(),
            hint: String::new(),
            code: String::new(),
            certificate: None,
        };
        let server = ServerForm::new(host.to_owned(), 993, Security::Tls);
        FoundServerView { server, logins: Vec::new(), answers, hearsay }
    }

    #[test]
    fn only_hosts_that_dns_alone_names_are_asked_about_and_each_once() {
        let all = [found("mail.a.test", false), found("mail.b.test", true), found("mail.b.test", true)];
        assert_eq!(open_questions(all.iter(), &[]), ["mail.b.test"]);
        assert!(open_questions(all.iter(), &["Mail.B.test.".to_owned()]).is_empty());
        assert_eq!(open_questions(all.iter(), &["b.test".to_owned()]), ["mail.b.test"]);
    }

    #[test]
    fn a_refusal_says_which_host_it_is_about_and_how_to_accept_it() {
        let error = not_accepted("you@a.test", "mail.b.test");
        assert_eq!(error.message, "mail.b.test was named by the DNS of a.test, unsigned. Nothing was told to it");
        assert!(error.hint.contains("--accept-host mail.b.test"), "{error:?}");
    }

    #[test]
    fn nothing_but_a_yes_is_one() {
        for (answer, expected) in [("y\n", true), (" YES ", true), ("", false), ("n", false), ("yellow", false)] {
            assert_eq!(is_yes(answer), expected, "{answer}");
        }
    }
}
