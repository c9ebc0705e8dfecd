//! Interoperation with Python's gRPC stack: our Orchestrator with a foreign gateway, our agent with a foreign
//! Orchestrator, and the two foreign sides with each other, which tells a fault of theirs from one of ours.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by a panic, and says when it is skipped"
)]

mod cloud_program;
mod fleet;
mod fleet_service;
mod foreign_pair;
mod gateway_folder;
mod gateway_program;
mod gw_state;
mod operator;
mod our_agent;
mod our_magmad;
mod our_orc8r;
mod python;
