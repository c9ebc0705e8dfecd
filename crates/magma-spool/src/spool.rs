//! The queue itself: which segments there are, where reading goes on, and what is dropped when.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::clock::{Moment, Steadiness, place};
use crate::ledger::{Entry, Ledger};
use crate::record::{self, Found, Reader, Record};
use crate::segment::{self, Cut, Segment};
use crate::tail::{MEMORY_BYTES_MAX, Tail};

/// Segments in a queue that is full: what is dropped at once is this part of the bound.
const SEGMENTS: u64 = 16;

/// How much a queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Octets on disk, with 16 octets for each record. Beyond, the oldest segment is dropped.
    pub bytes: u64,
    /// What is older is dropped, a segment at a time: up to a sixteenth later than this.
    pub age: Duration,
}

/// A bounded queue in a folder of its own.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    bounds: Bounds,
    opened: Instant,
    steadiness: Steadiness,
    /// Oldest first. Only the last one may be `active`.
    segments: VecDeque<Segment>,
    /// Where the oldest record begins in the first segment.
    offset: u64,
    /// The last segment's file when it is written to; without it the next append makes a new segment.
    active: Option<File>,
    next_number: u64,
    tail: Tail,
    ledger: Ledger,
    dropped: u64,
    /// Records that were committed or dropped at the front since the queue was opened.
    left: u64,
    trouble_was_told: bool,
}

impl Spool {
    /// Opens the queue in `folder`, or makes an empty one there. A record that was being written when the process or
    /// the power ended is cut off. Reads the whole queue once.
    ///
    /// # Errors
    /// Bounds that hold nothing. A disk that cannot be written to is no error here: the queue then works in memory.
    pub fn open(folder: &Path, bounds: Bounds) -> io::Result<Self> {
        if bounds.bytes == 0 || bounds.age.is_zero() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "the bounds of the queue hold nothing"));
        }
        // What is wrong with the folder is told at the first append.
        let _ = make(folder);
        let (ledger, entry) = Ledger::open(folder);
        let mut spool = Self {
            folder: folder.to_owned(),
            bounds,
            opened: Instant::now(),
            steadiness: Steadiness::default(),
            segments: VecDeque::new(),
            offset: 0,
            active: None,
            next_number: entry.segment + 1,
            tail: Tail::default(),
            ledger,
            dropped: entry.dropped,
            left: 0,
            trouble_was_told: false,
        };
        spool.find_segments(entry);
        Ok(spool)
    }

    /// Appends a record, after making room for it, and waits until the disk has it.
    ///
    /// # Errors
    /// The disk is full, or the record alone is larger than the bound: this record is lost and counted as dropped;
    /// what is in the queue stays.
    pub fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.append_all(&[record])
    }

    /// Appends several records and waits for the disk once.
    ///
    /// # Errors
    /// As those of [`append`](Self::append); then all of these records are lost and counted.
    pub fn append_all(&mut self, records: &[&[u8]]) -> io::Result<()> {
        self.append_all_at(records, Moment::now(self.opened))
    }

    /// The oldest record; it stays in the queue until [`commit`](Self::commit).
    ///
    /// # Errors
    /// The disk's, when it cannot be read at present. A damaged record is none: it is dropped, with the rest of its
    /// segment, and counted.
    pub fn peek(&mut self) -> io::Result<Option<Record>> {
        Ok(self.peek_many(0)?.pop())
    }

    /// The oldest records, in order, as many as have at most `bytes_max` octets together; the first one always.
    ///
    /// # Errors
    /// As those of [`peek`](Self::peek).
    pub fn peek_many(&mut self, bytes_max: usize) -> io::Result<Vec<Record>> {
        let mut taken = Taken { records: Vec::new(), bytes: 0, bytes_max };
        let mut index = 0;
        while index < self.segments.len() {
            let unread = self.segments[index].unread;
            let offset = if index == 0 { self.offset } else { 0 };
            if !self.walk(index, offset, unread, |record| taken.take(record))? {
                return Ok(taken.records);
            }
            index += 1;
        }
        for (_, record) in self.tail.iter() {
            if !taken.take(record.clone()) {
                break;
            }
        }
        Ok(taken.records)
    }

    /// Removes the `count` oldest records: those that the last peek showed and that arrived where they were to go.
    /// When the disk does not take that, they come again after a restart; the log says so once.
    pub fn commit(&mut self, count: usize) {
        let mut left = count as u64;
        if left == 0 {
            return;
        }
        while left > 0 && !self.segments.is_empty() {
            let in_front = left.min(self.segments[0].unread);
            left -= in_front;
            self.left += in_front;
            self.skip_in_front(in_front);
            if self.segments[0].unread > 0 || !self.front_is_done() {
                break;
            }
        }
        while left > 0 && self.tail.pop() {
            left -= 1;
            self.left += 1;
        }
        self.write_position();
    }

    /// The number of the oldest record: how many have left the queue at its front since it was opened.
    pub fn front(&self) -> u64 {
        self.left
    }

    /// Removes the records before the one of number `end`. For who appends while what he peeked is on its way: a bound
    /// may have dropped some of it meanwhile, and then [`commit`](Self::commit) would remove others in its place.
    pub fn commit_until(&mut self, end: u64) {
        self.commit(usize::try_from(end.saturating_sub(self.left)).unwrap_or(usize::MAX));
    }

    /// Removes the `count` oldest records and counts them as dropped: nobody will ever take them.
    pub fn discard(&mut self, count: usize) {
        let before = self.left;
        self.commit(count);
        self.dropped += self.left - before;
        self.write_position();
    }

    /// Drops what is too old. Every append does this too.
    pub fn expire(&mut self) {
        self.expire_at(Moment::now(self.opened));
    }

    /// How many records were dropped by a bound, lost to a full disk, or damaged, since the queue was made.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many records are in the queue.
    pub fn len(&self) -> u64 {
        self.segments.iter().map(|segment| segment.unread).sum::<u64>() + self.tail.len() as u64
    }

    /// Whether there is nothing in the queue.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn append_all_at(&mut self, records: &[&[u8]], now: Moment) -> io::Result<()> {
        self.expire_at(now);
        let length: u64 = records.iter().map(|record| record::length_on_disk(record)).sum();
        if length > self.bounds.bytes || length > u64::from(u32::MAX) {
            return self.lose(records, ErrorKind::FileTooLarge.into());
        }
        self.dropped += self.tail.shrink(self.bounds.bytes - length);
        let mut bytes = Vec::new();
        for (_, waiting) in self.tail.iter() {
            record::encode(&mut bytes, record::milliseconds(waiting.time), &waiting.bytes);
        }
        for record in records {
            record::encode(&mut bytes, now.wall_ms, record);
        }
        self.make_room(bytes.len() as u64);
        let count = (self.tail.len() + records.len()) as u64;
        match self.write(&bytes, count, now) {
            Ok(()) => {
                self.tail.clear();
                self.trouble_was_told = false;
                Ok(())
            }
            Err(error) if is_full(&error) => self.lose(records, error),
            Err(error) => {
                self.keep_in_memory(records, now, &error);
                Ok(())
            }
        }
    }

    pub(crate) fn expire_at(&mut self, now: Moment) {
        if self.steadiness.observe(now) {
            for segment in &mut self.segments {
                segment.newest_ms.get_or_insert_with(|| place(segment.newest_stamp_ms, now));
            }
        }
        let age_ms = i64::try_from(self.bounds.age.as_millis()).unwrap_or(i64::MAX);
        let oldest_ms = now.running_ms.saturating_sub(age_ms);
        let expired = |segment: &Segment| segment.newest_ms.is_some_and(|newest_ms| newest_ms < oldest_ms);
        while self.segments.front().is_some_and(expired) {
            self.drop_front();
        }
        self.dropped += self.tail.expire(oldest_ms);
    }

    /// Takes up what an earlier run left.
    fn find_segments(&mut self, entry: Entry) {
        let numbers = segment::list(&self.folder);
        let last = numbers.last().copied();
        for number in numbers {
            self.next_number = self.next_number.max(number.saturating_add(1));
            if number < entry.segment {
                // Consumed before; only its removal was cut off.
                let _ = segment::remove(&self.folder, number);
                continue;
            }
            let consumed = if number == entry.segment { entry.offset } else { 0 };
            // A file that cannot be read now is left alone; it is no part of the queue of this run.
            let Ok(scan) = segment::scan(&self.folder, number, consumed) else { continue };
            if scan.has_rest && Some(number) != last {
                // The end of the last one is what a power cut leaves; another one's was on disk once.
                tracing::error!(folder = %self.folder.display(), "a file of the queue is damaged; its end is lost");
            }
            if self.segments.is_empty() {
                self.offset = scan.border;
            }
            self.segments.push_back(scan.segment);
        }
        if let Some(last) = self.segments.back()
            && last.length < self.segment_bytes_max()
        {
            self.active = segment::reopen(&self.folder, last).ok();
        }
    }

    /// Writes encoded records to the last segment, or to a new one.
    fn write(&mut self, bytes: &[u8], count: u64, now: Moment) -> io::Result<()> {
        if self.is_time_for_a_new_segment(bytes.len() as u64, now) {
            self.active = None;
        }
        let Some(file) = &self.active else { return self.write_to_new_segment(bytes, count, now) };
        let Some(last) = self.segments.back_mut() else { return Err(ErrorKind::NotFound.into()) };
        if let Err((error, cut)) = segment::write(file, last.length, bytes) {
            if cut == Cut::Torn {
                self.active = None;
            }
            return Err(error);
        }
        last.length += bytes.len() as u64;
        last.unread += count;
        last.newest_stamp_ms = last.newest_stamp_ms.max(now.wall_ms);
        last.newest_ms = Some(now.running_ms);
        Ok(())
    }

    fn write_to_new_segment(&mut self, bytes: &[u8], count: u64, now: Moment) -> io::Result<()> {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        let file = segment::create(&self.folder, number)?;
        let written = segment::write(&file, 0, bytes).map_err(|(error, _)| error);
        if let Err(error) = written.and_then(|()| segment::sync_folder(&self.folder)) {
            let _ = segment::remove(&self.folder, number);
            return Err(error);
        }
        if self.segments.is_empty() {
            self.offset = 0;
        }
        self.segments.push_back(Segment {
            number,
            length: bytes.len() as u64,
            unread: count,
            newest_stamp_ms: now.wall_ms,
            began_ms: now.running_ms,
            newest_ms: Some(now.running_ms),
        });
        self.active = Some(file);
        self.front_is_done();
        Ok(())
    }

    fn is_time_for_a_new_segment(&self, more: u64, now: Moment) -> bool {
        let Some(last) = self.segments.back() else { return true };
        let age_ms = i64::try_from(self.bounds.age.as_millis() / u128::from(SEGMENTS)).unwrap_or(i64::MAX);
        let is_large = last.length > 0 && last.length + more > self.segment_bytes_max();
        is_large || now.running_ms.saturating_sub(last.began_ms) > age_ms
    }

    fn segment_bytes_max(&self) -> u64 {
        (self.bounds.bytes / SEGMENTS).max(1)
    }

    /// Drops the oldest segments until `more` octets fit.
    fn make_room(&mut self, more: u64) {
        let used = |spool: &Self| spool.segments.iter().map(|segment| segment.length).sum::<u64>();
        while !self.segments.is_empty() && used(self) + more > self.bounds.bytes {
            self.drop_front();
        }
    }

    /// Drops the oldest segment whole, and counts what nobody read in it.
    fn drop_front(&mut self) {
        let Some(front) = self.segments.front_mut() else { return };
        self.dropped += front.unread;
        self.left += front.unread;
        front.unread = 0;
        if self.segments.len() == 1 {
            self.active = None;
        }
        self.front_is_done();
        self.write_position();
    }

    /// Removes the first segment if all of it is consumed and nothing will be written to it, and says whether.
    fn front_is_done(&mut self) -> bool {
        let Some(front) = self.segments.front() else { return false };
        if front.unread > 0 || (self.segments.len() == 1 && self.active.is_some()) {
            return false;
        }
        let number = front.number;
        self.segments.pop_front();
        self.offset = 0;
        self.write_position();
        // A file that stays is consumed by what `position` says.
        let _ = segment::remove(&self.folder, number);
        true
    }

    /// Moves the place of reading over `count` records of the first segment.
    fn skip_in_front(&mut self, count: u64) {
        let mut offset = self.offset;
        let skipped = self.walk(0, offset, count, |record| {
            offset += record::length_on_disk(&record.bytes);
            true
        });
        self.offset = offset;
        let Some(front) = self.segments.front_mut() else { return };
        front.unread = front.unread.saturating_sub(count);
        if let Err(error) = skipped {
            // What was read a moment ago cannot be read any more. Its records arrived, so it is done with, as a whole:
            // to show them again for ever would stop the queue.
            self.dropped += front.unread;
            front.unread = 0;
            self.tell(&error, "a segment of the queue cannot be read; what was left in it is lost");
        }
    }

    /// Shows up to `count` records of a segment to `visit` until that has enough, and says whether it wanted all.
    /// A damaged record ends the segment: what was to come after it is dropped.
    fn walk(
        &mut self,
        index: usize,
        offset: u64,
        count: u64,
        mut visit: impl FnMut(Record) -> bool,
    ) -> io::Result<bool> {
        if count == 0 {
            return Ok(true);
        }
        let segment = &mut self.segments[index];
        let mut seen = 0;
        let end = match File::open(segment::path(&self.folder, segment.number)) {
            Ok(file) => {
                let mut reader = Reader::new(file, offset, segment.length)?;
                while seen < count
                    && let Found::Record(record) = reader.next()?
                {
                    if !visit(record) {
                        return Ok(false);
                    }
                    seen += 1;
                }
                reader.offset
            }
            Err(error) if error.kind() == ErrorKind::NotFound => offset,
            Err(error) => return Err(error),
        };
        if seen < count {
            self.dropped += segment.unread - seen;
            segment.unread = seen;
            segment.length = end;
            if index + 1 == self.segments.len() {
                self.active = None;
            }
            tracing::error!(folder = %self.folder.display(), "a file of the queue is damaged; the rest of it is lost");
        }
        Ok(true)
    }

    fn lose(&mut self, records: &[&[u8]], error: io::Error) -> io::Result<()> {
        self.dropped += records.len() as u64;
        self.write_position();
        Err(error)
    }

    fn keep_in_memory(&mut self, records: &[&[u8]], now: Moment, error: &io::Error) {
        self.tell(error, "the queue cannot be written to disk; it is kept in memory, and a restart loses it");
        for record in records {
            let record = Record { bytes: record.to_vec(), time: record::time(now.wall_ms) };
            self.tail.push(now.running_ms, record);
        }
        self.dropped += self.tail.shrink(self.bounds.bytes.min(MEMORY_BYTES_MAX));
    }

    fn write_position(&mut self) {
        let segment = self.segments.front().map_or(self.next_number, |front| front.number);
        let offset = if self.segments.is_empty() { 0 } else { self.offset };
        if let Err(error) = self.ledger.write(Entry { segment, offset, dropped: self.dropped }) {
            self.tell(
                &error,
                "how far the queue is consumed cannot be written; a restart sends some of it again",
            );
        }
    }

    /// Says what is wrong once, until the disk took something again.
    fn tell(&mut self, error: &io::Error, what: &str) {
        if !self.trouble_was_told {
            self.trouble_was_told = true;
            tracing::error!(folder = %self.folder.display(), %error, "{what}");
        }
    }
}

/// Makes the folder so that it survives a power cut, unless it is there.
fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let existing = folder.ancestors().skip(1).find(|ancestor| ancestor.is_dir());
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Each folder that got a new entry, up to the one that was there.
    for ancestor in folder.ancestors().skip(1) {
        segment::sync_folder(ancestor)?;
        if Some(ancestor) == existing {
            break;
        }
    }
    Ok(())
}

/// What a peek collects.
struct Taken {
    records: Vec<Record>,
    bytes: usize,
    bytes_max: usize,
}

impl Taken {
    /// Takes the record unless it is too much.
    fn take(&mut self, record: Record) -> bool {
        let bytes = self.bytes.saturating_add(record.bytes.len());
        if !self.records.is_empty() && bytes > self.bytes_max {
            return false;
        }
        self.bytes = bytes;
        self.records.push(record);
        true
    }
}

/// Whether the disk has no room, or this process may not take more of it.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

#[cfg(test)]
mod tests;
