//! The log: what the head holds, on disk, for the start after a crash.
//!
//! A segment is a file of records, each with its length and a checksum: a source, a shape, or samples. A segment
//! defines the sources and shapes that it uses itself, so that an old one can be deleted. Samples wait in memory
//! until [`Log::write`], which is called every second: this is how much a power cut may cost.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::bytes::{Reader, put_text, put_varint, unzigzag, zigzag};
use crate::series::{Sample, Source};

const SOURCE: u8 = 1;
const SHAPE: u8 = 2;
const SAMPLES: u8 = 3;
/// Longer records are damage.
const RECORD_BYTES_MAX: usize = 64 << 20;

/// What a record says.
#[derive(Debug)]
pub(super) enum Record<'a> {
    Source { number: u32, source: Source },
    Shape { number: u32, key: &'a [u8] },
    Samples { source: u32, samples: Vec<(u32, Sample)> },
}

/// Records that are not written yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// The segment that they go to.
    pub(super) segment: u64,
    bytes: Vec<u8>,
}

impl Pending {
    pub(super) const fn new(segment: u64) -> Self {
        Self { segment, bytes: Vec::new() }
    }

    pub(super) fn source(&mut self, number: u32, source: &Source) {
        self.record(|out| {
            out.push(SOURCE);
            put_varint(out, u64::from(number));
            put_text(out, &source.network);
            put_text(out, &source.gateway);
        });
    }

    pub(super) fn shape(&mut self, number: u32, key: &[u8]) {
        self.record(|out| {
            out.push(SHAPE);
            put_varint(out, u64::from(number));
            out.extend_from_slice(key);
        });
    }

    pub(super) fn samples(&mut self, source: u32, samples: &[(u32, Sample)]) {
        self.record(|out| {
            out.push(SAMPLES);
            put_varint(out, u64::from(source));
            let mut before_ms = 0;
            for (shape, sample) in samples {
                put_varint(out, u64::from(*shape));
                put_varint(out, zigzag(sample.time_ms.wrapping_sub(before_ms)));
                // The bits of small whole numbers are at the front.
                put_varint(out, sample.value.to_bits().swap_bytes());
                before_ms = sample.time_ms;
            }
        });
    }

    fn record(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 8]);
        write(&mut self.bytes);
        let payload = &self.bytes[start + 8..];
        let (length, sum) = (payload.len() as u32, crc32fast::hash(payload));
        self.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.bytes[start + 4..start + 8].copy_from_slice(&sum.to_le_bytes());
    }
}

/// The records of a segment, until it ends or is damaged.
pub(super) fn records(segment: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut reader = Reader(segment);
    std::iter::from_fn(move || {
        let length = reader.u32()? as usize;
        let sum = reader.u32()?;
        let payload = reader.take(length).filter(|payload| payload.len() <= RECORD_BYTES_MAX)?;
        if crc32fast::hash(payload) != sum {
            return None;
        }
        record(payload)
    })
}

fn record(payload: &[u8]) -> Option<Record<'_>> {
    let mut reader = Reader(payload);
    let kind = reader.byte()?;
    let number = u32::try_from(reader.varint()?).ok()?;
    Some(match kind {
        SOURCE => {
            let (network, gateway) = (reader.text()?.to_owned(), reader.text()?.to_owned());
            Record::Source { number, source: Source { network, gateway } }
        }
        SHAPE => Record::Shape { number, key: reader.0 },
        SAMPLES => {
            let (mut samples, mut time_ms) = (Vec::new(), 0_i64);
            while !reader.is_empty() {
                let shape = u32::try_from(reader.varint()?).ok()?;
                time_ms = time_ms.wrapping_add(unzigzag(reader.varint()?));
                let value = f64::from_bits(reader.varint()?.swap_bytes());
                samples.push((shape, Sample { value, time_ms }));
            }
            Record::Samples { source: number, samples }
        }
        _ => return None,
    })
}

#[cfg(any(test, fuzzing))]
pub(super) fn read_anything(bytes: &[u8]) {
    let _ = record(bytes);
    assert!(records(bytes).count() <= bytes.len());
}

/// The files.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    open: Option<(u64, File)>,
}

impl Log {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder, open: None }
    }

    /// The segments that are there, the oldest first.
    pub(super) fn segments(&self) -> io::Result<Vec<u64>> {
        let mut segments = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let number = name
                .to_str()
                .and_then(|name| name.strip_suffix(".log"))
                .and_then(|name| name.parse::<u64>().ok());
            segments.extend(number);
        }
        segments.sort_unstable();
        Ok(segments)
    }

    pub(super) fn read(&self, segment: u64) -> io::Result<Vec<u8>> {
        std::fs::read(self.path(segment))
    }

    /// Writes records and waits for the disk.
    pub(super) fn write(&mut self, pending: &Pending) -> io::Result<()> {
        if pending.bytes.is_empty() {
            return Ok(());
        }
        if self.open.as_ref().is_none_or(|(segment, _)| *segment != pending.segment) {
            let file = OpenOptions::new().create(true).append(true).open(self.path(pending.segment))?;
            sync_folder(&self.folder)?;
            self.open = Some((pending.segment, file));
        }
        let Some((_, file)) = &mut self.open else { return Ok(()) };
        let length = file.metadata()?.len();
        let written = file.write_all(&pending.bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a record would hide all that follow it.
            file.set_len(length)?;
        }
        written
    }

    /// The bytes of all segments.
    pub(super) fn size(&self) -> io::Result<u64> {
        let sizes = self.segments()?.into_iter().map(|segment| std::fs::metadata(self.path(segment)));
        sizes.map(|metadata| Ok(metadata?.len())).sum()
    }

    /// Deletes the segments before this one.
    pub(super) fn delete_before(&mut self, segment: u64) -> io::Result<()> {
        for old in self.segments()?.into_iter().filter(|old| *old < segment) {
            std::fs::remove_file(self.path(old))?;
        }
        Ok(())
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:012}.log"))
    }
}

/// Makes sure that a file's name is on disk, too.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
