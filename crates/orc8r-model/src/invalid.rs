//! What is wrong with an input.

/// An input that breaks its contract, in words for who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Invalid {
    problem: String,
}

impl Invalid {
    /// An input with this problem.
    pub fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into() }
    }
}
