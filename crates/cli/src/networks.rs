//! `postrider networks`: the networks that this computer was on, and what was found there.

use crate::arguments::NetworksCommand;
use crate::output::{Output, table};
use crate::queue::local_time;
use engine::Engine;
use engine::view::{CheckLine, NetworkArgs, NetworkHistory, NetworkNowArgs, NetworkRenameArgs};
use model::{AccountId, CallError};

pub async fn run(command: NetworksCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    match command {
        NetworksCommand::List => {
            let networks = calls.network_history(NetworkNowArgs::default()).await?;
            output.print(&networks, || listed(&networks))
        }
        NetworksCommand::Rename { network, name } => {
            calls.network_rename(NetworkRenameArgs { network, name: name.clone() }).await?;
            let done = if name.trim().is_empty() {
                format!("Network {network} has no name of its own any more.\n")
            } else {
                format!("Network {network} is called {}.\n", name.trim())
            };
            output.print(&(), || done)
        }
        NetworksCommand::Forget { network } => {
            calls.network_forget(NetworkArgs { network }).await?;
            output.print(&(), || format!("Network {network} and what was found there are forgotten.\n"))
        }
    }
}

/// The earlier checks of the network that this computer is on.
pub async fn history(account: Option<AccountId>, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let networks = engine.calls().network_history(NetworkNowArgs { account }).await?;
    let here = networks.into_iter().find(|network| network.here);
    output.print(&here, || match &here {
        Some(here) => checks_of(here),
        None => "Nothing is kept of this network.\n".to_owned(),
    })
}

fn listed(networks: &[NetworkHistory]) -> String {
    if networks.is_empty() {
        return "Nothing is kept of any network yet. Look at this one: postrider check network\n".to_owned();
    }
    let heads = ["id", "network", "last seen", "direct sending"].map(str::to_owned).to_vec();
    table(&std::iter::once(heads).chain(networks.iter().map(row)).collect::<Vec<_>>())
}

fn row(one: &NetworkHistory) -> Vec<String> {
    let here = if one.here { " (here)" } else { "" };
    let found = one.checks.first().map_or("not checked", |check| check.verdict.word());
    let network = &one.network;
    vec![network.id.to_string(), format!("{}{here}", network.name), local_time(network.last_seen), found.to_owned()]
}

fn checks_of(one: &NetworkHistory) -> String {
    if one.checks.is_empty() {
        return format!("{}: not checked yet.\n", one.network.name);
    }
    let line = |check: &CheckLine| {
        let some = if check.whole { "" } else { " (some of it again)" };
        vec![local_time(check.at), check.verdict.word().to_owned(), format!("{}{some}", check.because)]
    };
    format!("{}\n{}", one.network.name, table(&one.checks.iter().map(line).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::view::{DirectVerdict, NetworkView};
    use jiff::Timestamp;
    use model::{NetworkCheckId, NetworkId, NetworkKind};

    #[test]
    fn networks_are_listed_with_what_direct_sending_is_worth_there() {
        let at = Timestamp::UNIX_EPOCH;
        let check = CheckLine {
            id: NetworkCheckId(1),
            at,
            whole: false,
            verdict: DirectVerdict::Risky,
            because: "Your address has no name.".into(),
        };
        let network = |id, name: &str, checks| NetworkHistory {
            network: NetworkView {
                id: NetworkId(id),
                name: name.into(),
                named: true,
                kind: NetworkKind::WiFi,
                first_seen: at,
                last_seen: at,
            },
            here: id == 1,
            checks,
        };
        let networks = [network(1, "At home", vec![check]), network(2, "Café", vec![])];
        let text = listed(&networks);
        assert!(text.contains("At home (here)") && text.contains("risky"), "{text}");
        assert!(text.contains("Café") && text.contains("not checked"), "{text}");
        assert!(checks_of(&networks[0]).contains("Your address has no name. (some of it again)"));
        assert_eq!(checks_of(&networks[1]), "Café: not checked yet.\n");
    }
}
