//! What the REST API shows of a gateway's last report.

use crate::StoredState;
use serde_json::{Map, Value};

/// The status of a gateway: its `gw_state` report as it is, and what only the Orchestrator knows.
///
/// `hardware_id` is the reporter, `checkin_time` when the report arrived in milliseconds since 1970, and
/// `cert_expiration_time` when the gateway's newest certificate ends in seconds since 1970 (0: it has none).
/// A report that is no JSON object shows these three alone.
pub fn gateway_status(report: &StoredState, cert_expiration_time: i64) -> Value {
    let mut status: Map<String, Value> = serde_json::from_slice(&report.value).unwrap_or_default();
    status.insert("hardware_id".to_owned(), report.reporter.as_str().into());
    status.insert("checkin_time".to_owned(), report.time_ms.into());
    status.insert("cert_expiration_time".to_owned(), cert_expiration_time.into());
    Value::Object(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StateId;
    use serde_json::json;

    #[test]
    fn a_report_is_passed_through_and_cannot_forge_what_the_orchestrator_knows() {
        let report = |value: &[u8]| StoredState {
            id: StateId { state_type: "gw_state".into(), device_id: "h1".into() },
            value: value.to_vec(),
            version: 3,
            reporter: "h1".into(),
            time_ms: 1_700_000_000_123,
        };
        let ours =
            json!({"hardware_id": "h1", "checkin_time": 1_700_000_000_123_u64, "cert_expiration_time": 7});
        let forged = br#"{"checkin_time": 1, "hardware_id": "h2"}"#;
        assert_eq!(gateway_status(&report(forged), 7), ours);
        assert_eq!(gateway_status(&report(b"\xff"), 7), ours);
        assert_eq!(gateway_status(&report(b"[1]"), 7), ours);
        let whole = gateway_status(&report(br#"{"meta": {"a": "b"}, "new_field": [1]}"#), 7);
        assert_eq!((&whole["meta"]["a"], &whole["new_field"][0]), (&json!("b"), &json!(1)));
    }
}
