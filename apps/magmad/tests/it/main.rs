//! The agent as a whole against a cloud in the same process: real TLS, real files, and everything that can go wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod bootstrap;
mod certificates;
mod checkin;
mod cloud;
mod command_line;
mod config_stream;
mod doctor;
mod gateway;
mod launching;
mod operators_commands;
mod operators_side;
mod registration;
mod remote_commands;
mod settings;
