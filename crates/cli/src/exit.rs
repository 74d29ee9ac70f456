//! From an error's code to an exit code of sysexits.h.

use model::CallError;
use std::ffi::OsString;
use std::process::ExitCode;

/// Prints what is wrong with the arguments, or the help that they asked for. Arguments that make no sense as a whole
/// still say whether the answer is read by a program.
pub fn usage(usage: &clap::Error, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let asked_for = !usage.use_stderr();
    // A closed pipe is all that can go wrong here.
    let _ = usage.print();
    if !asked_for && wants_json(arguments) {
        println!("{}", serde_json::json!({ "error": as_error(usage) }));
    }
    if asked_for { ExitCode::SUCCESS } else { ExitCode::from(code("invalid")) }
}

fn wants_json(arguments: impl IntoIterator<Item = OsString>) -> bool {
    arguments.into_iter().take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// In the words of clap, without its usage and tips.
fn as_error(usage: &clap::Error) -> CallError {
    let text = usage.to_string();
    let said: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let said = said.join(" ");
    CallError::new("invalid", said.strip_prefix("error: ").unwrap_or(&said), "postrider help shows what can be said.")
}

/// The exit code.
pub fn code(error: &str) -> u8 {
    match error {
        "invalid" | "no-smart-host" | "no-imap-server" | "no-change" | "too-late" => 64, // EX_USAGE
        "damaged" | "too-large" | "bad-address" => 65,                                   // EX_DATAERR
        "not-found" | "file" | "not-here" => 66,                                         // EX_NOINPUT
        "no-account" | "no-mailbox" => 67,                                               // EX_NOUSER
        "offline" | "unreachable" | "unavailable" | "refused" | "practice" => 69,        // EX_UNAVAILABLE
        "disk-full" => 73,                                                               // EX_CANTCREAT
        "home" => 74,                                                                    // EX_IOERR
        "connection-lost" | "busy" | "stopped" => 75,                                    // EX_TEMPFAIL
        "protocol-error" | "tls-failed" => 76,                                           // EX_PROTOCOL
        "auth-failed" | "no-password" | "no-password-login" | "no-keyring" | "keyring-locked" | "secrets"
        | "tls-untrusted" | "not-encrypted" => 77, // EX_NOPERM
        "invalid-setting" | "newer-version" => 78,                                       // EX_CONFIG
        _ => 70,                                                                         // EX_SOFTWARE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    #[test]
    fn every_error_that_a_user_can_mend_has_an_exit_code_of_its_kind() {
        let table = [
            ("invalid", 64),
            ("no-imap-server", 64),
            ("too-large", 65),
            ("bad-address", 65),
            ("no-account", 67),
            ("refused", 69),
            ("disk-full", 73),
            ("home", 74),
            ("stopped", 75),
            ("tls-failed", 76),
            ("keyring-locked", 77),
            ("no-password-login", 77),
            ("invalid-setting", 78),
            ("internal", 70),
        ];
        for (error, expected) in table {
            assert_eq!(code(error), expected, "{error}");
        }
    }

    #[test]
    fn wrong_arguments_are_an_error_in_one_sentence() {
        let table = [
            (vec!["postrider", "liszt"], "unrecognized subcommand 'liszt'"),
            (vec!["postrider", "send"], "the following required arguments were not provided: --to"),
        ];
        for (arguments, expected) in table {
            let error = as_error(&Arguments::try_parse_from(arguments).unwrap_err());
            assert_eq!(error.code, "invalid");
            assert!(error.message.starts_with(expected), "{}", error.message);
        }
    }

    #[test]
    fn json_is_asked_for_before_the_words_end() {
        let asked = |words: &[&str]| wants_json(words.iter().map(OsString::from));
        assert!(asked(&["postrider", "list", "--json", "--nonsense"]));
        assert!(!asked(&["postrider", "search", "--", "--json"]));
    }
}
