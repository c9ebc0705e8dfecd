//! The gRPC services that gateways call, and the SyncRPC broker that calls gateways.
//!
//! Every call passes the [`Gate`] first: it identifies the caller by the certificate of the TLS session and asks
//! one table who may call what. The handlers behind it take the caller's network and hardware id from there and
//! never from a message. The crate opens no socket: [`Southbound`] gives services, `apps/orc8r` serves them.

mod authorization;
mod bootstrapper;
mod call_traces;
mod clock;
mod config_push;
mod configurator;
mod control_proxy;
mod directory;
mod events;
mod failure;
mod federation_health;
mod gate;
mod mailbox;
mod mconfig_cache;
mod metrics;
mod network_push;
mod nodes;
mod policy_assignment;
mod principal;
mod refusals;
mod registration;
mod short_messages;
mod southbound;
mod state;
mod stream_codec;
mod streamer;
mod streams;
mod subscribers;
mod sync_rpc;

pub use clock::Clock;
pub use control_proxy::GatewayAddress;
pub use gate::{Gate, strip_identity_headers};
pub use nodes::{JoinError, Nodes};
pub use principal::{GatewayPrincipal, Identification, Principal};
pub use registration::REGISTRATION_TOKEN_VALIDITY;
pub use southbound::{Pushes, Southbound};
pub use sync_rpc::{Broker, CallError, CallTracer, GatewayCall, LogStream, Magmad};

/// The largest message, in bytes, in both directions: 50 MiB, as Magma's cloud has it.
pub const MESSAGE_BYTES_MAX: usize = 50 << 20;

/// The largest message, in bytes, that is taken from somebody without a certificate: 128 KiB, many times what a
/// bootstrap or a registration takes.
const OPEN_MESSAGE_BYTES_MAX: usize = 128 << 10;
