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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, ": {word}: ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}
