//! How federation gateways are, and which one of a network is the active one.
//!
//! A network has one active gateway; the others stand by, with their connections to the operator's core closed. Each
//! reports every few seconds how it is, and is told whether it is to be active.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a federation gateway reported of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HealthReport {
    /// The load of its machine, if it said.
    pub system: Option<SystemLoad>,
    /// Its services, by name: `SWX_PROXY`, …
    pub services: BTreeMap<String, ServiceHealth>,
}

/// The load of a machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SystemLoad {
    /// A share, 0 to 1.
    pub cpu: f32,
    /// Bytes; 0 when it is not known.
    pub memory_total: u64,
    /// Bytes.
    pub memory_available: u64,
}

/// How a service is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceHealth {
    /// Whether it answers.
    pub available: bool,
    /// Whether it says that it works.
    pub healthy: bool,
    /// What it says about that.
    pub message: String,
}

/// Whether a gateway is fit to be the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is.
    pub healthy: bool,
    /// `OK`, or what is wrong.
    pub description: String,
}

/// By what a network's gateways are judged.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthRules {
    services: Vec<String>,
    cpu_max: f64,
    memory_max: f64,
    stale_after_seconds: u64,
}

impl Default for HealthRules {
    fn default() -> Self {
        Self {
            services: vec!["SWX_PROXY".to_owned(), "SESSION_PROXY".to_owned()],
            cpu_max: 0.75,
            memory_max: 0.90,
            stale_after_seconds: 30,
        }
    }
}

impl HealthRules {
    /// The rules of a federation configuration, which is the JSON of `network_federation_configs`.
    ///
    /// Its `memory_available_threshold` is, other than its name says, the share of memory that may be in use.
    ///
    /// Deviation: in Magma one threshold of 0 makes all of the configuration void, the list of services too; here each
    /// one that is 0 has its own default. A gateway that has no interval or no threshold of failed reports watches its
    /// default services, and so is judged by them.
    pub fn of_config(config: Option<&Value>) -> Self {
        let default = Self::default();
        let Some(health) = config.and_then(|config| config.get("health")).filter(|health| health.is_object())
        else {
            return default;
        };
        let share = |name: &str| health.get(name).and_then(Value::as_f64).filter(|share| *share > 0.0);
        let count = |name: &str| health.get(name).and_then(Value::as_u64).unwrap_or_default();
        let stale_after = count("update_interval_secs").saturating_mul(count("update_failure_threshold"));
        let services = match stale_after {
            0 => default.services,
            _ => texts(health.get("health_services")),
        };
        Self {
            services,
            cpu_max: share("cpu_utilization_threshold").unwrap_or(default.cpu_max),
            memory_max: share("memory_available_threshold").unwrap_or(default.memory_max),
            stale_after_seconds: if stale_after == 0 { default.stale_after_seconds } else { stale_after },
        }
    }

    /// Judges a report of `time_ms` at `now_ms`, both in milliseconds since 1970.
    ///
    /// Deviation: a report without the machine's load counts as unhealthy; Magma's cloud crashes on it.
    pub fn judge(&self, report: &HealthReport, time_ms: u64, now_ms: u64) -> Verdict {
        let age = now_ms.saturating_sub(time_ms) / 1000;
        if age > self.stale_after_seconds {
            let limit = self.stale_after_seconds;
            return unhealthy(format!("Health update is stale: it is {age} s old, more than {limit} s"));
        }
        self.judge_system(report.system.as_ref())
            .or_else(|| self.services.iter().find_map(|name| judge_service(name, report.services.get(name))))
            .unwrap_or_else(|| Verdict { healthy: true, description: "OK".to_owned() })
    }

    fn judge_system(&self, system: Option<&SystemLoad>) -> Option<Verdict> {
        let Some(system) = system else {
            return Some(unhealthy("System unhealthy: its load was not reported".to_owned()));
        };
        let percent = |share: f64| (share * 100.0).round();
        let cpu = f64::from(system.cpu);
        let used = system.memory_total.saturating_sub(system.memory_available) as f64;
        let memory = if system.memory_total == 0 { 0.0 } else { used / system.memory_total as f64 };
        for (what, share, max) in [("CPU", cpu, self.cpu_max), ("memory", memory, self.memory_max)] {
            if share.is_nan() || share >= max {
                let (share, max) = (percent(share), percent(max));
                return Some(unhealthy(format!(
                    "System unhealthy: {share} % of {what} in use, of less than {max} %"
                )));
            }
        }
        None
    }
}

fn judge_service(name: &str, health: Option<&ServiceHealth>) -> Option<Verdict> {
    let why = match health {
        None => "it was not reported",
        Some(health) if !health.available => "it does not answer",
        Some(health) if !health.healthy && health.message.is_empty() => "it says so",
        Some(health) if !health.healthy => &health.message,
        Some(_) => return None,
    };
    Some(unhealthy(format!("Service: {name} unhealthy: {why}")))
}

fn unhealthy(description: String) -> Verdict {
    Verdict { healthy: false, description }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Which gateway is to be active, after `reporter` has reported.
///
/// `gateways` are those of the network, with their health; `None` for one that has never reported. The active one stays
/// so as long as it is healthy, or nobody else is.
///
/// Deviation: Magma refuses to decide among more than two, upon which they all go down; here any number may stand by.
pub fn choose_active(
    active: Option<&str>,
    gateways: &BTreeMap<String, Option<bool>>,
    reporter: &str,
) -> String {
    let is_healthy = |id: &str| gateways.get(id) == Some(&Some(true));
    // One that is gone, or has never reported, cannot be active.
    let active = active.filter(|id| gateways.get(*id).is_some_and(Option::is_some));
    let healthy_other = || gateways.keys().map(String::as_str).find(|id| is_healthy(id));
    let first_healthy = [active, Some(reporter)].into_iter().flatten().find(|id| is_healthy(id));
    first_healthy.or_else(healthy_other).or(active).unwrap_or(reporter).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_700_000_000_000;

    fn service(available: bool, healthy: bool, message: &str) -> ServiceHealth {
        ServiceHealth { available, healthy, message: message.to_owned() }
    }

    fn well() -> HealthReport {
        HealthReport {
            system: Some(SystemLoad { cpu: 0.5, memory_total: 1000, memory_available: 500 }),
            services: ["SWX_PROXY", "SESSION_PROXY"]
                .map(|name| (name.to_owned(), service(true, true, "")))
                .into(),
        }
    }

    fn with(change: impl FnOnce(&mut HealthReport)) -> HealthReport {
        let mut report = well();
        change(&mut report);
        report
    }

    fn load(cpu: f32, memory_total: u64, memory_available: u64) -> HealthReport {
        with(|report| report.system = Some(SystemLoad { cpu, memory_total, memory_available }))
    }

    fn swx(health: Option<ServiceHealth>) -> HealthReport {
        with(|report| {
            report.services.remove("SWX_PROXY");
            report.services.extend(health.map(|health| ("SWX_PROXY".to_owned(), health)));
        })
    }

    #[test]
    fn a_report_is_judged_by_its_age_the_load_and_the_required_services() {
        for (name, report, age_ms, expected) in [
            ("all well", well(), 0, "OK"),
            ("just in time", well(), 30_999, "OK"),
            ("from a clock ahead of ours", well(), 0, "OK"),
            ("too old", well(), 31_000, "Health update is stale: it is 31 s old, more than 30 s"),
            (
                "no load",
                with(|report| report.system = None),
                0,
                "System unhealthy: its load was not reported",
            ),
            ("busy", load(0.75, 1000, 500), 0, "System unhealthy: 75 % of CPU in use, of less than 75 %"),
            (
                "no number",
                load(f32::NAN, 1, 1),
                0,
                "System unhealthy: NaN % of CPU in use, of less than 75 %",
            ),
            ("full", load(0.1, 1000, 100), 0, "System unhealthy: 90 % of memory in use, of less than 90 %"),
            ("memory is not known", load(0.1, 0, 0), 0, "OK"),
            ("more available than there is", load(0.1, 1, 2), 0, "OK"),
            ("a service is missing", swx(None), 0, "Service: SWX_PROXY unhealthy: it was not reported"),
            (
                "a service is down",
                swx(Some(service(false, true, ""))),
                0,
                "Service: SWX_PROXY unhealthy: it does not answer",
            ),
            ("a service fails", swx(Some(service(true, false, "m"))), 0, "Service: SWX_PROXY unhealthy: m"),
            (
                "and says nothing",
                swx(Some(service(true, false, ""))),
                0,
                "Service: SWX_PROXY unhealthy: it says so",
            ),
        ] {
            let verdict = HealthRules::default().judge(&report, NOW - age_ms, NOW);
            let expected = Verdict { healthy: expected == "OK", description: expected.to_owned() };
            assert_eq!(verdict, expected, "{name}");
        }
        assert!(HealthRules::default().judge(&well(), NOW + 5, NOW).healthy);
    }

    #[test]
    fn each_rule_comes_from_the_configuration_or_is_the_default() {
        let default = HealthRules::default;
        let timed = |health: Value| {
            let mut config = json!({"health": {"update_interval_secs": 5, "update_failure_threshold": 4}});
            config["health"].as_object_mut().unwrap().extend(health.as_object().unwrap().clone());
            config
        };
        for (name, config, expected) in [
            ("nothing", None, default()),
            ("no health", Some(json!({})), default()),
            ("null", Some(json!({"health": null})), default()),
            ("empty", Some(json!({"health": {}})), default()),
            (
                "no interval, so default services",
                Some(json!({"health": {"health_services": ["S6A_PROXY"], "cpu_utilization_threshold": 0.9}})),
                HealthRules { cpu_max: 0.9, ..default() },
            ),
            (
                "no service is required",
                Some(timed(json!({}))),
                HealthRules { services: vec![], stale_after_seconds: 20, ..default() },
            ),
            (
                "everything",
                Some(timed(json!({
                    "health_services": ["S6A_PROXY"], "cpu_utilization_threshold": 0.5, "memory_available_threshold": 0.6,
                }))),
                HealthRules {
                    services: vec!["S6A_PROXY".into()],
                    cpu_max: 0.5,
                    memory_max: 0.6,
                    stale_after_seconds: 20,
                },
            ),
        ] {
            assert_eq!(HealthRules::of_config(config.as_ref()), expected, "{name}");
        }
    }

    #[test]
    fn one_gateway_is_active_and_stays_so_while_it_is_healthy() {
        const WELL: Option<bool> = Some(true);
        const ILL: Option<bool> = Some(false);
        const NEVER: Option<bool> = None;
        for (name, active, gateways, reporter, expected) in [
            ("alone, for the first time", None, &[("a", WELL)][..], "a", "a"),
            ("alone and ill", Some("a"), &[("a", ILL)], "a", "a"),
            ("alone, and another one was active", Some("gone"), &[("a", ILL)], "a", "a"),
            ("the first of two", None, &[("a", NEVER), ("b", ILL)], "b", "b"),
            ("the healthy one of two", None, &[("a", WELL), ("b", ILL)], "b", "a"),
            ("the active one reports", Some("a"), &[("a", WELL), ("b", WELL)], "a", "a"),
            ("the one that stands by reports", Some("a"), &[("a", WELL), ("b", WELL)], "b", "a"),
            ("the active one is ill", Some("a"), &[("a", ILL), ("b", WELL)], "a", "b"),
            ("the active one is ill, says the other", Some("a"), &[("a", ILL), ("b", WELL)], "b", "b"),
            ("both are ill", Some("a"), &[("a", ILL), ("b", ILL)], "b", "a"),
            ("the other has never reported", Some("a"), &[("a", ILL), ("b", NEVER)], "a", "a"),
            ("the active one has never reported", Some("a"), &[("a", NEVER), ("b", ILL)], "b", "b"),
            ("the active one is gone", Some("gone"), &[("a", ILL), ("b", WELL)], "a", "b"),
            ("the active one is gone, all are ill", Some("gone"), &[("a", ILL), ("b", ILL)], "b", "b"),
            ("three, one is healthy", Some("a"), &[("a", ILL), ("b", ILL), ("c", WELL)], "b", "c"),
            ("three, the reporter first", Some("a"), &[("a", ILL), ("b", WELL), ("c", WELL)], "c", "c"),
        ] {
            let gateways = gateways.iter().map(|(id, health)| ((*id).to_owned(), *health)).collect();
            assert_eq!(choose_active(active, &gateways, reporter), expected, "{name}");
        }
    }
}
