//! `postrider send`.

use crate::arguments::Letter;
use crate::output::Output;
use crate::queue;
use engine::{Engine, Submission};
use model::CallError;
use std::io::Read;

/// Queues the letter and, unless another process does it, makes the first attempt before it returns. What becomes of the
/// letter is printed, and is no error: once it is in the queue, it is sent.
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
            to: letter.to,
            subject: letter.subject,
            text,
            attachments: letter.attach,
            route,
            require_tls: letter.require_tls,
            at: letter.at,
        })
        .await?;
    if letter.at.is_none() {
        // The letter is safe: an error here, and it would be sent twice.
        if let Err(error) = engine.run_queue().await {
            output.note(&format!("The letter is in the queue, where it waits: {error}. {}", error.hint));
        }
        if queue::is_paused(engine).await? {
            output.note(queue::PAUSED);
        }
    }
    queue::show(id, engine, output).await
}
