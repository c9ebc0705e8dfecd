//! Functions of a range of samples: rates, averages, extremes, trends.

use super::selectors::Window;
use crate::series::Sample;

/// A function of a window, and of the numbers that stand beside it in the call.
pub(super) type OverTime = fn(&Window<'_>, &[f64]) -> Option<f64>;

/// The function of a name, if it is one of a range.
pub(super) fn function(name: &str) -> Option<OverTime> {
    Some(match name {
        "rate" => |window, _| extrapolated(window, Kind::Rate),
        "increase" => |window, _| extrapolated(window, Kind::Increase),
        "delta" => |window, _| extrapolated(window, Kind::Delta),
        "irate" => |window, _| irate(window.samples),
        "idelta" => |window, _| last_two(window.samples).map(|(before, last)| last.value - before.value),
        "changes" => |window, _| Some(count_pairs(window.samples, has_changed)),
        "resets" => |window, _| Some(count_pairs(window.samples, |before, last| last < before)),
        "deriv" => {
            |window, _| (window.samples.len() > 1).then(|| line(window.samples, window.samples[0].time_ms).0)
        }
        "predict_linear" => |window, ahead| {
            let (slope, now) = (window.samples.len() > 1).then(|| line(window.samples, window.step_ms))?;
            Some(slope * ahead.first()? + now)
        },
        "avg_over_time" => |window, _| Some(average(window.samples)),
        "sum_over_time" => |window, _| Some(sum(window.samples.iter().map(|sample| sample.value))),
        "count_over_time" => |window, _| Some(window.samples.len() as f64),
        "min_over_time" => |window, _| Some(extreme(window.samples, |value, known| value < known)),
        "max_over_time" => |window, _| Some(extreme(window.samples, |value, known| value > known)),
        "last_over_time" => |window, _| window.samples.last().map(|sample| sample.value),
        "first_over_time" => |window, _| window.samples.first().map(|sample| sample.value),
        "present_over_time" => |_, _| Some(1.0),
        "stdvar_over_time" => |window, _| Some(variance(window.samples)),
        "stddev_over_time" => |window, _| Some(variance(window.samples).sqrt()),
        "quantile_over_time" => |window, at| {
            let values = window.samples.iter().map(|sample| sample.value).collect();
            Some(quantile(*at.first()?, values))
        },
        _ => return None,
    })
}

/// Whether a function of a range leaves the metric's name: its values are the metric's own.
pub(super) fn keeps_name(name: &str) -> bool {
    matches!(name, "last_over_time" | "first_over_time")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rate,
    Increase,
    Delta,
}

/// The change over the whole window, of which the samples show most: at both ends it goes on as between the samples,
/// if the samples come near the ends, and a counter does not go on below zero.
fn extrapolated(window: &Window<'_>, kind: Kind) -> Option<f64> {
    let samples = window.samples;
    let (first, last) = (samples.first()?, samples.last()?);
    if samples.len() < 2 {
        return None;
    }
    let is_counter = kind != Kind::Delta;
    let mut change = last.value - first.value;
    if is_counter {
        let resets = samples.windows(2).filter(|pair| pair[1].value < pair[0].value);
        change += resets.map(|pair| pair[0].value).sum::<f64>();
    }
    let mut to_start = seconds(first.time_ms - window.start_ms);
    let to_end = seconds(window.end_ms - last.time_ms);
    let sampled = seconds(last.time_ms - first.time_ms);
    let between = sampled / (samples.len() - 1) as f64;
    if is_counter && change > 0.0 && first.value >= 0.0 {
        // Never more than where the counter would have been zero.
        to_start = to_start.min(sampled * (first.value / change));
    }
    let reach = between * 1.1;
    let beyond = |distance: f64| if distance < reach { distance } else { between / 2.0 };
    let mut factor = (sampled + beyond(to_start) + beyond(to_end)) / sampled;
    if kind == Kind::Rate {
        factor /= seconds(window.end_ms - window.start_ms);
    }
    Some(change * factor)
}

fn irate(samples: &[Sample]) -> Option<f64> {
    let (before, last) = last_two(samples)?;
    let change = if last.value < before.value { last.value } else { last.value - before.value };
    let distance = seconds(last.time_ms - before.time_ms);
    (distance > 0.0).then(|| change / distance)
}

fn last_two(samples: &[Sample]) -> Option<(Sample, Sample)> {
    let [.., before, last] = samples else { return None };
    Some((*before, *last))
}

fn count_pairs(samples: &[Sample], counts: impl Fn(f64, f64) -> bool) -> f64 {
    samples.windows(2).filter(|pair| counts(pair[0].value, pair[1].value)).count() as f64
}

fn has_changed(before: f64, last: f64) -> bool {
    last != before && !(last.is_nan() && before.is_nan())
}

fn average(samples: &[Sample]) -> f64 {
    let total = sum(samples.iter().map(|sample| sample.value));
    if total.is_finite() {
        return total / samples.len() as f64;
    }
    // The sum may be too large where the average is not.
    let mut mean = 0.0;
    for (at, sample) in samples.iter().enumerate() {
        let is_settled = f64::is_infinite(mean)
            && (sample.value == mean || !sample.value.is_infinite() && !sample.value.is_nan());
        if !is_settled {
            mean += sample.value / (at + 1) as f64 - mean / (at + 1) as f64;
        }
    }
    mean
}

/// Neumaier's sum: small numbers do not drown in large ones.
pub(super) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        if next.is_infinite() {
            lost = 0.0;
        } else if sum.abs() >= value.abs() {
            lost += (sum - next) + value;
        } else {
            lost += (value - next) + sum;
        }
        sum = next;
    }
    if sum.is_infinite() { sum } else { sum + lost }
}

fn extreme(samples: &[Sample], is_better: impl Fn(f64, f64) -> bool) -> f64 {
    let better =
        |known: f64, value: f64| if is_better(value, known) || known.is_nan() { value } else { known };
    samples.iter().map(|sample| sample.value).reduce(better).unwrap_or(f64::NAN)
}

fn variance(samples: &[Sample]) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for sample in samples {
        count += 1.0;
        let distance = sample.value - mean;
        mean += distance / count;
        squares += distance * (sample.value - mean);
    }
    squares / count
}

/// The value below which a share of the values are, between two of them by their distance.
pub(super) fn quantile(share: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    // What is no number stands before all numbers.
    values.sort_by(|one, other| other.is_nan().cmp(&one.is_nan()).then(one.total_cmp(other)));
    let rank = share * (values.len() - 1) as f64;
    let below = rank.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    let weight = rank - rank.floor();
    values[below] * (1.0 - weight) + values[above] * weight
}

/// The line through samples, by least squares: its slope a second, and its height at a moment.
fn line(samples: &[Sample], at_ms: i64) -> (f64, f64) {
    let first = samples[0].value;
    if samples.iter().all(|sample| sample.value == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let count = samples.len() as f64;
    let points = || samples.iter().map(|sample| (seconds(sample.time_ms - at_ms), sample.value));
    let sum_x = sum(points().map(|(x, _)| x));
    let sum_y = sum(points().map(|(_, y)| y));
    let sum_xy = sum(points().map(|(x, y)| x * y));
    let sum_xx = sum(points().map(|(x, _)| x * x));
    let slope = (sum_xy - sum_x * sum_y / count) / (sum_xx - sum_x * sum_x / count);
    (slope, sum_y / count - slope * sum_x / count)
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
