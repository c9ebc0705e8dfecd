//! What is done to families after they were collected: time stamps, labels, the operator's rules.

use magma_config::{PostProcessing, PostProcessingRule};
use wire_orc8r::prometheus as wire;

/// A gauge with one sample and one label.
pub fn gauge(name: &str, (label, value): (&str, &str), sample: f64, now_ms: i64) -> wire::MetricFamily {
    let mut metric = wire::Metric {
        gauge: Some(wire::Gauge { value: Some(sample) }),
        timestamp_ms: Some(now_ms),
        ..wire::Metric::default()
    };
    set_label_of(&mut metric, label, value);
    wire::MetricFamily {
        name: Some(name.to_owned()),
        help: None,
        r#type: Some(wire::MetricType::Gauge.into()),
        metric: vec![metric],
    }
}

/// Gives every sample the label, in place of one of that name.
pub fn set_label(families: &mut [wire::MetricFamily], name: &str, value: &str) {
    for metric in families.iter_mut().flat_map(|family| &mut family.metric) {
        set_label_of(metric, name, value);
    }
}

/// Gives every sample without a time stamp this one, and takes help texts off, which would be sent every minute.
pub fn complete(families: &mut [wire::MetricFamily], now_ms: i64) {
    for family in families {
        family.help = None;
        for metric in &mut family.metric {
            if metric.timestamp_ms() == 0 {
                metric.timestamp_ms = Some(now_ms);
            }
        }
    }
}

/// Puts every family through the rules in their order.
pub fn post_process(families: &mut Vec<wire::MetricFamily>, rules: &[PostProcessingRule]) {
    if !rules.is_empty() {
        families.retain_mut(|family| stays(family, rules));
    }
}

fn stays(family: &mut wire::MetricFamily, rules: &[PostProcessingRule]) -> bool {
    for rule in rules {
        if !matches(&rule.metric, family.name()) {
            continue;
        }
        match &rule.action {
            PostProcessing::Drop => return false,
            PostProcessing::Keep => return true,
            PostProcessing::Rename(to) => family.name = Some(to.clone()),
            PostProcessing::AddLabel { label, value } => {
                set_label(std::slice::from_mut(family), label, value);
            }
        }
    }
    true
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

fn set_label_of(metric: &mut wire::Metric, name: &str, value: &str) {
    match metric.label.iter_mut().find(|label| label.name() == name) {
        Some(label) => label.value = Some(value.to_owned()),
        None => {
            let [name, value] = [name, value].map(|text| Some(text.to_owned()));
            metric.label.push(wire::LabelPair { name, value });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::page;
    use crate::text::parse;

    #[test]
    fn rules_apply_in_their_order() {
        let add = || PostProcessing::AddLabel { label: "site".into(), value: "north".into() };
        let rename = || PostProcessing::Rename("new".into());
        let rule = |metric: &str, action| PostProcessingRule { metric: metric.into(), action };
        for (what, rules, expected) in [
            ("none", vec![], "go_a 1\ngo_b 1\nold 1\n"),
            ("drop by beginning", vec![rule("go_*", PostProcessing::Drop)], "old 1\n"),
            (
                "keep before drop",
                vec![rule("go_b", PostProcessing::Keep), rule("*", PostProcessing::Drop)],
                "go_b 1\n",
            ),
            (
                "rename, then a rule for the new name",
                vec![rule("go_*", PostProcessing::Drop), rule("old", rename()), rule("new", add())],
                "new{site=\"north\"} 1\n",
            ),
            ("a name is not a beginning", vec![rule("go_", PostProcessing::Drop)], "go_a 1\ngo_b 1\nold 1\n"),
        ] {
            let mut families = parse("go_a 1\ngo_b 1\nold 1\n", 5).families;
            post_process(&mut families, &rules);
            let page = page(&families);
            let lines: String =
                page.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
            assert_eq!(lines, expected, "{what}");
        }
    }

    #[test]
    fn labels_and_times_are_completed() {
        let mut families = parse("a{service=\"x\"} 1\na 2\n", 5).families;
        families[0].metric[1].timestamp_ms = None;
        families[0].help = Some("long".into());
        complete(&mut families, 9);
        set_label(&mut families, "service", "mme");
        assert_eq!(page(&families), "# TYPE a untyped\na{service=\"mme\"} 1\na{service=\"mme\"} 2\n");
        let times: Vec<_> = families[0].metric.iter().map(|metric| metric.timestamp_ms()).collect();
        assert_eq!((times, families[0].help.as_ref()), (vec![5, 9], None));
        let success = gauge("60", ("service", "mme"), 1.0, 9);
        assert_eq!(page([&success]), "# TYPE _60 gauge\n_60{service=\"mme\"} 1\n");
    }
}
