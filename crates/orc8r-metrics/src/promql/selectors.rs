//! What is read from the store: the newest sample of each series at each step, or all samples of a range.

use std::time::SystemTime;

use promql_parser::parser::{AtModifier, Expr, MatrixSelector, Offset, VectorSelector};

use super::error::QueryError;
use super::evaluate::{Evaluation, millis};
use super::parse::matchers_of;
use super::value::{ABSENT, Grid, Series, is_absent};
use crate::labels::Labels;
use crate::series::Sample;

/// Which moment is meant at a step.
pub(super) struct Shift {
    at_ms: Option<i64>,
    offset_ms: i64,
}

impl Shift {
    pub(super) fn new(at: Option<&AtModifier>, offset: Option<&Offset>, query: (i64, i64)) -> Self {
        let at_ms = at.map(|at| match at {
            AtModifier::Start => query.0,
            AtModifier::End => query.1,
            AtModifier::At(time) => unix_ms(*time),
        });
        let offset_ms = match offset {
            None => 0,
            Some(Offset::Pos(offset)) => millis(*offset),
            Some(Offset::Neg(offset)) => -millis(*offset),
        };
        Self { at_ms, offset_ms }
    }

    pub(super) fn time(&self, step_ms: i64) -> i64 {
        self.at_ms.unwrap_or(step_ms).saturating_sub(self.offset_ms)
    }
}

/// The newest sample of each series at each step that is not older than the lookback.
pub(super) fn vector_selector(
    evaluation: &Evaluation<'_>,
    selector: &VectorSelector,
    grid: Grid,
) -> Result<Vec<Series>, QueryError> {
    newest(evaluation, selector, grid, |sample| sample.value)
}

/// The same with something else of the sample: its time, in seconds.
pub(super) fn timestamps(
    evaluation: &Evaluation<'_>,
    selector: &VectorSelector,
    grid: Grid,
) -> Result<Vec<Series>, QueryError> {
    newest(evaluation, selector, grid, |sample| sample.time_ms as f64 / 1000.0)
}

fn newest(
    evaluation: &Evaluation<'_>,
    selector: &VectorSelector,
    grid: Grid,
    wanted: impl Fn(Sample) -> f64,
) -> Result<Vec<Series>, QueryError> {
    let lookback_ms = evaluation.limits.lookback_ms;
    let shift = Shift::new(selector.at.as_ref(), selector.offset.as_ref(), evaluation.query);
    let mut vector = Vec::new();
    read(evaluation, selector, (&shift, lookback_ms, grid), |labels, samples| {
        let mut next = 0;
        let value = |step_ms| {
            let time_ms = shift.time(step_ms);
            while samples.get(next).is_some_and(|sample| sample.time_ms <= time_ms) {
                next += 1;
            }
            let newest = next.checked_sub(1).map(|at| samples[at]);
            newest
                .filter(|sample| {
                    sample.time_ms >= time_ms.saturating_sub(lookback_ms) && !is_absent(sample.value)
                })
                .map_or(ABSENT, &wanted)
        };
        let series = Series { labels, values: grid.times().map(value).collect() };
        if !series.is_empty() {
            evaluation.check_points(vector.len() + 1, grid.count)?;
            vector.push(series);
        }
        Ok(())
    })?;
    Ok(vector)
}

/// A window of samples at a step.
pub(super) struct Window<'a> {
    /// The samples, in order, without those that end a series.
    pub(super) samples: &'a [Sample],
    /// Its beginning and its end, both included.
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    /// The step at which the query is.
    pub(super) step_ms: i64,
}

/// Applies something to each window of each series of a range: a selector's or a subquery's.
pub(super) fn over_windows(
    evaluation: &Evaluation<'_>,
    range: &Expr,
    grid: Grid,
    mut apply: impl FnMut(usize, &Window<'_>) -> Option<f64>,
) -> Result<Vec<Series>, QueryError> {
    let mut vector: Vec<Series> = Vec::new();
    let mut add = |labels, samples: &[Sample], shift: &Shift, range_ms: i64| {
        let series = Series { labels, values: windows(samples, grid, shift, range_ms, &mut apply) };
        if !series.is_empty() {
            evaluation.check_points(vector.len() + 1, grid.count)?;
            vector.push(series);
        }
        Ok(())
    };
    match range {
        Expr::Paren(paren) => return over_windows(evaluation, &paren.expr, grid, apply),
        Expr::MatrixSelector(MatrixSelector { vs, range }) => {
            let shift = Shift::new(vs.at.as_ref(), vs.offset.as_ref(), evaluation.query);
            let range_ms = millis(*range);
            read(evaluation, vs, (&shift, range_ms, grid), |labels, mut samples| {
                samples.retain(|sample| !is_absent(sample.value));
                add(labels, &samples, &shift, range_ms)
            })?;
        }
        Expr::Subquery(subquery) => {
            let shift = Shift::new(subquery.at.as_ref(), subquery.offset.as_ref(), evaluation.query);
            for (series, samples) in evaluation.subquery(subquery, grid)? {
                add(series.labels, &samples, &shift, millis(subquery.range))?;
            }
        }
        _ => return Err(QueryError::bad_data("expected a range vector, such as up[5m]")),
    }
    Ok(vector)
}

/// The samples of a range as they are.
pub(super) fn ranges(
    evaluation: &Evaluation<'_>,
    range: &Expr,
    grid: Grid,
) -> Result<Vec<(Labels, Vec<Sample>)>, QueryError> {
    let mut found = Vec::new();
    match range {
        Expr::Paren(paren) => return ranges(evaluation, &paren.expr, grid),
        Expr::MatrixSelector(MatrixSelector { vs, range }) => {
            let shift = Shift::new(vs.at.as_ref(), vs.offset.as_ref(), evaluation.query);
            read(evaluation, vs, (&shift, millis(*range), grid), |labels, mut samples| {
                samples.retain(|sample| !is_absent(sample.value));
                found.push((labels, samples));
                Ok(())
            })?;
        }
        Expr::Subquery(subquery) => {
            let series = evaluation.subquery(subquery, grid)?;
            found.extend(series.into_iter().map(|(series, samples)| (series.labels, samples)));
        }
        _ => return Err(QueryError::bad_data("expected a range vector, such as up[5m]")),
    }
    found.retain(|(_, samples)| !samples.is_empty());
    Ok(found)
}

fn windows(
    samples: &[Sample],
    grid: Grid,
    shift: &Shift,
    range_ms: i64,
    apply: &mut impl FnMut(usize, &Window<'_>) -> Option<f64>,
) -> Vec<f64> {
    let (mut from, mut to) = (0, 0);
    let value = |(step, step_ms): (usize, i64)| {
        let end_ms = shift.time(step_ms);
        let start_ms = end_ms.saturating_sub(range_ms);
        while samples.get(to).is_some_and(|sample| sample.time_ms <= end_ms) {
            to += 1;
        }
        while from < to && samples[from].time_ms < start_ms {
            from += 1;
        }
        if from == to {
            return ABSENT;
        }
        let window = Window { samples: &samples[from..to], start_ms, end_ms, step_ms };
        apply(step, &window).unwrap_or(ABSENT)
    };
    grid.times().enumerate().map(value).collect()
}

fn read(
    evaluation: &Evaluation<'_>,
    selector: &VectorSelector,
    (shift, range_ms, grid): (&Shift, i64, Grid),
    mut use_series: impl FnMut(Labels, Vec<Sample>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    if grid.count == 0 {
        return Ok(());
    }
    let matchers = matchers_of(selector.name.as_deref(), &selector.matchers)?;
    let (min_ms, max_ms) = (shift.time(grid.time(0)).saturating_sub(range_ms), shift.time(grid.end_ms()));
    let limits = evaluation.read_limits();
    for (at, series) in evaluation
        .store
        .select(&matchers, evaluation.scope, (min_ms, max_ms), limits)?
        .into_iter()
        .enumerate()
    {
        if at.is_multiple_of(64) {
            evaluation.look_at_the_clock()?;
        }
        let samples = series.read(min_ms, max_ms);
        if !samples.is_empty() {
            use_series(series.labels, samples)?;
        }
    }
    Ok(())
}

fn unix_ms(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    }
}
