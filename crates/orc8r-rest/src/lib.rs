//! The REST API of the Orchestrator, `/magma/v1`: one file per resource.
//!
//! Paths, bodies and status codes are those of Magma's published contract, so that the existing web UI and scripts work
//! on it. Handlers are short: they read the request into a type of the contract, which was held against its rules, and
//! make one transaction of `orc8r-store`. An operator is known by the client certificate of the TLS session: the caller
//! of [`router`] puts an [`Operator`] into the request's extensions. Who comes without presents an API token.

mod about;
mod access;
mod account;
mod alert_receivers;
mod alert_trial;
mod alerts;
mod api_pages;
mod apns;
mod audit;
mod base_names;
mod call_traces;
mod carrier_wifi;
mod carrier_wifi_gateways;
mod cbsds;
mod change_events;
mod channels;
mod clock;
mod commands;
mod configuration_state;
mod connected_enodebs;
mod credentials;
mod enodeb_state;
mod enodeb_summaries;
mod enodebs;
mod entity_kind;
mod error;
mod events;
mod expected_configurations;
mod federated_lte;
mod federation;
mod federation_gateways;
mod federation_health;
mod federation_health_summary;
mod first_user;
mod gateway_commands;
mod gateway_fields;
mod gateway_kind;
mod gateway_parts;
mod gateway_pool_summaries;
mod gateway_pools;
mod gateway_problems;
mod gateway_report;
mod gateway_status;
mod gateway_summaries;
mod gateway_traceroute;
mod gateways;
mod ha_pairs;
mod json_place;
mod logs;
mod lte_gateway_parts;
mod lte_gateways;
mod lte_networks;
mod manager;
mod me;
mod metric_names;
mod metrics;
mod msisdns;
mod network_dns;
mod network_fields;
mod network_kind;
mod network_parts;
mod network_probe;
mod networks;
mod oidc_provider;
mod oidc_sign_in;
mod openapi;
mod order;
mod own_backup;
mod own_certificates;
mod own_metrics;
mod page;
mod panic;
mod parameters;
mod policy_qos_profiles;
mod policy_rules;
mod position;
mod predefined_alerts;
mod query_overview;
mod rating_groups;
mod request;
mod retry;
mod routes;
mod search;
mod short_messages;
mod sign_in;
mod subscriber_body;
mod subscriber_config;
mod subscriber_fields;
mod subscriber_states;
mod subscriber_summaries;
mod subscribers;
mod tenants;
mod tier_fields;
mod tier_gateways;
mod tier_images;
mod tier_summaries;
mod tiers;
mod token_policies;
mod traffic_summary;
mod user_types;
mod users;
mod view;
mod watched;
mod wifi_directory;

pub use access::{CallerAddress, Operator};
pub use commands::{Answer, CommandError, GatewayCommands, LogLines};
pub use expected_configurations::ExpectedConfigurations;
pub use first_user::Setup;
pub use gateway_traceroute::{
    TracerouteHop, TracerouteProbe, TracerouteRequest, TracerouteResponse, TracerouteResult,
};
pub use oidc_provider::{Provider, ProviderAnswer, ProviderCalls};
pub use openapi::document as openapi_document;
pub use own_backup::{BACKUP_SECONDS, LastBackup, OwnBackup};
pub use own_certificates::{OwnCertificate, OwnCertificates};
pub use own_metrics::{DoorFigures, DoorsFigures, Measured};
pub use routes::{Operation, QueryParameter, RequestBody};
pub use watched::Watched;

use audit::Audit;
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router, middleware, routing};
use error::ApiError;
use orc8r_alerts::{Alertmanager, Outbox};
use orc8r_logs::{Archives, CloudEvents};
use orc8r_metrics::Metrics;
use orc8r_store::Store;
use routes::Routes;
use sign_in::Attempts;
use std::sync::Arc;
use std::time::Duration;
use wire_rest::types::VersionInfo;

/// The largest body of a request, in bytes: 50 MiB, as Magma's edge has it.
pub const BODY_BYTES_MAX: usize = 50 << 20;

/// What the API works on.
#[derive(Clone)]
pub struct Api {
    /// Where everything is kept.
    pub store: Store,
    /// Events and logs of gateways.
    pub archives: Archives,
    /// Where what operators change is told.
    pub events: CloudEvents,
    /// What was measured.
    pub metrics: Metrics,
    /// What tells receivers of alerts, for its counts.
    pub outbox: Option<Outbox>,
    /// What else is measured about the Orchestrator itself.
    pub measured: Measured,
    /// An existing Alertmanager that knows what fires and what is silenced, instead of us.
    pub alertmanager: Option<Alertmanager>,
    /// The way to the gateways.
    pub commands: Arc<dyn GatewayCommands>,
    /// How devices register themselves.
    pub registration: Registration,
    /// What `/about/version` answers.
    pub versions: VersionInfo,
    /// Whether an operator's certificate is not enough, and a user's token not either: Magma's `useToken`.
    pub require_token: bool,
    /// Whether the first user can be made, and by which code.
    pub setup: Setup,
    /// Where people sign in by OpenID Connect; `None`: nowhere.
    pub provider: Option<Provider>,
    /// What gateways' configurations are to be, from one look to the next.
    pub configurations: ExpectedConfigurations,
    /// Tells the certificates that the Orchestrator serves with and signs by.
    pub own_certificates: OwnCertificates,
    /// When it was backed up last.
    pub own_backup: OwnBackup,
}

/// What a gateway without a device shows, so that a device can register itself for it.
#[derive(Clone)]
pub struct Registration {
    /// Tells the certificate authorities that gateways trust, in PEM: two while one follows the other.
    pub root_ca_pem: Arc<dyn Fn() -> String + Send + Sync>,
    /// The Orchestrator's domain.
    pub domain_name: String,
    /// How long a token is valid.
    pub token_lifetime: Duration,
    /// Makes a token, from a cryptographic source.
    pub new_token: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The whole API. It answers every request, whatever happens in a handler.
pub fn router(api: Api) -> Router {
    let (resources, _) = resources().into_parts();
    let served = Router::new().nest("/magma/v1", resources);
    let audit = Audit { api: api.clone(), resources: served.clone().with_state(api.clone()) };
    served
        .route("/metrics", routing::get(own_metrics::show))
        .route(access::DESCRIPTION, routing::get(openapi::show))
        .merge(api_pages::routes())
        .merge(oidc_sign_in::routes())
        .fallback(async || ApiError::NotFound("Not Found".to_owned()))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(Extension(Arc::new(Attempts::default())))
        .layer(middleware::from_fn_with_state(audit, audit::record))
        .layer(middleware::from_fn_with_state(api.clone(), access::check))
        .route("/", routing::get(async || "hello"))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(panic::catch))
        .with_state(api)
}

/// What [`router`] serves below `/magma/v1`, as the handlers' types say.
pub fn operations() -> Vec<Operation> {
    resources().into_parts().1
}

/// Every resource.
fn resources() -> Routes {
    Routes::new()
        .merge(networks::routes())
        .merge(metrics::routes())
        .merge(metric_names::routes())
        .merge(query_overview::routes())
        .merge(alerts::routes())
        .merge(alert_receivers::routes())
        .merge(alert_trial::routes())
        .merge(predefined_alerts::routes())
        .merge(network_fields::routes())
        .merge(network_dns::routes())
        .merge(gateways::routes())
        .merge(gateway_fields::routes())
        .merge(gateway_status::routes())
        .merge(gateway_summaries::routes())
        .merge(configuration_state::routes())
        .merge(gateway_traceroute::routes())
        .merge(gateway_commands::routes())
        .merge(tiers::routes())
        .merge(tier_summaries::routes())
        .merge(tier_fields::routes())
        .merge(tier_images::routes())
        .merge(tier_gateways::routes())
        .merge(channels::routes())
        .merge(tenants::routes())
        .merge(audit::routes())
        .merge(call_traces::routes())
        .merge(users::routes())
        .merge(events::routes())
        .merge(logs::routes())
        .merge(about::routes())
        .merge(me::routes())
        .merge(account::routes())
        .merge(search::routes())
        .merge(own_backup::routes())
        .merge(own_certificates::routes())
        .merge(first_user::routes())
        .merge(federation::routes())
        .merge(federation_gateways::routes())
        .merge(federation_health::routes())
        .merge(federation_health_summary::routes())
        .merge(federated_lte::routes())
        .merge(lte_networks::routes())
        .merge(lte_gateways::routes())
        .merge(lte_gateway_parts::routes())
        .merge(connected_enodebs::routes())
        .merge(enodebs::routes())
        .merge(enodeb_state::routes())
        .merge(enodeb_summaries::routes())
        .merge(apns::routes())
        .merge(subscribers::routes())
        .merge(subscriber_fields::routes())
        .merge(subscriber_states::routes())
        .merge(subscriber_summaries::routes())
        .merge(msisdns::routes())
        .merge(policy_rules::routes())
        .merge(traffic_summary::routes())
        .merge(base_names::routes())
        .merge(policy_qos_profiles::routes())
        .merge(rating_groups::routes())
        .merge(gateway_pools::routes())
        .merge(gateway_pool_summaries::routes())
        .merge(network_probe::routes())
        .merge(short_messages::routes())
        .merge(carrier_wifi::routes())
        .merge(carrier_wifi_gateways::routes())
        .merge(ha_pairs::routes())
        .merge(wifi_directory::routes())
        .merge(cbsds::routes())
}
