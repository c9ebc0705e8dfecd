//! Fuzzes lines of syslog.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_fluent::fuzzing::syslog(bytes));
