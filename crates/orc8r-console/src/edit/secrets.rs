//! Secrets on their way: they are taken out of what is shown, and put back into what is saved.

use crate::form::{UNCHANGED, is_secret};
use serde_json::Value;

/// What the audit log has in the place of a secret.
const IN_LOG: &str = "***";

/// What is shown of a secret that was typed.
const NEW: &str = "••• new •••";

/// The value without its secrets.
pub(crate) fn hidden(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(hidden).collect(),
        Value::Object(fields) => {
            let hide = |(name, field): (&String, &Value)| {
                let has_secret = is_secret(name) && !field.is_null() && field != "";
                (name.clone(), if has_secret { UNCHANGED.into() } else { hidden(field) })
            };
            fields.iter().map(hide).collect()
        }
        other => other.clone(),
    }
}

/// The value as it may be looked at before it is saved: of a new secret only that it is one.
pub(super) fn veiled(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(veiled).collect(),
        Value::Object(fields) => {
            let veil = |(name, field): (&String, &Value)| {
                let is_new = is_secret(name) && !field.is_null() && field != "" && !is_kept(field);
                (name.clone(), if is_new { NEW.into() } else { veiled(field) })
            };
            fields.iter().map(veil).collect()
        }
        other => other.clone(),
    }
}

/// The value with the secrets that `current` has, where they were not set anew; what `current` has none for is left out.
pub(super) fn restored(value: &Value, current: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.map(|(index, item)| restored(item, current.get(index).unwrap_or(&Value::Null))).collect()
        }
        Value::Object(fields) => {
            let restore = |(name, field): (&String, &Value)| {
                let there = current.get(name).unwrap_or(&Value::Null);
                let field = if is_kept(field) { there.clone() } else { restored(field, there) };
                (!field.is_null()).then(|| (name.clone(), field))
            };
            fields.iter().filter_map(restore).collect()
        }
        other => other.clone(),
    }
}

fn is_kept(value: &Value) -> bool {
    value == UNCHANGED || value == IN_LOG
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_goes_nowhere_and_stays() {
        let there =
            json!({"id": 1, "lte": {"auth_key": "a", "auth_opc": "b"}, "hooks": [{"auth_secret": "s"}]});
        let mut shown = hidden(&there);
        assert_eq!(shown["lte"]["auth_key"], UNCHANGED);
        assert_eq!(restored(&shown, &there), there);
        shown["lte"]["auth_opc"] = "new".into();
        let veiled = veiled(&shown);
        assert_eq!(
            (&veiled["lte"]["auth_key"], &veiled["lte"]["auth_opc"]),
            (&json!(UNCHANGED), &json!(NEW))
        );
        assert_eq!(restored(&shown, &there)["lte"], json!({"auth_key": "a", "auth_opc": "new"}));
        assert_eq!(restored(&json!({"auth_key": "***"}), &json!({})), json!({}));
    }
}
