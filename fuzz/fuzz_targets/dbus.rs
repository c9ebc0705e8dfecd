//! Fuzzes what comes from where the bus should be.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_dbus::fuzzing::message(bytes));
