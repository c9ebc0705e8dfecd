//! `/networks/{network_id}/gateways/{gateway_id}/configuration_state`: whether a gateway has the configuration that it is
//! to have, as far as its last report says.
//!
//! Our agents report the digest of what is in effect, once they were told it. Others, and ours just after a push, report
//! only when it was made; that is enough if nothing that could concern the gateway was changed since.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_report::GatewayReport;
use crate::request::{GatewayPath, Ids};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_mconfig::MconfigBuilder;
use serde::Serialize;
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// So many changes of a network are looked through for one that could concern a gateway.
pub(crate) const CHANGES_MAX: u32 = 50;

/// Changes below these parts of a path are in no gateway's configuration.
const OF_NO_GATEWAY: [&str; 8] =
    ["alerts", "audit", "command", "msisdns", "prometheus", "sms", "subscribers", "tracing"];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/gateways/{gateway_id}/configuration_state", read)
}

/// Whether what is configured is in effect on a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Progress {
    /// It is.
    Applied,
    /// The gateway reported another one.
    Waiting,
    /// The gateway's report does not say.
    Unknown,
}

/// What is known of it.
#[derive(Serialize)]
struct ConfigurationState {
    state: Progress,
    /// When the configuration was made that the gateway reported, in seconds since 1970; 0: it reported none.
    reported_created_at: u64,
    /// When it was reported, in milliseconds since 1970; 0: never.
    report_time: u64,
    /// The newest change that could concern the gateway, in milliseconds since 1970; 0: none is known.
    changed_time: u64,
    /// The services that get a configuration.
    services: Vec<String>,
    /// What is wrong with the configuration.
    problems: Vec<String>,
}

async fn read(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Json<ConfigurationState>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let around = api.store.neighbourhood(&path.network_id, &path.gateway_id).await?;
    let built = MconfigBuilder::new().build(&around);
    let changes = api.store.newest_changes(&path.network_id, CHANGES_MAX).await?;
    let newest = changes.iter().find(|(_, changed)| could_concern(changed, path.gateway_id.as_str()));
    // All of them concern others: what was before them is older than each of them.
    let newest = newest.or(changes.last().filter(|_| changes.len() == CHANGES_MAX as usize));
    let changed_time = newest.map_or(0, |(time, _)| *time);
    let report_time = record.status.as_ref().map_or(0, |report| report.time_ms);
    let reported = record.status.as_ref().map(GatewayReport::of).unwrap_or_default();
    Ok(Json(ConfigurationState {
        state: state(&reported, &built.digest, changed_time),
        reported_created_at: reported.configuration_made(),
        report_time,
        changed_time,
        services: built.configs.keys().map(|service| (*service).to_owned()).collect(),
        problems: built.problems.iter().map(ToString::to_string).collect(),
    }))
}

fn state(report: &GatewayReport, digest: &str, changed_time: u64) -> Progress {
    if let Some(reported) = report.configuration_digest() {
        return if reported == digest { Progress::Applied } else { Progress::Waiting };
    }
    // What was made within the second of the change may be older than the change.
    let made = report.configuration_made();
    if made > 0 && made.saturating_mul(1000) > changed_time { Progress::Applied } else { Progress::Unknown }
}

/// Whether a change at a path of the API could be in the configuration of a gateway.
pub(crate) fn could_concern(path: &str, gateway: &str) -> bool {
    let parts: Vec<&str> = path.trim_start_matches("/magma/v1/").split('/').collect();
    let of_gateway = parts.iter().position(|part| *part == "gateways").and_then(|at| parts.get(at + 1));
    !parts.iter().skip(2).any(|part| OF_NO_GATEWAY.contains(part))
        && of_gateway.is_none_or(|changed| *changed == gateway)
}

impl HasSchema for ConfigurationState {
    const SCHEMA: &'static Schema = &Schema::Named(&STATE);
}

static STATE: Definition = Definition {
    name: "configuration_state",
    schema: Schema::Object(&[
        field("state", Schema::Text(Text { allowed: &["applied", "waiting", "unknown"], ..Text::ANY })),
        field("reported_created_at", Schema::Integer(TIME)),
        field("report_time", Schema::Integer(TIME)),
        field("changed_time", Schema::Integer(TIME)),
        field("services", TEXTS),
        field("problems", TEXTS),
    ]),
};

const TIME: Integer =
    Integer { min: 0, max: i64::MAX as i128, multiple_of: None, format: "int64", allowed: &[] };

const TEXTS: Schema =
    Schema::List(List { item: &Schema::Text(Text::ANY), min_items: None, max_items: None, unique: false });

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway_report;
    use serde_json::{Value, json};

    #[test]
    fn a_digest_decides_and_without_one_the_times_do() {
        let report = |info: Value| gateway_report::report(&json!({"platform_info": {"config_info": info}}));
        let rows = [
            (report(json!({"mconfig_digest": "d", "mconfig_created_at": 1})), 9000, Progress::Applied),
            (report(json!({"mconfig_digest": "c", "mconfig_created_at": 99})), 9000, Progress::Waiting),
            (report(json!({"mconfig_created_at": 10})), 9000, Progress::Applied),
            (report(json!({"mconfig_created_at": 9})), 9000, Progress::Unknown),
            (report(json!({"mconfig_created_at": 8})), 9000, Progress::Unknown),
            (report(json!({"mconfig_created_at": 0})), 0, Progress::Unknown),
            (gateway_report::report(&json!({})), 0, Progress::Unknown),
        ];
        for (report, changed, expected) in rows {
            assert_eq!(state(&report, "d", changed), expected, "{report:?} {changed}");
        }
    }

    #[test]
    fn what_is_in_no_gateways_configuration_does_not_count() {
        let rows = [
            ("/magma/v1/networks/n1/gateways/g1/magmad", true),
            ("/magma/v1/networks/n1/gateways/g2/magmad", false),
            ("/magma/v1/lte/n1/gateways", true),
            ("/magma/v1/lte/n1/subscribers/IMSI1", false),
            ("/magma/v1/networks/n1/gateways/g1/command/reboot", false),
            ("/magma/v1/networks/sms", true),
            ("/magma/v1/networks/n1", true),
        ];
        for (path, expected) in rows {
            assert_eq!(could_concern(path, "g1"), expected, "{path}");
        }
    }
}
