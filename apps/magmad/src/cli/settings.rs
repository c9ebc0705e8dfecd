//! `magmad config`: settings that operators change by hand, kept in a service's override file beside what is there.

use anyhow::{Result, bail};
use magma_command_line::Matches;
use magma_config::merged::Merged;
use magma_config::{Paths, override_file};
use serde_json::{Value, json};

use super::answer::Answer;

/// The log level of a service, or the switch of the configuration stream: shown, or changed when a value is given.
pub(super) fn config(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let service = matches.value("service").unwrap_or("magmad");
    let setting = matches.value("SETTING").unwrap_or_default();
    let (service, key) = match setting {
        "log-level" => (service, "log_level"),
        // Only the agent has one.
        _ => ("magmad", "enable_config_streamer"),
    };
    let Some(word) = matches.value("VALUE") else { return shown(paths, service, key) };
    let value = match (key, word.to_ascii_lowercase().as_str()) {
        ("log_level", "debug" | "info" | "warning" | "error" | "fatal") => word.to_ascii_uppercase(),
        ("log_level", _) => {
            bail!("VALUE is {word:?}; expected is one of: debug, info, warning, error, fatal")
        }
        (_, "on" | "true" | "enabled") => "True".to_owned(),
        (_, "off" | "false" | "disabled") => "False".to_owned(),
        _ => bail!("VALUE is {word:?}; expected is one of: on, off"),
    };
    // A name that is none of a service is refused by this, too.
    Merged::read(paths, service)?;
    let file = override_file::set(paths, service, &[(key, &value)])?;
    let json = json!({ "service": service, "key": key, "value": value, "file": file.to_string_lossy() });
    Ok(Answer::new(
        format!(
            "{key}: {value} is in {} now; {service} reads it when it restarts: magmad services restart {service}\n",
            file.display()
        ),
        json,
    ))
}

fn shown(paths: &Paths, service: &str, key: &str) -> Result<Answer> {
    let merged = Merged::read(paths, service)?;
    let found = merged.keys.iter().find(|found| found.key == key);
    let value = found.map_or(&Value::Null, |found| &found.value);
    let from = found.map(|found| format!("{}:{}", found.file.display(), found.line));
    let text = match (value, &from) {
        (Value::String(text), Some(from)) => format!("{key}: {text} ({from})\n"),
        (value, Some(from)) => format!("{key}: {value} ({from})\n"),
        (_, None) => format!("{key} is not set: the cloud or the default decides\n"),
    };
    Ok(Answer::new(text, json!({ "service": service, "key": key, "value": value, "from": from })))
}
