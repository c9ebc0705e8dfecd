//! One file of the queue: records one after another, written at its end only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::record::{Found, Reader, milliseconds};

const EXTENSION: &str = "segment";

/// What is known of a segment; its records stay on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    /// Its place among the segments, and its file's name.
    pub number: u64,
    /// Octets of whole records. The file may be longer when a torn tail could not be cut.
    pub length: u64,
    /// How many records are not consumed yet.
    pub unread: u64,
    /// The time stamp of the newest record, milliseconds since 1970.
    pub newest_stamp_ms: u64,
    /// When the oldest record of this run was appended, on the line of the running time.
    pub began_ms: i64,
    /// When the newest record was appended, on the same line; unknown for an earlier run's until the clock is
    /// believed.
    pub newest_ms: Option<i64>,
}

/// The path of a segment's file.
pub(crate) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}.{EXTENSION}"))
}

/// The numbers of all segments in the folder, in order; none when it cannot be read. Other files are not ours.
pub(crate) fn list(folder: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut numbers: Vec<u64> = entries.flatten().filter_map(|entry| number_of(&entry.path())).collect();
    numbers.sort_unstable();
    numbers
}

fn number_of(path: &Path) -> Option<u64> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let stem = path.file_stem()?.to_str()?;
    (stem.len() == 16).then(|| u64::from_str_radix(stem, 16).ok()).flatten()
}

/// What a segment's file holds.
pub(crate) struct Scan {
    /// The segment up to its last whole record.
    pub segment: Segment,
    /// Where the first record at or after the place that was consumed begins: there, unless that is no border between
    /// records.
    pub border: u64,
    /// Whether something stands after the last whole record.
    pub has_rest: bool,
}

/// Reads a whole segment, of which everything before `consumed` is done with.
pub(crate) fn scan(folder: &Path, number: u64, consumed: u64) -> io::Result<Scan> {
    let file = File::open(path(folder, number))?;
    let end = file.metadata()?.len();
    let mut reader = Reader::new(file, 0, end)?;
    let mut segment = Segment { number, ..Segment::default() };
    let mut border = 0;
    while let Found::Record(record) = reader.next()? {
        if reader.offset <= consumed {
            border = reader.offset;
        } else {
            segment.unread += 1;
        }
        segment.length = reader.offset;
        segment.newest_stamp_ms = segment.newest_stamp_ms.max(milliseconds(record.time));
    }
    let has_rest = segment.length < end;
    Ok(Scan { segment, border, has_rest })
}

/// Cuts the file after its last whole record and opens it to go on writing there.
pub(crate) fn reopen(folder: &Path, segment: &Segment) -> io::Result<File> {
    let file = OpenOptions::new().write(true).open(path(folder, segment.number))?;
    if file.metadata()?.len() > segment.length {
        file.set_len(segment.length)?;
        file.sync_data()?;
    }
    Ok(file)
}

/// Creates a segment's file, without waiting for the disk.
pub(crate) fn create(folder: &Path, number: u64) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path(folder, number))
}

/// Writes at `offset` and waits until the disk has it. When that fails, whatever got into the file is cut off again;
/// the second value of the error says whether that worked.
pub(crate) fn write(file: &File, offset: u64, bytes: &[u8]) -> Result<(), (io::Error, Cut)> {
    let written = file.write_all_at(bytes, offset).and_then(|()| file.sync_data());
    written.map_err(|error| {
        let cut = if file.set_len(offset).is_ok() { Cut::Clean } else { Cut::Torn };
        (error, cut)
    })
}

/// How a segment's file ends after a write that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// With the last whole record.
    Clean,
    /// Perhaps with a part of a record: nothing may be written after it.
    Torn,
}

/// Removes a segment's file.
pub(crate) fn remove(folder: &Path, number: u64) -> io::Result<()> {
    match fs::remove_file(path(folder, number)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a new file's name in the folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
