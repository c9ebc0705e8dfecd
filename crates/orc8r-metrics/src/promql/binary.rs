//! Operators between numbers and vectors.

use promql_parser::parser::token::{
    T_ADD, T_ATAN2, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MOD, T_MUL, T_NEQ, T_POW, T_SUB,
};
use promql_parser::parser::{BinaryExpr, VectorMatchFillValues};

use super::error::QueryError;
use super::evaluate::Evaluation;
use super::set_operators::set_operation;
use super::value::{ABSENT, Grid, Series, Value, is_absent, merged};
use super::vector_matching::between_vectors;

/// An arithmetic operator or a comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operator {
    id: u16,
    /// `bool`: 0 or 1 instead of keeping or dropping.
    pub(super) to_bool: bool,
}

/// # Errors
/// When the operation uses what came with Prometheus 3.
pub(super) fn check(operation: &BinaryExpr) -> Result<(), QueryError> {
    let fills = operation.modifier.as_ref().map(|modifier| &modifier.fill_values);
    if fills.is_some_and(|fills| *fills != VectorMatchFillValues::default()) {
        return Err(QueryError::unsupported("fill"));
    }
    Ok(())
}

/// The value of an operation at each step.
pub(super) fn binary(
    evaluation: &Evaluation<'_>,
    operation: &BinaryExpr,
    grid: Grid,
) -> Result<Value, QueryError> {
    let left = evaluation.value(&operation.lhs, grid)?;
    let right = evaluation.value(&operation.rhs, grid)?;
    let operator = Operator { id: operation.op.id(), to_bool: operation.return_bool() };
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            let values = left.iter().zip(&right).map(|(left, right)| operator.of_scalars(*left, *right));
            Ok(Value::Scalar(values.collect()))
        }
        (Value::Vector(left), Value::Scalar(right)) => with_scalar(left, operator, |step, value| {
            operator.apply(value, right[step]).map(|result| operator.kept(result, value))
        }),
        (Value::Scalar(left), Value::Vector(right)) => with_scalar(right, operator, |step, value| {
            operator.apply(left[step], value).map(|result| operator.kept(result, value))
        }),
        (Value::Vector(left), Value::Vector(right)) if operation.op.is_set_operator() => {
            Ok(Value::Vector(set_operation(left, right, operation)?))
        }
        (Value::Vector(left), Value::Vector(right)) => {
            between_vectors(evaluation, (left, right), operator, operation, grid).map(Value::Vector)
        }
        _ => Err(QueryError::bad_data(format!("{} is not defined for strings", operation.op))),
    }
}

fn with_scalar(
    vector: Vec<Series>,
    operator: Operator,
    apply: impl Fn(usize, f64) -> Option<f64>,
) -> Result<Value, QueryError> {
    let series = vector.into_iter().map(|mut series| {
        for (step, value) in series.values.iter_mut().enumerate().filter(|(_, value)| !is_absent(**value)) {
            *value = apply(step, *value).unwrap_or(ABSENT);
        }
        if operator.drops_name() { series.without_name() } else { series }
    });
    merged(series.collect()).map(Value::Vector)
}

impl Operator {
    /// The result; none when a comparison does not hold, unless it gives 0 or 1.
    pub(super) fn apply(self, left: f64, right: f64) -> Option<f64> {
        let Some(holds) = self.compare(left, right) else { return Some(self.calculate(left, right)) };
        match (self.to_bool, holds) {
            (true, holds) => Some(f64::from(u8::from(holds))),
            (false, true) => Some(left),
            (false, false) => None,
        }
    }

    /// Whether results have no metric name.
    pub(super) fn drops_name(self) -> bool {
        self.to_bool || self.compare(0.0, 0.0).is_none()
    }

    /// A comparison with a number keeps the vector's value, whichever side it is on.
    fn kept(self, result: f64, value: f64) -> f64 {
        if self.drops_name() { result } else { value }
    }

    fn of_scalars(self, left: f64, right: f64) -> f64 {
        match self.compare(left, right) {
            Some(holds) => f64::from(u8::from(holds)),
            None => self.calculate(left, right),
        }
    }

    fn compare(self, left: f64, right: f64) -> Option<bool> {
        Some(match self.id {
            T_EQLC => left == right,
            T_NEQ => left != right,
            T_GTR => left > right,
            T_LSS => left < right,
            T_GTE => left >= right,
            T_LTE => left <= right,
            _ => return None,
        })
    }

    fn calculate(self, left: f64, right: f64) -> f64 {
        match self.id {
            T_ADD => left + right,
            T_SUB => left - right,
            T_MUL => left * right,
            T_DIV => left / right,
            T_MOD => left % right,
            T_POW => left.powf(right),
            T_ATAN2 => left.atan2(right),
            _ => f64::NAN,
        }
    }
}
