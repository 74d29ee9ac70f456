//! SMTP commands as the grammar of RFC 5321 §4.1.1 has them, with the parameters of SIZE (RFC 1870), 8BITMIME (RFC
//! 6152), DSN (RFC 3461) and AUTH (RFC 4954). Strict: what the grammar does not allow is a [`CommandError`].

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Ehlo(String),
    Helo(String),
    Mail { sender: Option<String>, parameters: MailParameters },
    Rcpt { recipient: String, original: Option<String> },
    Data,
    Rset,
    Noop,
    Quit,
    StartTls,
    Vrfy,
    Auth { mechanism: String, initial: Option<String> },
}

/// What MAIL says beside the sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MailParameters {
    pub(crate) size: Option<usize>,
    pub(crate) eight_bit: bool,
    pub(crate) envelope_id: Option<String>,
}

/// Why a line is not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandError {
    Unknown,
    Syntax,
    Parameter,
}

/// Reads one line, without its CRLF.
pub(crate) fn parse(line: &str) -> Result<Command, CommandError> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => host_name(rest).map(Command::Ehlo),
        "HELO" => host_name(rest).map(Command::Helo),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(rest, Command::Data),
        "RSET" => alone(rest, Command::Rset),
        "QUIT" => alone(rest, Command::Quit),
        "STARTTLS" => alone(rest, Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "AUTH" => auth(rest),
        _ => Err(CommandError::Unknown),
    }
}

fn alone(rest: &str, command: Command) -> Result<Command, CommandError> {
    if rest.trim().is_empty() { Ok(command) } else { Err(CommandError::Syntax) }
}

fn host_name(text: &str) -> Result<String, CommandError> {
    let name = text.trim();
    let literal = name.starts_with('[') && name.ends_with(']');
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if literal || plain { Ok(name.to_owned()) } else { Err(CommandError::Syntax) }
}

fn auth(rest: &str) -> Result<Command, CommandError> {
    let mut words = rest.split_whitespace();
    let mechanism = words.next().ok_or(CommandError::Syntax)?.to_ascii_uppercase();
    Ok(Command::Auth { mechanism, initial: words.next().map(str::to_owned) })
}

fn mail(rest: &str) -> Result<Command, CommandError> {
    let (path, parameters) = path_and_parameters(rest, "FROM:")?;
    let sender = if path.is_empty() { None } else { Some(address(path)?) };
    let mut known = MailParameters::default();
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", size) => known.size = Some(size.parse().map_err(|_| CommandError::Parameter)?),
            ("BODY", "8BITMIME") => known.eight_bit = true,
            ("BODY", "7BIT") | ("RET", "FULL" | "HDRS") => {}
            ("ENVID", _) => known.envelope_id = Some(xtext(value).ok_or(CommandError::Parameter)?),
            ("AUTH", _) => {}
            _ => return Err(CommandError::Parameter),
        }
    }
    Ok(Command::Mail { sender, parameters: known })
}

fn rcpt(rest: &str) -> Result<Command, CommandError> {
    let (path, parameters) = path_and_parameters(rest, "TO:")?;
    let recipient = if path.eq_ignore_ascii_case("postmaster") { path.to_owned() } else { address(path)? };
    let mut original = None;
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').ok_or(CommandError::Parameter)?;
        match name.to_ascii_uppercase().as_str() {
            "NOTIFY" => {}
            "ORCPT" => original = Some(xtext(value).ok_or(CommandError::Parameter)?),
            _ => return Err(CommandError::Parameter),
        }
    }
    Ok(Command::Rcpt { recipient, original })
}

/// `FROM:<path> parameters`, without a space before the path.
fn path_and_parameters<'a>(rest: &'a str, keyword: &str) -> Result<(&'a str, &'a str), CommandError> {
    let (start, rest) = rest.split_at_checked(keyword.len()).ok_or(CommandError::Syntax)?;
    if !start.eq_ignore_ascii_case(keyword) {
        return Err(CommandError::Syntax);
    }
    let inner = rest.strip_prefix('<').ok_or(CommandError::Syntax)?;
    let end = closing_bracket(inner).ok_or(CommandError::Syntax)?;
    let (path, after) = inner.split_at(end);
    let after = after.get(1..).unwrap_or_default();
    if !after.is_empty() && !after.starts_with(' ') {
        return Err(CommandError::Syntax);
    }
    Ok((path, after))
}

/// Where the path ends: a `>` outside a quoted local part.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (index, byte) in text.bytes().enumerate() {
        if byte == b'>' && !quoted {
            return Some(index);
        }
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
    }
    None
}

/// A mailbox: the local part kept as it is, the domain in lower case.
fn address(text: &str) -> Result<String, CommandError> {
    let (local, domain) = text.rsplit_once('@').ok_or(CommandError::Syntax)?;
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let atoms = local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_octet));
    let literal = domain.starts_with('[') && domain.ends_with(']');
    let labels = domain.split('.').all(is_label);
    if (quoted || atoms) && (literal || labels) && local.len() <= 64 && domain.len() <= 255 {
        Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
    } else {
        Err(CommandError::Syntax)
    }
}

fn is_atom_octet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Decodes xtext (RFC 3461 §4).
fn xtext(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('+') {
        let (digits, after) = after.split_at_checked(2)?;
        decoded.push_str(before);
        decoded.push(char::from(u8::from_str_radix(digits, 16).ok()?));
        rest = after;
    }
    Some(decoded + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_the_grammar_has_them() {
        let mail = |sender: Option<&str>, parameters| Command::Mail { sender: sender.map(str::to_owned), parameters };
        let table = [
            ("ehlo client.example", Ok(Command::Ehlo("client.example".into()))),
            ("EHLO [127.0.0.1]", Ok(Command::Ehlo("[127.0.0.1]".into()))),
            ("EHLO", Err(CommandError::Syntax)),
            ("MAIL FROM:<>", Ok(mail(None, MailParameters::default()))),
            (
                "mail from:<You@Practice.TEST> SIZE=12 BODY=8BITMIME ENVID=a+2Bb RET=HDRS",
                Ok(mail(
                    Some("You@practice.test"),
                    MailParameters { size: Some(12), eight_bit: true, envelope_id: Some("a+b".into()) },
                )),
            ),
            ("MAIL FROM: <a@b.test>", Err(CommandError::Syntax)),
            ("MAIL FROM:a@b.test", Err(CommandError::Syntax)),
            ("MAIL FROM:<a@b.test> SMTPUTF8", Err(CommandError::Parameter)),
            ("MAIL FROM:<a@b.test> SIZE=x", Err(CommandError::Parameter)),
            (
                "RCPT TO:<\"a>b\"@b.test> NOTIFY=FAILURE ORCPT=rfc822;x",
                Ok(Command::Rcpt { recipient: "\"a>b\"@b.test".into(), original: Some("rfc822;x".into()) }),
            ),
            ("RCPT TO:<a..b@b.test>", Err(CommandError::Syntax)),
            ("RCPT TO:<a@-b.test>", Err(CommandError::Syntax)),
            ("RCPT TO:<>", Err(CommandError::Syntax)),
            ("DATA now", Err(CommandError::Syntax)),
            ("STARTTLS", Ok(Command::StartTls)),
            ("AUTH plain AGE=", Ok(Command::Auth { mechanism: "PLAIN".into(), initial: Some("AGE=".into()) })),
            ("BDAT 5", Err(CommandError::Unknown)),
        ];
        for (line, expected) in table {
            assert_eq!(parse(line), expected, "{line}");
        }
    }
}
