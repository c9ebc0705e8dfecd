//! `gateway.mconfig`: the configuration that the cloud manages, one JSON document with an entry for each service.

mod document;
mod magmad;
mod store;

pub use document::{GatewayMconfig, MconfigError};
pub use magmad::{ImageSpec, MagmadMconfig};
pub use store::{Loaded, MconfigStore};
