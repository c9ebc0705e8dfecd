//! What a command has to say: as text for a person, or as one JSON document for a program.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

/// The outcome of a command.
#[derive(Debug)]
pub(super) struct Answer {
    /// For a person; complete lines.
    pub(super) text: String,
    /// For a program. The names of its fields stay as they are from version to version.
    pub(super) json: Value,
    /// The exit status.
    pub(super) status: u8,
}

/// What is said when standard output takes nothing.
pub(super) const NOT_WRITTEN: &str = "cannot write to standard output";

/// Whether all that failed is that whoever reads the output has had enough, as in `magmad logs | head`.
pub(super) fn reader_left(error: &anyhow::Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.to_string() == NOT_WRITTEN && error.root_cause().downcast_ref().is_some_and(closed)
}

impl Answer {
    /// An answer of a command that did what it was told.
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, status: 0 }
    }

    /// An answer that was printed already.
    pub(super) fn silent() -> Self {
        Self::new("", Value::Null)
    }

    /// The same with another exit status.
    pub(super) fn with_status(self, status: u8) -> Self {
        Self { status, ..self }
    }
}

/// Prints the answer in one of its two forms.
pub(super) fn print(answer: &Answer, json: bool) -> Result<ExitCode> {
    let text = match (json, &answer.json) {
        (true, Value::Null) | (false, _) => answer.text.clone(),
        (true, document) => format!("{document:#}\n"),
    };
    io::stdout().lock().write_all(text.as_bytes()).context(NOT_WRITTEN)?;
    Ok(ExitCode::from(answer.status))
}
