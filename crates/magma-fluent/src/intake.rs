//! Where every input brings its records: floods are held back, each record gets the gateway's labels, and it is stored.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::buffer::{Buffer, TAG_BYTES_MAX};
use crate::msgpack::{self, Reader};
use crate::throttle::{Throttle, ThrottleLimits};

/// The largest record that is taken; a gateway's whole configuration in an event has some ten kilobytes.
pub(crate) const RECORD_BYTES_MAX: usize = 1 << 20;

/// What can happen to records, for a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// Taken from an input and stored.
    Stored,
    /// Acknowledged by the cloud.
    Sent,
    /// Not understood, or larger than anything sensible.
    Refused,
    /// Held back, because their tag says more than it may.
    Throttled,
    /// Pushed out by newer ones while they waited, or not stored because the disk is full.
    Lost,
}

/// Counts what happens to records.
pub type Count = Arc<dyn Fn(Happened, u64) + Send + Sync>;

/// When a record came up, as the forward protocol writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    seconds: u32,
    nanoseconds: u32,
}

/// A record without the gateway's labels.
#[derive(Clone, Debug)]
pub struct Entry {
    time: Vec<u8>,
    pairs: usize,
    body: Vec<u8>,
}

/// What every record of this gateway has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(pub BTreeMap<String, String>);

/// Takes records; a clone takes them for the same buffer.
#[derive(Clone)]
pub struct Intake {
    buffer: Arc<Buffer>,
    count: Count,
    rules: Arc<Mutex<Rules>>,
}

struct Rules {
    labels: Labels,
    limits: ThrottleLimits,
    throttle: Throttle,
}

impl Time {
    /// By the system's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            seconds: u32::try_from(since.as_secs()).unwrap_or(u32::MAX),
            nanoseconds: since.subsec_nanos(),
        }
    }
}

impl Entry {
    /// A record of these fields.
    pub fn of_json(time: Time, fields: &Map<String, Value>) -> Self {
        let mut body = Vec::new();
        for (key, value) in fields {
            msgpack::text(&mut body, key);
            msgpack::json(&mut body, value);
        }
        Self { time: encoded(time), pairs: fields.len(), body }
    }

    /// A record of texts.
    pub fn of_texts(time: Time, fields: &[(&str, &str)]) -> Self {
        let mut body = Vec::new();
        for (key, value) in fields {
            msgpack::text(&mut body, key);
            msgpack::text(&mut body, value);
        }
        Self { time: encoded(time), pairs: fields.len(), body }
    }

    /// A record that came in MessagePack: its time as it was, and the octets of `pairs` keys with their values. What is
    /// no time becomes the present one, since a cloud that cannot take a record would be sent it for ever.
    pub(crate) fn of_msgpack(time: &[u8], pairs: usize, body: &[u8]) -> Self {
        let is_event_time = time.len() == 10 && time.starts_with(&[0xd7, 0x00]);
        let is_time = is_event_time || Reader::new(time).unsigned().is_ok();
        let time = if is_time { time.to_vec() } else { encoded(Time::now()) };
        Self { time, pairs, body: body.to_vec() }
    }

    /// What its time and fields take in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.time.capacity() + self.body.capacity()
    }

    /// `[time, {fields and labels}]`.
    fn encode(&self, labels: &Labels) -> Vec<u8> {
        let mut out = Vec::new();
        msgpack::array(&mut out, 2);
        out.extend(&self.time);
        msgpack::map(&mut out, self.pairs + labels.0.len());
        out.extend(&self.body);
        for (key, value) in &labels.0 {
            msgpack::text(&mut out, key);
            msgpack::text(&mut out, value);
        }
        out
    }
}

fn encoded(time: Time) -> Vec<u8> {
    let mut out = Vec::with_capacity(10);
    msgpack::event_time(&mut out, time.seconds, time.nanoseconds);
    out
}

impl Intake {
    /// Stores in `buffer`, with these labels and limits.
    pub fn new(buffer: Arc<Buffer>, labels: Labels, limits: ThrottleLimits, count: Count) -> Self {
        let rules = Arc::new(Mutex::new(Rules { labels, limits, throttle: Throttle::new(limits) }));
        Self { buffer, count, rules }
    }

    /// Changes labels and limits for what comes from now on.
    pub fn change(&self, labels: Labels, limits: ThrottleLimits) {
        let mut rules = self.rules();
        if rules.limits != limits {
            rules.throttle = Throttle::new(limits);
            rules.limits = limits;
        }
        rules.labels = labels;
    }

    /// Takes records of one tag, and returns when the disk has them. An empty tag is taken for `untagged`, and a long one
    /// is cut.
    ///
    /// # Errors
    /// When the disk does not take them; they are lost and counted then. Records that are too large or held back are
    /// counted, and no error.
    pub async fn take(&self, tag: &str, entries: Vec<Entry>) -> io::Result<()> {
        let tag = if tag.is_empty() { "untagged" } else { &tag[..tag.floor_char_boundary(TAG_BYTES_MAX)] };
        let records = self.prepare(tag, entries);
        if records.is_empty() {
            return Ok(());
        }
        let count = records.len() as u64;
        let appended = self.buffer.append(tag, records).await;
        if appended.outcome.is_ok() {
            (self.count)(Happened::Stored, count);
        }
        if appended.lost > 0 {
            (self.count)(Happened::Lost, appended.lost);
        }
        appended.outcome
    }

    /// Notes records that could not be understood.
    pub(crate) fn refused(&self, count: u64) {
        (self.count)(Happened::Refused, count);
    }

    fn prepare(&self, tag: &str, mut entries: Vec<Entry>) -> Vec<Vec<u8>> {
        let before = entries.len();
        entries.retain(|entry| entry.body.len() <= RECORD_BYTES_MAX);
        let fitting = entries.len();
        let mut rules = self.rules();
        let passing = rules.throttle.pass(tag, fitting, Instant::now());
        let records = entries[..passing].iter().map(|entry| entry.encode(&rules.labels)).collect();
        drop(rules);
        if before > fitting {
            self.refused((before - fitting) as u64);
        }
        if fitting > passing {
            (self.count)(Happened::Throttled, (fitting - passing) as u64);
        }
        records
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake").field("limits", &self.rules().limits).finish_non_exhaustive()
    }
}
