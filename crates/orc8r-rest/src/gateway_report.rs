//! What a gateway says of itself in its last report, as far as lists and pages need it.
//!
//! The whole report is several kilobytes; of a network's thousand gateways it would take longer to keep than to read.

use crate::position::Position;
use orc8r_model::StoredState;
use serde::Deserialize;
use serde_json::Value;

/// The parts that are read; what is of another kind than expected counts as not told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayReport {
    platform_info: Value,
    meta: Value,
}

impl GatewayReport {
    /// A report that is no JSON object says nothing.
    pub(crate) fn of(report: &StoredState) -> Self {
        serde_json::from_slice(&report.value).unwrap_or_default()
    }

    /// The version of Magma's own package, as the web UI shows it: the first package that is reported.
    pub(crate) fn version(&self) -> &str {
        self.platform_info["packages"][0]["version"].as_str().unwrap_or_default()
    }

    /// When the configuration was made that is in effect, in seconds since 1970; 0: it is not said.
    pub(crate) fn configuration_made(&self) -> u64 {
        self.platform_info["config_info"]["mconfig_created_at"].as_u64().unwrap_or_default()
    }

    /// The digest of the configuration that is in effect.
    pub(crate) fn configuration_digest(&self) -> Option<&str> {
        let digest = self.platform_info["config_info"]["mconfig_digest"].as_str();
        digest.filter(|digest| !digest.is_empty())
    }

    /// What services tell beside, such as how an upgrade goes.
    pub(crate) fn meta(&self, name: &str) -> &str {
        self.meta[name].as_str().unwrap_or_default()
    }

    /// Where it is.
    pub(crate) fn position(&self) -> Option<Position> {
        Position::of(&self.meta)
    }
}

#[cfg(test)]
pub(crate) fn report(value: &Value) -> GatewayReport {
    serde_json::from_value(value.clone()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use orc8r_model::StateId;
    use serde_json::json;

    #[test]
    fn what_is_missing_or_of_another_kind_is_not_told() {
        let of = |value: &[u8]| {
            let id = StateId { state_type: "gw_state".into(), device_id: "h1".into() };
            let (value, reporter) = (value.to_vec(), "h1".into());
            GatewayReport::of(&StoredState { id, value, version: 1, reporter, time_ms: 1 })
        };
        let told = json!({
            "machine_info": {"cpu_info": {"core_count": 4}},
            "platform_info": {
                "packages": [{"name": "magma", "version": "1.9.0"}, {"version": "2"}],
                "config_info": {"mconfig_created_at": 7, "mconfig_digest": "d"},
            },
            "meta": {"upgrade_state": "failed", "gps_latitude": "1", "gps_longitude": 2},
        });
        let report = of(told.to_string().as_bytes());
        assert_eq!((report.version(), report.configuration_made()), ("1.9.0", 7));
        assert_eq!((report.configuration_digest(), report.meta("upgrade_state")), (Some("d"), "failed"));
        assert!(report.position().is_some());
        let strange: [&[u8]; 6] = [
            b"[1]",
            b"\xff",
            b"{}",
            br#"{"platform_info": null, "meta": 5}"#,
            br#"{"platform_info": {"packages": {}, "config_info": []}, "meta": "x"}"#,
            br#"{"platform_info": {"packages": [], "config_info": {"mconfig_digest": "", "mconfig_created_at": -1}}}"#,
        ];
        for value in strange {
            let report = of(value);
            assert_eq!((report.version(), report.configuration_made(), report.meta("x")), ("", 0, ""));
            assert!(report.configuration_digest().is_none() && report.position().is_none());
        }
    }
}
