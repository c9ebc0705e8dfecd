//! What operators do on a gateway from afar: the `magma.orc8r.Magmad` service.
//!
//! It is served on the agent's own address and reached from the cloud through SyncRPC. Everything is bounded: how many
//! commands and logs at once, how long each may take, and how much it may say.

pub mod audit;
mod command_template;
mod config_source;
mod generic_command;
mod hops;
mod machine;
mod network_test;
mod ping_program;
mod rpc;
mod stateless;
mod traceroute_program;

pub use config_source::ConfigSource;
pub use generic_command::GenericCommands;
pub use machine::{Machine, SystemMachine};
pub use network_test::{NetworkPrograms, NetworkTests};
pub use rpc::{AnswerTimes, MagmadService, Parts};
pub use stateless::Statelessness;
