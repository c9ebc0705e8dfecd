//! Fuzzes YAML documents that are read as JSON: schemas of events.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_config::fuzzing::schema(bytes));
