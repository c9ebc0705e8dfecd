//! Fuzzes the files of a queue on disk.

#![no_main]

use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_spool::fuzzing::segment(&FOLDER.path().join("queue"), bytes));
