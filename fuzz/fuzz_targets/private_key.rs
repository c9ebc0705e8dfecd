//! Fuzzes private keys in PEM.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_crypto::fuzzing::private_key(bytes));
