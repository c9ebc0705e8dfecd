//! Tables of fields: where each one comes from, and where it shows in the document.

use std::collections::BTreeMap;

use orc8r_mconfig::BuiltMconfig;
use serde_json::{Value, json};

/// A field of a stored configuration, its value, and the service, the path and the value at which it shows.
pub(crate) type Row = (&'static str, Value, &'static str, &'static str, Value);

/// A stored configuration with `value` at `path`, whose parts lie between dots.
pub(crate) fn with(mut config: Value, path: &str, value: Value) -> Value {
    let mut place = &mut config;
    for part in path.split('.') {
        place = &mut place[part];
    }
    *place = value;
    config
}

/// Asserts that `after` is `before` but for `value` at `path` of `service`.
pub(crate) fn assert_differs_only(
    name: &str,
    before: &BuiltMconfig,
    after: &BuiltMconfig,
    (service, path, value): (&'static str, &str, &Value),
) {
    assert_differs_at(name, before, after, &[(service, path, value.clone())]);
}

/// Asserts that `after` is `before` but for the values at the paths of the services; `null`: it is not there any more.
pub(crate) fn assert_differs_at(
    name: &str,
    before: &BuiltMconfig,
    after: &BuiltMconfig,
    differences: &[(&'static str, &str, Value)],
) {
    let problems: Vec<String> = after.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, [""; 0], "{name}");
    let mut expected: BTreeMap<&str, Value> = before.configs.clone();
    for (service, path, value) in differences {
        let entry = expected.entry(*service).or_insert_with(|| json!({}));
        let type_name = after.configs.get(service).map(|config| config["@type"].clone());
        *entry = with(entry.clone(), path, value.clone());
        if let (true, Some(members)) = (value.is_null(), entry.as_object_mut()) {
            members.remove(*path);
        }
        entry["@type"] = type_name.unwrap_or_default();
    }
    assert_eq!(after.configs, expected, "{name} shows at {differences:?}");
}
