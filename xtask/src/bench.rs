//! `cargo xtask bench`: measures the figures that SPECIFICATION.md promises for the Orchestrator, with `lab fleet` and
//! `lab samples`, and prints them as a table, each with the command that made it.
//!
//! `--small` does the same with a hundredth of everything, for a check of each change: there only errors fail it, since
//! times on a busy machine say nothing.

mod runs;

use anyhow::{Context, Result, bail};
use runs::{RUNS, Run};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// How large the runs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As the figures are promised, or as many gateways as the system allows.
    Full,
    /// A hundredth.
    Small,
}

/// Runs everything and prints the table; fails when a call failed, or, at full scale, when a figure is missed.
pub fn run(root: &Path, scale: Scale) -> Result<()> {
    build(root)?;
    println!("| Figure | Goal | Measured | Command |\n|---|---|---|---|");
    let mut missed = Vec::new();
    for run in RUNS {
        let arguments = run.arguments(scale, open_files());
        let report = lab(root, &arguments)?;
        for figure in run.figures {
            let measured = (figure.read)(&report);
            let text = measured.map_or_else(|| "not measured".to_owned(), |value| figure.text(value));
            println!("| {} | {} | {text} | `lab {}` |", figure.name, figure.goal(), arguments.join(" "));
            if scale == Scale::Full && !measured.is_some_and(|value| figure.is_kept(value)) {
                missed.push(figure.name);
            }
        }
        errors(run, &report)?;
    }
    if !missed.is_empty() {
        bail!("missed: {}", missed.join(", "));
    }
    Ok(())
}

/// Fails when a call of the run failed; says which.
fn errors(run: &Run, report: &Value) -> Result<()> {
    let errors =
        ["joining", "steady"].map(|phase| report[phase]["errors"].as_array().cloned().unwrap_or_default());
    match errors.concat().as_slice() {
        [] => Ok(()),
        errors => bail!("{}: {}", run.name, Value::from(errors.to_vec())),
    }
}

fn build(root: &Path) -> Result<()> {
    let built = cargo(root, "build").stdout(Stdio::null()).status().context("starting cargo")?;
    if !built.success() {
        bail!("the lab does not build");
    }
    Ok(())
}

/// The report of one run. The lab fails when calls failed, and says so in its report too.
fn lab(root: &Path, arguments: &[String]) -> Result<Value> {
    let mut lab = cargo(root, "run");
    lab.arg("--").args(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = lab.output().context("starting the lab")?;
    let text = String::from_utf8(output.stdout)?;
    let report = text.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
    report.with_context(|| format!("`lab {}` printed no report: {text}", arguments.join(" ")))
}

fn cargo(root: &Path, verb: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([verb, "--release", "--locked", "--quiet", "-p", "lab"]).current_dir(root);
    command
}

/// How many files a process may open here, if that is limited.
fn open_files() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn failed_calls_fail_a_run_in_either_phase() {
        let error = json!([{"kind": "metrics", "cause": "full", "count": 2}]);
        for (joining, steady, good) in
            [(json!([]), json!([]), true), (error.clone(), json!([]), false), (json!([]), error, false)]
        {
            let report = json!({"joining": {"errors": joining}, "steady": {"errors": steady}});
            assert_eq!(errors(&RUNS[0], &report).is_ok(), good, "{report}");
        }
    }
}
