//! What the cloud sets: `magma.mconfig.FluentBit`, the entry `td-agent-bit` of `gateway.mconfig`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::intake::Labels;
use crate::throttle::ThrottleLimits;

/// The label that tells gateways apart, whatever the cloud's extra tags are.
const HARDWARE_ID: &str = "hw_id";
/// How many files are followed at most.
const FILES_MAX: usize = 64;
/// Where the kernel shows every file under further names, and devices: no logs are there.
const OF_THE_KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];
/// How many extra tags are taken at most.
const LABELS_MAX: usize = 64;

/// The entry, with defaults for what it lacks or what makes no sense in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `extra_tags` and `hw_id`.
    pub labels: Labels,
    /// `throttle_rate`, `throttle_window` and `throttle_interval`.
    pub limits: ThrottleLimits,
    /// `files_by_tag`: the files to follow, each with the tag of its lines.
    pub files: BTreeMap<PathBuf, String>,
}

impl Settings {
    /// Reads the entry, if there is one, for the gateway `hardware_id`.
    ///
    /// A file in one of the `private` folders is not followed: the cloud names files to read, but none that hold keys. Nor
    /// is one of the kernel's, under which those have other names (`/proc/self/root/…`).
    pub fn of_entry(entry: Option<&Value>, hardware_id: &str, private: &[PathBuf]) -> Self {
        let field = |names: [&str; 2]| names.iter().find_map(|name| entry?.get(name));
        let default = ThrottleLimits::default();
        let number = |names| number(field(names)?);
        let limits = ThrottleLimits {
            rate: number(["throttleRate", "throttle_rate"]).unwrap_or(default.rate),
            window: number(["throttleWindow", "throttle_window"])
                .filter(|n| *n > 0)
                .unwrap_or(default.window),
            interval: field(["throttleInterval", "throttle_interval"])
                .and_then(|interval| duration(interval.as_str()?))
                .unwrap_or(default.interval),
        };
        let labels = texts(field(["extraTags", "extra_tags"])).take(LABELS_MAX);
        let labels = labels.chain([(HARDWARE_ID.to_owned(), hardware_id.to_owned())]).collect();
        let files = texts(field(["filesByTag", "files_by_tag"]));
        let files = files.filter_map(|(tag, path)| followed(tag, PathBuf::from(path), private));
        Self { labels: Labels(labels), limits, files: files.take(FILES_MAX).collect() }
    }
}

/// The texts of an object, by name.
fn texts(value: Option<&Value>) -> impl Iterator<Item = (String, String)> {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    fields.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
}

/// A number, which protobuf's JSON may also write as a text. 0 is what a message has that does not say.
fn number(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// A duration as Fluent Bit writes it: a whole number of seconds, or with a unit, as in `1m`.
fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let seconds = digits.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=86_400).contains(&seconds).then(|| Duration::from_secs(seconds))
}

fn followed(tag: String, path: PathBuf, private: &[PathBuf]) -> Option<(PathBuf, String)> {
    let leads_up = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let kernel = OF_THE_KERNEL.iter().map(Path::new);
    let mut closed = private.iter().map(PathBuf::as_path).chain(kernel);
    if path.is_absolute() && !leads_up(&path) && !closed.any(|folder| path.starts_with(folder)) {
        return Some((path, tag));
    }
    tracing::warn!(tag, path = %path.display(), "a file in files_by_tag of td-agent-bit is not followed");
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_in_either_spelling_is_read() {
        let expected = Settings {
            labels: Labels(
                [("hw_id", "hw1"), ("network_id", "n1")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            ),
            limits: ThrottleLimits { rate: 10, window: 2, interval: Duration::from_secs(120) },
            files: BTreeMap::from([(PathBuf::from("/var/log/mme.log"), "mme".to_owned())]),
        };
        for entry in [
            json!({"extraTags": {"network_id": "n1"}, "throttleRate": 10, "throttleWindow": "2",
                "throttleInterval": "2m", "filesByTag": {"mme": "/var/log/mme.log"}}),
            json!({"extra_tags": {"network_id": "n1", "hw_id": "forged"}, "throttle_rate": 10, "throttle_window": 2,
                "throttle_interval": "120", "files_by_tag": {"mme": "/var/log/mme.log"}}),
        ] {
            assert_eq!(Settings::of_entry(Some(&entry), "hw1", &[]), expected, "{entry}");
        }
    }

    #[test]
    fn what_is_missing_or_makes_no_sense_has_its_default() {
        let default = Settings::of_entry(None, "hw1", &[]);
        assert_eq!((default.limits, default.files.len()), (ThrottleLimits::default(), 0));
        for entry in [
            json!({}),
            json!([]),
            json!({"throttleRate": 0, "throttleWindow": 0, "throttleInterval": "0s", "extraTags": [], "filesByTag": 1}),
            json!({"throttleRate": -1, "throttleWindow": 1.5, "throttleInterval": "soon", "extraTags": {"a": 1}}),
            json!({"throttleInterval": "9999999999999999999d"}),
        ] {
            assert_eq!(Settings::of_entry(Some(&entry), "hw1", &[]), default, "{entry}");
        }
    }

    #[test]
    fn files_that_hold_keys_or_are_elsewhere_are_not_followed() {
        let private = [PathBuf::from("/var/opt/magma/certs")];
        for (path, followed) in [
            ("/var/log/mme.log", true),
            ("var/log/mme.log", false),
            ("/var/log/../../etc/shadow", false),
            ("/var/opt/magma/certs/gateway.key", false),
            ("/proc/self/root/var/opt/magma/certs/gateway.key", false),
            ("/dev/mem", false),
            ("", false),
        ] {
            let settings = Settings::of_entry(Some(&json!({"filesByTag": {"mme": path}})), "hw1", &private);
            assert_eq!(settings.files.len(), usize::from(followed), "{path}");
        }
        let many: serde_json::Map<String, Value> =
            (0..100).map(|n| (n.to_string(), json!(format!("/log/{n}")))).collect();
        let settings = Settings::of_entry(Some(&json!({"filesByTag": many})), "hw1", &private);
        assert_eq!(settings.files.len(), FILES_MAX);
    }
}
