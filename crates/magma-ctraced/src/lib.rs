//! Call traces: packet captures that an operator orders for a gateway, one at a time.
//!
//! [`CallTraces`] answers `magma.orc8r.CallTraceService`. It has `tshark` capture into a file, ends it on request or when
//! the time is over, filters the file if that was asked for, and gives it to whoever ended the trace, or else to the
//! cloud's `CallTraceController`. Whatever goes wrong, the next trace can begin. What comes from the network becomes
//! single arguments of a program that is started without a shell ([`Tools`] starts it), and never an option of it.

mod capture;
mod command;
mod folder;
mod order;
mod pcapng;
mod service;
mod tool;
mod trace;

pub use capture::CONTENT_BYTES_MAX;
pub use order::{FILTER_BYTES_MAX, TIMEOUT_DEFAULT, TIMEOUT_MAX, TRACE_ID_BYTES_MAX};
pub use service::CallTraces;
pub use tool::{RunningTool, ToolEnd, Tools};
pub use trace::TraceCloud;

use std::path::PathBuf;
use std::time::Duration;

/// How traces are made.
#[derive(Clone, Debug)]
pub struct Config {
    /// `trace_tool`: the program, by name or path; it must take the arguments of `tshark`.
    pub tool: PathBuf,
    /// `trace_directory`: where captures are written.
    pub directory: PathBuf,
    /// `trace_interfaces`: what is listened to; `any` is every interface.
    pub interfaces: Vec<String>,
    /// How long things may take.
    pub limits: Limits,
}

/// How long the parts of a trace may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Until the capture's file is there.
    pub file: Duration,
    /// The filtering of a finished capture.
    pub post_processing: Duration,
    /// How much longer than it was told the tool may capture before it is ended.
    pub overrun: Duration,
    /// How long the tool may take to finish its file when it is told to end.
    pub grace: Duration,
    /// One attempt to give a finished trace to the cloud.
    pub report: Duration,
    /// The pause after an attempt that failed.
    pub report_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: Duration::from_secs(20),
            post_processing: Duration::from_secs(10),
            overrun: Duration::from_secs(15),
            grace: Duration::from_secs(5),
            report: Duration::from_secs(30),
            report_pause: Duration::from_secs(30),
        }
    }
}
