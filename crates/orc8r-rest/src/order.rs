//! How a list is ordered: `sort=name` by one of its columns, `sort=-name` the other way round.

use crate::error::ApiError;
use std::cmp::Ordering;

/// What a list may be ordered by, and how two of its rows compare in it.
pub(crate) type Column<T> = (&'static str, fn(&T, &T) -> Ordering);

/// An order that was asked for.
pub(crate) struct Order<T> {
    compare: fn(&T, &T) -> Ordering,
    is_reverse: bool,
    /// What tells rows apart: what is equal is ordered by it, always the same way.
    id: fn(&T, &T) -> Ordering,
}

impl<T> Order<T> {
    /// Reads the parameter `sort`; empty stands for the column `otherwise`. The first column tells rows apart.
    ///
    /// # Errors
    /// When there is no such column; the error names those that there are.
    pub(crate) fn parse(text: &str, columns: &[Column<T>], otherwise: &str) -> Result<Self, ApiError> {
        let (is_reverse, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let name = if name.is_empty() { otherwise } else { name };
        match (columns.first(), columns.iter().find(|(column, _)| *column == name)) {
            (Some((_, id)), Some((_, compare))) => Ok(Self { compare: *compare, is_reverse, id: *id }),
            _ => {
                let known: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
                let known = known.join(", ");
                Err(ApiError::bad(format!("sort in query must be one of {known}: {name:?}")))
            }
        }
    }

    pub(crate) fn sort(&self, rows: &mut [T]) {
        rows.sort_by(|one, other| {
            let order = (self.compare)(one, other);
            let order = if self.is_reverse { order.reverse() } else { order };
            order.then_with(|| (self.id)(one, other))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_a_column_and_what_is_equal_by_its_id() {
        const COLUMNS: &[Column<(u8, u8)>] =
            &[("id", |one, other| one.0.cmp(&other.0)), ("size", |one, other| one.1.cmp(&other.1))];
        let sorted = |sort: &str| {
            let mut rows = [(2, 5), (1, 5), (3, 4)];
            Order::parse(sort, COLUMNS, "size").map(|order| order.sort(&mut rows)).map(|()| rows)
        };
        assert_eq!(sorted("id").unwrap(), [(1, 5), (2, 5), (3, 4)]);
        assert_eq!(sorted("").unwrap(), [(3, 4), (1, 5), (2, 5)]);
        assert_eq!(sorted("-size").unwrap(), [(1, 5), (2, 5), (3, 4)]);
        assert_eq!(sorted("-").unwrap(), sorted("-size").unwrap());
        let refused = sorted("colour").unwrap_err().to_string();
        assert!(refused.contains("must be one of id, size: \"colour\""), "{refused}");
    }
}
