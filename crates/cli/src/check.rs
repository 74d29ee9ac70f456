//! `postrider check`: whether letters will arrive, with the evidence.

use crate::arguments::CheckCommand;
use crate::check_letter;
use crate::networks;
use crate::output::Output;
use crate::whom::Whom;
use engine::view::{CheckReport, shown_millis};
use engine::{CheckDomainArgs, CheckIdentityArgs, CheckNetworkArgs, CheckRecipientArgs, Engine};
use model::CallError;

pub async fn run(
    command: CheckCommand,
    explain: bool,
    whom: &Whom,
    engine: &Engine,
    output: &Output,
) -> Result<(), CallError> {
    let calls = engine.calls();
    let named = whom.named(engine).await?;
    let account = named.as_ref().map(|(account, _)| account.id);
    let (what, report) = match command {
        CheckCommand::Network { history: true, .. } => return networks::history(account, engine, output).await,
        CheckCommand::Network { stun, .. } => {
            let args = CheckNetworkArgs { account, stun, ..CheckNetworkArgs::default() };
            ("Direct sending from this network".to_owned(), calls.check_network(args).await?)
        }
        CheckCommand::Identity { address } => {
            let address = match address {
                Some(address) => whom.allows(address, named.as_ref().map(|(account, _)| account))?,
                None => whom.address(engine).await?,
            };
            let what = format!("Direct sending as {address}");
            (what, calls.check_identity(CheckIdentityArgs { address, account }).await?)
        }
        CheckCommand::Domain { domain } => {
            let what = format!("Direct sending to {domain}");
            (what, calls.check_domain(CheckDomainArgs { domain, account }).await?)
        }
        CheckCommand::Recipient { address, size } => {
            let what = format!("Direct sending to {address}");
            (what, calls.check_recipient(CheckRecipientArgs { address, account, size }).await?)
        }
        CheckCommand::Letter(letter) => return check_letter::run(letter, whom, engine, output).await,
    };
    output.print(&report, || shown(&what, &report, explain))
}

/// The verdict, then each finding: what is in order in a line with its evidence, what is not in full.
fn shown(what: &str, report: &CheckReport, explain: bool) -> String {
    let took = shown_millis(report.took_ms);
    let mut text = format!("{what}: {}\n{}\n", report.verdict.word(), report.because);
    for finding in &report.findings {
        let shown = if explain { finding.to_string() } else { finding.brief() };
        text.push_str(&format!("\n{shown}"));
        if explain {
            text.push_str(&format!("    Why this matters: {}\n", finding.why));
        }
        if let Some(warning) = finding.warning {
            text.push_str(&format!("    More: postrider explain {}\n", warning.word()));
        }
    }
    text.push_str(&format!("\nThis took {took}.\n"));
    text
}
