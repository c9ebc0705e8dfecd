//! The control proxy of a gateway: a plain HTTP/2 port on loopback, through which the gateway's services call each
//! other and the cloud by `:authority` alone, as they do with nghttpx on existing gateways.
//!
//! `<service>.local` goes to that service's address in the registry; everything else goes to the cloud, over one
//! connection that carries the gateway's certificate. Calls pass frame by frame in both directions, trailers and
//! resets included; nobody's body is held as a whole, and a slow reader slows its sender. The calls' content is never
//! looked at.
//!
//! Deviation: nghttpx sends the calls to a local service that the registry does not name to the cloud; here they are
//! refused, with a text that says so.

mod door;
mod passage;
mod route;

pub use door::{Destinations, Measures, serve};
