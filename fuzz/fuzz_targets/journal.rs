//! Fuzzes the journal of an upgrade.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_upgrade::fuzzing::journal(bytes));
