//! The agent and the other services of this gateway, as they answer for themselves.

use magma_config::GatewayConfig;
use serde_json::Value;

use super::{Examination, Finding};
use crate::cli::running_agent::RunningAgent;
use crate::cli::service_states;

/// Asks all of them.
pub(super) async fn services(found: &mut Vec<Finding>, examination: &Examination, config: &GatewayConfig) {
    if let Ok(agent) = RunningAgent::of(config) {
        found.push(match agent.info().await {
            Ok(info) => Finding::ok("magmad", format!("version {} answers", info.version)),
            Err(status) => Finding::fail(
                "magmad",
                agent.explained(&status).to_string(),
                "start it; its log says why it ended",
            ),
        });
    }
    for service in service_states::all(config, &examination.paths).await {
        found.push(of(&service));
    }
}

fn of(service: &Value) -> Finding {
    let word = |key: &str| service[key].as_str().unwrap_or_default().to_owned();
    let (name, state) = (word("name"), word("state"));
    let step = format!("service {name}");
    let look = format!("magmad logs {name}; then magmad services restart {name}");
    match (service["answers"].as_bool(), state.as_str()) {
        _ if service["wanted"] == false => Finding::ok(step, "switched off by the cloud, or not started yet"),
        (Some(true), _) if word("health") == "APP_UNHEALTHY" => Finding::warn(
            step,
            format!("it answers, but calls itself unhealthy ({})", word("own_state")),
            look,
        ),
        (Some(true), _) => Finding::ok(step, "it answers"),
        (Some(false), _) => {
            Finding::fail(step, format!("it is {state} and does not answer: {}", word("error")), look)
        }
        (None, "active" | "unknown") => Finding::ok(
            step,
            format!(
                "it is {state}; it is not asked (non_service303_services, or no address in the registry)"
            ),
        ),
        (None, _) => Finding::fail(step, format!("it is {state}"), look),
    }
}
