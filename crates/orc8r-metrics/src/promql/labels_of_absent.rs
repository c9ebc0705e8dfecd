//! The labels that a series would have if it were there.

use promql_parser::label::MatchOp;
use promql_parser::parser::Expr;

use crate::labels::{Labels, NAME_LABEL};

/// Those that the selector says with `=`, each once.
pub(super) fn labels_of_absent(expression: &Expr) -> Labels {
    let matchers = match expression {
        Expr::Paren(paren) => return labels_of_absent(&paren.expr),
        Expr::VectorSelector(selector) => &selector.matchers.matchers,
        Expr::MatrixSelector(matrix) => &matrix.vs.matchers.matchers,
        _ => return Labels::default(),
    };
    let (mut labels, mut unclear) = (Labels::default(), Vec::new());
    for matcher in matchers.iter().filter(|matcher| matcher.name != NAME_LABEL) {
        if matcher.op == MatchOp::Equal && labels.get(&matcher.name).is_empty() {
            labels.set(&matcher.name, &matcher.value);
        } else {
            unclear.push(&matcher.name);
        }
    }
    unclear.into_iter().for_each(|name| labels.remove(name));
    labels
}
