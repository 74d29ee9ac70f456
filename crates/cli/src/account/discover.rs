//! `postrider account discover`, and what `account add` makes of it.

use crate::output::Output;
use engine::Engine;
use engine::view::{DiscoverArgs, Discovery, FoundServerView};
use model::CallError;

/// Shows what is found for an address.
pub async fn run(address: String, ask_mozilla: bool, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let found = find(address, ask_mozilla, engine).await?;
    output.print(&found, || in_words(&found))
}

/// Looks for the servers of an address.
pub async fn find(address: String, ask_mozilla: bool, engine: &Engine) -> Result<Discovery, CallError> {
    engine.calls().account_discover(DiscoverArgs { address, database: ask_mozilla.then_some(true) }).await
}

fn in_words(found: &Discovery) -> String {
    let mut lines = Vec::new();
    for one in &found.found {
        lines.push(format!("Found: {}.", one.words));
        lines.extend(one.imap.as_ref().map(|server| line("IMAP", server)));
        lines.extend(one.smtp.as_ref().map(|server| line("SMTP", server)));
    }
    if found.found.is_empty() {
        lines.push("Nothing was found. Name the servers: postrider account add ADDRESS --imap … --smtp …".to_owned());
    }
    if let Some(help) = found.provider.as_ref().and_then(|provider| provider.password.as_ref()) {
        lines.push(format!("{} See {}", help.text, help.link));
    }
    lines.extend(found.asked.iter().map(|asked| format!("  {}: {}", asked.source, asked.said)));
    lines.join("\n")
}

fn line(kind: &str, found: &FoundServerView) -> String {
    let server = &found.server;
    let security = server.security.word();
    let hearsay = if found.hearsay { " Unsigned DNS alone names it." } else { "" };
    let (host, port, user, answers) = (&server.host, server.port, &server.user, &found.answers.message);
    format!("  {kind} {host}:{port} {security}, user {user}. {answers}{hearsay}")
}
