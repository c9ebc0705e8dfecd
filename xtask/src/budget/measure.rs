//! Measuring a program: its size, packed and not, and its memory and time in the lab.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What only a running agent with a cloud to talk to can show.
pub struct RunningFigures {
    /// Resident set, some seconds after the first check-in.
    pub resident_bytes: u64,
    /// From the start of the process to its first accepted check-in, on loopback, with an existing certificate.
    pub first_check_in: Duration,
    /// Share of one processor while it idles, in millionths.
    pub idle_cpu: u64,
    /// Resident set after two minutes of idling.
    pub idle_resident_bytes: u64,
    /// The most that the resident set was under load.
    pub busy_resident_bytes: u64,
    /// How many calls a second its control proxy carried under that load.
    pub busy_proxied_per_second: u64,
}

/// How many services the agent has to ask in the lab.
const SERVICES: &str = "20";

/// Size of the file.
pub fn bytes(program: &Path) -> Result<u64> {
    Ok(std::fs::metadata(program).with_context(|| format!("looking at {}", program.display()))?.len())
}

/// Size of the program as a package would carry it.
pub fn xz_bytes(program: &Path) -> Result<u64> {
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
pub fn running(root: &Path, program: &Path) -> Result<RunningFigures> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let lab = Command::new(cargo)
        .args([
            "run",
            "--release",
            "--locked",
            "--quiet",
            "-p",
            "lab",
            "--",
            "--services",
            SERVICES,
            "--measure",
            "--magmad",
        ])
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
        idle_cpu: (line["idle_cpu_percent"].as_f64()? * 10_000.0) as u64,
        idle_resident_bytes: line["idle_resident_bytes"].as_u64()?,
        busy_resident_bytes: line["busy_resident_bytes"].as_u64()?,
        busy_proxied_per_second: line["busy_proxied_per_second"].as_u64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_the_last_line() {
        let line = serde_json::json!({
            "start_to_checkin_ms": 41, "resident_bytes": 5_000_000, "idle_cpu_percent": 0.12,
            "idle_resident_bytes": 5_500_000, "busy_resident_bytes": 9_000_000, "busy_proxied_per_second": 1000,
        });
        let found = figures(&format!("a story\n{line}\n")).unwrap();
        assert_eq!((found.first_check_in.as_millis(), found.resident_bytes), (41, 5_000_000));
        assert_eq!((found.idle_cpu, found.busy_resident_bytes), (1200, 9_000_000));
        assert!(figures("a story\n").is_none());
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
