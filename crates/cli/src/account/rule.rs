//! `postrider account rule` and `postrider account default`.

use super::account_of;
use super::arguments::RuleCommand;
use crate::output::{Output, table};
use engine::Engine;
use model::{Account, CallError, RoutePolicy, RouteRule, shown_domain};
use serde_json::json;

pub async fn run(command: RuleCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        RuleCommand::Add { address, domain, route } => {
            let mut account = account_of(&address, engine).await?;
            let rule = rule(&domain, route.into())?;
            match account.rules.iter_mut().find(|former| former.domain == rule.domain) {
                Some(former) => *former = rule,
                None => account.rules.push(rule),
            }
            print(&engine.calls().account_update(account).await?, output)
        }
        RuleCommand::List { address } => print(&account_of(&address, engine).await?, output),
        RuleCommand::Remove { address, domain } => {
            let mut account = account_of(&address, engine).await?;
            let rule = rule(&domain, RoutePolicy::Auto)?;
            let before = account.rules.len();
            account.rules.retain(|former| former.domain != rule.domain);
            if account.rules.len() == before {
                let hint = format!("postrider account rule list {} shows them.", account.address);
                return Err(CallError::new(
                    "not-found",
                    format!("there is no rule for {}", shown_domain(&rule.domain)),
                    hint,
                ));
            }
            print(&engine.calls().account_update(account).await?, output)
        }
    }
}

/// The default of one identity, or, by the account's address, of its first.
pub async fn default(address: &str, route: String, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut account = account_of(address, engine).await?;
    let route = RoutePolicy::from(route);
    let places = account.identities.iter_mut();
    let mut places = places.filter(|identity| identity.address.to_string().eq_ignore_ascii_case(address));
    match places.next() {
        Some(identity) => identity.route = route,
        None => account.identities.iter_mut().take(1).for_each(|identity| identity.route = route.clone()),
    }
    let account = engine.calls().account_update(account).await?;
    let defaults: Vec<_> = account
        .identities
        .iter()
        .map(|identity| json!({ "address": identity.address, "route": identity.route }))
        .collect();
    output.print(&defaults, || {
        let cells = |identity: &model::Identity| vec![identity.address.to_string(), identity.route.to_string()];
        table(&account.identities.iter().map(cells).collect::<Vec<_>>())
    })
}

fn rule(domain: &str, route: RoutePolicy) -> Result<RouteRule, CallError> {
    RouteRule::new(domain, route).map_err(|_| {
        let hint = "Write it as example.org, as '*.example.org' for all below it, or as '*' for everything else.";
        CallError::new("invalid", format!("“{domain}” is no domain that a rule can be for"), hint)
    })
}

fn print(account: &Account, output: &Output) -> Result<(), CallError> {
    output.print(&account.rules, || match account.rules.as_slice() {
        [] => format!("{} has no rules.", account.address),
        rules => table(
            &rules.iter().map(|rule| vec![shown_domain(&rule.domain), rule.route.to_string()]).collect::<Vec<_>>(),
        ),
    })
}
