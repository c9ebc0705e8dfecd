//! magma-rpc over real sockets: TLS on loopback, both sides of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod crowds;
mod few_files;
mod fixture;
mod fleets;
mod forwarding;
mod going_away;
mod http_proxies;
mod identities;
mod keepalive;
mod openssl_servers;
mod sharing;
mod strangers;
mod unix_socket;
