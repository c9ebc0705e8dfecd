//! `orc8r doctor`: what stands in the way, if anything does.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result};
use clap::Args;
use orc8r_ca::CertificateFiles;
use serde_json::{Value, json};

use super::output::Output;
use super::serve::Listen;
use super::{DataDir, NotWell};
use crate::examination::{self as examine, Finding, Verdict};

/// Examine an Orchestrator, whether it runs or not: folder, disk, database, keys, certificates, clock, ports, backups
///
/// Exits with 1 when a step fails; warnings do not count. Give it the options of `orc8r serve` for folder, database and
/// ports. Like every command, it brings the schema of an older database up to date.
#[derive(Args)]
pub(super) struct DoctorCommand {
    #[command(flatten)]
    data: DataDir,
    /// The file with the keys that seal subscribers' keys, if it is not in the data folder
    #[arg(long, value_name = "FILE")]
    subscriber_keys: Option<PathBuf>,
    #[command(flatten)]
    listen: Listen,
}

pub(super) async fn run(command: DoctorCommand, out: &mut Output) -> Result<()> {
    report(&findings(&command).await?, out)
}

async fn findings(command: &DoctorCommand) -> Result<Vec<Finding>> {
    let (folder, now) = (command.data.folder(), SystemTime::now());
    let mut findings = vec![examine::folder(&folder)];
    if findings[0].verdict == Verdict::Fail {
        return Ok(findings);
    }
    findings.push(examine::space(&folder));
    let database =
        folder.database_or(command.data.database.as_ref()).context("cannot tell where the database is")?;
    findings.push(examine::clock(database.file(), now));
    let files = CertificateFiles::under(&folder.certificates());
    findings.extend(examine::certificates(&files, now));
    let (found, store) = examine::database(&database).await;
    findings.push(found);
    if let Some(store) = store {
        findings.push(examine::operators(&store, now).await);
        let keys = command.subscriber_keys.clone().unwrap_or_else(|| folder.subscriber_keys());
        findings.push(examine::keys(&store, &keys).await);
        store.close().await;
    }
    let is_served = folder.is_served();
    let Listen { listen_gateways, listen_bootstrap, listen_rest, listen_logs, listen_nodes, listen_health } =
        command.listen;
    for (step, address) in [
        ("port of gateways", Some(listen_gateways)),
        ("port of bootstrap", Some(listen_bootstrap)),
        ("port of REST", Some(listen_rest)),
        ("port of logs", Some(listen_logs)),
        ("port of nodes", listen_nodes),
        ("port of health", listen_health),
    ] {
        if let Some(address) = address {
            findings.push(examine::door(step, address, is_served).await);
        }
    }
    if is_served {
        findings.push(examine::readiness(&files, listen_rest).await);
    }
    findings.push(examine::backup(&folder, now));
    Ok(findings)
}

/// Prints what was found; a failed step is a failure.
pub(super) fn report(findings: &[Finding], out: &mut Output) -> Result<()> {
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    let mut text: String = findings.iter().map(Finding::to_text).collect();
    text += match failed {
        false => "\nNo step failed.\n",
        true => "\nBegin with the first step that failed: those after it may follow from it.\n",
    };
    let steps: Vec<Value> = findings.iter().map(Finding::to_json).collect();
    out.say(&json!({ "ok": !failed, "steps": steps }), &text)?;
    if failed { Err(NotWell.into()) } else { Ok(()) }
}
