//! Pages as programs write them, and as broken ones do.

use wire_orc8r::prometheus::{MetricFamily, MetricType};

use super::*;

const NOW_MS: i64 = 1_700_000_000_123;

const PAGE: &str = "\
# HELP requests_total Requests \\ served.
# TYPE requests_total counter
requests_total{code=\"200\"} 1027 1395066363000
requests_total{code=\"500\"} 3

# TYPE up gauge
up 1
free -0.5
# TYPE rpc summary
rpc{quantile=\"0.5\",m=\"a\"} 4773
rpc{m=\"b\",quantile=\"0.5\"} 7
rpc_sum{m=\"a\"} 17.5
rpc_count{m=\"a\"} 2693
rpc_sum{m=\"b\"} 1
# TYPE size histogram
size_bucket{le=\"100\"} 2
size_bucket{le=\"+Inf\"} 3
size_sum 300.5
size_count 3
# TYPE old counter
old_total 4
# EOF
";

fn described(family: &MetricFamily) -> String {
    let metrics: Vec<String> = family
        .metric
        .iter()
        .map(|metric| {
            assert_eq!(metric.timestamp_ms, Some(NOW_MS));
            let labels: Vec<String> =
                metric.label.iter().map(|l| format!("{}={}", l.name(), l.value())).collect();
            let mut value = String::new();
            if let Some(counter) = metric.counter {
                value = format!("counter {}", counter.value());
            } else if let Some(gauge) = metric.gauge {
                value = format!("gauge {}", gauge.value());
            } else if let Some(untyped) = metric.untyped {
                value = format!("untyped {}", untyped.value());
            } else if let Some(s) = &metric.summary {
                let points: Vec<_> = s.quantile.iter().map(|q| (q.quantile(), q.value())).collect();
                value = format!("summary {points:?} {} {}", s.sample_sum(), s.sample_count());
            } else if let Some(h) = &metric.histogram {
                let points: Vec<_> =
                    h.bucket.iter().map(|b| (b.upper_bound(), b.cumulative_count())).collect();
                value = format!("histogram {points:?} {} {}", h.sample_sum(), h.sample_count());
            }
            format!("{{{}}} {value}", labels.join(","))
        })
        .collect();
    format!("{} {}", family.name(), metrics.join(" | "))
}

#[test]
fn every_type_becomes_what_magma_sends() {
    let page = parse(PAGE, NOW_MS);
    let families: Vec<String> = page.families.iter().map(described).collect();
    assert_eq!(
        families,
        [
            "requests_total {code=200} counter 1027 | {code=500} counter 3",
            "up {} gauge 1",
            "free {} untyped -0.5",
            "rpc {m=a} summary [(0.5, 4773.0)] 17.5 2693",
            "rpc {m=b} summary [(0.5, 7.0)] 1 0",
            "size {} histogram [(100.0, 2), (inf, 3)] 300.5 3",
            "old_total {} counter 4",
        ]
    );
    assert_eq!(page.families[3].r#type(), MetricType::Summary);
    assert_eq!(page.skipped, 0);
}

#[test]
fn what_is_no_sample_is_skipped_and_counted() {
    let page = parse("a 1\n<html>\nb{\n# TYPE s summary\ns 1\ns{quantile=\"x\"} 1\nc nope\nd 2\n", NOW_MS);
    let names: Vec<&str> = page.families.iter().map(|family| family.name()).collect();
    assert_eq!((names, page.skipped), (vec!["a", "d"], 5));
    assert_eq!(parse("", NOW_MS), Page::default());
}

#[test]
fn a_type_that_is_told_late_or_twice_mixes_nothing() {
    let page =
        parse("a 1\n# TYPE a summary\na_sum 2\na{quantile=\"0.5\"} 3\n# TYPE a gauge\na_sum 4\n", NOW_MS);
    let families: Vec<String> = page.families.iter().map(described).collect();
    assert_eq!(families, ["a {} untyped 1", "a {} summary [(0.5, 3.0)] 4 0"]);
    assert_eq!(page.skipped, 0);
}

#[test]
fn samples_and_labels_are_bounded() {
    let many: String = (0..SAMPLES_MAX + 10).map(|n| format!("m{n} 1\n")).collect();
    let page = parse(&many, NOW_MS);
    assert_eq!((page.families.len(), page.skipped), (SAMPLES_MAX, 10));
    assert_eq!(parse("a{x=\"y\",x=\"z\"} 1\nb{x=\"y\"} 1\n", NOW_MS).skipped, 1, "a label twice");
    let labels: String = (0..=LABELS_MAX).map(|n| format!("l{n}=\"\",")).collect();
    assert_eq!(parse(&format!("a{{{labels}}} 1\n"), NOW_MS).skipped, 1);
}
