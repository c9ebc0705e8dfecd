//! The functions that can be called.

use promql_parser::parser::{Call, Expr};
use regex::Regex;

use super::error::QueryError;
use super::evaluate::Evaluation;
use super::histogram::histogram_quantile;
use super::labels_of_absent::labels_of_absent;
use super::over_time;
use super::selectors::{over_windows, timestamps};
use super::time_functions;
use super::value::{ABSENT, Grid, Series, Value, is_absent, merged};
use crate::labels::Labels;

/// The functions of one vector without more arguments, value by value.
fn of_each(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => f64::exp,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sqrt" => f64::sqrt,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => f64::asinh,
        "acosh" => f64::acosh,
        "atanh" => f64::atanh,
        "deg" => f64::to_degrees,
        "rad" => f64::to_radians,
        "sgn" => |value| if value == 0.0 || value.is_nan() { value } else { value.signum() },
        _ => return None,
    })
}

/// The other functions that are known.
const OTHERS: [&str; 17] = [
    "absent",
    "absent_over_time",
    "clamp",
    "clamp_max",
    "clamp_min",
    "histogram_quantile",
    "label_join",
    "label_replace",
    "pi",
    "round",
    "scalar",
    "sort",
    "sort_desc",
    "time",
    "timestamp",
    "vector",
    "minute",
];

/// # Errors
/// When a function is not known here.
pub(super) fn check(call: &Call) -> Result<(), QueryError> {
    let name = call.func.name;
    let is_known = of_each(name).is_some()
        || over_time::function(name).is_some()
        || time_functions::function(name).is_some()
        || OTHERS.contains(&name);
    if !is_known {
        return Err(QueryError::unsupported(&format!("the function {name}()")));
    }
    // The parser lets two pass that Prometheus does not.
    if name == "label_replace" && call.args.len() != 5 || name == "label_join" && call.args.len() < 3 {
        return Err(QueryError::bad_data(format!("wrong number of arguments of {name}()")));
    }
    Ok(())
}

/// The value of a call at each step.
pub(super) fn call(evaluation: &Evaluation<'_>, call: &Call, grid: Grid) -> Result<Value, QueryError> {
    let called = Called { evaluation, call, grid };
    let name = call.func.name;
    if let Some(function) = over_time::function(name) {
        return called.over_time(function).map(Value::Vector);
    }
    if let Some(function) = of_each(name) {
        return called.each(0, |_, value| function(value)).map(Value::Vector);
    }
    if let Some(function) = time_functions::function(name) {
        return called.of_time(function).map(Value::Vector);
    }
    match name {
        "pi" => Ok(Value::Scalar(vec![std::f64::consts::PI; grid.count])),
        "time" => Ok(Value::Scalar(grid.times().map(|time| time as f64 / 1000.0).collect())),
        "scalar" => called.scalar_of().map(Value::Scalar),
        _ => called.vector_of(name).map(Value::Vector),
    }
}

struct Called<'a> {
    evaluation: &'a Evaluation<'a>,
    call: &'a Call,
    grid: Grid,
}

impl Called<'_> {
    fn vector_of(&self, name: &str) -> Result<Vec<Series>, QueryError> {
        match name {
            "clamp" => {
                let (min, max) = (self.scalar(1)?, self.scalar(2)?);
                self.each(0, |step, value| {
                    if min[step] > max[step] { ABSENT } else { clamped(value, min[step], max[step]) }
                })
            }
            "clamp_min" => {
                let min = self.scalar(1)?;
                self.each(0, |step, value| clamped(value, min[step], f64::INFINITY))
            }
            "clamp_max" => {
                let max = self.scalar(1)?;
                self.each(0, |step, value| clamped(value, f64::NEG_INFINITY, max[step]))
            }
            "round" => self.round(),
            "vector" => {
                let values = self.scalar(0)?;
                Ok(vec![Series { labels: Labels::default(), values }])
            }
            "timestamp" => self.timestamp(),
            "absent" => {
                let vector = self.vector(0)?;
                self.absent(|step| vector.iter().all(|series| is_absent(series.values[step])))
            }
            "absent_over_time" => {
                let range = self.argument(0)?;
                let vector = over_windows(self.evaluation, range, self.grid, |_, _| Some(1.0))?;
                self.absent(|step| vector.iter().all(|series| is_absent(series.values[step])))
            }
            "histogram_quantile" => histogram_quantile(&self.scalar(0)?, self.vector(1)?, self.grid),
            "label_replace" => self.label_replace(),
            "label_join" => self.label_join(),
            "sort" => self.sorted(|one, other| one.total_cmp(&other)),
            "sort_desc" => self.sorted(|one, other| other.total_cmp(&one)),
            _ => Err(QueryError::unsupported(&format!("the function {name}()"))),
        }
    }

    fn argument(&self, at: usize) -> Result<&Expr, QueryError> {
        let argument = self.call.args.args.get(at);
        argument
            .map(|argument| &**argument)
            .ok_or_else(|| QueryError::bad_data(format!("{}() has too few arguments", self.call.func.name)))
    }

    fn vector(&self, at: usize) -> Result<Vec<Series>, QueryError> {
        self.evaluation.value(self.argument(at)?, self.grid)?.vector()
    }

    fn scalar(&self, at: usize) -> Result<Vec<f64>, QueryError> {
        self.evaluation.value(self.argument(at)?, self.grid)?.scalar()
    }

    fn text(&self, at: usize) -> Result<String, QueryError> {
        self.evaluation.value(self.argument(at)?, self.grid)?.text()
    }

    /// Applies something to each value; the metric's name goes.
    fn each(&self, at: usize, apply: impl Fn(usize, f64) -> f64) -> Result<Vec<Series>, QueryError> {
        let series = self.vector(at)?.into_iter().map(|series| {
            let mut series = series.without_name();
            for (step, value) in series.values.iter_mut().enumerate().filter(|(_, value)| !is_absent(**value))
            {
                *value = apply(step, *value);
            }
            series
        });
        merged(series.collect())
    }

    fn over_time(&self, function: over_time::OverTime) -> Result<Vec<Series>, QueryError> {
        let name = self.call.func.name;
        let (range, number) = match name {
            "quantile_over_time" => (1, Some(0)),
            "predict_linear" => (0, Some(1)),
            _ => (0, None),
        };
        let numbers = number.map(|at| self.scalar(at)).transpose()?;
        let series = over_windows(self.evaluation, self.argument(range)?, self.grid, |step, window| {
            let number = numbers.as_ref().map(|numbers| numbers[step]);
            function(window, number.as_slice())
        })?;
        if over_time::keeps_name(name) {
            return Ok(series);
        }
        let series: Vec<_> = series.into_iter().map(Series::without_name).collect();
        let mut labels: Vec<_> = series.iter().map(|series| &series.labels).collect();
        labels.sort_unstable();
        if labels.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(QueryError::same_labels());
        }
        Ok(series)
    }

    fn of_time(&self, function: fn(i64) -> f64) -> Result<Vec<Series>, QueryError> {
        if self.call.args.is_empty() {
            let values = self.grid.times().map(|time| function(time.div_euclid(1000))).collect();
            return Ok(vec![Series { labels: Labels::default(), values }]);
        }
        self.each(0, |_, seconds| function(seconds as i64))
    }

    fn round(&self) -> Result<Vec<Series>, QueryError> {
        let to = if self.call.args.len() > 1 { self.scalar(1)? } else { vec![1.0; self.grid.count] };
        self.each(0, |step, value| {
            let inverse = 1.0 / to[step];
            (value * inverse + 0.5).floor() / inverse
        })
    }

    fn timestamp(&self) -> Result<Vec<Series>, QueryError> {
        let mut argument = self.argument(0)?;
        while let Expr::Paren(paren) = argument {
            argument = &paren.expr;
        }
        if let Expr::VectorSelector(selector) = argument {
            let series = timestamps(self.evaluation, selector, self.grid)?;
            return merged(series.into_iter().map(Series::without_name).collect());
        }
        self.each(0, |step, _| self.grid.time(step) as f64 / 1000.0)
    }

    fn scalar_of(&self) -> Result<Vec<f64>, QueryError> {
        let vector = self.vector(0)?;
        let value = |step: usize| {
            let mut values =
                vector.iter().map(|series| series.values[step]).filter(|value| !is_absent(*value));
            match (values.next(), values.next()) {
                (Some(value), None) => value,
                _ => f64::NAN,
            }
        };
        Ok((0..self.grid.count).map(value).collect())
    }

    fn absent(&self, is_absent_at: impl Fn(usize) -> bool) -> Result<Vec<Series>, QueryError> {
        let values: Vec<f64> =
            (0..self.grid.count).map(|step| if is_absent_at(step) { 1.0 } else { ABSENT }).collect();
        let series = Series { labels: labels_of_absent(self.argument(0)?), values };
        Ok(if series.is_empty() { Vec::new() } else { vec![series] })
    }

    fn label_replace(&self) -> Result<Vec<Series>, QueryError> {
        let (to, replacement) = (self.text(1)?, self.text(2)?);
        let (from, expression) = (self.text(3)?, self.text(4)?);
        let expression = Regex::new(&format!("^(?:{expression})$")).map_err(|_| {
            QueryError::execution(format!("invalid regular expression in label_replace(): {expression}"))
        })?;
        check_label(&to, "label_replace")?;
        let series = self.vector(0)?.into_iter().map(|mut series| {
            if let Some(found) = expression.captures(series.labels.get(&from)) {
                let mut value = String::new();
                found.expand(&replacement, &mut value);
                series.labels.set(&to, &value);
            }
            series
        });
        merged(series.collect())
    }

    fn label_join(&self) -> Result<Vec<Series>, QueryError> {
        let (to, separator) = (self.text(1)?, self.text(2)?);
        check_label(&to, "label_join")?;
        let from = (3..self.call.args.len()).map(|at| self.text(at)).collect::<Result<Vec<_>, _>>()?;
        let series = self.vector(0)?.into_iter().map(|mut series| {
            let values: Vec<_> = from.iter().map(|name| series.labels.get(name)).collect();
            let value = values.join(&separator);
            series.labels.set(&to, &value);
            series
        });
        merged(series.collect())
    }

    /// By the values at the first step; a range has no order but that of its labels.
    fn sorted(&self, order: impl Fn(f64, f64) -> std::cmp::Ordering) -> Result<Vec<Series>, QueryError> {
        let mut vector = self.vector(0)?;
        vector.sort_by(|one, other| {
            let (one, other) = (one.values[0], other.values[0]);
            // What is no number comes last in both directions.
            one.is_nan().cmp(&other.is_nan()).then_with(|| order(one, other))
        });
        Ok(vector)
    }
}

fn check_label(name: &str, function: &str) -> Result<(), QueryError> {
    let is_label = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_label {
        Ok(())
    } else {
        Err(QueryError::execution(format!("invalid label name in {function}(): {name}")))
    }
}

/// What is no number stays none.
fn clamped(value: f64, min: f64, max: f64) -> f64 {
    if value.is_nan() || min.is_nan() || max.is_nan() { f64::NAN } else { min.max(value.min(max)) }
}
