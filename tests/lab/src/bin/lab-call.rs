//! `lab-call HOME NAME JSON`: makes one call of the engine as the window does, and prints the answer.

use engine::{Engine, Options, Work};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, name, json] = arguments.as_slice() else {
        eprintln!("lab-call HOME NAME JSON");
        return ExitCode::from(64);
    };
    match call(home, name, json).await {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn call(home: &str, name: &str, json: &str) -> Result<serde_json::Value, String> {
    let arguments = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let options = Options { home: home.into(), work: Work::Nothing };
    let engine = Engine::start(options).await.map_err(|error| error.message)?;
    let answer = engine.call(name, arguments).await.map_err(|error| error.message);
    engine.stop().await;
    answer
}
