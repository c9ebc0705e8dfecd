//! What must hold for any octets that stand in a queue's files: for fuzz/, and for the test below.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::{Bounds, Spool};

const BOUNDS: Bounds = Bounds { bytes: 1 << 20, age: Duration::from_secs(3600) };

/// A queue in `folder`, whose oldest segment and whose position are `bytes`: what is whole is read, and it goes on.
pub fn segment(folder: &Path, bytes: &[u8]) {
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).expect("the folder can be made");
    for file in ["0000000000000001.segment", "position"] {
        fs::write(folder.join(file), bytes).expect("the folder can be written to");
    }
    let mut spool = Spool::open(folder, BOUNDS).expect("the bounds hold something");
    let found = spool.peek_many(usize::MAX).expect("the disk reads");
    let octets: usize = found.iter().map(|record| record.bytes.len()).sum();
    assert!(octets <= bytes.len(), "{octets} octets of records in {}", bytes.len());
    spool.commit(found.len());
    spool.append(b"next").expect("the disk has room");
    assert_eq!(spool.peek().expect("the disk reads").expect("one record").bytes, b"next");
}

#[cfg(test)]
mod tests {
    /// Fewer than of others: each waits for the disk.
    #[test]
    fn a_hundred_damaged_segments_lose_only_what_is_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("queue");
        magma_mutations::replay_rounds("spool", 100, |bytes| super::segment(&folder, bytes));
    }
}
