//! Blocks: files of samples that never change.
//!
//! ```text
//! magic · sources · (data · index) of each metric name · names · footer
//! ```
//! The data of a metric are the chunks of its series, each series with a checksum, by shape and then by source. Its
//! index says, for each shape, which sources have it and how long their data are. Every table has a checksum; the
//! footer, which is written last, says where the tables are. Nothing of a block stays in memory beside its times.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::bytes::Reader;
use super::chunk::Sealed;
use crate::series::Source;

pub(super) const MAGIC: [u8; 8] = *b"orc8rTS1";
const FOOTER_BYTES: usize = 68;
/// A table that claims to be longer is damage.
const TABLE_BYTES_MAX: u64 = 1 << 30;

/// Where a table is: position, length, checksum.
pub(super) type Table = (u64, u64, u32);

/// A block's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) path: PathBuf,
    /// Blocks are numbered as they are made.
    pub(super) number: u64,
    pub(super) min_ms: i64,
    pub(super) max_ms: i64,
    pub(super) size: u64,
}

/// What the end of the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) sources: Table,
    pub(super) names: Table,
    pub(super) min_ms: i64,
    pub(super) max_ms: i64,
}

/// One metric of a block.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) data_at: u64,
    pub(super) index: Table,
}

/// A shape of a metric, and who has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShapeEntry<'a> {
    /// The labels, as a key has them after the name.
    pub(super) labels: &'a [u8],
    pub(super) count: u64,
    entries: &'a [u8],
}

/// A block that is being read.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) file: File,
    size: u64,
    pub(super) sources: Vec<Source>,
    pub(super) names: Vec<Name>,
}

pub(super) fn block_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}.block"))
}

impl Footer {
    pub(super) fn to_bytes(self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        bytes[0..8].copy_from_slice(&self.sources.0.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.sources.1.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.sources.2.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.names.0.to_le_bytes());
        bytes[28..36].copy_from_slice(&self.names.1.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.names.2.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.min_ms.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.max_ms.to_le_bytes());
        let sum = crc32fast::hash(&bytes[..56]);
        bytes[56..60].copy_from_slice(&sum.to_le_bytes());
        bytes[60..68].copy_from_slice(&MAGIC);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; FOOTER_BYTES]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let sources = (reader.u64()?, reader.u64()?, reader.u32()?);
        let names = (reader.u64()?, reader.u64()?, reader.u32()?);
        let (min_ms, max_ms) = (reader.u64()? as i64, reader.u64()? as i64);
        let is_whole =
            reader.u32()? == crc32fast::hash(&bytes[..56]) && reader.0 == MAGIC && min_ms <= max_ms;
        is_whole.then_some(Self { sources, names, min_ms, max_ms })
    }
}

impl Block {
    /// Finds out what a file holds.
    ///
    /// # Errors
    /// When it cannot be read, or is no block.
    pub(super) fn at(path: PathBuf, number: u64) -> io::Result<Self> {
        let file = File::open(&path)?;
        let (footer, size) = footer(&file)?;
        let Footer { min_ms, max_ms, .. } = footer;
        Ok(Self { path, number, min_ms, max_ms, size })
    }

    /// Reads the tables that every query needs.
    pub(super) fn open(&self) -> io::Result<OpenBlock> {
        OpenBlock::from_file(File::open(&self.path)?)
    }

    /// Whether the block may have samples from `min_ms` to `max_ms`.
    pub(super) const fn overlaps(&self, min_ms: i64, max_ms: i64) -> bool {
        self.min_ms <= max_ms && min_ms <= self.max_ms
    }
}

impl OpenBlock {
    pub(super) fn from_file(file: File) -> io::Result<Self> {
        let (footer, size) = footer(&file)?;
        let sources = table(&file, size, footer.sources)?;
        let names = table(&file, size, footer.names)?;
        let sources = parse_sources(&sources).ok_or_else(damaged)?;
        let names = parse_names(&names).ok_or_else(damaged)?;
        Ok(Self { file, size, sources, names })
    }

    /// The index of a metric.
    pub(super) fn index(&self, name: &Name) -> io::Result<Vec<u8>> {
        table(&self.file, self.size, name.index)
    }

    /// The chunks of a series, whose data, with their checksum, are at a place.
    pub(super) fn chunks(&self, at: u64, length: u64) -> io::Result<Vec<Sealed>> {
        if length > TABLE_BYTES_MAX || at.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(damaged());
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, at)?;
        let data = checked(&bytes).ok_or_else(damaged)?;
        parse_chunks(data).ok_or_else(damaged)
    }
}

/// Data without their checksum, if it is right.
pub(super) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    let sum = reader.u32()?;
    (crc32fast::hash(reader.0) == sum).then_some(reader.0)
}

fn parse_chunks(data: &[u8]) -> Option<Vec<Sealed>> {
    let (mut reader, mut chunks) = (Reader(data), Vec::new());
    while !reader.is_empty() {
        let count = u16::try_from(reader.varint()?).ok()?;
        let length = reader.length()?;
        chunks.push(Sealed { bytes: reader.take(length)?.into(), count });
    }
    Some(chunks)
}

/// The shapes of a metric's index; `None` where it is damaged.
pub(super) fn shapes(index: &[u8]) -> impl Iterator<Item = Option<ShapeEntry<'_>>> {
    let mut reader = Reader(index);
    let mut remaining = reader.varint().unwrap_or_default();
    std::iter::from_fn(move || {
        remaining = remaining.checked_sub(1)?;
        let entry = shape(&mut reader);
        if entry.is_none() {
            remaining = 0;
        }
        Some(entry)
    })
}

fn shape<'a>(reader: &mut Reader<'a>) -> Option<ShapeEntry<'a>> {
    let length = reader.length()?;
    let labels = reader.take(length)?;
    let count = reader.varint()?;
    let length = reader.length()?;
    Some(ShapeEntry { labels, count, entries: reader.take(length)? })
}

impl ShapeEntry<'_> {
    /// The sources that have it, and how long their data are.
    pub(super) fn series(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut reader = Reader(self.entries);
        let (mut source, mut remaining) = (0_u32, self.count);
        std::iter::from_fn(move || {
            remaining = remaining.checked_sub(1)?;
            source = source.checked_add(u32::try_from(reader.varint()?).ok()?)?;
            Some((source, reader.varint()?))
        })
    }
}

fn parse_sources(bytes: &[u8]) -> Option<Vec<Source>> {
    let mut reader = Reader(bytes);
    let count = reader.length()?;
    let mut sources = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        let (network, gateway) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        sources.push(Source { network, gateway });
    }
    Some(sources)
}

fn parse_names(bytes: &[u8]) -> Option<Vec<Name>> {
    let mut reader = Reader(bytes);
    let count = reader.length()?;
    let mut names = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        let name = reader.text()?.to_owned();
        let data_at = reader.varint()?;
        let index = (reader.varint()?, reader.varint()?, reader.u32()?);
        names.push(Name { name, data_at, index });
    }
    Some(names)
}

fn footer(file: &File) -> io::Result<(Footer, u64)> {
    let size = file.metadata()?.len();
    let at = size.checked_sub(FOOTER_BYTES as u64).ok_or_else(damaged)?;
    let mut bytes = [0; FOOTER_BYTES];
    file.read_exact_at(&mut bytes, at)?;
    Ok((Footer::from_bytes(&bytes).ok_or_else(damaged)?, size))
}

fn table(file: &File, size: u64, (at, length, sum): Table) -> io::Result<Vec<u8>> {
    if length > TABLE_BYTES_MAX || at.checked_add(length).is_none_or(|end| end > size) {
        return Err(damaged());
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, at)?;
    if crc32fast::hash(&bytes) == sum { Ok(bytes) } else { Err(damaged()) }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the block of metrics is damaged")
}

#[cfg(any(test, fuzzing))]
pub(super) fn read_anything(bytes: &[u8]) {
    let _ = (parse_sources(bytes), parse_names(bytes), parse_chunks(bytes));
    let series = shapes(bytes).flatten().map(|shape| shape.series().count()).sum::<usize>();
    assert!(series <= bytes.len());
}
