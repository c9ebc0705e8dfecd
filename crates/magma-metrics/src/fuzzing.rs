//! What must hold for any octets that a scraped program answers: for fuzz/, and for the test below.

use crate::exposition;
use crate::text::{SAMPLES_MAX, parse};

const NOW_MS: i64 = 1_700_000_000_123;

/// The body of a page, as scraping takes it.
pub fn scrape(body: &[u8]) {
    let page = parse(&String::from_utf8_lossy(body), NOW_MS);
    let samples: usize = page.families.iter().map(|family| family.metric.len()).sum();
    let lines = body.split(|byte| *byte == b'\n').count();
    assert!(
        samples + page.skipped <= lines,
        "{samples} samples and {} others of {lines} lines",
        page.skipped
    );
    assert!(samples <= SAMPLES_MAX);
    assert!(page.families.iter().all(|family| !family.name().is_empty() && !family.metric.is_empty()));
    // What was understood can be written and understood again.
    let written = exposition::page(&page.families);
    assert_eq!(parse(&written, NOW_MS).skipped, 0, "{written}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_pages_are_read_or_refused() {
        magma_mutations::replay("scrape", super::scrape);
    }
}
