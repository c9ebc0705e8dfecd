//! Writes metric families as a page in the Prometheus text exposition format.
//!
//! Families of one name from several services become one, as the format wants it. Names are made valid as the cloud
//! makes them: `60` becomes `_60`. There are no time stamps: who fetches the page wants what is true now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use wire_orc8r::prometheus as wire;

/// The media type of a page.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page with all of these families, by name.
pub fn page<'f>(families: impl IntoIterator<Item = &'f wire::MetricFamily>) -> String {
    let mut by_name: BTreeMap<String, Vec<&wire::MetricFamily>> = BTreeMap::new();
    for family in families {
        by_name.entry(valid(family.name(), ":")).or_default().push(family);
    }
    let taken: BTreeSet<String> = by_name.iter().flat_map(|(name, families)| parts(name, families)).collect();
    let mut page = String::new();
    for (name, families) in by_name {
        // A page has each series once. A program that tells a histogram's type after some of its samples gives both.
        if taken.contains(&name) {
            continue;
        }
        // Of families with one name and several types, the first one's type counts.
        let kind = families.first().map_or(wire::MetricType::Untyped, |family| family.r#type());
        let _ = writeln!(page, "# TYPE {name} {}", kind.as_str_name().to_ascii_lowercase());
        let metrics = families.into_iter().filter(|family| family.r#type() == kind);
        for metric in metrics.flat_map(|family| &family.metric) {
            write_metric(&mut page, &name, metric);
        }
    }
    page
}

/// The names of the series that a summary or histogram has beside its own.
fn parts(name: &str, families: &[&wire::MetricFamily]) -> impl Iterator<Item = String> {
    let suffixes: &[&str] = match families.first().map(|family| family.r#type()) {
        Some(wire::MetricType::Summary) => &["_sum", "_count"],
        Some(wire::MetricType::Histogram) => &["_bucket", "_sum", "_count"],
        _ => &[],
    };
    suffixes.iter().map(move |suffix| format!("{name}{suffix}"))
}

fn write_metric(page: &mut String, name: &str, metric: &wire::Metric) {
    let simple = metric.counter.map(|counter| counter.value());
    let simple = simple.or(metric.gauge.map(|gauge| gauge.value()));
    let simple = simple.or(metric.untyped.map(|untyped| untyped.value()));
    if let Some(value) = simple {
        line(page, name, "", metric, None, value);
    }
    if let Some(summary) = &metric.summary {
        for quantile in &summary.quantile {
            line(page, name, "", metric, Some(("quantile", quantile.quantile())), quantile.value());
        }
        line(page, name, "_sum", metric, None, summary.sample_sum());
        line(page, name, "_count", metric, None, summary.sample_count() as f64);
    }
    if let Some(histogram) = &metric.histogram {
        for bucket in histogram.bucket.iter().filter(|bucket| bucket.upper_bound() < f64::INFINITY) {
            let count = bucket.cumulative_count() as f64;
            line(page, name, "_bucket", metric, Some(("le", bucket.upper_bound())), count);
        }
        let count = histogram.sample_count() as f64;
        line(page, name, "_bucket", metric, Some(("le", f64::INFINITY)), count);
        line(page, name, "_sum", metric, None, histogram.sample_sum());
        line(page, name, "_count", metric, None, count);
    }
}

fn line(
    page: &mut String,
    name: &str,
    suffix: &str,
    metric: &wire::Metric,
    point: Option<(&str, f64)>,
    value: f64,
) {
    page.push_str(name);
    page.push_str(suffix);
    let mut separator = '{';
    for label in &metric.label {
        page.push(separator);
        page.push_str(&valid(label.name(), ""));
        page.push_str("=\"");
        page.extend(label.value().chars().flat_map(escaped));
        page.push('"');
        separator = ',';
    }
    if let Some((label, bound)) = point {
        page.push(separator);
        page.push_str(label);
        page.push_str("=\"");
        number(page, bound);
        page.push('"');
        separator = ',';
    }
    if separator == ',' {
        page.push('}');
    }
    page.push(' ');
    number(page, value);
    page.push('\n');
}

fn number(page: &mut String, value: f64) {
    if value.is_infinite() {
        page.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else if value.abs() < 1e15 {
        let _ = write!(page, "{value}");
    } else {
        let _ = write!(page, "{value:e}");
    }
}

/// The name with `_` for what a name may not have.
fn valid(name: &str, further: &str) -> String {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || further.contains(c);
    let begins_well = name.starts_with(|c: char| !c.is_ascii_digit());
    let beginning = if begins_well { "" } else { "_" };
    let rest = name.chars().map(|c| if of_name(c) { c } else { '_' });
    beginning.chars().chain(rest).collect()
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        '\n' => ('\\', Some('n')),
        '"' | '\\' => ('\\', Some(c)),
        _ => (c, None),
    };
    std::iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse;

    const PAGE: &str = "\
# TYPE _60 gauge
_60{service=\"magmad\"} 1
# TYPE a counter
a 1
a{x=\"q\\\"\\\\\\n\"} -0.5
# TYPE h histogram
h_bucket{le=\"0.5\"} 1
h_bucket{le=\"+Inf\"} 3
h_sum 12.5
h_count 3
# TYPE s summary
s{x=\"y\",quantile=\"0.9\"} 1e100
s_sum{x=\"y\"} +Inf
s_count{x=\"y\"} 7
# TYPE u untyped
u NaN
";

    #[test]
    fn a_page_that_is_read_is_written_as_it_was() {
        let families = parse(PAGE, 7).families;
        assert_eq!(page(&families), PAGE);
    }

    #[test]
    fn families_of_several_services_become_one_and_names_become_valid() {
        let gauge = |name: &str, service: &str| {
            let mut families = parse(&format!("# TYPE x gauge\nx{{service=\"{service}\"}} 1\n"), 7).families;
            families[0].name = Some(name.to_owned());
            families.remove(0)
        };
        let mut other = gauge("60", "c");
        other.r#type = Some(wire::MetricType::Counter.into());
        let families = [gauge("60", "a"), gauge("b-c", "a"), gauge("60", "b"), other];
        let expected = "# TYPE _60 gauge\n_60{service=\"a\"} 1\n_60{service=\"b\"} 1\n\
                        # TYPE b_c gauge\nb_c{service=\"a\"} 1\n";
        assert_eq!(page(&families), expected);
    }
}
