//! Looking for records: an index leads to those of the network or gateway and of the time, the rest is read.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::filter::{ArchiveFilter, DocumentMatch, Order, Page};
use super::segment::{self, Facts};
use super::shelf::Shelf;
use super::{Found, NewRecord, Source};
use crate::StoreError;

/// How long a search may take: whoever asked does not wait much longer.
const TIME_MAX: Duration = Duration::from_secs(20);
/// After how many records the clock is looked at.
const RECORDS_PER_LOOK: u64 = 512;

const COLUMNS: &str =
    "r.id, s.gateway, s.hardware_id, r.time_ms, r.stream, r.event_type, r.event_tag, r.document";

/// One search.
pub(super) struct Search<'a> {
    segments: Vec<Facts>,
    filter: &'a ArchiveFilter,
    matching: Option<DocumentMatch>,
    until: Instant,
    seen: u64,
}

/// The rows of one segment that one index leads to.
struct Scan {
    condition: &'static str,
    value: i64,
}

impl<'a> Search<'a> {
    pub(super) fn new(shelf: &Shelf, filter: &'a ArchiveFilter, matching: Option<DocumentMatch>) -> Self {
        let in_time = |facts: &Facts| {
            facts.times.is_some_and(|(first, last)| {
                filter.from_ms.is_none_or(|from| last >= from)
                    && filter.until_ms.is_none_or(|until| first <= until)
            })
        };
        let segments = shelf.all().into_iter().filter(in_time).collect();
        Self { segments, filter, matching, until: Instant::now() + TIME_MAX, seen: 0 }
    }

    /// How many there are.
    pub(super) fn count(mut self) -> Result<u64, StoreError> {
        let mut count = 0;
        for facts in std::mem::take(&mut self.segments) {
            let Some(connection) = open(&facts)? else { continue };
            for scan in self.scans(&connection)? {
                count += self.count_in(&connection, &scan)?;
            }
        }
        Ok(count)
    }

    /// One page, in this order.
    pub(super) fn page(mut self, order: Order, page: Page) -> Result<Vec<Found>, StoreError> {
        let wanted = page.skip + page.limit;
        let mut segments = std::mem::take(&mut self.segments);
        // The segment that may have the first one comes first, so that most others need not be looked at.
        segments.sort_by_key(|facts| match (order, facts.times) {
            (Order::NewestFirst, Some((_, last))) => (Reverse(last), 0),
            (Order::OldestFirst, Some((first, _))) => (Reverse(0), first),
            (_, None) => (Reverse(i64::MIN), i64::MAX),
        });
        let mut found: Vec<(Rank, Found)> = Vec::new();
        for facts in segments {
            let Some((first, last)) = facts.times else { continue };
            let nearest = if order == Order::NewestFirst { last.saturating_neg() } else { first };
            if found.len() >= wanted && found.last().is_none_or(|(worst, _)| nearest > worst.time) {
                break;
            }
            let Some(connection) = open(&facts)? else { continue };
            for scan in self.scans(&connection)? {
                self.first_of(&connection, &facts, &scan, order, wanted, &mut found)?;
            }
            found.sort_by_key(|(rank, _)| *rank);
            found.truncate(wanted);
        }
        Ok(found.into_iter().skip(page.skip).map(|(_, record)| record).collect())
    }

    /// Where to look in one segment: nowhere when it has nothing of the network, or of these gateways.
    fn scans(&self, connection: &Connection) -> Result<Vec<Scan>, StoreError> {
        let sql = "SELECT id FROM networks WHERE name = ?1";
        let network: Option<i64> =
            connection.query_row(sql, [&self.filter.network], |row| row.get(0)).optional()?;
        let Some(network) = network else { return Ok(Vec::new()) };
        let Some((conditions, values)) = self.filter.source_conditions()? else {
            return Ok(vec![Scan { condition: "r.network = ?", value: network }]);
        };
        let sql = format!("SELECT id FROM sources WHERE network = ?{conditions}");
        let values = std::iter::once(Value::Integer(network)).chain(values);
        let mut statement = connection.prepare(&sql)?;
        let sources = statement.query_map(params_from_iter(values), |row| row.get(0))?;
        sources.map(|value| Ok(Scan { condition: "r.source = ?", value: value? })).collect()
    }

    fn count_in(&mut self, connection: &Connection, scan: &Scan) -> Result<u64, StoreError> {
        let (conditions, values) = self.filter.conditions()?;
        let what = if self.matching.is_some() { "r.document" } else { "1" };
        let sql = format!("SELECT {what} FROM records r WHERE {}{conditions}", scan.condition);
        let mut statement = connection.prepare(&sql)?;
        let mut rows =
            statement.query(params_from_iter(std::iter::once(Value::Integer(scan.value)).chain(values)))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            self.look_at_the_clock()?;
            let fits = match &self.matching {
                Some(matching) => matching(row.get_ref(0)?.as_str().unwrap_or_default()),
                None => true,
            };
            count += u64::from(fits);
        }
        Ok(count)
    }

    fn first_of(
        &mut self,
        connection: &Connection,
        facts: &Facts,
        scan: &Scan,
        order: Order,
        wanted: usize,
        found: &mut Vec<(Rank, Found)>,
    ) -> Result<(), StoreError> {
        let (conditions, values) = self.filter.conditions()?;
        let direction = if order == Order::NewestFirst { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT {COLUMNS} FROM records r JOIN sources s ON s.id = r.source WHERE {}{conditions} \
             ORDER BY r.time_ms {direction}, r.id {direction}",
            scan.condition
        );
        let mut statement = connection.prepare(&sql)?;
        let mut rows =
            statement.query(params_from_iter(std::iter::once(Value::Integer(scan.value)).chain(values)))?;
        let mut taken = 0;
        while taken < wanted
            && let Some(row) = rows.next()?
        {
            self.look_at_the_clock()?;
            let fits = match &self.matching {
                Some(matching) => matching(row.get_ref(7)?.as_str().unwrap_or_default()),
                None => true,
            };
            if fits {
                let (id, record) = read(row, &self.filter.network, facts.number)?;
                found.push((Rank::of(order, record.record.time_ms, facts.number, id), record));
                taken += 1;
            }
        }
        Ok(())
    }

    fn look_at_the_clock(&mut self) -> Result<(), StoreError> {
        self.seen += 1;
        if self.seen.is_multiple_of(RECORDS_PER_LOOK) && Instant::now() > self.until {
            let (seen, seconds) = (self.seen, TIME_MAX.as_secs());
            return Err(StoreError::invalid(format!(
                "the search was not done after {seen} records and {seconds} s: name a gateway, or narrow start and end"
            )));
        }
        Ok(())
    }
}

/// The place of a record among those that are found; the first is the smallest, so later times are negative with the
/// newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    time: i64,
    segment: i64,
    id: i64,
}

impl Rank {
    fn of(order: Order, time_ms: i64, segment: u64, id: i64) -> Self {
        let segment = i64::try_from(segment).unwrap_or(i64::MAX);
        match order {
            Order::OldestFirst => Self { time: time_ms, segment, id },
            Order::NewestFirst => {
                Self { time: time_ms.saturating_neg(), segment: -segment, id: id.saturating_neg() }
            }
        }
    }
}

/// None for a segment that was given up meanwhile.
fn open(facts: &Facts) -> Result<Option<Connection>, StoreError> {
    match segment::open_to_read(&facts.path) {
        Ok(connection) => Ok(Some(connection)),
        Err(_) if !facts.path.exists() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A row of [`COLUMNS`].
fn read(row: &Row<'_>, network: &str, segment: u64) -> Result<(i64, Found), StoreError> {
    let id = row.get(0)?;
    let source = Source { network: network.to_owned(), gateway: row.get(1)?, hardware_id: row.get(2)? };
    let record = NewRecord {
        time_ms: row.get(3)?,
        stream: row.get(4)?,
        event_type: row.get(5)?,
        event_tag: row.get(6)?,
        document: row.get(7)?,
    };
    Ok((id, Found { id: format!("{segment}-{id}"), source, record }))
}
