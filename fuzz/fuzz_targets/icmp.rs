//! Fuzzes what arrives at sockets for pings and traces.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_icmp::fuzzing::packet(bytes));
