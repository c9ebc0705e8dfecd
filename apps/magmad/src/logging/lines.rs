//! Events as lines: time, level, message, and the fields behind it.
//!
//! ```text
//! 2026-11-22T03:17:09.123456Z  WARN cannot accept a connection error=Too many open files (os error 24)
//! ```
//!
//! An event is one line, whatever it holds: control characters are written as escapes, so that nobody whose words get
//! into the log can put a line of his own there. There are no spans: the agent has none.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_service303::Counter;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::remote::audit;
use crate::satellites;

use super::{Destination, ErrorWatch, LogCopy, LoggedError};

/// From which level on events are logged.
pub(super) struct Threshold(AtomicU8);

const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

impl Threshold {
    pub(super) fn new(level: LevelFilter) -> Self {
        Self(AtomicU8::new(number(level)))
    }

    /// Logs from `level` on; events that were passed over before are asked for anew.
    pub(super) fn set(&self, level: LevelFilter) {
        self.0.store(number(level), Ordering::Relaxed);
        tracing::callsite::rebuild_interest_cache();
    }

    pub(super) fn get(&self) -> LevelFilter {
        LEVELS[usize::from(self.0.load(Ordering::Relaxed)) % LEVELS.len()]
    }
}

fn number(level: LevelFilter) -> u8 {
    LEVELS.iter().zip(0..).find(|(known, _)| **known == level).map_or(0, |(_, number)| number)
}

/// Writes events as lines, and counts errors.
pub(super) struct Lines {
    threshold: Arc<Threshold>,
    errors: Counter,
    to: Destination,
    copy: LogCopy,
    watch: ErrorWatch,
}

impl Lines {
    pub(super) fn new(threshold: Arc<Threshold>, errors: Counter, to: Destination, copy: LogCopy) -> Self {
        Self { threshold, errors, to, copy, watch: ErrorWatch::default() }
    }

    /// Gives errors to `watch` too.
    pub(super) fn telling(self, watch: ErrorWatch) -> Self {
        Self { watch, ..self }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = *metadata.level() <= self.threshold.get() || metadata.target() == audit::TARGET;
        metadata.is_event() && wanted
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.threshold.get().max(audit::LEVEL.into()))
    }

    fn event(&self, event: &Event<'_>) {
        let level = *event.metadata().level();
        if level == Level::ERROR {
            self.errors.increment();
        }
        let mut line = Line(String::with_capacity(128));
        timestamp(&mut line.0, SystemTime::now());
        line.0.push_str(match level {
            Level::ERROR => " ERROR",
            Level::WARN => "  WARN",
            Level::INFO => "  INFO",
            Level::DEBUG => " DEBUG",
            Level::TRACE => " TRACE",
        });
        let at = event.metadata();
        if let Some(service) = satellites::of_target(at.target()) {
            line.0.extend([" ", service, ":"]);
        }
        let head = line.0.len();
        event.record(&mut line);
        if level == Level::ERROR
            && let Some((watcher, missed)) = self.watch.get()
        {
            let place = (at.file().unwrap_or_default(), at.line().unwrap_or_default());
            let message = line.0[head..].trim_start().to_owned();
            let error = LoggedError { module: at.module_path().unwrap_or_default(), place, message };
            // Who is told too much too fast misses some.
            if watcher.try_send(error).is_err() {
                missed.fetch_add(1, Ordering::Relaxed);
            }
        }
        line.0.push('\n');
        self.to.take(level, line.0.as_bytes());
        if let Some(copy) = self.copy.get() {
            copy.write(&line.0);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A line while it is written.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push(' ');
        if field.name() != "message" {
            self.0.push_str(field.name());
            self.0.push('=');
        }
        // A value that cannot be written leaves the line as it is.
        let _ = write!(Escaped(&mut self.0), "{value:?}");
    }
}

/// Writes control characters as Rust's escapes.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if character.is_control() {
                self.0.extend(character.escape_default());
            } else {
                self.0.push(character);
            }
        }
        Ok(())
    }
}

/// The time in UTC with microseconds (RFC 3339).
fn timestamp(out: &mut String, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let micros = since.subsec_micros();
    // Writing to a string cannot fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z");
}

/// Year, month and day of a day since 1970. Years are counted from March, so that the leap day is the last one.
fn date(days: u64) -> (u64, u64, u64) {
    // 1970-01-01 is day 719 468 of the calendar that begins with March of the year 0; 400 years have 146 097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests;
