//! `cargo xtask budget`: measures the figures that SPECIFICATION.md promises for the agent, and fails above them.
//!
//! Sizes come from the program as it ships (see [`build_agent`]). Memory and time come from that program in the lab. The
//! time is shown but fails nothing: what else the machine does shows in it.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Megabytes are decimal here: the smaller, and so the stricter, reading.
const MB: u64 = 1_000_000;

const STRIPPED_BYTES_MAX: u64 = 4 * MB;
const XZ_BYTES_MAX: u64 = MB + MB / 2;
const RESIDENT_BYTES_MAX: u64 = 6 * MB;
const FIRST_CHECK_IN_MAX: Duration = Duration::from_millis(500);

/// A measured figure beside what is promised.
struct Figure {
    name: &'static str,
    measured: Quantity,
    budget: Quantity,
    /// Whether being over the budget is a failure.
    binding: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Quantity {
    Bytes(u64),
    Time(Duration),
}

/// What only a running agent with a cloud to talk to can show.
struct RunningFigures {
    /// Resident set, some seconds after the first check-in.
    resident_bytes: u64,
    /// From the start of the process to its first accepted check-in, on loopback, with an existing certificate.
    first_check_in: Duration,
}

/// Builds the agent, prints every figure, and fails when one is over its budget.
pub fn check(root: &Path) -> Result<()> {
    let program = build_agent(root)?;
    let running = measure_running(root, &program)?;
    let figures = [
        Figure {
            name: "magmad, stripped",
            measured: Quantity::Bytes(std::fs::metadata(&program)?.len()),
            budget: Quantity::Bytes(STRIPPED_BYTES_MAX),
            binding: true,
        },
        Figure {
            name: "magmad under xz -9",
            measured: Quantity::Bytes(xz_bytes(&program)?),
            budget: Quantity::Bytes(XZ_BYTES_MAX),
            binding: true,
        },
        Figure {
            name: "resident, idle after check-in",
            measured: Quantity::Bytes(running.resident_bytes),
            budget: Quantity::Bytes(RESIDENT_BYTES_MAX),
            binding: true,
        },
        Figure {
            name: "start to first check-in",
            measured: Quantity::Time(running.first_check_in),
            budget: Quantity::Time(FIRST_CHECK_IN_MAX),
            binding: false,
        },
    ];
    for figure in &figures {
        println!("{figure}");
    }
    let over: Vec<&str> = figures
        .iter()
        .filter(|figure| figure.binding && figure.is_over())
        .map(|figure| figure.name)
        .collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

impl Figure {
    fn is_over(&self) -> bool {
        self.measured > self.budget
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, verdict) =
            (self.measured.to_string(), if self.is_over() { "  OVER BUDGET" } else { "" });
        write!(out, "{:<30} {measured:>14}   budget {}{verdict}", self.name, self.budget)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(out, "{}.{:03} MB", bytes / MB, bytes % MB / 1000),
            Self::Time(time) => write!(out, "{} ms", time.as_millis()),
        }
    }
}

/// The agent as it ships: `-p magmad` alone, linked without unwind tables, which it never uses, and with its
/// relocations packed.
fn build_agent(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let script = root.join("apps/magmad/linking/no-unwind-tables.ld");
    let build = Command::new(cargo)
        .args(["rustc", "-p", "magmad", "--bin", "magmad", "--profile", "tiny", "--locked"])
        .args(["--message-format=json-render-diagnostics", "--"])
        .arg(format!("-Clink-arg=-Wl,-T,{}", script.display()))
        .args(["-Clink-arg=-Wl,--no-eh-frame-hdr", "-Clink-arg=-Wl,-z,pack-relative-relocs"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    if !build.status.success() {
        bail!("magmad does not build with the profile `tiny`");
    }
    executable(&String::from_utf8(build.stdout)?).context("magmad builds no program, only a library")
}

/// The program among cargo's messages, which are one JSON object a line.
pub fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs = messages.filter(|message| message["target"]["name"] == "magmad");
    programs.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

/// Size of the program as a package would carry it.
fn xz_bytes(program: &Path) -> Result<u64> {
    let mut xz = Command::new("xz")
        .args(["-9", "--stdout", "--keep"])
        .arg(program)
        .stdout(Stdio::piped())
        .spawn()
        .context("starting xz, which comes with the package xz-utils")?;
    let mut packed = xz.stdout.take().context("xz has no output")?;
    let bytes = io::copy(&mut packed, &mut io::sink())?;
    if !xz.wait()?.success() {
        bail!("xz could not pack {}", program.display());
    }
    Ok(bytes)
}

/// Runs `program` in the lab, against a real Orchestrator on loopback.
fn measure_running(root: &Path, program: &Path) -> Result<RunningFigures> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let lab = Command::new(cargo)
        .args(["run", "--release", "--locked", "--quiet", "-p", "lab", "--", "--measure", "--magmad"])
        .arg(program)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    let text = String::from_utf8(lab.stdout)?;
    if !lab.status.success() {
        bail!("the lab failed:\n{text}");
    }
    figures(&text).with_context(|| format!("the lab printed no figures:\n{text}"))
}

/// The lab's last line.
fn figures(text: &str) -> Option<RunningFigures> {
    let line: Value = serde_json::from_str(text.lines().next_back()?).ok()?;
    Some(RunningFigures {
        resident_bytes: line["resident_bytes"].as_u64()?,
        first_check_in: Duration::from_millis(line["start_to_checkin_ms"].as_u64()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_against_its_budget() {
        let figure = |measured, budget| Figure { name: "size", measured, budget, binding: true };
        let bytes = Quantity::Bytes;
        for (row, measured, over) in [
            ("below", bytes(3_999_999), false),
            ("exactly", bytes(4_000_000), false),
            ("above", bytes(4_000_001), true),
        ] {
            assert_eq!(figure(measured, Quantity::Bytes(4 * MB)).is_over(), over, "{row}");
        }
        let slow = figure(Quantity::Time(Duration::from_millis(501)), Quantity::Time(FIRST_CHECK_IN_MAX));
        assert!(slow.is_over());
    }

    #[test]
    fn a_figure_reads_well() {
        let figure = Figure {
            name: "size",
            measured: Quantity::Bytes(4_012_345),
            budget: Quantity::Bytes(4 * MB),
            binding: true,
        };
        let words: Vec<String> = figure.to_string().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), "size 4.012 MB budget 4.000 MB OVER BUDGET");
    }

    #[test]
    fn the_figures_are_the_last_line() {
        let found = figures("a story\n{\"start_to_checkin_ms\":41,\"resident_bytes\":5000000}\n").unwrap();
        assert_eq!((found.first_check_in.as_millis(), found.resident_bytes), (41, 5_000_000));
        assert!(figures("a story\n").is_none());
    }

    #[test]
    fn the_program_is_found_among_the_messages() {
        let library = r#"{"reason":"compiler-artifact","target":{"name":"magmad"},"executable":null}"#;
        let program = r#"{"reason":"compiler-artifact","target":{"name":"magmad"},"executable":"/t/magmad"}"#;
        let other = r#"{"reason":"compiler-artifact","target":{"name":"build-script"},"executable":"/t/b"}"#;
        let messages = |lines: &[&str]| executable(&lines.join("\n"));
        assert_eq!(messages(&[other, library, program, "not JSON"]), Some(PathBuf::from("/t/magmad")));
        assert_eq!(messages(&[other, library]), None);
    }

    #[test]
    fn xz_packs_what_repeats() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zeros");
        std::fs::write(&file, vec![0; 1 << 20]).unwrap();
        if Command::new("xz").arg("--version").output().is_err() {
            println!("skipped: xz is not installed");
            return;
        }
        let packed = xz_bytes(&file).unwrap();
        assert!((1..4096).contains(&packed), "{packed}");
        assert!(file.exists(), "the program stays");
        xz_bytes(&folder.path().join("absent")).expect_err("there is no such file");
    }
}
