//! `and`, `or` and `unless`: which series stay, by the labels that they share.

use std::collections::BTreeMap;

use promql_parser::parser::token::{T_LAND, T_LOR};
use promql_parser::parser::{BinaryExpr, LabelModifier};

use super::error::QueryError;
use super::value::{ABSENT, Series, is_absent, merged};
use crate::labels::{Labels, NAME_LABEL};

/// The labels by which series of two vectors meet.
pub(super) fn shared_labels(labels: &Labels, matching: Option<&LabelModifier>) -> Labels {
    let mut shared = labels.clone();
    match matching {
        None => shared.remove(NAME_LABEL),
        Some(LabelModifier::Include(on)) => shared.retain(|name| on.labels.iter().any(|on| on == name)),
        Some(LabelModifier::Exclude(ignoring)) => {
            shared.retain(|name| name != NAME_LABEL && !ignoring.labels.iter().any(|known| known == name));
        }
    }
    shared
}

/// The series that a set operator leaves.
pub(super) fn set_operation(
    left: Vec<Series>,
    right: Vec<Series>,
    operation: &BinaryExpr,
) -> Result<Vec<Series>, QueryError> {
    let matching = operation.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
    match operation.op.id() {
        T_LOR => {
            let right = without(right, &left, matching, false);
            merged(left.into_iter().chain(right).collect())
        }
        T_LAND => Ok(without(left, &right, matching, true)),
        _ => Ok(without(left, &right, matching, false)),
    }
}

/// The values that have, or have no, counterpart in other series at the same step.
fn without(
    series: Vec<Series>,
    others: &[Series],
    matching: Option<&LabelModifier>,
    with_counterpart: bool,
) -> Vec<Series> {
    let mut present: BTreeMap<Labels, Vec<bool>> = BTreeMap::new();
    for other in others {
        let at = present
            .entry(shared_labels(&other.labels, matching))
            .or_insert_with(|| vec![false; other.values.len()]);
        at.iter_mut().zip(&other.values).for_each(|(at, value)| *at |= !is_absent(*value));
    }
    let filtered = series.into_iter().map(|mut one| {
        let present = present.get(&shared_labels(&one.labels, matching));
        for (step, value) in one.values.iter_mut().enumerate() {
            if present.is_some_and(|present| present[step]) != with_counterpart {
                *value = ABSENT;
            }
        }
        one
    });
    filtered.filter(|one| !one.is_empty()).collect()
}
