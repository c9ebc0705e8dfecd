//! The block `metricsd`: its defaults, our own keys, and its mistakes.

use std::time::Duration;

use magma_config::{Metricsd, PostProcessing, PostProcessingRule, ScrapeTarget, Severity, load};

use crate::gateway_folder::{GatewayFolder, MAGMAD};

/// The block with these lines, and what was said of it: line, severity and message.
fn read(lines: &str) -> (Option<Metricsd>, Vec<(u32, Severity, String)>) {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/magmad.yml", format!("{MAGMAD}metricsd:\n{lines}"));
    let (config, problems) = load(&folder.paths());
    let problems = problems.into_iter().map(|p| (p.line.unwrap_or(0), p.severity, p.message)).collect();
    (config.and_then(|config| config.magmad.metricsd), problems)
}

#[test]
fn a_short_block_has_the_defaults() {
    let (metricsd, problems) = read("  services: [magmad]\n");
    let metricsd = metricsd.unwrap();
    assert_eq!(problems, []);
    assert_eq!(
        (metricsd.queue_age_max, metricsd.queue_bytes_max),
        (Duration::from_secs(24 * 3600), 16 << 20)
    );
    assert_eq!((metricsd.prometheus_listen, metricsd.post_processing.len()), (None, 0));
    assert!(metricsd.is_on());
    for off in ["  services: [magmad]\n  queue_length: 0\n", "  collect_interval: 60\n"] {
        let (metricsd, problems) = read(off);
        assert_eq!((metricsd.unwrap().is_on(), problems.len()), (false, 0), "{off}");
    }
    let (_, problems) = read("  services: [magmad]\n  queue_length: 500\n");
    assert!(
        matches!(problems.as_slice(), [(14, Severity::NoEffect, m)] if m.contains("queue_max_mb")),
        "{problems:?}"
    );
}

#[test]
fn every_key_is_read() {
    let (metricsd, problems) = read(
        "  queue_max_age_hours: 2\n  queue_max_mb: 0.5\n  prometheus_listen: 9100\n  \
         metric_scrape_targets:\n    - url: http://127.0.0.1:9200/metrics\n      name: exporter\n      interval: 30\n  \
         post_processing:\n    - {metric: 'go_*', action: drop}\n    - {metric: up, action: keep}\n    \
         - {metric: a, action: rename, to: b}\n    - {metric: '*', action: add_label, label: site, value: north}\n",
    );
    let metricsd = metricsd.unwrap();
    assert_eq!(problems, []);
    assert_eq!((metricsd.queue_age_max, metricsd.queue_bytes_max), (Duration::from_secs(7200), 1 << 19));
    assert_eq!(metricsd.prometheus_listen, Some("127.0.0.1:9100".parse().unwrap()));
    let [url, name] = ["http://127.0.0.1:9200/metrics", "exporter"].map(str::to_owned);
    assert_eq!(metricsd.scrape_targets, [ScrapeTarget { url, name, interval: Duration::from_secs(30) }]);
    assert!(metricsd.is_on());
    let label = PostProcessing::AddLabel { label: "site".into(), value: "north".into() };
    let rules = [
        ("go_*", PostProcessing::Drop),
        ("up", PostProcessing::Keep),
        ("a", PostProcessing::Rename("b".into())),
        ("*", label),
    ];
    let rules = rules.map(|(metric, action)| PostProcessingRule { metric: metric.into(), action });
    assert_eq!(metricsd.post_processing, rules);
}

#[test]
fn a_listener_is_on_loopback_unless_an_address_is_written() {
    for (written, expected) in [
        ("9100", "127.0.0.1:9100"),
        ("':9100'", "127.0.0.1:9100"),
        ("0.0.0.0:9100", "0.0.0.0:9100"),
        ("'[::1]:9100'", "[::1]:9100"),
    ] {
        let (metricsd, problems) = read(&format!("  prometheus_listen: {written}\n"));
        assert_eq!(metricsd.unwrap().prometheus_listen, Some(expected.parse().unwrap()), "{problems:?}");
    }
}

#[test]
fn the_function_that_does_nothing_is_honoured_and_others_are_told() {
    let shipped = "magma.magmad.metrics_collector.do_nothing_metrics_postprocessor";
    assert_eq!(read(&format!("  post_processing_fn: {shipped}\n")).1, []);
    let (metricsd, problems) = read("  post_processing_fn: my.module.fn\n");
    assert!(metricsd.is_some());
    let [(13, Severity::NoEffect, message)] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(message.contains("metricsd.post_processing"), "{message}");
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (lines, part) in [
        ("  prometheus_listen: localhost:9100\n", "127.0.0.1:9100"),
        ("  metric_scrape_targets: [{url: 'ftp://x', name: a}]\n", "http://"),
        ("  metric_scrape_targets: [{url: 'http://x'}]\n", "is missing"),
        ("  post_processing: [{metric: a}]\n", "needs `metric` and `action`"),
        ("  post_processing: [{metric: a, action: mend}]\n", "must be drop, keep, rename or add_label"),
        ("  post_processing: [{metric: a, action: rename}]\n", "needs it"),
        ("  post_processing: [{metric: 'a*b', action: drop}]\n", "beginning and *"),
        ("  post_processing: [{metric: a, action: add_label, label: 1x, value: y}]\n", "no digit first"),
        ("  queue_max_age_hours: 0\n", "from 1 to 8760"),
    ] {
        let (metricsd, problems) = read(lines);
        assert!(metricsd.is_none(), "{lines}");
        assert!(
            problems.iter().any(|(line, _, message)| *line == 13 && message.contains(part)),
            "{problems:?}"
        );
    }
}
