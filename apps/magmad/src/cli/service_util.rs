//! `magmad service-util`: what a unit of the gateway's services calls when its service has ended (`ExecStopPost`), as
//! with Magma's script of that name.

use anyhow::Result;
use magma_command_line::Matches;
use magma_config::Paths;
use serde_json::json;

use super::answer::Answer;
use super::runtime;
use crate::satellites::service_exit::{ServiceEnd, note};

/// Counts the end of the service's run that systemd tells of in the environment.
pub(super) fn service_util(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let [result, code, status] = ["SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"].map(variable);
    anyhow::ensure!(
        !result.is_empty(),
        "SERVICE_RESULT is not set: this is for ExecStopPost in a service's unit, where systemd sets it"
    );
    let service = matches.value("SERVICE").unwrap_or_default();
    let end = ServiceEnd { service_result: &result, exit_code: &code, exit_status: &status };
    runtime()?.block_on(note(paths, service, end))?;
    Ok(Answer::new("", json!({ "service": service, "result": result, "code": code, "status": status })))
}
