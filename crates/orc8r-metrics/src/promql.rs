//! PromQL over the embedded store, as Prometheus 2 evaluates it.
//!
//! An expression is evaluated as a whole for all steps of a query: each part gives series with one value a step, and
//! a part that reads samples reads each series once. What somebody may see is a [`Scope`], which the store itself
//! asks beneath the expression.
//!
//! Not supported, each with an error that names it: native histograms and their functions, experimental functions,
//! and what came with Prometheus 3 (`fill`, `smoothed`, `anchored`). A range includes the sample at its very
//! beginning, as in Prometheus 2; version 3 leaves it out.

mod aggregate;
mod binary;
mod error;
mod evaluate;
mod functions;
mod histogram;
mod json;
mod labels_of_absent;
mod over_time;
mod overview;
mod parse;
mod print;
mod query;
mod restrict;
mod selectors;
mod set_operators;
mod time_functions;
mod value;
mod vector_matching;

#[cfg(test)]
mod tests;

pub use error::{ErrorKind, QueryError};
pub use json::{Answer, error_json, series_json, strings_json};
pub use overview::{Most, Overview};
pub use parse::{TEXT_BYTES_MAX, duration_ms, parse, selector};
pub use query::{Engine, InstantQuery, Limits, RangeQuery};
pub use restrict::{restricted, restricted_selector, restricted_text};

#[allow(unused_imports, reason = "the documentation names it")]
use crate::tsdb::Scope;
