//! Remote commands: requests of the cloud, passed to the services of this gateway over a stream that it opened.

mod client;
mod forwarder;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod machine;
mod session;

pub use client::{Client, Timings};
pub use forwarder::Reach;
