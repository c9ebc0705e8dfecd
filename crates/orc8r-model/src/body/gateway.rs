//! The bodies of a gateway and of its device.

use super::{Body, MagmadGatewayConfigs, null_is_absent};
use crate::{Checks, Device, DeviceKey, GatewayId, HardwareId, Invalid, TierId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A whole gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MagmadGateway {
    /// Its device; absent until one registers or is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<GatewayDevice>,
    /// With what a device can register itself; only in answers, and only while there is no device.
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub registration_info: Option<RegistrationInfo>,
    /// Its logical id.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub id: String,
    /// A name for people.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub name: String,
    /// A description for people.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub description: String,
    /// How its agent behaves.
    pub magmad: Option<MagmadGatewayConfigs>,
    /// The upgrade tier that it is in.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub tier: String,
    /// What it reported last; only in answers.
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub status: Option<Value>,
}

impl Body for MagmadGateway {
    fn check(&self, checks: &mut Checks) {
        checks.required_id("id", &self.id, GatewayId::matches, GatewayId::PATTERN);
        checks.required_text("name", &self.name);
        checks.required_text("description", &self.description);
        checks.required_id("tier", &self.tier, TierId::matches, TierId::PATTERN);
        if checks.required("magmad", &self.magmad) {
            checks.inside("magmad", |checks| self.magmad.iter().for_each(|magmad| magmad.check(checks)));
        }
        checks.inside("device", |checks| self.device.iter().for_each(|device| device.check(checks)));
    }
}

/// The device that stands for a gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GatewayDevice {
    /// The id that it names itself by.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub hardware_id: String,
    /// How it proves that.
    pub key: Option<ChallengeKey>,
}

/// How a device answers the bootstrap challenge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChallengeKey {
    /// `ECHO` or `SOFTWARE_ECDSA_SHA256`.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub key_type: String,
    /// The base64 of its public key in DER; absent for `ECHO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Body for GatewayDevice {
    fn check(&self, checks: &mut Checks) {
        if checks.required_text("hardware_id", &self.hardware_id) && !HardwareId::matches(&self.hardware_id) {
            checks.fail("hardware_id", "must have at most 255 bytes and no control characters");
        }
        if checks.required("key", &self.key) {
            checks.inside("key", |checks| self.key.iter().for_each(|key| key.check(checks)));
        }
    }
}

impl Body for ChallengeKey {
    fn check(&self, checks: &mut Checks) {
        if !checks.required_text("key_type", &self.key_type) {
            return;
        }
        match self.parse() {
            Ok(_) => {}
            Err(None) => checks.fail("key", "must be of type byte: it is not base64"),
            Err(Some(crate::DeviceKeyError::UnknownType(_))) => {
                checks.one_of("key_type", &self.key_type, &["ECHO", "SOFTWARE_ECDSA_SHA256"]);
            }
            Err(Some(error)) => checks.fail("key", format_args!("is wrong: {error}")),
        }
    }
}

impl ChallengeKey {
    /// `Err(None)`: not base64.
    fn parse(&self) -> Result<DeviceKey, Option<crate::DeviceKeyError>> {
        // An empty key counts as none, as the web UI sends it for ECHO.
        let key = self.key.as_deref().filter(|key| !key.is_empty());
        let der = key.map(|key| STANDARD.decode(key)).transpose().map_err(|_| None)?;
        DeviceKey::parse(&self.key_type, der).map_err(Some)
    }
}

impl GatewayDevice {
    /// The device that the body describes.
    ///
    /// # Errors
    /// [`Invalid`], as [`Body::validate`] does.
    pub fn to_device(&self) -> Result<Device, Invalid> {
        self.validate()?;
        let key = self.key.as_ref().ok_or_else(|| Invalid::one("key in body is required"))?;
        let key = key.parse().map_err(|_| Invalid::one("key in body is wrong"))?;
        Ok(Device { hardware_id: HardwareId::parse(&*self.hardware_id)?, key })
    }
}

impl From<&Device> for GatewayDevice {
    fn from(device: &Device) -> Self {
        let key = ChallengeKey {
            key_type: device.key.key_type().to_string(),
            key: device.key.public_key().map(|der| STANDARD.encode(der)),
        };
        Self { hardware_id: device.hardware_id.to_string(), key: Some(key) }
    }
}

/// With what a device registers itself for a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistrationInfo {
    /// To be used once.
    pub registration_token: String,
    /// The Orchestrator's certificate authority in PEM.
    pub root_ca: String,
    /// The Orchestrator's domain.
    pub domain_name: String,
}

/// One page of a network's gateways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaginatedGateways {
    /// Asks for the next page; empty on the last.
    pub page_token: String,
    /// By gateway id.
    pub gateways: BTreeMap<String, MagmadGateway>,
    /// Of the whole network.
    pub total_count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// P-384, SubjectPublicKeyInfo; any point, since only the form is read here.
    fn public_key() -> String {
        let mut der =
            b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\0\x04"
                .to_vec();
        der.resize(120, 1);
        STANDARD.encode(der)
    }

    fn problems(body: Value) -> String {
        let body: GatewayDevice = serde_json::from_value(body).unwrap();
        body.validate().map_or_else(|invalid| invalid.problems().join("; "), |()| String::new())
    }

    #[test]
    fn a_device_names_what_is_wrong() {
        let rows = [
            ("echo", json!({"hardware_id": "h", "key": {"key_type": "ECHO"}}), ""),
            (
                "echo with an empty key",
                json!({"hardware_id": "h", "key": {"key_type": "ECHO", "key": ""}}),
                "",
            ),
            (
                "ecdsa",
                json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": public_key()}}),
                "",
            ),
            ("nothing", json!({}), "hardware_id in body is required; key in body is required"),
            ("no type", json!({"hardware_id": "h", "key": {}}), "key.key_type in body is required"),
            (
                "RSA",
                json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_RSA_SHA256"}}),
                "key.key_type in body should be one of [ECHO SOFTWARE_ECDSA_SHA256]",
            ),
            (
                "not base64",
                json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": "%"}}),
                "key.key in body must be of type byte: it is not base64",
            ),
            (
                "ecdsa without key",
                json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256"}}),
                "key.key in body is wrong: key type SOFTWARE_ECDSA_SHA256 needs a key: give the base64 of its public key in DER (SubjectPublicKeyInfo)",
            ),
            (
                "a line break",
                json!({"hardware_id": "h\n", "key": {"key_type": "ECHO"}}),
                "hardware_id in body must have at most 255 bytes and no control characters",
            ),
        ];
        for (name, body, expect) in rows {
            assert_eq!(problems(body), expect, "{name}");
        }
    }

    #[test]
    fn a_device_survives_the_way_to_its_record_and_back() {
        let body =
            json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": public_key()}});
        let read: GatewayDevice = serde_json::from_value(body.clone()).unwrap();
        let record = read.to_device().unwrap();
        assert_eq!(serde_json::to_value(GatewayDevice::from(&record)).unwrap(), body);
    }

    #[test]
    fn what_is_only_in_answers_is_not_read() {
        let body = json!({"id": "g1", "status": {"x": 1}, "registration_info": {"registration_token": "t"}});
        let read: MagmadGateway = serde_json::from_value(body).unwrap();
        assert_eq!((read.status, read.registration_info), (None, None));
    }
}
