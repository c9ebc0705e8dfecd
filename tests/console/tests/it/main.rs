//! The web console in a real browser: each page is visited, its main action done, and its result looked for in REST.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says so when it fails or skips"
)]

mod account;
mod administration;
mod agent;
mod alerts;
mod browser;
mod budget;
mod cbsds;
mod crawl;
mod edit;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../crates/orc8r-metrics/tests/it/prometheus.rs"]
mod engines;
mod equipment;
mod gateway;
mod gateways;
mod home;
mod logs;
mod metrics;
mod network;
mod no_script;
mod oidc;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../apps/orc8r/tests/it/openid_provider.rs"]
mod openid_provider;
mod rights;
mod setup;
mod sign_in;
mod subscribers;
mod traces;
mod traffic;
mod webdriver;
mod world;
