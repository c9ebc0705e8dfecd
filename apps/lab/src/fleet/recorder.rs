//! What the fleet's calls took, and why some failed.

use super::histogram::Histogram;
use anyhow::Error;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A gateway made by REST.
    Creation,
    /// The whole bootstrap of a gateway: connection, challenge, certificate.
    Bootstrap,
    /// TCP, TLS and HTTP/2 with the gateway's certificate.
    Connection,
    /// A SyncRPC stream, until the cloud's headers are there.
    Stream,
    /// A check-in.
    CheckIn,
    /// A poll of the configuration, to its end.
    Configuration,
    /// An upload of metrics.
    Metrics,
    /// A ping of a gateway: REST, SyncRPC, and back.
    Command,
}

impl Kind {
    /// All of them, in the order in which a gateway comes to them.
    pub const ALL: [Self; 8] = [
        Self::Creation,
        Self::Bootstrap,
        Self::Connection,
        Self::Stream,
        Self::CheckIn,
        Self::Configuration,
        Self::Metrics,
        Self::Command,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Bootstrap => "bootstrap",
            Self::Connection => "connection",
            Self::Stream => "stream",
            Self::CheckIn => "check-in",
            Self::Configuration => "configuration",
            Self::Metrics => "metrics",
            Self::Command => "command",
        }
    }
}

/// Different causes that are kept; all further ones count as one.
const CAUSES_MAX: usize = 50;
/// Letters of a cause that are kept.
const CAUSE_LENGTH_MAX: usize = 200;

/// Everything that was recorded: while the fleet came together, and in its ordinary life.
#[derive(Default)]
pub struct Recorder {
    joining: Record,
    steady: Record,
    is_steady: AtomicBool,
    connected: AtomicU64,
    pushed_to: AtomicU64,
    pushes: AtomicU64,
}

/// What was recorded in one of the two.
#[derive(Default)]
pub struct Record {
    histograms: [Histogram; Kind::ALL.len()],
    errors: Mutex<BTreeMap<(Kind, String), u64>>,
}

impl Recorder {
    /// From now on it is ordinary life.
    pub fn begin_steady(&self) {
        self.is_steady.store(true, Ordering::Relaxed);
    }

    /// Records how a call that began then has ended, and passes its result on where it was a success.
    pub fn ended<T>(&self, kind: Kind, began: Instant, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => {
                self.now().histograms[kind as usize].add(began.elapsed());
                Some(value)
            }
            Err(error) => {
                self.failed(kind, &format!("{error:#}"));
                None
            }
        }
    }

    /// Records a failure.
    pub fn failed(&self, kind: Kind, cause: &str) {
        self.now().fail(kind, cause);
    }

    /// A gateway has its stream, or has it no more.
    pub fn connected(&self, is: bool) {
        if is {
            self.connected.fetch_add(1, Ordering::Relaxed)
        } else {
            self.connected.fetch_sub(1, Ordering::Relaxed)
        };
    }

    /// How many gateways have their stream.
    pub fn connected_now(&self) -> u64 {
        self.connected.load(Ordering::Relaxed)
    }

    /// A gateway has a stream for its configuration, or has it no more.
    pub fn pushed(&self, is: bool) {
        if is {
            self.pushed_to.fetch_add(1, Ordering::Relaxed)
        } else {
            self.pushed_to.fetch_sub(1, Ordering::Relaxed)
        };
    }

    /// How many gateways have a stream for their configuration.
    pub fn pushed_to(&self) -> u64 {
        self.pushed_to.load(Ordering::Relaxed)
    }

    /// A gateway was told of a change of its configuration.
    pub fn push(&self) {
        self.pushes.fetch_add(1, Ordering::Relaxed);
    }

    /// How many times one was.
    pub fn pushes(&self) -> u64 {
        self.pushes.load(Ordering::Relaxed)
    }

    /// While the fleet came together.
    pub fn joining(&self) -> &Record {
        &self.joining
    }

    /// In its ordinary life.
    pub fn steady(&self) -> &Record {
        &self.steady
    }

    /// The present one.
    pub fn now(&self) -> &Record {
        if self.is_steady.load(Ordering::Relaxed) { &self.steady } else { &self.joining }
    }
}

impl Record {
    /// What calls of a kind took.
    pub fn of(&self, kind: Kind) -> &Histogram {
        &self.histograms[kind as usize]
    }

    /// Calls of all kinds that succeeded.
    pub fn calls(&self) -> u64 {
        self.histograms.iter().map(Histogram::count).sum()
    }

    /// The longest 99th percentile of all kinds of calls that gateways make.
    pub fn p99(&self) -> Duration {
        self.histograms.iter().map(|histogram| histogram.percentile(0.99)).max().unwrap_or_default()
    }

    /// The causes of failures, with how often each was seen.
    pub fn errors(&self) -> BTreeMap<(Kind, String), u64> {
        self.errors.lock().map(|errors| errors.clone()).unwrap_or_default()
    }

    /// How many calls failed.
    pub fn failures(&self) -> u64 {
        self.errors().values().sum()
    }

    fn fail(&self, kind: Kind, cause: &str) {
        let Ok(mut errors) = self.errors.lock() else { return };
        let mut key = (kind, generalized(cause));
        if errors.len() >= CAUSES_MAX && !errors.contains_key(&key) {
            key.1 = "other causes".to_owned();
        }
        *errors.entry(key).or_default() += 1;
    }
}

/// A cause without what differs from gateway to gateway: words with digits, such as ids, ports and times.
fn generalized(cause: &str) -> String {
    let words = cause.split_whitespace();
    let words: Vec<&str> = words
        .map(|word| if word.contains(|letter: char| letter.is_ascii_digit()) { "…" } else { word })
        .collect();
    let mut text = words.join(" ");
    text.truncate(text.floor_char_boundary(CAUSE_LENGTH_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_one_cause_are_one_line() {
        let recorder = Recorder::default();
        for id in ["0b1c-22", "77aa-01"] {
            recorder.failed(Kind::CheckIn, &format!("gateway {id}: no answer within 30 s"));
        }
        recorder.begin_steady();
        recorder.failed(Kind::CheckIn, "gateway 1: no answer within 30 s");
        let errors = recorder.joining().errors();
        let expected = (Kind::CheckIn, "gateway … no answer within … s".to_owned());
        assert_eq!(errors, [(expected, 2)].into());
        assert_eq!((recorder.joining().failures(), recorder.steady().failures()), (2, 1));
    }

    #[test]
    fn causes_are_bounded_and_none_is_lost() {
        let record = Record::default();
        for number in 0..1000_u32 {
            let letters: String =
                format!("{number:03}").bytes().map(|digit| char::from(digit + 49)).collect();
            record.fail(Kind::Stream, &letters.repeat(100));
        }
        let errors = record.errors();
        assert_eq!((errors.len(), record.failures()), (CAUSES_MAX + 1, 1000));
        assert!(errors.keys().all(|(_, cause)| cause.len() <= CAUSE_LENGTH_MAX));
    }

    #[test]
    fn calls_count_where_they_ended() {
        let recorder = Recorder::default();
        recorder.ended(Kind::Metrics, Instant::now(), Ok(()));
        recorder.begin_steady();
        recorder.ended(Kind::Metrics, Instant::now(), Ok(()));
        assert!(recorder.ended(Kind::Metrics, Instant::now(), Err::<(), _>(Error::msg("no"))).is_none());
        let counts = |record: &Record| (record.of(Kind::Metrics).count(), record.calls(), record.failures());
        assert_eq!((counts(recorder.joining()), counts(recorder.steady())), ((1, 1, 0), (1, 1, 1)));
    }
}
