//! The common service that every Magma service answers, and metric families on the wire.
//!
//! A gateway's agent asks each service on its machine who it is, whether it is well and what it counted, by the
//! `magma.orc8r.Service303` service. [`Service303`] answers that for a service of ours; [`Registry`] is what it
//! counts with. This crate never calls other services and never decides what a service does when it is told to
//! stop or to reload: the [`Application`] does.

mod lifecycle;
mod process;
mod registry;
mod service;

pub use lifecycle::{Lifecycle, Phase};
pub use process::process_families;
pub use registry::{Counter, CounterFamily, Gauge, GaugeFamily, LABEL_SETS_MAX, OTHER_LABEL, Registry};
pub use service::{Application, Identity, Reload, Service303};
