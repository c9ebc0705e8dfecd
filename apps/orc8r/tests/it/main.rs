//! The edge: an Orchestrator on loopback, and what gateways, operators and strangers get from it over TLS.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]
#![allow(clippy::print_stdout, reason = "a test says so when it is skipped")]

mod alert_pair;
mod api_page;
mod backups;
mod bootstrap;
mod certificates;
mod command_line;
mod commands;
mod doctor;
mod drain;
mod edge;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../crates/orc8r-metrics/tests/it/prometheus.rs"]
mod engines;
mod faults;
mod few_files;
mod half_open;
mod hostile;
mod limits;
mod log_door;
mod metrics_engine;
mod nodes;
mod oidc;
mod openid_provider;
mod program;
mod refusals;
mod rotation;
mod strangers;
mod transfer;
