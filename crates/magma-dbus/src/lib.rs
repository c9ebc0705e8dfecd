//! systemd over D-Bus: starts, stops and restarts units, waits until that is done, and looks at their state.
//!
//! It speaks as much of the D-Bus specification (0.43) as that needs: SASL EXTERNAL over a Unix socket, method calls,
//! their answers, and one signal. It never answers calls, passes descriptors, or opens other kinds of sockets.
//! A connection lives for one operation, so that nothing is held open while nothing happens.

mod connection;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod message;
mod systemd;
mod wire;

pub use connection::{BusError, Connection, MESSAGE_BYTES_MAX};
pub use message::{Call, Kind, Message};
pub use systemd::{Job, Systemd, UnitError, UnitState};
pub use wire::{Malformed, Reader, Value, Writer};
