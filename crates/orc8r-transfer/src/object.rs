//! What was read of an Orchestrator, and the file that it is kept in.

use std::io::{self, Read, Write};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The file's `format`.
const FORMAT: &str = "magma-orchestrator";
/// The file's `version`: it grows when an older `orc8r` could not read a newer file.
const VERSION: u64 = 1;

/// Everything that was read of an Orchestrator, in the order in which it can be made again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether the subscribers' keys and other secrets are in it.
    pub keys: Keys,
    /// What was read.
    pub objects: Vec<Object>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// What was read and is not carried, in sentences.
    pub remarks: Vec<String>,
}

/// Whether keys and other secrets are carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// They are `null` in the bodies.
    #[default]
    LeftOut,
    /// They are there.
    Included,
}

/// One thing that an operator configured.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Object {
    /// Its path below `/magma/v1`.
    pub path: String,
    /// The body with which it is made, as JSON text: a hundred thousand subscribers take a fifth of what they would
    /// take as values.
    #[serde(deserialize_with = "text_of")]
    pub body: String,
}

/// A collection that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Unread {
    /// Its path below `/magma/v1`.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is no such file.
    #[error("this is no file that `orc8r export` wrote: {0}")]
    Form(#[from] serde_json::Error),
    /// It is another kind of file.
    #[error("this is no file that `orc8r export` wrote: its format is {0:?}")]
    Format(String),
    /// It was written by a newer program.
    #[error("the file's version is {0}, and this orc8r reads version {VERSION}: use a newer orc8r")]
    Version(u64),
}

/// Bodies have keys: only the path is shown.
impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Object({})", self.path)
    }
}

impl Object {
    /// The body as a value.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct File {
    format: String,
    version: u64,
    keys: KeysText,
    objects: Vec<Object>,
    #[serde(default)]
    unread: Vec<Unread>,
}

#[derive(Deserialize)]
enum KeysText {
    #[serde(rename = "included")]
    Included,
    #[serde(rename = "left out")]
    LeftOut,
}

fn text_of<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Value::deserialize(value).map(|value| value.to_string())
}

impl Snapshot {
    /// Writes the file: one object on each line, so that two exports can be compared line by line.
    ///
    /// # Errors
    /// As `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let keys = match self.keys {
            Keys::Included => "included",
            Keys::LeftOut => "left out",
        };
        write!(out, "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"keys\":\"{keys}\",\n\"objects\":[")?;
        for (index, Object { path, body }) in self.objects.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(out, "{comma}\n{{\"path\":{},\"body\":{body}}}", Value::from(path.as_str()))?;
        }
        write!(out, "\n],\n\"unread\":[")?;
        for (index, Unread { path, reason }) in self.unread.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let (path, reason) = (Value::from(path.as_str()), Value::from(reason.as_str()));
            write!(out, "{comma}\n{{\"path\":{path},\"reason\":{reason}}}")?;
        }
        writeln!(out, "]}}")?;
        out.flush()
    }

    /// Reads a file that [`Snapshot::write`] wrote; the order of its objects is theirs.
    ///
    /// # Errors
    /// When it is none, or a newer one.
    pub fn from_file(file: impl Read) -> Result<Self, FileError> {
        let file: File = serde_json::from_reader(file)?;
        if file.format != FORMAT {
            return Err(FileError::Format(file.format));
        }
        if file.version != VERSION {
            return Err(FileError::Version(file.version));
        }
        let keys = match file.keys {
            KeysText::Included => Keys::Included,
            KeysText::LeftOut => Keys::LeftOut,
        };
        Ok(Self { keys, objects: file.objects, unread: file.unread, remarks: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str, body: &str) -> Object {
        Object { path: path.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        for (objects, unread) in [
            (vec![], vec![]),
            (
                vec![object("/channels/a", r#"{"id":"a\n"}"#), object("/lte/n", "{}")],
                vec![Unread { path: "/x".to_owned(), reason: "500: \"no\"".to_owned() }],
            ),
        ] {
            let snapshot = Snapshot { keys: Keys::Included, objects, unread, remarks: Vec::new() };
            let mut file = Vec::new();
            snapshot.write(&mut file).unwrap();
            assert_eq!(Snapshot::from_file(file.as_slice()).unwrap(), snapshot);
        }
    }

    #[test]
    fn other_files_are_told_apart() {
        for (text, expected) in [
            ("", "no file that `orc8r export` wrote"),
            ("[]", "no file that `orc8r export` wrote"),
            (r#"{"format":"x","version":1,"keys":"included","objects":[]}"#, "its format is \"x\""),
            (r#"{"format":"magma-orchestrator","version":2,"keys":"included","objects":[]}"#, "version is 2"),
            (r#"{"format":"magma-orchestrator","version":1,"keys":"?","objects":[]}"#, "unknown variant"),
            (
                r#"{"format":"magma-orchestrator","version":1,"keys":"included","objects":[{"path":"/x"}]}"#,
                "missing field",
            ),
        ] {
            let error = Snapshot::from_file(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_body_is_not_shown_where_it_is_logged() {
        let shown = format!("{:?}", object("/lte/n/subscribers/IMSI1", r#"{"auth_key":"secret"}"#));
        assert!(!shown.contains("secret"));
    }
}
