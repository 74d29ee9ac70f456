//! `postrider send`.

use crate::arguments::Letter;
use crate::output::Output;
use crate::queue;
use engine::{Engine, Submission};
use model::CallError;
use std::io::Read;

/// Queues the letter and, unless another process does it, makes the first attempt before it returns.
pub async fn run(letter: Letter, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| {
        CallError::new(
            "invalid",
            format!("the text could not be read: {error}"),
            "Give it on standard input, in UTF-8.",
        )
    })?;
    let route = letter.route();
    let id = engine
        .submit(Submission {
            from: letter.from,
            to: letter.to.iter().flat_map(|to| to.split(',')).map(|to| to.trim().to_owned()).collect(),
            subject: letter.subject,
            text,
            attachments: letter.attach,
            route,
            require_tls: letter.require_tls,
            at: letter.at,
        })
        .await?;
    if letter.at.is_none() {
        engine.run_queue().await?;
    }
    queue::show(id, engine, output).await
}
