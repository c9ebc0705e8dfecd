//! What the entities of upgrade tiers and release channels keep.

use serde::{Deserialize, Serialize};
use wire_rest::types::TierImage;

/// The configuration of an `upgrade_tier` entity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierConfig {
    /// The software version of its gateways.
    pub version: String,
    /// The images of its gateways.
    pub images: Vec<TierImage>,
}

/// The configuration of an `upgrade_release_channel` entity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelConfig {
    /// The versions that it offers.
    pub supported_versions: Vec<String>,
}
