//! Where something is on the earth, as equipment reports it: `gps_latitude` and `gps_longitude`, numbers or texts.

use serde::Serialize;
use serde_json::Value;
use wire_rest::{Definition, Number, Schema};

use crate::gateway_summaries::field;

/// A place in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Position {
    latitude: f64,
    longitude: f64,
}

impl Position {
    /// The place in a report; `None`: it says none. A receiver without a fix says zero for both.
    pub(crate) fn of(report: &Value) -> Option<Self> {
        let degrees = |name: &str| match &report[name] {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        let (latitude, longitude): (f64, f64) = (degrees("gps_latitude")?, degrees("gps_longitude")?);
        let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let is_fix = latitude.abs() > 1e-6 || longitude.abs() > 1e-6;
        (is_place && is_fix).then_some(Self { latitude, longitude })
    }
}

pub(crate) static POSITION: Definition = Definition {
    name: "position",
    schema: Schema::Object(&[
        field("latitude", Schema::Number(degrees(90.0))),
        field("longitude", Schema::Number(degrees(180.0))),
    ]),
};

const fn degrees(max: f64) -> Number {
    Number { min: Some(-max), max: Some(max) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_is_where_a_receiver_has_a_fix() {
        let place = |latitude, longitude| Some(Position { latitude, longitude });
        for (report, expect) in [
            (json!({"gps_latitude": "47.37", "gps_longitude": " 8.54"}), place(47.37, 8.54)),
            (json!({"gps_latitude": -33.9, "gps_longitude": 18}), place(-33.9, 18.0)),
            (json!({"gps_latitude": "0.0", "gps_longitude": "0.0"}), None),
            (json!({"gps_latitude": "91", "gps_longitude": "1"}), None),
            (json!({"gps_latitude": "NaN", "gps_longitude": "1"}), None),
            (json!({"gps_latitude": "47"}), None),
            (json!(null), None),
        ] {
            assert_eq!(Position::of(&report), expect, "{report}");
        }
    }
}
