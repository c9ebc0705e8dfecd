//! Fuzzes the body of a scraped page.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| magma_metrics::fuzzing::scrape(bytes));
