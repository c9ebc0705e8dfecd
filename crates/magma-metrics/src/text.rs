//! Reads the Prometheus text exposition format (version 0.0.4) into metric families.
//!
//! What a line cannot be understood as is skipped and counted; nothing that a foreign program writes ends the reading,
//! and what comes of it is bounded by [`SAMPLES_MAX`] and [`LABELS_MAX`], whatever the length of the page.

mod line;

use std::collections::BTreeMap;

use wire_orc8r::prometheus as wire;

use line::{Label, Sample};

/// How many samples of one page are taken.
pub const SAMPLES_MAX: usize = 20_000;

/// How many labels a sample may have.
pub const LABELS_MAX: usize = 64;

/// What was found on a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// A counter, gauge or untyped metric is one family with all its samples; a summary or histogram is one family
    /// for each distinct set of labels, as in Magma's agent.
    pub families: Vec<wire::MetricFamily>,
    /// Lines that are neither comments nor samples, and samples beyond the bounds.
    pub skipped: usize,
}

/// Reads a page; every sample has the time of collection, `now_ms` since 1970, whatever the page says.
pub fn parse(page: &str, now_ms: i64) -> Page {
    let mut reader =
        Reader { now_ms, types: BTreeMap::new(), places: BTreeMap::new(), samples: 0, page: Page::default() };
    for line in page.lines() {
        reader.line(line.trim());
    }
    reader.page
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Counter,
    Gauge,
    Summary,
    Histogram,
    Untyped,
}

/// Which part of a summary or histogram a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Sum,
    Count,
    /// A quantile of a summary, a bucket of a histogram.
    Point,
}

/// What tells families apart: the name, the kind that its samples had by then, and for summaries and histograms the
/// labels.
type Key = (String, Kind, Vec<Label>);

struct Reader<'p> {
    now_ms: i64,
    types: BTreeMap<&'p str, Kind>,
    places: BTreeMap<Key, usize>,
    samples: usize,
    page: Page,
}

impl<'p> Reader<'p> {
    fn line(&mut self, line: &'p str) {
        if let Some(comment) = line.strip_prefix('#') {
            return self.comment(comment);
        }
        if line.is_empty() {
            return;
        }
        match line::sample(line) {
            Some(sample) if self.samples < SAMPLES_MAX && are_labels(&sample.labels) => {
                self.samples += 1;
                self.sample(sample);
            }
            _ => self.page.skipped += 1,
        }
    }

    /// `TYPE name kind`; any other comment says nothing to us.
    fn comment(&mut self, comment: &'p str) {
        let mut words = comment.split_whitespace();
        let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next()) else {
            return;
        };
        let kind = match kind {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "summary" => Kind::Summary,
            "histogram" => Kind::Histogram,
            _ => Kind::Untyped,
        };
        if self.types.len() < SAMPLES_MAX {
            // A name has one type: the first that is told.
            self.types.entry(name).or_insert(kind);
        }
    }

    fn sample(&mut self, sample: Sample<'_>) {
        if let Some((family, kind, part)) = self.part_of(sample.name) {
            return self.complex(family, kind, part, sample);
        }
        let kind = self.kind_of(sample.name);
        let now_ms = self.now_ms;
        let family = self.family((sample.name.to_owned(), kind, Vec::new()));
        family.metric.push(simple(kind, sample, now_ms));
    }

    /// The summary or histogram that a sample of this name belongs to.
    fn part_of<'n>(&self, name: &'n str) -> Option<(&'n str, Kind, Part)> {
        let of = |family: &'n str, wanted: &[Kind], part| {
            let kind = self.types.get(family).copied().filter(|kind| wanted.contains(kind))?;
            Some((family, kind, part))
        };
        let both = [Kind::Summary, Kind::Histogram];
        name.strip_suffix("_bucket")
            .and_then(|family| of(family, &[Kind::Histogram], Part::Point))
            .or_else(|| of(name.strip_suffix("_sum")?, &both, Part::Sum))
            .or_else(|| of(name.strip_suffix("_count")?, &both, Part::Count))
            .or_else(|| of(name, &[Kind::Summary], Part::Point))
    }

    /// The type of a simple metric. OpenMetrics declares a counter without the `_total` of its samples.
    fn kind_of(&self, name: &str) -> Kind {
        let declared = self.types.get(name).copied();
        let declared = declared.or_else(|| {
            self.types.get(name.strip_suffix("_total")?).copied().filter(|kind| *kind == Kind::Counter)
        });
        declared.filter(|kind| matches!(kind, Kind::Counter | Kind::Gauge)).unwrap_or(Kind::Untyped)
    }

    fn complex(&mut self, family: &str, kind: Kind, part: Part, mut sample: Sample<'_>) {
        let bound = if kind == Kind::Summary { "quantile" } else { "le" };
        let point = match part {
            Part::Point => {
                let place = sample.labels.iter().position(|label| label.0 == bound);
                let Some(point) = place.and_then(|place| line::number(&sample.labels.remove(place).1)) else {
                    self.page.skipped += 1;
                    return;
                };
                point
            }
            Part::Sum | Part::Count => 0.0,
        };
        sample.labels.sort();
        let (now_ms, value) = (self.now_ms, sample.value);
        let family = self.family((family.to_owned(), kind, sample.labels.clone()));
        if family.metric.is_empty() {
            family.metric.push(empty(kind, sample.labels, now_ms));
        }
        let Some(metric) = family.metric.first_mut() else { return };
        if let Some(summary) = &mut metric.summary {
            match part {
                Part::Sum => summary.sample_sum = Some(value),
                Part::Count => summary.sample_count = Some(count(value)),
                Part::Point => {
                    summary.quantile.push(wire::Quantile { quantile: Some(point), value: Some(value) });
                }
            }
        }
        if let Some(histogram) = &mut metric.histogram {
            match part {
                Part::Sum => histogram.sample_sum = Some(value),
                Part::Count => histogram.sample_count = Some(count(value)),
                Part::Point => histogram
                    .bucket
                    .push(wire::Bucket { cumulative_count: Some(count(value)), upper_bound: Some(point) }),
            }
        }
    }

    fn family(&mut self, key: Key) -> &mut wire::MetricFamily {
        let families = &mut self.page.families;
        let index = *self.places.entry(key).or_insert_with_key(|(name, kind, _)| {
            families.push(wire::MetricFamily {
                name: Some(name.clone()),
                help: None,
                r#type: Some(kind.on_the_wire().into()),
                metric: Vec::new(),
            });
            families.len() - 1
        });
        &mut families[index]
    }
}

/// Whether a sample may have these: not too many, and each name once.
fn are_labels(labels: &[Label]) -> bool {
    let again = |(place, label): (usize, &Label)| labels[..place].iter().any(|before| before.0 == label.0);
    labels.len() <= LABELS_MAX && !labels.iter().enumerate().any(again)
}

impl Kind {
    fn on_the_wire(self) -> wire::MetricType {
        match self {
            Self::Counter => wire::MetricType::Counter,
            Self::Gauge => wire::MetricType::Gauge,
            Self::Summary => wire::MetricType::Summary,
            Self::Histogram => wire::MetricType::Histogram,
            Self::Untyped => wire::MetricType::Untyped,
        }
    }
}

fn simple(kind: Kind, sample: Sample<'_>, now_ms: i64) -> wire::Metric {
    let value = Some(sample.value);
    let mut metric = empty(kind, sample.labels, now_ms);
    match kind {
        Kind::Counter => metric.counter = Some(wire::Counter { value }),
        Kind::Gauge => metric.gauge = Some(wire::Gauge { value }),
        _ => metric.untyped = Some(wire::Untyped { value }),
    }
    metric
}

fn empty(kind: Kind, labels: Vec<Label>, now_ms: i64) -> wire::Metric {
    let label = |(name, value)| wire::LabelPair { name: Some(name), value: Some(value) };
    wire::Metric {
        label: labels.into_iter().map(label).collect(),
        timestamp_ms: Some(now_ms),
        summary: (kind == Kind::Summary).then(wire::Summary::default),
        histogram: (kind == Kind::Histogram).then(wire::Histogram::default),
        ..wire::Metric::default()
    }
}

/// A count is written as a number that may have a point; a negative one, or none, is 0.
fn count(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests;
