//! Queries, and the engine that answers them within limits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use promql_parser::parser::value::ValueType;

use super::error::QueryError;
use super::evaluate::Evaluation;
use super::json::Answer;
use super::parse::parse;
use super::restrict::restricted;
use super::selectors::ranges;
use super::value::{Grid, Value, merged};
use crate::labels::Labels;
use crate::tsdb::{ReadLimits, Scope, Selector, Tsdb};

/// How much one query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Values of a series in an answer; Prometheus' limit.
    pub points: usize,
    /// Samples that are held at once.
    pub samples: usize,
    /// Series that are touched by one selector.
    pub series: usize,
    /// How long it may take.
    pub time: Duration,
    /// How old the newest sample of a series may be, in milliseconds.
    pub lookback_ms: i64,
}

impl Default for Limits {
    /// 11,000 values of a series, 20,000,000 samples, 500,000 series, 30 s (the NMS waits no longer), five minutes.
    fn default() -> Self {
        Self {
            points: 11_000,
            samples: 20_000_000,
            series: 500_000,
            time: Duration::from_secs(30),
            lookback_ms: 300_000,
        }
    }
}

/// A query at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstantQuery {
    /// The expression.
    pub text: String,
    /// The moment, in milliseconds since 1970.
    pub time_ms: i64,
}

/// A query at every step of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeQuery {
    /// The expression.
    pub text: String,
    /// The first moment, in milliseconds since 1970.
    pub start_ms: i64,
    /// Nothing after this moment.
    pub end_ms: i64,
    /// From one moment to the next.
    pub step_ms: i64,
}

/// What answers queries over the embedded store. Its calls block: they read files and calculate.
#[derive(Debug, Clone)]
pub struct Engine {
    store: Tsdb,
    limits: Limits,
}

impl Engine {
    /// An engine over a store.
    pub const fn new(store: Tsdb, limits: Limits) -> Self {
        Self { store, limits }
    }

    /// The answer at one moment, of what the scope lets see.
    ///
    /// # Errors
    /// When the query is wrong, not supported, or too large.
    pub fn instant(&self, query: &InstantQuery, scope: &Scope) -> Result<Answer, QueryError> {
        let expression = restricted(parse(&query.text)?, scope);
        let grid = Grid::instant(query.time_ms);
        let evaluation = self.evaluation((query.time_ms, query.time_ms), scope);
        let value = match expression.value_type() {
            ValueType::Matrix => Value::Ranges(ranges(&evaluation, &expression, grid)?),
            _ => match evaluation.value(&expression, grid)? {
                Value::Vector(series) => Value::Vector(merged(series)?),
                other => other,
            },
        };
        Ok(Answer { value, grid, is_range: false })
    }

    /// The answer at every step, of what the scope lets see.
    ///
    /// # Errors
    /// As [`Engine::instant`], and when there would be too many steps.
    pub fn range(&self, query: &RangeQuery, scope: &Scope) -> Result<Answer, QueryError> {
        let grid = self.grid(query)?;
        let expression = restricted(parse(&query.text)?, scope);
        let kind = expression.value_type();
        if !matches!(kind, ValueType::Vector | ValueType::Scalar) {
            return Err(QueryError::bad_data(format!(
                "invalid expression type {kind:?} for range query, must be Scalar or instant Vector"
            )));
        }
        let value = match self.evaluation((query.start_ms, query.end_ms), scope).value(&expression, grid)? {
            Value::Vector(series) => {
                let mut series = merged(series)?;
                series.sort_by(|one, other| one.labels.cmp(&other.labels));
                Value::Vector(series)
            }
            other => other,
        };
        Ok(Answer { value, grid, is_range: true })
    }

    /// The labels of the series that one of the selectors finds between two moments.
    ///
    /// # Errors
    /// When there are too many, or the store cannot be read.
    pub fn series(
        &self,
        selectors: &[Selector],
        (min_ms, max_ms): (i64, i64),
        scope: &Scope,
    ) -> Result<BTreeSet<Labels>, QueryError> {
        let mut found = BTreeSet::new();
        for selector in selectors {
            found.append(&mut self.store.series(selector, scope, (min_ms, max_ms), self.read_limits())?);
        }
        Ok(found)
    }

    /// The labels of these series, with the values that each has among them.
    ///
    /// # Errors
    /// As [`Engine::series`].
    pub fn label_values(
        &self,
        selectors: &[Selector],
        (min_ms, max_ms): (i64, i64),
        scope: &Scope,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, QueryError> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for selector in selectors {
            let limits = self.read_limits();
            for (label, values) in self.store.label_values(selector, scope, (min_ms, max_ms), limits)? {
                found.entry(label).or_default().extend(values);
            }
        }
        Ok(found)
    }

    fn read_limits(&self) -> ReadLimits {
        ReadLimits {
            series: self.limits.series,
            samples: self.limits.samples,
            deadline: Some(Instant::now() + self.limits.time),
        }
    }

    fn evaluation<'a>(&'a self, query: (i64, i64), scope: &'a Scope) -> Evaluation<'a> {
        let deadline = Instant::now() + self.limits.time;
        Evaluation { store: &self.store, scope, limits: self.limits, deadline, query }
    }

    /// Whether a range has steps, and not too many.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check_steps(&self, query: &RangeQuery) -> Result<(), QueryError> {
        self.grid(query).map(drop)
    }

    fn grid(&self, query: &RangeQuery) -> Result<Grid, QueryError> {
        if query.step_ms <= 0 {
            return Err(QueryError::bad_data(
                "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer",
            ));
        }
        if query.end_ms < query.start_ms {
            return Err(QueryError::bad_data(
                "invalid parameter \"end\": end timestamp must not be before start time",
            ));
        }
        let count = query.end_ms.saturating_sub(query.start_ms) / query.step_ms;
        if count > self.limits.points as i64 {
            return Err(QueryError::bad_data(format!(
                "exceeded maximum resolution of {} points per timeseries. Try decreasing the query resolution (?step=XX)",
                self.limits.points
            )));
        }
        Ok(Grid { start_ms: query.start_ms, step_ms: query.step_ms, count: count as usize + 1 })
    }
}
