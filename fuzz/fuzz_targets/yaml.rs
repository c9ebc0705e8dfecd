//! Fuzzes the YAML files of a gateway: the input is each of them.

#![no_main]

use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    magma_config::fuzzing::gateway_folder(folder.path()).expect("it can be written to");
    folder
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_config::fuzzing::yaml(FOLDER.path(), bytes));
