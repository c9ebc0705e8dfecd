//! What a command says: text for people, or one JSON document.

use std::io::{self, Write};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Where a command says what it did. Written to directly, it is standard output.
pub(super) struct Output {
    is_json: bool,
    out: io::Stdout,
    /// Whether the one document is printed.
    has_said: bool,
}

impl Output {
    pub(super) fn new(is_json: bool) -> Self {
        Self { is_json, out: io::stdout(), has_said: false }
    }

    /// Whether a JSON document is wanted.
    pub(super) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Prints the one, or the other.
    pub(super) fn say(&mut self, document: &Value, text: &str) -> Result<()> {
        self.has_said = true;
        let said = match self.is_json {
            true => writeln!(self.out, "{document:#}"),
            false => self.out.write_all(text.as_bytes()),
        };
        said.and_then(|()| self.out.flush()).context("cannot write to standard output")
    }

    /// Prints why a command failed: on standard error, and as a document if one is wanted and none was printed.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let text = format!("{error:#}");
        let _ = writeln!(io::stderr(), "orc8r: {text}");
        if self.is_json && !self.has_said {
            let _ = writeln!(self.out, "{:#}", json!({ "error": text }));
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
