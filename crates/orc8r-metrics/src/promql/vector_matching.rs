//! Arithmetic and comparisons between two vectors: each series with its counterpart.

use std::collections::BTreeMap;

use promql_parser::parser::{BinModifier, BinaryExpr, LabelModifier, VectorMatchCardinality};

use super::binary::Operator;
use super::error::QueryError;
use super::evaluate::Evaluation;
use super::set_operators::shared_labels;
use super::value::{ABSENT, Grid, Series, is_absent, merged};
use crate::labels::{Labels, NAME_LABEL};

/// The results for each pair of series that share labels.
pub(super) fn between_vectors(
    evaluation: &Evaluation<'_>,
    (left, right): (Vec<Series>, Vec<Series>),
    operator: Operator,
    operation: &BinaryExpr,
    grid: Grid,
) -> Result<Vec<Series>, QueryError> {
    let default = BinModifier::default();
    let modifier = operation.modifier.as_ref().unwrap_or(&default);
    let is_swapped = matches!(modifier.card, VectorMatchCardinality::OneToMany(_));
    let (many, one) = if is_swapped { (right, left) } else { (left, right) };
    let groups = Groups::new(&many, &one, modifier.matching.as_ref());
    let mut pairs: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for step in 0..grid.count {
        if step.is_multiple_of(64) {
            evaluation.look_at_the_clock()?;
        }
        let counterparts = groups.counterparts(&one, step, is_swapped)?;
        let mut used =
            vec![
                false;
                if modifier.card == VectorMatchCardinality::OneToOne { counterparts.len() } else { 0 }
            ];
        for (at, series) in many.iter().enumerate().filter(|(_, series)| !is_absent(series.values[step])) {
            let group = groups.of_many[at];
            let Some(counterpart) = group.and_then(|group| counterparts[group]) else { continue };
            let (value, other) = (series.values[step], one[counterpart].values[step]);
            let (left, right) = if is_swapped { (other, value) } else { (value, other) };
            let Some(result) = operator.apply(left, right) else { continue };
            if let Some(used) = group.and_then(|group| used.get_mut(group))
                && std::mem::replace(used, true)
            {
                return Err(QueryError::execution(
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
                ));
            }
            pairs.entry((at, counterpart)).or_insert_with(|| vec![ABSENT; grid.count])[step] = result;
        }
    }
    let results = pairs.into_iter().map(|((at, counterpart), values)| {
        let labels = result_labels(&many[at].labels, &one[counterpart].labels, operator, modifier);
        Series { labels, values }
    });
    merged(results.collect()).map_err(|_| {
        QueryError::execution("multiple matches for labels: grouping labels must ensure unique matches")
    })
}

/// The groups of series that share labels, numbered by the side of which each group has one.
struct Groups {
    of_many: Vec<Option<usize>>,
    of_one: Vec<usize>,
    labels: Vec<Labels>,
}

impl Groups {
    fn new(many: &[Series], one: &[Series], matching: Option<&LabelModifier>) -> Self {
        let mut numbers: BTreeMap<Labels, usize> = BTreeMap::new();
        let mut labels = Vec::new();
        let of_one = one.iter().map(|series| {
            let shared = shared_labels(&series.labels, matching);
            *numbers.entry(shared).or_insert_with_key(|shared| {
                labels.push(shared.clone());
                labels.len() - 1
            })
        });
        let of_one = of_one.collect();
        let of_many =
            many.iter().map(|series| numbers.get(&shared_labels(&series.labels, matching)).copied());
        Self { of_many: of_many.collect(), of_one, labels }
    }

    /// The one series of each group that has a value at a step.
    fn counterparts(
        &self,
        one: &[Series],
        step: usize,
        is_swapped: bool,
    ) -> Result<Vec<Option<usize>>, QueryError> {
        let mut counterparts = vec![None; self.labels.len()];
        for (at, group) in self.of_one.iter().enumerate() {
            if is_absent(one[at].values[step]) {
                continue;
            }
            if let Some(other) = counterparts[*group].replace(at) {
                let side = if is_swapped { "left" } else { "right" };
                let other: &Series = &one[other];
                return Err(QueryError::execution(format!(
                    "found duplicate series for the match group {} on the {side} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
                    self.labels[*group], one[at].labels, other.labels
                )));
            }
        }
        Ok(counterparts)
    }
}

fn result_labels(many: &Labels, one: &Labels, operator: Operator, modifier: &BinModifier) -> Labels {
    let mut labels = many.clone();
    if operator.drops_name() {
        labels.remove(NAME_LABEL);
    }
    match (&modifier.card, &modifier.matching) {
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Include(on))) => {
            labels.retain(|name| on.labels.iter().any(|on| on == name));
        }
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Exclude(ignoring))) => {
            labels.retain(|name| !ignoring.labels.iter().any(|known| known == name));
        }
        (VectorMatchCardinality::ManyToOne(more) | VectorMatchCardinality::OneToMany(more), _) => {
            more.labels.iter().for_each(|name| labels.set(name, one.get(name)));
        }
        _ => {}
    }
    labels
}
