//! Fuzzes the files of the Orchestrator's metrics.

#![no_main]

use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orc8r_metrics::fuzzing::files(&FOLDER.path().join("metrics"), bytes));
