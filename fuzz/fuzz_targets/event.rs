//! Fuzzes the values of events that local programs send.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_eventd::fuzzing::event(bytes));
