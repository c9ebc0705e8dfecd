//! The samples that wait for the cloud, on disk: each record is one encoded family.

use std::io;
use std::path::Path;

use magma_spool::{Bounds, Spool};
use prost::Message;
use wire_orc8r::prometheus as wire;

/// Octets of a family beyond which it is stored in several parts, so that chunks of any size can be made.
const FAMILY_BYTES_MAX: usize = 16 * 1024;

/// Octets that a family takes in a container beside its own: the field's number and length.
const FIELD_OVERHEAD: usize = 6;

/// Encoded families: a tenth of what they take decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records(Vec<Vec<u8>>);

impl Records {
    /// Encodes families, large ones in parts; what has no samples is left out.
    pub fn of(families: Vec<wire::MetricFamily>) -> Self {
        let mut records = Self::default();
        for family in families {
            encode(family, &mut records.0);
        }
        records
    }

    /// Puts others behind these.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Samples that wait, oldest first.
#[derive(Debug)]
pub struct MetricsQueue {
    spool: Spool,
}

/// Some of the oldest families, for one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// What to send, each an encoded `MetricFamily`.
    pub families: Vec<Vec<u8>>,
    /// How many records of the queue these are.
    pub records: usize,
    /// The number of the first record that is not in it.
    end: u64,
}

impl MetricsQueue {
    /// Opens the queue in a folder of its own.
    ///
    /// # Errors
    /// Bounds that hold nothing.
    pub fn open(folder: &Path, bounds: Bounds) -> io::Result<Self> {
        Ok(Self { spool: Spool::open(folder, bounds)? })
    }

    /// Appends families and waits until the disk has them.
    ///
    /// # Errors
    /// The disk is full: these families are lost, and counted.
    pub fn push(&mut self, records: &Records) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let records: Vec<&[u8]> = records.0.iter().map(Vec::as_slice).collect();
        self.spool.append_all(&records)
    }

    /// The oldest families that together have at most `bytes_max` octets in a message; the first one always.
    ///
    /// # Errors
    /// The disk's, when it cannot be read at present.
    pub fn oldest(&mut self, bytes_max: usize) -> io::Result<Chunk> {
        let mut chunk = Chunk { end: self.spool.front(), ..Chunk::default() };
        let mut bytes = 0;
        for record in self.spool.peek_many(bytes_max)? {
            bytes += record.bytes.len() + FIELD_OVERHEAD;
            if chunk.records > 0 && bytes > bytes_max {
                break;
            }
            chunk.records += 1;
            chunk.end += 1;
            // Not to be decoded is what another version of this program left; it is passed over.
            if wire::MetricFamily::decode(record.bytes.as_slice()).is_ok() {
                chunk.families.push(record.bytes);
            }
        }
        Ok(chunk)
    }

    /// Removes a chunk that arrived, as far as no bound has dropped it meanwhile.
    pub fn commit(&mut self, chunk: &Chunk) {
        self.spool.commit_until(chunk.end);
    }

    /// Removes a chunk that the cloud will never take, and counts it as dropped.
    pub fn discard(&mut self, chunk: &Chunk) {
        let count = usize::try_from(chunk.end.saturating_sub(self.spool.front())).unwrap_or(usize::MAX);
        self.spool.discard(count);
    }

    /// How many families (or parts of large ones) were dropped since the queue was made, because of its bounds or the disk.
    pub fn dropped(&self) -> u64 {
        self.spool.dropped()
    }

    /// How many families (or parts of large ones) wait.
    pub fn len(&self) -> u64 {
        self.spool.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.spool.is_empty()
    }
}

/// Encodes a family, in halves when it is large and has several samples.
fn encode(mut family: wire::MetricFamily, records: &mut Vec<Vec<u8>>) {
    if family.metric.is_empty() {
        return;
    }
    if family.metric.len() > 1 && family.encoded_len() > FAMILY_BYTES_MAX {
        let second = family.metric.split_off(family.metric.len() / 2);
        let second = wire::MetricFamily { metric: second, ..family_without_metrics(&family) };
        encode(family, records);
        encode(second, records);
    } else {
        records.push(family.encode_to_vec());
    }
}

fn family_without_metrics(family: &wire::MetricFamily) -> wire::MetricFamily {
    wire::MetricFamily { name: family.name.clone(), help: None, r#type: family.r#type, metric: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::text::parse;

    const BOUNDS: Bounds = Bounds { bytes: 1 << 20, age: Duration::from_secs(86_400) };

    fn decoded(family: &[u8]) -> wire::MetricFamily {
        wire::MetricFamily::decode(family).unwrap()
    }

    #[test]
    fn families_come_out_in_chunks_that_fit_and_go_when_they_arrived() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = MetricsQueue::open(folder.path(), BOUNDS).unwrap();
        let page: String = (0..3000).map(|n| format!("a{{n=\"{n}\"}} {n}\n")).collect();
        let families = parse(&page, 1_700_000_000_000).families;
        assert_eq!(families.len(), 1);
        queue.push(&Records::of(families.clone())).unwrap();
        queue.push(&Records::default()).unwrap();
        assert!(queue.len() > 1, "a large family is stored in parts");
        let mut values = Vec::new();
        while !queue.is_empty() {
            let chunk = queue.oldest(40_000).unwrap();
            let message = wire_orc8r::orc8r::MetricsContainer {
                gateway_id: String::new(),
                family: chunk.families.iter().map(|family| decoded(family)).collect(),
            };
            assert!(message.encoded_len() <= 40_000 && chunk.records > 1);
            assert!(
                message
                    .family
                    .iter()
                    .all(|family| family.name() == "a" && family.r#type == families[0].r#type)
            );
            values.extend(message.family.into_iter().flat_map(|family| family.metric));
            queue.commit(&chunk);
        }
        assert_eq!(values, families[0].metric);
        assert_eq!(queue.oldest(40_000).unwrap().records, 0);
    }

    #[test]
    fn a_chunk_has_at_least_one_family_and_an_unreadable_record_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = MetricsQueue::open(folder.path(), BOUNDS).unwrap();
        queue.spool.append(&[0xff; 20]).unwrap();
        queue.push(&Records::of(parse("a 1\nb 2\n", 7).families)).unwrap();
        let chunk = queue.oldest(1).unwrap();
        assert_eq!((chunk.families.len(), chunk.records), (0, 1));
        queue.commit(&chunk);
        let chunk = queue.oldest(1).unwrap();
        assert_eq!((decoded(&chunk.families[0]).name(), chunk.records), ("a", 1));
        assert_eq!((queue.len(), queue.dropped()), (2, 0));
    }
}
