//! The gateway's certificate: proof of identity to the cloud, a signed certificate, and its renewal in time.
//!
//! Magma's bootstrapper asks for no client certificate; the gateway proves who it is by answering a challenge with its
//! long-term challenge key.

pub(crate) mod clock;
mod driver;
mod exchange;
pub mod failure;
pub mod machine;

pub use driver::{Bootstrapper, Context, Driver};
pub use exchange::{LAST_RESORT_PORT, Network};
pub use machine::Timings;
