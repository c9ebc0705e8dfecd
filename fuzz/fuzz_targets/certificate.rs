//! Fuzzes certificates in DER or PEM.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_crypto::fuzzing::certificate(bytes));
