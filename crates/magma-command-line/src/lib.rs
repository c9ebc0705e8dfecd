//! A program's command line as one table, from which everything else about it comes: the parser, the help, and what
//! `cargo xtask completions` and `cargo xtask man` write from it.
//!
//! The agent is for small machines, and this is a fraction of the size of the library that most programs use for
//! it. Strict all the same: what the table does not name is refused, with the nearest name that it has. Here nothing is
//! printed, done or read from the environment.

mod closest;
pub mod help;
pub mod magmad;
mod parse;
pub mod table;

pub use parse::{Matches, Mistake, Parsed, parse};
