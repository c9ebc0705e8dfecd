//! The restriction of expressions to networks.
//!
//! The embedded store's scope already keeps everything else away; what an engine elsewhere is asked has nothing but
//! this. `absent()` says by it of which network something is missing. What was written stays: a
//! matcher on `networkID` is met in addition.

use promql_parser::label::{MatchOp, Matcher, Matchers};
use promql_parser::parser::{Expr, VectorSelector};
use regex::Regex;

use super::error::QueryError;
use super::{parse, print};
use crate::labels::NETWORK_LABEL;
use crate::tsdb::{Scope, Selector};

/// The expression with a matcher on `networkID` in every selector.
pub fn restricted(mut expression: Expr, scope: &Scope) -> Expr {
    if let Some(matcher) = matcher(scope) {
        each_selector(&mut expression, &mut |selector| restrict_selector(selector, &matcher));
    }
    expression
}

/// The same from text to text, for an engine elsewhere: what it is sent is read again, and must have the networks in
/// every selector.
///
/// # Errors
/// When the text is no PromQL, or has parts that engines may read differently.
pub fn restricted_text(text: &str, scope: &Scope) -> Result<String, QueryError> {
    let printed = print::printed(&restricted(parse::read(text)?, scope))?;
    let Some(matcher) = matcher(scope) else { return Ok(printed) };
    let mut again = parse_again(&printed)?;
    let mut is_restricted = true;
    each_selector(&mut again, &mut |selector| is_restricted &= selector.matchers.matchers.contains(&matcher));
    if is_restricted { Ok(printed) } else { Err(QueryError::internal("the query cannot be restricted")) }
}

/// A selector with the networks, as `match[]` has it.
pub fn restricted_selector(selector: &Selector, scope: &Scope) -> String {
    let matcher = matcher(scope);
    let restriction = matcher.as_ref().map(|matcher| {
        let operator = if matcher.op == MatchOp::Equal { "=" } else { "=~" };
        (operator, matcher.value.as_str())
    });
    print::printed_selector(selector, restriction)
}

/// Reads what was printed, which is longer than what was asked.
fn parse_again(printed: &str) -> Result<Expr, QueryError> {
    promql_parser::parser::parse(printed)
        .map_err(|error| QueryError::internal(format!("the restricted query cannot be read again: {error}")))
}

/// What every selector must match, too; none when everything may be seen.
fn matcher(scope: &Scope) -> Option<Matcher> {
    let Scope::Networks(networks) = scope else { return None };
    let mut names = networks.iter().filter(|network| !network.is_empty());
    Some(match (names.next(), names.next()) {
        (Some(network), None) => Matcher::new(MatchOp::Equal, NETWORK_LABEL, network),
        (None, _) => nothing(),
        _ => {
            let names = networks.iter().filter(|network| !network.is_empty()).map(|name| regex::escape(name));
            let either = names.collect::<Vec<_>>().join("|");
            match Regex::new(&format!("^(?:{either})$")) {
                Ok(expression) => Matcher::new(MatchOp::Re(expression), NETWORK_LABEL, &either),
                // Too many networks for one expression: nothing is safer than everything.
                Err(_) => nothing(),
            }
        }
    })
}

/// No network has this name: names are lower case letters, digits, `_` and `-`.
fn nothing() -> Matcher {
    Matcher::new(MatchOp::Equal, NETWORK_LABEL, "\u{1}no network")
}

fn each_selector(expression: &mut Expr, act: &mut impl FnMut(&mut VectorSelector)) {
    match expression {
        Expr::Aggregate(aggregate) => {
            if let Some(parameter) = &mut aggregate.param {
                each_selector(parameter, act);
            }
            each_selector(&mut aggregate.expr, act);
        }
        Expr::Unary(unary) => each_selector(&mut unary.expr, act),
        Expr::Binary(binary) => {
            each_selector(&mut binary.lhs, act);
            each_selector(&mut binary.rhs, act);
        }
        Expr::Paren(paren) => each_selector(&mut paren.expr, act),
        Expr::Subquery(subquery) => each_selector(&mut subquery.expr, act),
        Expr::VectorSelector(selector) => act(selector),
        Expr::MatrixSelector(matrix) => act(&mut matrix.vs),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|argument| each_selector(argument, act)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn restrict_selector(selector: &mut VectorSelector, matcher: &Matcher) {
    let Matchers { matchers, or_matchers } = &mut selector.matchers;
    matchers.push(matcher.clone());
    or_matchers.iter_mut().for_each(|either| either.push(matcher.clone()));
}
