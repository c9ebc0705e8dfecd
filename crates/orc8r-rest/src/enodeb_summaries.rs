//! `/lte/{network_id}/enodeb_summaries`: how the eNodeBs of a network are, in a line each, with what gateways say of them:
//! filtered, ordered and cut into pages here.

use crate::Api;
use crate::clock::unix_milliseconds;
use crate::error::ApiError;
use crate::gateway_summaries::{
    CHECKIN_INTERVAL, COUNT, PAGE_SIZE, PAGE_SIZE_MAX, TEXT, field, list_of, number, optional,
};
use crate::order::{Column, Order};
use crate::position::{POSITION, Position};
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, StateFilter, StoredState, checked_in_recently, entity_type, state_type};
use orc8r_store::{Edges, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use wire_rest::{Definition, HasSchema, Schema, Text};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/lte/{network_id}/enodeb_summaries", list)
}

/// Which of them, in which order.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    /// Part of a serial number, a name or an address, in any case.
    q: String,
    /// States, with commas between them.
    state: String,
    /// `MANAGED` or `UNMANAGED`.
    config_type: String,
    /// Ids of gateways that they are assigned to or that report them, with commas between them; `-`: of none.
    gateway: String,
    /// `serial`, `name`, `state`, `session`, `ip`, `subscribers`, `gateway` or `reported`; `-` before it: the other way
    /// round.
    sort: String,
    /// From 1.
    page: String,
    page_size: String,
}

impl TextQuery for Query {
    const NAMES: &'static [&'static str] =
        &["q", "state", "config_type", "gateway", "sort", "page", "page_size"];
}

/// How an eNodeB is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum EnodebHealth {
    /// It serves nobody.
    Down,
    /// It is connected, but something is wrong.
    Degraded,
    /// No gateway has seen it.
    Pending,
    /// Nobody has told anything for a while.
    Unknown,
    /// It is not to transmit.
    Disabled,
    /// It is as it should be.
    Ok,
}

impl EnodebHealth {
    const NAMES: &'static [&'static str] = &["down", "degraded", "pending", "unknown", "disabled", "ok"];

    fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Disabled => "disabled",
            Self::Ok => "ok",
        }
    }
}

/// An eNodeB in a line. What nobody has told is absent.
#[derive(Serialize)]
struct EnodebSummary {
    serial: String,
    name: String,
    config_type: String,
    state: EnodebHealth,
    /// What is wrong, the worst first.
    reasons: Vec<&'static str>,
    /// What its gateway's session with it does.
    session_state: String,
    ip_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ues_connected: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mme_connected: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rf_tx_on: Option<bool>,
    /// Whether it is to transmit, where that is configured here.
    #[serde(skip_serializing_if = "Option::is_none")]
    transmit_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    /// Milliseconds since 1970; 0: never.
    time_reported: u64,
    /// Who reported it last; may be empty.
    reporting_gateway_id: String,
    /// Whose configuration it is in; may be empty.
    attached_gateway_id: String,
}

/// A page of them.
#[derive(Serialize)]
struct EnodebSummaries {
    enodebs: Vec<EnodebSummary>,
    /// How many of all are in each state.
    states: BTreeMap<&'static str, usize>,
    /// How many there are.
    total_count: usize,
    /// How many the filter lets through.
    found_count: usize,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Query>,
) -> Result<Json<EnodebSummaries>, ApiError> {
    let order = Order::parse(&query.sort, COLUMNS, "state")?;
    let page = number("page", &query.page, 1)?;
    let page_size = number("page_size", &query.page_size, PAGE_SIZE)?.min(PAGE_SIZE_MAX);
    let network = &path.network_id;
    let enodebs = entity_type::CELLULAR_ENODEB;
    let enodebs = api.store.entities_with(network, enodebs, Page::all(), Edges::Both).await?;
    let states = api.store.states(network, StateFilter::of_type(state_type::ENODEB)).await?;
    let mut states: BTreeMap<String, StoredState> =
        states.into_iter().map(|state| (state.id.device_id.clone(), state)).collect();
    let gateways = entity_type::MAGMAD_GATEWAY;
    let gateways = api.store.entities_with(network, gateways, Page::all(), Edges::None).await?;
    let reporters = gateways.into_iter().filter_map(reporter).collect();
    let now_ms = unix_milliseconds();
    let all = enodebs.into_iter().map(|enodeb| {
        let state = states.remove(&enodeb.id.key);
        summary(enodeb, state, &reporters, now_ms)
    });
    let all: Vec<_> = all.collect();
    let mut states = BTreeMap::new();
    for enodeb in &all {
        *states.entry(enodeb.state.name()).or_default() += 1;
    }
    let total_count = all.len();
    let mut found: Vec<_> = all.into_iter().filter(|enodeb| query.lets_through(enodeb)).collect();
    order.sort(&mut found);
    let found_count = found.len();
    let enodebs = found.into_iter().skip((page - 1).saturating_mul(page_size)).take(page_size).collect();
    Ok(Json(EnodebSummaries { enodebs, states, total_count, found_count }))
}

/// A gateway that may report, by its hardware id: its id, and the seconds between its reports.
type Reporters = BTreeMap<String, (String, u32)>;

fn reporter(gateway: Entity) -> Option<(String, (String, u32))> {
    let interval = gateway.config.as_ref().and_then(|config| config["checkin_interval"].as_u64());
    let interval = interval.and_then(|seconds| u32::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    Some((gateway.physical_id?, (gateway.id.key, interval.unwrap_or(CHECKIN_INTERVAL))))
}

fn summary(enodeb: Entity, state: Option<StoredState>, reporters: &Reporters, now_ms: u64) -> EnodebSummary {
    let none = Value::Null;
    let config = enodeb.config.as_ref().unwrap_or(&none);
    let config_type = config["config_type"].as_str().unwrap_or("MANAGED").to_owned();
    let report = state.as_ref().and_then(|state| serde_json::from_slice::<Value>(&state.value).ok());
    let report = report.unwrap_or_default();
    let time_reported = state.as_ref().map_or(0, |state| state.time_ms);
    let reporter = state.as_ref().and_then(|state| reporters.get(&state.reporter));
    let interval = reporter.map_or(CHECKIN_INTERVAL, |(_, interval)| *interval);
    let is_gateway = |id: &&orc8r_model::EntityId| id.entity_type == entity_type::CELLULAR_GATEWAY;
    let attached = enodeb.parents.iter().find(is_gateway).map(|id| id.key.clone()).unwrap_or_default();
    let transmit_enabled = config["managed_config"]["transmit_enabled"].as_bool();
    let (state, reasons) = match time_reported {
        0 if attached.is_empty() => (EnodebHealth::Pending, vec!["it is assigned to no gateway"]),
        0 => (EnodebHealth::Pending, vec!["no gateway has reported it yet"]),
        time if !checked_in_recently(time, interval, now_ms) => {
            (EnodebHealth::Unknown, vec!["its gateway has stopped reporting it"])
        }
        _ => health(&report, config_type == "UNMANAGED", transmit_enabled),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ip = &report["ip_address"];
    EnodebSummary {
        serial: enodeb.id.key,
        name: enodeb.name,
        session_state: text(&report["fsm_state"]),
        ip_address: text(if ip.is_string() { ip } else { &config["unmanaged_config"]["ip_address"] }),
        ues_connected: report["ues_connected"].as_u64(),
        mme_connected: report["mme_connected"].as_bool(),
        rf_tx_on: report["rf_tx_on"].as_bool(),
        position: Position::of(&report),
        reporting_gateway_id: reporter.map(|(id, _)| id.clone()).unwrap_or_default(),
        attached_gateway_id: attached,
        config_type,
        state,
        reasons,
        transmit_enabled,
        time_reported,
    }
}

/// How one is of which something was told lately. What is not told is not held against it.
fn health(
    report: &Value,
    is_unmanaged: bool,
    transmit_enabled: Option<bool>,
) -> (EnodebHealth, Vec<&'static str>) {
    let is_not = |name: &str| report[name].as_bool() == Some(false);
    let mut reasons = Vec::new();
    if is_not("enodeb_connected") && !(is_unmanaged && report["mme_connected"] == true) {
        reasons.push("it is not connected to its gateway");
    } else if is_not("mme_connected") {
        reasons.push("it is not connected to the MME");
    }
    if !reasons.is_empty() {
        return (EnodebHealth::Down, reasons);
    }
    if is_unmanaged {
        return (EnodebHealth::Ok, reasons);
    }
    match (transmit_enabled, report["rf_tx_on"].as_bool()) {
        (Some(true), Some(false)) => reasons.push("it does not transmit, though it is to"),
        (Some(false), Some(true)) => reasons.push("it transmits, though it is not to"),
        _ => {}
    }
    if is_not("enodeb_configured") {
        reasons.push("it has not taken its configuration yet");
    }
    if is_not("opstate_enabled") && transmit_enabled != Some(false) {
        reasons.push("it says that it is not operational");
    }
    match (reasons.is_empty(), transmit_enabled) {
        (false, _) => (EnodebHealth::Degraded, reasons),
        (true, Some(false)) => (EnodebHealth::Disabled, vec!["transmitting is switched off"]),
        (true, _) => (EnodebHealth::Ok, reasons),
    }
}

impl Query {
    fn lets_through(&self, enodeb: &EnodebSummary) -> bool {
        let wanted = self.q.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let is_of = |gateway: &str| match gateway {
            "-" => enodeb.gateway().is_empty(),
            gateway => gateway == enodeb.attached_gateway_id || gateway == enodeb.reporting_gateway_id,
        };
        (wanted.is_empty() || has(&enodeb.serial) || has(&enodeb.name) || has(&enodeb.ip_address))
            && (self.state.is_empty() || self.state.split(',').any(|state| state == enodeb.state.name()))
            && (self.config_type.is_empty() || self.config_type == enodeb.config_type)
            && (self.gateway.is_empty() || self.gateway.split(',').any(is_of))
    }
}

/// What the list may be ordered by.
const COLUMNS: &[Column<EnodebSummary>] = &[
    ("serial", |one, other| one.serial.cmp(&other.serial)),
    ("name", |one, other| one.name.cmp(&other.name)),
    ("state", |one, other| one.state.cmp(&other.state)),
    ("session", |one, other| one.session_state.cmp(&other.session_state)),
    ("ip", |one, other| one.ip_address.cmp(&other.ip_address)),
    ("subscribers", |one, other| one.ues_connected.cmp(&other.ues_connected)),
    ("gateway", |one, other| one.gateway().cmp(other.gateway())),
    ("reported", |one, other| one.time_reported.cmp(&other.time_reported)),
];

impl EnodebSummary {
    /// Who reports it, or else who is to.
    fn gateway(&self) -> &str {
        let reporting = self.reporting_gateway_id.as_str();
        if reporting.is_empty() { &self.attached_gateway_id } else { reporting }
    }
}

impl HasSchema for EnodebSummaries {
    const SCHEMA: &'static Schema = &Schema::Named(&SUMMARIES);
}

static SUMMARIES: Definition = Definition {
    name: "enodeb_summaries",
    schema: Schema::Object(&[
        field("enodebs", list_of(&Schema::Named(&SUMMARY))),
        field("states", Schema::Map(&Schema::Integer(COUNT))),
        field("total_count", Schema::Integer(COUNT)),
        field("found_count", Schema::Integer(COUNT)),
    ]),
};

static SUMMARY: Definition = Definition {
    name: "enodeb_summary",
    schema: Schema::Object(&[
        field("serial", TEXT),
        field("name", TEXT),
        field("config_type", TEXT),
        field("state", Schema::Text(Text { allowed: EnodebHealth::NAMES, ..Text::ANY })),
        field("reasons", list_of(&TEXT)),
        field("session_state", TEXT),
        field("ip_address", TEXT),
        optional("ues_connected", Schema::Integer(COUNT)),
        optional("mme_connected", Schema::Boolean),
        optional("rf_tx_on", Schema::Boolean),
        optional("transmit_enabled", Schema::Boolean),
        optional("position", Schema::Named(&POSITION)),
        field("time_reported", Schema::Integer(COUNT)),
        field("reporting_gateway_id", TEXT),
        field("attached_gateway_id", TEXT),
    ]),
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_enodeb_is_as_its_gateway_says_and_as_it_is_configured() {
        use EnodebHealth::{Degraded, Disabled, Down, Ok};
        let up = json!({"enodeb_connected": true, "mme_connected": true, "rf_tx_on": true, "opstate_enabled": true});
        let off = json!({"enodeb_connected": true, "mme_connected": true, "rf_tx_on": false});
        for (what, report, is_unmanaged, transmit, expect) in [
            ("all is well", up.clone(), false, Some(true), Ok),
            ("nothing is told", json!({}), false, Some(true), Ok),
            ("it does not transmit", off.clone(), false, Some(true), Degraded),
            ("it is switched off", off.clone(), false, Some(false), Disabled),
            ("it transmits all the same", up, false, Some(false), Degraded),
            ("it has no MME", json!({"mme_connected": false}), false, Some(true), Down),
            ("it is away", json!({"enodeb_connected": false}), false, Some(true), Down),
            (
                "one that is not ours, seen by its MME only",
                json!({"enodeb_connected": false, "mme_connected": true}),
                true,
                None,
                Ok,
            ),
            (
                "one that is not ours, and away",
                json!({"enodeb_connected": false, "mme_connected": false}),
                true,
                None,
                Down,
            ),
        ] {
            let (health, reasons) = health(&report, is_unmanaged, transmit);
            assert_eq!(health, expect, "{what}");
            assert_eq!(reasons.is_empty(), expect == Ok, "{what}: {reasons:?}");
        }
    }
}
