//! The evaluation of an expression over the steps of a query.

use std::time::Instant;

use promql_parser::parser::token::T_SUB;
use promql_parser::parser::{Expr, SubqueryExpr};

use super::aggregate::aggregate;
use super::binary::binary;
use super::error::{ErrorKind, QueryError};
use super::functions::call;
use super::query::Limits;
use super::selectors::{Shift, vector_selector};
use super::value::{Grid, Series, Value, is_absent, merged};
use crate::series::Sample;
use crate::tsdb::{ReadLimits, Scope, Tsdb};

/// The step of a subquery that names none: Prometheus' default evaluation interval.
const SUBQUERY_STEP_MS: i64 = 60_000;

/// One query on its way.
pub(super) struct Evaluation<'a> {
    pub(super) store: &'a Tsdb,
    pub(super) scope: &'a Scope,
    pub(super) limits: Limits,
    pub(super) deadline: Instant,
    /// What `start()` and `end()` mean, in milliseconds.
    pub(super) query: (i64, i64),
}

impl Evaluation<'_> {
    /// The value of an expression at each step.
    pub(super) fn value(&self, expression: &Expr, grid: Grid) -> Result<Value, QueryError> {
        self.look_at_the_clock()?;
        match expression {
            Expr::Paren(paren) => self.value(&paren.expr, grid),
            Expr::NumberLiteral(number) => Ok(Value::Scalar(vec![number.val; grid.count])),
            Expr::StringLiteral(text) => Ok(Value::Text(text.val.clone())),
            Expr::Unary(unary) => negated(self.value(&unary.expr, grid)?),
            Expr::VectorSelector(selector) => vector_selector(self, selector, grid).map(Value::Vector),
            Expr::Call(called) => call(self, called, grid),
            Expr::Aggregate(aggregation) => aggregate(self, aggregation, grid).map(Value::Vector),
            Expr::Binary(operation) => binary(self, operation, grid),
            Expr::MatrixSelector(_) | Expr::Subquery(_) => {
                Err(QueryError::bad_data("a range vector can only be an argument of a function"))
            }
            Expr::Extension(_) => Err(QueryError::unsupported("this expression")),
        }
    }

    /// The samples of a subquery: its expression's values at its own steps, which are multiples of its step.
    pub(super) fn subquery(
        &self,
        subquery: &SubqueryExpr,
        grid: Grid,
    ) -> Result<Vec<(Series, Vec<Sample>)>, QueryError> {
        let shift = Shift::new(subquery.at.as_ref(), subquery.offset.as_ref(), self.query);
        let range_ms = millis(subquery.range);
        let step_ms = subquery.step.map_or(SUBQUERY_STEP_MS, millis).max(1);
        let first = shift.time(grid.time(0)).saturating_sub(range_ms);
        let last = shift.time(grid.end_ms());
        let mut start_ms = first.div_euclid(step_ms).saturating_mul(step_ms);
        if start_ms < first {
            start_ms = start_ms.saturating_add(step_ms);
        }
        let count = if last < start_ms { 0 } else { last.saturating_sub(start_ms) / step_ms + 1 };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.check_points(1, count)?;
        let inner = Grid { start_ms, step_ms, count };
        let series = merged(self.value(&subquery.expr, inner)?.into_vector(count))?;
        let samples = |series: Series| {
            let values = series.values.iter().enumerate().filter(|(_, value)| !is_absent(**value));
            let samples =
                values.map(|(step, value)| Sample { value: *value, time_ms: inner.time(step) }).collect();
            (Series { labels: series.labels, values: Vec::new() }, samples)
        };
        Ok(series.into_iter().map(samples).collect())
    }

    /// What the store may be asked for.
    pub(super) fn read_limits(&self) -> ReadLimits {
        ReadLimits { series: self.limits.series, samples: self.limits.samples, deadline: Some(self.deadline) }
    }

    /// # Errors
    /// When so many series with so many steps would need too much memory.
    pub(super) fn check_points(&self, series: usize, steps: usize) -> Result<(), QueryError> {
        if series.saturating_mul(steps) > self.limits.samples {
            return Err(QueryError::execution(format!(
                "query processing would load too many samples into memory in query execution: more than {}",
                self.limits.samples
            )));
        }
        Ok(())
    }

    /// # Errors
    /// When the query took too long.
    pub(super) fn look_at_the_clock(&self) -> Result<(), QueryError> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        Err(QueryError {
            kind: ErrorKind::Timeout,
            message: "query timed out in expression evaluation".to_owned(),
        })
    }
}

impl Value {
    /// As series: a scalar is one without labels.
    fn into_vector(self, steps: usize) -> Vec<Series> {
        match self {
            Self::Vector(series) => series,
            Self::Scalar(values) => vec![Series { labels: Default::default(), values }],
            Self::Text(_) | Self::Ranges(_) => {
                vec![Series { labels: Default::default(), values: vec![0.0; steps] }]
            }
        }
    }
}

fn negated(value: Value) -> Result<Value, QueryError> {
    let negate = |value: &mut f64| {
        if !is_absent(*value) {
            *value = -*value;
        }
    };
    match value {
        Value::Scalar(mut values) => {
            values.iter_mut().for_each(negate);
            Ok(Value::Scalar(values))
        }
        Value::Vector(series) => {
            let series = series.into_iter().map(|one| {
                let mut one = one.without_name();
                one.values.iter_mut().for_each(negate);
                one
            });
            merged(series.collect()).map(Value::Vector)
        }
        Value::Text(_) | Value::Ranges(_) => {
            Err(QueryError::bad_data(format!("{T_SUB} is not defined for strings")))
        }
    }
}

/// A duration as the parser has it.
pub(super) fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
