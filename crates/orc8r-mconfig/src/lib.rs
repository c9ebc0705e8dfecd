//! From what the Orchestrator knows of a gateway to its `gateway.mconfig`, purely.
//!
//! The document is one JSON object with an entry for each service of the gateway. Each entry comes from a
//! [`Builder`], a plain function of the gateway's neighbourhood; there is the base builder, and one for each kind
//! of network: LTE, federation and carrier Wi-Fi. An entry that cannot be built is left out and reported, and the others
//! are delivered all the same: in Magma one bad value withholds the whole document.
//!
//! The crate reads no clock: whoever asks says when the content was first built.

mod authentication;
mod base;
mod carrier_wifi;
mod diameter;
mod document;
mod entries;
mod federation;
mod jitter;
mod lte;
mod stored;

pub use document::{BuiltMconfig, EntryProblem, MconfigBuilder};
pub use entries::{Builder, Entries, EntryError};
