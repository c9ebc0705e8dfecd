//! Aggregations: many series into one for each group.

use std::collections::BTreeMap;

use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COUNT, T_COUNT_VALUES, T_GROUP, T_MAX, T_MIN, T_QUANTILE, T_STDDEV, T_STDVAR, T_SUM,
    T_TOPK,
};
use promql_parser::parser::{AggregateExpr, LabelModifier};

use super::error::QueryError;
use super::evaluate::Evaluation;
use super::json::number;
use super::over_time::{quantile, sum};
use super::value::{ABSENT, Grid, Series, is_absent, merged};
use crate::labels::{Labels, NAME_LABEL};

const KNOWN: [u16; 12] = [
    T_AVG,
    T_BOTTOMK,
    T_COUNT,
    T_COUNT_VALUES,
    T_GROUP,
    T_MAX,
    T_MIN,
    T_QUANTILE,
    T_STDDEV,
    T_STDVAR,
    T_SUM,
    T_TOPK,
];

/// # Errors
/// When an aggregation is not known here.
pub(super) fn check(aggregation: &AggregateExpr) -> Result<(), QueryError> {
    if KNOWN.contains(&aggregation.op.id()) {
        return Ok(());
    }
    Err(QueryError::unsupported(&format!("the aggregation {}", aggregation.op)))
}

/// The value of an aggregation at each step.
pub(super) fn aggregate(
    evaluation: &Evaluation<'_>,
    aggregation: &AggregateExpr,
    grid: Grid,
) -> Result<Vec<Series>, QueryError> {
    let parameter =
        aggregation.param.as_ref().map(|parameter| evaluation.value(parameter, grid)).transpose()?;
    let missing = || QueryError::bad_data(format!("{} needs a parameter", aggregation.op));
    let vector = evaluation.value(&aggregation.expr, grid)?.vector()?;
    let groups = groups(vector, aggregation.modifier.as_ref());
    let operator = aggregation.op.id();
    match operator {
        T_TOPK | T_BOTTOMK => {
            let count = parameter.ok_or_else(missing)?.scalar()?;
            if let Some(count) = count.iter().find(|count| !(-9.2e18..9.2e18).contains(*count)) {
                return Err(QueryError::execution(format!(
                    "Scalar value {} overflows int64",
                    number(*count)
                )));
            }
            Ok(groups.into_values().flat_map(|group| best(group, &count, operator == T_TOPK, grid)).collect())
        }
        T_COUNT_VALUES => {
            let label = parameter.ok_or_else(missing)?.text()?;
            let counted =
                groups.into_iter().flat_map(|(labels, group)| counts(&labels, &group, &label, grid));
            merged(counted.collect())
        }
        _ => {
            let share = match parameter {
                Some(parameter) => parameter.scalar()?,
                None => vec![0.0; grid.count],
            };
            let one = |(labels, group): (Labels, Vec<Series>)| {
                let values = (0..grid.count).map(|step| {
                    let present = group.iter().map(|series| series.values[step]);
                    let present: Vec<f64> = present.filter(|value| !is_absent(*value)).collect();
                    if present.is_empty() { ABSENT } else { combined(operator, share[step], present) }
                });
                Series { labels, values: values.collect() }
            };
            Ok(groups.into_iter().map(one).filter(|series| !series.is_empty()).collect())
        }
    }
}

fn groups(vector: Vec<Series>, modifier: Option<&LabelModifier>) -> BTreeMap<Labels, Vec<Series>> {
    let mut groups: BTreeMap<Labels, Vec<Series>> = BTreeMap::new();
    for series in vector {
        let mut labels = series.labels.clone();
        match modifier {
            None => labels = Labels::default(),
            Some(LabelModifier::Include(by)) => labels.retain(|name| by.labels.iter().any(|by| by == name)),
            Some(LabelModifier::Exclude(without)) => labels
                .retain(|name| name != NAME_LABEL && !without.labels.iter().any(|without| without == name)),
        }
        groups.entry(labels).or_default().push(series);
    }
    groups
}

fn combined(operator: u16, share: f64, values: Vec<f64>) -> f64 {
    let better = |is_better: fn(f64, f64) -> bool| {
        let better =
            |known: f64, value: f64| if is_better(value, known) || known.is_nan() { value } else { known };
        values.iter().copied().reduce(better).unwrap_or(f64::NAN)
    };
    match operator {
        T_SUM => sum(values.iter().copied()),
        T_AVG => average(&values),
        T_MIN => better(|value, known| value < known),
        T_MAX => better(|value, known| value > known),
        T_COUNT => values.len() as f64,
        T_GROUP => 1.0,
        T_STDVAR => variance(&values),
        T_STDDEV => variance(&values).sqrt(),
        _ => quantile(share, values),
    }
}

fn average(values: &[f64]) -> f64 {
    let total = sum(values.iter().copied());
    if total.is_finite() || values.iter().any(|value| !value.is_finite()) {
        return total / values.len() as f64;
    }
    sum(values.iter().map(|value| value / values.len() as f64))
}

fn variance(values: &[f64]) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        let distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
    }
    squares / count
}

/// The series of a group with the largest or smallest values; the best first at the first step.
fn best(mut group: Vec<Series>, count: &[f64], largest: bool, grid: Grid) -> Vec<Series> {
    let mut keep = vec![vec![false; grid.count]; group.len()];
    let mut first_order = Vec::new();
    for step in 0..grid.count {
        let count = if count[step] >= 1.0 { count[step] as usize } else { 0 };
        let mut order: Vec<usize> =
            (0..group.len()).filter(|at| !is_absent(group[*at].values[step])).collect();
        order.sort_by(|one, other| {
            let (one, other) = (group[*one].values[step], group[*other].values[step]);
            let by_value = if largest { other.total_cmp(&one) } else { one.total_cmp(&other) };
            one.is_nan().cmp(&other.is_nan()).then(by_value)
        });
        order.truncate(count);
        for at in &order {
            keep[*at][step] = true;
        }
        if step == 0 {
            first_order = order;
        }
    }
    for (series, keep) in group.iter_mut().zip(&keep) {
        for (value, _) in series.values.iter_mut().zip(keep).filter(|(_, keep)| !**keep) {
            *value = ABSENT;
        }
    }
    let place = |at: usize| first_order.iter().position(|known| *known == at).unwrap_or(usize::MAX);
    let mut numbered: Vec<(usize, Series)> = group.into_iter().enumerate().collect();
    numbered.sort_by_key(|(at, _)| place(*at));
    numbered.into_iter().map(|(_, series)| series).filter(|series| !series.is_empty()).collect()
}

/// How many series of a group have each value.
fn counts(labels: &Labels, group: &[Series], label: &str, grid: Grid) -> Vec<Series> {
    let mut counted: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for step in 0..grid.count {
        let present = group.iter().map(|series| series.values[step]).filter(|value| !is_absent(*value));
        for value in present {
            let counts = counted.entry(number(value)).or_insert_with(|| vec![ABSENT; grid.count]);
            counts[step] = if is_absent(counts[step]) { 1.0 } else { counts[step] + 1.0 };
        }
    }
    let series = |(value, values): (String, Vec<f64>)| {
        let mut labels = labels.clone();
        labels.set(label, &value);
        Series { labels, values }
    };
    counted.into_iter().map(series).collect()
}
