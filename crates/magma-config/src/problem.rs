//! A mistake in a configuration file, with the place where to mend it.

use std::fmt;
use std::path::PathBuf;

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The agent cannot run with it.
    Error,
    /// The agent runs; the message says what it did instead.
    Warning,
    /// The setting is right, but this agent does not act on it; shown as a warning.
    NoEffect,
}

/// One mistake, with file, line and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as it was opened.
    pub file: PathBuf,
    /// Line from 1, when the problem has a line (a missing file or key has none).
    pub line: Option<u32>,
    /// The key with its parents, like `metricsd.sync_interval`; empty when it concerns the whole file.
    pub key: String,
    /// Whether the agent can run with it.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// The problem without the word for its severity, for a log whose lines begin with one.
    pub fn without_severity(&self) -> String {
        format!("{}: {}", self.place(), self.statement())
    }

    fn place(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}", self.file.display())
    }

    fn statement(&self) -> String {
        let colon = if self.key.is_empty() { "" } else { ": " };
        format!("{}{colon}{}", self.key, self.message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning | Severity::NoEffect => "warning",
        };
        write!(f, "{}: {word}: {}", self.place(), self.statement())
    }
}
