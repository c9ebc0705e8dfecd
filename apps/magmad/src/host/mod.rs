//! Facts about this machine, and the `gw_state` that reports them.
//!
//! Every source is one reader and one pure parser: files of `/proc` and `/sys`, one netlink question, `statvfs`.
//! No program is run. Containers hide or invent parts of `/proc`; a fact that cannot be read is left empty.

mod addresses;
mod cpu;
mod disks;
mod fullness;
mod gw_state;
mod interfaces;
mod kernel;
mod memory;
mod reader;
mod routes;

pub use fullness::Fullness;
pub use gw_state::{AgentFacts, gw_state};
pub use reader::{Host, HostFacts, HostPaths};
