//! `sendmail -bs`: the server's side of SMTP (RFC 5321) on standard input and output, for a program that would rather
//! speak than call. It takes messages into the queue and nothing else; whoever can start it is its user, and so nobody
//! logs in.
//!
//! `250` after the final dot is said when the message is safe in the queue. The end of the input without QUIT is the end.

use engine::{Engine, FromHeaders, RawEnvelope};
use message::is_local_name;
use model::{CallError, EmailAddress, OutgoingId};
use std::io::{self, BufRead, Read, Write};

/// Octets of a command line (RFC 5321 §4.5.3.1.4, and room for long parameters).
const MAX_LINE: u64 = 4096;
/// Octets of a message. What is larger, hardly any server takes.
const MAX_MESSAGE: usize = 100 << 20;
/// Recipients of one message (RFC 5321 §4.5.3.1.8 asks for 100 at least).
const MAX_RECIPIENTS: usize = 10_000;

/// Where finished messages go.
pub trait Queue {
    /// Whether a message may be sent as this; an empty text is the null sender.
    async fn may_send_as(&self, sender: &str) -> Result<(), CallError>;
    /// Into the queue; there when it returns.
    async fn submit(&self, message: &[u8], sender: &str, recipients: &[String]) -> Result<OutgoingId, CallError>;
}

impl Queue for Engine {
    async fn may_send_as(&self, sender: &str) -> Result<(), CallError> {
        self.may_send_as(sender).await
    }

    async fn submit(&self, message: &[u8], sender: &str, recipients: &[String]) -> Result<OutgoingId, CallError> {
        let envelope =
            RawEnvelope { sender: Some(sender), full_name: None, recipients, from_headers: FromHeaders::No };
        self.submit_with(message, envelope).await
    }
}

pub async fn on_standard_streams(engine: &Engine) -> Result<(), CallError> {
    let held = hold(io::stdin().lock(), io::stdout().lock(), engine).await;
    match held {
        // Whoever spoke has gone: that is an end like another.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        held => held
            .map_err(|error| CallError::new("connection-lost", format!("the conversation broke off: {error}"), "")),
    }
}

/// A message that is being handed over.
#[derive(Debug, Default)]
struct Transaction {
    sender: Option<String>,
    recipients: Vec<String>,
}

struct Server<'a, W, Q> {
    out: W,
    queue: &'a Q,
    greeted: bool,
    transaction: Transaction,
}

/// Holds the conversation to its end.
pub async fn hold(mut input: impl BufRead, out: impl Write, queue: &impl Queue) -> io::Result<()> {
    let mut server = Server { out, queue, greeted: false, transaction: Transaction::default() };
    server.say("220 localhost ESMTP Postrider")?;
    while let Some(line) = command(&mut input)? {
        let Some(line) = line else {
            server.say("500 5.5.2 The line is too long")?;
            continue;
        };
        let (verb, rest) = line.split_at(line.find(' ').unwrap_or(line.len()));
        match (verb.to_ascii_uppercase().as_str(), rest.trim()) {
            ("QUIT", _) => return server.say("221 2.0.0 Bye"),
            ("DATA", "") => server.data(&mut input).await?,
            (verb, rest) => server.obey(verb, rest).await?,
        }
    }
    Ok(())
}

impl<W: Write, Q: Queue> Server<'_, W, Q> {
    fn say(&mut self, reply: &str) -> io::Result<()> {
        write!(self.out, "{reply}\r\n")?;
        self.out.flush()
    }

    async fn obey(&mut self, verb: &str, rest: &str) -> io::Result<()> {
        match verb {
            "HELO" => {
                self.greet();
                self.say("250 localhost")
            }
            "EHLO" => {
                self.greet();
                self.say(&format!(
                    "250-localhost\r\n250-PIPELINING\r\n250-SIZE {MAX_MESSAGE}\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
                ))
            }
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.rcpt(rest),
            "RSET" => {
                self.transaction = Transaction::default();
                self.say("250 2.0.0 OK")
            }
            "NOOP" => self.say("250 2.0.0 OK"),
            "VRFY" => self.say("252 2.1.5 Send a message and see"),
            "HELP" => self.say("214 2.0.0 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY QUIT"),
            "DATA" => self.say("501 5.5.4 DATA has no parameters"),
            "STARTTLS" | "AUTH" | "EXPN" | "ETRN" | "BDAT" => self.say("502 5.5.1 Not here"),
            _ => self.say("500 5.5.2 Unknown command"),
        }
    }

    fn greet(&mut self) {
        self.greeted = true;
        self.transaction = Transaction::default();
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        if !self.greeted {
            return self.say("503 5.5.1 Say HELO or EHLO first");
        }
        if self.transaction.sender.is_some() {
            return self.say("503 5.5.1 There is a sender already");
        }
        let Some((sender, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 Write MAIL FROM:<address>");
        };
        if let Some(wrong) = parameters.iter().find(|parameter| !is_known(parameter)) {
            return self.say(&format!("555 5.5.4 {wrong} is not known"));
        }
        if size_of(&parameters).is_some_and(|size| size > MAX_MESSAGE) {
            return self.say("552 5.3.4 The message is too large");
        }
        if !(sender.is_empty() || is_local_name(&sender) || EmailAddress::parse(&sender).is_ok()) {
            return self.say("553 5.1.7 That is not an address");
        }
        if let Err(error) = self.queue.may_send_as(&sender).await {
            return self.say(&refusal(&error));
        }
        self.transaction.sender = Some(sender);
        self.say("250 2.1.0 OK")
    }

    fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        if self.transaction.sender.is_none() {
            return self.say("503 5.5.1 Say MAIL first");
        }
        let Some((recipient, _)) = path(rest, "TO:") else {
            return self.say("501 5.5.4 Write RCPT TO:<address>");
        };
        if !(is_local_name(&recipient) || EmailAddress::parse(&recipient).is_ok()) {
            return self.say("553 5.1.3 That is not an address");
        }
        if self.transaction.recipients.len() >= MAX_RECIPIENTS {
            return self.say("452 4.5.3 Too many recipients");
        }
        self.transaction.recipients.push(recipient);
        self.say("250 2.1.5 OK")
    }

    async fn data(&mut self, input: &mut impl BufRead) -> io::Result<()> {
        if self.transaction.recipients.is_empty() {
            return self.say("503 5.5.1 Say MAIL and RCPT first");
        }
        self.say("354 End with a dot on a line of its own")?;
        let Transaction { sender, recipients } = std::mem::take(&mut self.transaction);
        let Some(message) = content(input)? else {
            return self.say("552 5.3.4 The message is too large");
        };
        let queued = self.queue.submit(&message, sender.as_deref().unwrap_or_default(), &recipients).await;
        match queued {
            Ok(id) => self.say(&format!("250 2.0.0 Queued as {id}")),
            Err(error) => self.say(&refusal(&error)),
        }
    }
}

/// One line without its end; `Some(None)` where it is too long, which it is read to the end of, `None` at the end.
fn command(input: &mut impl BufRead) -> io::Result<Option<Option<String>>> {
    let mut line = Vec::new();
    input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
        return Ok(Some(None));
    }
    Ok(Some(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())))
}

/// The message up to the final dot, its doubled dots made single (RFC 5321 §4.5.2); `None` where it is too large. The end
/// of the input before the dot is an error: what was not finished must not go out.
fn content(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    let mut too_large = false;
    loop {
        let mut line = Vec::new();
        let room = (MAX_MESSAGE + 2) as u64;
        if input.by_ref().take(room).read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if matches!(line.as_slice(), b".\r\n" | b".\n") {
            return Ok((!too_large).then_some(message));
        }
        let text = line.strip_prefix(b".").unwrap_or(&line);
        too_large |= message.len() + text.len() > MAX_MESSAGE;
        if !too_large {
            message.extend_from_slice(text);
        }
    }
}

/// `FROM:<address> PARAMETER=value`, also with a space behind the colon, which many write.
fn path(rest: &str, word: &str) -> Option<(String, Vec<String>)> {
    let given = rest.get(..word.len()).filter(|given| given.eq_ignore_ascii_case(word))?;
    let rest = rest.get(given.len()..)?.trim_start();
    let (address, parameters) = match rest.strip_prefix('<') {
        Some(inner) => inner.split_once('>')?,
        None => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
    };
    // A source route (RFC 5321 appendix C) is passed over.
    let address = address.strip_prefix('@').and_then(|route| route.split_once(':')).map_or(address, |(_, last)| last);
    Some((address.to_owned(), parameters.split_whitespace().map(str::to_owned).collect()))
}

fn is_known(parameter: &str) -> bool {
    let keyword = parameter.split('=').next().unwrap_or_default().to_ascii_uppercase();
    matches!(keyword.as_str(), "SIZE" | "BODY" | "SMTPUTF8" | "RET" | "ENVID" | "AUTH")
}

fn size_of(parameters: &[String]) -> Option<usize> {
    parameters.iter().find_map(|parameter| {
        let (keyword, value) = parameter.split_once('=')?;
        keyword.eq_ignore_ascii_case("SIZE").then(|| value.parse().ok()).flatten()
    })
}

/// What could not be queued, as a reply: for good where another try comes to the same.
fn refusal(error: &CallError) -> String {
    let code = match error.code.as_str() {
        "invalid" | "bad-address" => "554 5.6.0",
        "too-large" => "552 5.3.4",
        "no-account" => "550 5.7.1",
        "disk-full" => "452 4.3.1",
        _ => "451 4.3.0",
    };
    let words = format!("{} {}", error.message, error.hint);
    let ascii: String = words.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '?' }).collect();
    format!("{code} {}", ascii.trim())
}

#[cfg(test)]
mod tests;
