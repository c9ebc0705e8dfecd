//! Quantiles of histograms that are counted in buckets.

use std::collections::BTreeMap;

use super::error::QueryError;
use super::value::{ABSENT, Grid, Series, is_absent};
use crate::labels::{Labels, NAME_LABEL};

/// The label of a bucket's upper bound.
const BOUND_LABEL: &str = "le";

/// The quantile of each histogram at each step.
pub(super) fn histogram_quantile(
    share: &[f64],
    buckets: Vec<Series>,
    grid: Grid,
) -> Result<Vec<Series>, QueryError> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, Vec<f64>)>> = BTreeMap::new();
    for Series { mut labels, values } in buckets {
        let Some(bound) = bound(labels.get(BOUND_LABEL)) else { continue };
        labels.remove(BOUND_LABEL);
        labels.remove(NAME_LABEL);
        histograms.entry(labels).or_default().push((bound, values));
    }
    let quantiles = histograms.into_iter().map(|(labels, mut buckets)| {
        buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let value = |step: usize| {
            let counts = buckets.iter().map(|(bound, values)| (*bound, values[step]));
            let counts: Vec<_> = counts.filter(|(_, count)| !is_absent(*count)).collect();
            if counts.is_empty() { ABSENT } else { quantile(share[step], counts) }
        };
        Series { labels, values: (0..grid.count).map(value).collect() }
    });
    Ok(quantiles.filter(|series| !series.is_empty()).collect())
}

fn bound(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        text => text.parse().ok(),
    }
}

/// Where in the buckets, which are sorted, a share of all observations lies, between a bucket's bounds by a line.
fn quantile(share: f64, buckets: Vec<(f64, f64)>) -> f64 {
    if share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    let buckets = cumulative(buckets);
    let Some((f64::INFINITY, observations)) = buckets.last().copied() else { return f64::NAN };
    if buckets.len() < 2 || observations == 0.0 || observations.is_nan() {
        return f64::NAN;
    }
    let rank = share * observations;
    let finite = &buckets[..buckets.len() - 1];
    let at = finite.partition_point(|(_, count)| *count < rank);
    let Some((upper, count)) = finite.get(at).copied() else { return finite[finite.len() - 1].0 };
    if at == 0 && upper <= 0.0 {
        return upper;
    }
    let (lower, before) = if at == 0 { (0.0, 0.0) } else { finite[at - 1] };
    lower + (upper - lower) * ((rank - before) / (count - before))
}

/// Buckets with one bound are one, and no bucket counts less than the one before.
fn cumulative(buckets: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut clean: Vec<(f64, f64)> = Vec::with_capacity(buckets.len());
    for (bound, count) in buckets {
        match clean.last_mut() {
            Some(last) if last.0 == bound => last.1 += count,
            _ => clean.push((bound, count)),
        }
    }
    let mut most = f64::NEG_INFINITY;
    for (_, count) in &mut clean {
        if *count > most {
            most = *count;
        } else if *count < most {
            *count = most;
        }
    }
    clean
}
