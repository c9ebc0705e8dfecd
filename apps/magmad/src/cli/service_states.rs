//! How this gateway's services are, by what runs them and by their own words, all asked at the same time.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use magma_config::{GatewayConfig, InitSystem, Paths, Problem, Severity};
use magma_service303::Registry;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use wire_orc8r::orc8r::{ServiceInfo, Void};

use super::call;
use super::running_agent::{ANSWER_LIMIT, SERVICE303, with_agent};
use crate::local_services::LocalServices;
use crate::services::{ServiceState, Services};

/// The gateway's services as this process sees them.
pub(crate) fn services(config: &GatewayConfig, paths: &Paths) -> Services {
    let nobody_counts = Registry::new().counter_family("unexpected_service_restarts", ["service_name"]);
    Services::configured(config, paths, Vec::new(), nobody_counts)
}

/// Which services there are, unless the file that says so is broken or absent.
///
/// # Errors
/// The first of these mistakes.
pub(crate) fn names_are_known(problems: &[Problem]) -> Result<()> {
    let broken =
        |problem: &&Problem| problem.severity == Severity::Error && problem.file.ends_with("magmad.yml");
    match problems.iter().find(broken) {
        Some(problem) => bail!("it is not known which services there are: {problem}"),
        None => Ok(()),
    }
}

/// Whether `magmad.yml` names a service.
pub(crate) fn is_named(config: &GatewayConfig, service: &str) -> bool {
    let magmad = &config.magmad;
    magmad.magma_services.iter().chain(&magmad.registered_dynamic_services).any(|named| named == service)
        || magmad.embedded_services.iter().any(|embedded| embedded.name() == service)
}

/// Whether the agent itself runs a service, so that nobody else can start, stop or look at it.
pub(crate) fn is_of_the_agent(config: &GatewayConfig, service: &str) -> bool {
    let magmad = &config.magmad;
    magmad.init_system == InitSystem::Process
        || magmad.embedded_services.iter().any(|embedded| embedded.name() == service)
}

/// All services that `magmad.yml` names.
pub(crate) async fn all(config: &GatewayConfig, paths: &Paths) -> Vec<Value> {
    let magmad = &config.magmad;
    let embedded = magmad.embedded_services.iter().map(|service| service.name().to_owned());
    let fixed: BTreeSet<String> = magmad.magma_services.iter().cloned().chain(embedded).collect();
    let names = fixed.iter().chain(&magmad.registered_dynamic_services).cloned().collect();
    some(config, paths, names).await
}

/// These services, in the order of their names.
pub(crate) async fn some(config: &GatewayConfig, paths: &Paths, names: BTreeSet<String>) -> Vec<Value> {
    let services = std::sync::Arc::new(services(config, paths));
    let (channels, unasked) = (with_agent(config), config.unasked_services());
    let mut asking = JoinSet::new();
    for name in names {
        let (services, channels) = (services.clone(), channels.clone());
        let of_the_agent = is_of_the_agent(config, &name);
        let answers = !unasked.contains(&name);
        let dynamic = config.magmad.registered_dynamic_services.contains(&name)
            && !config.magmad.magma_services.contains(&name);
        asking.spawn(async move {
            let (state, info) = tokio::join!(
                async { if of_the_agent { None } else { services.state(&name).await.ok() } },
                async { if answers { Some(ask(&channels, &name).await) } else { None } },
            );
            let json = described(&channels, &name, state, info, dynamic);
            (name, json)
        });
    }
    let mut found = Vec::new();
    while let Some(asked) = asking.join_next().await {
        found.extend(asked);
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found.into_iter().map(|(_, json)| json).collect()
}

async fn ask(channels: &LocalServices, name: &str) -> Result<ServiceInfo, String> {
    let channel = channels.channel(name).map_err(|error| {
        format!("{error}; add its address, or add the service to non_service303_services in magmad.yml")
    })?;
    let path = format!("{SERVICE303}GetServiceInfo");
    call::unary(&channel, &path, &Void {}, ANSWER_LIMIT).await.map_err(|status| status.message().to_owned())
}

fn described(
    channels: &LocalServices,
    name: &str,
    state: Option<ServiceState>,
    info: Option<Result<ServiceInfo, String>>,
    dynamic: bool,
) -> Value {
    let said = info.as_ref().and_then(|info| info.as_ref().ok());
    let state = match state {
        Some(state) => word(state),
        None if said.is_some() => "active",
        None => "unknown",
    };
    // A service that the cloud may have switched off is not missed.
    let wanted = !dynamic || state == "active";
    json!({
        "name": name,
        "state": state,
        "wanted": wanted,
        "address": channels.registry().get(name).map(|at| format!("{}:{}", at.host, at.port)),
        "answers": info.as_ref().map(Result::is_ok),
        "error": info.as_ref().and_then(|info| info.as_ref().err()).filter(|_| wanted),
        "version": said.map(|info| info.version.clone()),
        "own_state": said.map(|info| info.state().as_str_name()),
        "health": said.map(|info| info.health().as_str_name()),
        "started_at": said.map(|info| info.start_time_secs),
    })
}

fn word(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Active => "active",
        ServiceState::Activating => "activating",
        ServiceState::Deactivating => "deactivating",
        ServiceState::Inactive => "inactive",
        ServiceState::Failed => "failed",
        ServiceState::Unknown => "unknown",
        ServiceState::Error => "error",
    }
}

/// A line for each service.
pub(crate) fn text(services: &Value) -> String {
    let services = services.as_array().map(Vec::as_slice).unwrap_or_default();
    if services.is_empty() {
        return "services         none in magmad.yml\n".to_owned();
    }
    let mut text = "services\n".to_owned();
    for service in services {
        let part = |key: &str| service[key].as_str().unwrap_or_default().to_owned();
        let answer = match service["answers"].as_bool() {
            Some(true) => format!("{} {}", part("own_state"), part("health")).to_lowercase(),
            Some(false) if service["wanted"] == true => "does not answer".to_owned(),
            Some(false) => "switched off".to_owned(),
            None => "is not asked".to_owned(),
        };
        text += &format!("  {:<22} {:<12} {answer}\n", part("name"), part("state"));
    }
    text
}
