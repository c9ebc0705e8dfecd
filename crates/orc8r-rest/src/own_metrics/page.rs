//! A page in Prometheus' text format, family by family.

use std::fmt::Write;

/// A page that is being written.
#[derive(Default)]
pub(super) struct Page(String);

/// The labels of a series as names and values, which need no escapes.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Page {
    /// What only grows; the name ends with `_total`.
    pub(super) fn counter(&mut self, name: &str, help: &str, series: &[(Labels<'_>, u64)]) {
        self.plain(name, "counter", help, series);
    }

    /// What goes up and down.
    pub(super) fn gauge(&mut self, name: &str, help: &str, series: &[(Labels<'_>, u64)]) {
        self.plain(name, "gauge", help, series);
    }

    /// A sum of times, in microseconds, and how many there were: a summary without quantiles, in seconds.
    pub(super) fn times(&mut self, name: &str, help: &str, series: &[(Labels<'_>, u64, u64)]) {
        self.head(name, "summary", help);
        for (labels, sum_us, count) in series {
            self.line(&format!("{name}_sum"), labels, &seconds(*sum_us));
            self.line(&format!("{name}_count"), labels, &count.to_string());
        }
    }

    /// Times in buckets, each with its bound in seconds and how many took at most as long; sum in microseconds, and count.
    pub(super) fn histogram<'a>(
        &mut self,
        name: &str,
        help: &str,
        buckets: impl Iterator<Item = (&'a str, u64)>,
        (sum_us, count): (u64, u64),
    ) {
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (bound, at_most) in buckets {
            self.line(&bucket, &[("le", bound)], &at_most.to_string());
        }
        self.line(&bucket, &[("le", "+Inf")], &count.to_string());
        self.line(&format!("{name}_sum"), &[], &seconds(sum_us));
        self.line(&format!("{name}_count"), &[], &count.to_string());
    }

    /// All of it.
    pub(super) fn text(self) -> String {
        self.0
    }

    fn plain(&mut self, name: &str, kind: &str, help: &str, series: &[(Labels<'_>, u64)]) {
        self.head(name, kind, help);
        for (labels, value) in series {
            self.line(name, labels, &value.to_string());
        }
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: Labels<'_>, value: &str) {
        self.0.push_str(name);
        for (number, (label, value)) in labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{value}\"");
        }
        self.0.push_str(if labels.is_empty() { " " } else { "} " });
        let _ = writeln!(self.0, "{value}");
    }
}

fn seconds(microseconds: u64) -> String {
    format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_prometheus_reads_them() {
        let mut page = Page::default();
        page.counter("a_total", "A.", &[(&[("x", "1"), ("y", "2")], 3)]);
        page.gauge("b", "B.", &[(&[], 4)]);
        page.times("c_seconds", "C.", &[(&[("x", "1")], 1_500_000, 2)]);
        page.histogram("d_seconds", "D.", [("0.5", 1), ("1", 2)].into_iter(), (2_000_001, 3));
        let expected = "\
# HELP a_total A.
# TYPE a_total counter
a_total{x=\"1\",y=\"2\"} 3
# HELP b B.
# TYPE b gauge
b 4
# HELP c_seconds C.
# TYPE c_seconds summary
c_seconds_sum{x=\"1\"} 1.500000
c_seconds_count{x=\"1\"} 2
# HELP d_seconds D.
# TYPE d_seconds histogram
d_seconds_bucket{le=\"0.5\"} 1
d_seconds_bucket{le=\"1\"} 2
d_seconds_bucket{le=\"+Inf\"} 3
d_seconds_sum 2.000001
d_seconds_count 3
";
        assert_eq!(page.text(), expected);
    }
}
