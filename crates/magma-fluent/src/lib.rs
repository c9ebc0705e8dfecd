//! Forwards logs and events to a cloud in the Fluent forward protocol, version 1: what `td-agent-bit` (Fluent Bit) does on
//! existing gateways.
//!
//! Inputs take records, [`Intake`] gives each what all records of a gateway have (`hw_id`, the extra tags) and holds
//! back floods, [`Buffer`] keeps them on disk, and [`Output`] sends them and forgets only what the server has
//! acknowledged. So a record may arrive twice, but an outage loses none that the bound of the buffer still holds.
//!
//! It never opens a connection by itself: the caller gives it a way to dial, with TLS, and the listeners. Not spoken
//! are the protocol's shared-key handshake, its compression and its UDP heartbeats; existing clouds ask for none.

mod buffer;
mod connections;
mod forward_input;
mod forward_message;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod intake;
mod json_frames;
mod json_input;
mod lines;
pub mod msgpack;
mod output;
mod settings;
mod syslog;
mod tail;
mod throttle;

pub use buffer::Buffer;
pub use forward_input::serve_forward;
pub use intake::{Count, Entry, Happened, Intake, Labels, Time};
pub use json_input::serve_json;
pub use output::{Dial, Output, Stream, Timings};
pub use settings::Settings;
pub use syslog::serve_syslog;
pub use tail::Follower;
pub use throttle::ThrottleLimits;
