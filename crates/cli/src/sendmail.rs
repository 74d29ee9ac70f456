//! `postrider sendmail`: the interface that cron, git send-email and mutt know. It exits with 0 once the message is safe
//! in the queue, and sends nothing itself: the window, or `postrider queue run`, does.

use crate::output::Output;
use crate::queue;
use engine::{Engine, FromHeaders};
use model::CallError;
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

/// What the options say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    from_headers: bool,
    sender: Option<String>,
    recipients: Vec<String>,
    list_queue: bool,
    /// A line with a single dot does not end the message.
    ignore_dots: bool,
}

/// The arguments, where the program was called by the name of sendmail (a link to it).
pub fn called_as_sendmail(mut arguments: impl Iterator<Item = OsString>) -> Option<Vec<String>> {
    let name = arguments.next()?;
    let called = Path::new(&name).file_stem().is_some_and(|stem| stem == "sendmail");
    called.then(|| arguments.map(|argument| argument.to_string_lossy().into_owned()).collect())
}

pub async fn run(arguments: &[String], engine: &Engine, output: &Output) -> Result<(), CallError> {
    let wanted = read_options(arguments)?;
    if wanted.list_queue {
        return queue::list(u32::MAX, engine, output).await;
    }
    let mut message = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut message)
        .map_err(|error| CallError::new("file", format!("the message could not be read: {error}"), ""))?;
    if !wanted.ignore_dots {
        message = up_to_dot(message);
    }
    let from_headers = if wanted.from_headers { FromHeaders::Yes } else { FromHeaders::No };
    engine.submit_raw(&message, wanted.sender.as_deref(), &wanted.recipients, from_headers).await.map(drop)
}

/// Options may have their value attached or behind them. Those that only mean something to other programs are accepted
/// and ignored, as every sendmail does.
fn read_options(arguments: &[String]) -> Result<Wanted, CallError> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(option) = argument.strip_prefix('-').filter(|option| !option.is_empty()) else {
            wanted.recipients.push(argument.clone());
            continue;
        };
        if option == "-" {
            wanted.recipients.extend(rest.by_ref().cloned());
            break;
        }
        let mut value = |attached: &str| match attached {
            "" => rest.next().cloned().ok_or_else(|| usage(argument, "needs a value")),
            attached => Ok(attached.to_owned()),
        };
        match option {
            "t" => wanted.from_headers = true,
            "i" | "oi" => wanted.ignore_dots = true,
            "ti" | "it" => (wanted.from_headers, wanted.ignore_dots) = (true, true),
            "bp" => wanted.list_queue = true,
            "bm" | "v" | "n" | "U" | "G" => {}
            _ if option.starts_with('o') || option.starts_with('B') => {}
            _ => match option.split_at(1) {
                ("f" | "r", attached) => wanted.sender = Some(unbracketed(&value(attached)?)),
                ("F" | "N" | "R" | "V" | "L" | "p", attached) => drop(value(attached)?),
                _ => return Err(usage(argument, "is not known")),
            },
        }
    }
    Ok(wanted)
}

fn unbracketed(address: &str) -> String {
    address.trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn usage(option: &str, what: &str) -> CallError {
    CallError::new("invalid", format!("sendmail: the option {option} {what}"), "Known: -t -i -oi -f -F -r -bp.")
}

/// Without `-i` a line that is a single dot ends the message.
fn up_to_dot(message: Vec<u8>) -> Vec<u8> {
    let mut end = 0;
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line)) == Some(b".") {
            break;
        }
        end += line.len();
    }
    let mut message = message;
    message.truncate(end);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Wanted {
        read_options(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).expect(line)
    }

    #[test]
    fn the_options_that_programs_really_use_are_understood() {
        let git = read("-i -f me@x.test -- anna@y.test ben@y.test");
        assert_eq!(git.sender.as_deref(), Some("me@x.test"));
        assert_eq!(git.recipients, ["anna@y.test", "ben@y.test"]);
        let cron = read("-FCronDaemon -i -B8BITMIME -oem root@x.test");
        assert_eq!((cron.ignore_dots, cron.recipients), (true, vec!["root@x.test".to_owned()]));
        let mutt = read("-oem -oi -f<me@x.test> anna@y.test");
        assert_eq!(mutt.sender.as_deref(), Some("me@x.test"));
        assert!(read("-t -oi").from_headers);
        assert!(read("-bp").list_queue);
    }

    #[test]
    fn an_option_that_is_not_known_is_refused() {
        assert!(read_options(&["-Z".to_owned()]).is_err());
        assert!(read_options(&["-f".to_owned()]).is_err());
    }

    #[test]
    fn a_single_dot_ends_the_message_unless_it_is_ignored() {
        assert_eq!(up_to_dot(b"a\r\n.\r\nb\r\n".to_vec()), b"a\r\n");
        assert_eq!(up_to_dot(b"a\n..\nb".to_vec()), b"a\n..\nb");
    }
}
