//! The queue through power cuts, bounds, bad disks and bad clocks, against a model where there is one.

use std::collections::VecDeque;
use std::fs::{self, OpenOptions};

use tempfile::TempDir;

use super::*;

const ROOMY: Bounds = Bounds { bytes: 1 << 20, age: Duration::from_secs(24 * 3600) };
const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: u64 = 365 * 24 * 3_600_000;
const T: u64 = 1_800_000_000_000;

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn at(hours: i64) -> Moment {
    Moment { wall_ms: T.saturating_add_signed(hours * HOUR_MS), running_ms: hours * HOUR_MS }
}

fn open(folder: &TempDir, bounds: Bounds) -> Spool {
    Spool::open(&folder.path().join("queue"), bounds).unwrap()
}

fn texts(spool: &mut Spool) -> Vec<String> {
    let records = spool.peek_many(usize::MAX).unwrap();
    records.into_iter().map(|record| String::from_utf8(record.bytes).unwrap()).collect()
}

fn segment_files(folder: &Path) -> Vec<PathBuf> {
    segment::list(folder).into_iter().map(|number| segment::path(folder, number)).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn records_come_out_in_order_and_stay_until_they_are_committed() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    assert!(spool.is_empty() && spool.peek().unwrap().is_none());
    for text in ["a", "bb", "", "cccc"] {
        spool.append(text.as_bytes()).unwrap();
    }
    let oldest = spool.peek().unwrap().unwrap();
    assert_eq!(oldest.bytes, b"a");
    assert!(oldest.time.elapsed().unwrap() < Duration::from_secs(3600));
    assert_eq!(spool.peek_many(3).unwrap().len(), 3);
    assert_eq!(spool.peek_many(2).unwrap().len(), 1);
    assert_eq!(texts(&mut spool), ["a", "bb", "", "cccc"]);
    spool.commit(2);
    assert_eq!(texts(&mut spool), ["", "cccc"]);
    spool.commit(0);
    assert_eq!(spool.len(), 2);
    spool.commit(99);
    assert!(spool.is_empty() && spool.peek().unwrap().is_none());
    assert_eq!(spool.dropped(), 0);
}

#[test]
fn random_appends_commits_and_reopenings_agree_with_a_queue_in_memory() {
    for seed in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random(seed * 0x9E37_79B9_7F4A);
        let bounds = Bounds { bytes: 1 << 20, ..ROOMY };
        let (mut spool, mut model) = (open(&folder, bounds), VecDeque::new());
        for step in 0..300_u64 {
            match random.below(10) {
                0..=4 => {
                    let record = vec![step as u8; random.below(3000) as usize];
                    spool.append(&record).unwrap();
                    model.push_back(record);
                }
                5 => {
                    let batch: Vec<Vec<u8>> = (0..random.below(6)).map(|n| vec![n as u8; 20]).collect();
                    let slices: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
                    spool.append_all(&slices).unwrap();
                    model.extend(batch);
                }
                6..=8 => {
                    let seen = spool.peek_many(random.below(20_000) as usize).unwrap();
                    assert!(seen.len() <= model.len() && (seen.is_empty() == model.is_empty()));
                    assert!(seen.iter().zip(&model).all(|(record, expected)| record.bytes == *expected));
                    let count = random.below(seen.len() as u64 + 1) as usize;
                    spool.commit(count);
                    model.drain(..count);
                }
                _ => spool = open(&folder, bounds),
            }
            assert_eq!(spool.len(), model.len() as u64, "seed {seed}, step {step}");
        }
        assert_eq!(spool.dropped(), 0);
    }
}

#[test]
fn whatever_byte_a_power_cut_ends_the_last_write_at_everything_before_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    let mut lengths = vec![0];
    for text in ["one", "two", "three"] {
        spool.append(text.as_bytes()).unwrap();
        lengths.push(spool.segments[0].length);
    }
    let file = segment_files(&spool.folder)[0].clone();
    let whole = fs::read(&file).unwrap();
    for length in 0..=whole.len() {
        let cut = tempfile::tempdir().unwrap();
        let queue = cut.path().join("queue");
        copy(&spool.folder, &queue);
        let file = queue.join(file.file_name().unwrap());
        // A file that is short, and one whose end never reached the disk and reads as zeros.
        for zeros in [0, 40] {
            let mut contents = whole[..length].to_vec();
            contents.resize(length + zeros, 0);
            fs::write(&file, contents).unwrap();
            let mut reopened = open(&cut, ROOMY);
            let left = lengths.iter().filter(|end| **end > 0 && **end <= length as u64).count();
            assert_eq!(texts(&mut reopened), ["one", "two", "three"][..left], "cut at {length}");
            reopened.append(b"after").unwrap();
            let mut expected = vec!["one", "two", "three"][..left].to_vec();
            expected.push("after");
            assert_eq!(texts(&mut open(&cut, ROOMY)), expected, "cut at {length}");
        }
    }
}

#[test]
fn killed_after_any_step_nothing_is_lost_and_nothing_that_was_committed_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 4096, ..ROOMY };
    let mut spool = open(&folder, bounds);
    let mut random = Random(77);
    let mut model: VecDeque<String> = VecDeque::new();
    for step in 0..60 {
        if random.below(2) == 0 || model.is_empty() {
            let text = format!("{step:>width$}", width = random.below(90) as usize + 4);
            spool.append(text.as_bytes()).unwrap();
            model.push_back(text);
        } else {
            let count = random.below(model.len() as u64) as usize + 1;
            spool.commit(count);
            model.drain(..count);
        }
        let killed = tempfile::tempdir().unwrap();
        copy(&spool.folder, &killed.path().join("queue"));
        let mut reopened = open(&killed, bounds);
        assert_eq!(texts(&mut reopened), Vec::from(model.clone()), "step {step}");
        assert_eq!(reopened.dropped(), 0);
    }
}

#[test]
fn at_the_bound_the_oldest_are_dropped_and_the_count_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 16 * 1024, ..ROOMY };
    let mut spool = open(&folder, bounds);
    let mut appended = 0;
    for round in 0..5 {
        for _ in 0..100 {
            spool.append(format!("{appended:0>100}").as_bytes()).unwrap();
            appended += 1;
            let on_disk: u64 =
                segment_files(&spool.folder).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
            assert!(on_disk <= bounds.bytes);
        }
        let left: Vec<u64> = texts(&mut spool).iter().map(|text| text.parse().unwrap()).collect();
        let expected: Vec<u64> = (spool.dropped()..appended).collect();
        assert_eq!(left, expected, "the newest without a gap, the rest counted");
        if round > 0 {
            // A sixteenth at once, and what is in a record's header.
            assert!(left.len() >= 16 * 1024 / 116 * 14 / 16, "{}", left.len());
        }
        let dropped = spool.dropped();
        spool = open(&folder, bounds);
        assert_eq!((spool.dropped(), spool.len()), (dropped, left.len() as u64));
    }
    assert!(spool.dropped() > 300);
}

#[test]
fn a_record_larger_than_the_bound_is_lost_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 100, ..ROOMY };
    let mut spool = open(&folder, bounds);
    spool.append(b"small").unwrap();
    assert_eq!(spool.append(&[7; 85]).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert_eq!((texts(&mut spool), spool.dropped()), (vec!["small".to_owned()], 1));
    spool.append(&[7; 84]).unwrap();
    assert_eq!((spool.len(), spool.dropped()), (1, 2));
    assert_eq!(open(&folder, bounds).dropped(), 2);
    for nothing in [Bounds { bytes: 0, ..bounds }, Bounds { age: Duration::ZERO, ..bounds }] {
        assert_eq!(Spool::open(folder.path(), nothing).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn what_is_older_than_the_bound_goes_and_what_is_younger_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    for hour in 0..40 {
        spool.append_all_at(&[format!("{hour}").as_bytes()], at(hour)).unwrap();
    }
    let left: Vec<i64> = texts(&mut spool).iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(left.last(), Some(&39));
    assert!((14..=15).contains(&left[0]), "{left:?}");
    assert_eq!(spool.dropped(), 40 - left.len() as u64);
    spool.expire_at(at(64));
    assert!(spool.is_empty());
    assert_eq!(spool.dropped(), 40);
}

#[test]
fn a_clock_that_jumps_while_we_run_drops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    spool.append_all_at(&[b"before"], at(0)).unwrap();
    for (hour, wall_ms) in
        [(1, T + YEAR_MS), (3, T + YEAR_MS), (5, T - YEAR_MS), (8, 0), (12, T + 3 * YEAR_MS)]
    {
        let now = Moment { wall_ms, running_ms: hour * HOUR_MS };
        spool.append_all_at(&[b"later"], now).unwrap();
        spool.expire_at(Moment { running_ms: now.running_ms + HOUR_MS, wall_ms: wall_ms + HOUR_MS as u64 });
    }
    assert_eq!((spool.len(), spool.dropped()), (6, 0));
}

#[test]
fn what_an_earlier_run_left_ages_once_the_clock_is_believed() {
    let minutes = |minutes: i64, wall_ms: u64| Moment { wall_ms, running_ms: minutes * 60_000 };
    let hour = HOUR_MS as u64;
    for (what, clock, left) in [
        ("two hours later", vec![minutes(0, T + 2 * hour), minutes(30, T + 2 * hour + hour / 2)], 1),
        ("two days later", vec![minutes(0, T + 48 * hour), minutes(30, T + 48 * hour + hour / 2)], 0),
        ("a clock of 1970 for a day", vec![minutes(0, 0), minutes(23 * 60, 23 * hour)], 1),
        (
            "a clock that is a year ahead for five minutes",
            vec![
                minutes(0, T + YEAR_MS),
                minutes(5, T + YEAR_MS + hour / 12),
                minutes(6, T + hour),
                minutes(60, T + 2 * hour),
            ],
            1,
        ),
        (
            "a clock that jumps a year after an hour",
            vec![
                minutes(0, T + hour),
                minutes(60, T + 2 * hour),
                minutes(61, T + YEAR_MS),
                minutes(600, T + YEAR_MS + 9 * hour),
            ],
            1,
        ),
        ("a clock a year back", vec![minutes(0, T - YEAR_MS), minutes(600, T - YEAR_MS + 10 * hour)], 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        open(&folder, ROOMY).append_all_at(&[b"old"], at(0)).unwrap();
        let mut spool = open(&folder, ROOMY);
        for moment in clock {
            spool.expire_at(moment);
        }
        assert_eq!((spool.len(), spool.dropped()), (left, 1 - left), "{what}");
    }
}

#[test]
fn a_full_disk_loses_the_new_record_and_keeps_the_old_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    spool.append(b"old").unwrap();
    let file = segment_files(&spool.folder)[0].clone();
    spool.active = Some(OpenOptions::new().write(true).open("/dev/full").unwrap());
    assert_eq!(spool.append(b"new").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!((texts(&mut spool), spool.dropped()), (vec!["old".to_owned()], 1));
    // The disk has room again.
    fs::metadata(&file).unwrap();
    spool.append(b"newer").unwrap();
    assert_eq!(texts(&mut spool), ["old", "newer"]);
    let mut reopened = open(&folder, ROOMY);
    assert_eq!((texts(&mut reopened), reopened.dropped()), (vec!["old".to_owned(), "newer".to_owned()], 1));
}

#[test]
fn a_disk_that_takes_no_writes_leaves_a_bounded_queue_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("queue"), "a file where the folder should be").unwrap();
    let bounds = Bounds { bytes: 1000, ..ROOMY };
    let mut spool = open(&folder, bounds);
    for number in 0..100 {
        spool.append(format!("{number}").as_bytes()).unwrap();
    }
    let left: Vec<u64> = texts(&mut spool).iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(left, (spool.dropped()..100).collect::<Vec<_>>());
    assert!((5..20).contains(&left.len()), "{left:?}");
    spool.commit(left.len() - 1);
    assert_eq!(texts(&mut spool), ["99"]);
    spool.expire_at(at(25));
    assert!(spool.is_empty());
}

#[test]
fn a_disk_that_becomes_writable_again_gets_what_waited_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(&folder, ROOMY);
    spool.append(b"1").unwrap();
    // A handle that cannot be written, as after a remount.
    spool.active = Some(File::open(&segment_files(&spool.folder)[0]).unwrap());
    let away = folder.path().join("away");
    fs::rename(&spool.folder, &away).unwrap();
    spool.append(b"2").unwrap();
    spool.append(b"3").unwrap();
    fs::rename(&away, &spool.folder).unwrap();
    assert_eq!(texts(&mut spool), ["1", "2", "3"]);
    spool.commit(2);
    assert_eq!(texts(&mut spool), ["3"]);
    spool.append(b"4").unwrap();
    assert_eq!(texts(&mut open(&folder, ROOMY)), ["3", "4"]);
}

#[test]
fn a_damaged_record_costs_the_rest_of_its_segment_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 16 * 300, ..ROOMY };
    let mut spool = open(&folder, bounds);
    for number in 0..8 {
        spool.append(format!("{number:0>84}").as_bytes()).unwrap();
    }
    let files = segment_files(&spool.folder);
    assert_eq!(files.len(), 3);
    let mut contents = fs::read(&files[0]).unwrap();
    contents[150] ^= 1;
    fs::write(&files[0], contents).unwrap();
    fs::remove_file(&files[1]).unwrap();
    let numbers =
        |spool: &mut Spool| -> Vec<u64> { texts(spool).iter().map(|text| text.parse().unwrap()).collect() };
    assert_eq!(numbers(&mut spool), [0, 6, 7]);
    assert_eq!((spool.dropped(), spool.len()), (5, 3));
    assert_eq!(numbers(&mut open(&folder, bounds)), [0, 6, 7]);
    spool.commit(1);
    assert_eq!(numbers(&mut spool), [6, 7]);
    assert_eq!(numbers(&mut open(&folder, bounds)), [6, 7]);
}

#[test]
fn a_queue_whose_files_hold_anything_opens_without_a_panic() {
    let mut random = Random(5);
    for _ in 0..200 {
        let folder = tempfile::tempdir().unwrap();
        let queue = folder.path().join("queue");
        fs::create_dir_all(&queue).unwrap();
        for name in ["position", "0000000000000001.segment", "ffffffffffffffff.segment", "x.segment", "note"]
        {
            let bytes: Vec<u8> = (0..random.below(400)).map(|_| random.below(3) as u8 * 127).collect();
            fs::write(queue.join(name), bytes).unwrap();
        }
        let mut spool = open(&folder, ROOMY);
        let before = spool.peek_many(usize::MAX).unwrap().len();
        let _ = spool.append(b"works");
        assert!(spool.len() >= before as u64);
        assert!(queue.join("note").exists());
    }
}

#[test]
fn what_a_bound_dropped_after_a_peek_is_not_committed_in_place_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 16 * 116, ..ROOMY };
    let mut spool = open(&folder, bounds);
    let append = |spool: &mut Spool, number: u64| spool.append(format!("{number:0>100}").as_bytes()).unwrap();
    (0..16).for_each(|number| append(&mut spool, number));
    let end = spool.front() + spool.peek_many(400).unwrap().len() as u64;
    assert_eq!(end, 4);
    (16..18).for_each(|number| append(&mut spool, number));
    assert_eq!((spool.dropped(), spool.front()), (2, 2));
    spool.commit_until(end);
    let oldest = spool.peek().unwrap().unwrap().bytes;
    assert_eq!(String::from_utf8(oldest).unwrap().parse::<u64>().unwrap(), 4);
    (18..30).for_each(|number| append(&mut spool, number));
    spool.commit_until(end);
    assert_eq!(spool.len(), 16, "all of that has long gone");
    spool.discard(3);
    assert_eq!((spool.len(), spool.dropped()), (13, 2 + 10 + 3));
    let reopened = open(&folder, bounds);
    assert_eq!((reopened.len(), reopened.dropped(), reopened.front()), (13, 15, 0));
}
