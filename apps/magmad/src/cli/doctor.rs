//! `magmad doctor`: runs the examination and prints its steps.

use anyhow::Result;
use magma_command_line::Matches;
use magma_config::Paths;
use serde_json::{Value, json};

use super::answer::Answer;
use super::{environment, runtime};
use crate::doctor::{Examination, Finding, Verdict};
use crate::options::Options;

/// Examines this gateway.
pub(super) fn doctor(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let mut options = Options::new(paths.clone());
    environment::take(&mut options);
    let examination = Examination {
        proxies: options.http_proxies,
        offline: matches.has("offline"),
        ..Examination::new(paths.clone())
    };
    let findings = runtime()?.block_on(examination.findings());
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
    let mut text: String = findings.iter().map(Finding::to_text).collect();
    text += match failed {
        0 => "\nNo step failed.\n",
        _ => "\nBegin with the first step that failed: those after it may follow from it.\n",
    };
    let steps: Vec<Value> = findings.iter().map(Finding::to_json).collect();
    let json = json!({ "ok": failed == 0, "steps": steps });
    Ok(Answer::new(text, json).with_status(u8::from(failed > 0)))
}
