//! Expressions as text again, for an engine elsewhere.
//!
//! What is written is the plain part of PromQL that Prometheus and VictoriaMetrics read alike: names that are
//! identifiers, texts in double quotes, parentheses wherever an order could be doubted. Anything else is refused: two
//! parsers that read one text differently would undo a restriction.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{
    AtModifier, BinModifier, BinaryExpr, Expr, LabelModifier, Offset, VectorMatchCardinality, VectorSelector,
};

use super::error::QueryError;
use crate::labels::NAME_LABEL;
use crate::tsdb::{Operator, Selector};

/// Words that mean something else to one engine or another where a metric's name may stand.
const WORDS: [&str; 42] = [
    "and",
    "atan2",
    "avg",
    "bool",
    "bottomk",
    "by",
    "count",
    "count_values",
    "default",
    "end",
    "group",
    "group_left",
    "group_right",
    "if",
    "ifnot",
    "ignoring",
    "inf",
    "keep_metric_names",
    "limit",
    "max",
    "min",
    "nan",
    "offset",
    "on",
    "or",
    "prefix",
    "quantile",
    "quantiles",
    "start",
    "stddev",
    "stdvar",
    "step",
    "sum",
    "topk",
    "union",
    "unless",
    "with",
    "without",
    "fill",
    "limitk",
    "smoothed",
    "anchored",
];

/// The expression as text.
///
/// # Errors
/// When it has a part that engines may read differently.
pub(super) fn printed(expression: &Expr) -> Result<String, QueryError> {
    let mut out = String::new();
    write(&mut out, expression)?;
    Ok(out)
}

/// A selector as text, with one more condition.
pub(crate) fn printed_selector(selector: &Selector, restriction: Option<(&str, &str)>) -> String {
    let mut out = String::from("{");
    for matcher in &selector.0 {
        let operator = match matcher.operator {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Matches(_) => "=~",
            Operator::MatchesNot(_) => "!~",
        };
        condition(&mut out, &matcher.label, operator, &matcher.value);
    }
    if let Some((operator, value)) = restriction {
        condition(&mut out, crate::labels::NETWORK_LABEL, operator, value);
    }
    out.push('}');
    out
}

fn condition(out: &mut String, label: &str, operator: &str, value: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(label);
    out.push_str(operator);
    text(out, value);
}

fn write(out: &mut String, expression: &Expr) -> Result<(), QueryError> {
    match expression {
        Expr::Aggregate(aggregate) => {
            let _ = write!(out, "{}", aggregate.op);
            grouping(out, aggregate.modifier.as_ref(), [" by", " without"])?;
            out.push('(');
            if let Some(parameter) = &aggregate.param {
                write(out, parameter)?;
                out.push_str(", ");
            }
            write(out, &aggregate.expr)?;
            out.push(')');
        }
        Expr::Unary(unary) => {
            out.push('-');
            operand(out, &unary.expr)?;
        }
        Expr::Binary(expression) => binary(out, expression)?,
        Expr::Paren(paren) => {
            out.push('(');
            write(out, &paren.expr)?;
            out.push(')');
        }
        Expr::Subquery(subquery) => {
            operand(out, &subquery.expr)?;
            let step = subquery.step.map(milliseconds).unwrap_or_default();
            let _ = write!(out, "[{}:{step}]", milliseconds(subquery.range));
            moment(out, subquery.at.as_ref(), subquery.offset.as_ref());
        }
        Expr::NumberLiteral(number) => literal(out, number.val),
        Expr::StringLiteral(literal) => text(out, &literal.val),
        Expr::VectorSelector(vector) => {
            selector(out, vector)?;
            moment(out, vector.at.as_ref(), vector.offset.as_ref());
        }
        Expr::MatrixSelector(matrix) => {
            selector(out, &matrix.vs)?;
            let _ = write!(out, "[{}]", milliseconds(matrix.range));
            moment(out, matrix.vs.at.as_ref(), matrix.vs.offset.as_ref());
        }
        Expr::Call(call) => {
            let _ = write!(out, "{}(", call.func.name);
            for (at, argument) in call.args.args.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write(out, argument)?;
            }
            out.push(')');
        }
        Expr::Extension(_) => return Err(refused("this expression")),
    }
    Ok(())
}

/// In parentheses where an operator stands in it.
fn operand(out: &mut String, expression: &Expr) -> Result<(), QueryError> {
    let is_plain = match expression {
        Expr::Binary(_) | Expr::Unary(_) => false,
        Expr::NumberLiteral(number) => number.val.is_sign_positive(),
        _ => true,
    };
    if is_plain {
        return write(out, expression);
    }
    out.push('(');
    write(out, expression)?;
    out.push(')');
    Ok(())
}

fn binary(out: &mut String, expression: &BinaryExpr) -> Result<(), QueryError> {
    operand(out, &expression.lhs)?;
    let _ = write!(out, " {}", expression.op);
    if let Some(modifier) = &expression.modifier {
        matching(out, modifier)?;
    }
    out.push(' ');
    operand(out, &expression.rhs)
}

fn matching(out: &mut String, modifier: &BinModifier) -> Result<(), QueryError> {
    if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
        return Err(refused("\"fill\""));
    }
    if modifier.return_bool {
        out.push_str(" bool");
    }
    grouping(out, modifier.matching.as_ref(), [" on", " ignoring"])?;
    match &modifier.card {
        VectorMatchCardinality::ManyToOne(labels) => names(out, " group_left", &labels.labels),
        VectorMatchCardinality::OneToMany(labels) => names(out, " group_right", &labels.labels),
        VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => Ok(()),
    }
}

fn grouping(
    out: &mut String,
    modifier: Option<&LabelModifier>,
    [include, exclude]: [&str; 2],
) -> Result<(), QueryError> {
    match modifier {
        Some(LabelModifier::Include(labels)) => names(out, include, &labels.labels),
        Some(LabelModifier::Exclude(labels)) => names(out, exclude, &labels.labels),
        None => Ok(()),
    }
}

fn names(out: &mut String, word: &str, labels: &[String]) -> Result<(), QueryError> {
    let labels = labels.iter().map(|label| label_name(label)).collect::<Result<Vec<_>, _>>()?;
    let _ = write!(out, "{word}({})", labels.join(", "));
    Ok(())
}

fn selector(out: &mut String, selector: &VectorSelector) -> Result<(), QueryError> {
    let Matchers { matchers, or_matchers } = &selector.matchers;
    if !or_matchers.is_empty() {
        return Err(refused("\"or\" between matchers"));
    }
    let name = selector.name.as_deref();
    let plain = name.filter(|name| is_metric_name(name));
    out.push_str(plain.unwrap_or_default());
    if plain.is_some() && matchers.is_empty() {
        return Ok(());
    }
    out.push('{');
    if let (Some(name), None) = (name, plain) {
        condition(out, NAME_LABEL, "=", name);
    }
    let mut conditions = String::from("{");
    for matcher in matchers {
        let operator = match matcher.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Re(_) => "=~",
            MatchOp::NotRe(_) => "!~",
        };
        condition(&mut conditions, label_name(&matcher.name)?, operator, &matcher.value);
    }
    if !out.ends_with('{') && !matchers.is_empty() {
        out.push(',');
    }
    out.push_str(&conditions[1..]);
    out.push('}');
    Ok(())
}

fn moment(out: &mut String, at: Option<&AtModifier>, offset: Option<&Offset>) {
    match at {
        Some(AtModifier::Start) => out.push_str(" @ start()"),
        Some(AtModifier::End) => out.push_str(" @ end()"),
        Some(AtModifier::At(time)) => {
            let (sign, from_zero) = match time.duration_since(UNIX_EPOCH) {
                Ok(after) => ("", after),
                Err(_) => ("-", UNIX_EPOCH.duration_since(*time).unwrap_or_default()),
            };
            let _ = write!(out, " @ {sign}{}.{:03}", from_zero.as_secs(), from_zero.subsec_millis());
        }
        None => {}
    }
    match offset {
        Some(Offset::Pos(time)) => drop(write!(out, " offset {}", milliseconds(*time))),
        Some(Offset::Neg(time)) => drop(write!(out, " offset -{}", milliseconds(*time))),
        None => {}
    }
}

/// A duration in the largest units that it is a whole number of.
fn milliseconds(duration: Duration) -> String {
    let ms = duration.as_millis();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if ms > 0 && ms.is_multiple_of(length) {
            return format!("{}{unit}", ms / length);
        }
    }
    format!("{ms}ms")
}

fn literal(out: &mut String, value: f64) {
    let _ = match value {
        value if value.is_nan() => write!(out, "NaN"),
        value if value.is_infinite() => write!(out, "{}Inf", if value > 0.0 { "" } else { "-" }),
        value if value != 0.0 && !(1e-6..1e15).contains(&value.abs()) => write!(out, "{value:e}"),
        value => write!(out, "{value}"),
    };
}

fn text(out: &mut String, value: &str) {
    out.push('"');
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn is_metric_name(name: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    name.starts_with(|first: char| is_word(first) && !first.is_ascii_digit())
        && name.chars().all(is_word)
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

fn label_name(name: &str) -> Result<&str, QueryError> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_name = name.starts_with(|first: char| is_word(first) && !first.is_ascii_digit())
        && name.chars().all(is_word);
    if is_name { Ok(name) } else { Err(QueryError::bad_data(format!("{name:?} is no name of a label"))) }
}

fn refused(what: &str) -> QueryError {
    QueryError::bad_data(format!("{what} cannot be passed on to the metrics engine"))
}
