//! Fuzzes `gateway.mconfig`: what the cloud manages.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_config::fuzzing::mconfig(bytes));
