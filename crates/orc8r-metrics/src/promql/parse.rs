//! From text to an expression that can be evaluated.

use std::panic::catch_unwind;

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{Expr, VectorSelector, parse as parse_text};

use super::error::QueryError;
use super::functions;
use crate::labels::NAME_LABEL;
use crate::tsdb::{Matcher, Operator, Selector};

/// Longer queries are refused: their authors are programs.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
/// Brackets within brackets.
const DEPTH_MAX: usize = 60;
/// Operators and other words that make an expression deeper; a stack is finite.
const OPERATORS_MAX: usize = 200;

/// Reads an expression, and refuses what cannot be evaluated here.
///
/// # Errors
/// When the text is too long or too deep, is no PromQL, or uses what is not supported.
pub fn parse(text: &str) -> Result<Expr, QueryError> {
    let expression = read(text)?;
    check_supported(&expression)?;
    Ok(expression)
}

/// Reads an expression, whether it can be evaluated here or not.
pub(super) fn read(text: &str) -> Result<Expr, QueryError> {
    check_size(text)?;
    // The parser's author expects no duration beyond what a `Duration` holds, such as `[1e99]`, and panics.
    let read = catch_unwind(|| parse_text(text));
    let read = read.unwrap_or_else(|_| Err("a number in it is out of range".to_owned()));
    read.map_err(|error| QueryError::bad_data(format!("parse error: {error}")))
}

/// Reads a selector, as `match[]` has it.
///
/// # Errors
/// When it is none.
pub fn selector(text: &str) -> Result<Selector, QueryError> {
    match parse(text)? {
        Expr::VectorSelector(VectorSelector { offset: None, at: None, name, matchers }) => {
            matchers_of(name.as_deref(), &matchers)
        }
        _ => Err(QueryError::bad_data(format!(
            "{text:?} is no series selector, such as up{{service=\"magmad\"}}"
        ))),
    }
}

/// A duration as PromQL writes it, such as `1h30m`, in milliseconds.
pub fn duration_ms(text: &str) -> Option<i64> {
    let duration = catch_unwind(|| promql_parser::util::parse_duration(text)).ok()?.ok()?;
    i64::try_from(duration.as_millis()).ok()
}

/// The conditions of a selector in the expression.
pub(super) fn matchers_of(name: Option<&str>, matchers: &Matchers) -> Result<Selector, QueryError> {
    if !matchers.or_matchers.is_empty() {
        return Err(QueryError::unsupported("\"or\" between matchers"));
    }
    let name = name.map(|name| Matcher::equal(NAME_LABEL, name));
    let others = matchers.matchers.iter().map(|matcher| {
        let operator = match &matcher.op {
            MatchOp::Equal => Operator::Equal,
            MatchOp::NotEqual => Operator::NotEqual,
            MatchOp::Re(expression) => Operator::Matches(expression.clone()),
            MatchOp::NotRe(expression) => Operator::MatchesNot(expression.clone()),
        };
        Matcher { label: matcher.name.clone(), operator, value: matcher.value.clone() }
    });
    Ok(Selector(name.into_iter().chain(others).collect()))
}

/// Counts, in the text, what makes an expression deep, before anything that recurses sees it.
fn check_size(text: &str) -> Result<(), QueryError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(QueryError::bad_data(format!("the query is longer than {TEXT_BYTES_MAX} bytes")));
    }
    let (mut depth, mut operators, mut quote) = (0_usize, 0_usize, None);
    let mut letters = text.chars();
    let mut word = String::new();
    while let Some(letter) = letters.next() {
        if let Some(end) = quote {
            match letter {
                '\\' if end != '`' => drop(letters.next()),
                letter if letter == end => quote = None,
                _ => {}
            }
            continue;
        }
        if letter.is_ascii_alphanumeric() || letter == '_' {
            word.push(letter.to_ascii_lowercase());
            continue;
        }
        operators += usize::from(is_operator(&std::mem::take(&mut word)));
        match letter {
            '"' | '\'' | '`' => quote = Some(letter),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '+' | '-' | '*' | '/' | '%' | '^' | '=' | '<' | '>' => operators += 1,
            _ => {}
        }
        if depth > DEPTH_MAX || operators > OPERATORS_MAX {
            return Err(QueryError::bad_data(format!(
                "the query has more than {DEPTH_MAX} levels or {OPERATORS_MAX} operators"
            )));
        }
    }
    Ok(())
}

fn is_operator(word: &str) -> bool {
    matches!(word, "and" | "or" | "unless" | "atan2" | "offset")
}

fn check_supported(expression: &Expr) -> Result<(), QueryError> {
    match expression {
        Expr::Aggregate(aggregate) => {
            super::aggregate::check(aggregate)?;
            aggregate.param.as_deref().map_or(Ok(()), check_supported)?;
            check_supported(&aggregate.expr)
        }
        Expr::Unary(unary) => check_supported(&unary.expr),
        Expr::Binary(binary) => {
            super::binary::check(binary)?;
            check_supported(&binary.lhs)?;
            check_supported(&binary.rhs)
        }
        Expr::Paren(paren) => check_supported(&paren.expr),
        Expr::Subquery(subquery) => check_supported(&subquery.expr),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
        Expr::VectorSelector(selector) => matchers_of(selector.name.as_deref(), &selector.matchers).map(drop),
        Expr::MatrixSelector(matrix) => matchers_of(matrix.vs.name.as_deref(), &matrix.vs.matchers).map(drop),
        Expr::Call(call) => {
            functions::check(call)?;
            call.args.args.iter().try_for_each(|argument| check_supported(argument))
        }
        Expr::Extension(_) => Err(QueryError::unsupported("this expression")),
    }
}
