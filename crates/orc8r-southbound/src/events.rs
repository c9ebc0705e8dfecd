//! What gateways do here, among the events of their networks.

use orc8r_logs::CloudEvent;
use orc8r_model::{HardwareId, NetworkId};
use serde_json::{Value, json};

/// What tells them.
const STREAM: &str = "gateways";

/// That something happened to a gateway; `more` is an object without secrets.
pub(crate) fn of_gateway(
    network: &NetworkId,
    gateway: &str,
    event_type: &str,
    hardware_id: &HardwareId,
    more: Value,
) -> CloudEvent {
    let mut value = json!({ "hardware_id": hardware_id.as_str() });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    CloudEvent {
        network: network.to_string(),
        stream: STREAM.to_owned(),
        event_type: event_type.to_owned(),
        tag: gateway.to_owned(),
        value,
    }
}
