//! `magmad service303`: what any service of the registry answers about itself, and the orders that all of them take.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use magma_command_line::Matches;
use magma_config::{GatewayConfig, Paths};
use magma_rpc::failure_of;
use prost::Message;
use serde_json::{Map, Value, json};
use wire_orc8r::orc8r::reload_config_response::ReloadConfigResult;
use wire_orc8r::orc8r::{
    LogLevel, LogLevelMessage, MetricsContainer, ReloadConfigResponse, ServiceInfo, Void,
};
use wire_orc8r::prometheus::Metric;

use super::answer::Answer;
use super::call;
use super::moment::moment;
use super::running_agent::{ANSWER_LIMIT, SERVICE303, with_agent};
use super::runtime;
use crate::agent::own_services::NAME;

/// A service may collect its metrics for a while.
const METRICS_LIMIT: Duration = Duration::from_secs(30);

/// Asks a service something, or orders it something.
pub(super) fn service303(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (config, _) = magma_config::inspect(paths);
    let (action, service) =
        (matches.value("ACTION").unwrap_or_default(), matches.value("SERVICE").unwrap_or_default());
    let asked = Asked { config: &config, service };
    runtime()?.block_on(async {
        match action {
            "metrics" => asked.metrics().await,
            "stop" => {
                let _: Void = asked.call("StopService", &Void {}, ANSWER_LIMIT).await?;
                Ok(Answer::new(format!("{service} is stopping.\n"), json!({ "stopping": service })))
            }
            "log-level" => asked.log_level(matches.value("LEVEL")).await,
            "reload" => asked.reload().await,
            _ => asked.info().await,
        }
    })
}

/// Sizes of the agent's queues, by the names of its metrics.
pub(super) async fn queues(config: &GatewayConfig) -> Value {
    let asked = Asked { config, service: NAME };
    let metrics: Result<MetricsContainer> = asked.call("GetMetrics", &Void {}, ANSWER_LIMIT).await;
    let mut queues = Map::new();
    for family in metrics.map(|metrics| metrics.family).unwrap_or_default() {
        let is_queue =
            ["queue", "spool", "buffer", "dropped"].iter().any(|word| family.name().contains(word));
        for metric in family.metric.iter().filter(|_| is_queue) {
            queues.insert(series(family.name(), metric), number(value(metric)));
        }
    }
    Value::Object(queues)
}

/// Calls a method of a service of the registry.
pub(super) async fn ask<Response: Message + Default>(
    config: &GatewayConfig,
    service: &str,
    path: &str,
    request: &impl Message,
    limit: Duration,
) -> Result<Response> {
    let services = with_agent(config);
    let channel = services.channel(service).map_err(|error| {
        let names: Vec<&str> = services.registry().iter().map(|(name, _)| name).collect();
        anyhow!("{error}; it has: {}", names.join(", "))
    })?;
    call::unary(&channel, path, request, limit).await.map_err(|status| match failure_of(&status) {
        Some(failure) => anyhow!("{service} does not answer ({failure}); does it run? (magmad services)"),
        None => anyhow!("{service} says no: {}", status.message()),
    })
}

/// The service that is asked.
struct Asked<'a> {
    config: &'a GatewayConfig,
    service: &'a str,
}

impl Asked<'_> {
    async fn call<Response: Message + Default>(
        &self,
        method: &str,
        request: &impl Message,
        limit: Duration,
    ) -> Result<Response> {
        ask(self.config, self.service, &format!("{SERVICE303}{method}"), request, limit).await
    }

    async fn info(&self) -> Result<Answer> {
        let info: ServiceInfo = self.call("GetServiceInfo", &Void {}, ANSWER_LIMIT).await?;
        let meta = info.status.as_ref().map(|status| status.meta.clone()).unwrap_or_default();
        let (state, health) = (info.state().as_str_name(), info.health().as_str_name());
        let started = moment(info.start_time_secs, std::time::SystemTime::now());
        let mut text = format!(
            "name     {}\nversion  {}\nstate    {state}\nhealth   {health}\nstarted  {started}\n",
            info.name, info.version
        );
        meta.iter().for_each(|(key, value)| text += &format!("meta     {key}: {value}\n"));
        let json = json!({
            "name": info.name, "version": info.version, "state": state, "health": health,
            "started_at": info.start_time_secs, "meta": meta,
        });
        Ok(Answer::new(text, json))
    }

    async fn metrics(&self) -> Result<Answer> {
        let metrics: MetricsContainer = self.call("GetMetrics", &Void {}, METRICS_LIMIT).await?;
        let mut text = String::new();
        let mut json = Map::new();
        for family in &metrics.family {
            for metric in &family.metric {
                let (series, value) = (series(family.name(), metric), number(value(metric)));
                text += &format!("{series} {value}\n");
                json.insert(series, value);
            }
        }
        Ok(Answer::new(text, Value::Object(json)))
    }

    async fn log_level(&self, level: Option<&str>) -> Result<Answer> {
        let level = match level {
            Some("debug") => LogLevel::Debug,
            Some("info") => LogLevel::Info,
            Some("warning") => LogLevel::Warning,
            Some("error") => LogLevel::Error,
            Some("fatal") => LogLevel::Fatal,
            _ => bail!("LEVEL is missing; expected is one of: debug, info, warning, error, fatal"),
        };
        let message = LogLevelMessage { level: level.into() };
        let _: Void = self.call("SetLogLevel", &message, ANSWER_LIMIT).await?;
        let (service, name) = (self.service, level.as_str_name());
        Ok(Answer::new(
            format!("{service} logs from {name} on, until it restarts.\n"),
            json!({ "service": service, "log_level": name }),
        ))
    }

    async fn reload(&self) -> Result<Answer> {
        let answer: ReloadConfigResponse = self.call("ReloadServiceConfig", &Void {}, ANSWER_LIMIT).await?;
        let (result, service) = (answer.result(), self.service);
        let (words, failed) = match result {
            ReloadConfigResult::ReloadSuccess => ("uses its new configuration", false),
            ReloadConfigResult::ReloadUnsupported => ("reads its configuration only when it starts", true),
            _ => ("does not use the new configuration, or not all of it; its log says why", true),
        };
        let json = json!({ "service": service, "result": result.as_str_name() });
        Ok(Answer::new(format!("{service} {words}.\n"), json).with_status(u8::from(failed)))
    }
}

/// The name with its labels, as Prometheus writes it.
fn series(name: &str, metric: &Metric) -> String {
    let labels: Vec<String> =
        metric.label.iter().map(|label| format!("{}={:?}", label.name(), label.value())).collect();
    if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) }
}

/// A number, or what there is of a distribution: how much was counted.
fn value(metric: &Metric) -> f64 {
    if let Some(gauge) = &metric.gauge {
        gauge.value()
    } else if let Some(counter) = &metric.counter {
        counter.value()
    } else if let Some(summary) = &metric.summary {
        summary.sample_count() as f64
    } else if let Some(histogram) = &metric.histogram {
        histogram.sample_count() as f64
    } else {
        metric.untyped.as_ref().map_or(0.0, |untyped| untyped.value())
    }
}

/// Whole numbers without a point.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}
