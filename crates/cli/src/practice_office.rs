//! `postrider practice`: the practice post office, for trying things out from other shells, and its switches.
//!
//! A post office that runs here takes orders as lines on standard input (`port-25 blocked`, `reset`, `sleep`, `show`); the
//! one of a home, or the one that its settings lead to, takes them from `postrider practice switch`. Either way the answer is
//! how the switches stand then: with `--json` one document, on standard input's behalf one on a line.

use crate::arguments::PracticeCommand;
use crate::output::Output;
use engine::Engine;
use engine::view::Nothing;
use model::CallError;
use practice::{DnsList, Info, Options, Order, Port25, Portal, PostOffice, ReverseDns, Switches};
use std::io::BufRead;
use tokio::sync::mpsc;

pub async fn run(output: &Output) -> Result<(), CallError> {
    engine::prepare_process();
    let office = PostOffice::start(Options::default())
        .await
        .map_err(|error| CallError::new("practice", error.to_string(), ""))?;
    output.line(office.info(), || description(office.info()))?;
    let mut lines = typed();
    let end = until_interrupted();
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            Some(line) = lines.recv() => match line.parse::<Order>() {
                Ok(order) => {
                    let switches = office.obey(order).await;
                    output.line(&switches, || shown(&switches))?;
                }
                Err(unknown) => output.note(&unknown.to_string()),
            },
        }
    }
    office.stop().await;
    Ok(())
}

/// What is typed, line by line; nothing any more after the end of the input. A thread of its own reads, which the end of the
/// process does not wait for.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (told, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if !line.trim().is_empty() && told.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Gives an order to the post office that is open.
pub async fn order(command: PracticeCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    let switches = match command {
        PracticeCommand::Switch { switch: Some(switch), to: Some(to) } => match format!("{switch} {to}").parse() {
            Ok(Order::Turn(turn)) => calls.practice_switch(turn).await?,
            Ok(_) => calls.practice_switches(Nothing {}).await?,
            Err(unknown) => return Err(CallError::new("invalid", unknown.to_string(), "")),
        },
        PracticeCommand::Switch { .. } => calls.practice_switches(Nothing {}).await?,
        PracticeCommand::Reset => calls.practice_reset(Nothing {}).await?,
        PracticeCommand::Sleep => calls.practice_sleep(Nothing {}).await?,
    };
    output.print(&switches, || shown(&switches))
}

/// How the switches stand, in sentences.
fn shown(switches: &Switches) -> String {
    let port_25 = match switches.port_25 {
        Port25::Open => None,
        Port25::Blocked => Some("Port 25 is blocked here, by you: every mail host refuses the connection."),
        Port25::Intercepted => {
            Some("Port 25 is intercepted here, by you: a gateway answers in place of every mail host.")
        }
    };
    let reverse_dns = match switches.reverse_dns {
        ReverseDns::Confirmed => None,
        ReverseDns::Missing => Some("Your address has no name here, by you."),
        ReverseDns::Generic => Some("Your address has a name like one of thousands here, by you."),
    };
    let dns_list = match switches.dns_list {
        DnsList::Absent => None,
        DnsList::Listed => Some("Your address is on block lists here, by you: for spam."),
        DnsList::Policy => {
            Some("Your address is on a block list here, by you: as one that should not send mail itself.")
        }
    };
    let portal = match switches.portal {
        Portal::Off => None,
        Portal::On => Some("A login page stands before everything here, by you: nothing is sent."),
    };
    let turned: Vec<&str> = [port_25, reverse_dns, dns_list, portal].into_iter().flatten().collect();
    let mut text = match turned.is_empty() {
        true => "Every switch is off: this is a good network.\n".to_owned(),
        false => turned.into_iter().map(|line| format!("{line}\n")).collect(),
    };
    match switches.hours_slept {
        0 => {}
        1 => text.push_str("The practice world has slept for 1 hour.\n"),
        hours => text.push_str(&format!("The practice world has slept for {hours} hours.\n")),
    }
    text
}

fn description(info: &Info) -> String {
    format!(
        "The practice post office is open until you press Ctrl+C.\n\
         \n\
         address     {}\n\
         user        {}\n\
         password    {}\n\
         IMAP        {}\n\
         submission  {}\n\
         DNS         {}\n\
         SMTP port   {}\n\
         CA          {}\n\
         \n\
         In another shell, with a home directory of its own:\n\
         \n\
         export POSTRIDER_HOME=$(mktemp -d)\n\
         postrider config set net.dns {}\n\
         postrider config set net.smtp_port {}\n\
         postrider config set net.extra_ca {}\n\
         postrider config set secrets.store file\n\
         echo {} | postrider account add {} --imap {} --smtp {} --password-stdin\n\
         postrider sync\n\
         echo Hello | postrider send --to anna@prompt.test --subject Hello --route direct\n\
         \n\
         Lines typed here, or \"postrider practice switch\" there, make its network a bad one:\n\
         \n\
         {}\n\
         reset\n\
         sleep        an hour passes at once",
        info.address,
        info.user,
        info.password,
        info.imap,
        info.submission,
        info.dns,
        info.smtp_port,
        info.ca.display(),
        info.dns,
        info.smtp_port,
        info.ca.display(),
        info.password,
        info.address,
        info.imap,
        info.submission,
        practice::POSITIONS.map(|(switch, positions)| format!("{switch:<12} {}", positions.join("|"))).join("\n"),
    )
}

/// Ctrl+C, or the signal with which a program is asked to end.
pub async fn until_interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut end) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = end.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
