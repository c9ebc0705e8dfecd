//! The agent's own entry in `gateway.mconfig` (`magma.mconfig.MagmaD`), typed.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::LogLevel;

/// `magma.mconfig.MagmaD`, with the agent's rules applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagmadMconfig {
    /// `log_level`; `None` when the document does not say.
    pub log_level: Option<LogLevel>,
    /// `checkin_interval`: 60 s when absent or 0, never under 5 s.
    pub checkin_interval: Duration,
    /// `checkin_timeout`: 10 s when absent or 0.
    pub checkin_timeout: Duration,
    /// `autoupgrade_enabled`.
    pub autoupgrade_enabled: bool,
    /// `autoupgrade_poll_interval`: 300 s when absent or 0, never under 60 s.
    pub autoupgrade_poll_interval: Duration,
    /// `package_version`; empty when absent.
    pub package_version: String,
    /// `images`.
    pub images: Vec<ImageSpec>,
    /// `tier_id`; empty when absent.
    pub tier_id: String,
    /// `feature_flags`.
    pub feature_flags: BTreeMap<String, bool>,
    /// `dynamic_services`: which of the registered dynamic services shall run.
    pub dynamic_services: Vec<String>,
    /// `orc8r_version`; empty when absent.
    pub orc8r_version: String,
}

/// `magma.mconfig.ImageSpec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSpec {
    /// `name`.
    pub name: String,
    /// `order`.
    pub order: i64,
}
