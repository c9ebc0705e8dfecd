//! The agent's log: lines on standard error, which the init system keeps, at a level that can change while it runs.

use std::fmt;

use magma_config::LogLevel;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt as lines};

/// Changes the level of the log; a clone changes the same one.
#[derive(Clone)]
pub struct LogControl(Handle<LevelFilter, Registry>);

impl LogControl {
    /// Begins the program's log. Only the first call of a process has an effect.
    pub fn install(level: LogLevel) -> Self {
        let (filter, handle) = reload::Layer::new(filter(level));
        let lines = lines::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
        tracing_subscriber::registry().with(filter).with(lines).try_init().ok();
        Self(handle)
    }

    /// Logs from `level` on.
    pub fn set(&self, level: LogLevel) {
        self.0.reload(filter(level)).ok();
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
