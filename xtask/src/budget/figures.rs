//! Figures beside what is promised for them.

use super::MB;
use std::fmt;
use std::time::Duration;

/// A measured figure beside what is promised.
pub struct Figure {
    name: &'static str,
    measured: Quantity,
    budget: Quantity,
    /// Whether being over the budget is a failure.
    binding: bool,
}

/// A size, a time, or a part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Bytes, shown as decimal megabytes.
    Bytes(u64),
    /// Shown in whole milliseconds.
    Time(Duration),
    /// Millionths, shown in percent.
    Share(u64),
}

impl Figure {
    /// A figure that fails the check when it is over its budget.
    pub fn binding(name: &'static str, measured: Quantity, budget: Quantity) -> Self {
        Self { name, measured, budget, binding: true }
    }

    /// A figure that is shown only.
    pub fn shown(name: &'static str, measured: Quantity, budget: Quantity) -> Self {
        Self { name, measured, budget, binding: false }
    }

    /// What is measured.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the check fails for it.
    pub fn is_failure(&self) -> bool {
        self.binding && self.is_over()
    }

    fn is_over(&self) -> bool {
        self.measured > self.budget
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, verdict) =
            (self.measured.to_string(), if self.is_over() { "  OVER BUDGET" } else { "" });
        write!(out, "{:<30} {measured:>14}   budget {}{verdict}", self.name, self.budget)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(out, "{}.{:03} MB", bytes / MB, bytes % MB / 1000),
            Self::Time(time) => write!(out, "{} ms", time.as_millis()),
            Self::Share(millionths) => write!(out, "{}.{:04} %", millionths / 10_000, millionths % 10_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_against_its_budget() {
        let (budget, bytes) = (Quantity::Bytes(4 * MB), Quantity::Bytes);
        for (row, measured, over) in [
            ("below", bytes(3_999_999), false),
            ("exactly", bytes(4_000_000), false),
            ("above", bytes(4_000_001), true),
        ] {
            assert_eq!(Figure::binding("size", measured, budget).is_failure(), over, "{row}");
            assert!(!Figure::shown("size", measured, budget).is_failure(), "{row}");
        }
        let limit = Quantity::Time(Duration::from_millis(500));
        let slow = Figure::shown("start", Quantity::Time(Duration::from_millis(501)), limit);
        assert!(slow.to_string().ends_with("OVER BUDGET"));
    }

    #[test]
    fn a_figure_reads_well() {
        let figure = Figure::binding("size", Quantity::Bytes(4_012_345), Quantity::Bytes(4 * MB));
        let words: Vec<String> = figure.to_string().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), "size 4.012 MB budget 4.000 MB OVER BUDGET");
    }
}
