//! SyncRPC: calls from the cloud to a gateway's services, through a stream that the gateway has opened.
//!
//! The stream runs upside down: requests flow to the gateway, answers come back as what looks like requests. The
//! `switchboard` is the machine that knows which gateway is connected and which call waits for what; around it
//! are the service that moves messages, and the calls that callers hold.

mod broker;
mod call;
mod call_traces;
mod magmad;
mod message_reader;
mod outcome;
mod service;
mod switchboard;

pub use broker::Broker;
pub(crate) use call::Event;
pub use call::GatewayCall;
pub use call_traces::CallTracer;
pub use magmad::{LogStream, Magmad};
pub use outcome::CallError;
pub(crate) use service::SyncRpcService;

#[cfg(test)]
mod tests;
