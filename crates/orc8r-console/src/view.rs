//! What pages are put together from.

pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod when;
