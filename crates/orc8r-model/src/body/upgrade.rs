//! The bodies of upgrade tiers and release channels: which software a gateway should run.

use super::{Body, null_is_absent};
use crate::{ChannelId, Checks, GatewayId, TierId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A whole tier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// Its id.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub id: String,
    /// A name for people.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The software version of its gateways.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub version: String,
    /// The images of its gateways.
    pub images: Option<Vec<TierImage>>,
    /// The ids of its gateways.
    pub gateways: Option<Vec<String>>,
}

/// One image of a tier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TierImage {
    /// Its name.
    pub name: Option<String>,
    /// When it is installed among the others.
    pub order: Option<i64>,
}

impl Body for Tier {
    fn check(&self, checks: &mut Checks) {
        checks.required_id("id", &self.id, TierId::matches, TierId::PATTERN);
        checks.required_text("version", &self.version);
        if checks.required("images", &self.images) {
            checks.inside("images", |checks| self.images.iter().for_each(|images| images.check(checks)));
        }
        if checks.required("gateways", &self.gateways) {
            check_gateways(checks, "gateways", self.gateways.as_deref().unwrap_or_default());
        }
    }
}

impl Body for Vec<TierImage> {
    fn check(&self, checks: &mut Checks) {
        checks.items("", self, |checks, place, image| checks.inside(place, |checks| image.check(checks)));
    }
}

impl Body for TierImage {
    fn check(&self, checks: &mut Checks) {
        checks.required("name", &self.name);
        checks.required("order", &self.order);
    }
}

/// The ids of a tier's gateways, each once.
impl Body for Vec<GatewayId> {
    fn check(&self, checks: &mut Checks) {
        check_unique(checks, "tier_gateways", self.iter().map(GatewayId::as_str));
    }
}

fn check_gateways(checks: &mut Checks, field: &str, ids: &[String]) {
    check_unique(checks, field, ids.iter().map(String::as_str));
    checks.items(field, ids, |checks, place, id| {
        checks.required_id(place, id, GatewayId::matches, GatewayId::PATTERN)
    });
}

fn check_unique<'a>(checks: &mut Checks, field: &str, ids: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    if !ids.into_iter().all(|id| seen.insert(id)) {
        checks.fail(field, "shouldn't contain duplicates");
    }
}

/// What the entity of a tier keeps; the rest of a [`Tier`] is its key, its name and its edges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TierConfig {
    /// The software version of its gateways.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub version: String,
    /// The images of its gateways.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub images: Vec<TierImage>,
}

/// A whole release channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReleaseChannel {
    /// Its id.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub id: String,
    /// A name for people.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The versions that tiers may use, oldest first.
    pub supported_versions: Option<Vec<String>>,
}

impl Body for ReleaseChannel {
    fn check(&self, checks: &mut Checks) {
        checks.required_id("id", &self.id, ChannelId::matches, ChannelId::PATTERN);
        checks.required("supported_versions", &self.supported_versions);
    }
}

/// What the entity of a release channel keeps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChannelConfig {
    /// The versions that tiers may use, oldest first.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub supported_versions: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn problems<T: Body>(body: Value) -> String {
        match serde_json::from_value::<T>(body) {
            Ok(body) => {
                body.validate().map_or_else(|invalid| invalid.problems().join("; "), |()| String::new())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_tier_names_what_is_wrong() {
        let rows = [
            ("the least", json!({"id": "t1", "version": "1.0.0-0", "images": [], "gateways": []}), ""),
            (
                "nothing",
                json!({}),
                "id in body is required; version in body is required; images in body is required; gateways in body is required",
            ),
            (
                "an image",
                json!({"id": "t1", "version": "1", "images": [{"name": "a"}], "gateways": []}),
                "images.0.order in body is required",
            ),
            (
                "gateways twice",
                json!({"id": "t1", "version": "1", "images": [], "gateways": ["g1", "g1"]}),
                "gateways in body shouldn't contain duplicates",
            ),
            (
                "no gateway id",
                json!({"id": "t1", "version": "1", "images": [], "gateways": ["G"]}),
                r"gateways.0 in body should match '^[a-z][\da-z_-]+$'",
            ),
        ];
        for (name, body, expect) in rows {
            assert_eq!(problems::<Tier>(body), expect, "{name}");
        }
    }

    #[test]
    fn a_list_of_gateways_has_ids_and_each_once() {
        assert_eq!(problems::<Vec<GatewayId>>(json!(["g1", "g2"])), "");
        assert!(problems::<Vec<GatewayId>>(json!(["g1", "g1"])).contains("duplicates"));
        assert!(problems::<Vec<GatewayId>>(json!(["G"])).contains("should match"));
    }

    #[test]
    fn a_channel_names_what_is_wrong() {
        assert_eq!(problems::<ReleaseChannel>(json!({"id": "stable", "supported_versions": []})), "");
        assert_eq!(
            problems::<ReleaseChannel>(json!({"id": "stable"})),
            "supported_versions in body is required"
        );
    }
}
