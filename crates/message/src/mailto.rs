//! `mailto:` URLs (RFC 6068): what opens a composer from elsewhere.
//!
//! A page that somebody visits can open one, so only what a person sees in the composer is taken: recipients, subject,
//! text. Headers of other names and files (`attach`) are ignored.

use crate::percent;
use model::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Recipients that are taken.
const MAX_RECIPIENTS: usize = 100;
/// Characters of text that are taken.
const MAX_BODY: usize = 100_000;

/// What a `mailto:` URL asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mailto {
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc.
    pub bcc: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Reads a `mailto:` URL; `None` if it is not one.
pub fn parse(url: &str) -> Option<Mailto> {
    let url = url.trim();
    let rest = url.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).and_then(|_| url.get(7..))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (recipients, fields) = rest.split_once('?').unwrap_or((rest, ""));
    let mut mailto = Mailto { to: addresses(recipients), ..Mailto::default() };
    for field in fields.split('&').flat_map(|field| field.strip_prefix("amp;").or(Some(field))) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        match percent::decode(name).to_ascii_lowercase().as_str() {
            "to" => add(&mut mailto.to, addresses(value)),
            "cc" => add(&mut mailto.cc, addresses(value)),
            "bcc" => add(&mut mailto.bcc, addresses(value)),
            "subject" => mailto.subject = one_line(&percent::decode(value)),
            "body" => mailto.body = body(&mailto.body, &percent::decode(value)),
            _ => {}
        }
    }
    add(&mut mailto.to, Vec::new());
    Some(mailto)
}

/// Commas part addresses; one that belongs to an address is percent-encoded (§2).
fn addresses(list: &str) -> Vec<Address> {
    list.split(',')
        .map(|address| one_line(&percent::decode(address)))
        .filter(|address| !address.is_empty())
        .flat_map(|address| crate::envelope::addresses_of(&address))
        .collect()
}

fn add(list: &mut Vec<Address>, more: Vec<Address>) {
    for address in more {
        if !list.iter().any(|known| known.address.eq_ignore_ascii_case(&address.address)) {
            list.push(address);
        }
    }
    list.truncate(MAX_RECIPIENTS);
}

fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several bodies are lines of one (§2 has one only; some programs write several).
fn body(before: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(MAX_BODY).collect();
    if before.is_empty() { text } else { format!("{before}\n{text}").chars().take(MAX_BODY).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Option<String> {
        let list = |addresses: &[Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        parse(url).map(|m| format!("{}|{}|{}|{}|{}", list(&m.to), list(&m.cc), list(&m.bcc), m.subject, m.body))
    }

    #[test]
    fn a_mailto_url_says_whom_and_what() {
        let table = [
            ("mailto:chris@example.com", "chris@example.com||||"),
            ("MAILTO:a@b.test,c@d.test?subject=Hi%20there&cc=e@f.test&BCC=g@h.test", {
                "a@b.test, c@d.test|e@f.test|g@h.test|Hi there|"
            }),
            ("mailto:?to=joe@example.com&body=one%0D%0Atwo", "joe@example.com||||one\ntwo"),
            ("mailto:gorby%25kremvax@example.com", "gorby%kremvax@example.com||||"),
            ("mailto:user@example.org?subject=caf%C3%A9", "user@example.org|||café|"),
            ("mailto:a@b.test?subject=x%0d%0aBcc:%20e@f.test", "a@b.test|||x Bcc: e@f.test|"),
            ("mailto:a@b.test?attach=/etc/passwd&from=x@y.test&in-reply-to=z", "a@b.test||||"),
            ("mailto:a@b.test?cc=x@y.test&amp;subject=z", "a@b.test|x@y.test||z|"),
            ("mailto:Anna%20%3Canna@example.org%3E", "Anna <anna@example.org>||||"),
            ("mailto:", "||||"),
            ("mailto:a+b@c.test", "a+b@c.test||||"),
        ];
        for (url, expected) in table {
            assert_eq!(shown(url).as_deref(), Some(expected), "{url}");
        }
        assert_eq!(parse("https://example.org"), None);
        assert_eq!(parse(""), None);
    }
}
