//! The rules that a new network begins with: those that the existing web UI writes by "Sync predefined alerts".
//!
//! Names, conditions and severities are its own, so that its button finds them and replaces them. Deviation: where a
//! condition cannot come true as it stands there, it is one that can; each such rule says so.

use std::collections::BTreeMap;

use wire_rest::types::PromAlertConfig;

/// A name, a condition, a severity, and a sentence for people.
type Written = (&'static str, &'static str, &'static str, &'static str);

/// Of every network.
const COMMON: [Written; 3] = [
    (
        "Certificate Expiring Soon",
        "cert_expires_in_hours < 720",
        "major",
        "The Orchestrator's certificate {{ $labels.certName }} is valid for {{ $value }} hours more",
    ),
    (
        "Service Restart",
        "increase(service_restart_status[5m]) > 0",
        "minor",
        "{{ $labels.service_name }} was restarted on {{ $labels.gatewayID }}",
    ),
    // Deviation: `checkin_status < 1` is measured by the gateway, so it has no sample when the gateway is gone.
    (
        "Gateway Checkin Failure",
        "gateway_checkin_status < 1",
        "critical",
        "{{ $labels.gatewayID }} has not checked in for five minutes",
    ),
];

/// Of networks with gateways of ours, whatever their radio.
const MACHINE: [Written; 2] = [
    (
        "Unexpected Service Restart",
        "increase(unexpected_service_restarts[5m]) > 0",
        "major",
        "{{ $labels.service_name }} ended unexpectedly on {{ $labels.gatewayID }}",
    ),
    (
        "Bootstrap Exception",
        "increase(bootstrap_exception[5m]) > 0",
        "minor",
        "{{ $labels.gatewayID }} cannot get its certificate: {{ $labels.cause }}",
    ),
];

/// Of LTE networks, federated or not.
const LTE: [Written; 10] = [
    (
        "Cpu Percent",
        "avg_over_time(cpu_percent[5m]) > 70",
        "minor",
        "The processors of {{ $labels.gatewayID }} are {{ $value | humanize }} % busy",
    ),
    (
        "High Disk Usage",
        "disk_percent > 70",
        "major",
        "The disk of {{ $labels.gatewayID }} is {{ $value | humanize }} % full",
    ),
    (
        "High Memory Usage",
        "(1 - mem_available / mem_total) * 100 > 70",
        "major",
        "The memory of {{ $labels.gatewayID }} is {{ $value | humanize }} % used",
    ),
    (
        "Service Crashlooping",
        "increase(unexpected_service_restarts[5m]) > 3",
        "critical",
        "{{ $labels.service_name }} of {{ $labels.gatewayID }} ends again and again",
    ),
    (
        "Sctpd Crashlooping",
        "increase(unexpected_service_restarts{service_name=\"sctpd\"}[5m]) > 3",
        "critical",
        "sctpd of {{ $labels.gatewayID }} ends again and again: eNodeBs cannot connect. Restart the gateway",
    ),
    (
        "S6A Auth Failure",
        "increase(s6a_auth_failure[5m]) > 0",
        "minor",
        "Subscribers were not authenticated on {{ $labels.gatewayID }}",
    ),
    (
        "S1 Setup Failure",
        "increase(s1_setup{result=\"failure\"}[1h]) > 0",
        "major",
        "An eNodeB could not connect to {{ $labels.gatewayID }}",
    ),
    (
        "UE attach Failure",
        "increase(ue_attach{result=\"failure\"}[5m]) > 0",
        "minor",
        "A device could not attach to {{ $labels.gatewayID }}",
    ),
    (
        "High duplicate attach requests",
        "increase(duplicate_attach_request[5m]) > 200",
        "critical",
        "Devices attach to {{ $labels.gatewayID }} again and again",
    ),
    (
        "Dip in Connected UEs",
        "(ue_connected - ue_connected offset 5m) / (ue_connected offset 5m) < -0.5",
        "critical",
        "{{ $labels.gatewayID }} has lost more than half of its devices in five minutes",
    ),
];

/// Of federation networks.
const FEDERATION: [Written; 2] = [
    (
        "Cpu Percent",
        "avg_over_time(cpu_percent[5m]) > 75",
        "minor",
        "The processors of {{ $labels.gatewayID }} are {{ $value | humanize }} % busy",
    ),
    (
        "Gateway Cert Expiring Soon",
        "gateway_expiring_cert > 0",
        "major",
        "A certificate of {{ $labels.gatewayID }} is about to expire",
    ),
];

/// Counters of failures that federation gateways have, each with the name of its rule.
const FEDERATION_FAILURES: [(&str, &str); 12] = [
    ("OCS CCR-I Send Failures", "ocs_ccr_init_send_failures_total"),
    ("OCS CCR-U Send Failures", "ocs_ccr_update_send_failures_total"),
    ("OCS CCR-T Send Failures", "ocs_ccr_terminate_send_failures_total"),
    ("PCRF CCR-I Send Failures", "pcrf_ccr_init_send_failures_total"),
    ("PCRF CCR-U Send Failures", "pcrf_ccr_update_send_failures_total"),
    ("PCRF CCR-T Send Failures", "pcrf_ccr_terminate_send_failures_total"),
    ("AIR Send Failures", "air_send_failures_total"),
    ("MAR Send Failures", "mar_send_failures_total"),
    ("SAR Send Failures", "sar_send_failures_total"),
    PEERS[0],
    PEERS[1],
    PEERS[2],
];

/// Those that carrier Wi-Fi gateways have, too.
const PEERS: [(&str, &str); 3] = [
    ("SWx Failures", "swx_timeouts_total"),
    ("EAP SIM SWx Failures", "swx_failures_total"),
    ("EAP SIM Peer Failures", "failure_notifications_total"),
];

/// Of carrier Wi-Fi networks, whose gateways' containers cAdvisor measures.
const WIFI: [Written; 2] = [
    (
        "Container Restart",
        "changes(container_start_time_seconds[5m]) > 0",
        "minor",
        "{{ $labels.name }} was restarted on {{ $labels.gatewayID }}",
    ),
    (
        "Container CPU",
        "rate(container_cpu_usage_seconds_total[5m]) > 0.9",
        "minor",
        "{{ $labels.name }} keeps a processor of {{ $labels.gatewayID }} busy",
    ),
];

/// The predefined rules of a network of this type (`lte`, `feg_lte`, `feg`, `cwf`; others get what all have).
pub fn predefined(network_type: &str) -> Vec<PromAlertConfig> {
    let mut rules: Vec<PromAlertConfig> = COMMON.into_iter().map(rule).collect();
    let failures: &[(&str, &str)] = match network_type {
        "feg" => &FEDERATION_FAILURES,
        "carrier_wifi_network" | "cwf" => &PEERS,
        _ => &[],
    };
    let more: &[Written] = match network_type {
        "lte" | "feg_lte" => &LTE,
        "feg" => &FEDERATION,
        "carrier_wifi_network" | "cwf" => &WIFI,
        _ => &[],
    };
    if matches!(network_type, "lte" | "feg_lte" | "feg") {
        rules.extend(MACHINE.into_iter().take(if network_type == "feg" { 1 } else { 2 }).map(rule));
    }
    rules.extend(more.iter().copied().map(rule));
    rules.extend(failures.iter().map(|(name, counter)| failure(name, counter)));
    rules
}

fn rule((name, expression, severity, text): Written) -> PromAlertConfig {
    written(name, expression.to_owned(), severity, text)
}

fn failure(name: &str, counter: &str) -> PromAlertConfig {
    let text = "{{ $value | humanize }} in five minutes on {{ $labels.gatewayID }}";
    written(name, format!("increase({counter}[5m]) > 0"), "major", text)
}

fn written(name: &str, expr: String, severity: &str, text: &str) -> PromAlertConfig {
    let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    PromAlertConfig {
        alert: name.to_owned(),
        expr,
        labels: one("severity", severity),
        annotations: one("description", text),
        ..PromAlertConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::check;

    #[test]
    fn every_network_type_has_rules_that_can_be_evaluated() {
        for (network_type, count) in
            [("lte", 15), ("feg_lte", 15), ("feg", 18), ("carrier_wifi_network", 8), ("", 3)]
        {
            let rules = predefined(network_type);
            assert_eq!(rules.len(), count, "{network_type}");
            let names: BTreeSet<&str> = rules.iter().map(|rule| rule.alert.as_str()).collect();
            assert_eq!(names.len(), count, "{network_type}: each name once");
            for rule in &rules {
                check::rule(rule).unwrap_or_else(|problem| panic!("{}: {problem}", rule.alert));
                let severity = rule.labels["severity"].as_str();
                assert!(["minor", "major", "critical"].contains(&severity), "{}", rule.alert);
            }
        }
    }
}
