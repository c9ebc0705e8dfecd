//! Changes single keys in an override file (`/var/opt/magma/configs/<service>.yml`) and keeps the rest, comments included.
//!
//! Only keys at the top with plain values are changed, and the outcome is read again before it replaces the file: what
//! would lose another key is not written.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use crate::yaml::{self, Value};
use crate::{Paths, atomic_file};

/// Magma's other services read the file, some of them as other users.
const MODE: u32 = 0o644;

/// The largest file that is changed; real ones have a few kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why an override file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// The file is not to be read or written.
    #[error("cannot change {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file has contents that cannot be kept.
    #[error("cannot change {} without losing what else is in it; correct it by hand", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
    },
}

/// Sets keys of `service`'s override to texts, such as `True`. The file is made when there is none.
///
/// # Errors
/// When the file cannot be read, kept or written; it is the same as before then.
pub fn set(paths: &Paths, service: &str, keys: &[(&str, &str)]) -> Result<PathBuf, OverrideError> {
    let path = paths.override_dir().join(format!("{service}.yml"));
    let io = |source| OverrideError::Io { path: path.clone(), source };
    let before = match fs::metadata(&path) {
        Ok(file) if file.len() > FILE_BYTES_MAX => {
            return Err(io(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes"))));
        }
        Ok(_) => fs::read_to_string(&path).map_err(io)?,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(io(error)),
    };
    let after = keys.iter().fold(before.clone(), |text, (key, value)| with(&text, key, value));
    if !keeps(&before, &after, keys) {
        return Err(OverrideError::Unusable { path });
    }
    if after != before {
        fs::create_dir_all(paths.override_dir()).map_err(io)?;
        atomic_file::replace(&path, after.as_bytes(), MODE).map_err(io)?;
    }
    Ok(path)
}

/// The text with the line of `key` replaced, or one added.
fn with(text: &str, key: &str, value: &str) -> String {
    let line = format!("{key}: {value}");
    let of_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let mut lines: Vec<&str> = text.lines().collect();
    // A file may hold nothing but an empty mapping.
    if lines.iter().all(|line| matches!(line.trim(), "" | "{}" | "---")) {
        lines.clear();
    }
    match lines.iter_mut().find(|line| of_key(line)) {
        Some(found) => *found = &line,
        None => lines.push(&line),
    }
    lines.join("\n") + "\n"
}

/// Whether `after` is a whole mapping in which only `keys` differ, and have their values.
fn keeps(before: &str, after: &str, keys: &[(&str, &str)]) -> bool {
    let (Some(before), Some(after)) = (entries(before), entries(after)) else { return false };
    let changed = |key: &str| keys.iter().any(|(changed, _)| *changed == key);
    let kept = |entries: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        entries
            .iter()
            .filter(|(key, _)| !changed(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let set = |(key, value): &(&str, &str)| matches!(after.get(*key), Some(Value::Scalar { text, .. }) if text == value);
    without_lines(&kept(&before)) == without_lines(&kept(&after)) && keys.iter().all(set)
}

/// The values as text without the lines that they stand on.
fn without_lines(entries: &BTreeMap<String, Value>) -> Vec<String> {
    entries.iter().map(|(key, value)| format!("{key}: {}", described(value))).collect()
}

fn described(value: &Value) -> String {
    match value {
        Value::Scalar { text, plain } => format!("{plain} {text:?}"),
        Value::NotText(text) => text.clone(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|item| described(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|entry| format!("{:?}: {}", entry.key, described(&entry.value.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// The entries at the top; none when the text cannot be read whole.
fn entries(text: &str) -> Option<BTreeMap<String, Value>> {
    let (entries, mistakes) = yaml::parse(text);
    let whole = mistakes.iter().all(|mistake| !mistake.lost);
    whole.then(|| entries.into_iter().map(|entry| (entry.key, entry.value.value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(before: Option<&str>, keys: &[(&str, &str)]) -> (Result<(), String>, String) {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path());
        let path = paths.override_dir().join("mme.yml");
        if let Some(before) = before {
            fs::create_dir_all(paths.override_dir()).unwrap();
            fs::write(&path, before).unwrap();
        }
        let outcome = set(&paths, "mme", keys).map(drop).map_err(|error| error.to_string());
        (outcome, fs::read_to_string(path).unwrap_or_default())
    }

    #[test]
    fn only_the_keys_change() {
        let keys = [("use_stateless", "True")];
        for (name, before, expected) in [
            ("no file", None, "use_stateless: True\n"),
            ("an empty one", Some(""), "use_stateless: True\n"),
            ("an empty mapping", Some("{}\n"), "use_stateless: True\n"),
            (
                "others and comments",
                Some("# ours\nlog_level: INFO\nlist:\n  - use_stateless: 1\nuse_stateless: False # was\n"),
                "# ours\nlog_level: INFO\nlist:\n  - use_stateless: 1\nuse_stateless: True\n",
            ),
            (
                "a key that begins the same",
                Some("use_stateless_2: False"),
                "use_stateless_2: False\nuse_stateless: True\n",
            ),
            ("a space before the colon", Some("use_stateless : False\n"), "use_stateless: True\n"),
        ] {
            assert_eq!(changed(before, &keys), (Ok(()), expected.to_owned()), "{name}");
        }
        let two = changed(Some("a: 1\n"), &[("b", "2"), ("a", "3")]);
        assert_eq!(two, (Ok(()), "a: 3\nb: 2\n".to_owned()));
    }

    #[test]
    fn what_cannot_be_kept_is_left_alone() {
        for before in [
            "{a: 1, b: 2}\n",
            "use_stateless:\n  deep: 1\n",
            "use_stateless: |\n  a text\n  of two lines\nb: 1\n",
            "a: [\n",
            "- a\n- b\n",
        ] {
            let (outcome, after) = changed(Some(before), &[("use_stateless", "True")]);
            assert_eq!(after, before);
            assert!(outcome.unwrap_err().contains("without losing what else is in it"), "{before}");
        }
    }
}
