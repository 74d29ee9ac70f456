//! `postrider config`.

use crate::arguments::ConfigCommand;
use crate::output::{Output, table};
use engine::view::{Nothing, SettingView};
use engine::{Engine, SETTINGS, SettingArgs, SettingSetArgs};
use model::CallError;
use serde_json::{Map, Value, json};

pub async fn run(command: ConfigCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        ConfigCommand::Get { key: Some(key) } => {
            if !SETTINGS.iter().any(|info| info.key == key) {
                let message = format!("there is no setting “{key}”");
                return Err(CallError::new("invalid", message, "postrider config get lists them."));
            }
            let value = engine.calls().setting_get(SettingArgs { key: key.clone() }).await?;
            output.print(&json!({ key: value }), || value.clone().unwrap_or_default())
        }
        ConfigCommand::Get { key: None } => list(engine, output).await,
        ConfigCommand::Set { key, value } => {
            engine.calls().setting_set(SettingSetArgs { key: key.clone(), value: value.clone() }).await?;
            output.print(&json!({ &key: value }), || match &value {
                Some(value) => format!("{key} is {value}"),
                None => format!("{key} is back at its default"),
            })
        }
    }
}

async fn list(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut values = Map::new();
    let mut rows = Vec::new();
    for SettingView { key, what, value, default } in engine.calls().setting_list(Nothing {}).await? {
        let value = value.or(default);
        rows.push(vec![key.clone(), value.clone().unwrap_or_else(|| "-".to_owned()), what]);
        values.insert(key, value.map_or(Value::Null, Value::String));
    }
    output.print(&values, || table(&rows))
}
