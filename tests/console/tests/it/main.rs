//! The web console in a real browser: each page is visited, its main action done, and its result looked for in REST.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says so when it fails or skips"
)]

mod browser;
mod gateways;
mod home;
mod sign_in;
mod webdriver;
mod world;
