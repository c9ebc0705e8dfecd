//! Fuzzes messages of the Fluent forward protocol.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_fluent::fuzzing::forward(bytes));
