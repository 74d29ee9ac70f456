//! What the first words of a server tell beside its name: how late it is there, and from where it sees us.
//!
//! Many servers put their time into the greeting (Exim, Sendmail, Microsoft) and our address into the answer to EHLO
//! (Gmail, Microsoft, Exim). Both are read from whatever stands around them, and believed only where they can be nothing
//! else.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use model::Reply;
use std::net::IpAddr;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Words of a date: `Sun, 22 Nov 2026 06:34:18 +0000`.
const WORDS_OF_A_DATE: usize = 6;

/// The name that a server gives itself: the first word of its greeting (RFC 5321 §4.2), in lower case.
pub fn name(greeting: &Reply) -> Option<String> {
    let name = greeting.lines.first()?.split_ascii_whitespace().next()?.trim_end_matches('.');
    let top = name.rsplit_once('.')?.1;
    // An enhanced code has dots as well.
    top.starts_with(|letter: char| letter.is_ascii_alphabetic()).then(|| name.to_ascii_lowercase())
}

/// The time that a greeting states.
pub fn time(greeting: &Reply) -> Option<Timestamp> {
    greeting.lines.iter().find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        words.windows(WORDS_OF_A_DATE).find_map(date)
    })
}

fn date(words: &[&str]) -> Option<Timestamp> {
    let weekday = words.first()?.strip_suffix(',')?;
    if !WEEKDAYS.contains(&weekday) {
        return None;
    }
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(words.join(" ")).ok()
}

/// The address from which a server says it sees us, in its answer to EHLO. Only in brackets or parentheses, and only in
/// the line that greets: elsewhere an address may mean anything. The last one there, since the name that we gave may be one
/// as well, and is repeated before it (`Hello [192.168.1.7] [203.0.113.9]`).
pub fn address(ehlo: &Reply) -> Option<IpAddr> {
    let line = ehlo.lines.first()?;
    let pieces = line.split(['[', ']', '(', ')']).skip(1);
    pieces.filter_map(|piece| plain(piece).parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()).last()
}

fn plain(piece: &str) -> &str {
    let piece = piece.trim();
    match piece.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => piece.get(5..).unwrap_or_default(),
        _ => piece,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> Reply {
        Reply { code: 220, enhanced: None, lines: vec![line.to_owned()] }
    }

    #[test]
    fn the_time_of_a_server_is_read_from_its_greeting() {
        let table = [
            ("mx.example.org ESMTP Exim 4.98 Sun, 22 Nov 2026 06:34:18 +0000", Some("2026-11-22T06:34:18Z")),
            (
                "mx.example.org ESMTP Sendmail 8.17.1/8.17.1; Sun, 22 Nov 2026 07:34:18 +0100 (CET)",
                Some("2026-11-22T06:34:18Z"),
            ),
            (
                "x.outlook.com Microsoft ESMTP MAIL Service ready at Sun, 22 Nov 2026 06:34:18 +0000 [08DE]",
                Some("2026-11-22T06:34:18Z"),
            ),
            ("mx.example.org ESMTP Postfix", None),
            ("mx.example.org Sun, 22 Nov", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(time(&reply(line)), expected.map(|time| time.parse().unwrap()), "{line}");
        }
    }

    #[test]
    fn the_address_that_a_server_sees_is_read_from_its_answer() {
        let table = [
            ("mx.google.com at your service, [203.0.113.9]", Some("203.0.113.9")),
            ("x.mail.protection.outlook.com Hello [203.0.113.9]", Some("203.0.113.9")),
            ("mx.example.org Hello home.example [203.0.113.9], pleased to meet you", Some("203.0.113.9")),
            ("mx.example.org Hello home.example (203.0.113.9)", Some("203.0.113.9")),
            ("mx.google.com at your service, [2001:db8::9]", Some("2001:db8::9")),
            ("mx.example.org Hello [IPv6:2001:db8::9]", Some("2001:db8::9")),
            ("mx.example.org Hello [::ffff:203.0.113.9]", Some("203.0.113.9")),
            ("mx.example.org Hello [192.168.1.7] [203.0.113.9]", Some("203.0.113.9")),
            ("203.0.113.9 greets you", None),
            ("mx.example.org Hello [unknown]", None),
            ("mx.example.org", None),
        ];
        for (line, expected) in table {
            assert_eq!(address(&reply(line)), expected.map(|ip| ip.parse().unwrap()), "{line}");
        }
    }

    #[test]
    fn a_server_is_called_by_the_first_word() {
        assert_eq!(name(&reply("MX.Example.org. ESMTP")).as_deref(), Some("mx.example.org"));
        assert_eq!(name(&reply("ESMTP")), None);
        assert_eq!(name(&reply("")), None);
    }
}
