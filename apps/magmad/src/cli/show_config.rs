//! `magmad show-config`: a service's yml file with its override on top, or one value of it for a script.

use anyhow::{Result, bail};
use magma_command_line::Matches;
use magma_config::Paths;
use magma_config::mconfig::MconfigStore;
use magma_config::merged::{Merged, MergedKey};
use serde_json::{Value, json};

use super::answer::Answer;

/// The exit status of `--test` for a value that is not true, as that of Magma's `magma_get_config -t`.
const NOT_TRUE: u8 = 2;

/// Shows all of a service's configuration, one value of it, or whether that is true.
pub(super) fn show_config(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let service = matches.value("service").unwrap_or("magmad");
    let merged =
        if matches.has("managed") { managed(paths, service)? } else { Merged::read(paths, service)? };
    match (matches.value("var"), matches.has("test")) {
        (Some(path), true) => Ok(test(merged.value(path))),
        (Some(path), false) => value(service, path, &merged),
        (None, true) => bail!("--test needs --var, such as --var enable_sync_rpc"),
        (None, false) => Ok(all(service, &merged)),
    }
}

/// The service's entry in the `gateway.mconfig` that is in effect.
fn managed(paths: &Paths, service: &str) -> Result<Merged> {
    let (config, _) = magma_config::inspect(paths);
    let loaded = MconfigStore::new(paths, &config.magmad).peek()?;
    let Some(entry) = loaded.mconfig.get(service) else {
        let entries: Vec<&str> = loaded.mconfig.keys().collect();
        bail!("{} has no entry for {service}; it has: {}", loaded.path.display(), entries.join(", "));
    };
    Ok(Merged::of_entry(entry, &loaded.path))
}

fn test(value: Option<&Value>) -> Answer {
    let truth = value.is_some_and(is_true);
    Answer::new("", json!({ "true": truth })).with_status(if truth { 0 } else { NOT_TRUE })
}

/// What Python takes for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

fn value(service: &str, path: &str, merged: &Merged) -> Result<Answer> {
    let Some(value) = merged.value(path) else {
        let keys: Vec<&str> = merged.keys.iter().map(|found| found.key.as_str()).collect();
        bail!("the configuration of {service} has no {path}; its keys are: {}", keys.join(", "));
    };
    // Magma-compat: scripts compare with Python's words.
    let text = match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let top = path.split('.').next().unwrap_or_default();
    let from = merged.keys.iter().find(|found| found.key == top).map(place);
    Ok(Answer::new(format!("{text}\n"), json!({ "value": value, "from": from })))
}

fn all(service: &str, merged: &Merged) -> Answer {
    let mut text = String::new();
    let mut keys = serde_json::Map::new();
    for found in &merged.keys {
        text += &format!("{}: {}\n    # {}\n", found.key, found.value, place(found));
        keys.insert(found.key.clone(), json!({ "value": found.value, "from": place(found) }));
    }
    let files: Vec<_> = merged.files.iter().map(|file| file.to_string_lossy()).collect();
    Answer::new(text, json!({ "service": service, "files": files, "keys": keys }))
}

fn place(found: &MergedKey) -> String {
    let line = if found.line == 0 { String::new() } else { format!(":{}", found.line) };
    format!("{}{line}", found.file.display())
}
