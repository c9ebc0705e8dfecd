//! Whole configuration documents: one of ours, and those of existing gateways where they are at hand.

use std::path::PathBuf;

/// A document of a newer cloud, with entries that this version does not know and one that is broken.
pub const NEWER_CLOUD: &[u8] = include_bytes!("../../tests/fixtures/newer_cloud.mconfig");

/// Path and content of each `gateway.mconfig` in the folder of reference files; none without that folder.
pub fn of_existing_gateways() -> Vec<(String, Vec<u8>)> {
    let shared = std::env::var_os("MAGMA_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let Ok(sets) = std::fs::read_dir(shared.join("data/configs")) else {
        println!("skipped: no reference files (set MAGMA_SHARED to their folder)");
        return Vec::new();
    };
    let files = sets.map(|set| set.unwrap().path().join("gateway.mconfig")).filter(|file| file.exists());
    let read = |file: PathBuf| (file.display().to_string(), std::fs::read(&file).unwrap());
    let documents: Vec<_> = files.map(read).collect();
    assert!(!documents.is_empty(), "the folder is there, but no gateway.mconfig in it");
    documents
}
