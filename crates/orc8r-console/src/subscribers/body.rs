//! A subscriber as the API takes him, from what it shows of him, with his keys as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// What is both shown and taken.
const FIELDS: [&str; 8] = [
    "id",
    "name",
    "lte",
    "active_base_names",
    "active_policies",
    "active_policies_by_apn",
    "active_apns",
    "forbidden_network_types",
];

/// What is sent to change him: what is shown, and his static addresses, which are shown elsewhere.
pub(crate) fn body(shown: &Value) -> Value {
    let fields = FIELDS.iter().filter_map(|name| Some((*name, shown.get(*name)?)));
    let fields = fields.filter(|(_, value)| !value.is_null());
    let mut body: Map<String, Value> = fields.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let static_ips = shown.pointer("/config/static_ips").filter(|ips| ips.is_object());
    static_ips.cloned().map(|ips| body.insert("static_ips".to_owned(), ips));
    Value::Object(body)
}

/// Bytes of a key (3GPP TS 35.206).
const KEY_BYTES: usize = 16;

/// A key as the API takes it, from the hexadecimal digits that a SIM's maker gives.
///
/// # Errors
/// What is wrong with it; never the key itself.
pub(crate) fn key(name: &str, hex: &str) -> Result<String, String> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !b" :-".contains(byte)).collect();
    let wrong = || format!("{name} must be {} hexadecimal digits, and has {}", KEY_BYTES * 2, digits.len());
    if digits.len() != KEY_BYTES * 2 {
        return Err(wrong());
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.chunks(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?));
    let bytes: Option<Vec<u8>> = pairs.collect();
    let bytes = bytes.ok_or_else(|| format!("{name} has something else in it than hexadecimal digits"))?;
    Ok(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_shown_is_sent_back_whole() {
        let shown = json!({
            "id": "IMSI1", "lte": {"auth_key": "k"}, "active_apns": ["a"], "msisdn": "1", "state": {},
            "config": {"lte": {}, "static_ips": {"a": "10.0.0.1"}},
        });
        let expect = json!({"id": "IMSI1", "lte": {"auth_key": "k"}, "active_apns": ["a"], "static_ips": {"a": "10.0.0.1"}});
        assert_eq!(body(&shown), expect);
    }

    #[test]
    fn a_key_is_sixteen_bytes_and_is_never_repeated() {
        assert_eq!(key("Ki", "000102030405060708090A0b0c0d0e0f").unwrap(), "AAECAwQFBgcICQoLDA0ODw==");
        assert_eq!(
            key("Ki", "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f").unwrap(),
            "AAECAwQFBgcICQoLDA0ODw=="
        );
        for wrong in ["", "deadbeef", "zz0102030405060708090a0b0c0d0e0f"] {
            let error = key("Ki", wrong).unwrap_err();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
