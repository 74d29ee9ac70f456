//! Bounces in words: what some servers write instead of RFC 3464, or what is left of it when something on the way took
//! the machine-readable part out.
//!
//! | who | known by | a recipient | the message that came back |
//! |---|---|---|---|
//! | qmail (QSBMF) | the first paragraph begins with `Hi. This is` | `<address>:` and lines up to an empty one | behind a line that begins with `---` |
//! | Exim | `created automatically by mail delivery software` | an address on an indented line of its own, then what happened | behind `------ This is a copy of` |
//! | Postfix | `This is the mail system at host`, `This is the Postfix program` | `<address>: what happened` | attached |
//! | Exchange | `did not reach some or all of the intended recipients` | an indented `address on date` | attached |
//! | Exchange 2007 and later | `Diagnostic information for administrators:` | behind that, an address on a line of its own | behind `Original message headers:` |
//! | Gmail as it was until 2016 | `Delivery to the following recipient` | an indented address on a line of its own | behind `----- Original message -----` |
//!
//! Only what claims to come from a mail system is looked at: a person who passes a bounce on means something else by it.

use super::{Action, Dsn, DsnRecipient};
use crate::html;
use crate::mime::{self, Tree, fields_in};
use model::{EmailAddress, EnhancedCode};

/// Recipients of one bounce that are read.
const MAX_RECIPIENTS: usize = 1_000;
/// Octets of the text that are read.
const MAX_TEXT: usize = 512 * 1024;
/// Characters of a diagnostic that are kept.
const MAX_DIAGNOSTIC: usize = 2_000;

/// Local parts of those who send bounces.
const MAIL_SYSTEMS: [&str; 4] = ["mailer-daemon", "postmaster", "mail-daemon", "microsoftexchange"];
/// What says that it is tried further, in lower case.
const DELAYS: [&str; 5] = [
    "has not yet been delivered",
    "this is a warning message only",
    "has been delayed",
    "delivery is delayed",
    "will be retried",
];

/// A program and the form of its bounces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Qmail,
    Exim,
    Postfix,
    Exchange,
    ExchangeDiagnostics,
    Gmail,
}

/// Reads a bounce in words; `None` if the message is not one.
pub(super) fn read(raw: &[u8]) -> Option<Dsn> {
    let tree = mime::split(raw);
    if !is_from_mail_system(tree.parts.first()?.header) {
        return None;
    }
    let text = text(&tree)?;
    let form = form(&text)?;
    let (report, copy) = parted(&text, form);
    let delayed = is_delay(report);
    let recipients: Vec<DsnRecipient> =
        recipients(report, form).into_iter().map(|found| found.recipient(delayed)).take(MAX_RECIPIENTS).collect();
    if recipients.is_empty() {
        return None;
    }
    Some(Dsn {
        original_message_id: returned(&tree).or_else(|| message_id(copy)),
        envelope_id: None,
        reporting_mta: reporting_mta(report),
        recipients,
    })
}

fn is_from_mail_system(header: &[u8]) -> bool {
    fields_in(header.get(..mime::MAX_HEADER).unwrap_or(header)).iter().any(|field| {
        let value = field.value().to_ascii_lowercase();
        match () {
            () if field.is("X-Failed-Recipients") => true,
            () if field.is("Return-Path") => value == "<>",
            () if field.is("From") => MAIL_SYSTEMS.iter().any(|name| {
                let address = value.rsplit_once('<').map_or(value.as_str(), |(_, address)| address);
                address.trim_start().starts_with(name)
            }),
            () => false,
        }
    })
}

/// The part that a person reads, outside of what came back.
fn text(tree: &Tree<'_>) -> Option<String> {
    let returned = tree.parts.iter().position(|part| part.fields.media_type.starts_with("message/"));
    let mut before = tree.parts.iter().take(returned.unwrap_or(usize::MAX)).filter(|part| !part.is_container);
    let part = before.find(|part| matches!(part.fields.media_type.as_str(), "text/plain" | "text/html"))?;
    let (bytes, _) = mime::decode(part);
    let text = String::from_utf8_lossy(bytes.get(..MAX_TEXT).unwrap_or(&bytes)).replace("\r\n", "\n");
    Some(if part.fields.media_type == "text/html" { html::to_text(&text) } else { text })
}

fn form(text: &str) -> Option<Form> {
    let beginning = text.trim_start();
    let lower: String = text.chars().take(8_000).collect::<String>().to_ascii_lowercase();
    let has = |words: &str| lower.contains(words);
    match () {
        () if beginning.starts_with("Hi. This is") => Some(Form::Qmail),
        () if has("created automatically by mail delivery software") => Some(Form::Exim),
        () if has("this is the mail system at host") || has("this is the postfix program") => Some(Form::Postfix),
        () if has("diagnostic information for administrators:") => Some(Form::ExchangeDiagnostics),
        () if has("did not reach some or all of the intended recipients") => Some(Form::Exchange),
        () if has("delivery to the following recipient") => Some(Form::Gmail),
        () => None,
    }
}

/// What is said, and what came back below it.
fn parted(text: &str, form: Form) -> (&str, &str) {
    let begins_copy = |line: &str| match form {
        // Within a bounce of qmail no earlier paragraph may begin with a hyphen (QSBMF).
        Form::Qmail => line.starts_with('-'),
        Form::Exim => line.starts_with("------ This is a copy of"),
        Form::ExchangeDiagnostics => line.starts_with("Original message headers:"),
        Form::Gmail => {
            line.starts_with("----- Original message -----") || line.starts_with("----- Message header follows")
        }
        Form::Postfix | Form::Exchange => false,
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if begins_copy(line) {
            let (report, copy) = text.split_at(at);
            return (report, copy.get(line.len()..).unwrap_or_default());
        }
        at += line.len();
    }
    (text, "")
}

fn is_delay(report: &str) -> bool {
    let lower = report.to_ascii_lowercase();
    DELAYS.iter().any(|words| lower.contains(words))
}

/// A recipient as it stands in the text.
#[derive(Debug)]
struct Found {
    address: String,
    /// The address that the sender used, where the bounce names it.
    original: Option<String>,
    said: Vec<String>,
}

fn recipients(report: &str, form: Form) -> Vec<Found> {
    let lines: Vec<&str> = report.lines().collect();
    let from = match form {
        Form::ExchangeDiagnostics => lines
            .iter()
            .position(|line| line.trim().eq_ignore_ascii_case("Diagnostic information for administrators:")),
        _ => None,
    };
    let mut found: Vec<Found> = Vec::new();
    let mut open = false;
    for line in lines.iter().skip(from.unwrap_or(0)) {
        match (named(line, form), found.last_mut()) {
            (Some(new), _) => {
                found.push(new);
                open = true;
            }
            // What Gmail says follows all its recipients, with empty lines between.
            (None, _) if line.trim().is_empty() && form != Form::Gmail => open = false,
            (None, Some(last)) if open => last.said.push(line.trim().to_owned()),
            _ => {}
        }
    }
    if form == Form::Gmail {
        share(&mut found);
    }
    found
}

/// The recipient that a line names.
fn named(line: &str, form: Form) -> Option<Found> {
    let indented = line.starts_with([' ', '\t']);
    let bare = line.trim();
    let only = |address: &str| Some(Found { address: address_in(address)?, original: None, said: Vec::new() });
    match form {
        Form::Qmail => only(bare.strip_prefix('<')?.strip_suffix(">:")?),
        Form::Exim | Form::Gmail => indented.then(|| only(bare)).flatten(),
        Form::ExchangeDiagnostics => only(bare),
        Form::Exchange => indented.then(|| only(bare.split_once(" on ")?.0)).flatten(),
        Form::Postfix => {
            let (address, rest) = line.strip_prefix('<')?.split_once('>')?;
            let (about, said) = rest.split_once(':')?;
            let original = about.trim().strip_prefix("(expanded from <").and_then(|text| text.strip_suffix(">)"));
            let original = original.and_then(address_in);
            Some(Found { address: address_in(address)?, original, said: vec![said.trim().to_owned()] })
        }
    }
}

fn share(found: &mut [Found]) {
    let said: Vec<String> = found.last().map(|last| last.said.clone()).unwrap_or_default();
    for one in found.iter_mut().filter(|one| one.said.iter().all(|line| line.is_empty())) {
        one.said.clone_from(&said);
    }
}

fn address_in(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    EmailAddress::parse(text).ok().map(|_| text.to_owned())
}

impl Found {
    fn recipient(self, delayed: bool) -> DsnRecipient {
        let action = if delayed { Action::Delayed } else { Action::Failed };
        let generated = self.said.iter().find_map(|line| {
            line.strip_prefix("(generated from ").and_then(|rest| address_in(rest.trim_end_matches(')')))
        });
        let said = self.said.iter().map(String::as_str).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let reply = reply_in(&said);
        DsnRecipient {
            status: status(&said, reply, action),
            diagnostic: Some(reply.unwrap_or(&said).trim().chars().take(MAX_DIAGNOSTIC).collect())
                .filter(|text: &String| !text.is_empty()),
            remote_mta: host_in(&said),
            original: self.original.or(generated),
            address: self.address,
            action,
            last_attempt: None,
            will_retry_until: None,
        }
    }
}

/// From the first number on that can only be a reply: 4yz or 5yz, alone, with words behind it.
fn reply_in(said: &str) -> Option<&str> {
    let starts = said.char_indices().filter(|(at, c)| {
        let before = said.get(..*at).and_then(|text| text.chars().next_back());
        matches!(c, '4' | '5') && before.is_none_or(|c| matches!(c, ' ' | '\'' | '"' | '#' | '<'))
    });
    starts.map(|(at, _)| said.get(at..).unwrap_or_default()).find(|text| {
        let mut characters = text.chars();
        let code: String = characters.by_ref().take(3).collect();
        let is_code = code.len() == 3 && code.bytes().all(|octet| octet.is_ascii_digit());
        is_code && matches!(characters.next(), Some(' ' | '-')) && characters.next().is_some()
    })
}

/// The enhanced code of the reply, else one in the words (`#5.1.1`), else what reply or action say.
fn status(said: &str, reply: Option<&str>, action: Action) -> EnhancedCode {
    let first = match action {
        Action::Delayed => 4,
        _ => 5,
    };
    let codes = |text: &str| {
        let words: Vec<EnhancedCode> = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .filter_map(|word| EnhancedCode::try_from(word.trim_matches('.').to_owned()).ok())
            .filter(|code| matches!(code.class, 4 | 5))
            .collect();
        words.into_iter().next()
    };
    reply.and_then(codes).or_else(|| codes(said)).unwrap_or(EnhancedCode::new(first, 0, 0))
}

/// The server that said it: `host mx.example.org [192.0.2.1]`, `by mx.example.org.`, `<mx.example.org #5.1.1>`.
fn host_in(said: &str) -> Option<String> {
    let is_name = |word: &str| {
        word.contains('.')
            && word.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-".contains(&octet))
            && word.bytes().any(|octet| octet.is_ascii_alphabetic())
    };
    let words: Vec<&str> = said.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let [before, word] = pair else { return None };
        let name = word.split('[').next().unwrap_or(word).trim_end_matches(['.', ',', ':']);
        let named = matches!(before.to_ascii_lowercase().as_str(), "host" | "by" | "server");
        let in_brackets = before.strip_prefix('<').filter(|_| word.starts_with('#'));
        in_brackets.or(named.then_some(name)).filter(|name| is_name(name)).map(str::to_owned)
    })
}

/// `This is the qmail-send program at mx.example.org.`, `This is the mail system at host mx.example.org.`,
/// `Generating server: mx.example.org`
fn reporting_mta(report: &str) -> Option<String> {
    let openings = ["program at ", "mail system at host ", "Generating server: "];
    let rest = openings.iter().find_map(|opening| Some(report.split_once(opening)?.1))?;
    let name = rest.split([' ', '\n', ',']).next()?.trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
}

/// From an attached message or its headers.
fn returned(tree: &Tree<'_>) -> Option<String> {
    let parts = tree.parts.iter().filter(|part| {
        matches!(part.fields.media_type.as_str(), "message/rfc822" | "text/rfc822-headers" | "message/global")
    });
    parts.map(|part| mime::decode(part).0).find_map(|bytes| crate::parse(&bytes).message_id)
}

/// From a copy in the text. A server may have put a line of its own, or an empty one, before the first field.
fn message_id(copy: &str) -> Option<String> {
    let lines = copy.trim_start();
    crate::parse(lines.as_bytes()).message_id.or_else(|| {
        let at = lines.to_ascii_lowercase().find("\nmessage-id:")?;
        crate::parse(lines.get(at + 1..)?.as_bytes()).message_id
    })
}
