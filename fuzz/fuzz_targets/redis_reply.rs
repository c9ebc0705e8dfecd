//! Fuzzes what comes from where Redis should be.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_redis::fuzzing::replies(bytes));
