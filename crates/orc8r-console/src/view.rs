//! What pages are put together from.

pub(crate) mod chart;
pub(crate) mod matrix;
pub(crate) mod range;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod unit;
pub(crate) mod when;
