//! What the REST API asks: events by their names, logs by words, both by time.

mod events;
mod fields;
mod instant;
mod logs;
mod needle;
mod simple_query;
mod words;

use orc8r_store::{ArchivePage, StoreError};

pub use events::{EventQuery, FoundEvent};
pub use logs::LogQuery;

/// Why there is no answer.
#[derive(Debug)]
pub enum SearchError {
    /// The question makes no sense; the words say why.
    Question(String),
    /// The archive refused or failed.
    Store(StoreError),
}

impl From<StoreError> for SearchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Reads `from` and `size`, which may be empty.
///
/// # Errors
/// [`SearchError::Question`] when they are no numbers.
pub fn page(from: &str, size: &str, default_size: usize) -> Result<ArchivePage, SearchError> {
    let number = |name: &str, text: &str, default: usize| match text {
        "" => Ok(default),
        text => text.parse().map_err(|_| {
            SearchError::Question(format!("{name} must be a number that is not negative: '{text}'"))
        }),
    };
    Ok(ArchivePage { skip: number("from", from, 0)?, limit: number("size", size, default_size)? })
}

/// The values between commas, without blanks around them.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}
