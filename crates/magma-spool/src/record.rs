//! One record on disk: a header of 16 octets and the payload.
//!
//! ```text
//! 0        4        8                 16
//! | length | CRC-32 | time, ms (1970) | payload …        all numbers little endian
//! ```
//! The CRC (IEEE 802.3, as in gzip) covers the length, the time and the payload, so that neither a torn write nor a
//! hole of zeros is ever taken for a record.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::crc32::Crc32;

/// Length of the header in octets.
pub(crate) const HEADER_LENGTH: usize = 16;

/// What was appended once, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was given to [`Spool::append`](crate::Spool::append).
    pub bytes: Vec<u8>,
    /// When it was appended by the system clock of that time, which may have been wrong. Milliseconds are kept.
    pub time: SystemTime,
}

/// Octets that a payload of this length takes on disk.
pub(crate) fn length_on_disk(payload: &[u8]) -> u64 {
    (HEADER_LENGTH + payload.len()) as u64
}

/// Appends the record's form on disk to `out`. The payload is shorter than 4 GiB: [`Spool`](crate::Spool) refuses
/// longer ones.
pub(crate) fn encode(out: &mut Vec<u8>, time_ms: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let time = time_ms.to_le_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&checksum(&length, &time, payload).to_le_bytes());
    out.extend_from_slice(&time);
    out.extend_from_slice(payload);
}

fn checksum(length: &[u8], time: &[u8], payload: &[u8]) -> u32 {
    Crc32::new().add(length).add(time).add(payload).value()
}

/// The time as it is written. A clock before 1970 counts as 1970.
pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// The reverse of [`milliseconds`]; a time beyond what the platform can name counts as 1970.
pub(crate) fn time(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}

/// Reads records one after another from a part of a file.
pub(crate) struct Reader {
    file: BufReader<File>,
    /// Where the next record begins.
    pub offset: u64,
    end: u64,
}

/// What stands at a reader's place.
pub(crate) enum Found {
    Record(Record),
    /// The part that was to be read is over.
    End,
    /// No whole record: the write was cut off, or something damaged it.
    Damaged,
}

impl Reader {
    /// Reads `file` from `offset`, and never anything at or after `end`.
    pub fn new(file: File, offset: u64, end: u64) -> io::Result<Self> {
        let mut file = BufReader::new(file);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file, offset, end })
    }

    /// The next record. After [`Found::End`] and [`Found::Damaged`] there is none any more.
    pub fn next(&mut self) -> io::Result<Found> {
        let left = self.end.saturating_sub(self.offset);
        if left == 0 {
            return Ok(Found::End);
        }
        match self.read(left) {
            Ok(Some(record)) => {
                self.offset += length_on_disk(&record.bytes);
                Ok(Found::Record(record))
            }
            Ok(None) => Ok(Found::Damaged),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Found::Damaged),
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, left: u64) -> io::Result<Option<Record>> {
        let (length, sum, time_ms) = (self.array::<4>()?, self.array::<4>()?, self.array::<8>()?);
        let payload_length = u32::from_le_bytes(length);
        if HEADER_LENGTH as u64 + u64::from(payload_length) > left {
            return Ok(None);
        }
        // Bounded by the file's own length, so a damaged length never allocates more than there is.
        let mut bytes = vec![0; payload_length as usize];
        self.file.read_exact(&mut bytes)?;
        if checksum(&length, &time_ms, &bytes) != u32::from_le_bytes(sum) {
            return Ok(None);
        }
        Ok(Some(Record { bytes, time: time(u64::from_le_bytes(time_ms)) }))
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        self.file.read_exact(&mut array)?;
        Ok(array)
    }
}
