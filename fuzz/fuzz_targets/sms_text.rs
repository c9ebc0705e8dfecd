//! Fuzzes what users send as short messages.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orc8r_sms::fuzzing::sms_text(bytes));
