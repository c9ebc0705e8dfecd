//! Fuzzes manifests of upgrades.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_upgrade::fuzzing::manifest(bytes));
