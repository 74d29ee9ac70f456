//! The page of a warning as text: for the terminal, and to be read through in the golden files.

use super::page::{Sighting, WarningAction, WarningPage};
use crate::checks::finding::{shown_millis, write_wrapped};
use jiff::Timestamp;
use std::fmt::{self, Write};

impl WarningPage {
    /// The whole page. Times are shown as `time` writes them.
    pub fn text(&self, time: impl Fn(Timestamp) -> String) -> String {
        let mut text = String::new();
        // Nothing fails that is written into memory.
        let _ = self.write(&mut text, &time);
        text
    }

    fn write(&self, f: &mut String, time: &dyn Fn(Timestamp) -> String) -> fmt::Result {
        writeln!(f, "{}", self.heading)?;
        write_wrapped(f, "", &self.what)?;
        writeln!(f, "\nWhat this means")?;
        for paragraph in &self.means {
            write_wrapped(f, "", paragraph)?;
        }
        if let Some(at) = self.next_attempt_at {
            write_wrapped(f, "Next try: ", &time(at))?;
        }
        if !self.seen.is_empty() {
            writeln!(f, "\nWhat was seen")?;
        }
        for sighting in &self.seen {
            write_sighting(f, sighting, time)?;
        }
        writeln!(f, "\nWhat to do")?;
        for step in &self.todo {
            write_wrapped(f, "- ", step)?;
        }
        for copy in &self.copy {
            writeln!(f, "\n{}", copy.label)?;
            for line in copy.text.lines() {
                writeln!(f, "        {line}")?;
            }
        }
        let commands: Vec<String> = self.actions.iter().flat_map(commands).collect();
        if !commands.is_empty() {
            writeln!(f, "\nCommands for that")?;
        }
        for command in commands {
            writeln!(f, "        {command}")?;
        }
        if let Some(alternative) = &self.alternative {
            writeln!(f, "\nWhat else")?;
            write_wrapped(f, "", alternative)?;
        }
        writeln!(f, "\nWhy this matters")?;
        write_wrapped(f, "", &self.why)
    }
}

fn write_sighting(f: &mut String, sighting: &Sighting, time: &dyn Fn(Timestamp) -> String) -> fmt::Result {
    let at = sighting.at.map(|at| format!(", {}", time(at))).unwrap_or_default();
    let took = sighting.took_ms.map(|millis| format!(" ({})", shown_millis(millis))).unwrap_or_default();
    write_wrapped(f, "", &format!("{}{at}: {}{took}", sighting.place, sighting.asked))?;
    for line in sighting.answer.lines() {
        writeln!(f, "        {line}")?;
    }
    Ok(())
}

/// What does it on the command line.
fn commands(action: &WarningAction) -> Vec<String> {
    let word = |word: &str| if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.to_owned() };
    match action {
        WarningAction::HandOver { route, letters } => letters
            .iter()
            .map(|letter| {
                format!("postrider queue route {} {} --to {}", letter.outgoing, word(route), letter.address)
            })
            .collect(),
        WarningAction::AddSmartHost { .. } => vec!["postrider account smart-host presets".to_owned()],
        WarningAction::SendThrough { senders, route, .. } => {
            senders.iter().map(|sender| format!("postrider account default {sender} {}", word(route))).collect()
        }
        WarningAction::Signing => vec!["postrider dkim list".to_owned()],
        WarningAction::CheckIdentity { address } => vec![format!("postrider check identity {address}")],
        WarningAction::CheckNetwork { account: None } => vec!["postrider check network".to_owned()],
        // The practice world is looked at in the window, and there letters are written anew.
        WarningAction::CheckNetwork { .. } | WarningAction::Edit { .. } => Vec::new(),
    }
}
