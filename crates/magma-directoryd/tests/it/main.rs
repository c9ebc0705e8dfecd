//! The directory over gRPC, with each of its stores, and beside Python's on the same table.
#![allow(clippy::unwrap_used, clippy::panic)]

mod directory;
mod python;
