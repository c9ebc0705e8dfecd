//! The bodies of the commands that an operator sends to a gateway, and of the gateway's answers.

use super::{Body, null_is_absent};
use crate::Checks;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which hosts to ping.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PingRequest {
    /// Packets per host, at least 1; 0 counts as absent, and absent means [`PingRequest::DEFAULT_PACKETS`].
    #[serde(default, deserialize_with = "null_is_absent")]
    pub packets: i32,
    /// Names or addresses.
    pub hosts: Option<Vec<String>>,
}

impl PingRequest {
    /// Packets per host when the request does not say.
    pub const DEFAULT_PACKETS: i32 = 4;

    /// Packets per host.
    pub fn packets(&self) -> i32 {
        if self.packets == 0 { Self::DEFAULT_PACKETS } else { self.packets }
    }
}

impl Body for PingRequest {
    fn check(&self, checks: &mut Checks) {
        checks.required("hosts", &self.hosts);
        checks.at_least("packets", self.packets(), 1);
    }
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PingResponse {
    /// One per host, in the order of the request.
    pub pings: Vec<PingResult>,
}

/// What came back from one host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PingResult {
    /// Which one.
    pub host_or_ip: String,
    /// How many packets were asked for.
    pub num_packets: i32,
    /// How many were sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub packets_transmitted: i32,
    /// How many came back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub packets_received: i32,
    /// How long they took on average, in milliseconds.
    #[serde(default, skip_serializing_if = "is_no_time")]
    pub avg_response_ms: f32,
    /// Why it failed; empty if it did not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

fn is_zero(count: &i32) -> bool {
    *count == 0
}

fn is_no_time(time_ms: &f32) -> bool {
    *time_ms == 0.0
}

/// A command by name, for the gateway to look up among those of its configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GenericCommandParams {
    /// Its name.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub command: String,
    /// Its parameters.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub params: Map<String, Value>,
}

impl Body for GenericCommandParams {
    fn check(&self, checks: &mut Checks) {
        checks.required_text("command", &self.command);
    }
}

/// What the command answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GenericCommandResponse {
    /// As the gateway made it up.
    #[serde(default)]
    pub response: Map<String, Value>,
}

/// Whose log to follow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TailLogsRequest {
    /// One service; empty or absent: the whole gateway.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub service: String,
}

impl Body for TailLogsRequest {
    fn check(&self, _checks: &mut Checks) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems<T: Body>(body: Value) -> String {
        let body: T = serde_json::from_value(body).unwrap();
        body.validate().map_or_else(|invalid| invalid.to_string(), |()| String::new())
    }

    #[test]
    fn commands_name_what_is_wrong() {
        assert_eq!(problems::<PingRequest>(json!({"hosts": ["a"]})), "");
        assert_eq!(problems::<PingRequest>(json!({"packets": 3})), "hosts in body is required");
        assert_eq!(
            problems::<PingRequest>(json!({"packets": -1, "hosts": []})),
            "packets in body should be greater than or equal to 1"
        );
        assert_eq!(problems::<GenericCommandParams>(json!({"command": "ls", "params": {"x": null}})), "");
        assert_eq!(problems::<GenericCommandParams>(json!({"params": {}})), "command in body is required");
        assert_eq!(problems::<TailLogsRequest>(json!({})), "");
    }

    #[test]
    fn a_ping_without_a_number_sends_four_packets() {
        let request: PingRequest = serde_json::from_value(json!({"hosts": []})).unwrap();
        assert_eq!(request.packets(), 4);
    }
}
