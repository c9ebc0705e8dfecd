//! Fuzzes JSON objects on a stream.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_fluent::fuzzing::json(bytes));
