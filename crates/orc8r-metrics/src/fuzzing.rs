//! What must hold for any octets in the store's files, and for any text that is asked: for fuzz/, and for the tests
//! below.

use std::fs;
use std::path::Path;

use crate::promql::{Engine, InstantQuery, Limits, RangeQuery, restricted_text};
use crate::tsdb::{Batch, ReadLimits, STALE, Scope, Selector, Settings, Tsdb, read_anything};
use crate::{Labels, Sample, Source};

const NOW: i64 = 1_700_000_000_000;

/// A store whose block and whose log are `bytes`: it opens, what is whole is found, and it goes on.
pub fn files(folder: &Path, bytes: &[u8]) {
    read_anything(bytes);
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).expect("the folder can be made");
    for file in ["000000000001.block", "000000000001.log"] {
        fs::write(folder.join(file), bytes).expect("the folder can be written to");
    }
    let store = Tsdb::open(folder, Settings::default(), NOW).expect("the folder can be read");
    let everything = || {
        let times = (i64::MIN, i64::MAX);
        store.select(&Selector::default(), &Scope::All, times, ReadLimits::default()).map(|found| {
            found.into_iter().map(|series| (series.labels.clone(), series.read(times.0, times.1))).collect()
        })
    };
    let before: Option<Vec<(Labels, Vec<Sample>)>> = everything().ok();
    store.make_block();
    store.merge_blocks(NOW + 4 * 24 * 3_600_000);
    let after = everything().ok();
    let text = |found: &Option<Vec<_>>| format!("{found:?}");
    assert_eq!(text(&before), text(&after), "a block has what the log had");
}

/// A store with something in it for most expressions: counters that begin anew, gauges with every odd value, a histogram, and
/// marks of series that ended, under the names of the corpus.
pub fn store(folder: &Path) -> Tsdb {
    let store = Tsdb::open(folder, Settings::default(), NOW - 600_000).expect("the folder can be read");
    let odd = [0.0, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, f64::from_bits(STALE), 3.0];
    for (network, gateway) in [("n1", "g1"), ("n1", "g2"), ("n2", "g1")] {
        let source = Source { network: network.to_owned(), gateway: gateway.to_owned() };
        for step in 0..20_i32 {
            let time_ms = NOW - 15_000 * i64::from(19 - step);
            let mut batch = Batch::default();
            let mut push = |name: &str, labels: &[(&str, &str)], value: f64| {
                batch.push(name, labels.iter().copied(), Sample { value, time_ms });
            };
            for name in ["constant", "cpu_percent", "gaps", "odd", "once", "sparse", "up", "wave"] {
                push(name, &[("kind", "saw")], odd[(step as usize + name.len()) % odd.len()]);
            }
            for name in ["jitter_total", "ue_attach", "ue_reported_usage"] {
                push(name, &[("apn", "a"), ("direction", "down")], f64::from(step % 7 * 100));
            }
            for (bound, count) in [("0.1", step), ("1", 2 * step), ("+Inf", 3 * step), ("odd", step)] {
                push("latency_bucket", &[("le", bound)], f64::from(count));
            }
            store.append(&source, &batch, NOW);
        }
    }
    store
}

/// Any text that is asked: an answer or an error, and what is restricted can be read again.
pub fn query(store: &Tsdb, text: &str) {
    let limits = Limits { samples: 100_000, points: 100, ..Limits::default() };
    let engine = Engine::new(store.clone(), limits);
    let scope = Scope::network("n1");
    let _ = engine.instant(&InstantQuery { text: text.to_owned(), time_ms: NOW }, &scope);
    let range = RangeQuery { text: text.to_owned(), start_ms: NOW - 60_000, end_ms: NOW, step_ms: 7000 };
    let _ = engine.range(&range, &scope);
    if let Ok(printed) = restricted_text(text, &scope) {
        assert!(printed.matches("networkID=\"n1\"").count() >= selectors(&printed), "{printed}");
    }
}

/// At least so many selectors there are: each has braces once it is restricted.
fn selectors(printed: &str) -> usize {
    let (mut count, mut quote) = (0, None);
    let mut letters = printed.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(end), letter) if letter == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '{') => count += 1,
            (None, _) => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_are_dropped_or_set_aside_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("metrics");
        magma_mutations::replay_rounds("metrics_store", 300, |bytes| files(&folder, bytes));
    }

    #[test]
    fn octets_that_are_no_tables_are_read_to_no_harm() {
        magma_mutations::replay("metrics_store", read_anything);
    }

    #[test]
    fn no_text_breaks_the_engine() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        magma_mutations::replay_rounds("promql", 3000, |bytes| {
            query(&store, &String::from_utf8_lossy(bytes))
        });
    }
}
