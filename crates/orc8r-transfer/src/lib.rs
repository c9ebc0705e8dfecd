//! What an operator configured, read from an Orchestrator's REST API, kept in a file, and brought into another one.
//!
//! One table ([`RESOURCES`]) says what is carried, by the paths of the REST contract and in the order in which it can be
//! made. [`read`] makes a [`Snapshot`] of a running Orchestrator, ours or an existing one; [`import`] compares a snapshot
//! with an Orchestrator and makes there what is missing or different, through its REST API and so under its rules.
//! Nothing is deleted. What cannot be carried is told: see [`Report`].

mod body;
mod import;
mod object;
mod orchestrator;
mod reading;
mod report;
mod resources;

pub use import::{Manner, import};
pub use object::{FileError, Keys, Object, Snapshot, Unread};
pub use orchestrator::{Limits, Orchestrator, Trouble};
pub use reading::{Extent, read};
pub use report::{Counts, Outcome, Report};
pub use resources::{LEFT_BEHIND, Left, Listing, RESOURCES, Resource, Write};
