//! `magmad status`: whether the agent runs, whether its cloud takes it, and how its services are.
//!
//! What only the agent knows it is asked for; the rest is read from the files, so that there is something to say also
//! when it does not run.

use std::time::SystemTime;

use anyhow::Result;
use magma_config::mconfig::MconfigStore;
use magma_config::{ControlProxy, GatewayConfig, Paths, Severity};
use magma_identity::{CertificatePair, HardwareId, IdentityError};
use magma_rpc::Status;
use serde_json::{Value, json};
use wire_orc8r::orc8r::ServiceInfo;

use super::answer::Answer;
use super::moment::{moment, seconds};
use super::running_agent::RunningAgent;
use super::{runtime, service_states, service303};
use crate::recent;

/// The exit status when the agent does not run, as the Linux Standard Base has it for init scripts.
const NOT_RUNNING: u8 = 3;

/// What there is to say of the agent and its gateway.
pub(super) fn status(paths: &Paths) -> Result<Answer> {
    let (config, mistakes) = magma_config::inspect(paths);
    let now = SystemTime::now();
    let agent = RunningAgent::of(&config)?;
    let (info, services, queues) = runtime()?.block_on(async {
        let info = agent.info().await;
        let services = service_states::all(&config, paths).await;
        let queues = if info.is_ok() { service303::queues(&config).await } else { Value::Null };
        (info, services, queues)
    });
    let hardware_id = HardwareId::load(&paths.hardware_id_file());
    let no_hardware_id = hardware_id.as_ref().err().map(|error| match error {
        IdentityError::Missing { .. } => {
            "this gateway has no hardware id yet: the agent's first start, or magmad show, makes it"
                .to_owned()
        }
        wrong => wrong.to_string(),
    });
    let recent = info.as_ref().map_or(Value::Null, recently);
    let mut json = json!({
        "running": info.is_ok(),
        "agent": info.as_ref().map_or(Value::Null, agent_json),
        "hardware_id": hardware_id.ok().map(|id| id.as_str().to_owned()),
        "certificate": certificate(paths, &config.control_proxy, now),
        "cloud": cloud(&config.control_proxy),
        "steps": recent["steps"],
        "states_reported": recent["states"],
        "config": mconfig(paths, &config, now),
        "queues": queues,
        "services": services,
    });
    let mistakes = mistakes.iter().filter(|problem| problem.severity == Severity::Error);
    let mistakes = mistakes.map(ToString::to_string).chain(no_hardware_id);
    let problems = problems(&agent, &info, mistakes.collect(), &json);
    let status = match (&info, problems.is_empty()) {
        (Err(_), _) => NOT_RUNNING,
        (Ok(_), ok) => u8::from(!ok),
    };
    json["problems"] = json!(problems);
    Ok(Answer::new(text(&json, now), json).with_status(status))
}

fn recently(info: &ServiceInfo) -> Value {
    let meta = info.status.as_ref().and_then(|status| status.meta.get(recent::META_KEY));
    meta.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

fn agent_json(info: &ServiceInfo) -> Value {
    json!({
        "version": info.version,
        "started_at": info.start_time_secs,
        "state": info.state().as_str_name(),
        "health": info.health().as_str_name(),
    })
}

fn certificate(paths: &Paths, proxy: &ControlProxy, now: SystemTime) -> Value {
    let (cert, key) = (paths.resolve(&proxy.gateway_cert), paths.resolve(&proxy.gateway_key));
    match CertificatePair::peek(&cert, &key) {
        Ok(pair) => json!({
            "file": cert.to_string_lossy(),
            "for": pair.common_name(),
            "not_before": seconds(pair.not_before()),
            "not_after": seconds(pair.not_after()),
            "valid": (pair.not_before()..=pair.not_after()).contains(&now),
            "problem": null,
        }),
        Err(error) => json!({
            "file": cert.to_string_lossy(), "valid": false, "problem": error.to_string(),
        }),
    }
}

fn cloud(proxy: &ControlProxy) -> Value {
    let address = |host: &str, port: u16| (!host.is_empty()).then(|| format!("{host}:{port}"));
    json!({
        "controller": address(&proxy.cloud_address, proxy.cloud_port),
        "bootstrapper": address(&proxy.bootstrap_address, proxy.bootstrap_port),
        "through_control_proxy": proxy.proxy_cloud_connections,
    })
}

fn mconfig(paths: &Paths, config: &GatewayConfig, now: SystemTime) -> Value {
    match MconfigStore::new(paths, &config.magmad).peek() {
        Ok(loaded) => {
            let created = loaded.mconfig.created_at();
            let known = created > 0;
            json!({
                "file": loaded.path.to_string_lossy(),
                "created_at": known.then_some(created),
                "age": known.then(|| seconds(now).saturating_sub(created)),
                "problem": loaded.fell_back,
            })
        }
        Err(error) => json!({ "file": null, "problem": error.to_string() }),
    }
}

/// What an operator should look at, in sentences; the mistakes in the files come first.
fn problems(
    agent: &RunningAgent,
    info: &Result<ServiceInfo, Status>,
    mut problems: Vec<String>,
    json: &Value,
) -> Vec<String> {
    if let Err(status) = info {
        problems.push(agent.explained(status).to_string());
    }
    if let Some(problem) = json["certificate"]["problem"].as_str() {
        problems.push(problem.to_owned());
    } else if json["certificate"]["valid"] == false {
        problems.push("the gateway certificate is not valid now; is the clock right (NTP)?".to_owned());
    }
    if json["config"]["file"].is_null() {
        problems.extend(json["config"]["problem"].as_str().map(str::to_owned));
    }
    let failed = json["steps"].as_object().into_iter().flatten().filter_map(|(step, last)| {
        Some(format!("{}: {}", step.replace('_', " "), last["failed"]["message"].as_str()?))
    });
    problems.extend(failed);
    let services = json["services"].as_array().into_iter().flatten().filter_map(|service| {
        let name = service["name"].as_str()?;
        let state = service["state"].as_str().filter(|state| !matches!(*state, "active" | "unknown"));
        let error = service["error"].as_str().map(str::to_owned);
        let problem = error.or_else(|| state.map(|state| format!("it is {state}")))?;
        (service["wanted"] != false).then(|| format!("service {name}: {problem}"))
    });
    problems.extend(services);
    problems
}

/// The same for a person.
fn text(json: &Value, now: SystemTime) -> String {
    let mut page = String::new();
    let mut line = |name: &str, value: String| page += &format!("{name:<16} {value}\n");
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let time = |value: &Value| value.as_u64().map_or_else(|| "unknown".to_owned(), |at| moment(at, now));
    let agent = &json["agent"];
    line(
        "agent",
        match json["running"].as_bool() {
            Some(true) => {
                format!("version {} runs since {}", word(&agent["version"]), time(&agent["started_at"]))
            }
            _ => "does not run".to_owned(),
        },
    );
    line("hardware id", word(&json["hardware_id"]));
    let certificate = &json["certificate"];
    line(
        "certificate",
        match certificate["not_after"].as_u64() {
            Some(end) => format!("for {}, until {}", word(&certificate["for"]), moment(end, now)),
            None => "none that can be used".to_owned(),
        },
    );
    let cloud = &json["cloud"];
    let way = if cloud["through_control_proxy"] == true { "through the control proxy" } else { "directly" };
    line("cloud", format!("{}, {way}", word(&cloud["controller"])));
    let step = |name: &str| {
        let (done, failed) = (&json["steps"][name]["succeeded_at"], &json["steps"][name]["failed"]);
        match (done.as_u64(), failed["at"].as_u64()) {
            (_, Some(at)) if failed["times"] == 1 => format!("failed {}", moment(at, now)),
            (_, Some(at)) => format!("failed {} times, last {}", failed["times"], moment(at, now)),
            (Some(at), None) => format!("worked {}", moment(at, now)),
            (None, None) => "nothing yet".to_owned(),
        }
    };
    if json["running"] == true {
        line("check-in", step("check_in"));
        line(
            "SyncRPC",
            match &json["steps"]["sync_rpc"] {
                Value::Null => "not connected".to_owned(),
                _ => step("sync_rpc"),
            },
        );
        for (name, size) in json["queues"].as_object().into_iter().flatten() {
            line("queue", format!("{name} {size}"));
        }
    }
    line(
        "configuration",
        match json["config"]["created_at"].as_u64() {
            Some(created) => format!("{}, made {}", word(&json["config"]["file"]), moment(created, now)),
            None => word(&json["config"]["file"]),
        },
    );
    page += &service_states::text(&json["services"]);
    let problems = json["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !problems.is_empty() {
        page += "\nTo look at:\n";
        problems.iter().for_each(|problem| page += &format!("  {}\n", word(problem)));
        page += "magmad doctor finds out more.\n";
    }
    page
}
