//! Fuzzes what gateways' log forwarders send to the Orchestrator.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orc8r_logs::fuzzing::forward_intake(bytes));
