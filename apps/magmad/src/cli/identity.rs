//! `magmad register`, `show`, `check-config` and `version`: who this gateway is, and with which files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use magma_command_line::Matches;
use magma_config::{Paths, Problem, Severity};
use magma_identity::gateway_info::BuildInfo;
use serde_json::{Value, json};

use super::answer::Answer;
use super::environment;
use super::runtime;
use crate::options::Options;
use crate::registration::{self, DEFAULT_PORT, Registration};
use crate::{agent, check_config, show};

/// Registers this gateway by a token.
pub(super) fn register(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let text = |name: &str| matches.value(name).unwrap_or_default().to_owned();
    let port = matches.number("cloud-port").and_then(|port| u16::try_from(port).ok());
    let registration = Registration {
        domain: text("DOMAIN"),
        token: text("TOKEN"),
        ca_file: matches.value("ca-file").map(PathBuf::from),
        cloud_port: port.unwrap_or(DEFAULT_PORT),
        save_control_proxy: !matches.has("no-control-proxy"),
    };
    let registered = {
        let mut options = Options::new(paths.clone());
        environment::take(&mut options);
        let proxies = options.http_proxies;
        runtime()?.block_on(registration::register_through(paths, &registration, &proxies))?
    };
    let next = match &registered.saved {
        Some(path) => format!(
            "Saved {}.\nA running magmad uses it within seconds; else start it now.\n",
            path.display()
        ),
        None => format!("Its control_proxy.yml was not saved:\n{}\n", registered.control_proxy),
    };
    let json = json!({
        "hardware_id": registered.hardware_id,
        "control_proxy": registered.control_proxy,
        "saved": registered.saved.as_deref().map(Path::to_string_lossy),
    });
    Ok(Answer::new(
        format!("Registered the gateway with hardware id {}.\n{next}", registered.hardware_id),
        json,
    ))
}

/// The hardware id and the challenge key.
pub(super) fn show(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let format = match matches.value("format") {
        Some("go") => show::Format::Go,
        _ => show::Format::Python,
    };
    let (hardware_id, challenge_key) = show::identity(paths)?;
    let build = build_info();
    let text = show::text(&hardware_id, &challenge_key, format, &build);
    let json = json!({
        "hardware_id": hardware_id.as_str(),
        "challenge_key": challenge_key,
        "build": build_json(&build),
    });
    Ok(Answer::new(text, json))
}

/// What the agent understands of its files.
pub(super) fn check_config(paths: &Paths) -> Result<Answer> {
    let mut text = Vec::new();
    let problems = check_config::report(paths, &mut text).context("cannot write the report")?;
    let usable = problems.iter().all(|problem| problem.severity != Severity::Error);
    let problems: Vec<Value> = problems.iter().map(problem_json).collect();
    let json = json!({ "usable": usable, "problems": problems });
    Ok(Answer::new(String::from_utf8_lossy(&text), json).with_status(u8::from(!usable)))
}

fn problem_json(problem: &Problem) -> Value {
    json!({
        "file": problem.file.to_string_lossy(),
        "line": problem.line,
        "key": problem.key,
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::NoEffect => "no_effect",
        },
        "message": problem.message,
    })
}

/// The version, and what this program was built from and with.
pub(super) fn version() -> Answer {
    let build = build_info();
    let parts: Vec<&str> = PARTS.iter().filter(|(_, built)| *built).map(|(name, _)| *name).collect();
    let json = json!({
        "version": agent::VERSION,
        "build": build_json(&build),
        "target": target(),
        "parts": parts,
    });
    let parts = if parts.is_empty() { "none: the core alone".to_owned() } else { parts.join(", ") };
    let hash = if build.hash.is_empty() { "unknown" } else { &build.hash };
    Answer::new(
        format!("magmad {}\ncommit: {hash}\ntarget: {}\nparts: {parts}\n", agent::VERSION, target()),
        json,
    )
}

/// What may be left out of a build.
const PARTS: [(&str, bool); 10] = [
    ("control-proxy", cfg!(feature = "control-proxy")),
    ("ctraced", cfg!(feature = "ctraced")),
    ("directoryd", cfg!(feature = "directoryd")),
    ("eventd", cfg!(feature = "eventd")),
    ("log-forwarding", cfg!(feature = "log-forwarding")),
    ("metrics", cfg!(feature = "metrics")),
    ("resources", cfg!(feature = "resources")),
    ("sentry", cfg!(feature = "sentry")),
    ("state-replication", cfg!(feature = "state-replication")),
    ("upgrades", cfg!(feature = "upgrades")),
];

fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

fn build_json(build: &BuildInfo) -> Value {
    json!({
        "branch": build.branch,
        "tag": build.tag,
        "commit": build.hash,
        "commit_date": build.commit_date,
    })
}

/// What the program was built from, as `cargo xtask package` told the compiler.
const BUILT_FROM: [Option<&str>; 2] = [option_env!("MAGMAD_COMMIT"), option_env!("MAGMAD_COMMIT_DATE")];

/// Magma-compat: container images say in these variables what they were built from.
fn build_info() -> BuildInfo {
    let [commit, commit_date] = BUILT_FROM.map(|text| text.unwrap_or_default().to_owned());
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let text = |name: &str| variable(name).unwrap_or_default();
    BuildInfo {
        branch: text("MAGMA_BUILD_BRANCH"),
        tag: text("MAGMA_BUILD_TAG"),
        hash: variable("MAGMA_BUILD_COMMIT_HASH").or_else(|| variable("COMMIT_HASH")).unwrap_or(commit),
        commit_date: variable("MAGMA_BUILD_COMMIT_DATE").unwrap_or(commit_date),
        build_date: String::new(),
    }
}
