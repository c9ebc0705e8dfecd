//! `magmad config`: settings that operators change by hand, kept in a service's override file beside what is there.
//!
//! The file is edited line by line, so that comments and everything else in it stay as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use magma_command_line::Matches;
use magma_config::merged::Merged;
use magma_config::{Paths, atomic_file};
use serde_json::{Value, json};

use super::answer::Answer;

/// What an override file is never larger than, in bytes.
const FILE_BYTES_MAX: usize = 1 << 20;

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
    let file = paths.override_dir().join(format!("{service}.yml"));
    replace(&file, key, &value)?;
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

fn replace(file: &Path, key: &str, value: &str) -> Result<()> {
    let former = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    if former.len() > FILE_BYTES_MAX {
        bail!("{} is larger than {FILE_BYTES_MAX} bytes", file.display());
    }
    let folder: PathBuf = file.parent().map(Path::to_owned).unwrap_or_default();
    let written = fs::create_dir_all(&folder)
        .and_then(|()| atomic_file::replace(file, with_key(&former, key, value).as_bytes(), 0o644));
    written.with_context(|| format!("cannot write {}; make room or give permission", file.display()))
}

/// The text with this top-level key: in its place if it was there, else at the end.
fn with_key(former: &str, key: &str, value: &str) -> String {
    let line = format!("{key}: {value}\n");
    let (mut text, mut replaced, mut inside) =
        (String::with_capacity(former.len() + line.len()), false, false);
    for old in former.split_inclusive('\n') {
        let own =
            old.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(':'));
        // What is indented below the key belongs to it.
        inside = own || (inside && old.starts_with([' ', '\t']) && !old.trim().is_empty());
        match (own, inside) {
            (true, _) if !replaced => {
                text += &line;
                replaced = true;
            }
            (_, true) => {}
            _ => text += old,
        }
    }
    if !replaced {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text += &line;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_itself_changes() {
        let rows = [
            ("", "log_level: INFO\n"),
            ("a: 1\n", "a: 1\nlog_level: INFO\n"),
            ("a: 1", "a: 1\nlog_level: INFO\n"),
            ("# c\nlog_level: DEBUG # why\nb: 2\n", "# c\nlog_level: INFO\nb: 2\n"),
            ("log_level : DEBUG\n", "log_level: INFO\n"),
            ("log_level:\n  DEBUG\n\nb:\n  c: 3\n", "log_level: INFO\n\nb:\n  c: 3\n"),
            ("log_level_x: 1\nb: {log_level: 1}\n", "log_level_x: 1\nb: {log_level: 1}\nlog_level: INFO\n"),
            ("log_level: 1\nlog_level: 2\n", "log_level: INFO\n"),
            ("b:\n  log_level: 1\n", "b:\n  log_level: 1\nlog_level: INFO\n"),
        ];
        for (former, expected) in rows {
            assert_eq!(with_key(former, "log_level", "INFO"), expected, "{former:?}");
        }
    }
}
