//! The common service that every Magma service answers, and metric families on the wire.
