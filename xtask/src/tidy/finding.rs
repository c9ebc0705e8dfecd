//! What a rule found: which rule, where, what is wrong, and what to do about it.

use std::fmt;

/// Whether a finding fails the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The rule is broken.
    Error,
    /// Perhaps it is right so; somebody should have a look.
    Question,
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub weight: Weight,
    pub rule: &'static str,
    pub file: String,
    pub line: Option<usize>,
    pub says: String,
    pub fix: String,
}

impl Finding {
    /// A broken rule. `line` counts from 1.
    pub fn error(
        rule: &'static str,
        file: &str,
        line: Option<usize>,
        says: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { weight: Weight::Error, rule, file: file.to_owned(), line, says: says.into(), fix: fix.into() }
    }

    /// The same finding as a question.
    pub fn into_question(self) -> Self {
        Self { weight: Weight::Question, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Question => "question",
        };
        write!(out, ": {weight}[{}]: {}", self.rule, self.says)?;
        if self.fix.is_empty() { Ok(()) } else { write!(out, " Fix: {}", self.fix) }
    }
}

/// What the tests of rules compare: rule, file and line of each finding, in order.
#[cfg(test)]
pub fn places(findings: &[Finding]) -> Vec<String> {
    let place = |finding: &Finding| match finding.line {
        Some(line) => format!("{} {}:{line}", finding.rule, finding.file),
        None => format!("{} {}", finding.rule, finding.file),
    };
    findings.iter().map(place).collect()
}
