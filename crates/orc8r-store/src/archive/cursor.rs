//! Reading an archive in the order in which records came, for those who pass them on.

use std::fmt;
use std::str::FromStr;

use super::segment::{self, Facts};
use super::shelf::Shelf;
use super::{Found, NewRecord, Source};
use crate::StoreError;

/// A place between two records, in the order in which they came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArchivePlace {
    pub(super) segment: u64,
    pub(super) record: i64,
}

/// What follows a place.
#[derive(Debug, Default)]
pub struct Following {
    /// The records.
    pub records: Vec<Found>,
    /// The place after them.
    pub place: ArchivePlace,
    /// How many segments between the two places had been given up before they were read: what was in them is lost to
    /// the reader.
    pub lost_segments: u64,
}

impl fmt::Display for ArchivePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.segment, self.record)
    }
}

impl FromStr for ArchivePlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let read = || {
            let (segment, record) = text.trim().split_once('-')?;
            Some(Self { segment: segment.parse().ok()?, record: record.parse().ok()? })
        };
        read().ok_or_else(|| StoreError::invalid(format!("'{}' is no place in an archive", text.trim())))
    }
}

/// The records after `place`, of one segment at a time.
pub(super) fn following(
    shelf: &Shelf,
    mut place: ArchivePlace,
    records_max: usize,
    bytes_max: usize,
) -> Result<Following, StoreError> {
    let segments = shelf.all();
    let mut lost_segments = 0;
    if let Some(oldest) = segments.first()
        && place.segment < oldest.number
    {
        // Numbers begin with 1, and place 0 is before all: what was never there is not lost.
        lost_segments = if place.segment == 0 { 0 } else { oldest.number - place.segment };
        place = ArchivePlace { segment: oldest.number, record: 0 };
    }
    let from = place.segment;
    for facts in segments.iter().filter(|facts| facts.number >= from) {
        if facts.number > place.segment {
            place = ArchivePlace { segment: facts.number, record: 0 };
        }
        if facts.last_id > place.record {
            let records = read(facts, place.record, records_max, bytes_max)?;
            if let Some((last, _)) = records.last() {
                place.record = *last;
                let records = records.into_iter().map(|(_, found)| found).collect();
                return Ok(Following { records, place, lost_segments });
            }
        }
    }
    Ok(Following { records: Vec::new(), place, lost_segments })
}

fn read(
    facts: &Facts,
    after: i64,
    records_max: usize,
    bytes_max: usize,
) -> Result<Vec<(i64, Found)>, StoreError> {
    let connection = match segment::open_to_read(&facts.path) {
        Ok(connection) => connection,
        Err(_) if !facts.path.exists() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let sql = "SELECT r.id, n.name, s.gateway, s.hardware_id, r.time_ms, r.stream, r.event_type, r.event_tag, \
               r.document FROM records r JOIN sources s ON s.id = r.source JOIN networks n ON n.id = r.network \
               WHERE r.id > ?1 ORDER BY r.id";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([after])?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while found.len() < records_max
        && bytes < bytes_max
        && let Some(row) = rows.next()?
    {
        let id: i64 = row.get(0)?;
        let source = Source { network: row.get(1)?, gateway: row.get(2)?, hardware_id: row.get(3)? };
        let record = NewRecord {
            time_ms: row.get(4)?,
            stream: row.get(5)?,
            event_type: row.get(6)?,
            event_tag: row.get(7)?,
            document: row.get(8)?,
        };
        bytes += record.document.len();
        found.push((id, Found { id: format!("{}-{id}", facts.number), source, record }));
    }
    Ok(found)
}
