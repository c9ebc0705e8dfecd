//! What a person is shown of an answer with many series: a few lines, the latest values, and how many there are.

use super::json::Answer;
use super::value::Value;
use crate::labels::Labels;

/// How much of an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Lines over the whole range.
    pub lines: usize,
    /// Latest values.
    pub rows: usize,
}

/// The part of an answer over a range that is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// So many series have a value.
    pub found: usize,
    /// So many of them have one at the end.
    pub current: usize,
    /// The series that are highest at the end, in the order of their labels: a value for each step, or a gap.
    pub lines: Vec<(Labels, Vec<Option<f64>>)>,
    /// The highest values at the end, the highest first.
    pub latest: Vec<(Labels, f64)>,
}

impl Overview {
    /// Of series in the order of their labels, each of which has a value for each step; what is not finite is a gap.
    pub(crate) fn of<'a>(series: impl Iterator<Item = (&'a Labels, &'a [f64])>, most: Most) -> Self {
        let is_known = |values: &[f64]| values.iter().any(|value| value.is_finite());
        let mut known: Vec<_> = series.filter(|(_, values)| is_known(values)).enumerate().collect();
        let found = known.len();
        let end = |values: &[f64]| values.last().copied().and_then(finite);
        // What has no value at the end comes last.
        let height = |values: &[f64]| end(values).unwrap_or(f64::NEG_INFINITY);
        known.sort_by(|(_, (_, one)), (_, (_, other))| height(other).total_cmp(&height(one)));
        let current = known.partition_point(|(_, (_, values))| end(values).is_some());
        let latest = known.iter().take(most.rows.min(current));
        let latest = latest.filter_map(|(_, (labels, values))| Some(((*labels).clone(), end(values)?)));
        let latest = latest.collect();
        known.truncate(most.lines);
        known.sort_by_key(|(at, _)| *at);
        let line = |(_, (labels, values)): (usize, (&Labels, &[f64]))| {
            (labels.clone(), values.iter().copied().map(finite).collect())
        };
        Self { found, current, lines: known.into_iter().map(line).collect(), latest }
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

impl Answer {
    /// What is shown of it.
    pub fn overview(&self, most: Most) -> Overview {
        let none = Labels::default();
        match &self.value {
            Value::Vector(series) => {
                Overview::of(series.iter().map(|one| (&one.labels, one.values.as_slice())), most)
            }
            Value::Scalar(values) => Overview::of(std::iter::once((&none, values.as_slice())), most),
            Value::Text(_) | Value::Ranges(_) => Overview::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview(series: &[(&str, &[f64])], most: (usize, usize)) -> Overview {
        let series: Vec<_> =
            series.iter().map(|(name, values)| (Labels::from([("a", *name)]), *values)).collect();
        Overview::of(
            series.iter().map(|(labels, values)| (labels, *values)),
            Most { lines: most.0, rows: most.1 },
        )
    }

    fn names<T>(of: &[(Labels, T)]) -> Vec<&str> {
        of.iter().map(|(labels, _)| labels.get("a")).collect()
    }

    #[test]
    fn the_highest_at_the_end_are_shown_in_order() {
        let gap = f64::NAN;
        let series: [(&str, &[f64]); 5] = [
            ("high", &[1.0, 9.0]),
            ("never", &[gap, gap]),
            ("gone", &[50.0, gap]),
            ("low", &[7.0, -1.0]),
            ("mid", &[gap, 5.0]),
        ];
        let found = overview(&series, (2, 9));
        assert_eq!((found.found, found.current), (4, 3));
        assert_eq!(names(&found.lines), ["high", "mid"]);
        assert_eq!(found.lines[1].1, [None, Some(5.0)]);
        assert_eq!(names(&found.latest), ["high", "mid", "low"]);
        let all = overview(&series, (9, 1));
        assert_eq!(names(&all.lines), ["high", "gone", "low", "mid"], "in the order in which they came");
        assert_eq!(all.latest, [(Labels::from([("a", "high")]), 9.0)]);
        assert_eq!(overview(&[], (9, 9)), Overview::default());
    }

    #[test]
    fn what_is_infinite_is_a_gap() {
        let found = overview(&[("a", &[f64::INFINITY, 1.0, f64::NEG_INFINITY])], (9, 9));
        assert_eq!(found.lines[0].1, [None, Some(1.0), None]);
        assert_eq!((found.current, found.latest.len()), (0, 0));
    }
}
