//! What can be told of an Orchestrator from outside of it: step by step, each with what to do next. Nothing is changed.

mod certificates;
mod machine;
mod storage;

use serde_json::{Value, json};

pub(crate) use certificates::{certificates, clock, operators, own_certificates};
pub(crate) use machine::{door, folder, readiness, space};
pub(crate) use storage::{backup, database, keys, last_backup};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and will not for ever, or not for everybody.
    Warn,
    /// It does not work.
    Fail,
}

/// A step of the examination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    step: &'static str,
    /// How it went.
    pub(crate) verdict: Verdict,
    says: String,
    next: String,
}

impl Finding {
    pub(crate) fn ok(step: &'static str, says: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::Ok, says: says.into(), next: String::new() }
    }

    pub(crate) fn warn(step: &'static str, says: impl Into<String>, next: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::Warn, says: says.into(), next: next.into() }
    }

    pub(crate) fn fail(step: &'static str, says: impl Into<String>, next: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::Fail, says: says.into(), next: next.into() }
    }

    /// For a program.
    pub(crate) fn to_json(&self) -> Value {
        let word = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        };
        let next = Some(&self.next).filter(|next| !next.is_empty());
        json!({ "step": self.step, "verdict": word, "message": self.says, "next": next })
    }

    /// For a person; complete lines.
    pub(crate) fn to_text(&self) -> String {
        let word = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            // To be found among many lines.
            Verdict::Fail => "FAIL",
        };
        let mut text = format!("{word:<8} {:<24} {}\n", self.step, self.says);
        if !self.next.is_empty() {
            text += &format!("{:<33} -> {}\n", "", self.next);
        }
        text
    }
}
