//! From an error's code to an exit code of sysexits.h.

use std::process::ExitCode;

/// Prints what is wrong with the arguments, or the help that they asked for.
pub fn usage(usage: &clap::Error) -> ExitCode {
    let asked_for = !usage.use_stderr();
    // A closed pipe is all that can go wrong here.
    let _ = usage.print();
    if asked_for { ExitCode::SUCCESS } else { ExitCode::from(64) } // EX_USAGE
}

/// The exit code.
pub fn code(error: &str) -> u8 {
    match error {
        "invalid" | "no-smart-host" | "no-change" | "too-late" => 64, // EX_USAGE
        "damaged" | "too-large" => 65,                                // EX_DATAERR
        "not-found" | "file" | "not-here" => 66,                      // EX_NOINPUT
        "no-account" | "no-mailbox" => 67,                            // EX_NOUSER
        "offline" | "unreachable" | "unavailable" | "practice" => 69, // EX_UNAVAILABLE
        "disk-full" => 73,                                            // EX_CANTCREAT
        "connection-lost" | "busy" => 75,                             // EX_TEMPFAIL
        "protocol-error" | "tls-failed" => 76,                        // EX_PROTOCOL
        "auth-failed" | "no-password" | "no-keyring" | "secrets" | "tls-untrusted" | "not-encrypted" => 77, // EX_NOPERM
        "invalid-setting" | "newer-version" => 78, // EX_CONFIG
        _ => 70,                                   // EX_SOFTWARE
    }
}
