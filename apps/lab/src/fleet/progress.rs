//! How the fleet is doing, while it is: one line that is rewritten, or, where nobody watches, one now and then.

use super::process::Process;
use super::recorder::Recorder;
use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a line is written where it cannot be rewritten.
const WRITTEN: Duration = Duration::from_secs(10);
const REWRITTEN: Duration = Duration::from_millis(500);

/// The line; on standard error, so that the report is alone on standard output.
pub struct Progress {
    recorder: Arc<Recorder>,
    server: Option<Process>,
    gateways: usize,
    phase: Mutex<&'static str>,
    begun: Instant,
    terminal: bool,
}

impl Progress {
    /// For a fleet of so many.
    pub fn new(recorder: Arc<Recorder>, server: Option<Process>, gateways: usize) -> Self {
        let terminal = stderr().is_terminal();
        Self { recorder, server, gateways, phase: Mutex::new(""), begun: Instant::now(), terminal }
    }

    /// What is being done from now on.
    pub fn phase(&self, phase: &'static str) {
        if let Ok(mut present) = self.phase.lock() {
            *present = phase;
        }
        if !self.terminal {
            self.write(&self.line(None));
        }
    }

    /// Shows it for ever.
    pub async fn show(&self) {
        let interval = if self.terminal { REWRITTEN } else { WRITTEN };
        let mut before = (Instant::now(), self.calls());
        loop {
            tokio::time::sleep(interval).await;
            let now = (Instant::now(), self.calls());
            let rate = now.1.saturating_sub(before.1) as f64 / (now.0 - before.0).as_secs_f64();
            self.write(&self.line(Some(rate)));
            before = now;
        }
    }

    /// Ends the line.
    pub fn end(&self) {
        if self.terminal {
            self.write("");
        }
    }

    fn calls(&self) -> u64 {
        self.recorder.joining().calls() + self.recorder.steady().calls()
    }

    fn line(&self, rate: Option<f64>) -> String {
        let phase = self.phase.lock().map(|phase| *phase).unwrap_or_default();
        let record = self.recorder.now();
        let mut line = format!(
            "{:>6.1} s  {phase}: {} of {} connected",
            self.begun.elapsed().as_secs_f64(),
            self.recorder.connected_now(),
            self.gateways
        );
        if let Some(rate) = rate {
            line += &format!(", {rate:.0} calls/s, p99 {:.1} ms", record.p99().as_secs_f64() * 1000.0);
        }
        match record.failures() {
            0 => {}
            failures => line += &format!(", {failures} errors"),
        }
        if let Some(bytes) = self.server.and_then(Process::resident_bytes) {
            line += &format!(", server {:.0} MB", bytes as f64 / 1e6);
        }
        line
    }

    fn write(&self, line: &str) {
        let mut out = stderr().lock();
        // Whoever closed standard error does not want to know.
        let _ = if self.terminal { write!(out, "\r\x1b[K{line}") } else { writeln!(out, "{line}") };
        let _ = out.flush();
    }
}
