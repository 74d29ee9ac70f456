//! Authentication-Results (RFC 8601): what the user's own server found when the letter came in.
//!
//! Anybody can write such a field into a letter, with any name in it. A field counts where both hold:
//!
//! - its authserv-id is of the house of the user's own server (RFC 8601 §1.6 lets a house choose the name);
//! - it stands above the Received field by which the letter came in from outside: what is above that was written after
//!   the sender had let go of it (RFC 5321 §4.4, RFC 8601 §4.1). [`WRITES_BELOW`] has those that are known to write
//!   right below it, and to remove what came with their name.
//!
//! A hop is inside where its Received field has no `from`, is LMTP, or where, in parentheses (never as it was given in
//! HELO), the address is loopback or the confirmed name of the own house. A private address without such a name is
//! nobody's: behind a container's bridge or a balancer every letter comes from one. The first hop that is not inside is
//! where the letter came in. A letter without any was put into the mailbox by somebody, and nothing in it counts.
//!
//! The fields of two large providers say by their place only whose they are: [`providers`](super::providers).
//!
//! Of what counts, the topmost block is heard, the fields between two Received fields: a server that looks at letters
//! at all has written above whatever came with its name.

use super::domains::same_house;
use super::providers::Provider;
use crate::mime::{self, RawField};
use std::net::IpAddr;

/// Fields of this kind that are read.
pub(super) const MAX_FIELDS: usize = 20;
/// Methods that are read of one field.
const MAX_METHODS: usize = 40;

/// Servers whose results stand below their Received field. Gmail: as every letter that it delivers shows; it takes out
/// those that came with its name ("Email sender guidelines", RFC 8601 §5).
const WRITES_BELOW: &[&str] = &["mx.google.com"];

/// The server that the account's mail comes in by.
#[derive(Clone, Debug, Default)]
pub struct OwnServer {
    /// The IMAP host, which says whose mailbox it is.
    pub host: Option<String>,
    /// Its names: the IMAP host, and the domain of the address.
    pub names: Vec<String>,
}

impl OwnServer {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| same_house(own, name))
    }
}

/// What a server says of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerWord {
    /// How it calls itself.
    pub authserv_id: String,
    /// What it found.
    pub methods: Vec<Method>,
}

/// One thing that a server looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// `dkim`, `spf`, `dmarc`, in lower case.
    pub name: String,
    /// `pass`, `fail`, `none` …, in lower case.
    pub result: String,
    /// The domain that it is about: of the signature, of the envelope, of From.
    pub domain: Option<String>,
}

impl ServerWord {
    /// What was found by one method.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Method> {
        self.methods.iter().filter(move |method| method.name == name)
    }
}

/// What the user's own server says of this letter; `None` where it says nothing that can be told from a forgery.
pub fn of_own_server(raw: &[u8], own: &OwnServer) -> Option<ServerWord> {
    let (header, _) = mime::split_header(raw);
    let fields = mime::fields_in(header.get(..mime::MAX_HEADER).unwrap_or(header));
    if let Some(provider) = own.host.as_deref().and_then(Provider::of) {
        return provider.word(&fields);
    }
    let came_in = fields.iter().position(|field| field.is("Received") && !is_inside(&field.value(), own))?;
    let after = fields.iter().skip(came_in + 1).take_while(|field| !field.is("Received"));
    let above = topmost(fields.get(..came_in)?, own);
    above.or_else(|| read(after, own, |id| WRITES_BELOW.contains(&id)))
}

/// What the topmost block says that has a word of the own server's. Where several servers wrote in it, the topmost is heard.
fn topmost(fields: &[RawField<'_>], own: &OwnServer) -> Option<ServerWord> {
    fields.split(|field| field.is("Received")).find_map(|block| read(block.iter(), own, |_| true))
}

/// What these fields say together.
fn read<'a>(
    fields: impl Iterator<Item = &'a RawField<'a>>,
    own: &OwnServer,
    counts: impl Fn(&str) -> bool,
) -> Option<ServerWord> {
    let words = fields
        .filter(|field| field.is("Authentication-Results"))
        .take(MAX_FIELDS)
        .filter_map(|field| parse(&field.value()))
        .filter(|word| own.has(&word.authserv_id) && counts(&word.authserv_id));
    words.fold(None, |heard: Option<ServerWord>, word| match heard {
        None => Some(word),
        Some(mut first) => {
            if first.authserv_id == word.authserv_id {
                first.methods.extend(word.methods);
            }
            Some(first)
        }
    })
}

/// Reads the value of one field (RFC 8601 §2.2). A field without an authserv-id is none.
pub(super) fn parse(value: &str) -> Option<ServerWord> {
    let plain = without_comments(value);
    let id = split_outside_quotes(&plain, ';').next()?;
    let authserv_id = id.split_whitespace().next()?.trim_matches('"').to_ascii_lowercase();
    if authserv_id.is_empty() || authserv_id.contains('=') {
        return None;
    }
    Some(ServerWord { authserv_id, methods: methods(plain.get(id.len()..).unwrap_or_default()) })
}

/// The methods between semicolons; what is none is passed over.
pub(super) fn methods(plain: &str) -> Vec<Method> {
    split_outside_quotes(plain, ';').filter_map(|part| method(&part)).take(MAX_METHODS).collect()
}

/// `dkim=pass reason="…" header.d=example.org header.s=s1`.
fn method(part: &str) -> Option<Method> {
    let spaced = part.replace('=', " = ");
    let mut words = split_outside_quotes(&spaced, ' ').filter(|word| !word.trim().is_empty());
    let mut next_pair = || {
        let name = words.next()?;
        words.next().filter(|sign| sign == "=")?;
        Some((name.trim().to_ascii_lowercase(), words.next()?.trim_matches('"').to_owned()))
    };
    let (name, result) = next_pair()?;
    let name = name.split('/').next().unwrap_or_default().to_owned();
    let mut domain = None;
    while let Some((property, value)) = next_pair() {
        let found = match (name.as_str(), property.as_str()) {
            ("dkim", "header.d") | ("dmarc", "header.from") | ("spf", "smtp.mailfrom" | "smtp.mail") => true,
            ("dkim", "header.i") | ("spf", "smtp.helo") => domain.is_none(),
            _ => false,
        };
        if found {
            domain = Some(domain_of(&value)).filter(|domain| !domain.is_empty());
        }
    }
    Some(Method { name, result: result.to_ascii_lowercase(), domain })
}

fn domain_of(value: &str) -> String {
    let value = value.trim_matches(['<', '>', '"']);
    value.rsplit_once('@').map_or(value, |(_, domain)| domain).to_ascii_lowercase()
}

/// Whether a Received field is of a step inside the own house.
fn is_inside(value: &str, own: &OwnServer) -> bool {
    let plain = without_comments(value);
    let mut words = plain.split_whitespace().skip_while(|word| word.eq_ignore_ascii_case("(envelope-from"));
    if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
        return true;
    }
    let with = plain.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("with")).nth(1);
    if with.is_some_and(|with| with.to_ascii_lowercase().starts_with("lmtp")) {
        return true;
    }
    let by = plain.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("by")).nth(1);
    by.is_some_and(|by| own.has(by)) && from_peer(value).is_some_and(|peer| is_own_peer(peer, own))
}

/// What stands in the first parentheses after `from`: what the server itself saw of its peer (RFC 5321 §4.4, TCP-info).
fn from_peer(value: &str) -> Option<&str> {
    let by = value.find(" by ").unwrap_or(value.len());
    let from = value.get(..by)?;
    let (_, rest) = from.split_once('(')?;
    rest.split(')').next()
}

fn is_own_peer(peer: &str, own: &OwnServer) -> bool {
    if peer.contains("forged") {
        return false;
    }
    let address = peer.split(['[', ']']).nth(1).map(|text| text.trim_start_matches("IPv6:"));
    let local =
        address.and_then(|text| text.parse::<IpAddr>().ok()).is_some_and(|ip| ip.to_canonical().is_loopback());
    let name = peer.split_whitespace().next().unwrap_or_default().trim_end_matches('.');
    local || (!name.contains('=') && !name.starts_with('[') && own.has(name))
}

/// Comments may nest, and are not to be found inside quotes (RFC 5322 §3.2.2).
pub(super) fn without_comments(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in value.chars() {
        let literal = std::mem::replace(&mut escaped, false);
        match c {
            '\\' if !literal => escaped = true,
            '"' if !literal && depth == 0 => quoted = !quoted,
            '(' if !literal && !quoted => depth += 1,
            ')' if !literal && !quoted && depth > 0 => {
                depth -= 1;
                out.push(' ');
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            out.push(c);
        }
    }
    out
}

fn split_outside_quotes(text: &str, at: char) -> impl Iterator<Item = String> {
    let mut quoted = false;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        match parts.last_mut() {
            Some(last) if c != at || quoted => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnServer {
        OwnServer { host: None, names: vec!["imap.example.org".into(), "example.org".into()] }
    }

    fn heard(header: &str) -> Option<String> {
        let word = of_own_server(format!("{header}From: a@b.test\r\n\r\nHello\r\n").as_bytes(), &own())?;
        let methods = word
            .methods
            .iter()
            .map(|method| format!(" {}={}:{}", method.name, method.result, method.domain.as_deref().unwrap_or("-")));
        Some(word.authserv_id.clone() + &methods.collect::<String>())
    }

    const CAME_IN: &str = "Received: from mail.b.test (mail.b.test [192.0.2.7])\r\n\tby mx.example.org (Postfix) \
        with ESMTPS id 1; Sat, 21 Nov 2026 20:46:25 +0000\r\n";
    const INSIDE: &str = "Received: from mx.example.org ([10.0.0.2])\r\n\tby imap.example.org with LMTP id 2\r\n";
    const PASS: &str = "Authentication-Results: mx.example.org;\r\n dmarc=pass (p=reject) header.from=b.test\r\n";

    #[test]
    fn only_what_stands_above_the_step_from_outside_counts() {
        let pass = Some("mx.example.org dmarc=pass:b.test".to_owned());
        let forged_hop = "Received: from x (localhost [127.0.0.1]) by mx.example.org with ESMTP id 3\r\n";
        let helo = "Received: from mx.example.org (unknown [192.0.2.7]) by mx.example.org with ESMTP id 3\r\n";
        let literal = "Received: from [127.0.0.1] (unknown [192.0.2.7]) by mx.example.org with ESMTP id 3\r\n";
        let claimed = "Received: from x (mx.example.org [192.0.2.7] (may be forged)) by mx.example.org id 3\r\n";
        let table = [
            (format!("{PASS}{CAME_IN}"), &pass),
            (format!("{INSIDE}{PASS}{CAME_IN}"), &pass),
            (format!("Received: by 2001:db8::1 with SMTP id 4\r\n{PASS}{CAME_IN}"), &pass),
            (format!("{CAME_IN}{PASS}"), &None),
            (format!("{CAME_IN}{PASS}{forged_hop}"), &None),
            (format!("{INSIDE}{CAME_IN}{PASS}{INSIDE}"), &None),
            (format!("{helo}{PASS}{CAME_IN}"), &None),
            (format!("{literal}{PASS}{CAME_IN}"), &None),
            (format!("{claimed}{PASS}{CAME_IN}"), &None),
            (PASS.to_owned(), &None),
            (format!("{}{CAME_IN}", PASS.replace("mx.example.org", "mx.b.test")), &None),
            (format!("{}{CAME_IN}", PASS.replace("mx.example.org", "mx.example.org.b.test")), &None),
        ];
        for (header, expected) in table {
            assert_eq!(heard(&header), *expected, "{header}");
        }
    }

    #[test]
    fn a_private_peer_without_a_name_of_the_house_may_be_anybody() {
        let pass = Some("mx.example.org dmarc=pass:b.test".to_owned());
        // What a server behind a bridge writes of every letter, and below it what the sender made up.
        let bridged = "Received: from mail.b.test (unknown [172.17.0.1]) by mx.example.org with ESMTP id 6\r\n";
        let balanced = "Received: from x (gateway.cluster.test [fd00::1]) by mx.example.org with ESMTP id 7\r\n";
        let relayed = "Received: from x (relay.example.org [10.0.0.2]) by imap.example.org with ESMTP id 8\r\n";
        let filtered = "Received: from localhost (localhost [127.0.0.1]) by mx.example.org with ESMTP id 9\r\n";
        for (header, expected) in [
            (format!("{bridged}{PASS}{CAME_IN}"), &None),
            (format!("{balanced}{PASS}{CAME_IN}"), &None),
            (format!("{PASS}{bridged}{CAME_IN}"), &pass),
            (format!("{relayed}{PASS}{CAME_IN}"), &pass),
            (format!("{filtered}{PASS}{CAME_IN}"), &pass),
        ] {
            assert_eq!(heard(&header), *expected, "{header}");
        }
    }

    #[test]
    fn what_came_with_the_name_of_the_own_server_adds_nothing_to_its_word() {
        let none = "Authentication-Results: mx.example.org; dmarc=none header.from=b.test\r\n";
        let filtered = "Received: from localhost (localhost [127.0.0.1]) by mx.example.org with ESMTP id 9\r\n";
        let heard = heard(&format!("{none}{filtered}{PASS}{CAME_IN}"));
        assert_eq!(heard.as_deref(), Some("mx.example.org dmarc=none:b.test"));
    }

    #[test]
    fn gmail_writes_below_and_takes_out_what_came_with_its_name() {
        let own = OwnServer { host: Some("imap.gmail.com".into()), names: vec!["imap.gmail.com".into()] };
        let header = "Received: by 2002:a05:6359::1 with SMTP id q1\r\nReceived: from mail.b.test (mail.b.test. \
            [192.0.2.7]) by mx.google.com with ESMTPS id 5\r\nAuthentication-Results: mx.google.com;\r\n \
            dkim=pass header.i=@b.test header.s=s1; spf=pass (google.com: domain of x) \
            smtp.mailfrom=anna@b.test\r\n\r\n";
        let word = of_own_server(header.as_bytes(), &own).unwrap();
        assert_eq!(word.of("dkim").next().unwrap().domain.as_deref(), Some("b.test"));
        assert_eq!(word.of("spf").next().unwrap().domain.as_deref(), Some("b.test"));
        let lower = header.replace("Authentication-Results", "Received: from x by y\r\nAuthentication-Results");
        assert_eq!(of_own_server(lower.as_bytes(), &own), None);
    }

    #[test]
    fn fields_in_every_writing_are_read() {
        let table = [
            ("mx.example.org 1; none", "mx.example.org"),
            ("mx.example.org; spf=pass smtp.mailfrom=example.net", "mx.example.org spf=pass:example.net"),
            (
                "mx.example.org; spf=pass smtp.helo=h.test smtp.mailfrom=\"<a@m.test>\"",
                "mx.example.org spf=pass:m.test",
            ),
            (
                "(c) mx.example.org (a (nested; dkim=pass) one); dkim = fail (bad) header.d = Mail.B.test",
                "mx.example.org dkim=fail:mail.b.test",
            ),
            (
                "mx.example.org; dkim=pass reason=\"a; dmarc=pass header.from=x.test\" header.d=b.test",
                "mx.example.org dkim=pass:b.test",
            ),
            ("mx.example.org; dkim/1=pass header.i=@sub.b.test header.d=b.test", "mx.example.org dkim=pass:b.test"),
            ("mx.example.org; nonsense; =; dmarc=none", "mx.example.org dmarc=none:-"),
        ];
        for (value, expected) in table {
            let header = format!("Authentication-Results: {value}\r\n{CAME_IN}");
            assert_eq!(heard(&header).as_deref(), Some(expected), "{value}");
        }
        // Without an id nobody can tell whose word it is by the field alone.
        assert_eq!(parse("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=b.test; dkim=pass"), None);
    }

    #[test]
    fn several_fields_of_one_server_are_heard_together_and_of_two_the_topmost() {
        let dkim = "Authentication-Results: mx.example.org; dkim=pass header.d=b.test\r\n";
        let other = "Authentication-Results: old.example.org; dkim=fail header.d=b.test\r\n";
        let together = heard(&format!("{dkim}{other}{PASS}{CAME_IN}"));
        assert_eq!(together.as_deref(), Some("mx.example.org dkim=pass:b.test dmarc=pass:b.test"));
    }
}
