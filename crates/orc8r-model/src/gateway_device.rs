//! A device as the REST contract writes it, and as it is kept.

use crate::{Device, DeviceKey, HardwareId, Invalid};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wire_rest::types::{ChallengeKey, GatewayDevice};

impl TryFrom<&GatewayDevice> for Device {
    type Error = Invalid;

    /// # Errors
    /// [`Invalid`] for a hardware id or a key that is none.
    fn try_from(body: &GatewayDevice) -> Result<Self, Invalid> {
        Ok(Self { hardware_id: HardwareId::parse(&*body.hardware_id)?, key: key(&body.key)? })
    }
}

impl From<&Device> for GatewayDevice {
    fn from(device: &Device) -> Self {
        let key = ChallengeKey {
            key_type: device.key.key_type().to_string(),
            key: device.key.public_key().map(|der| STANDARD.encode(der)),
        };
        Self { hardware_id: device.hardware_id.to_string(), key }
    }
}

fn key(body: &ChallengeKey) -> Result<DeviceKey, Invalid> {
    // An empty key counts as none, as the web UI sends it for ECHO.
    let key = body.key.as_deref().filter(|key| !key.is_empty());
    let der = key.map(|key| STANDARD.decode(key)).transpose();
    let der = der.map_err(|_| Invalid::new("key in body must be of type byte: it is not base64"))?;
    DeviceKey::parse(&body.key_type, der)
        .map_err(|error| Invalid::new(format!("key.key in body is wrong: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// P-384, SubjectPublicKeyInfo; any point, since only the form is read here.
    fn public_key() -> String {
        let mut der =
            b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\0\x04"
                .to_vec();
        der.resize(120, 1);
        STANDARD.encode(der)
    }

    fn read(body: Value) -> Result<Device, Invalid> {
        Device::try_from(&serde_json::from_value::<GatewayDevice>(body).unwrap())
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
                "ecdsa without key",
                json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256"}}),
                "key.key in body is wrong: key type SOFTWARE_ECDSA_SHA256 needs a key: give the base64 of its public key in DER (SubjectPublicKeyInfo)",
            ),
            (
                "a line break",
                json!({"hardware_id": "h\n", "key": {"key_type": "ECHO"}}),
                "hardware_id 'h\n' should match '^[^[:cntrl:]]{1,255}$'",
            ),
        ];
        for (name, body, expect) in rows {
            let problem = read(body).map_or_else(|invalid| invalid.to_string(), |_| String::new());
            assert_eq!(problem, expect, "{name}");
        }
    }

    #[test]
    fn a_device_survives_the_way_to_its_record_and_back() {
        let body =
            json!({"hardware_id": "h", "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": public_key()}});
        let record = read(body.clone()).unwrap();
        assert_eq!(serde_json::to_value(GatewayDevice::from(&record)).unwrap(), body);
    }
}
