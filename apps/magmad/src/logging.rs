//! The agent's log: lines on standard error or where the operator wants them, at a level that can change while it runs.

mod destination;
#[cfg(feature = "sentry")]
pub mod error_reports;
mod lines;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

pub use destination::Destination;
use lines::{Lines, Threshold};
use magma_config::LogLevel;
use magma_service303::Counter;
use tokio::sync::mpsc;
use tracing::level_filters::LevelFilter;

use crate::services::ServiceLog;

/// Changes the level of the log and counts its errors; a clone belongs to the same log.
#[derive(Clone)]
pub struct LogControl {
    threshold: Arc<Threshold>,
    errors: Counter,
    copy: LogCopy,
    watch: ErrorWatch,
}

/// An error that was logged.
#[derive(Clone, Debug)]
pub struct LoggedError {
    /// The part of the program.
    pub module: &'static str,
    /// File and line in it.
    pub place: (&'static str, u32),
    /// The message with its fields.
    pub message: String,
}

/// Who is told of each error, and how many he missed; nobody at first.
type ErrorWatch = Arc<OnceLock<(mpsc::Sender<LoggedError>, Arc<AtomicU64>)>>;

/// Where each line goes besides its destination.
type LogCopy = Arc<OnceLock<Arc<ServiceLog>>>;

impl LogControl {
    /// Begins the program's log. Only the first call of a process has an effect.
    pub fn install(level: LogLevel, to: Destination) -> Self {
        let threshold = Arc::new(Threshold::new(filter(level)));
        let errors = Counter::default();
        let (copy, watch) = (LogCopy::default(), ErrorWatch::default());
        let lines = Lines::new(threshold.clone(), errors.clone(), to, copy.clone()).telling(watch.clone());
        tracing::subscriber::set_global_default(lines).ok();
        Self { threshold, errors, copy, watch }
    }

    /// One of no log, for tests of who watches or changes one.
    #[cfg(test)]
    pub(crate) fn unused() -> Self {
        let threshold = Arc::new(Threshold::new(LevelFilter::OFF));
        let (errors, copy, watch) = (Counter::default(), LogCopy::default(), ErrorWatch::default());
        Self { threshold, errors, copy, watch }
    }

    /// Writes each line also into `log`, from which it can be read from afar. Only the first call has an effect.
    pub fn copy_to(&self, log: Arc<ServiceLog>) {
        self.copy.set(log).ok();
    }

    /// Gives each error to `watcher`, as long as that takes it without waiting; those that it does not take are counted
    /// in `missed`. Only the first call has an effect.
    pub fn watch_errors(&self, watcher: mpsc::Sender<LoggedError>, missed: Arc<AtomicU64>) {
        self.watch.set((watcher, missed)).ok();
    }

    /// Logs from `level` on.
    pub fn set(&self, level: LogLevel) {
        self.threshold.set(filter(level));
    }

    /// From which level on is logged.
    #[cfg(test)]
    pub(crate) fn level(&self) -> LevelFilter {
        self.threshold.get()
    }

    /// How many lines of level ERROR were logged.
    pub fn errors(&self) -> &Counter {
        &self.errors
    }
}

impl fmt::Debug for LogControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogControl")
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error | LogLevel::Fatal => LevelFilter::ERROR,
    }
}
