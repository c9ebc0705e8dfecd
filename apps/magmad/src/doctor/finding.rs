//! What one step of the doctor found.

use serde_json::{Value, json};

/// Whether a step went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Ok,
    /// The gateway works, but not as it should.
    Warn,
    /// The gateway does not work because of this.
    Fail,
    /// It could not be tried, because of a step before it.
    Skipped,
}

/// One step: what was found, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The step's name, which stays as it is.
    pub step: String,
    /// How it went.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub says: String,
    /// What the operator should do; empty when there is nothing to do.
    pub next: String,
}

impl Finding {
    /// A step that went well.
    pub(super) fn ok(step: impl Into<String>, says: impl Into<String>) -> Self {
        Self { step: step.into(), verdict: Verdict::Ok, says: says.into(), next: String::new() }
    }

    /// A step that did not.
    pub(super) fn fail(step: impl Into<String>, says: impl Into<String>, next: impl Into<String>) -> Self {
        Self { step: step.into(), verdict: Verdict::Fail, says: says.into(), next: next.into() }
    }

    /// A step that went, but not well.
    pub(super) fn warn(step: impl Into<String>, says: impl Into<String>, next: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, ..Self::fail(step, says, next) }
    }

    /// A step that was not tried.
    pub(super) fn skipped(step: impl Into<String>, why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, ..Self::ok(step, why) }
    }

    /// For a program.
    pub fn to_json(&self) -> Value {
        json!({
            "step": self.step,
            "verdict": self.verdict.word(),
            "message": self.says,
            "next": Some(&self.next).filter(|next| !next.is_empty()),
        })
    }

    /// For a person; complete lines.
    pub fn to_text(&self) -> String {
        let word = match self.verdict {
            // To be found among many lines.
            Verdict::Fail => "FAIL",
            other => other.word(),
        };
        let mut text = format!("{word:<8} {:<24} {}\n", self.step, self.says);
        if !self.next.is_empty() {
            text += &format!("{:<33} -> {}\n", "", self.next);
        }
        text
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}
