//! Metrics that gateways send: intake, and the newest samples in memory.
