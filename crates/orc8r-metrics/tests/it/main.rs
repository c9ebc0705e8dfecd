//! The embedded store and PromQL over it, against the real Prometheus where that is installed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]
#![allow(clippy::print_stdout, reason = "a test says so when it is skipped")]

mod dataset;
mod differential;
mod engines;
mod inventor;
mod prometheus;
mod queries;
mod remote;
