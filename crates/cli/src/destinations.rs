//! `postrider destinations`: what earlier letters taught about the servers of each domain.

use crate::arguments::DestinationsCommand;
use crate::output::{Output, table};
use crate::queue::local_time;
use engine::view::{DestinationView, Nothing};
use engine::{DestinationArgs, Engine};
use jiff::Timestamp;
use model::CallError;

pub async fn run(command: DestinationsCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    match command {
        DestinationsCommand::List => {
            let destinations = calls.destination_list(Nothing {}).await?;
            output.print(&destinations, || listed(&destinations))
        }
        DestinationsCommand::Forget { domain } => {
            let left = calls.destination_forget(DestinationArgs { domain: domain.clone() }).await?;
            output.print(&left, || format!("What was learned of {domain} is forgotten."))
        }
    }
}

fn listed(destinations: &[DestinationView]) -> String {
    if destinations.is_empty() {
        return "Nothing was learned yet.\n".to_owned();
    }
    let heads = ["domain", "last taken", "last trouble", "encryption", "more"].map(str::to_owned).to_vec();
    table(&std::iter::once(heads).chain(destinations.iter().map(row)).collect::<Vec<_>>())
}

fn row(one: &DestinationView) -> Vec<String> {
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), local_time);
    let encryption = one.tls_version.as_deref().unwrap_or(if one.tls_offered { "offered" } else { "-" });
    vec![one.domain.clone(), time(one.last_success), time(one.last_failure), encryption.to_owned(), more(one)]
}

fn more(one: &DestinationView) -> String {
    let said = [
        one.greylist_seconds.map(|seconds| format!("greylists for {seconds} s")),
        one.refused_us.map(|class| format!("refused this computer: {}", class.word())),
        one.size_limit.map(|octets| format!("takes up to {octets} octets")),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Class;

    #[test]
    fn what_is_known_stands_in_a_line_each() {
        let one = DestinationView {
            domain: "example.org".to_owned(),
            first_seen: None,
            last_success: None,
            last_failure: None,
            greylist_seconds: Some(300),
            tls_offered: true,
            tls_version: None,
            size_limit: None,
            refused_us: Some(Class::SenderNoRdns),
        };
        let expected = "domain       last taken  last trouble  encryption  more\n\
            example.org  -           -             offered     greylists for 300 s, refused this computer: sender-no-rdns\n";
        assert_eq!(listed(&[one]), expected);
        assert_eq!(listed(&[]), "Nothing was learned yet.\n");
    }
}
