//! `postrider sendmail`, also where the program is called by the name `sendmail`, `mailq` or `newaliases` (links to it):
//! the interface that cron, git send-email and mutt know. It exits with 0 once the message is safe in the queue, and
//! sends nothing itself: the window, or `postrider queue run`, does.
//!
//! | module | what |
//! |---|---|
//! | `options` | what the arguments say |
//! | `conversation` | `-bs`: SMTP on standard input and output |
//! | `listing` | `-bp`: what waits |

mod conversation;
mod listing;
mod options;

use crate::output::Output;
use engine::{Engine, FromHeaders, RawEnvelope};
use model::CallError;
use options::{Mode, Wanted};
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

/// The arguments, where the program was called by the name of sendmail or of one of its companions.
pub fn called_as_sendmail(mut arguments: impl Iterator<Item = OsString>) -> Option<Vec<String>> {
    let name = arguments.next()?;
    let implied = match Path::new(&name).file_stem()?.to_str()? {
        "sendmail" => None,
        "mailq" => Some("-bp".to_owned()),
        "newaliases" => Some("-bi".to_owned()),
        _ => return None,
    };
    Some(implied.into_iter().chain(arguments.map(|argument| argument.to_string_lossy().into_owned())).collect())
}

pub async fn run(arguments: &[String], engine: &Engine, output: &Output) -> Result<(), CallError> {
    let wanted = options::read(arguments)?;
    match wanted.mode {
        Mode::Deliver => deliver(&wanted, engine).await,
        Mode::Converse => conversation::on_standard_streams(engine).await,
        Mode::List => listing::print(engine, output).await,
        Mode::RunQueue => engine.run_queue().await.map(drop),
        Mode::Aliases => Ok(()),
    }
}

async fn deliver(wanted: &Wanted, engine: &Engine) -> Result<(), CallError> {
    let mut message = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut message)
        .map_err(|error| CallError::new("file", format!("the message could not be read: {error}"), ""))?;
    if !wanted.ignore_dots {
        message = up_to_dot(message);
    }
    let envelope = RawEnvelope {
        sender: wanted.sender.as_deref(),
        full_name: wanted.full_name.as_deref(),
        recipients: &wanted.recipients,
        from_headers: if wanted.from_headers { FromHeaders::Yes } else { FromHeaders::No },
    };
    engine.submit_with(&message, envelope).await.map(drop)
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

    #[test]
    fn a_single_dot_ends_the_message_unless_it_is_ignored() {
        assert_eq!(up_to_dot(b"a\r\n.\r\nb\r\n".to_vec()), b"a\r\n");
        assert_eq!(up_to_dot(b"a\n..\nb".to_vec()), b"a\n..\nb");
    }

    #[test]
    fn the_name_it_is_called_by_says_what_is_wanted() {
        let called = |words: &[&str]| called_as_sendmail(words.iter().map(OsString::from));
        assert_eq!(called(&["/usr/sbin/sendmail", "-t"]), Some(vec!["-t".to_owned()]));
        assert_eq!(called(&["mailq"]), Some(vec!["-bp".to_owned()]));
        assert_eq!(called(&["newaliases"]), Some(vec!["-bi".to_owned()]));
        assert_eq!(called(&["postrider", "list"]), None);
    }
}
