//! The store through its own calls: every way in which samples are held, limits, damage and power cuts.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::series::{Sample, Source};

const MINUTE: i64 = 60_000;
const NOW: i64 = 1_700_000_000_000;

fn source(network: &str, gateway: &str) -> Source {
    Source { network: network.into(), gateway: gateway.into() }
}

/// Name, labels, value, time.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], f64, i64);

fn batch(samples: &[Row<'_>]) -> Batch {
    let mut batch = Batch::default();
    for (name, labels, value, time_ms) in samples {
        batch.push(name, labels.iter().copied(), Sample { value: *value, time_ms: *time_ms });
    }
    batch
}

fn open(folder: &Path) -> Tsdb {
    Tsdb::open(folder, Settings::default(), NOW + 60 * MINUTE).unwrap()
}

fn found(store: &Tsdb, matchers: Vec<Matcher>, scope: &Scope) -> Vec<String> {
    let limits = ReadLimits::default();
    let series = store.select(&Selector(matchers), scope, (i64::MIN, i64::MAX), limits).unwrap();
    let describe = |series: &SeriesSamples| {
        let samples = series.read(i64::MIN, i64::MAX);
        let samples: Vec<_> =
            samples.iter().map(|s| format!("{}@{}", s.value, (s.time_ms - NOW) / MINUTE)).collect();
        format!("{} {}", series.labels, samples.join(" "))
    };
    series.iter().map(describe).collect()
}

fn named(store: &Tsdb, name: &str) -> Vec<String> {
    found(store, vec![Matcher::equal("__name__", name)], &Scope::All)
}

/// Every way in which samples can be held: in the head, in a block, in merged blocks, and taken up from the log.
fn each_way(fill: impl Fn(&Tsdb), check: impl Fn(&str, &Tsdb)) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store);
    check("the head", &store);
    store.write_log();
    drop(store);
    let store = open(folder.path());
    check("the log", &store);
    store.make_block();
    check("a block", &store);
    drop(store);
    let store = open(folder.path());
    check("a block after a start", &store);
    fill(&store);
    check("a block and a head that say the same", &store);
    store.make_block();
    check("two blocks", &store);
    store.merge_blocks(NOW + 3 * 24 * 60 * MINUTE);
    assert_eq!(store.counters().blocks, 1);
    check("merged blocks", &store);
    drop(store);
    check("merged blocks after a start", &open(folder.path()));
}

#[test]
fn samples_are_found_in_each_way_they_can_be_held() {
    let fill = |store: &Tsdb| {
        for minute in 0..3 {
            let time = NOW + minute * MINUTE;
            let samples = batch(&[
                ("cpu", &[("core", "0")], minute as f64, time),
                ("cpu", &[("core", "1")], 0.5, time),
                ("up", &[], 1.0, time),
            ]);
            store.append(&source("n1", "g1"), &samples, NOW);
            store.append(&source("n2", "g1"), &batch(&[("up", &[], 2.0, time)]), NOW);
        }
        store.append(&source("", ""), &batch(&[("own", &[], 7.0, NOW)]), NOW);
        store.append(&source("n1", ""), &batch(&[("up", &[("gatewayID", "g9")], 3.0, NOW)]), NOW);
    };
    each_way(fill, |way, store| {
        let cpu = [
            "cpu{core=\"0\",gatewayID=\"g1\",networkID=\"n1\"} 0@0 1@1 2@2",
            "cpu{core=\"1\",gatewayID=\"g1\",networkID=\"n1\"} 0.5@0 0.5@1 0.5@2",
        ];
        assert_eq!(named(store, "cpu"), cpu, "{way}");
        let of_n1 = Scope::network("n1");
        let up = || vec![Matcher::equal("__name__", "up")];
        let both = [
            "up{gatewayID=\"g1\",networkID=\"n1\"} 1@0 1@1 1@2",
            "up{gatewayID=\"g9\",networkID=\"n1\"} 3@0",
        ];
        assert_eq!(found(store, up(), &of_n1), both, "{way}");
        let g9 = || vec![Matcher::equal("gatewayID", "g9")];
        assert_eq!(found(store, g9(), &Scope::All), both[1..], "{way}: a gateway in a shape");
        let everything = || vec![Matcher { operator: Operator::NotEqual, ..Matcher::equal("x", "y") }];
        assert_eq!(found(store, everything(), &Scope::network("n2")).len(), 1, "{way}");
        assert_eq!(found(store, everything(), &Scope::Networks([].into())), [""; 0], "{way}: nothing to see");
        assert_eq!(found(store, everything(), &Scope::network("")), [""; 0], "{way}: what belongs to none");
        assert_eq!(named(store, "own"), ["own{} 7@0"], "{way}");
        let core = vec![Matcher { operator: Operator::NotEqual, ..Matcher::equal("core", "") }];
        assert_eq!(found(store, core, &Scope::All).len(), 2, "{way}: a label that is there");
        assert_eq!(named(store, "cp"), [""; 0], "{way}");
        assert_eq!(
            store.series(&Selector(up()), &Scope::All, (0, NOW), ReadLimits::default()).unwrap().len(),
            3
        );
    });
}

#[test]
fn late_samples_find_their_place_and_no_other() {
    let fill = |store: &Tsdb| {
        for (minute, value) in [(10, 10.0), (5, 5.0), (7, 7.0), (11, 11.0), (7, 8.0), (11, 12.0), (-60, 9.0)]
        {
            store.append(
                &source("n", "g"),
                &batch(&[("x", &[], value, NOW + minute * MINUTE)]),
                NOW + 20 * MINUTE,
            );
        }
    };
    each_way(fill, |way, store| {
        assert_eq!(named(store, "x"), ["x{gatewayID=\"g\",networkID=\"n\"} 5@5 7@7 10@10 11@11"], "{way}");
    });
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store);
    let counters = store.counters();
    assert_eq!((counters.kept, counters.contradicting, counters.too_late), (4, 2, 1));
}

#[test]
fn times_that_cannot_be_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let day = 24 * 60 * MINUTE;
    for time in [0, NOW - 31 * day, NOW + 11 * MINUTE, i64::MAX, i64::MIN] {
        let intake = store.append(&source("n", "g"), &batch(&[("x", &[], 1.0, time)]), NOW);
        assert_eq!((intake.accepted, intake.out_of_bounds), (0, 1), "{time}");
    }
    let intake = store.append(&source("n", "g"), &batch(&[("x", &[], 1.0, NOW - 29 * day)]), NOW);
    assert_eq!(intake.accepted, 1, "what waited on the gateway for weeks");
    let counters = store.counters();
    assert_eq!((counters.too_late, counters.too_early), (3, 2));
}

#[test]
fn nobody_gets_more_series_than_the_limits_allow() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        Settings { series_per_gateway: 3, series_per_network: 4, series: 6, ..Settings::default() };
    let store = Tsdb::open(folder.path(), settings, NOW).unwrap();
    let names = ["a", "b", "c", "d"];
    let all = |time: i64| batch(&names.map(|name| (name, &[] as &[_], 1.0, time)));
    for (network, gateway, room) in [("n1", "g1", 3), ("n1", "g2", 1), ("n2", "g1", 2), ("n3", "g1", 0)] {
        let intake = store.append(&source(network, gateway), &all(NOW), NOW);
        assert_eq!((intake.accepted, intake.no_room), (room, 4 - room), "{network} {gateway}");
    }
    assert_eq!(store.counters().no_room, 10);
    let again = store.append(&source("n1", "g1"), &all(NOW + MINUTE), NOW);
    assert_eq!((again.accepted, again.no_room), (3, 1), "known series go on");
    // What is silent from one block to the next makes room.
    store.make_block();
    store.append(&source("n2", "g1"), &all(NOW + 2 * MINUTE), NOW);
    store.make_block();
    assert_eq!(store.append(&source("n3", "g1"), &all(NOW), NOW).accepted, 3);
    assert_eq!(named(&store, "a").len(), 4, "and stays on disk");
}

#[test]
fn what_is_too_old_or_too_much_goes() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { retention: Duration::from_secs(7200), ..Settings::default() };
    let store = Tsdb::open(folder.path(), settings, NOW).unwrap();
    for hour in 0..3 {
        let time = NOW + hour * 60 * MINUTE;
        store.append(&source("n", "g"), &batch(&[("x", &[], hour as f64, time)]), time);
        store.make_block();
    }
    store.forget_old(NOW + 150 * MINUTE);
    assert_eq!(named(&store, "x"), ["x{gatewayID=\"g\",networkID=\"n\"} 1@60 2@120"]);
    assert_eq!(
        fs::read_dir(folder.path())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().extension().unwrap() == "block")
            .count(),
        2
    );
    drop(store);
    let settings = Settings { disk_bytes_max: 200, ..Settings::default() };
    let store = Tsdb::open(folder.path(), settings, NOW).unwrap();
    store.forget_old(NOW + 150 * MINUTE);
    assert_eq!(named(&store, "x"), ["x{gatewayID=\"g\",networkID=\"n\"} 2@120"], "the newest stays longest");
}

#[test]
fn blocks_are_made_when_it_is_time_and_the_log_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.tick(NOW);
    store.append(&source("n", "g"), &batch(&[("x", &[], 1.0, NOW)]), NOW);
    store.tick(NOW + 60 * MINUTE);
    assert_eq!(store.counters().blocks, 0);
    store.tick(NOW + 121 * MINUTE);
    assert_eq!(store.counters().blocks, 1);
    let logs = fs::read_dir(folder.path()).unwrap();
    let logs = logs.filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() == "log");
    assert_eq!(logs.count(), 0);
    store.tick(NOW + 300 * MINUTE);
    assert_eq!(store.counters().blocks, 1, "nothing new, no block");
}

#[test]
fn a_power_cut_anywhere_in_the_log_loses_only_what_came_after() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for minute in 0..20 {
        store.append(
            &source("n", "g"),
            &batch(&[("x", &[], minute as f64, NOW + minute * MINUTE)]),
            NOW + 20 * MINUTE,
        );
        store.write_log();
    }
    drop(store);
    let log = folder.path().join("000000000001.log");
    let whole = fs::read(&log).unwrap();
    let mut before = 0;
    for end in (0..=whole.len()).step_by(7) {
        fs::write(&log, &whole[..end]).unwrap();
        let store = Tsdb::open(folder.path(), Settings::default(), NOW + 20 * MINUTE).unwrap();
        let count = named(&store, "x").first().map_or(0, |series| series.matches('@').count());
        assert!(count >= before && count <= 20, "{end}: {count} after {before}");
        before = count;
        store.append(&source("n", "g"), &batch(&[("y", &[], 1.0, NOW)]), NOW);
        store.write_log();
        drop(store);
        let store = Tsdb::open(folder.path(), Settings::default(), NOW + 20 * MINUTE).unwrap();
        assert_eq!(named(&store, "y").len(), 1, "what is written after the cut can be read");
        fs::remove_file(folder.path().join("000000000002.log")).unwrap();
    }
    assert!(before >= 19);
}

#[test]
fn a_damaged_block_is_set_aside_or_refused_and_never_believed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for minute in 0..5 {
        store.append(
            &source("n", "g"),
            &batch(&[("x", &[], 1.5 * minute as f64, NOW + minute * MINUTE)]),
            NOW + 5 * MINUTE,
        );
    }
    let right = named(&store, "x");
    store.make_block();
    drop(store);
    let block = folder.path().join("000000000001.block");
    let whole = fs::read(&block).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&block, &bytes).unwrap();
        let store = open(folder.path());
        let selector = Selector(vec![Matcher::equal("__name__", "x")]);
        match store.select(&selector, &Scope::All, (0, i64::MAX), ReadLimits::default()) {
            Ok(series) if series.is_empty() => {}
            Ok(_) => assert_eq!(named(&store, "x"), right, "byte {at}"),
            Err(error) => assert!(matches!(error, ReadError::Disk(_)), "{error}"),
        }
        for entry in fs::read_dir(folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_written_stays_in_memory_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append(&source("n", "g"), &batch(&[("x", &[], 1.0, NOW)]), NOW);
    // A folder where the block's file should be: no disk could refuse better.
    fs::create_dir(folder.path().join("000000000001.tmp")).unwrap();
    store.make_block();
    assert_eq!(store.counters().write_failures, 1);
    assert_eq!(named(&store, "x").len(), 1);
    store.append(&source("n", "g"), &batch(&[("x", &[], 2.0, NOW + MINUTE)]), NOW);
    store.make_block();
    store.make_block();
    assert_eq!(named(&store, "x"), ["x{gatewayID=\"g\",networkID=\"n\"} 1@0 2@1"]);
    assert_eq!(store.counters().blocks, 2);
}

#[test]
fn a_query_reads_no_more_than_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for gateway in ["g1", "g2", "g3"] {
        store.append(&source("n", gateway), &batch(&[("x", &[], 1.0, NOW), ("x", &[], 1.0, NOW + 1)]), NOW);
    }
    let selector = Selector(vec![Matcher::equal("__name__", "x")]);
    let read = |limits| store.select(&selector, &Scope::All, (0, i64::MAX), limits);
    let unlimited = ReadLimits::default();
    assert!(matches!(read(ReadLimits { series: 2, ..unlimited }), Err(ReadError::TooManySeries(2))));
    assert!(matches!(read(ReadLimits { samples: 5, ..unlimited }), Err(ReadError::TooManySamples(5))));
    assert_eq!(read(ReadLimits { series: 3, samples: 6, ..unlimited }).unwrap().len(), 3);
}

#[test]
fn what_is_kept_up_is_on_disk_once_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let upkeep = store.keep_up().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    store.append(&source("n", "g"), &batch(&[("x", &[], 1.0, now)]), now);
    drop(upkeep);
    drop(store);
    let store = Tsdb::open(folder.path(), Settings::default(), now).unwrap();
    assert_eq!(named(&store, "x").len(), 1);
}
