//! The end of the queue that is in memory because the disk does not take it.

use std::collections::VecDeque;

use crate::record::Record;

/// Octets that the tail may hold when the queue's own bound is larger.
pub(crate) const MEMORY_BYTES_MAX: u64 = 1 << 20;

/// What one record costs beyond its payload.
const OVERHEAD: u64 = 64;

/// Records in memory, oldest first, each with its place on the line of the running time.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    records: VecDeque<(i64, Record)>,
    bytes: u64,
}

impl Tail {
    pub fn push(&mut self, running_ms: i64, record: Record) {
        self.bytes += cost(&record);
        self.records.push_back((running_ms, record));
    }

    /// Drops the oldest record and says whether there was one.
    pub fn pop(&mut self) -> bool {
        let Some((_, record)) = self.records.pop_front() else { return false };
        self.bytes -= cost(&record);
        true
    }

    /// Drops the oldest records until at most `bytes_max` octets are left, and says how many that were.
    pub fn shrink(&mut self, bytes_max: u64) -> u64 {
        self.pop_while(|bytes, _| bytes > bytes_max)
    }

    /// Drops what was appended before `running_ms`, and says how many records that were.
    pub fn expire(&mut self, running_ms: i64) -> u64 {
        self.pop_while(|_, appended_ms| appended_ms < running_ms)
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &(i64, Record)> {
        self.records.iter()
    }

    fn pop_while(&mut self, unwanted: impl Fn(u64, i64) -> bool) -> u64 {
        let before = self.records.len();
        while self.records.front().is_some_and(|(appended_ms, _)| unwanted(self.bytes, *appended_ms)) {
            self.pop();
        }
        (before - self.records.len()) as u64
    }
}

fn cost(record: &Record) -> u64 {
    record.bytes.len() as u64 + OVERHEAD
}
