//! Fuzzes the stream of SyncRPC, as a cloud sends it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magmad::sync_rpc::fuzzing::session(bytes));
