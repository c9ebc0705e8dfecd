//! The services of this gateway: starting and stopping them, their logs, and whether they answer.
//!
//! [`ServiceController`] speaks to whatever runs the services on this machine, [`Services`] knows which of them belong
//! to this gateway and may be touched, and [`Poller`] asks each how it is. Nothing here decides when a service
//! has to restart, except for the watchdog that the configuration asks for.

mod configured;
mod controller;
mod docker;
mod embedded;
mod gateway_services;
mod log_lines;
mod poller;
mod process;
mod script;
mod systemd;
mod watch;

pub use controller::{Action, Cause, ServiceController, ServiceError, ServiceState};
pub use docker::Docker;
pub use embedded::{Embedded, Switch, WhileOn};
pub use gateway_services::{Outcome, ServiceNames, Services};
pub use log_lines::{LogLines, LogSource};
pub use poller::{POLL_INTERVAL, Poller, WATCHDOG_INTERVAL};
pub use process::{LAUNCH_ARGUMENT, ProcessSupervisor, ServiceLog, Supervision, launch, launcher};
pub use script::{Script, ScriptKind};
pub use systemd::Systemd;
pub use watch::{Restart, ServiceWatch};
