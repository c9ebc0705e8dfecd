//! The agent's log: lines on standard error or where the operator wants them, at a level that can change while it runs.

mod destination;

use std::fmt;

pub use destination::Destination;
use magma_config::LogLevel;
use magma_service303::Counter;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt as lines};

/// Changes the level of the log and counts its errors; a clone belongs to the same log.
#[derive(Clone)]
pub struct LogControl {
    level: Handle<LevelFilter, Registry>,
    errors: Counter,
}

impl LogControl {
    /// Begins the program's log. Only the first call of a process has an effect.
    pub fn install(level: LogLevel, to: Destination) -> Self {
        let (filter, level) = reload::Layer::new(filter(level));
        let errors = Counter::default();
        let lines = lines::layer().with_writer(to).with_ansi(false).with_target(false);
        let counted = ErrorLines(errors.clone());
        tracing_subscriber::registry().with(filter).with(lines).with(counted).try_init().ok();
        Self { level, errors }
    }

    /// Logs from `level` on.
    pub fn set(&self, level: LogLevel) {
        self.level.reload(filter(level)).ok();
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

/// Counts errors as they are logged.
struct ErrorLines(Counter);

impl<S: Subscriber> Layer<S> for ErrorLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            self.0.increment();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_are_counted() {
        let errors = Counter::default();
        let log = tracing_subscriber::registry().with(ErrorLines(errors.clone()));
        tracing::subscriber::with_default(log, || {
            tracing::warn!("no error");
            tracing::error!("one");
            tracing::error!("two");
        });
        tracing::error!("elsewhere");
        assert_eq!(errors.value(), 2);
    }
}
