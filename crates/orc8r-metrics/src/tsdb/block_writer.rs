//! Writing a block: a file that is there whole or not at all.

use std::fs::{File, rename};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{Block, Footer, MAGIC, block_path};
use super::bytes::{put_text, put_varint, split_key};
use super::chunk::Sealed;
use super::log::sync_folder;
use crate::series::Source;

/// A block that is being written, series by series in the order of name, labels and source.
pub(super) struct BlockWriter {
    out: BufWriter<File>,
    position: u64,
    temporary: PathBuf,
    sources: (u64, u64, u32),
    names: Vec<u8>,
    name_count: u64,
    group: Option<Group>,
    series_data: Vec<u8>,
}

/// The series of one metric.
struct Group {
    name: String,
    data_at: u64,
    index: Vec<u8>,
    shape_count: u64,
    shape: Option<ShapeList>,
}

/// The series of one shape.
struct ShapeList {
    labels: Vec<u8>,
    entries: Vec<u8>,
    count: u64,
    last_source: u32,
}

impl BlockWriter {
    /// Begins a block of these sources, which are sorted.
    pub(super) fn create(folder: &Path, number: u64, sources: &[Arc<Source>]) -> io::Result<Self> {
        let temporary = folder.join(format!("{number:012}.tmp"));
        let mut writer = Self {
            out: BufWriter::with_capacity(256 << 10, File::create(&temporary)?),
            position: 0,
            temporary,
            sources: (0, 0, 0),
            names: Vec::new(),
            name_count: 0,
            group: None,
            series_data: Vec::new(),
        };
        writer.write(&MAGIC)?;
        let mut table = Vec::new();
        put_varint(&mut table, sources.len() as u64);
        for source in sources {
            put_text(&mut table, &source.network);
            put_text(&mut table, &source.gateway);
        }
        writer.sources = (writer.position, table.len() as u64, crc32fast::hash(&table));
        writer.write(&table)?;
        Ok(writer)
    }

    /// Adds the chunks of one series.
    pub(super) fn series(&mut self, key: &[u8], source: u32, chunks: &[Sealed]) -> io::Result<()> {
        let mut data = std::mem::take(&mut self.series_data);
        data.clear();
        for chunk in chunks {
            put_varint(&mut data, u64::from(chunk.count));
            put_varint(&mut data, chunk.bytes.len() as u64);
            data.extend_from_slice(&chunk.bytes);
        }
        let added = self.series_bytes(key, source, &data);
        self.series_data = data;
        added
    }

    /// The same with chunks as they stand in a block.
    pub(super) fn series_bytes(&mut self, key: &[u8], source: u32, data: &[u8]) -> io::Result<()> {
        let Some((name, labels)) = split_key(key) else { return Ok(()) };
        if self.group.as_ref().is_none_or(|group| group.name != name) {
            self.end_group()?;
            self.group = Some(Group {
                name: name.to_owned(),
                data_at: self.position,
                index: Vec::new(),
                shape_count: 0,
                shape: None,
            });
        }
        self.write(&crc32fast::hash(data).to_le_bytes())?;
        self.write(data)?;
        if let Some(group) = &mut self.group {
            group.add(labels, source, data.len() as u64 + 4);
        }
        Ok(())
    }

    /// Ends the block, and gives it its name once it is on disk.
    pub(super) fn finish(mut self, number: u64, min_ms: i64, max_ms: i64) -> io::Result<Block> {
        self.end_group()?;
        let mut names = Vec::new();
        put_varint(&mut names, self.name_count);
        names.extend_from_slice(&self.names);
        let names_at = self.position;
        self.write(&names)?;
        let footer = Footer {
            sources: self.sources,
            names: (names_at, names.len() as u64, crc32fast::hash(&names)),
            min_ms,
            max_ms,
        };
        self.write(&footer.to_bytes())?;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let folder = self.temporary.parent().unwrap_or(Path::new("."));
        let path = block_path(folder, number);
        rename(&self.temporary, &path)?;
        sync_folder(folder)?;
        Ok(Block { path, number, min_ms, max_ms, size: self.position })
    }

    /// Takes back what was written, after a failure.
    pub(super) fn discard(self) {
        let _ = std::fs::remove_file(&self.temporary);
    }

    fn end_group(&mut self) -> io::Result<()> {
        let Some(mut group) = self.group.take() else { return Ok(()) };
        group.end_shape();
        let mut index = Vec::with_capacity(group.index.len() + 8);
        put_varint(&mut index, group.shape_count);
        index.extend_from_slice(&group.index);
        put_text(&mut self.names, &group.name);
        for number in [group.data_at, self.position, index.len() as u64] {
            put_varint(&mut self.names, number);
        }
        self.names.extend_from_slice(&crc32fast::hash(&index).to_le_bytes());
        self.name_count += 1;
        self.write(&index)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

impl Group {
    fn add(&mut self, labels: &[u8], source: u32, data_bytes: u64) {
        if self.shape.as_ref().is_none_or(|shape| shape.labels != labels) {
            self.end_shape();
            let labels = labels.to_vec();
            self.shape = Some(ShapeList { labels, entries: Vec::new(), count: 0, last_source: 0 });
        }
        if let Some(shape) = &mut self.shape {
            put_varint(&mut shape.entries, u64::from(source - shape.last_source));
            put_varint(&mut shape.entries, data_bytes);
            shape.last_source = source;
            shape.count += 1;
        }
    }

    fn end_shape(&mut self) {
        let Some(shape) = self.shape.take() else { return };
        put_varint(&mut self.index, shape.labels.len() as u64);
        self.index.extend_from_slice(&shape.labels);
        put_varint(&mut self.index, shape.count);
        put_varint(&mut self.index, shape.entries.len() as u64);
        self.index.extend_from_slice(&shape.entries);
        self.shape_count += 1;
    }
}
