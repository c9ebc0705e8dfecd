//! Pings a host and traces the way to it, by ICMP sockets of our own.
//!
//! Pings need the right to open unprivileged ICMP sockets (`net.ipv4.ping_group_range`) or raw ones, traces raw ones
//! (`CAP_NET_RAW`), since only those say which router answered. Where neither is granted, [`is_refused`] tells the caller
//! to use a program of the system. Everything is bounded: packets, hops, and the time of each.

mod echo;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod ping;
mod socket;
mod trace;

use std::io;

pub use ping::{PING_LIMIT, Pinged, Pinger};
pub use trace::{Hop, PROBES_PER_HOP, Probe, TRACE_LIMIT, Tracer};

/// Whether an error says that this process may not open such sockets, whatever the host.
pub fn is_refused(error: &io::Error) -> bool {
    socket::refuses(error)
}
