//! `magmad gateway-id`, `reboot`, `ping`, `traceroute`, `generic-command`, `check-stateless` and `config-stateless`:
//! what the cloud can order of the agent, ordered from this machine.

use std::time::Duration;

use anyhow::{Context, Result};
use magma_command_line::Matches;
use magma_config::Paths;
use prost_types::value::Kind;
use serde_json::{Map, Value, json};
use wire_orc8r::orc8r::configure_stateless_request::Cmd;
use wire_orc8r::orc8r::{
    CheckStatelessResponse, ConfigureStatelessRequest, GenericCommandParams, GenericCommandResponse,
    GetGatewayIdResponse, NetworkTestRequest, NetworkTestResponse, PingParams, TracerouteParams,
    TracerouteProbe, Void,
};

use super::answer::Answer;
use super::running_agent::{ANSWER_LIMIT, RunningAgent};
use super::runtime;

/// Longer than the agent lets a network test or a command run.
const WORK_LIMIT: Duration = Duration::from_secs(330);

/// Carries out one of the orders above.
pub(super) fn order(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let agent = RunningAgent::at(paths)?;
    runtime()?.block_on(async {
        match matches.command.name {
            "gateway-id" => gateway_id(&agent).await,
            "reboot" => reboot(&agent).await,
            "ping" => ping(&agent, matches).await,
            "traceroute" => traceroute(&agent, matches).await,
            "generic-command" => generic_command(&agent, matches).await,
            "check-stateless" => check_stateless(&agent).await,
            _ => config_stateless(&agent, matches).await,
        }
    })
}

async fn gateway_id(agent: &RunningAgent) -> Result<Answer> {
    let id: GetGatewayIdResponse = agent.order("GetGatewayId", &Void {}, ANSWER_LIMIT).await?;
    Ok(Answer::new(format!("{}\n", id.gateway_id), json!({ "gateway_id": id.gateway_id })))
}

async fn reboot(agent: &RunningAgent) -> Result<Answer> {
    let _: Void = agent.order("Reboot", &Void {}, ANSWER_LIMIT).await?;
    Ok(Answer::new("The machine restarts in a moment.\n", json!({ "rebooting": true })))
}

async fn ping(agent: &RunningAgent, matches: &Matches) -> Result<Answer> {
    let number = |name| matches.number(name).and_then(|n| i32::try_from(n).ok()).unwrap_or_default();
    let hosts = matches.values("HOST");
    let pings = hosts.map(|host| PingParams { host_or_ip: host.to_owned(), num_packets: number("packets") });
    let request = NetworkTestRequest { pings: pings.collect(), traceroutes: Vec::new() };
    let results: NetworkTestResponse = agent.order("RunNetworkTests", &request, WORK_LIMIT).await?;
    let (mut text, mut json, mut lost) = (String::new(), Vec::new(), false);
    for result in results.pings {
        let (sent, received) = (result.packets_transmitted, result.packets_received);
        let error = Some(&result.error).filter(|error| !error.is_empty());
        lost |= error.is_some() || received == 0;
        text += &match error {
            Some(error) => format!("{}: {error}\n", result.host_or_ip),
            None => format!(
                "{}: {received} of {sent} answered, {:.1} ms on average\n",
                result.host_or_ip, result.avg_response_ms
            ),
        };
        json.push(json!({
            "host": result.host_or_ip, "error": error, "sent": sent, "received": received,
            "average_ms": result.avg_response_ms,
        }));
    }
    Ok(Answer::new(text, json!({ "pings": json })).with_status(u8::from(lost)))
}

async fn traceroute(agent: &RunningAgent, matches: &Matches) -> Result<Answer> {
    let number = |name| matches.number(name).and_then(|n| i32::try_from(n).ok()).unwrap_or_default();
    let traces = matches.values("HOST").map(|host| TracerouteParams {
        host_or_ip: host.to_owned(),
        max_hops: number("max-hops"),
        bytes_per_packet: number("bytes"),
    });
    let request = NetworkTestRequest { pings: Vec::new(), traceroutes: traces.collect() };
    let results: NetworkTestResponse = agent.order("RunNetworkTests", &request, WORK_LIMIT).await?;
    let (mut text, mut json, mut failed) = (String::new(), Vec::new(), false);
    for result in results.traceroutes {
        let error = Some(&result.error).filter(|error| !error.is_empty());
        failed |= error.is_some();
        text += &format!("{}: {}\n", result.host_or_ip, error.map_or("", String::as_str));
        let mut hops = Vec::new();
        for hop in &result.hops {
            let probes: Vec<String> = hop.probes.iter().map(probe).collect();
            text += &format!("{:>3}  {}\n", hop.idx, probes.join("  "));
            let probes: Vec<Value> = hop
                .probes
                .iter()
                .map(|probe| json!({ "hostname": probe.hostname, "ip": probe.ip, "rtt_ms": probe.rtt_ms }))
                .collect();
            hops.push(json!({ "hop": hop.idx, "probes": probes }));
        }
        json.push(json!({ "host": result.host_or_ip, "error": error, "hops": hops }));
    }
    Ok(Answer::new(text, json!({ "traceroutes": json })).with_status(u8::from(failed)))
}

fn probe(probe: &TracerouteProbe) -> String {
    match probe.ip.as_str() {
        "" | "*" => "*".to_owned(),
        ip => format!("{ip} {:.1} ms", probe.rtt_ms),
    }
}

async fn generic_command(agent: &RunningAgent, matches: &Matches) -> Result<Answer> {
    let words: Vec<&str> = matches.values("PARAM").collect();
    let params = match words.as_slice() {
        [] => None,
        // Magma-compat: its magmad_cli takes the parameters as one JSON object.
        [one] if one.trim_start().starts_with('{') => {
            let object: Map<String, Value> = serde_json::from_str(one).with_context(|| {
                format!("PARAM {one:?} is no JSON object, such as {{\"shell_params\": [\"-n\"]}}")
            })?;
            Some(structure(object))
        }
        words => Some(structure(Map::from_iter([("shell_params".to_owned(), json!(words))]))),
    };
    let command = matches.value("NAME").unwrap_or_default().to_owned();
    let request = GenericCommandParams { command, params };
    let answer: GenericCommandResponse = agent.order("GenericCommand", &request, WORK_LIMIT).await?;
    let json = answer.response.map_or(Value::Null, |response| plain(Kind::StructValue(response)));
    let said = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let (out, err) = (said("stdout"), said("stderr"));
    let status = json["returncode"].as_f64().map_or(0, |code| if code == 0.0 { 0 } else { 1 });
    let mut text = out;
    if !err.is_empty() {
        text += &format!("{}stderr:\n{err}", if text.is_empty() || text.ends_with('\n') { "" } else { "\n" });
    }
    Ok(Answer::new(text, json).with_status(status))
}

async fn check_stateless(agent: &RunningAgent) -> Result<Answer> {
    let answer: CheckStatelessResponse = agent.order("CheckStateless", &Void {}, ANSWER_LIMIT).await?;
    let mode = answer.agw_mode().as_str_name();
    Ok(Answer::new(format!("{mode}\n"), json!({ "mode": mode })))
}

async fn config_stateless(agent: &RunningAgent, matches: &Matches) -> Result<Answer> {
    let word = matches.value("SWITCH").unwrap_or_default();
    let command = if word == "enable" { Cmd::Enable } else { Cmd::Disable };
    let request = ConfigureStatelessRequest { config_cmd: command.into() };
    let _: Void = agent.order("ConfigureStateless", &request, WORK_LIMIT).await?;
    Ok(Answer::new(
        format!("Stateless operation: {word}d. The services concerned restart.\n"),
        json!({ "stateless": word == "enable" }),
    ))
}

fn structure(object: Map<String, Value>) -> prost_types::Struct {
    prost_types::Struct { fields: object.into_iter().map(|(key, value)| (key, wire(value))).collect() }
}

fn wire(value: Value) -> prost_types::Value {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(truth) => Kind::BoolValue(truth),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(items) => {
            Kind::ListValue(prost_types::ListValue { values: items.into_iter().map(wire).collect() })
        }
        Value::Object(object) => Kind::StructValue(structure(object)),
    };
    prost_types::Value { kind: Some(kind) }
}

fn plain(kind: Kind) -> Value {
    let inner = |value: prost_types::Value| value.kind.map_or(Value::Null, plain);
    match kind {
        Kind::NullValue(_) => Value::Null,
        Kind::BoolValue(truth) => json!(truth),
        Kind::NumberValue(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(number as i64),
        Kind::NumberValue(number) => json!(number),
        Kind::StringValue(text) => json!(text),
        Kind::ListValue(list) => list.values.into_iter().map(inner).collect(),
        Kind::StructValue(object) => {
            Value::Object(object.fields.into_iter().map(|(key, value)| (key, inner(value))).collect())
        }
    }
}
