//! What the parts of an expression evaluate to.

use std::collections::BTreeMap;

use super::error::QueryError;
use crate::labels::{Labels, NAME_LABEL};
use crate::series::Sample;
use crate::tsdb::STALE;

/// "No value at this step": the NaN that also ends a series, which no operation gives.
pub(super) const ABSENT: f64 = f64::from_bits(STALE);

/// Whether there is no value.
pub(super) const fn is_absent(value: f64) -> bool {
    value.to_bits() == STALE
}

/// The steps of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) start_ms: i64,
    pub(super) step_ms: i64,
    pub(super) count: usize,
}

impl Grid {
    pub(super) const fn instant(time_ms: i64) -> Self {
        Self { start_ms: time_ms, step_ms: 1, count: 1 }
    }

    pub(super) const fn time(&self, step: usize) -> i64 {
        self.start_ms.saturating_add((step as i64).saturating_mul(self.step_ms))
    }

    pub(super) fn times(self) -> impl Iterator<Item = i64> {
        (0..self.count).map(move |step| self.time(step))
    }

    pub(super) const fn end_ms(&self) -> i64 {
        self.time(self.count.saturating_sub(1))
    }
}

/// A series with a value, or none, for each step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) labels: Labels,
    pub(super) values: Vec<f64>,
}

impl Series {
    pub(super) fn without_name(mut self) -> Self {
        self.labels.remove(NAME_LABEL);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.iter().all(|value| is_absent(*value))
    }
}

/// What a part of an expression evaluates to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A number for each step.
    Scalar(Vec<f64>),
    /// Series, which have different labels at each step.
    Vector(Vec<Series>),
    /// A text.
    Text(String),
    /// Samples as they are; only as the whole of an instant query.
    Ranges(Vec<(Labels, Vec<Sample>)>),
}

impl Value {
    pub(super) fn vector(self) -> Result<Vec<Series>, QueryError> {
        match self {
            Self::Vector(series) => Ok(series),
            _ => Err(QueryError::bad_data("expected an instant vector")),
        }
    }

    pub(super) fn scalar(self) -> Result<Vec<f64>, QueryError> {
        match self {
            Self::Scalar(values) => Ok(values),
            _ => Err(QueryError::bad_data("expected a scalar")),
        }
    }

    pub(super) fn text(self) -> Result<String, QueryError> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(QueryError::bad_data("expected a string")),
        }
    }
}

/// Puts series with the same labels together, in the order in which they came; an operation that changed labels gives
/// them.
///
/// # Errors
/// When two have a value at one step.
pub(super) fn merged(series: Vec<Series>) -> Result<Vec<Series>, QueryError> {
    let series: Vec<Series> = series.into_iter().filter(|one| !one.is_empty()).collect();
    // What comes from the store is in order and has nothing twice.
    if series.is_sorted_by(|one, next| one.labels < next.labels) {
        return Ok(series);
    }
    let mut places: BTreeMap<Labels, usize> = BTreeMap::new();
    let mut merged: Vec<Series> = Vec::with_capacity(series.len());
    for one in series {
        let Some(place) = places.get(&one.labels) else {
            places.insert(one.labels.clone(), merged.len());
            merged.push(one);
            continue;
        };
        for (known, value) in merged[*place].values.iter_mut().zip(one.values) {
            match (is_absent(*known), is_absent(value)) {
                (true, _) => *known = value,
                (false, true) => {}
                (false, false) => return Err(QueryError::same_labels()),
            }
        }
    }
    Ok(merged)
}
