//! Whole upgrades: real files, a real web server, a cut-off after each change, and the programs of this machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says so when it fails or is skipped"
)]

mod by_hand;
mod docker;
mod downloads;
mod full_disk;
mod gateway;
mod images;
mod packages;
mod power_cuts;
mod refusals;
mod release;
mod roads;
mod secure;
mod web;
