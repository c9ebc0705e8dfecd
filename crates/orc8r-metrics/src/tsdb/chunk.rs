//! Samples of one series, compressed: about two bytes for a counter that is read every minute.
//!
//! Each sample begins with a byte that says how its time and its value are written. Times are the change of the
//! distance to the sample before; values are nothing at all when they did not change, a difference when both are
//! whole numbers, and otherwise the bytes that differ. Whole bytes only: the bit-wise codes of Facebook's Gorilla
//! would save a tenth, and be slower to read and harder to be sure of.

use super::bytes::{Reader, put_varint, unzigzag, zigzag};
use crate::series::Sample;

/// The value that says "this series ended": a particular NaN, as Prometheus has it.
pub const STALE: u64 = 0x7ff0_0000_0000_0002;

/// The first sample of a chunk, as long as its time is after 1970 and before 4000.
const FIRST_SAMPLE_BYTES: usize = 14;
/// The C library's allocator hands out 24 bytes, or that and a multiple of these.
const ALLOCATION_STEP: usize = 16;
/// Differences beyond this are not exact in an `f64`.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
/// The codes of a value, beyond "differs by a whole number of 1 to 7 bytes".
const SAME: u8 = 0;
const CHANGED_BYTES: u8 = 8;

/// Samples that are being appended to.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    last_ms: i64,
    last_delta: i64,
    last_value: u64,
    count: u16,
}

impl Default for Chunk {
    fn default() -> Self {
        Self { bytes: Vec::new(), last_ms: i64::MIN, last_delta: 0, last_value: 0, count: 0 }
    }
}

impl Chunk {
    /// More samples than this do not go into one chunk.
    pub(super) const COUNT_MAX: u16 = 480;

    pub(super) fn push(&mut self, sample: Sample) {
        let bits = sample.value.to_bits();
        if self.count == 0 {
            self.make_room(FIRST_SAMPLE_BYTES);
            put_varint(&mut self.bytes, zigzag(sample.time_ms));
            self.bytes.extend_from_slice(&bits.to_le_bytes());
            self.last_delta = 0;
        } else {
            let delta = sample.time_ms.wrapping_sub(self.last_ms);
            self.push_next(delta.wrapping_sub(self.last_delta), bits);
            self.last_delta = delta;
        }
        self.last_ms = sample.time_ms;
        self.last_value = bits;
        self.count += 1;
    }

    fn push_next(&mut self, change: i64, bits: u64) {
        let time = zigzag(change).to_le_bytes();
        let time = &time[..significant(&time)];
        let value = Value::between(self.last_value, bits);
        self.make_room(1 + time.len() + value.length());
        self.bytes.push((time.len() as u8) << 4 | value.code());
        self.bytes.extend_from_slice(time);
        match value {
            Value::Same => {}
            Value::Difference(bytes, count) => self.bytes.extend_from_slice(&bytes[..count]),
            Value::Changed(bytes, from, to) => {
                self.bytes.push((from << 4 | to) as u8);
                self.bytes.extend_from_slice(&bytes[from..to]);
            }
        }
    }

    /// Not twice as much each time, and no more than is needed at first: the chunks of all series are most of what the
    /// store needs. Beyond that, as much as the allocator hands out anyway.
    fn make_room(&mut self, bytes: usize) {
        let length = self.bytes.len();
        if self.bytes.capacity() - length < bytes {
            let least = (length + bytes).max(length + length / 4);
            let whole = least.saturating_sub(8).next_multiple_of(ALLOCATION_STEP) + 8;
            self.bytes.reserve_exact(whole - length);
        }
    }

    /// Ends this chunk and begins an empty one, which remembers when the last sample was.
    pub(super) fn cut(&mut self) -> Sealed {
        let empty = Self { last_ms: self.last_ms, ..Self::default() };
        std::mem::replace(self, empty).seal()
    }

    pub(super) fn seal(self) -> Sealed {
        Sealed { bytes: self.bytes.into_boxed_slice(), count: self.count }
    }

    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    /// When the newest sample was, also of the chunks before this one.
    pub(super) const fn last_ms(&self) -> i64 {
        self.last_ms
    }

    pub(super) const fn last_value(&self) -> f64 {
        f64::from_bits(self.last_value)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes in memory, used or not.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// Samples that do not change any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) bytes: Box<[u8]>,
    pub(super) count: u16,
}

enum Value {
    Same,
    Difference([u8; 8], usize),
    Changed([u8; 8], usize, usize),
}

impl Value {
    fn between(before: u64, now: u64) -> Self {
        if before == now {
            return Self::Same;
        }
        if let Some(difference) = whole_difference(f64::from_bits(before), f64::from_bits(now)) {
            let bytes = zigzag(difference).to_le_bytes();
            let count = significant(&bytes);
            if (1..CHANGED_BYTES as usize).contains(&count) {
                return Self::Difference(bytes, count);
            }
        }
        let bytes = (before ^ now).to_le_bytes();
        let from = bytes.iter().take_while(|byte| **byte == 0).count();
        Self::Changed(bytes, from, significant(&bytes))
    }

    /// Its bytes, beside the code.
    const fn length(&self) -> usize {
        match self {
            Self::Same => 0,
            Self::Difference(_, count) => *count,
            Self::Changed(_, from, to) => 1 + *to - *from,
        }
    }

    const fn code(&self) -> u8 {
        match self {
            Self::Same => SAME,
            Self::Difference(_, count) => *count as u8,
            Self::Changed(..) => CHANGED_BYTES,
        }
    }
}

/// The bytes up to the last that is not zero.
fn significant(bytes: &[u8; 8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1)
}

/// The difference of two whole numbers, if adding it to the first gives the second to the bit.
fn whole_difference(before: f64, now: f64) -> Option<i64> {
    let is_whole = |value: f64| value.abs() < WHOLE_MAX && value.fract() == 0.0;
    if !is_whole(before) || !is_whole(now) {
        return None;
    }
    let difference = now - before;
    let is_exact = difference.abs() < WHOLE_MAX && (before + difference).to_bits() == now.to_bits();
    is_exact.then_some(difference as i64)
}

/// Reads a chunk's samples; ends early when its bytes are damaged.
#[derive(Debug)]
pub struct ChunkReader<'a> {
    reader: Reader<'a>,
    remaining: u16,
    is_first: bool,
    time_ms: i64,
    delta: i64,
    value: u64,
}

impl<'a> ChunkReader<'a> {
    /// Reads so many samples from bytes.
    pub fn new(bytes: &'a [u8], count: u16) -> Self {
        Self { reader: Reader(bytes), remaining: count, is_first: true, time_ms: 0, delta: 0, value: 0 }
    }

    fn first(&mut self) -> Option<()> {
        self.time_ms = unzigzag(self.reader.varint()?);
        self.value = self.reader.u64()?;
        Some(())
    }

    fn following(&mut self) -> Option<()> {
        let header = self.reader.byte()?;
        let change = self.number(usize::from(header >> 4))?;
        self.delta = self.delta.wrapping_add(unzigzag(change));
        self.time_ms = self.time_ms.wrapping_add(self.delta);
        match header & 0x0f {
            SAME => {}
            CHANGED_BYTES => self.value ^= self.changed_bytes()?,
            count @ 1..CHANGED_BYTES => {
                let difference = unzigzag(self.number(usize::from(count))?);
                self.value = (f64::from_bits(self.value) + difference as f64).to_bits();
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self, count: usize) -> Option<u64> {
        let mut bytes = [0; 8];
        bytes.get_mut(..count)?.copy_from_slice(self.reader.take(count)?);
        Some(u64::from_le_bytes(bytes))
    }

    fn changed_bytes(&mut self) -> Option<u64> {
        let range = self.reader.byte()?;
        let (from, to) = (usize::from(range >> 4), usize::from(range & 0x0f));
        let mut bytes = [0; 8];
        let changed = bytes.get_mut(from..to)?;
        changed.copy_from_slice(self.reader.take(to - from)?);
        Some(u64::from_le_bytes(bytes))
    }
}

impl Iterator for ChunkReader<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        self.remaining = self.remaining.checked_sub(1)?;
        let read = if std::mem::take(&mut self.is_first) { self.first() } else { self.following() };
        if read.is_none() {
            self.remaining = 0;
        }
        read.map(|()| Sample { time_ms: self.time_ms, value: f64::from_bits(self.value) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(samples: &[(i64, f64)]) -> Chunk {
        let mut chunk = Chunk::default();
        samples.iter().for_each(|&(time_ms, value)| chunk.push(Sample { value, time_ms }));
        chunk
    }

    fn check(name: &str, samples: &[(i64, f64)]) {
        let chunk = packed(samples);
        let read: Vec<_> = ChunkReader::new(chunk.bytes(), chunk.count())
            .map(|sample| (sample.time_ms, sample.value.to_bits()))
            .collect();
        let want: Vec<_> = samples.iter().map(|&(time, value)| (time, value.to_bits())).collect();
        assert_eq!(read, want, "{name}");
    }

    #[test]
    fn what_goes_in_comes_out_to_the_bit() {
        check("nothing", &[]);
        check("one", &[(1_700_000_000_000, 1.5)]);
        check("a counter", &[(0, 0.0), (60_000, 5.0), (120_003, 5.0), (179_999, 1e9), (240_000, 0.0)]);
        check("zeroes of both signs", &[(0, 0.0), (1, -0.0), (2, 0.0), (3, 1.0), (4, -0.0)]);
        let odd =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::from_bits(STALE), f64::MIN_POSITIVE, 1e308];
        check("odd numbers", &odd.map(|value| (1, value)));
        check("times that jump", &[(i64::MIN, 1.0), (i64::MAX, 2.0), (0, 3.0), (-5, 4.0)]);
        check("large whole numbers", &[(0, 9.007e15), (1, -9.007e15), (2, 9.1e15), (3, 9.2e15)]);
        let noise = |i: i64| ((i * 2_654_435_761) % 1_000_003) as f64 / 7.0;
        check("noise", &(0..400).map(|i| (i * 60_000 + i % 7, noise(i))).collect::<Vec<_>>());
    }

    #[test]
    fn a_steady_counter_takes_two_bytes_a_sample() {
        let chunk = packed(&(0..100).map(|i| (i * 60_000, (i * 30) as f64)).collect::<Vec<_>>());
        assert!(chunk.bytes().len() < 220, "{}", chunk.bytes().len());
        let still = packed(&(0..100).map(|i| (i * 60_000, 1.0)).collect::<Vec<_>>());
        assert!(still.bytes().len() < 120, "{}", still.bytes().len());
    }

    #[test]
    fn cut_bytes_end_early() {
        let chunk = packed(&[(0, 1.5), (60_000, 2.7), (120_000, 3.9)]);
        for end in 0..chunk.bytes().len() {
            assert!(ChunkReader::new(&chunk.bytes()[..end], 3).count() < 3, "{end}");
        }
    }
}
