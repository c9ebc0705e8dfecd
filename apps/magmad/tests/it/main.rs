//! The agent as a whole against a cloud in the same process: real TLS, real files, and everything that can go wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]
#![allow(clippy::print_stdout, reason = "a test says why it is skipped")]

mod around_the_agent;
mod bootstrap;
mod certificates;
mod checkin;
mod cloud;
mod command_line;
mod config_stream;
mod doctor;
#[cfg(feature = "sentry")]
mod error_reports;
mod events;
mod faults;
mod gateway;
mod kept_log;
mod launching;
mod metrics;
mod operators_commands;
mod operators_side;
mod registration;
mod remote_commands;
mod rereading;
#[cfg(feature = "metrics")]
mod service_ends;
mod settings;
#[cfg(feature = "upgrades")]
mod upgrades;

// The web server and the signed versions with which the crate of upgrades tests itself.
#[cfg(feature = "upgrades")]
#[allow(dead_code, reason = "not all of it is needed here")]
#[path = "../../../../crates/magma-upgrade/tests/it/release.rs"]
mod release;
#[cfg(feature = "upgrades")]
#[allow(dead_code, reason = "not all of it is needed here")]
#[path = "../../../../crates/magma-upgrade/tests/it/roads.rs"]
mod roads;
#[cfg(feature = "upgrades")]
#[allow(dead_code, reason = "not all of it is needed here")]
#[path = "../../../../crates/magma-upgrade/tests/it/web.rs"]
mod web;
