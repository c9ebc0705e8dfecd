//! What the archive promises: what is kept, what goes, and what is found.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::*;

const ROOMY: ArchiveBounds =
    ArchiveBounds { bytes: 1 << 30, age: Duration::from_secs(3600 * 24 * 365), reserve: 0 };

fn source(network: &str, gateway: &str) -> Source {
    Source { network: network.into(), gateway: gateway.into(), hardware_id: format!("hw-{gateway}") }
}

fn record(time_ms: i64, stream: &str, text: &str) -> NewRecord {
    NewRecord {
        time_ms,
        stream: stream.into(),
        event_type: format!("type-{stream}"),
        event_tag: String::new(),
        document: format!("{{\"message\":\"{text}\"}}"),
    }
}

fn of_network(network: &str) -> ArchiveFilter {
    ArchiveFilter { network: network.into(), ..Default::default() }
}

async fn times(archive: &Archive, filter: ArchiveFilter, order: Order, page: Page) -> Vec<i64> {
    let found = archive.search(filter, None, order, page).await.unwrap();
    found.iter().map(|found| found.record.time_ms).collect()
}

const ALL: Page = Page { skip: 0, limit: 1000 };

/// Segments of two sizes: with `small`, each append begins a new one.
async fn filled(folder: &TempDir, small: bool) -> Archive {
    let archive = Archive::open(folder.path(), ROOMY).unwrap();
    for (network, gateway, records) in [
        ("n1", "g1", vec![record(50, "mme", "attach"), record(10, "syslog", "boot")]),
        ("n1", "g2", vec![record(30, "mme", "detach")]),
        ("n2", "g1", vec![record(20, "mme", "other network")]),
        ("n1", "g1", vec![record(40, "mme", "attach again")]),
    ] {
        archive.append(source(network, gateway), records).await.unwrap();
        if small {
            archive.writer.new_segment().await;
        }
    }
    archive
}

#[tokio::test]
async fn records_are_found_by_each_condition_in_the_order_of_their_times() {
    for small in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let archive = filled(&folder, small).await;
        let n1 = of_network("n1");
        let list = |text: &str| vec![text.to_owned()];
        for (name, filter, expected) in [
            ("all of a network", n1.clone(), vec![50, 40, 30, 10]),
            ("another", of_network("n2"), vec![20]),
            ("none", of_network("n3"), vec![]),
            ("a gateway", ArchiveFilter { gateways: list("g1"), ..n1.clone() }, vec![50, 40, 10]),
            ("a device", ArchiveFilter { hardware_ids: list("hw-g2"), ..n1.clone() }, vec![30]),
            ("an unknown device", ArchiveFilter { hardware_ids: list("x"), ..n1.clone() }, vec![]),
            ("a stream", ArchiveFilter { streams: list("syslog"), ..n1.clone() }, vec![10]),
            ("a type", ArchiveFilter { event_types: list("type-mme"), ..n1.clone() }, vec![50, 40, 30]),
            ("a tag", ArchiveFilter { event_tags: list("x"), ..n1.clone() }, vec![]),
            ("from", ArchiveFilter { from_ms: Some(30), ..n1.clone() }, vec![50, 40, 30]),
            ("until", ArchiveFilter { until_ms: Some(30), ..n1.clone() }, vec![30, 10]),
            ("between", ArchiveFilter { from_ms: Some(31), until_ms: Some(49), ..n1.clone() }, vec![40]),
        ] {
            let newest = times(&archive, filter.clone(), Order::NewestFirst, ALL).await;
            assert_eq!(newest, expected, "{name}, small segments: {small}");
            let mut oldest = times(&archive, filter.clone(), Order::OldestFirst, ALL).await;
            oldest.reverse();
            assert_eq!(oldest, expected, "{name}, oldest first");
            assert_eq!(archive.count(filter, None).await.unwrap(), expected.len() as u64, "{name}");
        }
        for (skip, limit, expected) in
            [(0, 2, vec![50, 40]), (1, 2, vec![40, 30]), (3, 5, vec![10]), (4, 5, vec![]), (0, 0, vec![])]
        {
            let page = Page { skip, limit };
            assert_eq!(times(&archive, n1.clone(), Order::NewestFirst, page).await, expected, "{page:?}");
        }
        let far = archive.search(n1, None, Order::NewestFirst, Page { skip: 9_999, limit: 2 }).await;
        assert!(far.unwrap_err().to_string().contains("10000"));
    }
}

#[tokio::test]
async fn a_document_is_asked_when_the_columns_fit() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(&folder, true).await;
    let attach: DocumentMatch = Arc::new(|document| document.contains("attach"));
    let filter = of_network("n1");
    let found = archive
        .search(filter.clone(), Some(attach.clone()), Order::NewestFirst, Page { skip: 0, limit: 1 })
        .await;
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].record, record(50, "mme", "attach"));
    assert_eq!(found[0].source, source("n1", "g1"));
    assert_eq!(archive.count(filter, Some(attach)).await.unwrap(), 2);
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart_and_ids_stay() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(&folder, false).await;
    let before = archive.search(of_network("n1"), None, Order::NewestFirst, ALL).await.unwrap();
    archive.close().await;
    assert!(matches!(
        archive.append(source("n1", "g1"), vec![record(1, "a", "b")]).await,
        Err(StoreError::Closed)
    ));
    let archive = Archive::open(folder.path(), ROOMY).unwrap();
    archive.append(source("n1", "g1"), vec![record(60, "mme", "new")]).await.unwrap();
    let after = archive.search(of_network("n1"), None, Order::NewestFirst, ALL).await.unwrap();
    assert_eq!(after[1..], before[..]);
    assert_eq!(after[0].record.time_ms, 60);
}

#[tokio::test]
async fn the_oldest_segments_go_when_the_size_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = ArchiveBounds { bytes: 2 << 20, ..ROOMY };
    let archive = Archive::open(folder.path(), bounds).unwrap();
    let text = "x".repeat(10_000);
    let mut largest = 0;
    for number in 0..1000 {
        archive.append(source("n1", "g1"), vec![record(number, "mme", &text)]).await.unwrap();
        largest = largest.max(archive.size().bytes);
    }
    let size = archive.size();
    assert!(size.dropped_segments > 10 && size.segments > 1, "{size:?}");
    // One segment, with its journal, may be written before the oldest goes.
    assert!(largest < bounds.bytes + 8 * bounds.segment_bytes(), "{largest}");
    let kept = times(&archive, of_network("n1"), Order::NewestFirst, ALL).await;
    assert_eq!(kept[0], 999);
    assert!(kept.windows(2).all(|pair| pair[0] == pair[1] + 1), "only the oldest are gone");
    assert_eq!(archive.count(of_network("n1"), None).await.unwrap(), kept.len() as u64);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(files <= size.segments * 3, "{files} files for {} segments", size.segments);
}

#[tokio::test]
async fn the_oldest_segments_go_when_they_are_too_old() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), ArchiveBounds { age: Duration::ZERO, ..ROOMY }).unwrap();
    let mut number = 0;
    while archive.size().dropped_segments < 3 {
        assert!(number < 100_000, "nothing goes");
        number += 1;
        archive.append(source("n1", "g1"), vec![record(number, "mme", "x")]).await.unwrap();
    }
    let kept = times(&archive, of_network("n1"), Order::NewestFirst, ALL).await;
    assert_eq!(kept[0], number);
    assert!(!kept.contains(&1) && !kept.contains(&2) && !kept.contains(&3));
}

#[tokio::test]
async fn without_room_the_oldest_goes_and_then_nothing_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(&folder, true).await;
    assert!(archive.size().segments > 3);
    archive.close().await;
    let archive = Archive::open(folder.path(), ArchiveBounds { reserve: u64::MAX, ..ROOMY }).unwrap();
    assert_eq!(archive.size().segments, 1, "all but the newest are given up");
    let refused = archive.append(source("n1", "g1"), vec![record(1, "mme", "x")]).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Full { reason } if reason.contains("left to others")),
        "{refused}"
    );
    archive.close().await;
    let archive = Archive::open(folder.path(), ROOMY).unwrap();
    archive.append(source("n1", "g1"), vec![record(1, "mme", "x")]).await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(&folder, true).await;
    archive.close().await;
    std::fs::write(folder.path().join("0000000001.db"), "not a database, and long enough to be looked at")
        .unwrap();
    std::fs::write(folder.path().join("README"), "not ours").unwrap();
    let archive = Archive::open(folder.path(), ROOMY).unwrap();
    assert_eq!(times(&archive, of_network("n1"), Order::NewestFirst, ALL).await, [40, 30]);
    archive.append(source("n1", "g1"), vec![record(60, "mme", "new")]).await.unwrap();
    assert!(folder.path().join("README").exists());
}

#[tokio::test]
async fn a_reader_follows_and_is_told_what_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(&folder, true).await;
    let (mut place, mut seen) = (ArchivePlace::default(), Vec::new());
    loop {
        let next = archive.following(place, 1, 1 << 20).await.unwrap();
        assert_eq!(next.lost_segments, 0);
        assert_eq!(archive.behind(place), 5 - seen.len() as u64);
        place = next.place.to_string().parse().unwrap();
        if next.records.is_empty() {
            break;
        }
        seen.extend(next.records.iter().map(|found| found.record.time_ms));
    }
    assert_eq!(seen, [50, 10, 30, 20, 40], "in the order in which they came");
    assert_eq!(place, archive.end());
    let waiting = tokio::spawn({
        let archive = archive.clone();
        async move { archive.grown_beyond(place).await }
    });
    archive.append(source("n1", "g1"), vec![record(60, "mme", "x")]).await.unwrap();
    waiting.await.unwrap();
    assert_eq!(archive.behind(place), 1);
    while archive.shelf.drop_oldest() {}
    let next = archive.following(ArchivePlace { segment: 1, record: 1 }, 100, 1 << 20).await.unwrap();
    assert!(next.lost_segments >= 3, "{next:?}");
    assert_eq!(next.records.len(), 1);
    assert!("x-1".parse::<ArchivePlace>().is_err());
}

#[tokio::test]
async fn what_many_bring_at_once_is_committed_together_and_each_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), ROOMY).unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let archive = archive.clone();
            let source = source("n1", &format!("g{}", number % 7));
            tokio::spawn(async move { archive.append(source, vec![record(number, "mme", "x")]).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(archive.count(of_network("n1"), None).await.unwrap(), 200);
}
