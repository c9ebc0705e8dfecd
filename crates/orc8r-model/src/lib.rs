//! Networks, gateways, tiers and channels: types and rules, no I/O.
