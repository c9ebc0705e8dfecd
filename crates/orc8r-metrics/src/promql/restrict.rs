//! The restriction of expressions to networks.
//!
//! The store's scope already keeps everything else away. An expression is restricted as well, so that what is sent to
//! another engine is, and so that `absent()` says of which network something is missing. What was written stays: a
//! matcher on `networkID` is met in addition.

use promql_parser::label::{MatchOp, Matcher, Matchers};
use promql_parser::parser::{Expr, VectorSelector};
use regex::Regex;

use crate::labels::NETWORK_LABEL;
use crate::tsdb::Scope;

/// The expression with a matcher on `networkID` in every selector.
pub fn restricted(mut expression: Expr, scope: &Scope) -> Expr {
    if let Some(matcher) = matcher(scope) {
        restrict(&mut expression, &matcher);
    }
    expression
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

fn restrict(expression: &mut Expr, matcher: &Matcher) {
    match expression {
        Expr::Aggregate(aggregate) => {
            if let Some(parameter) = &mut aggregate.param {
                restrict(parameter, matcher);
            }
            restrict(&mut aggregate.expr, matcher);
        }
        Expr::Unary(unary) => restrict(&mut unary.expr, matcher),
        Expr::Binary(binary) => {
            restrict(&mut binary.lhs, matcher);
            restrict(&mut binary.rhs, matcher);
        }
        Expr::Paren(paren) => restrict(&mut paren.expr, matcher),
        Expr::Subquery(subquery) => restrict(&mut subquery.expr, matcher),
        Expr::VectorSelector(selector) => restrict_selector(selector, matcher),
        Expr::MatrixSelector(matrix) => restrict_selector(&mut matrix.vs, matcher),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|argument| restrict(argument, matcher)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn restrict_selector(selector: &mut VectorSelector, matcher: &Matcher) {
    let Matchers { matchers, or_matchers } = &mut selector.matchers;
    matchers.push(matcher.clone());
    or_matchers.iter_mut().for_each(|either| either.push(matcher.clone()));
}
