//! `postrider dkim`: the keys with which letters are signed, and the records that show them.

use crate::arguments::DkimCommand;
use crate::output::{Output, table};
use engine::view::{DkimDomain, DkimKeyView, DkimState, Nothing};
use engine::{DkimDomainArgs, DkimKeyArgs, Engine};
use model::CallError;

pub async fn run(command: DkimCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    match command {
        DkimCommand::List => {
            let domains = calls.dkim_list(Nothing {}).await?;
            output.print(&domains, || listed(&domains))
        }
        DkimCommand::Make { domain } => {
            let made = calls.dkim_make(DkimDomainArgs { domain }).await?;
            output.print(&made, || to_publish(&made))
        }
        DkimCommand::Check { domain } => {
            let checked = calls.dkim_check(DkimDomainArgs { domain }).await?;
            output.print(&checked, || described(&checked))
        }
        DkimCommand::Remove { id } => {
            let left = calls.dkim_remove(DkimKeyArgs { key: id }).await?;
            output
                .print(&left, || format!("Key {id} is removed. Its record in the DNS of {} can go too.", left.domain))
        }
    }
}

fn listed(domains: &[DkimDomain]) -> String {
    if domains.is_empty() {
        return "Letters are sent from no domain yet. Next: postrider account add".to_owned();
    }
    let without = |domain: &&DkimDomain| domain.keys.is_empty();
    let rows: Vec<Vec<String>> = domains.iter().flat_map(|domain| domain.keys.iter().map(row)).collect();
    let mut text = table(&rows);
    for domain in domains.iter().filter(without) {
        text.push_str(&format!("{}: no keys. To make some: postrider dkim make {0}\n", domain.domain));
    }
    text
}

fn row(key: &DkimKeyView) -> Vec<String> {
    vec![key.id.to_string(), word(key.state).to_owned(), key.algorithm.word().to_owned(), key.record_name.clone()]
}

fn word(state: DkimState) -> &'static str {
    match state {
        DkimState::Waiting => "waiting",
        DkimState::Signing => "signing",
        DkimState::Missing => "missing",
        DkimState::Retired => "retired",
    }
}

/// Lines that can be copied into a zone file as they are: what is not a record is a comment there.
fn to_publish(domain: &DkimDomain) -> String {
    let waiting = || domain.keys.iter().filter(|key| key.state == DkimState::Waiting);
    let mut text = format!(
        "; Add these records to the DNS of {}. Signing begins by itself once they are seen there;\n; to look now: postrider dkim check {0}\n",
        domain.domain
    );
    for key in waiting() {
        text.push_str(&key.zone_line);
        text.push('\n');
    }
    text
}

fn described(domain: &DkimDomain) -> String {
    if domain.keys.is_empty() {
        return format!("{}: no keys. To make some: postrider dkim make {0}\n", domain.domain);
    }
    let describe =
        |key: &DkimKeyView| format!("{} {} {}\n  {}\n", key.id, word(key.state), key.record_name, key.what);
    domain.keys.iter().map(describe).collect()
}
