//! `/networks/{network_id}/gateway_summaries`: how the gateways of a network are, in a line each: filtered, ordered and
//! cut into pages here, since a network may have thousands.

use crate::Api;
use crate::configuration_state::CHANGES_MAX;
use crate::error::ApiError;
use crate::gateway_problems::{Gateway, Knowledge, Problem, ProblemKind};
use crate::order::{Column, Order};
use crate::position::{POSITION, Position};
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::Routes;
use crate::tiers::config;
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, GatewayId, NetworkId, entity_type};
use orc8r_store::{Edges, GatewayRecord, Page, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// Rows of a page that does not say how many, and of the largest.
pub(crate) const PAGE_SIZE: usize = 50;
pub(crate) const PAGE_SIZE_MAX: usize = 500;

/// Seconds between check-ins of a gateway whose configuration does not say.
pub(crate) const CHECKIN_INTERVAL: u32 = 60;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/gateway_summaries", list)
}

/// Which of them, in which order.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    /// This one alone, and nothing is told of the others.
    id: String,
    /// Part of an id, a name or a hardware id, in any case.
    q: String,
    /// States, with commas between them.
    state: String,
    tier: String,
    version: String,
    /// `id`, `name`, `state`, `tier`, `version`, `checkin` or `certificate`; the other way round with `-` before it.
    sort: String,
    /// From 1.
    page: String,
    page_size: String,
    /// `subscribers`: how many of them have sessions is told, too.
    with: String,
}

impl TextQuery for Query {
    const NAMES: &'static [&'static str] =
        &["id", "q", "state", "tier", "version", "sort", "page", "page_size", "with"];
}

/// How a gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum GatewayState {
    /// It does not check in any more.
    Down,
    /// It checks in, but something is wrong.
    Degraded,
    /// It has not come for the first time.
    Pending,
    /// It checks in.
    Ok,
}

impl GatewayState {
    /// As the worst of its problems makes it.
    fn of(problems: &[Problem]) -> Self {
        match problems.first().map(|problem| problem.kind) {
            Some(ProblemKind::Silent) => Self::Down,
            Some(ProblemKind::New) => Self::Pending,
            Some(_) => Self::Degraded,
            None => Self::Ok,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Ok => "ok",
        }
    }
}

/// A gateway in a line.
#[derive(Serialize)]
struct GatewaySummary {
    id: String,
    name: String,
    description: String,
    tier: String,
    hardware_id: String,
    state: GatewayState,
    /// What is wrong, the worst first.
    reasons: Vec<String>,
    /// The same with their kinds and times.
    problems: Vec<Problem>,
    /// Milliseconds since 1970; 0: never.
    checkin_time: u64,
    version: String,
    /// Seconds since 1970; 0: it has none.
    cert_expiration_time: i64,
    /// Where it is, in degrees; absent: it has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    /// How many subscribers have sessions; absent: nobody asked, or it has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribers: Option<u64>,
}

/// A page of them.
#[derive(Serialize)]
struct GatewaySummaries {
    gateways: Vec<GatewaySummary>,
    /// How many of all are in each state.
    states: BTreeMap<&'static str, usize>,
    /// The tiers and versions that there are.
    tiers: BTreeSet<String>,
    versions: BTreeSet<String>,
    /// How many there are.
    total_count: usize,
    /// How many the filter lets through.
    found_count: usize,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Query>,
) -> Result<Json<GatewaySummaries>, ApiError> {
    let order = Order::parse(&query.sort, COLUMNS, "state")?;
    let page = number("page", &query.page, 1)?;
    let page_size = number("page_size", &query.page_size, PAGE_SIZE)?.min(PAGE_SIZE_MAX);
    let records = match query.id.as_str() {
        "" => api.store.gateway_records(&path.network_id, Page::all()).await?.0,
        id => one(&api, &path, id).await?,
    };
    let gateways: Vec<_> = records.into_iter().map(Gateway::of).collect();
    let known = knowledge(&api, &path.network_id, &gateways).await?;
    let all: Vec<_> = gateways.into_iter().map(|gateway| summary(gateway, &known)).collect();
    let mut states = BTreeMap::new();
    for gateway in &all {
        *states.entry(gateway.state.name()).or_default() += 1;
    }
    let texts = |of: fn(&GatewaySummary) -> &String| {
        all.iter().map(of).filter(|text| !text.is_empty()).cloned().collect()
    };
    let (tiers, versions) = (texts(|gateway| &gateway.tier), texts(|gateway| &gateway.version));
    let total_count = all.len();
    let mut found: Vec<_> = all.into_iter().filter(|gateway| query.lets_through(gateway)).collect();
    order.sort(&mut found);
    let found_count = found.len();
    let mut gateways: Vec<GatewaySummary> =
        found.into_iter().skip((page - 1).saturating_mul(page_size)).take(page_size).collect();
    if query.with == "subscribers" {
        let devices = gateways.iter().map(|gateway| gateway.hardware_id.clone()).collect();
        let mut counts = api.store.session_counts(&path.network_id, devices).await?;
        for gateway in &mut gateways {
            gateway.subscribers = counts.remove(&gateway.hardware_id);
        }
    }
    Ok(Json(GatewaySummaries { gateways, states, tiers, versions, total_count, found_count }))
}

/// The gateway of this id, if there is one.
async fn one(api: &Api, path: &NetworkPath, id: &str) -> Result<Vec<GatewayRecord>, ApiError> {
    let Ok(id) = GatewayId::parse(id) else { return Ok(Vec::new()) };
    match api.store.gateway_record(&path.network_id, &id).await {
        Ok(record) => Ok(vec![record]),
        Err(StoreError::NotFound { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn number(name: &str, text: &str, otherwise: usize) -> Result<usize, ApiError> {
    match text {
        "" => Ok(otherwise),
        text => text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            ApiError::bad(format!("{name} in query must be a whole number above 0: {text:?}"))
        }),
    }
}

impl Query {
    fn lets_through(&self, gateway: &GatewaySummary) -> bool {
        let wanted = self.q.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        (wanted.is_empty() || has(&gateway.id) || has(&gateway.name) || has(&gateway.hardware_id))
            && (self.state.is_empty() || self.state.split(',').any(|state| state == gateway.state.name()))
            && (self.tier.is_empty() || self.tier == gateway.tier)
            && (self.version.is_empty() || self.version == gateway.version)
    }
}

/// What the list may be ordered by.
const COLUMNS: &[Column<GatewaySummary>] = &[
    ("id", |one, other| one.id.cmp(&other.id)),
    ("name", |one, other| one.name.cmp(&other.name)),
    ("state", |one, other| one.state.cmp(&other.state)),
    ("tier", |one, other| one.tier.cmp(&other.tier)),
    ("version", |one, other| one.version.cmp(&other.version)),
    ("checkin", |one, other| one.checkin_time.cmp(&other.checkin_time)),
    ("certificate", |one, other| one.cert_expiration_time.cmp(&other.cert_expiration_time)),
];

fn summary(gateway: Gateway, known: &Knowledge) -> GatewaySummary {
    let problems = known.problems(&gateway);
    let Gateway { record: GatewayRecord { entity, status, certificate_end, .. }, report } = gateway;
    GatewaySummary {
        tier: entity.tier().unwrap_or_default().to_owned(),
        hardware_id: entity.physical_id.clone().unwrap_or_default(),
        id: entity.id.key,
        name: entity.name,
        description: entity.description,
        state: GatewayState::of(&problems),
        reasons: problems.iter().map(|problem| problem.reason.clone()).collect(),
        problems,
        checkin_time: status.as_ref().map_or(0, |report| report.time_ms),
        version: report.version().to_owned(),
        position: report.position(),
        subscribers: None,
        cert_expiration_time: certificate_end,
    }
}

/// What is known of the network of these gateways.
async fn knowledge(api: &Api, network: &NetworkId, gateways: &[Gateway]) -> Result<Knowledge, ApiError> {
    let changes = api.store.newest_changes(network, CHANGES_MAX).await?;
    let tiers = api.store.entities_with(network, entity_type::UPGRADE_TIER, Page::all(), Edges::None).await?;
    let version = |tier: Entity| Ok((tier.id.key.clone(), config(&tier)?.version));
    let tiers = tiers.into_iter().map(version).collect::<Result<_, ApiError>>()?;
    let mut known = Knowledge::now(changes, CHANGES_MAX, tiers);
    let waiting = gateways.iter().filter(|gateway| known.may_wait(gateway));
    let named = |gateway: &Gateway| {
        let id = GatewayId::parse(gateway.id().to_owned()).ok()?;
        Some((id, gateway.hardware_id().to_owned()))
    };
    let waiting = waiting.filter_map(named).collect();
    known.digests = api.configurations.digests(&api.store, network, waiting).await?;
    Ok(known)
}

impl HasSchema for GatewaySummaries {
    const SCHEMA: &'static Schema = &Schema::Named(&SUMMARIES);
}

static SUMMARIES: Definition = Definition {
    name: "gateway_summaries",
    schema: Schema::Object(&[
        field("gateways", list_of(&Schema::Named(&SUMMARY))),
        field("states", Schema::Map(&Schema::Integer(COUNT))),
        field("tiers", list_of(&TEXT)),
        field("versions", list_of(&TEXT)),
        field("total_count", Schema::Integer(COUNT)),
        field("found_count", Schema::Integer(COUNT)),
    ]),
};

static SUMMARY: Definition = Definition {
    name: "gateway_summary",
    schema: Schema::Object(&[
        field("id", TEXT),
        field("name", TEXT),
        field("description", TEXT),
        field("tier", TEXT),
        field("hardware_id", TEXT),
        field("state", Schema::Text(Text { allowed: &["down", "degraded", "pending", "ok"], ..Text::ANY })),
        field("reasons", list_of(&TEXT)),
        field("problems", list_of(&Schema::Named(&PROBLEM))),
        field("checkin_time", Schema::Integer(COUNT)),
        field("version", TEXT),
        field("cert_expiration_time", Schema::Integer(COUNT)),
        optional("position", Schema::Named(&POSITION)),
        optional("subscribers", Schema::Integer(COUNT)),
    ]),
};

static PROBLEM: Definition = Definition {
    name: "gateway_problem",
    schema: Schema::Object(&[
        field("kind", Schema::Text(Text { allowed: ProblemKind::NAMES, ..Text::ANY })),
        field("reason", TEXT),
        field("since", Schema::Integer(COUNT)),
    ]),
};

pub(crate) const TEXT: Schema = Schema::Text(Text::ANY);

pub(crate) const COUNT: Integer =
    Integer { min: 0, max: i64::MAX as i128, multiple_of: None, format: "int64", allowed: &[] };

pub(crate) const fn list_of(item: &'static Schema) -> Schema {
    Schema::List(List { item, min_items: None, max_items: None, unique: false })
}

pub(crate) const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}

pub(crate) const fn optional(name: &'static str, schema: Schema) -> Field {
    Field { required: false, ..field(name, schema) }
}
