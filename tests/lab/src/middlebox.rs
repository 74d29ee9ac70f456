//! Something on the way that answers at port 25 in the place of mail hosts, and hosts that say what time it is.

use crate::program::Running;
use crate::town::{Host, Town};
use crate::wait;

const PROGRAM: &str = include_str!("middlebox.py");
const PYTHON: &str = "/usr/bin/python3";

/// A program at work that speaks in somebody's place, or says what time it is.
#[derive(Debug)]
pub struct Middlebox {
    _process: Running,
}

/// What becomes of connections to port 25.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It answers itself, by its own name.
    Answers,
    /// It passes them on, and takes the offer to encrypt out of what comes back.
    Strips,
}

impl Middlebox {
    /// Stands in the street, and takes what these addresses send to port 25 of other networks.
    pub fn of(town: &Town, way: Way, port: u16, sources: &[&str]) -> Self {
        let word = match way {
            Way::Answers => "answers",
            Way::Strips => "strips",
        };
        let street = town.street();
        let started = Self::start(&street, port, &[word]);
        town.divert(sources, port);
        started
    }

    /// A mail host at port 25 of this host that greets with the time, so many seconds late.
    pub fn telling_time(host: &Host, name: &str, seconds_late: i64) -> Self {
        Self::start(host, 25, &["tells", name, &seconds_late.to_string()])
    }

    fn start(host: &Host, port: u16, words: &[&str]) -> Self {
        let log = host.directory().join(format!("middlebox-{port}.log"));
        let mut command = host.server(PYTHON);
        let mut process = Running::start(command.args(["-c", PROGRAM, &port.to_string()]).args(words), &log);
        wait::until_listening(host, port, &mut process);
        Self { _process: process }
    }
}
