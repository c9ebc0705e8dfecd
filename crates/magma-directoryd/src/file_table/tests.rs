//! The table on real files: what is there after a restart, a cut and a full disk.

use super::*;
use magma_redis::Scan;
use tempfile::TempDir;

fn stored(text: &str) -> Stored {
    Stored(text.into())
}

fn open(folder: &TempDir) -> FileTable {
    FileTable::open(&folder.path().join("new/records")).unwrap()
}

fn records(table: &FileTable) -> BTreeMap<String, Stored> {
    table.locked().records.clone()
}

#[tokio::test]
async fn only_what_was_seen_is_changed_and_all_of_it_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    for (name, done, expected) in [
        ("made", table.replace("a", None, stored("1")).await, true),
        ("not made twice", table.replace("a", None, stored("2")).await, false),
        ("replaced as seen", table.replace("a", Some(&stored("1")), stored("2")).await, true),
        ("not removed by an old reader", table.remove("a", &stored("1")).await, false),
        ("another", table.replace("b", None, stored("3")).await, true),
        ("removed as seen", table.remove("b", &stored("3")).await, true),
    ] {
        assert_eq!(done.unwrap(), expected, "{name}");
    }
    drop(table);
    let table = open(&folder);
    assert_eq!(records(&table), [("a".to_owned(), stored("2"))].into());
    assert_eq!(Scan::new(&table).next().await.unwrap(), Some(("a".to_owned(), Some(stored("2")))));
    table.replace("c", None, stored("4")).await.unwrap();
    drop(table);
    assert_eq!(records(&open(&folder)).len(), 2, "what came after the restart as well");
}

#[tokio::test]
async fn what_was_being_written_when_the_power_went_is_cut_off() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    table.replace("a", None, stored("1")).await.unwrap();
    table.replace("b", None, stored("2")).await.unwrap();
    let path = table.path.clone();
    drop(table);
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
    let table = open(&folder);
    table.replace("c", None, stored("3")).await.unwrap();
    drop(table);
    assert_eq!(records(&open(&folder)).keys().collect::<Vec<_>>(), ["a", "c"]);
}

#[tokio::test]
async fn history_does_not_fill_the_disk() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    let mut before = None;
    for round in 0..20_u8 {
        let new = Stored(vec![round; 64 * 1024]);
        assert!(table.replace("a", before.as_ref(), new.clone()).await.unwrap());
        before = Some(new);
    }
    let length = fs::metadata(&table.path).unwrap().len();
    assert!(length < 3 * 64 * 1024 + HISTORY_BYTES_MAX as u64, "{length}");
    drop(table);
    assert_eq!(records(&open(&folder))["a"].0[0], 19);
}

#[tokio::test]
async fn the_number_of_records_is_bounded() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    for id in 0..RECORDS_MAX {
        table.replace(&id.to_string(), None, stored("")).await.unwrap();
    }
    let error = table.replace("more", None, stored("")).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(
        table.replace("0", Some(&stored("")), stored("x")).await.unwrap(),
        "those that are there may change"
    );
    assert!(table.remove("0", &stored("x")).await.unwrap());
    assert!(table.replace("more", None, stored("")).await.unwrap());
}

#[tokio::test]
async fn a_disk_that_refuses_leaves_the_table_as_it_was_and_is_used_again_later() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    table.replace("a", None, stored("1")).await.unwrap();
    // A file that refuses every byte, as a full disk does.
    table.locked().journal = Some(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let error = table.replace("b", None, stored("2")).await.unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error}");
    assert_eq!(records(&table).len(), 1);
    assert!(table.replace("b", None, stored("3")).await.unwrap());
    drop(table);
    assert_eq!(records(&open(&folder))["b"], stored("3"));
}

#[tokio::test]
async fn the_table_is_bounded_in_bytes_and_a_full_one_can_be_emptied() {
    let folder = TempDir::new().unwrap();
    let table = open(&folder);
    let large = || Stored(vec![b'x'; BYTES_MAX / 32 - 2]);
    for id in 10..42 {
        assert!(table.replace(&id.to_string(), None, large()).await.unwrap());
    }
    let refused = table.replace("c", None, stored("1")).await;
    assert!(matches!(refused, Err(StoreError::Full { records: 32 })), "{refused:?}");
    assert!(table.replace("10", Some(&large()), stored("1")).await.unwrap(), "what gets smaller");
    assert!(table.replace("c", None, stored("2")).await.unwrap());
    assert!(table.remove("11", &large()).await.unwrap());
    drop(table);
    assert_eq!(open(&folder).locked().live, 30 * BYTES_MAX / 32 + 5);
}
