//! Any service's yml file with its override on top, as JSON that says where each key comes from: for people who want
//! to see what a service gets, and for scripts that ask for one value.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::Paths;
use crate::layers::read_text;
use crate::yaml::{self, Node};
use crate::yaml_json::word;

/// What stands in place of a secret.
pub const MASK: &str = "(masked)";

/// A service's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The files that were read, base first.
    pub files: Vec<PathBuf>,
    /// The top-level keys, by name.
    pub keys: Vec<MergedKey>,
}

/// A top-level key with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedKey {
    /// Its name.
    pub key: String,
    /// Its value, secrets masked.
    pub value: Value,
    /// The file that it comes from: the base, or the override.
    pub file: PathBuf,
    /// The line there, from 1; 0 where there are none.
    pub line: u32,
}

/// Why there is no such configuration.
#[derive(Debug, Error)]
pub enum MergedError {
    /// The name cannot be one of a file.
    #[error("{0:?} is no name of a service; expected are letters, digits, - and _, such as control_proxy")]
    Name(String),
    /// Neither file exists.
    #[error("there is neither {} nor {}; is {service:?} a service of this gateway?", base.display(), over.display())]
    Absent {
        /// The service.
        service: String,
        /// Where its file would be.
        base: PathBuf,
        /// Where its override would be.
        over: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not YAML.
    #[error("{}:{line}: {message}", file.display())]
    NotYaml {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        message: String,
    },
}

impl Merged {
    /// Reads `<service>.yml` and its override.
    ///
    /// # Errors
    /// When neither exists, or one cannot be used: a service would not start with it either.
    pub fn read(paths: &Paths, service: &str) -> Result<Self, MergedError> {
        if service.is_empty() || !service.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
            return Err(MergedError::Name(service.to_owned()));
        }
        let name = format!("{service}.yml");
        let candidates: Vec<PathBuf> = paths.base_dirs().iter().map(|dir| dir.join(&name)).collect();
        let base = candidates.iter().find(|file| file.exists());
        let over = paths.override_dir().join(&name);
        let mut merged = Self { files: Vec::new(), keys: Vec::new() };
        for file in base.into_iter().chain(over.exists().then_some(&over)) {
            merged.add(file)?;
        }
        if merged.files.is_empty() {
            let base = candidates.into_iter().next_back().unwrap_or_default();
            return Err(MergedError::Absent { service: service.to_owned(), base, over });
        }
        merged.keys.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(merged)
    }

    /// The fields of an entry of a `gateway.mconfig`, which has no lines.
    pub fn of_entry(entry: &Value, file: &Path) -> Self {
        let fields = entry.as_object().into_iter().flatten();
        let field = |(key, value): (&String, &Value)| MergedKey {
            key: key.clone(),
            value: masked(key, value),
            file: file.to_owned(),
            line: 0,
        };
        Self { files: vec![file.to_owned()], keys: fields.map(field).collect() }
    }

    /// The value at a path like `metricsd.services` or `services.mme.port`; a number picks an item of a list.
    pub fn value(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = parts.next()?;
        let top = &self.keys.iter().find(|found| found.key == first)?.value;
        parts.try_fold(top, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        })
    }

    /// Later keys replace earlier ones.
    fn add(&mut self, file: &Path) -> Result<(), MergedError> {
        let text =
            read_text(file).map_err(|source| MergedError::Unreadable { file: file.to_owned(), source })?;
        let (entries, mistakes) = yaml::parse(&text);
        if let Some(mistake) = mistakes.into_iter().find(|mistake| mistake.lost) {
            let (line, message) = (mistake.line, mistake.message);
            return Err(MergedError::NotYaml { file: file.to_owned(), line, message });
        }
        for entry in entries {
            self.keys.retain(|known| known.key != entry.key);
            let value = as_json(&entry.key, &entry.value);
            self.keys.push(MergedKey { key: entry.key, value, file: file.to_owned(), line: entry.line });
        }
        self.files.push(file.to_owned());
        Ok(())
    }
}

fn as_json(key: &str, node: &Node) -> Value {
    match &node.value {
        yaml::Value::Scalar { text, .. } if is_secret(key, text) => json!(MASK),
        yaml::Value::Scalar { text, plain: true } => word(text.clone()),
        yaml::Value::Scalar { text, plain: false } => json!(text),
        yaml::Value::Sequence(items) => items.iter().map(|item| as_json(key, item)).collect(),
        yaml::Value::Mapping(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), as_json(&entry.key, &entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        yaml::Value::NotText(text) => json!(text),
    }
}

/// The value of a field in JSON, secrets masked.
fn masked(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if is_secret(key, text) => json!(MASK),
        Value::Array(items) => items.iter().map(|item| masked(key, item)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), masked(key, value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Whether a value must not be shown. A path to a secret is none.
fn is_secret(key: &str, text: &str) -> bool {
    const WORDS: [&str; 7] = ["password", "passwd", "secret", "token", "sentry_url", "dsn", "private"];
    let key = key.to_ascii_lowercase();
    let named = WORDS.iter().any(|word| key.contains(word)) || key == "key" || key.ends_with("_key");
    let carried = text.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split('/').next().unwrap_or_default();
        host.contains('@')
    });
    carried || (named && !text.is_empty() && !text.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn gateway(base: Option<&str>, over: Option<&str>) -> (tempfile::TempDir, Paths) {
        let root = tempfile::tempdir().expect("a folder");
        for (folder, text) in [("etc/magma", base), ("var/opt/magma/configs", over)] {
            if let Some(text) = text {
                let folder = root.path().join(folder);
                fs::create_dir_all(&folder).expect("a folder");
                fs::write(folder.join("mme.yml"), text).expect("written");
            }
        }
        let paths = Paths::under(root.path());
        (root, paths)
    }

    #[test]
    fn each_key_says_where_it_comes_from_and_an_override_replaces_the_whole_of_it() {
        let base = "use_stateless: True\nport: 0644\nlist: [a, 1, 2.5]\nblock: {a: 1, b: 2}\n";
        let (_root, paths) = gateway(Some(base), Some("# ours\nblock: {a: 'yes'}\n"));
        let merged = Merged::read(&paths, "mme").expect("readable");
        assert_eq!(merged.files.len(), 2);
        assert_eq!(merged.value("use_stateless"), Some(&json!(true)));
        assert_eq!(merged.value("port"), Some(&json!(420)));
        assert_eq!(merged.value("list"), Some(&json!(["a", 1, 2.5])));
        assert_eq!(merged.value("list.1"), Some(&json!(1)));
        assert_eq!(merged.value("block.a"), Some(&json!("yes")));
        assert_eq!(merged.value("block.b"), None, "the merge is shallow");
        let block = merged.keys.iter().find(|key| key.key == "block").expect("there");
        assert!(block.file.ends_with("var/opt/magma/configs/mme.yml"));
        assert_eq!(block.line, 2);
    }

    #[test]
    fn secrets_are_masked_and_their_places_are_not() {
        let rows = [
            ("password: hunter2", "password", json!(MASK)),
            ("db: {auth_token: abc}", "db.auth_token", json!(MASK)),
            ("sentry_url_python: 'https://k3y@sentry.magma.test/1'", "sentry_url_python", json!(MASK)),
            ("address: http://user:pass@proxy:3128", "address", json!(MASK)),
            (
                "gateway_key: /var/opt/magma/certs/gateway.key",
                "gateway_key",
                json!("/var/opt/magma/certs/gateway.key"),
            ),
            ("operator_key: 0011", "operator_key", json!(MASK)),
            ("url: https://host/a@b", "url", json!("https://host/a@b")),
            ("keys: 3", "keys", json!(3)),
        ];
        for (text, path, expected) in rows {
            let (_root, paths) = gateway(Some(text), None);
            assert_eq!(Merged::read(&paths, "mme").expect(text).value(path), Some(&expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let (_root, paths) = gateway(None, None);
        let said = |service| Merged::read(&paths, service).expect_err("nothing there").to_string();
        assert!(said("mme").contains("etc/magma/mme.yml nor"), "{}", said("mme"));
        for name in ["", "../../etc/passwd", "a b", "a.yml"] {
            assert!(said(name).contains("is no name of a service"), "{name}");
        }
        let (_root, paths) = gateway(Some("a: [1\nb: 2\n"), None);
        let said = Merged::read(&paths, "mme").expect_err("no YAML").to_string();
        assert!(said.contains("etc/magma/mme.yml:"), "{said}");
    }
}
