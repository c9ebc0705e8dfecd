//! Fuzzes what web servers and HTTP proxies answer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_rpc::fuzzing::http_answer(bytes));
