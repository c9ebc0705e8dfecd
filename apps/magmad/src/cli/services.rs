//! `magmad services` and `magmad logs`: this gateway's services, through the agent where it runs and without it where
//! it does not.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use magma_command_line::Matches;
use magma_config::{GatewayConfig, Paths};
use serde_json::{Value, json};
use tokio::time::timeout;
use wire_orc8r::orc8r::{LogLine, RestartServicesRequest, TailLogsRequest, Void};

use super::answer::{Answer, NOT_WRITTEN};
use super::call::Messages;
use super::running_agent::RunningAgent;
use super::{runtime, service_states};
use crate::services::{Action, LogLines, ServiceError};

/// How long services may take to do what they are told; the agent itself answers sooner.
const ORDER_LIMIT: Duration = Duration::from_secs(150);

/// How long the first line of a log may take, and how long after the last one a log that is not followed is silent.
const FIRST_LINE_LIMIT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(1);

/// Tells how services are, or starts, stops or restarts them.
pub(super) fn services(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (config, problems) = magma_config::inspect(paths);
    let names: Vec<String> = matches.values("NAME").map(str::to_owned).collect();
    if names.is_empty() {
        service_states::names_are_known(&problems)?;
    }
    let action = match matches.value("ACTION") {
        Some("start") => Action::Start,
        Some("stop") => Action::Stop,
        Some("restart") => Action::Restart,
        _ => return states(paths, &config, &names),
    };
    runtime()?.block_on(async {
        let agent = RunningAgent::of(&config)?;
        if agent.runs().await && (names.is_empty() || action == Action::Restart) {
            through(&agent, action, names).await
        } else {
            by_hand(paths, &config, action, names).await
        }
    })
}

fn states(paths: &Paths, config: &GatewayConfig, names: &[String]) -> Result<Answer> {
    let known = |name: &str| service_states::is_named(config, name) || config.registry.get(name).is_some();
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        return Err(ServiceError::Unknown(unknown.clone()).into());
    }
    let services = runtime()?.block_on(async {
        match names {
            [] => service_states::all(config, paths).await,
            names => service_states::some(config, paths, names.iter().cloned().collect()).await,
        }
    });
    let down = services.iter().any(|service| {
        service["wanted"] == true
            && (service["answers"] == false || service["state"] != "active")
            && !(service["answers"].is_null() && service["state"] == "unknown")
    });
    let json = Value::Array(services);
    Ok(Answer::new(service_states::text(&json), json!({ "services": json })).with_status(u8::from(down)))
}

/// The agent knows of the restarts that it ordered, and does not count them as crashes.
async fn through(agent: &RunningAgent, action: Action, services: Vec<String>) -> Result<Answer> {
    let (method, names) = match action {
        Action::Start => ("StartServices", Vec::new()),
        Action::Stop => ("StopServices", Vec::new()),
        _ => ("RestartServices", services),
    };
    let request = RestartServicesRequest { services: names.clone() };
    let _: Void = if action == Action::Restart {
        agent.order(method, &request, ORDER_LIMIT).await?
    } else {
        agent.order(method, &Void {}, ORDER_LIMIT).await?
    };
    let which = if names.is_empty() { "all services".to_owned() } else { names.join(", ") };
    let json = json!({ "ordered": action.to_string(), "services": names, "through": "magmad" });
    Ok(Answer::new(format!("magmad does it: {action} {which}.\nmagmad services tells how they are.\n"), json))
}

/// What the agent would do, done by this process. It may not have the right to.
async fn by_hand(
    paths: &Paths,
    config: &GatewayConfig,
    action: Action,
    mut names: Vec<String>,
) -> Result<Answer> {
    let magmad = &config.magmad;
    if names.is_empty() {
        names = magmad.magma_services.clone();
    }
    if names.is_empty() {
        bail!("magmad.yml names no service: list them in magma_services");
    }
    let of_the_agent = |name: &&String| {
        service_states::is_named(config, name) && service_states::is_of_the_agent(config, name)
    };
    if let Some(own) = names.iter().find(of_the_agent) {
        bail!(
            "{own} is run by the agent itself: while the agent runs, `magmad services restart {own}` restarts it, and \
             starting or stopping is for all services together; else start magmad"
        );
    }
    let outcome = service_states::services(config, paths).order(action, &names).await;
    let failed: serde_json::Map<String, Value> =
        outcome.failed.iter().map(|(name, error)| (name.clone(), json!(error.to_string()))).collect();
    let mut text = String::new();
    outcome.done.iter().for_each(|name| text += &format!("{name}: done\n"));
    outcome.failed.values().for_each(|error| text += &format!("{error}\n"));
    let json = json!({ "ordered": action.to_string(), "done": outcome.done, "failed": failed });
    Ok(Answer::new(text, json).with_status(u8::from(!outcome.failed.is_empty())))
}

/// Prints the log of a service or, without a name, of the gateway.
pub(super) fn logs(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (config, _) = magma_config::inspect(paths);
    let service = matches.value("SERVICE").unwrap_or_default();
    let (follow, json) = (matches.has("follow"), matches.has("json"));
    runtime()?.block_on(async {
        let mut log = Log::open(paths, &config, service).await?;
        let mut lines = Vec::new();
        let mut limit = FIRST_LINE_LIMIT;
        loop {
            let next = if follow { Ok(log.next().await) } else { timeout(limit, log.next()).await };
            // A log that is not followed ends with a silence.
            let Some(line) = next.unwrap_or(Ok(None))? else { break };
            limit = SILENCE;
            match (follow, json) {
                (true, true) => print(&format!("{}\n", json!({ "line": line.trim_end_matches('\n') })))?,
                (_, false) => print(&line)?,
                (false, true) => lines.push(line.trim_end_matches('\n').to_owned()),
            }
        }
        let json = if follow { Value::Null } else { json!({ "service": service, "lines": lines }) };
        Ok(Answer::new("", json))
    })
}

/// The lines of a log, from where they can be had.
enum Log {
    Here(LogLines),
    /// Of a service that the agent runs itself.
    OfTheAgent(Messages),
}

impl Log {
    async fn open(paths: &Paths, config: &GatewayConfig, service: &str) -> Result<Self> {
        if service_states::is_of_the_agent(config, service) {
            let request = TailLogsRequest { service: service.to_owned() };
            return Ok(Self::OfTheAgent(RunningAgent::of(config)?.follow("TailLogs", &request).await?));
        }
        let lines = service_states::services(config, paths).tail_logs(service);
        let known: BTreeSet<&str> = config.registry.iter().map(|(name, _)| name).collect();
        let lines = lines.with_context(|| {
            let names: Vec<&str> = known.into_iter().collect();
            format!("the registry has: {}", names.join(", "))
        });
        Ok(Self::Here(lines?))
    }

    /// The next line with its end; none at the end of the log.
    async fn next(&mut self) -> Result<Option<String>> {
        Ok(match self {
            Self::Here(lines) => lines.next().await.transpose()?,
            Self::OfTheAgent(messages) => match messages.next::<LogLine>().await {
                Ok(line) => line.map(|line| line.line),
                Err(status) => bail!("{}", status.message()),
            },
        })
    }
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context(NOT_WRITTEN)
}
