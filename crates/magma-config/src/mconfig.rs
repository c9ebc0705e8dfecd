//! `gateway.mconfig`: the configuration that the cloud manages, one JSON document with an entry for each service.

mod applied;
mod document;
mod error;
mod magmad;
mod store;

pub use applied::Digests;
pub use document::GatewayMconfig;
pub use error::MconfigError;
pub use magmad::{ImageSpec, MagmadMconfig};
pub use store::{Loaded, MconfigStore};
