//! `/lte/{network_id}/subscriber_summaries`: the subscribers of a network in a line each, found, filtered and cut into
//! pages in the database, since there may be a hundred thousand; without their keys.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::Routes;
use crate::subscriber_body;
use crate::subscriber_states::{States, TYPES};
use axum::Json;
use axum::extract::State;
use orc8r_model::entity_type;
use orc8r_store::SubscriberFilter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use wire_rest::types::{Subscriber, SubscriberState};
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// Rows of a page that does not say how many, and of the largest.
const PAGE_SIZE: u32 = 50;
const PAGE_SIZE_MAX: u32 = 500;
/// Pages that there can be.
const PAGES_MAX: u32 = 1_000_000;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/lte/{network_id}/subscriber_summaries", list)
}

/// Which of them.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    /// The beginning of an IMSI, a telephone number, an address or a word of a name.
    q: String,
    state: String,
    sub_profile: String,
    /// What he has.
    apn: String,
    policy: String,
    base_name: String,
    /// From 1.
    page: String,
    page_size: String,
}

impl TextQuery for Query {
    const NAMES: &'static [&'static str] =
        &["q", "state", "sub_profile", "apn", "policy", "base_name", "page", "page_size"];
}

/// A subscriber in a line.
#[derive(Serialize)]
struct SubscriberSummary {
    id: String,
    name: String,
    /// `ACTIVE` or `INACTIVE`.
    state: String,
    sub_profile: String,
    msisdn: String,
    active_apns: Vec<String>,
    active_policies: Vec<String>,
    active_base_names: Vec<String>,
    forbidden_network_types: Vec<String>,
    static_ips: BTreeMap<String, String>,
    /// What gateways said last.
    sessions: Vec<SessionSummary>,
    /// The gateway where he is; empty: nobody has said so.
    hardware_id: String,
    /// When something was last reported of him, in milliseconds since 1970; 0: never.
    reported_time: u64,
}

/// A session in a line.
#[derive(Serialize)]
struct SessionSummary {
    apn: String,
    session_id: String,
    state: String,
    ip: String,
}

/// A page of them.
#[derive(Serialize)]
struct SubscriberSummaries {
    subscribers: Vec<SubscriberSummary>,
    /// How many there are.
    total_count: u64,
    /// How many the filter lets through, as far as they were counted.
    found_count: u64,
    /// Whether there are more than were counted.
    is_cut: bool,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Query>,
) -> Result<Json<SubscriberSummaries>, ApiError> {
    let network = &path.network_id;
    let page = number("page", &query.page, 1)?.min(PAGES_MAX);
    let page_size = number("page_size", &query.page_size, PAGE_SIZE)?.min(PAGE_SIZE_MAX);
    let has = [
        (entity_type::APN, query.apn),
        (entity_type::POLICY, query.policy),
        (entity_type::BASE_NAME, query.base_name),
    ];
    let has = has.into_iter().filter(|(_, key)| !key.is_empty()).collect();
    let filter = SubscriberFilter {
        text: query.q.trim().to_owned(),
        state: query.state,
        plan: query.sub_profile,
        has,
    };
    let found = api.store.find_subscribers(network, filter, (page - 1) * page_size, page_size).await?;
    let ids: Vec<String> = found.subscribers.iter().map(|subscriber| subscriber.id.key.clone()).collect();
    let mut states = States::default();
    let mut reported: BTreeMap<String, u64> = BTreeMap::new();
    for state in api.store.states_about(network, TYPES, ids.clone()).await? {
        states.add(&state);
        let id = state.id.device_id.split('.').next().unwrap_or_default();
        let time = reported.entry(id.to_owned()).or_default();
        *time = state.time_ms.max(*time);
    }
    let mut msisdns = api.store.msisdns_of(network, ids).await?;
    let none = BTreeMap::new();
    let subscribers = found.subscribers.iter().map(|entity| {
        let id = &entity.id.key;
        let shown = subscriber_body::shown(entity, &none);
        let Subscriber { name, lte, config, active_apns, active_policies, active_base_names, .. } = shown;
        let state = states.state(id).unwrap_or_default();
        let location = state.directory.as_ref().and_then(|record| record.location_history.first().cloned());
        SubscriberSummary {
            name: name.unwrap_or_default(),
            state: lte.state,
            sub_profile: lte.sub_profile,
            msisdn: msisdns.remove(id).unwrap_or_default(),
            active_apns,
            active_policies,
            active_base_names,
            forbidden_network_types: config.forbidden_network_types,
            static_ips: config.static_ips,
            sessions: sessions(&state),
            hardware_id: location.unwrap_or_default(),
            reported_time: reported.get(id).copied().unwrap_or_default(),
            id: id.clone(),
        }
    });
    Ok(Json(SubscriberSummaries {
        subscribers: subscribers.collect(),
        total_count: found.total,
        found_count: found.count,
        is_cut: found.is_cut,
    }))
}

/// The sessions that sessiond reports, and addresses that are lent without one.
fn sessions(state: &SubscriberState) -> Vec<SessionSummary> {
    let by_apn = state.subscriber_state.as_ref().and_then(Value::as_object);
    let reported = by_apn.into_iter().flatten().flat_map(|(apn, sessions)| {
        let sessions = sessions.as_array().into_iter().flatten();
        sessions.map(move |session| {
            let text = |name: &str| session[name].as_str().unwrap_or_default().to_owned();
            let ip = if text("ipv4").is_empty() { text("ipv6") } else { text("ipv4") };
            SessionSummary {
                apn: apn.clone(),
                session_id: text("session_id"),
                state: text("lifecycle_state"),
                ip,
            }
        })
    });
    let mut sessions: Vec<SessionSummary> = reported.collect();
    for lease in &state.mobility {
        let is_known = |session: &SessionSummary| session.ip == lease.ip;
        let of_apn = |session: &SessionSummary| session.apn == lease.apn && session.ip.is_empty();
        if sessions.iter().any(is_known) {
            continue;
        }
        if let Some(session) = sessions.iter_mut().find(|session| of_apn(session)) {
            session.ip.clone_from(&lease.ip);
            continue;
        }
        let (apn, ip) = (lease.apn.clone(), lease.ip.clone());
        sessions.push(SessionSummary { apn, session_id: String::new(), state: String::new(), ip });
    }
    sessions
}

fn number(name: &str, text: &str, otherwise: u32) -> Result<u32, ApiError> {
    match text {
        "" => Ok(otherwise),
        text => text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            ApiError::bad(format!("{name} in query must be a whole number above 0: {text:?}"))
        }),
    }
}

impl HasSchema for SubscriberSummaries {
    const SCHEMA: &'static Schema = &Schema::Named(&SUMMARIES);
}

static SUMMARIES: Definition = Definition {
    name: "subscriber_summaries",
    schema: Schema::Object(&[
        field("subscribers", list_of(&Schema::Named(&SUMMARY))),
        field("total_count", Schema::Integer(COUNT)),
        field("found_count", Schema::Integer(COUNT)),
        field("is_cut", Schema::Boolean),
    ]),
};

static SUMMARY: Definition = Definition {
    name: "subscriber_summary",
    schema: Schema::Object(&[
        field("id", TEXT),
        field("name", TEXT),
        field("state", TEXT),
        field("sub_profile", TEXT),
        field("msisdn", TEXT),
        field("active_apns", list_of(&TEXT)),
        field("active_policies", list_of(&TEXT)),
        field("active_base_names", list_of(&TEXT)),
        field("forbidden_network_types", list_of(&TEXT)),
        field("static_ips", Schema::Map(&TEXT)),
        field("sessions", list_of(&Schema::Named(&SESSION))),
        field("hardware_id", TEXT),
        field("reported_time", Schema::Integer(COUNT)),
    ]),
};

static SESSION: Definition = Definition {
    name: "session_summary",
    schema: Schema::Object(&[
        field("apn", TEXT),
        field("session_id", TEXT),
        field("state", TEXT),
        field("ip", TEXT),
    ]),
};

const TEXT: Schema = Schema::Text(Text::ANY);

const COUNT: Integer =
    Integer { min: 0, max: i64::MAX as i128, multiple_of: None, format: "int64", allowed: &[] };

const fn list_of(item: &'static Schema) -> Schema {
    Schema::List(List { item, min_items: None, max_items: None, unique: false })
}

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}
