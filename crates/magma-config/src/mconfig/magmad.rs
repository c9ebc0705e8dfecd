//! The agent's own entry in `gateway.mconfig` (`magma.mconfig.MagmaD`), typed.
//!
//! It is read by hand, so that the agent carries no description of protobuf messages: fields may be spelled in camel
//! or snake case, numbers may be strings, enums names or numbers, and null is the default (protobuf's JSON mapping).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::MconfigError;
use crate::LogLevel;

/// `magma.mconfig.MagmaD`, with the agent's rules applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagmadMconfig {
    /// `log_level`; `None` when the document does not say.
    pub log_level: Option<LogLevel>,
    /// `checkin_interval`: 60 s when absent or not above 0, never under 5 s.
    pub checkin_interval: Duration,
    /// `checkin_timeout`: 10 s when absent or not above 0.
    pub checkin_timeout: Duration,
    /// `autoupgrade_enabled`.
    pub autoupgrade_enabled: bool,
    /// `autoupgrade_poll_interval`: 300 s when absent or not above 0, never under 60 s.
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

impl Default for MagmadMconfig {
    /// What an empty entry means.
    fn default() -> Self {
        Self {
            log_level: None,
            checkin_interval: Duration::from_secs(60),
            checkin_timeout: Duration::from_secs(10),
            autoupgrade_enabled: false,
            autoupgrade_poll_interval: Duration::from_secs(300),
            package_version: String::new(),
            images: Vec::new(),
            tier_id: String::new(),
            feature_flags: BTreeMap::new(),
            dynamic_services: Vec::new(),
            orc8r_version: String::new(),
        }
    }
}

impl MagmadMconfig {
    pub(super) fn from_entry(entry: &Value) -> Result<Self, MconfigError> {
        let fields = Fields { entry };
        if !entry.is_object() {
            return Err(wrong("(the entry)", entry, "an object"));
        }
        let default = Self::default();
        Ok(Self {
            log_level: fields.read(["logLevel", "log_level"], "a log level", log_level)?,
            checkin_interval: fields.seconds(
                ["checkinInterval", "checkin_interval"],
                default.checkin_interval,
                5,
            )?,
            checkin_timeout: fields.seconds(
                ["checkinTimeout", "checkin_timeout"],
                default.checkin_timeout,
                1,
            )?,
            autoupgrade_enabled: fields
                .read(["autoupgradeEnabled", "autoupgrade_enabled"], "true or false", Value::as_bool)?
                .unwrap_or(false),
            autoupgrade_poll_interval: fields.seconds(
                ["autoupgradePollInterval", "autoupgrade_poll_interval"],
                default.autoupgrade_poll_interval,
                60,
            )?,
            package_version: fields.text(["packageVersion", "package_version"])?,
            images: fields.list(["images", "images"], "a list of objects with name and order", image)?,
            tier_id: fields.text(["tierId", "tier_id"])?,
            feature_flags: fields
                .read(["featureFlags", "feature_flags"], "an object of true or false", flags)?
                .unwrap_or_default(),
            dynamic_services: fields.list(
                ["dynamicServices", "dynamic_services"],
                "a list of texts",
                |item| item.as_str().map(str::to_owned),
            )?,
            orc8r_version: fields.text(["orc8rVersion", "orc8r_version"])?,
        })
    }
}

/// An entry whose fields are read one by one.
struct Fields<'a> {
    entry: &'a Value,
}

impl Fields<'_> {
    fn read<T>(
        &self,
        spellings: [&str; 2],
        expected: &'static str,
        parse: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, MconfigError> {
        for spelling in spellings {
            match self.entry.get(spelling) {
                None | Some(Value::Null) => {}
                Some(value) => return parse(value).map(Some).ok_or_else(|| wrong(spelling, value, expected)),
            }
        }
        Ok(None)
    }

    fn text(&self, spellings: [&str; 2]) -> Result<String, MconfigError> {
        let text = self.read(spellings, "a text", |value| value.as_str().map(str::to_owned))?;
        Ok(text.unwrap_or_default())
    }

    fn list<T>(
        &self,
        spellings: [&str; 2],
        expected: &'static str,
        item: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, MconfigError> {
        let list = self.read(spellings, expected, |value| value.as_array()?.iter().map(&item).collect())?;
        Ok(list.unwrap_or_default())
    }

    fn seconds(&self, spellings: [&str; 2], default: Duration, min_s: u64) -> Result<Duration, MconfigError> {
        let seconds =
            self.read(spellings, "a whole number of seconds", |value| i32::try_from(integer(value)?).ok())?;
        let given = seconds.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        Ok(given.map_or(default, |seconds| Duration::from_secs(seconds.max(min_s))))
    }
}

fn wrong(field: &str, value: &Value, expected: &'static str) -> MconfigError {
    let found: String = value.to_string().chars().take(60).collect();
    MconfigError::Field { service: "magmad", field: field.to_owned(), found, expected }
}

/// A whole number, also as a string or with an empty fraction.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15)?;
            Some(float as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn log_level(value: &Value) -> Option<LogLevel> {
    match value {
        Value::String(name) => LogLevel::from_name(name),
        _ => LogLevel::from_number(integer(value)?),
    }
}

fn image(value: &Value) -> Option<ImageSpec> {
    let name = match value.as_object()?.get("name") {
        None | Some(Value::Null) => "",
        Some(name) => name.as_str()?,
    };
    let order = match value.get("order") {
        None | Some(Value::Null) => 0,
        Some(order) => integer(order)?,
    };
    Some(ImageSpec { name: name.to_owned(), order })
}

fn flags(value: &Value) -> Option<BTreeMap<String, bool>> {
    value.as_object()?.iter().map(|(name, flag)| Some((name.clone(), flag.as_bool()?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_is_read_in_both_spellings() {
        let camel = json!({
            "@type": "type.googleapis.com/magma.mconfig.MagmaD", "logLevel": "DEBUG", "checkinInterval": 30,
            "checkinTimeout": 7, "autoupgradeEnabled": true, "autoupgradePollInterval": 600, "packageVersion": "1.9.0-1",
            "images": [{"name": "a", "order": "9007199254740993"}, {}], "tierId": "stable", "featureFlags": {"f": true},
            "dynamicServices": ["monitord"], "orc8rVersion": "1.9", "notInventedYet": {}
        });
        let snake = json!({
            "log_level": 0, "checkin_interval": "30", "checkin_timeout": 7.0, "autoupgrade_enabled": true,
            "autoupgrade_poll_interval": 600, "package_version": "1.9.0-1",
            "images": [{"name": "a", "order": "9007199254740993"}, {"name": "", "order": 0}], "tier_id": "stable",
            "feature_flags": {"f": true}, "dynamic_services": ["monitord"], "orc8r_version": "1.9"
        });
        let expected = MagmadMconfig {
            log_level: Some(LogLevel::Debug),
            checkin_interval: Duration::from_secs(30),
            checkin_timeout: Duration::from_secs(7),
            autoupgrade_enabled: true,
            autoupgrade_poll_interval: Duration::from_secs(600),
            package_version: "1.9.0-1".to_owned(),
            images: vec![
                ImageSpec { name: "a".to_owned(), order: 9_007_199_254_740_993 },
                ImageSpec { name: String::new(), order: 0 },
            ],
            tier_id: "stable".to_owned(),
            feature_flags: BTreeMap::from([("f".to_owned(), true)]),
            dynamic_services: vec!["monitord".to_owned()],
            orc8r_version: "1.9".to_owned(),
        };
        assert_eq!(MagmadMconfig::from_entry(&camel).unwrap(), expected);
        assert_eq!(MagmadMconfig::from_entry(&snake).unwrap(), expected);
    }

    #[test]
    fn intervals_have_defaults_and_floors() {
        for (entry, interval, timeout) in [
            (json!({}), 60, 10),
            (json!({"checkinInterval": 0, "checkinTimeout": 0}), 60, 10),
            (json!({"checkinInterval": null, "checkinTimeout": null}), 60, 10),
            (json!({"checkinInterval": -1, "checkinTimeout": -1}), 60, 10),
            (json!({"checkinInterval": 1, "checkinTimeout": 1}), 5, 1),
        ] {
            let magmad = MagmadMconfig::from_entry(&entry).unwrap();
            assert_eq!(magmad.checkin_interval.as_secs(), interval, "{entry}");
            assert_eq!(magmad.checkin_timeout.as_secs(), timeout, "{entry}");
            assert_eq!(magmad.autoupgrade_poll_interval.as_secs(), 300);
        }
        assert_eq!(MagmadMconfig::from_entry(&json!({})).unwrap(), MagmadMconfig::default());
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        for (entry, part) in [
            (
                json!({"checkinInterval": "soon"}),
                "magmad.checkinInterval is \"soon\", but must be a whole number",
            ),
            (json!({"checkin_interval": 1.5}), "magmad.checkin_interval is 1.5"),
            (json!({"checkinInterval": 3_000_000_000_u64}), "magmad.checkinInterval"),
            (json!({"logLevel": "LOUD"}), "magmad.logLevel"),
            (json!({"logLevel": 7}), "magmad.logLevel"),
            (json!({"images": [1]}), "magmad.images"),
            (json!({"featureFlags": {"a": 1}}), "magmad.featureFlags"),
            (json!({"dynamicServices": "monitord"}), "magmad.dynamicServices"),
            (json!([]), "the entry"),
        ] {
            let error = MagmadMconfig::from_entry(&entry).unwrap_err().to_string();
            assert!(error.contains(part), "{entry}: {error}");
        }
    }
}
