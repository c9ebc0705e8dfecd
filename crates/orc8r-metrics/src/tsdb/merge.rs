//! Many blocks into one: fewer files to ask, and each shape and source named once.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::block::{Block, OpenBlock, checked, shapes};
use super::block_writer::BlockWriter;
use super::bytes::put_text;
use crate::series::Source;

/// Writes the samples of some blocks into one with a number of its own.
///
/// # Errors
/// When a block cannot be read, or the new one cannot be written; nothing is left behind then.
pub(super) fn merge(folder: &Path, number: u64, blocks: &[Arc<Block>]) -> io::Result<Block> {
    let mut inputs = blocks.iter().map(|block| Input::open(block)).collect::<io::Result<Vec<_>>>()?;
    let mut sources: Vec<Arc<Source>> =
        inputs.iter().flat_map(|input| &input.block.sources).map(|source| Arc::new(source.clone())).collect();
    sources.sort_unstable();
    sources.dedup();
    for input in &mut inputs {
        input.renumber(&sources);
    }
    let mut writer = BlockWriter::create(folder, number, &sources)?;
    if let Err(error) = copy(&mut inputs, &mut writer) {
        writer.discard();
        return Err(error);
    }
    let min_ms = blocks.iter().map(|block| block.min_ms).min().unwrap_or_default();
    let max_ms = blocks.iter().map(|block| block.max_ms).max().unwrap_or_default();
    writer.finish(number, min_ms, max_ms)
}

fn copy(inputs: &mut [Input], writer: &mut BlockWriter) -> io::Result<()> {
    let mut data = Vec::new();
    let mut key = Vec::new();
    while let Some(name) = inputs.iter().filter_map(Input::name).min().map(str::to_owned) {
        let mut metric: Vec<Metric> = Vec::new();
        for input in inputs.iter_mut().filter(|input| input.name() == Some(&name)) {
            metric.push(input.take_metric()?);
        }
        while let Some((labels, source)) = metric.iter().filter_map(Metric::next).min() {
            let labels = labels.to_vec();
            data.clear();
            for series in &mut metric {
                if series.next() == Some((&labels, source)) {
                    series.take(&mut data)?;
                }
            }
            key.clear();
            put_text(&mut key, &name);
            key.extend_from_slice(&labels);
            writer.series_bytes(&key, source, &data)?;
        }
    }
    Ok(())
}

/// A block, and how far it was read.
struct Input {
    block: OpenBlock,
    at: usize,
    /// The new numbers of its sources.
    numbers: Vec<u32>,
}

impl Input {
    fn open(block: &Block) -> io::Result<Self> {
        Ok(Self { block: block.open()?, at: 0, numbers: Vec::new() })
    }

    fn renumber(&mut self, sources: &[Arc<Source>]) {
        let number = |source: &Source| sources.partition_point(|known| **known < *source) as u32;
        self.numbers = self.block.sources.iter().map(number).collect();
    }

    fn name(&self) -> Option<&str> {
        self.block.names.get(self.at).map(|name| name.name.as_str())
    }

    fn take_metric(&mut self) -> io::Result<Metric> {
        let name = &self.block.names[self.at];
        self.at += 1;
        let index = self.block.index(name)?;
        let mut series = Vec::new();
        let mut labels: Vec<Arc<[u8]>> = Vec::new();
        for shape in shapes(&index) {
            let shape = shape.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
            labels.push(shape.labels.into());
            for (source, length) in shape.series() {
                let number = self.numbers.get(source as usize).copied();
                let number = number.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
                series.push(((labels.len() - 1) as u32, number, length));
            }
        }
        let mut file = self.block.file.try_clone()?;
        file.seek(SeekFrom::Start(name.data_at))?;
        Ok(Metric { labels, series, at: 0, data: BufReader::new(file) })
    }
}

/// The series of a metric in one block, in order.
struct Metric {
    labels: Vec<Arc<[u8]>>,
    /// Place of the labels, source, length of the data.
    series: Vec<(u32, u32, u64)>,
    at: usize,
    data: BufReader<File>,
}

impl Metric {
    fn next(&self) -> Option<(&[u8], u32)> {
        let (labels, source, _) = self.series.get(self.at)?;
        Some((&self.labels[*labels as usize], *source))
    }

    /// Appends the next series' chunks.
    fn take(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Some((_, _, length)) = self.series.get(self.at) else { return Ok(()) };
        self.at += 1;
        let mut bytes = Vec::new();
        (&mut self.data).take(*length).read_to_end(&mut bytes)?;
        let data = checked(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        out.extend_from_slice(data);
        Ok(())
    }
}
