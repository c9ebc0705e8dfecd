//! Fuzzes the reading and the evaluation of PromQL.

#![no_main]

use std::sync::LazyLock;

use orc8r_metrics::tsdb::Tsdb;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));
static STORE: LazyLock<Tsdb> = LazyLock::new(|| orc8r_metrics::fuzzing::store(FOLDER.path()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orc8r_metrics::fuzzing::query(&STORE, &String::from_utf8_lossy(bytes)));
