//! Traces with a tool of the tests' own, and with the real one where it is installed.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;
mod real_tool;
mod traces;
