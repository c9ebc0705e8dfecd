//! The Orchestrator: the whole cloud in one program.
//!
//! [`start`] opens the data folder, makes what is missing in it, and serves three doors: gateways with a
//! certificate, gateways without one, and operators at the REST API. The binary only parses its arguments; the
//! laboratory and the tests call the same function.

mod alerts;
mod bodies;
pub mod cli;
mod config;
mod data_folder;
mod door_tls;
mod doors;
mod examination;
mod export;
mod first_operator;
mod fleet_metrics;
mod gateway_commands;
mod health;
mod housekeeping;
mod leader;
mod log_door;
mod node_door;
mod operator_door;
mod restore;
mod running;
mod sign_in;
mod start_log;
mod struct_json;
mod subscriber_keys;
mod systemd;
mod usage_metrics;
mod web_peer;

pub use config::{Addresses, AlertsConfig, Config, Drain, MetricsConfig, NodeConfig, PairConfig};
pub use data_folder::DataFolder;
pub use export::{ExportAddress, ExportConfig, ExportError};
pub use first_operator::FIRST_OPERATOR;
pub use orc8r_console::Tiles;
pub use running::{Running, StartError, start};
pub use sign_in::SignInError;
pub use subscriber_keys::SubscriberKeysError;
pub use web_peer::{PeerError, PeerFiles};
