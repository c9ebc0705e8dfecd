//! The gateway agent: one program between a gateway's services and its cloud.
//!
//! It owns the gateway's identity and certificate, keeps its configuration current, reports its state, and passes remote
//! commands on. Everything goes through `agent::run`; the binary only parses its arguments, and the laboratory and
//! the tests call the same function.
//!
//! Modules in reading order; each says at its top what it is and what it never does.

pub mod check_config;
pub mod cli;
pub mod doctor;
pub mod options;
pub mod show;

pub mod agent;

pub mod bootstrap;
pub mod checkin;
pub mod config_stream;
pub mod registration;
pub mod sync_rpc;

pub mod host;
pub mod program;
pub mod remote;
pub mod satellites;
pub mod services;

pub mod cloud;
pub mod event_log;
pub mod events;
mod file_version;
pub mod http_proxies;
pub mod local_services;
pub mod logging;
pub mod low_bandwidth;
pub mod managed_config;
#[cfg(feature = "metrics")]
mod metrics;
mod problems;
pub mod progress;
pub mod recent;
pub mod refusal;
pub mod sd_notify;
pub mod settings;
pub mod shutdown;
pub mod supervise;
pub mod trust;
#[cfg(feature = "upgrades")]
pub mod upgrade;
